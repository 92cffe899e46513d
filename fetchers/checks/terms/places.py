"""What hubs call a licence that SPDX calls otherwise, and which of their words mean nothing.

Words stand here in the dress of `licence_names`: lower case, `license`, a bare version, one space between two words.
"""

from __future__ import annotations

_PDDL = ("pddl", "odc pddl", "odc pddl 1.0", "pddl 1.0", "public domain dedication and license",
         "public domain dedication and license 1.0", "public domain dedication & license",
         "odc public domain dedication and license", "odc public domain dedication and license pddl",
         "odc public domain dedication and license 1.0",
         "open data commons public domain dedication and license",
         "open data commons public domain dedication & license",
         "open data commons public domain dedication and license 1.0",
         "open data commons public domain dedication and license pddl",
         "open data commons public domain dedication and license pddl 1.0")  # fmt: skip
_ODC_BY = ("odc by", "odc attribution license", "odc attribution license 1.0", "odc attribution license odc by",
           "open data commons attribution license", "open data commons attribution license odc by",
           "open data commons attribution license odc by 1.0", "open data commons attribution 1.0",
           "open data commons by")  # fmt: skip
_ODBL = ("odbl", "odc odbl", "odc odbl 1.0", "open database license", "open database license 1.0",
         "open database license odbl", "open database license odbl 1.0", "odc open database license",
         "odc open database license odbl", "open data commons open database license",
         "open data commons open database license odbl",
         "open data commons open database license odbl 1.0")  # fmt: skip
_DBCL = ("dbcl", "dbcl 1.0", "odc dbcl", "database contents license", "database contents license 1.0",
         "database contents license dbcl", "database contents license dbcl 1.0",
         "open data commons database contents license", "open data commons database contents license 1.0")  # fmt: skip
_AUTHORS = ("data files \u00a9 original authors", "copyright authors", "\u00a9 original authors")
_MARK = ("public domain mark", "public domain mark 1.0", "creative commons public domain mark",
         "creative commons public domain mark 1.0", "public domain mark 1.0 universal", "cc pdm",
         "cc pdm 1.0")  # fmt: skip
_US = ("u.s. government works", "u.s. government work", "us government works", "us government work",
       "united states government work", "united states government works", "us pd")  # fmt: skip
# The sentence that OpenfMRI gave its data sets, and OpenNeuro took over with them.
_OPENFMRI = (
    "this dataset is made available under the public domain dedication and license 1.0 whose full text can be found at"
    " http //www.opendatacommons.org/licenses/pddl/1.0/."
)
_NORMS = (
    " we hope that all users will follow the odc attribution/share alike community norms"
    " http //www.opendatacommons.org/norms/odc by sa/ in particular while not legally required we hope that all users"
    " of the data will acknowledge the openfmri project and nsf grant oci 1131441 r. poldrack pi in any publications"
)
_PHYSIONET = {
    f"physionet {said} health data license {version}": f"LicenseRef-PhysioNet-{called}-{version}"
    for said, called in (
        ("credentialed", "Credentialed"), ("restricted", "Restricted"), ("contributor review", "Contributor-Review")
    )
    for version in ("1.5.0",)
}  # fmt: skip
_GNU = {
    f"{dress} {number}": f"{short}-{version}-only"
    for short, long in (("GPL", "general public"), ("LGPL", "lesser general public"), ("AGPL", "affero general public"))
    for version in ({"GPL": ("2.0", "3.0"), "LGPL": ("2.1", "3.0"), "AGPL": ("3.0",)}[short])
    for number in ((version, version[0]) if version.endswith(".0") else (version,))
    for dress in (
        short.lower(), f"gnu {short.lower()}", f"gnu {long} license", f"gnu {long} license {short.lower()}",
        f"gnu {short.lower()} license",
    )
    if f"{dress} {number}" not in ("gpl 2.0", "gpl 3.0", "lgpl 2.1", "lgpl 3.0", "agpl 3.0")  # SPDX's own, out of use
}  # fmt: skip
PHRASES: dict[str, str] = {
    **dict.fromkeys(_PDDL, "PDDL-1.0"),
    **dict.fromkeys(_ODC_BY, "ODC-By-1.0"),
    **dict.fromkeys(_ODBL, "ODbL-1.0"),
    **dict.fromkeys(_DBCL, "LicenseRef-DbCL-1.0"),
    **dict.fromkeys(_AUTHORS, "LicenseRef-Original-Authors"),
    **dict.fromkeys(_MARK, "CC-PDM-1.0"),
    **dict.fromkeys(_US, "LicenseRef-US-Government-Works"),
    **dict.fromkeys((_OPENFMRI.removesuffix("."), _OPENFMRI + _NORMS), "PDDL-1.0"),
    **_PHYSIONET,
    **_GNU,
    "database open database contents database contents": "ODbL-1.0 AND LicenseRef-DbCL-1.0",
    "database open database contents \u00a9 original authors": "ODbL-1.0 AND LicenseRef-Original-Authors",
    "national library of medicine terms and conditions may 21 2019": "LicenseRef-NLM-Terms-2019",
    "gplv2": "GPL-2.0-only",
    "gplv3": "GPL-3.0-only",
    "lgplv3": "LGPL-3.0-only",
    "agplv3": "AGPL-3.0-only",
    "academic free license afl 3.0": "AFL-3.0",
    "apache2.0": "Apache-2.0",
    "apache 2": "Apache-2.0",
    "apache license 2": "Apache-2.0",
    "bsd 2 clause simplified": "BSD-2-Clause",
    "bsd 3 clause new/revised license": "BSD-3-Clause",
    "bsd 3 clause new or revised": "BSD-3-Clause",
    "european union public license eupl 1.1": "EUPL-1.1",
    "european union public license eupl 1.2": "EUPL-1.2",
    "etalab open license 2.0": "etalab-2.0",
    "license ouverte 2.0": "etalab-2.0",
    "license ouverte / open license 2.0": "etalab-2.0",
    "c uda": "C-UDA-1.0",
    "o uda": "O-UDA-1.0",
    "mpl 2": "MPL-2.0",
    "mozilla public license 2": "MPL-2.0",
    "open government license 3.0 united kingdom": "OGL-UK-3.0",
    "uk open government license 3.0": "OGL-UK-3.0",
    "stanford university dataset research use agreement": "LicenseRef-Stanford-RUA",
    "wu minn hcp consortium open access data use terms": "LicenseRef-HCP-Open-Access",
}
ADDRESSES: dict[str, str] = {  # host without `www.`, path in lower case without its last slash
    "apache.org/licenses/license-2.0": "Apache-2.0",
    "apache.org/licenses/license-2.0.html": "Apache-2.0",
    "apache.org/licenses/license-2.0.txt": "Apache-2.0",
    "cdla.dev/permissive-1-0": "CDLA-Permissive-1.0",
    "cdla.dev/permissive-2-0": "CDLA-Permissive-2.0",
    "cdla.dev/sharing-1-0": "CDLA-Sharing-1.0",
    "cdla.io/permissive-1-0": "CDLA-Permissive-1.0",
    "cdla.io/sharing-1-0": "CDLA-Sharing-1.0",
    "unlicense.org": "Unlicense",
    "govdata.de/dl-de/by-2-0": "DL-DE-BY-2.0",
    "govdata.de/dl-de/zero-2-0": "DL-DE-ZERO-2.0",
    "nationalarchives.gov.uk/doc/open-government-licence/version/3": "OGL-UK-3.0",
    **{
        f"physionet.org/about/licenses/physionet-{slug}-health-data-license-150": f"LicenseRef-PhysioNet-{called}-1.5.0"
        for slug, called in (
            ("credentialed", "Credentialed"),
            ("restricted", "Restricted"),
            ("contributor-review", "Contributor-Review"),
        )
    },
    "humanconnectome.org/study/hcp-young-adult/data-use-terms": "LicenseRef-HCP-Open-Access",
    "nlm.nih.gov/databases/download/terms_and_conditions.html": "LicenseRef-NLM-Terms-2019",
    "usa.gov/publicdomain/label/1.0": "LicenseRef-US-Government-Works",
    "usa.gov/government-works": "LicenseRef-US-Government-Works",
    # The usual non-commercial form of a competition's rules was read for these; other competitions have other rules.
    "kaggle.com/competitions/h-and-m-personalized-fashion-recommendations/rules": "LicenseRef-Kaggle-Competition-NC",
    "kaggle.com/c/h-and-m-personalized-fashion-recommendations/rules": "LicenseRef-Kaggle-Competition-NC",
    "kaggle.com/competitions/ieee-fraud-detection/rules": "LicenseRef-Kaggle-Competition-NC",
    "kaggle.com/c/ieee-fraud-detection/rules": "LicenseRef-Kaggle-Competition-NC",
}
TITLES = frozenset((  # what stands over an address and names nothing
    "license", "licenses", "data license", "license text", "license link", "license page", "see license",
    "license url", "terms", "terms of use", "terms and conditions", "data use agreement", "data usage policy", "link",
    "page", "see page", "see link", "here", "click here", "read more", "details", "see details", "more information",
))  # fmt: skip
PLACEHOLDERS = frozenset((  # what a form offers to who finds nothing else in it
    "other", "others", "other license", "other open", "other at", "other pd", "other closed", "other nc",
    "other specified in description", "unknown", "unknown license", "none", "no license", "no license specified",
    "notspecified", "not specified", "license not specified", "unspecified", "undefined", "custom", "custom license",
    "custom terms", "custom dataset terms", "see description", "n/a", "na", "null", "nan", "tbd", "?", "other custom",
))  # fmt: skip
