"""Hand a corpus on with its papers: a Croissant or SPDX file, an RO-Crate, a bag with the files and their hashes."""

from __future__ import annotations

import hashlib
import io
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from fetchers.acquire.lock_file import lines
from fetchers.acquire.locking import locked
from fetchers.document import document
from fetchers.handover.corpus_entry import corpus_entry
from fetchers.handover.corpus_facts import facts
from fetchers.handover.held_files import Files, held_of, store_of
from fetchers.handover.output_path import refuse_own
from fetchers.inspection.stores import Stores
from fetchers.reports import file_table
from fetchers.reports.croissant import croissant
from fetchers.reports.ro_crate import ro_crate
from fetchers.reports.spdx_document import spdx
from fetchers.storage import layout
from fetchers.storage.publish.atomic_text import write_text
from fetchers.storage.publish.view_folder import view_folder

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from fetchers.context import Context
    from fetchers.handover.corpus_facts import Facts
    from fetchers.reports.corpus_entries import Entry

Format = Literal["croissant", "ro-crate", "bagit", "spdx"]
FORMATS: tuple[Format, ...] = ("croissant", "ro-crate", "bagit", "spdx")
_LICENCES = "licences"
_BAG = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"


class Exported(NamedTuple):
    """The path of the export; `files` counts the files that it describes, or holds."""

    format: Format
    path: str
    files: int
    exit: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Return the verb's JSON document."""
        return dict(document(self))


def run(context: Context, names: Sequence[str], kind: Format, to: Path) -> Exported:
    """Export `names`, or all that is held, to the file or folder `to`.

    Raise `NothingMatched` where nothing is held, `CatalogueError` for a folder that has something in it.
    """
    refuse_own(context, to)
    found = facts(context, names)
    with Stores(context) as stores:
        entries = [corpus_entry(stores, one) for one in found]
    remotes = sum(len(entry.remotes) for entry in entries)
    if kind == "croissant":
        write_text(to, croissant(entries))
    elif kind == "spdx":
        digest = hashlib.sha256(repr(entries).encode()).hexdigest()
        namespace = f"https://spdx.org/spdxdocs/fetch-imaging-{digest[:32]}"
        write_text(to, spdx(entries, context.stamp, namespace))
    elif kind == "ro-crate":
        _crate(context, names, entries, to)
    else:
        return Exported(kind, str(to), _bag(context, names, found, to))
    return Exported(kind, str(to), remotes)


def _crate(context: Context, names: Sequence[str], entries: Sequence[Entry], to: Path) -> None:
    """Make the folder: the metadata, the lock, the table of files, the licence texts."""
    texts = _papers(context, names, entries)
    files = {name: (len(text.encode()), kind, what) for name, (text, kind, what) in texts.items()}
    with view_folder(to, "copy", private=False) as folder:
        for name, (text, _, _) in texts.items():
            folder.write(name, text)
        folder.write("ro-crate-metadata.json", ro_crate(entries, files))


def _papers(context: Context, names: Sequence[str], entries: Sequence[Entry]) -> dict[str, tuple[str, str, str]]:
    """Return what goes with a corpus, by name: the text, its media type, what it is."""
    held = held_of(context, names)
    with Stores(context) as stores:
        manifests = ([manifest for _, manifest in stores.holding(one)] for one in held)
        lock = "".join(lines(locked(one, each.dataset) for one, each in zip(manifests, held, strict=True)))
    table = io.StringIO()
    file_table.write_csv(Files(context, held).relative(), table)
    found = {
        "fetch.lock": (lock, "application/jsonl", "exactly which bytes: fetch sync fetch.lock"),
        "files.csv": (table.getvalue(), "text/csv", "one row for each file"),
    }
    for term in {term.id: term for entry in entries for term in entry.terms if term.text}.values():
        found[f"{_LICENCES}/{term.id}.txt"] = (term.text, "text/plain", f"the text of {term.id}")
    return found


def _bag(context: Context, names: Sequence[str], found: Sequence[Facts], to: Path) -> int:
    """Make a bag (RFC 8493) of copies of all files; their hashes are the record's."""
    held = held_of(context, names)
    with Stores(context) as stores:
        entries = [corpus_entry(stores, one) for one in found]
    papers = _papers(context, names, entries)
    private = False
    rows, size = [], 0
    with view_folder(to, "copy", private=private) as folder:
        for row in Files(context, held):
            path = f"data/{row.dataset}{f'/{row.part}' if row.part else ''}/{row.path}"
            folder.add(store_of(row), f"{layout.below(row.dataset, row.part)}/{row.path}", path)
            rows.append(f"{row.sha256}  {_escaped(path)}\n")
            size += row.size
        tags = {
            "bagit.txt": _BAG,
            "bag-info.txt": f"Bagging-Date: {context.now.date().isoformat()}\nPayload-Oxum: {size}.{len(rows)}\n"
            "Bag-Software-Agent: fetch-imaging\n",
            "manifest-sha256.txt": "".join(sorted(rows, key=lambda row: row[66:])),
            **{name: text for name, (text, _, _) in papers.items()},
        }
        for name, text in tags.items():
            folder.write(name, text)
        sums = [f"{hashlib.sha256(text.encode()).hexdigest()}  {name}\n" for name, text in tags.items()]
        folder.write("tagmanifest-sha256.txt", "".join(sums))
    return len(rows)


def _escaped(path: str) -> str:
    """Write a path as RFC 8493, 2.1.3 wants it."""
    return path.replace("%", "%25").replace("\n", "%0A").replace("\r", "%0D")
