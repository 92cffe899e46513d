"""Split files for training: by patient, study or series, and identical images never parted.

The same files and the same seed give the same split on every machine: a group is known by the content of its files, not
by a name or a keyed hash.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from typing import TYPE_CHECKING

from fetchers.errors import CatalogueError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fetchers.records import FileRow

BY = ("patient", "study", "series")
_NAMES = {1: ("train",), 2: ("train", "val"), 3: ("train", "val", "test")}
_BIDS = "sub-"


def shares(text: str) -> tuple[float, ...]:
    """Return the shares of `80/10/10`; raise `CatalogueError` for what is none."""
    try:
        found = tuple(float(share) for share in text.split("/"))
    except ValueError:
        found = ()
    if not found or len(found) not in _NAMES or any(not 0 <= share < float("inf") for share in found) or not sum(found):
        raise CatalogueError(f"{text!r} is no split; two or three shares are wanted", hint="--split 80/10/10")
    return found


def names(count: int) -> tuple[str, ...]:
    """Return what the shares are called."""
    return _NAMES[count]


def patient_of(row: FileRow) -> str | None:
    """Return whose images these are: the keyed hash of the header, else the subject of a BIDS tree."""
    if row.patient is not None:
        return row.patient
    subject = next((part for part in row.path.split("/")[:-1] if part.startswith(_BIDS)), None)
    return None if subject is None else f"{row.dataset}/{row.part or ''}/{subject}"


def groups(rows: Sequence[FileRow], by: str, alike: Mapping[str, str]) -> list[list[int]]:
    """Return the numbers of the rows that stay together; `alike` gives the hash of the decoded pixels by SHA-256."""
    parent = list(range(len(rows)))

    def root(number: int) -> int:
        while parent[number] != number:
            parent[number] = parent[parent[number]]
            number = parent[number]
        return number

    first: dict[tuple[str, str], int] = {}
    for number, row in enumerate(rows):
        for key in _keys(row, by, alike):
            other = first.setdefault(key, number)
            parent[root(number)] = root(other)
    together: dict[int, list[int]] = defaultdict(list)
    for number in range(len(rows)):
        together[root(number)].append(number)
    return list(together.values())


def split(rows: Sequence[FileRow], by: str, wanted: Sequence[float], seed: int, alike: Mapping[str, str]) -> list[str]:
    """Return the name of each row's share. Every share above zero gets a group where there are enough of them."""
    found = groups(rows, by, alike)
    order = sorted(range(len(found)), key=lambda number: _place(seed, [rows[one].sha256 for one in found[number]]))
    sizes = _sizes(len(found), wanted)
    called, told = names(len(wanted)), [""] * len(rows)
    start = 0
    for name, size in zip(called, sizes, strict=True):
        for number in order[start : start + size]:
            for row in found[number]:
                told[row] = name
        start += size
    return told


def _keys(row: FileRow, by: str, alike: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return what a row shares with those that must not be parted from it."""
    keys = [("bytes", row.sha256)]
    if row.sop_instance is not None:
        keys.append(("instance", row.sop_instance))
    if row.sha256 in alike:
        keys.append(("pixels", alike[row.sha256]))
    unit = {"patient": patient_of(row), "study": row.study, "series": row.series}[by]
    unit = unit or (row.study if by == "patient" else None) or row.series
    if unit is not None:
        keys.append((by, unit))
    return keys


def _place(seed: int, hashes: Sequence[str]) -> str:
    return hashlib.sha256(f"{seed}:{min(hashes)}".encode()).hexdigest()


def _sizes(count: int, wanted: Sequence[float]) -> list[int]:
    """Share `count` groups out by the largest remainder; no share above zero stays empty while another has two."""
    exact = [share * count / sum(wanted) for share in wanted]
    sizes = [int(one) for one in exact]
    rest = sorted(range(len(wanted)), key=lambda number: sizes[number] - exact[number])
    for number in rest[: count - sum(sizes)]:
        sizes[number] += 1
    for number, share in enumerate(wanted):
        largest = max(range(len(sizes)), key=sizes.__getitem__)
        if share and not sizes[number] and sizes[largest] > 1:
            sizes[number], sizes[largest] = 1, sizes[largest] - 1
    return sizes
