"""Make phrases and addresses around every known licence, and say which uses none of them may be taken to allow.

Each case is a name or an address (or both) and the most that it says: the uses that may at most be allowed. A phrase is
dressed, cut off, negated, restricted, combined with a second licence, or contradicted by the address beside it; an
address is put into another one, moved to another host, or given a version that never was.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from fetchers.checks.terms.licence_names import recognise
from fetchers.checks.terms.licences import BUILT_IN
from fetchers.checks.terms.places import ADDRESSES, PHRASES
from fetchers.checks.terms.spdx import spdx_list
from fetchers.checks.terms.verdict import judge
from fetchers.dataset import USES

if TYPE_CHECKING:
    from random import Random

NOW = datetime(2026, 11, 28, tzinfo=UTC)
Uses = frozenset[str]
NOTHING: Uses = frozenset()


class Case(NamedTuple):
    """What a place says, the uses that it says at most, and how it was made."""

    kind: str
    name: str | None
    url: str | None
    most: Uses


_KINDS = {
    "by": "Attribution",
    "by-sa": "Attribution-ShareAlike",
    "by-nd": "Attribution-NoDerivatives",
    "by-nc": "Attribution-NonCommercial",
    "by-nc-sa": "Attribution-NonCommercial-ShareAlike",
    "by-nc-nd": "Attribution-NonCommercial-NoDerivatives",
}
_RESTRICTIONS = (
    "non-commercial use only", "for research only", "not for redistribution", "restricted", "all rights reserved",
    "except the images", "metadata only", "with additional restrictions", "no derivatives", "non-commercial",
    "NonCommercial", "NoDerivs", "academic use", "upon request", "under embargo", "subject to a data use agreement",
    "no AI training", "non commercial", "no redistribution", "registered users", "personal use", "evaluation only",
)  # fmt: skip
_NEGATIONS = (
    "not {}", "Not licensed under {}", "no longer {}", "never {}", "not under {}", "formerly {}", "non-{}", "un{}",
    "{} no more", "{}: no", "{} (not)", "{}?", "!{}", "~{}", "{} does not apply", "anything but {}", "not-{}",
    "everything except {}", "other than {}", "{} rejected", "not ({})", "neither {}",
)  # fmt: skip
_JOINS = (
    " and ",
    " or ",
    "; ",
    ", ",
    " / ",
    "/",
    " & ",
    " + ",
    " | ",
    " - ",
    ": ",
    " ",
    "\n",
    " with ",
    " plus ",
    " (",
)


@cache
def allowed(expression: str | None) -> Uses:
    """Return the uses that an expression allows."""
    judged = {use: judge(expression, use, BUILT_IN, (), NOW).verdict for use in USES}
    return frozenset(use for use, word in judged.items() if word.startswith("allowed"))


@cache
def names() -> dict[str, str]:
    """Return every known name as places write it, with the expression that it is."""
    found = dict(PHRASES)
    found |= dict.fromkeys(
        ("CC0", "CC Zero", "CC0 1.0", "Creative Commons Zero", "Creative Commons Zero v1.0"), "CC0-1.0"
    )
    for row in spdx_list().licences.values():
        found[row.id] = row.id
        if not row.deprecated:
            found[row.name] = row.id
    for kind, long_name in _KINDS.items():
        family = f"LicenseRef-CC-{kind.upper()}"
        found |= {
            f"CC {kind.upper()}": family,
            f"cc-{kind}": family,
            f"Creative Commons {long_name}": family,
            long_name: family,
        }
        found[f"CC-By {long_name}"] = family
        for version in ("1.0", "2.0", "2.5", "3.0", "4.0"):
            this = f"CC-{kind.upper()}-{version}"
            found |= {
                f"CC {kind.upper()} {version}": this,
                f"Creative Commons {long_name} {version}": this,
                f"Creative Commons {long_name} {version} International License": this,
                f"{long_name} {version} International (CC {kind.upper()} {version})": this,
                f"CC-By {long_name} {version}": this,
                f"CC-By {long_name} {version} International": this,
            }
            if version > "1.0":
                found[f"{long_name} {version} International"] = this
            if version > "1.0" and kind != "by":
                found[f"{long_name} {version}"] = this
    return found


@cache
def addresses() -> dict[str, str]:
    """Return every known address, with the licence whose page it is."""
    found = {f"https://{place}": licence for place, licence in ADDRESSES.items()}
    for kind in _KINDS:
        for version in ("1.0", "2.0", "2.5", "3.0", "4.0"):
            found[f"https://creativecommons.org/licenses/{kind}/{version}/"] = f"CC-{kind.upper()}-{version}"
    for row in spdx_list().licences.values():
        found[f"https://spdx.org/licenses/{row.id}"] = row.id
    return found


@cache
def _plain() -> dict[str, Uses]:
    """Return what each name says at most, by its letters and digits alone, with the brackets that stand in it."""
    return {_letters(name): allowed(licence) for name, licence in names().items()}


@cache
def _lists() -> tuple[tuple[str, ...], tuple[str, ...]]:
    return tuple(names()), tuple(addresses())


def case(random: Random) -> Case:
    """Return one case."""
    return random.choice((_dressed, _cut, _negated, _restricted, _combined, _contradicted, _moved))(random)


def falsely_allowed(one: Case) -> Uses:
    """Return the uses that the recogniser takes this case to allow and that it does not say."""
    # The undecorated function: a million phrases are not to be kept.
    return allowed(recognise.__wrapped__(one.name, one.url)) - one.most


def _name(random: Random) -> str:
    return random.choice(_lists()[0])


def _dressed(random: Random) -> Case:
    name = _name(random)
    most = allowed(names()[name])
    dresses = (
        str.upper, str.lower, str.title, str.swapcase,
        lambda text: text.replace(" ", "-"), lambda text: text.replace("-", " "), lambda text: text.replace(" ", "_"),
        lambda text: f'"{text}"', lambda text: f"{text}.", lambda text: f"the {text}", lambda text: f" {text} ",
        lambda text: text.replace("License", "Licence"), lambda text: text.replace(" ", "  "),
        lambda text: f"({text})", lambda text: f"{text} License", lambda text: text.replace(" ", "\n"),
    )  # fmt: skip
    for _ in range(random.randint(1, 3)):
        name = random.choice(dresses)(name)
    return Case("dressed", name, None, most)


def _cut(random: Random) -> Case:
    """Cut a name off: what is left says no more than the name that it then is, if it is one."""
    name = _name(random)
    at = random.randrange(1, len(name)) if len(name) > 1 else 0
    left = name[:at] if random.random() < 0.7 else name[at:]
    return Case("cut", left, None, _plain().get(_letters(left), NOTHING))


def _negated(random: Random) -> Case:
    return Case("negated", random.choice(_NEGATIONS).format(_name(random)), None, NOTHING)


def _restricted(random: Random) -> Case:
    name, restriction = _name(random), random.choice(_RESTRICTIONS)
    form = random.choice(
        ("{0}, {1}", "{0} {1}", "{1} {0}", "{0} - {1}", "{0} ({1})", "{1}: {0}", "{0}; {1}", "{1}-{0}")
    )
    said = form.format(name, restriction)
    # Words of Creative Commons' own, with one of its kinds, are another of its kinds.
    own = {"noncommercial": "LicenseRef-CC-BY-NC", "noderivs": "CC-BY-ND-4.0", "noderivatives": "CC-BY-ND-4.0"}
    kind = own.get(restriction.casefold().replace(" ", "").replace("-", ""))
    most = allowed(names()[name]) & allowed(kind) if kind else _plain().get(_letters(said), NOTHING)
    return Case("restricted", said, None, most)


def _combined(random: Random) -> Case:
    one, other, join = _name(random), _name(random), random.choice(_JOINS)
    said = f"{one}{join}{other}{')' if join == ' (' else ''}"
    most = _both(names()[one], names()[other])
    return Case("combined", said, None, _plain().get(_letters(said), most))


def _contradicted(random: Random) -> Case:
    name = _name(random) if random.random() < 0.8 else random.choice(_RESTRICTIONS)
    address = random.choice(_lists()[1])
    most = _both(names().get(name), addresses()[address])
    return Case("contradicted", name, address, most)


def _both(one: str | None, other: str | None) -> Uses:
    """Return what two expressions allow alike; of a family and one of its licences, what the licence allows."""
    for family, licence in ((one, other), (other, one)):
        if family and licence and licence.startswith(f"{family.removeprefix('LicenseRef-')}-") and "ND" in family:
            kind = licence.removeprefix(f"{family.removeprefix('LicenseRef-')}-")
            return allowed(licence) if kind[:1].isdigit() else NOTHING
    return allowed(one) & allowed(other)


def _moved(random: Random) -> Case:
    address = random.choice(_lists()[1])
    bare = address.removeprefix("https://")
    host, _, path = bare.partition("/")
    forms = (
        f"https://example.org/{bare}", f"https://not{bare}", f"https://{host}.example.org/{path}",
        f"https://{host}@example.org/{path}", f"https://example.org/?to={address}", f"https://example.org/#{address}",
        f"https://{host}:8443/{path}", f"{address.rstrip('/')}/other", f"{address.rstrip('/')}-nc",
        f"https://{host}/x/{path}", address.replace("4.0", "9.9") if "4.0" in address else f"ftp2://{bare}",
        f"see {address}", f"{address} (non-commercial)", f"not {address}", f"https:\\\\{bare}", f"{address} {address}",
    )  # fmt: skip
    said = random.choice(forms)
    most = allowed(addresses().get(said) or addresses().get(f"{said}/"))
    return Case("moved", said, None, most) if random.random() < 0.5 else Case("moved", None, said, most)


def _letters(text: str) -> str:
    """Return the letters and digits of a text, in lower case: an own, coarser reading than the recogniser's."""
    said = text.strip()
    cut = said[-1:] in "-_,:;([" or said[:1] in "-_,:;)]"
    plain = re.sub(r"\bv(?=\d)", "", said.casefold().replace("licence", "license"))
    kept = "".join(sign for sign in plain if sign.isalnum() or sign in "+.!?~/&|")
    return ("\0" if cut else "") + kept.removesuffix("license").removeprefix("creativecommons")
