"""Which files lie in the folders of an FTP server? ftp://figment.csee.usf.edu/pub/DDSM/cases/

`options.root` is the folder. It is walked depth first, one listing at a time and only as far as somebody reads on, so
that `--limit` ends early. A part is a folder of the first level or of the second, DDSM's classes and volumes:
`ddsm/cancers`, `ddsm/normal_08`. DDSM's server takes ten users at once; four connections leave room for others.

A listing is what the server likes to write. Three kinds are understood: that of `ls -l`, that of MLSD, and DOS's.
Links are not followed, and that is said: one that leads upwards would have no end.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from fetchers.dataset import Dataset, RemoteFile, Selection
from fetchers.errors import CatalogueError, NothingMatched
from fetchers.source import Source
from fetchers.sources import json_answers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import httpx

_DEEPEST = 32
_LS = re.compile(
    r"(?P<kind>[-dlbcps])[-rwxsStTl]{9}[.+@]?\s+\d+\s+(?:\S+\s+){1,2}?(?P<size>\d+)\s+"
    r"(?:[^\s\d]\S*\s+\d{1,2}\.?|\d{1,2}\.?\s+[^\s\d]\S*|\d{4}-\d\d-\d\d)\s+(?:\d{1,2}:\d\d(?::\d\d)?|\d{4})\s(?P<name>.+)"
)
_DOS = re.compile(r"\d\d-\d\d-\d{2,4}\s+\d\d:\d\d(?:[AP]M)?\s+(?:(?P<folder><DIR>)|(?P<size>\d+))\s+(?P<name>.+)")
_FACTS = re.compile(r"(?P<facts>(?:[A-Za-z.-]+=[^;]*;)+) (?P<name>.+)")


class Entry(NamedTuple):
    """One line of a listing: `kind` is file, folder or other (links, devices); `size` is bytes, of files alone."""

    name: str
    kind: str
    size: int | None


class Ftp(Source):
    """A tree of folders; sizes are promised, checksums are not."""

    connections = 4

    def files(self, dataset: Dataset, wanted: Selection, client: httpx.Client) -> Iterator[RemoteFile]:
        """Yield the files of the tree, or of the folder that the part names, as the walk comes to them."""
        del wanted
        root = _root(dataset)
        yield from self._below(_folder(dataset, root, client) if dataset.part else root, "", client)

    def parts(self, dataset: Dataset, client: httpx.Client) -> Iterable[tuple[str, str]]:
        """Yield the folders of the first and second level; all of them can be parts."""
        root = _root(dataset)
        for first in _folders(root, client):
            yield first, "folder"
            for second in _folders(f"{root}{_quoted(first)}/", client):
                yield second, f"folder of {first}"

    def _below(self, address: str, path: str, client: httpx.Client, depth: int = 0) -> Iterator[RemoteFile]:
        if depth > _DEEPEST:
            raise json_answers.faulty(address, f"more than {_DEEPEST} folders in one another")
        for entry in listing(address, client):
            if entry.kind == "file":
                yield RemoteFile(url=f"{address}{_quoted(entry.name)}", path=path + entry.name, size=entry.size)
            elif entry.kind == "folder":
                below = f"{address}{_quoted(entry.name)}/"
                yield from self._below(below, f"{path}{entry.name}/", client, depth + 1)
            else:
                self.remarks.append(f"{path}{entry.name} is a link or a device and was left out")


def listing(address: str, client: httpx.Client) -> list[Entry]:
    """Ask for one folder. Raises `SourceError` with the line that is none of a listing."""
    body = client.get(address).content
    try:
        text = body.decode()
    except UnicodeDecodeError:
        text = body.decode("latin-1")
    entries = []
    for line in text.splitlines():
        if not line.strip() or re.fullmatch(r"total \d+", line.strip()):
            continue
        entry = _entry(line)
        if entry is None or "/" in entry.name or "\\" in entry.name or not entry.name.isprintable():
            raise json_answers.faulty(address, f"a line that no listing has: {line[:120]!r}")
        if entry.name not in (".", ".."):
            entries.append(entry)
    return entries


def _entry(line: str) -> Entry | None:
    if found := _LS.fullmatch(line):
        kind = {"-": "file", "d": "folder"}.get(found["kind"], "other")
        name = found["name"].partition(" -> ")[0] if found["kind"] == "l" else found["name"]
        return Entry(name=name, kind=kind, size=int(found["size"]) if kind == "file" else None)
    if found := _FACTS.fullmatch(line.lstrip()):
        facts = dict(fact.split("=", 1) for fact in found["facts"].rstrip(";").lower().split(";"))
        kind = {"file": "file", "dir": "folder", "cdir": "folder", "pdir": "folder"}.get(facts.get("type", ""), "other")
        name = {"cdir": ".", "pdir": ".."}.get(facts.get("type", ""), found["name"])
        size = facts.get("size", "")
        return Entry(name=name, kind=kind, size=int(size) if kind == "file" and size.isdecimal() else None)
    if found := _DOS.fullmatch(line):
        if found["folder"]:
            return Entry(name=found["name"], kind="folder", size=None)
        return Entry(name=found["name"], kind="file", size=int(found["size"]))
    return None


def _root(dataset: Dataset) -> str:
    root = dataset.options.get("root")
    if not isinstance(root, str) or not root.startswith(("ftp://", "ftps://")):
        raise CatalogueError(
            f"{dataset.address}: options.root should be an address of FTP and is {root!r}",
            hint=f'[datasets.{dataset.name}.options] root = "ftp://host/folder/"',
        )
    return root.rstrip("/") + "/"


def _folders(address: str, client: httpx.Client) -> list[str]:
    return [entry.name for entry in listing(address, client) if entry.kind == "folder"]


def _folder(dataset: Dataset, root: str, client: httpx.Client) -> str:
    """Find the folder that a part means, on the first level or the second."""
    part = dataset.part or ""
    first = _folders(root, client)
    if part in first:
        return f"{root}{_quoted(part)}/"
    for name in first:
        above = f"{root}{_quoted(name)}/"
        if part in _folders(above, client):
            return f"{above}{_quoted(part)}/"
    raise NothingMatched(
        f"{dataset.address}: no folder {part!r} below {root}",
        hint=f"there are: {', '.join(first)}, and the folders in them",
    )


def _quoted(name: str) -> str:
    return quote(name, encoding="utf-8")
