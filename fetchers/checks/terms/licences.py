"""What do the standard licences allow?

`BUILT_IN` has the licences of SPDX that data sets come under, each use with its answer and the clause that gives it.
How they are read, once for all:

* Where a licence grants every purpose (CC0, CC BY, PDDL, ODC-By, CDLA, MIT, Apache, BSD), every use is `yes`.
* Whether a trained model is an adaptation of the data it has seen is unsettled. Where the stricter reading can be met
  by attribution alone (CC BY), publishing a model is `yes`; where it would bring share-alike, or a ban on derivatives
  or on commerce, it is `unknown`, unless the licence itself speaks of results (CDLA).
* NonCommercial forbids `commercial`. Care of patients and services to others may or may not be paid: `unknown`.
* NoDerivatives forbids handing out what was changed, not changing it in private.

The texts are at the licences' own addresses; the versions and their national ports answer these questions alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from fetchers.checks.terms.creative_commons import KINDS, every_listed
from fetchers.dataset import USES, Answer, Licence

_CC = "https://creativecommons.org/licenses/"


class _Terms(NamedTuple):
    """What one family of licences says: duties, the sentence behind a plain `yes`, and the uses that differ."""

    duties: tuple[str, ...]
    grant: str
    others: Mapping[str, tuple[Answer, str]] = {}


_MODEL = "whether a trained model is an adaptation of its data is unsettled; if it is, {}"
_NC: Mapping[str, tuple[Answer, str]] = {
    "commercial": ("no", "NC: not for commercial advantage or monetary compensation"),
    "clinical": ("unknown", "NC: whether care of patients is commercial depends on who is paid for it"),
    "ai-service": (
        "unknown",
        "NC: a service for which somebody pays is commercial; the licence does not say of others",
    ),
    "publish-model": ("unknown", _MODEL.format("NC binds the model's users, too")),
}
_ND: Mapping[str, tuple[Answer, str]] = {
    "modify": ("yes", "ND: adapting in private is allowed, handing the result out is not"),
    "publish-derivatives": ("no", "ND: no adapted material is handed out"),
    "publish-model": ("unknown", _MODEL.format("ND forbids publishing it")),
    "ai-service": ("unknown", "ND: whether what a service shows of the data is adapted material is unsettled"),
}
_SA: Mapping[str, tuple[Answer, str]] = {
    "publish-derivatives": ("yes", "SA: adapted material goes out under the same licence"),
    "publish-model": ("unknown", _MODEL.format("SA puts it under the same licence")),
}
_NC_SA: Mapping[str, tuple[Answer, str]] = {
    **_NC,
    "publish-derivatives": ("yes", "NC and SA: adapted material goes out under the same licence, not commercially"),
    "publish-model": ("unknown", _MODEL.format("NC and SA bind it and its users")),
}
_COPYLEFT: Mapping[str, tuple[Answer, str]] = {
    "publish-derivatives": ("yes", "what is made from it goes out under the same licence, with its source"),
    "publish-model": ("unknown", _MODEL.format("it goes out under the same licence, with its source")),
}
_NETWORK: Mapping[str, tuple[Answer, str]] = {
    **_COPYLEFT,
    "ai-service": ("unknown", "section 13: users over a network get the source; what that is for data is unsettled"),
}
_DATABASE: Mapping[str, tuple[Answer, str]] = {
    "publish-derivatives": ("yes", "4.4: a derivative database goes out under the same licence"),
    "publish-model": ("unknown", "whether a model is a produced work (notice) or a derivative database is unsettled"),
}

_ATTRIBUTION = ("cite", "notice")
_CC_BY = "it grants every purpose to whoever gives credit, keeps the notices and says what was changed"
_CC_NC = "it grants every purpose that is not commercial to whoever gives credit and keeps the notices"
_PERMISSIVE = "it grants every use to whoever keeps the copyright notice and the licence's text"
_FAMILIES: Mapping[str, _Terms] = {
    "CC-BY": _Terms(_ATTRIBUTION, _CC_BY, {
        "publish-model": ("yes", "credit and notice satisfy the licence even if the model counts as an adaptation"),
    }),
    "CC-BY-SA": _Terms((*_ATTRIBUTION, "share-alike"), _CC_BY, _SA),
    "CC-BY-ND": _Terms(_ATTRIBUTION, _CC_BY, _ND),
    "CC-BY-NC": _Terms(_ATTRIBUTION, _CC_NC, _NC),
    "CC-BY-NC-SA": _Terms((*_ATTRIBUTION, "share-alike"), _CC_NC, _NC_SA),
    "CC-BY-NC-ND": _Terms(_ATTRIBUTION, _CC_NC, {**_NC, **_ND}),
    "public": _Terms((), "all rights are waived as far as the law allows: any purpose, no conditions"),
    "attribution": _Terms(_ATTRIBUTION, "it grants every use of the database to whoever keeps its notices and says so"),
    "ODbL": _Terms((*_ATTRIBUTION, "share-alike"), "it grants every use of the database to whoever keeps its notices",
                   _DATABASE),
    "CDLA-Permissive": _Terms(("notice",), "every use is granted to whoever passes the agreement's text on", {
        "publish-model": ("yes", "results of computing on the data are free of the agreement's conditions"),
    }),
    "CDLA-Sharing": _Terms(("notice", "share-alike"), "every use is granted; data handed on stay under the agreement", {
        "publish-model": ("yes", "results of computing on the data are free of the agreement's conditions"),
        "publish-derivatives": ("yes", "enhanced data go out under the same agreement"),
    }),
    "permissive": _Terms(("notice",), _PERMISSIVE),
    "copyleft": _Terms(("notice", "share-alike"), "it grants every use; copies go out with the licence and the source",
                       _COPYLEFT),
    "network": _Terms(("notice", "share-alike"), "it grants every use; copies go out with the licence and the source",
                      _NETWORK),
}  # fmt: skip

_ODC = "https://opendatacommons.org/licenses/"
_SPDX = "https://spdx.org/licenses/"
_OTHERS: Mapping[str, tuple[str, str, str]] = {  # id: family, name, address
    "CC0-1.0": ("public", "Creative Commons Zero 1.0 Universal", "https://creativecommons.org/publicdomain/zero/1.0/"),
    "PDDL-1.0": ("public", "ODC Public Domain Dedication and Licence 1.0", f"{_ODC}pddl/1-0/"),
    "Unlicense": ("public", "The Unlicense", "https://unlicense.org/"),
    "0BSD": ("public", "BSD Zero Clause License", f"{_SPDX}0BSD.html"),
    "MIT-0": ("public", "MIT No Attribution", f"{_SPDX}MIT-0.html"),
    "ODC-By-1.0": ("attribution", "Open Data Commons Attribution License 1.0", f"{_ODC}by/1-0/"),
    "ODbL-1.0": ("ODbL", "Open Data Commons Open Database License 1.0", f"{_ODC}odbl/1-0/"),
    "CDLA-Permissive-1.0": ("CDLA-Permissive", "Community Data License Agreement Permissive 1.0",
                            "https://cdla.dev/permissive-1-0/"),
    "CDLA-Permissive-2.0": ("CDLA-Permissive", "Community Data License Agreement Permissive 2.0",
                            "https://cdla.dev/permissive-2-0/"),
    "CDLA-Sharing-1.0": ("CDLA-Sharing", "Community Data License Agreement Sharing 1.0", "https://cdla.dev/sharing-1-0/"),
    "MIT": ("permissive", "MIT License", f"{_SPDX}MIT.html"),
    "ISC": ("permissive", "ISC License", f"{_SPDX}ISC.html"),
    "Apache-2.0": ("permissive", "Apache License 2.0", "https://www.apache.org/licenses/LICENSE-2.0"),
    "BSD-2-Clause": ("permissive", "BSD 2-Clause License", f"{_SPDX}BSD-2-Clause.html"),
    "BSD-3-Clause": ("permissive", "BSD 3-Clause License", f"{_SPDX}BSD-3-Clause.html"),
    **{f"GPL-{version}-{extent}": ("copyleft", f"GNU General Public License {version}",
                                   f"{_SPDX}GPL-{version}-{extent}.html")
       for version in ("2.0", "3.0") for extent in ("only", "or-later")},
    **{f"AGPL-3.0-{extent}": ("network", "GNU Affero General Public License 3.0", f"{_SPDX}AGPL-3.0-{extent}.html")
       for extent in ("only", "or-later")},
}  # fmt: skip


class _BuiltIn(Mapping[str, Licence]):
    """The standard licences, made of their families when they are asked for; the case of an identifier is no matter."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._made: dict[str, Licence] = {}

    def __getitem__(self, identifier: str) -> Licence:
        name = self._known()[identifier.casefold()]
        if name not in self._made:
            self._made[name] = _made(name)
        return self._made[name]

    def __contains__(self, identifier: object) -> bool:
        return isinstance(identifier, str) and identifier.casefold() in self._known()

    def __iter__(self) -> Iterator[str]:
        return iter(self._known().values())

    def __len__(self) -> int:
        return len(self._known())

    def _known(self) -> dict[str, str]:
        if not self._names:
            self._names = {name.casefold(): name for name in (*every_listed(), *_OTHERS)}
        return self._names


BUILT_IN: Mapping[str, Licence] = _BuiltIn()


def _made(identifier: str) -> Licence:
    if identifier in _OTHERS:
        family, name, url = _OTHERS[identifier]
    else:
        family = next(kind for kind in KINDS if identifier.startswith(f"{kind}-"))
        version = identifier.removeprefix(f"{family}-")
        name = f"Creative Commons {KINDS[family]} {version}"
        number, _, port = version.partition("-")
        url = f"{_CC}{family.removeprefix('CC-').lower()}/{number}/{port.lower() + '/' if port else ''}"
    terms = _FAMILIES[family]
    answers: dict[str, Answer] = {}
    reasons: dict[str, str] = {}
    for use in USES:
        answers[use], reasons[use] = terms.others.get(use, ("yes", terms.grant))
    return Licence(
        id=identifier,
        name=name,
        url=url,
        duties=terms.duties,
        uses=answers,
        reasons=reasons,
        source="SPDX licence list; the licence's own text",
    )
