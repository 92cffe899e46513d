"""Where do the targets lie, so that no command pays for what another one left?

On an ext4 as mkfs makes it, mounted for the time of the benchmarks, where root can do that; else in a plain folder. An
ext4 without a journal (a virtual machine's root often has none) passes over inodes that were freed in the last minutes:
each command would pay for the files of the one before it. So targets of many files are put aside, and removed at the
end of a workload.
"""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import time
from typing import TYPE_CHECKING, Self

from web import DATA

if TYPE_CHECKING:
    from pathlib import Path

MOUNT = DATA / "disk"
TARGET = MOUNT / "target"
_IMAGE = DATA / "disk.img"
_BYTES = 24 << 30
_FEW = 100  # entries whose removal is no burden
_aside = itertools.count()


class Disk:
    """A context manager: the disk is there while it is open. `kind` says in words what it is."""

    kind = "a plain folder of this machine's disk"

    def __init__(self, size: int = _BYTES) -> None:
        self._size = size

    def __enter__(self) -> Self:
        MOUNT.mkdir(parents=True, exist_ok=True)
        self._device = self._mounted() if os.geteuid() == 0 else None
        if self._device:
            self.kind = "an ext4 with a journal on a loop device"
        return self

    def __exit__(self, *exception: object) -> None:
        clear()
        if self._device:
            subprocess.run(["umount", str(MOUNT)], check=True)
            subprocess.run(["losetup", "--detach", self._device], check=True)
            _IMAGE.unlink()

    def _mounted(self) -> str | None:
        """Mount it and give its device. The image is used past the page cache, or all would lie there twice."""
        with _IMAGE.open("wb") as image:
            os.posix_fallocate(image.fileno(), 0, self._size)
        try:
            found = _done("losetup", "--find", "--show", "--direct-io=on", _IMAGE)
            device = found.stdout.strip()
            _done("mkfs.ext4", "-q", "-E", "lazy_itable_init=0", device)
            _done("mount", device, MOUNT)
        except (OSError, subprocess.CalledProcessError):
            return None
        return device


def _done(*argv: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(argv, check=True, capture_output=True, text=True)


def empty() -> None:
    """Give an empty target."""
    if TARGET.exists() and sum(len(files) for _, _, files in os.walk(TARGET)) > _FEW:
        TARGET.rename(MOUNT / f"aside-{next(_aside)}")
    else:
        shutil.rmtree(TARGET, ignore_errors=True)
    TARGET.mkdir(parents=True)


def clear() -> None:
    """Remove what was put aside, and let the disk come to rest."""
    for folder in MOUNT.glob("aside-*"):
        shutil.rmtree(folder)
    shutil.rmtree(TARGET, ignore_errors=True)
    os.sync()
    time.sleep(1)
