"""A full disk, a disk that fails, a disk that cannot be written: named, survived, gone on from."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.commands import fetch
from tests.faults import bench

if TYPE_CHECKING:
    from collections.abc import Iterator

_ROOT = os.geteuid() == 0
needs_root = pytest.mark.skipif(not _ROOT, reason="mounting a small disk takes root")
needs_strace = pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")
FS_IOC_SHUTDOWN = 0x8004587D  # linux: fs/ext4/ext4.h, _IOR('X', 125, __u32)
NOLOGFLUSH = 2


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[bench.World]:
    """Serve a small world."""
    yield from bench.world(tmp_path_factory.mktemp("world"), small=20, large=3 << 20, members=20)


@contextmanager
def mounted(at: Path, kind: str, options: str, device: str) -> Iterator[Path]:
    """Mount a disk for the test, and take it off again whatever happens."""
    at.mkdir(parents=True, exist_ok=True)
    if subprocess.run(["mount", "-t", kind, "-o", options, device, str(at)], check=False).returncode:
        pytest.skip(f"this machine mounts no {kind}")
    try:
        yield at
    finally:
        # A killed command's children end a moment later. Were the disk only hidden from view (`umount -l`), the next
        # mount of the same image would get the file system that was shut down, and every read an I/O error.
        for _ in range(300):
            if not subprocess.run(["umount", str(at)], check=False, stderr=subprocess.DEVNULL).returncode:
                break
            time.sleep(0.1)
        else:
            subprocess.run(["umount", "-l", str(at)], check=True)


@needs_root
@pytest.mark.slow
@pytest.mark.parametrize("limit", ["size=2500k", "size=64m,nr_inodes=14"])
def test_a_full_disk_is_named_and_gone_on_from(world: bench.World, tmp_path: Path, limit: str) -> None:
    """Exit 7, no wrong file, the record opens; with room again the same command completes."""
    with mounted(tmp_path / "disk", "tmpfs", limit, "tmpfs") as disk:
        home = disk / "home"
        world.prepare(home)
        ran = fetch(home, "get", "world", "--force", environ=world.environment(home))
        assert ran.status in (7, 9), ran.err
        assert "space" in ran.err
        assert "Traceback" not in ran.err
        assert bench.faults(home, world.truth) == []
        subprocess.run(["mount", "-o", "remount,size=64m,nr_inodes=4000", str(disk)], check=True)
        assert bench.run(world, home, ["get", "world"]) == 0
        assert bench.faults(home, world.truth, whole=True) == []


@needs_strace
@pytest.mark.slow
@pytest.mark.parametrize(
    ("call", "code"),
    [("write", "ENOSPC"), ("fsync", "EIO"), ("syncfs", "EIO"), ("renameat2", "EIO"), ("mkdir", "EACCES")],
)
def test_an_injected_error_costs_no_truth(world: bench.World, tmp_path: Path, call: str, code: str) -> None:
    """Whichever call fails: nothing that failed ends with 0 and a lie; the next run completes."""
    step = 1 if bench.FULL else 12
    for count in range(1, 60 if bench.FULL else 28, step):
        home = tmp_path / str(count)
        world.prepare(home)
        tracer = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}"]
        tracer += ["-e", f"inject={call}:error={code}:when={count}"]
        status = bench.run(world, home, ["get", "world"], tracer)
        assert status in (0, 1, 5, 7, 9), f"{call} {code} number {count}"
        assert bench.faults(home, world.truth, whole=status == 0) == [], f"{call} {code} number {count}"
        assert bench.run(world, home, ["get", "world"]) == 0
        assert bench.faults(home, world.truth, whole=True) == []


@needs_root
@pytest.mark.slow
def test_a_read_only_store_is_one_sentence(world: bench.World, tmp_path: Path) -> None:
    """The folder is named, its own status, no trace of calls."""
    with mounted(tmp_path / "disk", "tmpfs", "size=8m", "tmpfs") as disk:
        home = disk / "home"
        world.prepare(home)
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        ran = fetch(home, "get", "world", environ=world.environment(home))
        assert ran.status == 7, ran.err
        assert str(disk) in ran.err.replace("\n", "")
        assert "Traceback" not in ran.err


def _power_cuts(world: bench.World, tmp_path: Path, cuts: int, **environ: str) -> list[str]:
    """Cut the power in mid-run on a real ext4, remount, and say what does not hold."""
    image = tmp_path / "disk.img"
    found = []
    for cut in range(cuts):
        with image.open("wb") as file:
            file.truncate(64 << 20)
        if subprocess.run(["mkfs.ext4", "-q", "-F", str(image)], check=False).returncode:
            pytest.skip("no mkfs.ext4 on this machine")
        with mounted(tmp_path / "m", "ext4", "loop,data=ordered", str(image)) as disk:
            home = disk / "home"
            world.prepare(home)
            os.sync()
            with subprocess.Popen(
                [*_FETCH, "get", "world", "--jobs", "4"],
                env=world.environment(home, **environ),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            ) as process:
                acknowledged = _wait_for_rows(home, process)
                _shut_down(disk)
                process.kill()
        with mounted(tmp_path / "m", "ext4", "loop", str(image)) as disk:
            found += [f"cut {cut}: {fault}" for fault in bench.faults(disk / "home", world.truth)]
            kept = bench.rows(disk / "home/cache/manifest.sqlite")
            found += [f"cut {cut}: {name} was recorded and is lost" for name in acknowledged if name not in kept]
            if not environ:
                assert bench.run(world, disk / "home", ["get", "world"]) == 0
                found += bench.faults(disk / "home", world.truth, whole=True)
    return found


_FETCH = [sys.executable, "-m", "fetchers"]


def _wait_for_rows(home: Path, process: subprocess.Popen[bytes]) -> list[str]:
    """Wait until something is recorded; return what a reader was told then."""
    limit = time.monotonic() + 20
    found: list[str] = []
    while time.monotonic() < limit and process.poll() is None and not found:
        found = list(bench.rows(home / "cache/manifest.sqlite"))
        time.sleep(0.01)
    return found


def _shut_down(disk: Path) -> None:
    """End the file system as a power cut does: what was not flushed is gone."""
    libc = ctypes.CDLL(None, use_errno=True)
    descriptor = os.open(disk, os.O_RDONLY)
    try:
        flags = ctypes.c_uint32(NOLOGFLUSH)
        if libc.ioctl(descriptor, ctypes.c_ulong(FS_IOC_SHUTDOWN), ctypes.byref(flags)):
            pytest.skip("this kernel shuts no ext4 down")
    finally:
        os.close(descriptor)


@needs_root
@pytest.mark.slow
def test_a_power_cut_leaves_only_whole_files(tmp_path: Path) -> None:
    """No wrong byte under a final name, no row without its file, and the next run completes."""
    (tmp_path / "w").mkdir()
    for world in bench.world(tmp_path / "w", small=900, members=40):
        assert _power_cuts(world, tmp_path, 20 if bench.FULL else 2) == []


@needs_root
@pytest.mark.slow
def test_the_power_cut_bench_has_teeth(tmp_path: Path) -> None:
    """With fsync switched off by libeatmydata the same bench must find losses."""
    library = next(iter(Path("/usr/lib").glob("*/libeatmydata.so")), None)
    if library is None:
        pytest.skip("libeatmydata is not installed")
    (tmp_path / "w").mkdir()
    for world in bench.world(tmp_path / "w", small=900, members=40):
        assert _power_cuts(world, tmp_path, 3, LD_PRELOAD=str(library))
