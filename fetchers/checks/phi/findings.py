"""What was found in one file that may say who somebody is: places and counts, never a value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class PhiFinding:
    """What stands where: `count` filled places. `placeholder`: the values look like what a removal leaves behind."""

    tag: str
    name: str
    count: int
    placeholder: bool


class PhiReport(NamedTuple):
    """What was found in one file. `claims_removed` is the file's own word (0012,0062); None: it says nothing.

    `burned_in` says why the pixels themselves may show somebody; `unreadable` why not all could be looked at.
    """

    findings: tuple[PhiFinding, ...] = ()
    claims_removed: bool | None = None
    burned_in: str | None = None
    unreadable: str | None = None
