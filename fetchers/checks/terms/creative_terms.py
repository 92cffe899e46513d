"""What the Creative Commons licences allow, each version by its own clauses.

* Whether a trained model is an adaptation of the data it has seen is unsettled. Where the stricter reading can be met
  by attribution alone (BY), publishing a model is `yes`; where it would bring share-alike, or a ban on derivatives or
  on commerce, it is `unknown`.
* NonCommercial forbids `commercial`. Care of patients and the services of others may or may not be paid: `unknown`.
* NoDerivatives 4.0 forbids handing out what was changed, not changing it in private; before 4.0 nothing may be adapted.
* A family without a version has the answers that all its versions share.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetchers.checks.terms.creative_commons import KINDS
from fetchers.checks.terms.tables import Table, licence_of

if TYPE_CHECKING:
    from fetchers.checks.terms.creative_commons import Creative
    from fetchers.dataset import Answer, Licence

_MODEL = "whether a trained model is an adaptation of its data is unsettled; if it is, {}"
# https://creativecommons.org/using-cc-licensed-works-for-ai-training-2/, of 2025-05-28
_RECOMMENDED = "Creative Commons itself recommends not to train on ND material (2025-05-28)"


def creative(licence: Creative) -> Licence:
    """Return the terms of one licence, or of a family without version."""
    letters = licence.kind.split("-")[2:]
    duties = ["cite", "notice"]
    if "SA" in letters:
        duties.append("share-alike")
    if "ND" not in letters or licence.version == "4.0":
        duties.append("state-changes")
    others: dict[str, tuple[Answer, str]] = {}
    if "NC" in letters:
        others |= _non_commercial(licence)
    if "SA" in letters:
        others |= _share_alike(licence, non_commercial="NC" in letters)
    if "ND" in letters:
        others |= _no_derivatives(licence, non_commercial="NC" in letters)
    table = Table(
        name=_name(licence),
        url=_page(licence),
        duties=tuple(duties),
        grant=_grant(licence, letters),
        others=others,
    )
    made = licence_of(licence.id, table)
    late = _database_rights(licence)
    reasons = {use: f"{why}{late if made.uses[use] == 'yes' else ''}" for use, why in made.reasons.items()}
    return made._replace(reasons=reasons)


def _grant(licence: Creative, letters: list[str]) -> str:
    clause, conditions = {
        "4.0": ("2(a)(1)", "3(a)"),
        None: ("every version", "every version"),
    }.get(licence.version, ("section 3", "section 4"))
    purpose = "every purpose that is not commercial" if "NC" in letters else "every purpose"
    given = "copies for " if "ND" in letters else ""
    credit = "gives credit and keeps the notices"
    if "ND" not in letters:
        credit = "gives credit, keeps the notices and says what was changed"
    asked = "" if licence.version is None else f" ({conditions})"
    return f"{clause}: {given}{purpose}, to whoever {credit}{asked}"


def _non_commercial(licence: Creative) -> dict[str, tuple[Answer, str]]:
    clause = {
        "4.0": "2(a)(1): for NonCommercial purposes only",
        None: "NC: not for commercial purposes, in every version",
    }.get(licence.version, "section 4: not primarily for commercial advantage or private monetary compensation")
    return {
        "commercial": ("no", clause),
        "clinical": ("unknown", "NC: whether care of patients is commercial depends on who is paid for it"),
        "ai-service": ("unknown", "NC: whether handing it to a service is commercial depends on who is paid for it"),
        "publish-model": ("unknown", _MODEL.format("NC binds the model's users, too")),
    }


def _share_alike(licence: Creative, *, non_commercial: bool) -> dict[str, tuple[Answer, str]]:
    clause = {"4.0": "3(b)", None: "SA"}.get(licence.version, "section 4")
    limit = ", not commercially" if non_commercial else ""
    bound = "NC and SA bind it and its users" if non_commercial else "SA puts it under the same licence"
    return {
        "publish-derivatives": ("yes", f"{clause}: adapted material goes out under the same licence{limit}"),
        "publish-model": ("unknown", _MODEL.format(bound)),
    }


def _no_derivatives(licence: Creative, *, non_commercial: bool) -> dict[str, tuple[Answer, str]]:
    answers: dict[str, tuple[Answer, str]] = {
        "publish-model": ("unknown", _MODEL.format("ND forbids publishing it")),
        "publish-derivatives": ("no", "ND: no adapted material is handed out"),
    }
    private = "for purposes that are not commercial, " if non_commercial else ""
    if licence.version == "4.0":
        answers["modify"] = ("yes", f"2(a)(1)(B): {private}adapted material may be produced, and not shared")
        answers["train"] = ("yes", f"2(a)(1)(B): {private}adapted material may be produced; {_RECOMMENDED}")
        answers["publish-derivatives"] = ("no", "2(a)(1)(B) and 3(a)(2): adapted material may not be shared")
    elif licence.version is None:
        answers["modify"] = ("unknown", "4.0 lets one adapt in private, the versions before it do not")
        answers["train"] = ("unknown", f"only 4.0 lets one adapt in private, and training may adapt; {_RECOMMENDED}")
    else:
        only = "section 3: only changes that another medium or format makes technically necessary"
        answers["modify"] = ("no", only)
        answers["train"] = ("unknown", f"{only}; whether training adapts (resizing, cropping ...) is unsettled")
    return answers


def _database_rights(licence: Creative) -> str:
    """Return what every `yes` of a version before 4.0 must add (https://wiki.creativecommons.org/wiki/4.0/Scope)."""
    if licence.version == "4.0":
        return ""
    if licence.version is None:
        return "; database rights (European Union) are licensed by 4.0 only"
    if licence.port in (None, "IGO"):
        return f"; database rights (European Union) are not licensed by {licence.version}"
    return "; whether database rights (European Union) are licensed depends on the port"


def _name(licence: Creative) -> str:
    version = "" if licence.version is None else f" {licence.version}"
    port = "" if licence.port is None else f" {licence.port}"
    return f"Creative Commons {KINDS[licence.kind]}{version}{port}{'' if version else ', version not stated'}"


def _page(licence: Creative) -> str:
    kind = licence.kind.removeprefix("CC-").lower()
    if licence.version == "1.0":
        kind = kind.replace("nc-nd", "nd-nc")  # as its page was named
    rest = "".join(f"{part.lower()}/" for part in (licence.version, licence.port) if part)
    return f"https://creativecommons.org/licenses/{kind}/{rest}"
