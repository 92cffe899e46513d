"""What the other licences of SPDX's list allow that data come under.

Read once for all: where a licence grants every purpose, every use is `yes`; whether a trained model is a derivative of
its data is unsettled, and where that would bring a condition that a model cannot meet, `publish-model` is `unknown`,
unless the licence itself speaks of results (CDLA, O-UDA, C-UDA). A licence that lets copies be passed on lets them be
handed to a service of others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetchers.checks.terms.software_terms import SOFTWARE
from fetchers.checks.terms.tables import Table
from fetchers.dataset import USES

if TYPE_CHECKING:
    from collections.abc import Mapping


_ODC = "https://opendatacommons.org/licenses/"
_SPDX = "https://spdx.org/licenses/"
_IMAGES = "; 2.4: the copyright of single images is not licensed"

STANDARD: Mapping[str, Table] = {
    "CC0-1.0": Table(
        "Creative Commons Zero 1.0 Universal",
        "https://creativecommons.org/publicdomain/zero/1.0/",
        grant="section 2 waives all rights as far as the law allows, section 3 licenses what remains for any purpose",
    ),
    "PDDL-1.0": Table(
        "ODC Public Domain Dedication and Licence 1.0",
        f"{_ODC}pddl/1-0/",
        grant="3.1 to 3.3: all rights in the database and its contents are given up or licensed for any purpose",
    ),
    "CC-PDM-1.0": Table(
        "Creative Commons Public Domain Mark 1.0",
        "https://creativecommons.org/publicdomain/mark/1.0/",
        others={
            " ".join(USES): (
                "unknown",
                "a label and no licence: somebody holds it to be free of copyright, and nobody grants anything",
            )
        },
    ),
    "Unlicense": Table(
        "The Unlicense", "https://unlicense.org/", grant="for any purpose, commercial or not, by any means"
    ),
    "WTFPL": Table(
        "Do What The F*ck You Want To Public License", f"{_SPDX}WTFPL.html", grant="section 0: do what you want"
    ),
    "0BSD": Table(
        "BSD Zero Clause License",
        f"{_SPDX}0BSD.html",
        grant="use, copy, modify, distribute for any purpose, no conditions",
    ),
    "MIT-0": Table(
        "MIT No Attribution", f"{_SPDX}MIT-0.html", grant="every use without restriction, and no conditions"
    ),
    "DL-DE-ZERO-2.0": Table(
        "Data licence Germany, Zero, version 2.0",
        "https://www.govdata.de/dl-de/zero-2-0",
        grant="any use is permitted without restrictions or conditions",
    ),
    "DL-DE-BY-2.0": Table(
        "Data licence Germany, attribution, version 2.0",
        "https://www.govdata.de/dl-de/by-2-0",
        ("cite", "notice", "state-changes"),
        "(1): any use, commercial or not, with the source note of (2), where changes are named (3)",
    ),
    "OGL-UK-3.0": Table(
        "Open Government Licence v3.0",
        "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
        ("acknowledge", "notice"),
        "copy, publish, adapt, exploit commercially or not; personal data and the rights of others are not covered",
    ),
    "etalab-2.0": Table(
        "Licence Ouverte / Open Licence 2.0",
        "https://github.com/DISIC/politique-de-contribution-open-source/blob/master/LICENSE.pdf",
        ("cite",),
        "free reuse, commercial or not, for whoever names the source and the day of its last update; the law on"
        " personal data is to be kept",
    ),
    "ODC-By-1.0": Table(
        "Open Data Commons Attribution License 1.0",
        f"{_ODC}by/1-0/",
        ("cite", "notice"),
        f"3.1: every use of the database, commercial use included, with the notices of 4.2 and 4.3{_IMAGES}",
        {
            "redistribute publish-derivatives": (
                "yes",
                f"3.1 and 4.2(a): what is handed on of the database stays under this licence{_IMAGES}",
            )
        },
    ),
    "ODbL-1.0": Table(
        "Open Data Commons Open Database License 1.0",
        f"{_ODC}odbl/1-0/",
        ("cite", "notice", "share-alike"),
        f"3.1: every use of the database, with the notices of 4.2 and 4.3{_IMAGES}",
        {
            "publish-derivatives": (
                "yes",
                "4.4: a derivative database goes out under the same licence; 4.6, 4.7: whole and unlocked" + _IMAGES,
            ),
            "publish-model": (
                "unknown",
                "whether a model is a produced work (notice, 4.3) or a derivative database (4.4) is unsettled",
            ),
        },
    ),
    "CDLA-Permissive-1.0": Table(
        "Community Data License Agreement Permissive 1.0",
        "https://cdla.dev/permissive-1-0/",
        ("cite", "notice", "state-changes"),
        "2.1: every use; 3.1: who publishes the data passes the agreement, the credits and notices of changes on",
        {"publish-model": ("yes", "3.4: results of computing on the data are free of restriction and obligation")},
    ),
    "CDLA-Permissive-2.0": Table(
        "Community Data License Agreement Permissive 2.0",
        "https://cdla.dev/permissive-2-0/",
        ("notice",),
        "1.1: use, modify and share; 2.1: the agreement's text is passed on with the data",
        {"publish-model": ("yes", "3.1: results are free of restriction and obligation")},
    ),
    "CDLA-Sharing-1.0": Table(
        "Community Data License Agreement Sharing 1.0",
        "https://cdla.dev/sharing-1-0/",
        ("cite", "notice", "share-alike", "state-changes"),
        "2.1: every use; 3.1: data that are published stay under the agreement, with credits and notices of changes",
        {
            "publish-model": ("yes", "3.5: results of computing on the data are free of restriction and obligation"),
            "publish-derivatives": ("yes", "3.1(a): enhanced data go out under the same agreement"),
        },
    ),
    "O-UDA-1.0": Table(
        "Open Use of Data Agreement v1.0",
        "https://github.com/microsoft/Open-Use-of-Data-Agreement/blob/v1.0/O-UDA-1.0.md",
        ("cite", "notice"),
        "1.1 and 2.1: use, modify and distribute without restriction; 3.1: credits and the disclaimer are passed on",
        {"publish-model": ("yes", "2.1.2 and 5.4: a model with no more than traces of the data is a result, and free")},
    ),
    "C-UDA-1.0": Table(
        "Computational Use of Data Agreement v1.0",
        "https://github.com/microsoft/Computational-Use-of-Data-Agreement/blob/master/C-UDA-1.0.md",
        ("cite", "notice", "share-alike"),
        "1.1 and 2.1: solely for analysis by a computer (5.1), for whatever purpose",
        {
            "publish-model": ("yes", "2.2 and 5.5: a model with no more than traces of the data is a result, and free"),
            "share-team redistribute publish-derivatives": (
                "yes",
                "3.1: with all credits, and to whoever is bound to the same agreement",
            ),
            "teaching clinical": ("unknown", "2.1: solely for analysis by a computer; what is more is not granted"),
            "ai-service": (
                "unknown",
                "3.1.2: only to whoever is bound to the agreement; 2.1: for analysis by a computer",
            ),
        },
    ),
    **SOFTWARE,
}
