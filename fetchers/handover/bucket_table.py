"""Put the table of the held files beside what is pushed."""

from __future__ import annotations

import hashlib
import io
import tempfile
from importlib.util import find_spec
from typing import TYPE_CHECKING

from fetchers.reports import file_table

if TYPE_CHECKING:
    from fetchers.handover.held_files import Files
    from fetchers.handover.push import Destination
    from fetchers.reports.file_table import Format
    from fetchers.transport.object_store import ObjectStore


def put_tables(files: Files, store: ObjectStore, target: Destination) -> tuple[str, ...]:
    """Put the table of the files beside them, named after its own content; as Parquet, too, where pyarrow is there."""
    kinds: list[Format] = ["csv"]
    if find_spec("pyarrow") is not None:
        kinds.append("parquet")
    keys = []
    for kind in kinds:
        with tempfile.TemporaryFile() as body:
            if kind == "parquet":
                file_table.write_parquet(files.relative(), body)
            else:
                text = io.TextIOWrapper(body, encoding="utf-8", newline="", write_through=True)
                file_table.write_csv(files.relative(), text)
                text.detach()
            size = body.tell()
            body.seek(0)
            sha256 = hashlib.file_digest(body, "sha256").hexdigest()
            body.seek(0)
            keys.append(f"{target.prefix}files-{sha256[:16]}.{kind}")
            store.put(keys[-1], body, size, sha256)
    return tuple(keys)
