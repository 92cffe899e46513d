"""Describe duties in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

WORDS = {
    "cite": "cite the data set, or give credit to whoever made it",
    "notice": "keep the copyright notice and the licence, or its address, with every copy",
    "share-alike": "hand on what is made of it under the same terms",
    "report": "tell the owner what the terms ask to be told: results, errors, an identity that came to light",
    "acknowledge": "print the acknowledgement that the owner words",
    "return-data": "give results or derived data back to the owner",
    "destroy-at-end": "destroy the copies when the access ends",
    "state-changes": "say what was changed",
    "no-reidentification": "make no attempt to identify a person",
    "publish-code": "publish the code of what is published",
    "each-user-agrees": "everybody who works with a copy agrees to the terms personally",
}


def in_words(duties: Iterable[str]) -> str:
    """Return duties as one line: each word of the catalogue with what it asks."""
    return "; ".join(f"{duty} ({WORDS[duty]})" if duty in WORDS else duty for duty in duties)
