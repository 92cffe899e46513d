"""List the files in folders of an FTP server: ftp://figment.csee.usf.edu/pub/DDSM/cases/

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
from fetchers.errors import AccessError, CatalogueError, FetchError, NothingMatched, SourceError
from fetchers.source import Refused, Source
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
    """One line of a listing: `kind` is file, folder or other (links, devices); `size` is bytes, of files alone.

    The server knows it by the bytes of `name` in `encoding`.
    """

    name: str
    kind: str
    size: int | None
    encoding: str = "utf-8"

    @property
    def quoted(self) -> str:
        """The name as it stands in an address."""
        return quote(self.name.encode(self.encoding))


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
            yield first.name, "folder"
            for second in _folders(f"{root}{first.quoted}/", client):
                yield second.name, f"folder of {first.name}"

    def _listing(self, address: str, path: str, client: httpx.Client) -> list[Entry]:
        """Ask for one folder; one below the root that the server does not open costs itself alone."""
        try:
            return listing(address, client, self.refused)
        except FetchError as error:
            if not path or not _refused(error):
                raise
            self.refused.add(path, error)
            return []

    def _below(self, address: str, path: str, client: httpx.Client, depth: int = 0) -> Iterator[RemoteFile]:
        if depth > _DEEPEST:
            raise json_answers.faulty(address, f"more than {_DEEPEST} folders in one another")
        for entry in self._listing(address, path, client):
            if entry.kind == "file":
                yield RemoteFile(url=f"{address}{entry.quoted}", path=path + entry.name, size=entry.size)
            elif entry.kind == "folder":
                below = f"{address}{entry.quoted}/"
                yield from self._below(below, f"{path}{entry.name}/", client, depth + 1)
            else:
                self.remarks.append(f"{path}{entry.name} is a link or a device and was left out")


def listing(address: str, client: httpx.Client, refused: Refused | None = None) -> list[Entry]:
    """Ask for one folder. A line that is not understood, or names what no file may be called, is put into `refused`.

    Raises `SourceError` where no line is one of a listing: then it is a page, or nothing.
    """
    entries, strange = [], []
    for raw in re.split(rb"\r?\n", client.get(address).content):  # a lone carriage return may be part of a name
        line, encoding = _decoded(raw)
        if not line.strip() or re.fullmatch(r"total \d+", line.strip()):
            continue
        entry = _entry(line, encoding)
        if entry is None or "/" in entry.name or "\\" in entry.name or not entry.name.isprintable():
            strange.append((entry.name if entry else line[:120], f"a line that no listing has: {line[:120]!r}"))
        else:
            entries.append(entry)
    for name, what in strange:
        error = json_answers.faulty(address, what)
        if refused is None or not entries:
            raise error
        refused.add(name, error)
    return [entry for entry in entries if entry.name not in (".", "..")]


def _refused(error: FetchError) -> bool:
    """Return True if the server answered, and said that there is no such folder or that it is closed."""
    return isinstance(error, AccessError | SourceError) or ": 550: " in error.what


def _decoded(line: bytes) -> tuple[str, str]:
    """Decode one line; return the encoding, too, in which its name is the bytes that the server knows it by."""
    try:
        return line.decode(), "utf-8"
    except UnicodeDecodeError:
        return line.decode("latin-1"), "latin-1"


def _entry(line: str, encoding: str) -> Entry | None:
    if found := _LS.fullmatch(line):
        kind = {"-": "file", "d": "folder"}.get(found["kind"], "other")
        name = found["name"].partition(" -> ")[0] if found["kind"] == "l" else found["name"]
        return Entry(name=name, kind=kind, size=int(found["size"]) if kind == "file" else None, encoding=encoding)
    if found := _FACTS.fullmatch(line.lstrip()):
        facts = dict(fact.split("=", 1) for fact in found["facts"].rstrip(";").lower().split(";"))
        kind = {"file": "file", "dir": "folder", "cdir": "folder", "pdir": "folder"}.get(facts.get("type", ""), "other")
        name = {"cdir": ".", "pdir": ".."}.get(facts.get("type", ""), found["name"])
        said = facts.get("size", "")
        size = int(said) if kind == "file" and said.isdecimal() else None
        return Entry(name=name, kind=kind, size=size, encoding=encoding)
    if found := _DOS.fullmatch(line):
        if found["folder"]:
            return Entry(name=found["name"], kind="folder", size=None, encoding=encoding)
        return Entry(name=found["name"], kind="file", size=int(found["size"]), encoding=encoding)
    return None


def _root(dataset: Dataset) -> str:
    root = dataset.options.get("root")
    if not isinstance(root, str) or not root.startswith(("ftp://", "ftps://")):
        raise CatalogueError(
            f"{dataset.address}: options.root should be an address of FTP and is {root!r}",
            hint=f'[datasets.{dataset.name}.options] root = "ftp://host/folder/"',
        )
    return root.rstrip("/") + "/"


def _folders(address: str, client: httpx.Client) -> list[Entry]:
    return [entry for entry in listing(address, client, Refused()) if entry.kind == "folder"]


def _folder(dataset: Dataset, root: str, client: httpx.Client) -> str:
    """Find the folder that a part means, on the first level or the second."""
    part = dataset.part or ""
    first = _folders(root, client)
    for folder in first:
        if folder.name == part:
            return f"{root}{folder.quoted}/"
    for folder in first:
        above = f"{root}{folder.quoted}/"
        for second in _folders(above, client):
            if second.name == part:
                return f"{above}{second.quoted}/"
    raise NothingMatched(
        f"{dataset.address}: no folder {part!r} below {root}",
        hint=f"there are: {', '.join(folder.name for folder in first)}, and the folders in them",
    )
