"""Make datasets of the catalogue's tables.

Tables of TOML, already judged by `rules`, become the nouns of `dataset`. Keys and fields bear the same names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote

from fetchers.dataset import Citation, Dataset, Erratum, Licence, Listed, RemoteFile, Step
from fetchers.workspace.redact_text import showable

if TYPE_CHECKING:
    from fetchers.workspace.toml import Table

CHECKSUMS = ("sha256", "sha1", "md5")  # the strongest first: of several, it is the one that is checked
_USUAL = frozenset(("url", "path", "size", "sha256"))
_ROWS = {"steps": Step, "errata": Erratum, "citations": Citation}
# What a part does not take over: a count is of the whole, and so is what it was made from.
_OF_THE_WHOLE = ("parts", "aliases", "images", "patients", "made_from")


def merged(base: Table, over: Table) -> Table:
    """Lay one table over another: tables merge key by key, everything else (lists, too) replaces what was there."""
    result = dict(base)
    for key, value in over.items():
        before = result.get(key)
        result[key] = merged(before, value) if isinstance(value, dict) and isinstance(before, dict) else value
    return result


def dataset_of(name: str, table: Table) -> Dataset:
    """Make the dataset with its parts. A part takes over every key that it does not name, counts apart."""
    own = {key: value for key, value in table.items() if key not in _OF_THE_WHOLE}
    parts = tuple(_part(name, part, own, over) for part, over in table.get("parts", {}).items())
    return _dataset(name, None, {key: value for key, value in table.items() if key != "parts"}, parts)


def licence_of(identifier: str, table: Table, base: Licence | None = None) -> Licence:
    """Make a licence of its table; what the table does not say is as in `base`, use by use."""
    said: Table = {key: value if key == "text" else _frozen(value) for key, value in table.items()}
    if base is None:
        return Licence(id=identifier, **said)
    for key, before in (("uses", base.uses), ("reasons", base.reasons)):
        said[key] = {**before, **table.get(key, {})}
    return base._replace(**said)


def file_of(row: Table) -> RemoteFile:
    """Make a remote file of its row; without a `path` it bears the last component of its address."""
    if row.keys() == _USUAL:  # nearly all are, and there may be a hundred thousand
        return RemoteFile(row["url"], row["path"], row["size"], f"sha256:{row['sha256'].lower()}")
    checksum = None
    plain: Table = {}
    for key, value in row.items():
        if key in CHECKSUMS:
            continue
        plain[key] = tuple(value) if isinstance(value, list) else value
    for kind in CHECKSUMS:
        if kind in row:
            checksum = f"{kind}:{row[kind].lower()}"
            break
    if "path" not in plain:
        plain["path"] = name_in(row["url"])
    return RemoteFile(checksum=checksum, **plain)


def name_in(url: str) -> str:
    """Return the last component of an address, decoded: `x.zip` of `https://host/a/x.zip?download=1`; may be empty."""
    after = url.split("://", 1)[-1]
    path = after.split("#", 1)[0].split("?", 1)[0]
    return unquote(path.rsplit("/", 1)[1]) if "/" in path else ""


def _part(name: str, part: str, own: Table, over: Table) -> Dataset:
    table = merged(own, over)
    if table.get("access") == "open" and "steps" not in over:
        table.pop("steps", None)  # an open part of a gated dataset asks nothing of a person
    return _dataset(name, part, table, ())


def _dataset(name: str, part: str | None, table: Table, parts: tuple[Dataset, ...]) -> Dataset:
    fields: Table = {}
    for key, value in table.items():
        if key in _ROWS:
            fields[key] = tuple(_ROWS[key](**{field: _frozen(held) for field, held in row.items()}) for row in value)
        elif key == "files":
            fields[key] = tuple(map(file_of, value))
        elif key == "listed":
            fields[key] = Listed(**{field: showable(held) for field, held in value.items()})
        elif key == "options":  # by which its files are found
            fields[key] = value
        else:
            fields[key] = _frozen(value)
    return Dataset(name=name, part=part, parts=parts, **fields)


def _frozen(value: object) -> object:
    if isinstance(value, str):
        return showable(value)
    return tuple(value) if isinstance(value, list) else value
