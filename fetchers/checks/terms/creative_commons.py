"""Recognise a Creative Commons licence by words or by an address.

Six kinds, five versions, and national ports of the versions before 4.0. A port that SPDX lists has SPDX's identifier;
any other port, and a kind without a version, is a `LicenseRef-CC-...` with the answers of its family. A version that
never was is no licence.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

KINDS = {  # long names first, or "CC-BY" would be found in all of them
    "CC-BY-NC-ND": "Attribution-NonCommercial-NoDerivs",
    "CC-BY-NC-SA": "Attribution-NonCommercial-ShareAlike",
    "CC-BY-NC": "Attribution-NonCommercial",
    "CC-BY-ND": "Attribution-NoDerivs",
    "CC-BY-SA": "Attribution-ShareAlike",
    "CC-BY": "Attribution",
}
VERSIONS = ("1.0", "2.0", "2.5", "3.0", "4.0")
PORTS = {  # the national versions that SPDX lists
    "CC-BY": ("2.5-AU", "3.0-AT", "3.0-AU", "3.0-DE", "3.0-IGO", "3.0-NL", "3.0-US"),
    "CC-BY-SA": ("2.0-UK", "2.1-JP", "3.0-AT", "3.0-DE", "3.0-IGO"),
    "CC-BY-NC": ("3.0-DE", "3.0-IGO"),
    "CC-BY-NC-SA": ("2.0-DE", "2.0-FR", "2.0-UK", "3.0-DE", "3.0-IGO"),
    "CC-BY-NC-ND": ("3.0-DE", "3.0-IGO"),
    "CC-BY-ND": ("3.0-DE",),
}
# https://creativecommons.org/share-your-work/licensing-considerations/ported: where there were ports, and 2.1 was one.
_COUNTRIES = {
    "am": "armenia", "ar": "argentina", "at": "austria", "au": "australia", "az": "azerbaijan", "be": "belgium",
    "bg": "bulgaria", "br": "brazil", "ca": "canada", "ch": "switzerland", "cl": "chile", "cn": "china mainland",
    "co": "colombia", "cr": "costa rica", "cz": "czech republic", "de": "germany", "dk": "denmark", "ec": "ecuador",
    "ee": "estonia", "eg": "egypt", "es": "spain", "fi": "finland", "fr": "france", "ge": "georgia", "gr": "greece",
    "gt": "guatemala", "hk": "hong kong", "hr": "croatia", "hu": "hungary", "ie": "ireland", "il": "israel",
    "in": "india", "it": "italy", "jp": "japan", "kr": "korea", "lu": "luxembourg", "mk": "macedonia", "mt": "malta",
    "mx": "mexico", "my": "malaysia", "nl": "netherlands", "no": "norway", "nz": "new zealand", "pe": "peru",
    "ph": "philippines", "pl": "poland", "pr": "puerto rico", "pt": "portugal", "ro": "romania", "rs": "serbia",
    "scotland": "uk scotland", "se": "sweden", "sg": "singapore", "si": "slovenia", "th": "thailand", "tw": "taiwan",
    "ug": "uganda", "uk": "united kingdom", "us": "united states", "ve": "venezuela", "vn": "vietnam",
    "za": "south africa",
}  # fmt: skip
_WORDS_TOO = frozenset(("am", "at", "be", "ge", "in", "it", "my", "no"))  # `4.0: no`, or `4.0 In` of `International`
_CODES = {code: code for code in _COUNTRIES if code not in _WORDS_TOO}
_PORT_NAMES = {
    **{name: code for code, name in _COUNTRIES.items()},
    "igo": "igo",
    "intergovernmental organization": "igo",
    "intergovernmental organizations": "igo",
    "uk england & wales": "uk",
    "uk england and wales": "uk",
    "england & wales": "uk",
    "united states of america": "us",
    "deutschland": "de",
    "the netherlands": "nl",
}
_SHORT = re.compile(r"(cc-by(?:-nc)?(?:-sa|-nd)?)-(\d\.\d)-([a-z]{2,8})", re.IGNORECASE).fullmatch
_PAGE = re.compile(r"(?:deed|legalcode|legalcode-plain|rdf)(?:\.[a-z]{2,3}(?:[-_][a-z]{2,4})?|\.txt|\.html)?")
_UNPORTED = ("international", "unported", "generic")
_IDENTIFIER = re.compile(r"(CC-BY(?:-NC)?(?:-SA|-ND)?)(?:-(\d\.\d)(?:-([A-Z]{2,8}))?)?").fullmatch


class Creative(NamedTuple):
    """A Creative Commons licence. Without a version it is the family; `exact` says that no port can be meant."""

    kind: str  # CC-BY-NC-SA
    version: str | None = None
    port: str | None = None  # in capitals
    exact: bool = False

    @property
    def id(self) -> str:
        """The identifier: SPDX's where there is one."""
        bare = "-".join(filter(None, (self.kind, self.version, self.port)))
        return bare if listed(self) else f"LicenseRef-{bare}"

    def covers(self, other: Creative) -> bool:
        """Return True if `other` is this licence, or says more closely which of those it is that this one may be."""
        return (
            self.kind == other.kind
            and self.version in (None, other.version)
            and (self.port == other.port or (self.port is None and not self.exact))
        )


def listed(licence: Creative) -> bool:
    """Return True if SPDX lists this very licence."""
    if licence.port is None:
        return licence.version in VERSIONS
    return f"{licence.version}-{licence.port}" in PORTS[licence.kind]


def every_listed() -> Iterator[str]:
    """Yield the identifiers that SPDX lists for the six kinds."""
    for kind in KINDS:
        yield from (f"{kind}-{version}" for version in (*VERSIONS, *PORTS[kind]))


def of_identifier(identifier: str) -> Creative | None:
    """Return the licence of an identifier, SPDX's or ours, as it is written; None for any other."""
    found = _IDENTIFIER(identifier.removeprefix("LicenseRef-"))
    if not found:
        return None
    kind, version, port = found.groups()
    made = _made(kind, version, port.lower() if port else None)
    return made if made and made.id == identifier else None


def of_reference(identifier: str) -> Creative | None:
    """Return what a `LicenseRef-CC-...` of ours stands for; None for any other identifier."""
    return of_identifier(identifier) if identifier.startswith("LicenseRef-CC-") else None


def of_path(parts: Sequence[str]) -> Creative | None:
    """Return the licence whose page this is: the components of a path at creativecommons.org, in lower case."""
    if len(parts) < 2 or parts[0] not in ("licenses", "licences"):  # noqa: PLR2004 - licenses/by/4.0
        return None
    kind = _kind(parts[1].split("-"))
    if len(parts) == 2:  # noqa: PLR2004 - licenses/by
        return Creative(kind) if kind else None
    ported = parts[2] < "4.0" and parts[3:] and parts[3] in (*_COUNTRIES, "igo")  # 4.0 is international
    port = parts[3] if ported else None
    rest = parts[4:] if port else parts[3:]
    if kind is None or len(rest) > 1 or not all(map(_is_page, rest)):
        return None
    return _made(kind, parts[2], port, exact=True)


def _is_page(component: str) -> bool:
    return _PAGE.fullmatch(component) is not None


def of_short_name(name: str) -> Creative | None:
    """Return the licence of a name in the form of SPDX's identifiers, whatever the case: `cc-by-nc-3.0-it`.

    In this form, and before 4.0, any port's code is one, those that are English words included.
    """
    found = _SHORT(name.strip())
    if not found:
        return None
    kind, version, port = found.groups()
    return _made(kind.upper(), version, port.lower()) if port.lower() in _COUNTRIES and version < "4.0" else None


def of_words(words: str) -> Creative | None:
    """Return the licence that these words name, all of them: lower case, one space between two.

    Known are `cc by nc 4.0` and `creative commons attribution noncommercial 4.0 international`, with the dress that
    places give them; a word that is not understood makes the whole not understood.
    """
    found = _pattern().fullmatch(words)
    if not found:
        return None
    said = found.groupdict()
    letters = said["letters"].split() if said["letters"] else []
    names = _letters_of(said["names"] or "")
    if names and letters and letters not in (["by"], names):
        return None
    kind = _kind(names or letters)
    version = said["version"] or said["later"]
    if kind is None or (said["version"] and said["later"]) or not (said["creative"] or _is_theirs_alone(said, names)):
        return None
    port = _PORT_NAMES.get(said["port"] or "") or _CODES.get(said["code"] or "")
    if port and (not version or (said["code"] and names)):
        return None
    return _made(kind, version, port, exact=bool(said["unported"]) and version is not None)


def _is_theirs_alone(said: dict[str, str | None], names: Sequence[str]) -> bool:
    """Return True if words that do not begin with Creative Commons can be no one else's.

    "BY 2.5" is not enough, and Open Data Commons (1.0) and GovData (2.0) have attribution licences, too.
    """
    version = said["version"] or ""
    own = len(names) > 1 or said["unported"] or said["port"]
    return bool(names and not said["letters"] and version > "1.0" and own)


@cache
def _pattern() -> re.Pattern[str]:
    ports = "|".join(sorted(map(re.escape, _PORT_NAMES), key=len, reverse=True))
    return re.compile(
        r"(?:(?P<creative>creative commons|cc)(?: cc)? )?"
        r"(?:(?P<letters>by(?: (?:nc|nd|sa))*)(?= |$) ?)?"
        r"(?P<names>attribution(?: (?:non ?commercial|share ?alike|no ?deriv(?:s|atives|ative works)))*)?"
        r"(?: license)?"
        r"(?: ?\b(?P<version>\d\.\d)\b)?"
        rf"(?: (?P<unported>{'|'.join(_UNPORTED)}))?"
        rf"(?: (?P<port>{ports})| (?P<code>{'|'.join(_CODES)}))?"
        r"(?: public)?(?: license)?"
        r"(?: (?P<later>\d\.\d))?"
    )


def _letters_of(names: str) -> list[str]:
    close = names.replace(" ", "")
    if not close.startswith("attribution"):
        return []
    rest = re.findall("noncommercial|sharealike|noderiv", close)
    short = {"noncommercial": "nc", "sharealike": "sa", "noderiv": "nd"}
    return ["by", *(short[word] for word in rest)]


def _kind(letters: Sequence[str]) -> str | None:
    """Return the kind of `by`, `nc`, `sa`, `nd`: each once, whatever the order after `by`; never SA with ND."""
    if not letters or letters[0] != "by" or len(set(letters)) != len(letters):
        return None
    kind = "-".join(("CC-BY", *(letter.upper() for letter in ("nc", "sa", "nd") if letter in letters)))
    return kind if kind in KINDS and not set(letters) - {"by", "nc", "sa", "nd"} else None


def _made(kind: str, version: str | None, port: str | None, *, exact: bool = False) -> Creative | None:
    """Return the licence; None for a version that never was: 2.1 was a port's alone."""
    if version is not None and version not in VERSIONS and not (version == "2.1" and port):
        return None
    return Creative(kind, version, port.upper() if port else None, exact)
