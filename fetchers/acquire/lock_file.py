"""Write and read `fetch.lock`: JSON lines in a fixed order that say exactly which bytes a corpus consists of.

    {"lock":1}
    {"dataset":"x","part":null,"source":"listed","table":{...},"version":null}     what it is, as the catalogue has it
    {"licence":"CC-BY-4.0","sha256":"..."}                                         the text as it was seen
    {"remote":"a.zip","url":"https://...","size":1,"sha256":"..."}                 what was handed out
    {"member":"a/b.dcm","remote":"a.zip","sha256":"...","size":1}                  what is held of it

Nothing in it is a day, a path of this machine or a secret: two locks of one state are equal byte for byte. What is read
back is checked as if a stranger had written it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from fetchers.checks.formats.safe_names import safe_path
from fetchers.errors import CatalogueError, ContentError
from fetchers.transport.redaction import redact

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import BinaryIO

VERSION = 1
_LONGEST = 1 << 20  # bytes of one line
_MOST_DATASETS = 100_000
_HEX = frozenset("0123456789abcdef")
_decode = json.JSONDecoder().decode  # `json.loads` looks for the encoding of each line first


class LockedRemote(NamedTuple):
    """One remote file. `url` is None for what a person brought; `sha256` None where a place packs it anew each time."""

    path: str
    url: str | None
    size: int | None
    sha256: str | None
    unpack: bool = True
    into: str = ""
    joins: str | None = None
    hashes: str | None = None
    series: str | None = None


class LockedMember(NamedTuple):
    """One held file, and the remote file that it came in."""

    path: str
    remote: str
    sha256: str
    size: int


class LockedDataset(NamedTuple):
    """One dataset or part. `table` describes it as the catalogue does, for a home that does not know it."""

    dataset: str
    part: str | None
    source: str
    version: str | None
    table: dict[str, Any]
    licences: list[tuple[str, str | None]]
    remotes: list[LockedRemote]
    members: list[LockedMember]


def lines(datasets: Iterable[LockedDataset]) -> Iterator[str]:
    """Yield the lines of a lock, each with its end; the datasets come in their order."""
    encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode
    yield encode({"lock": VERSION}) + "\n"
    for one in datasets:
        head = {"dataset": one.dataset, "part": one.part, "source": one.source, "version": one.version}
        yield encode({**head, "table": one.table}) + "\n"
        for licence, sha256 in one.licences:
            yield encode({"licence": licence, "sha256": sha256}) + "\n"
        for remote in one.remotes:
            said = {name: value for name, value in remote._asdict().items() if value not in (None, "", True)}
            said["remote"] = said.pop("path")
            if remote.url is not None:
                said["url"] = redact(remote.url)
            yield encode(said) + "\n"
        for member in one.members:
            said = {"member": member.path, "remote": member.remote, "sha256": member.sha256, "size": member.size}
            yield encode(said) + "\n"


def read(file: BinaryIO, name: str) -> list[LockedDataset]:
    """Return what a lock says; raise `CatalogueError` with the line of what cannot be."""
    found: list[LockedDataset] = []
    number = 0
    while raw := file.readline(_LONGEST):
        number += 1
        try:
            _take(_parsed(raw), found, first=number == 1)
        except (ValueError, KeyError, TypeError, ContentError, RecursionError) as error:
            what = error.what if isinstance(error, ContentError) else str(error) or type(error).__name__
            raise CatalogueError(f"{name}, line {number}: {what}", hint="fetch lock -o FILE   (writes one)") from None
    if not number:
        raise CatalogueError(f"{name} is empty: no lock", hint="fetch lock -o FILE   (writes one)")
    return found


def _parsed(raw: bytes) -> dict[str, Any]:
    if not raw.endswith(b"\n"):
        raise ValueError("the line does not end: it was cut off, or is too long")
    row = _decode(raw.decode())
    if not isinstance(row, dict):
        raise TypeError("expected an object")
    return row


def _take(row: dict[str, Any], found: list[LockedDataset], *, first: bool) -> None:
    if first:
        if row.get("lock") != VERSION:
            raise ValueError(f"this is no lock of version {VERSION}")
    elif "dataset" in row:
        if len(found) >= _MOST_DATASETS:
            raise ValueError("too many datasets")
        found.append(
            LockedDataset(
                dataset=_text(row["dataset"]),
                part=_maybe(row.get("part")),
                source=_text(row["source"]),
                version=_maybe(row.get("version")),
                table=_table(row["table"]),
                licences=[],
                remotes=[],
                members=[],
            )
        )
    elif not found:
        raise ValueError("it belongs to no dataset")
    elif "licence" in row:
        found[-1].licences.append((_text(row["licence"]), _hash(row.get("sha256"))))
    elif "member" in row:
        sha256 = _hash(row["sha256"])
        if sha256 is None:
            raise ValueError("a member has a hash")
        member = LockedMember(_path(row["member"]), _text(row["remote"]), sha256, _size(row["size"]) or 0)
        found[-1].members.append(member)
    else:
        found[-1].remotes.append(_remote(row))


def _remote(row: dict[str, Any]) -> LockedRemote:
    return LockedRemote(
        path=_path(row["remote"]),
        url=_maybe(row.get("url")),
        size=_size(row.get("size")),
        sha256=_hash(row.get("sha256")),
        unpack=row.get("unpack", True) is True,
        into=_path(row["into"]) if row.get("into") else "",
        joins=_maybe(row.get("joins")),
        hashes=_maybe(row.get("hashes")),
        series=_maybe(row.get("series")),
    )


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError("expected a text")
    return value


def _maybe(value: object) -> str | None:
    return None if value is None else _text(value)


def _path(value: object) -> str:
    text = _text(value)
    safe_path(text)
    return text


def _table(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError("expected a table")
    return value


def _size(value: object) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 1 << 62:
        raise ValueError("expected a size in bytes")
    return value


def _hash(value: object) -> str | None:
    if value is None:
        return None
    text = _text(value)
    if len(text) != 64 or not _HEX.issuperset(text):  # noqa: PLR2004 - digits of a SHA-256
        raise ValueError("expected a SHA-256")
    return text
