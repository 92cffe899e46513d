"""Decide how much of an earlier run's bytes can be trusted.

While a body arrives, its running SHA-256 is noted every few MiB, and at its end. Read again, it is believed up to the
last note that agrees: a tail that a crash or a power cut tore is dropped, whatever the file's size says.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, NamedTuple

from fetchers.storage.link_errors import LinkInTheWayError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from hashlib import _Hash
    from typing import BinaryIO

    from fetchers.storage.safe_folder import SafeFolder

_CHUNK = 1 << 20
_MOST = 64 << 20  # bytes of notes: a line of 100 for every 4 MiB makes those of a file of 2 TiB


class Believed(NamedTuple):
    """What is confirmed: `offset` bytes, with the hashes as they stand there; `whole` where the body had its end."""

    offset: int
    whole: bool
    hashes: list[_Hash]
    head: bytes
    validator: str | None
    total: int | None


def believe(store: SafeFolder, folder: str, hashes: Sequence[_Hash], head: int) -> Believed | None:
    """Read `body` in `folder` again and hold it against `state`; the first of `hashes` is the SHA-256.

    None where nothing is confirmed. The unconfirmed rest is cut off. Raises `OSError` where there is nothing to read.
    """
    facts = _facts(store, folder)
    first = facts[0] if facts else {}
    marks = {at: fact["sha256"] for fact in facts if (at := _size(fact.get("at"))) is not None and "sha256" in fact}
    whole = next((size for fact in facts if (size := _size(fact.get("whole"))) is not None), None)
    running = [one.copy() for one in hashes]
    good, kept, complete = 0, [one.copy() for one in running], False
    with store.file(f"{folder}/body", os.O_RDWR, "r+b") as file:
        for mark in sorted(marks):
            _feed(file, mark - good, running)
            if running[0].hexdigest() != marks[mark]:
                break
            good, kept = mark, [one.copy() for one in running]
        if whole is not None and os.fstat(file.fileno()).st_size == whole:
            file.seek(good)
            _feed(file, whole - good, kept)
            good, complete = whole, True
        file.seek(0)
        begins = file.read(min(head, good))
        file.truncate(good)
    if not good:
        return None
    validator, total = first.get("validator"), first.get("total")
    return Believed(
        offset=good,
        whole=complete,
        hashes=kept,
        head=begins,
        validator=validator if isinstance(validator, str) else None,
        total=_size(total),
    )


class Noted(NamedTuple):
    """What is known of a body that was whole: its SHA-256, its validator, and the size that was said, in bytes."""

    sha256: str
    validator: str | None
    total: int | None


def gone_on(store: SafeFolder, folder: str) -> Noted | None:
    """Return what is known of the complete body that was in `folder` and is gone.

    It has got its final name, by a run that died before it could record that.
    """
    try:
        if store.exists(f"{folder}/body"):
            return None
        facts = _facts(store, folder)
    except LinkInTheWayError:
        raise
    except OSError:
        return None
    sha256 = next((str(fact["sha256"]) for fact in facts if "whole" in fact and "sha256" in fact), None)
    if sha256 is None:
        return None
    validator, total = facts[0].get("validator"), facts[0].get("total")
    return Noted(
        sha256,
        validator if isinstance(validator, str) else None,
        _size(total),
    )


def _feed(file: BinaryIO, count: int, hashes: Sequence[_Hash]) -> None:
    for chunk in _chunks(file, count):
        for one in hashes:
            one.update(chunk)


def _facts(store: SafeFolder, folder: str) -> list[dict[str, object]]:
    """Read the notes, as if a stranger had written them: up to the first line that is none of ours."""
    facts: list[dict[str, object]] = []
    with store.read(f"{folder}/state") as file:
        notes = file.read(_MOST)
    for line in notes.splitlines():
        try:
            fact = json.loads(line)
        except (ValueError, RecursionError):
            break  # the last line may be torn
        if isinstance(fact, dict):
            facts.append(fact)
    return facts


def _size(value: object) -> int | None:
    """Return a count of bytes as it was noted; None for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 63 else None


def _chunks(file: BinaryIO, count: int) -> Iterator[bytes]:
    while count > 0:
        chunk = file.read(min(count, _CHUNK))
        if not chunk:
            return
        count -= len(chunk)
        yield chunk
