"""Under which identifier is a place's own word on the licence recorded?"""

from __future__ import annotations

import re
from functools import lru_cache

from fetchers.checks.terms.licence_names import spdx_of

_UNFIT = re.compile(r"[^A-Za-z0-9.]+")
_LONGEST = 60


@lru_cache(maxsize=256)  # a million series are under a handful of licences
def identifier_of(name: str | None, page: str | None) -> str | None:
    """Give SPDX's identifier; `LicenseRef-...` for words that are not recognised; None where the place says nothing.

    An unrecognised licence is never passed over: the dataset's own would take its place, and allow what this one
    perhaps does not.
    """
    known = spdx_of(name, page)
    if known is not None or not (name or page):
        return known
    said = _UNFIT.sub("-", name or (page or "").partition("://")[2]).strip("-.")[:_LONGEST].strip("-.")
    return f"LicenseRef-{said or 'unrecognised'}"
