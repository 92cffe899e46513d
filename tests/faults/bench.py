"""The parts of the fault bench: a small world to fetch from, and what must hold after any fault."""

from __future__ import annotations

import hashlib
import io
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import zipfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.internet import Internet

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

FULL = os.environ.get("FAULTS") == "full"
HOST = "https://data.example.org"
# What changes a disk. `write` covers the record as well as the bodies.
CHANGING = (
    "write",
    "pwrite64",
    "renameat2",
    "rename",
    "link",
    "linkat",
    "unlink",
    "unlinkat",
    "rmdir",
    "mkdir",
    "fsync",
    "fdatasync",
    "syncfs",
    "ftruncate",
    "fchmod",
    "chmod",
)


@dataclass(frozen=True, slots=True)
class World:
    """One dataset of plain files and a zip: its place, and what must be held in the end."""

    internet: Internet
    truth: Mapping[str, str]  # final path below the dataset's root -> SHA-256
    bodies: Mapping[str, bytes]  # remote path -> bytes

    def prepare(self, home: Path) -> None:
        """Make a workspace whose catalogue lists the dataset."""
        home.mkdir(parents=True, exist_ok=True)
        lines = ['[datasets.world]\ntitle = "World"\naccess = "open"\ncontainer = "mixed"\n']
        for name, body in self.bodies.items():
            digest = hashlib.sha256(body).hexdigest()
            lines.append(
                f'[[datasets.world.files]]\nurl = "{HOST}/{name}"\npath = "{name}"\n'
                f'size = {len(body)}\nsha256 = "{digest}"\n'
            )
        (home / "catalogue.toml").write_text("\n".join(lines), encoding="utf-8")

    def environment(self, home: Path, **more: str) -> dict[str, str]:
        """Return what a process needs to fetch from here into `home`."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith("FETCH_")}
        return {**clean, **self.internet.environment(), "FETCH_HOME": str(home), **more}


def world(folder: Path, *, small: int = 5, large: int = 0, members: int = 6) -> Iterator[World]:
    """Yield a world of `small` small files, one of `large` bytes and a zip with `members` members."""
    noise = random.Random(11)
    bodies = {f"plain/{number:03}.bin": noise.randbytes(3000 + number) for number in range(small)}
    truth = {name: hashlib.sha256(body).hexdigest() for name, body in bodies.items()}
    if large:
        bodies["large.bin"] = noise.randbytes(large)
        truth["large.bin"] = hashlib.sha256(bodies["large.bin"]).hexdigest()
    if members:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for number in range(members):
                body = noise.randbytes(5000 + number)
                archive.writestr(f"packed/deep/{number:03}.bin", body)
                truth[f"packed/deep/{number:03}.bin"] = hashlib.sha256(body).hexdigest()
        bodies["packed.zip"] = packed.getvalue()
    with Internet(folder) as internet:
        for name, body in bodies.items():
            internet.put(f"{HOST}/{name}", body)
        yield World(internet, truth, bodies)


def run(world_: World, home: Path, words: Sequence[str], before: Sequence[str] = (), **environ: str) -> int:
    """Run `fetch WORDS`, behind `before` (a tracer, a clock); return its exit status, negative for a signal."""
    done = subprocess.run(
        [*before, sys.executable, "-m", "fetchers", *words],
        env=world_.environment(home, **environ),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        timeout=120,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    return done.returncode


def faults(home: Path, truth: Mapping[str, str], *, whole: bool = False) -> list[str]:
    """Return what does not hold: a wrong byte under a final name, a row that claims more than the disk has.

    With `whole`, also what is missing, and what is left under way.
    """
    found = []
    root = home / "cache" / "world"
    held = {
        path.relative_to(root).as_posix(): _digest(path)
        for path in root.rglob("*")
        if path.is_file() and path.relative_to(root).parts[0] != "LICENCE"
    }
    found += [f"{name}: wrong bytes under a final name" for name, digest in held.items() if truth.get(name) != digest]
    claimed = rows(home / "cache" / "manifest.sqlite")
    found += [
        f"{name}: the row claims what the disk has not" for name, digest in claimed.items() if held.get(name) != digest
    ]
    if whole:
        found += [f"{name}: missing" for name in truth if name not in held]
        found += [f"{name}: no row" for name in truth if name not in claimed]
        left = [path for path in (home / "cache").rglob("*") if path.is_file() and ".partial" in path.parts]
        found += [f"{path.name}: left under way" for path in left]
    return found


def _digest(path: Path) -> str:
    """Return the SHA-256 of a file; one that a power cut made unreadable is lost."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        return f"cannot be read: {error.strerror}"


def rows(manifest: Path) -> dict[str, str]:
    """Read the record as a stranger would, from a copy, so that a hot journal of the original is not touched."""
    if not manifest.exists():
        return {}
    copy = Path(tempfile.mkdtemp()) / "seen.sqlite"
    try:
        for suffix in ("", "-journal"):
            source = manifest.with_name(manifest.name + suffix)
            with suppress(FileNotFoundError):  # a journal comes and goes with every transaction
                shutil.copy(source, copy.with_name(copy.name + suffix))
        connection = sqlite3.connect(copy)
        try:
            return dict(connection.execute("SELECT path, sha256 FROM files WHERE dataset = 'world'"))
        finally:
            connection.close()
    except (OSError, sqlite3.DatabaseError):  # not made yet, or lost: it claims nothing
        return {}
    finally:
        shutil.rmtree(copy.parent)
