"""Interpret the original list's words on licences.

Each phrase becomes terms of its own. What it forbids is taken at its word; what it does not speak of is unknown, also
where a friendly reader would nod: that a set is "non-commercial" does not say that research may have it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetchers.checks.terms.licences import BUILT_IN
from fetchers.dataset import Licence

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fetchers.dataset import Answer

_Uses = dict[str, tuple["Answer", str]]

_COMMERCIAL: _Uses = {"commercial": ("no", '"non-commercial"')}
_MODIFY: _Uses = {
    "modify": ("no", '"non-modify"'),
    "publish-derivatives": ("no", '"non-modify": what may not be made may not be published'),
}
_DISTRIBUTE: _Uses = {
    "redistribute": ("no", '"non-distribute"'),
    "publish-derivatives": ("no", '"non-distribute": a derivative hands on what it was made of'),
}
_LISTED: Mapping[str, _Uses] = {
    "Non-commercial, non-modify, non-distribute": {**_COMMERCIAL, **_MODIFY, **_DISTRIBUTE},
    "Non-commercial, non-distribute": {**_COMMERCIAL, **_DISTRIBUTE},
    "Non-commercial": _COMMERCIAL,
    "Primarily research and algorithm development": {
        "research": ("yes", '"research"'),
        "train": ("yes", '"algorithm development"'),
        "commercial": ("unknown", '"primarily" neither grants nor excludes it'),
    },
    "Personal use only, including local private distribution": {
        "commercial": ("no", '"personal use only"'),
        "clinical": ("no", '"personal use only"'),
        "ai-service": ("no", '"personal use only": whoever runs a service is another'),
        "share-team": ("yes", '"local private distribution" is included'),
        "redistribute": ("no", "distribution is allowed locally and in private, and no further"),
        "publish-derivatives": ("no", '"personal use only": publishing is for others'),
    },
    "Modify and distribute on creator agreement": {
        "modify": ("ask", "on the creator's agreement"),
        "redistribute": ("ask", "on the creator's agreement"),
        "publish-derivatives": ("ask", "modifying and distributing both want the creator's agreement"),
    },
    "Non-modify, additional restrictions on certain sub datasets": {
        **_MODIFY,
        "redistribute": ("unknown", '"additional restrictions on certain sub datasets": which, the list does not say'),
        "commercial": ("unknown", '"additional restrictions on certain sub datasets": which, the list does not say'),
    },
}
PHRASES = (*_LISTED, "MIT licence")


def phrase(text: str) -> Licence | None:
    """Turn a phrase of the list's licence column into terms; None for words that the list does not have."""
    if text == "MIT licence":
        return BUILT_IN["MIT"]
    if text not in _LISTED:
        return None
    said = _LISTED[text]
    return Licence(
        id=f"LicenseRef-Listed-{PHRASES.index(text) + 1}",
        name=f'"{text}"',
        uses={use: answer for use, (answer, _) in said.items()},
        reasons={use: f"the original list says {reason}" for use, (_, reason) in said.items()},
        source="the original list of clinical data sources, column Licence",
    )
