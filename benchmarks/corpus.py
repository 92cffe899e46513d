"""How long do `files`, `lock`, `sync` and `overlap` take on large records?

    python benchmarks/corpus.py [FILES]

The rows are made, not fetched: two sets of FILES / 2 files, of which the second half shares its bytes. For `sync` 5,000
small files are served on loopback, fetched, locked, and brought to the same state again.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

from fetchers.records import Header, HeldFile
from fetchers.storage.record import rows
from fetchers.storage.record.manifest import Manifest

if TYPE_CHECKING:
    from collections.abc import Iterator

_SMALL = 5000
_ROUNDS = 3


def held(number: int, count: int) -> HeldFile:
    """Make one row; the two sets share a quarter of all bytes."""
    half = count // 2
    series, content = number // 200, number if number < half else number - half // 2
    header = Header(
        "1.2.840.10008.5.1.4.1.1.2", f"1.3.6.1.4.1.14519.{number:030}", f"1.3.6.1.4.1.14519.2{series // 3:020}",
        f"1.3.6.1.4.1.14519.3{series:020}", "CT", "CHEST", "1.2.840.10008.1.2.1", 512, 512, 1, 0.7, 0.7, 2.5,
    )  # fmt: skip
    return HeldFile(
        dataset=f"set{number // half}",
        part=None,
        path=f"{series:06}/1-{number % 200:03}.dcm",
        size=526_000,
        sha256=hashlib.sha256(str(content).encode()).hexdigest(),
        mtime_ns=number,
        kind="dicom",
        origin="downloaded",
        remote=f"{series}.zip",
        acquired_at="2026-11-25T08:00:00Z",
        proof="checksum",
        licence="CC-BY-4.0",
        header=header,
        patient=hashlib.sha256(str(series // 5).encode()).hexdigest()[:32],
    )


def record(store: Path, count: int) -> None:
    """Write a record of `count` rows, past the journal."""
    store.mkdir(parents=True)
    with Manifest.open(store, write=True):
        pass
    connection = sqlite3.connect(store / "manifest.sqlite", isolation_level=None)
    marks = ",".join("?" * len(rows.file_row(held(0, count))))
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("BEGIN")
    made: Iterator[tuple[object, ...]] = (rows.file_row(held(number, count)) for number in range(count))
    connection.executemany(f"INSERT INTO files VALUES ({marks})", made)
    connection.execute("COMMIT")


def timed(home: Path, *words: str, status: int = 0) -> tuple[float, float, float]:
    """Run one command; give seconds on the wall and of the processor, and MiB of the largest process."""
    best = (1e9, 1e9, 0.0)
    for _ in range(_ROUNDS):
        begun = time.perf_counter()
        command = [sys.executable, "-m", "fetchers", "--home", str(home), *words]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, code, usage = os.wait4(process.pid, 0)
        if os.waitstatus_to_exitcode(code) != status:
            raise SystemExit(f"{words}: {os.waitstatus_to_exitcode(code)}")
        best = min(best, (time.perf_counter() - begun, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024))
    return best


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Say nothing."""


def served(folder: Path) -> Path:
    """Serve small files and give a home that lists them."""
    files = folder / "served"
    files.mkdir()
    for number in range(_SMALL):
        (files / f"{number:05}.csv").write_text(f"id,x\n{number},{number}\n")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=os.fspath(files)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_address[1]}"
    home = folder / "home"
    home.mkdir()
    listed = "".join(f'[[datasets.small.files]]\nurl = "{address}/{number:05}.csv"\n' for number in range(_SMALL))
    (home / "catalogue.toml").write_text(f'[datasets.small]\ntitle = "Small"\naccess = "open"\n{listed}')
    return home


def main() -> None:
    """Print the table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as folder:
        where = Path(folder)
        record(where / "large" / "cache", count)
        print("| command | s | s of the processor | MiB |\n|---|---:|---:|---:|")
        commands = {
            f"fetch files --parquet, {count:,} files": ("files", "--parquet", os.fspath(where / "files.parquet")),
            f"fetch lock, {count:,} files": ("lock", "-o", os.fspath(where / "large.lock")),
            f"fetch overlap --no-pixels, {count:,} files": ("overlap", "--no-pixels", "--json"),
        }
        for name, words in commands.items():
            wall, spent, memory = timed(where / "large", *words)
            print(f"| {name} | {wall:.2f} | {spent:.2f} | {memory:.0f} |", flush=True)
        home = served(where)
        subprocess.run([sys.executable, "-m", "fetchers", "--home", str(home), "-q", "get", "small"], check=True)
        lock = os.fspath(where / "small.lock")
        timed(home, "lock", "-o", lock)
        for name, words in {"get again": ("get", "small"), "sync of what is held": ("sync", lock)}.items():
            wall, spent, memory = timed(home, *words)
            print(f"| fetch {name}, {_SMALL:,} files | {wall:.2f} | {spent:.2f} | {memory:.0f} |", flush=True)


if __name__ == "__main__":
    main()
