"""System calls that Python does not have everywhere, and what stands in for a missing one.

Each is looked for once, when it is first wanted; nothing else in the package asks for a platform.

    openat2, renameat2     one call each    -> folder by folder; a hard link, which refuses a taken name as well
    syncfs, sync_range     for a crowd      -> fsync of each file
    full_fsync             macOS            -> fsync, which elsewhere reaches the disk by itself
    prctl                  die with parent  -> a thread that looks for the parent
    proc                   /proc            -> `ps`; the path of an open file in place of its descriptor
    affinity               cores we may use -> cores that there are
    path_only, no_atime    flags of open    -> open to read
    access                 a quick look     -> stat
    fork                   beside the downloader -> threads

The tests run once more with all of them hidden (`pytest --masked`).
"""

from __future__ import annotations

import errno
import os
import sys
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

_RENAME_NOREPLACE, _RENAME_EXCL = 1, 4  # linux/fs.h, macOS's sys/stdio.h
_OPENAT2 = 437  # of the call: the same on every architecture that has it
_RESOLVE = 0x08 | 0x04 | 0x02  # linux/openat2.h: BENEATH, NO_SYMLINKS, NO_MAGICLINKS
_SYNC_FILE_RANGE_WRITE = 2  # linux/fs.h: start writeback, do not wait
_REPORTS_ERRORS = (5, 8)  # the first Linux whose syncfs reports a failed write
_F_FULLFSYNC = 51  # macOS's sys/fcntl.h
_Found = TypeVar("_Found")
_hidden: set[str] = set()  # by tests
_probes: list[Callable[[], object]] = []


def _probe(find: Callable[[], _Found]) -> Callable[[], _Found | None]:
    """Make a look for something look once, and find nothing where a test hides it."""

    @cache
    def found() -> _Found | None:
        return None if find.__name__ in _hidden else find()

    names.append(find.__name__)
    _probes.append(found.cache_clear)
    return found


names: list[str] = []


def hide(*hidden: str) -> None:
    """Hide some of `names` for tests; without any, all are visible again."""
    _hidden.clear()
    _hidden.update(hidden)
    for forget in _probes:
        forget()


@cache
def _quick_libc() -> Any:  # noqa: ANN401 - whatever the C library has
    """Return the C library for calls of microseconds: they keep the interpreter.

    Giving it up and waiting for it again beside a busy thread costs more than the call.
    """
    import ctypes

    return ctypes.PyDLL(None, use_errno=True)


@cache
def _slow_libc() -> Any:  # noqa: ANN401 - the same
    import ctypes

    return ctypes.CDLL(None, use_errno=True)


def _failed(path: str) -> OSError:
    import ctypes

    code = ctypes.get_errno()
    return OSError(code, os.strerror(code), path)


# --- names


@_probe
def renameat2() -> Callable[[int, bytes, int, bytes], int] | None:
    """Look for a rename that refuses a taken name."""
    for name, flag in (("renameat2", _RENAME_NOREPLACE), ("renameatx_np", _RENAME_EXCL)):
        call = getattr(_quick_libc(), name, None)
        if call is not None:
            return lambda from_, old, to, new: int(call(from_, old, to, new, flag))
    return None


def rename_exclusive(name: str, new: str, from_: int, to: int, shown: str) -> None:
    """Rename `name` in folder `from_` to `new` in folder `to`; raise `FileExistsError` for a taken name, `shown`."""
    call = renameat2()
    if call is not None:
        if call(from_, os.fsencode(name), to, os.fsencode(new)) == 0:
            return
        error = _failed(shown)
        if error.errno not in (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP):
            raise error
    # NFS and some FUSE file systems know no such rename; a hard link refuses a taken name as well.
    os.link(name, new, src_dir_fd=from_, dst_dir_fd=to, follow_symlinks=False)
    os.unlink(name, dir_fd=from_)


@_probe
def access() -> bool:
    """Look whether a look that fails may do without an exception."""
    return os.access in os.supports_follow_symlinks and os.access("/", os.F_OK, follow_symlinks=False)


def nothing_at(name: str, folder: int) -> bool:
    """Return True if nothing bears the name in an open folder, not even a dangling link."""
    if access():
        return not os.access(name, os.F_OK, dir_fd=folder, follow_symlinks=False)
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except OSError:
        return True
    return False


def link_open(descriptor: int, path: str, name: str, folder: int) -> None:
    """Link an open file to a second name: this very file, even if `path` leads to another one by now."""
    if proc():
        os.link(f"/proc/self/fd/{descriptor}", name, dst_dir_fd=folder, follow_symlinks=True)
        return
    os.link(path, name, dst_dir_fd=folder, follow_symlinks=False)
    if not os.path.samestat(os.fstat(descriptor), os.stat(name, dir_fd=folder, follow_symlinks=False)):
        os.unlink(name, dir_fd=folder)
        raise OSError(errno.ESTALE, "the file was replaced while it was read", path)


# --- opening


@_probe
def path_only() -> int | None:
    """Look for the flag that opens a folder for calls below it alone."""
    return getattr(os, "O_PATH", None)


@_probe
def no_atime() -> int | None:
    """Look for the flag that leaves the access time alone."""
    return getattr(os, "O_NOATIME", None)


@_probe
def openat2() -> Callable[[int, bytes, int], int] | None:
    """Look for the call that opens below a folder, by no link; it is asked for by its number."""
    if sys.platform != "linux":
        return None
    import ctypes

    class OpenHow(ctypes.Structure):
        """`struct open_how` of linux/openat2.h."""

        _fields_ = (("flags", ctypes.c_uint64), ("mode", ctypes.c_uint64), ("resolve", ctypes.c_uint64))

    call, size = _quick_libc().syscall, ctypes.sizeof(OpenHow)
    how = cache(lambda flags: OpenHow(flags, 0, _RESOLVE))
    return lambda above, path, flags: int(call(_OPENAT2, above, path, ctypes.byref(how(flags)), size))


def open_beneath(above: int, path: str, flags: int) -> int | None:
    """Open in one call; None where the kernel has it not, or refuses: then the way down tells what stands in it."""
    call = openat2()
    if call is None:
        return None
    descriptor = call(above, os.fsencode(path), flags)
    if descriptor >= 0:
        return descriptor
    error = _failed(path)
    if error.errno == errno.ENOENT:
        raise error
    return None


# --- durable


@_probe
def sync_range() -> Callable[[int], object] | None:
    """Look for the call that lets the disk begin with what was written."""
    call = getattr(_slow_libc(), "sync_file_range", None)
    if call is None:
        return None
    from ctypes import c_int64

    return lambda descriptor: call(descriptor, c_int64(0), c_int64(0), _SYNC_FILE_RANGE_WRITE)


@_probe
def syncfs() -> Callable[[int], int] | None:
    """Look for a syncfs that reports errors, which Linux has since 5.8."""
    call = getattr(_slow_libc(), "syncfs", None)
    return call if call is not None and _release(os.uname().release) >= _REPORTS_ERRORS else None


def sync_file_system(descriptor: int, path: str) -> bool:
    """Make all of a local file system durable; return False where that is not to be had. Raises `OSError`."""
    call = syncfs()
    if call is None:
        return False
    if call(descriptor):
        raise _failed(path)
    return True


def _release(text: str) -> tuple[int, ...]:
    """Read `6.1.0-18-amd64` as (6, 1); what is no version is older than all."""
    parts = text.split(".")[:2]
    return tuple(map(int, parts)) if all(part.isdigit() for part in parts) else (0,)


def file_system(descriptor: int) -> int:
    """Return a Linux file system's magic number, the first long of `struct statfs`; 0 elsewhere."""
    if sys.platform != "linux":
        return 0
    import ctypes

    answer = (ctypes.c_long * 64)()
    return int(answer[0]) & 0xFFFFFFFF if _slow_libc().fstatfs(descriptor, answer) == 0 else 0


@_probe
def full_fsync() -> int | None:
    """Look for the command that makes macOS write through the drive's own memory."""
    import fcntl

    return getattr(fcntl, "F_FULLFSYNC", None) or (_F_FULLFSYNC if sys.platform == "darwin" else None)


def fsync(descriptor: int) -> None:
    """Make an open file or folder durable. Raises `OSError`."""
    command = full_fsync()
    if command is not None:
        import fcntl

        try:
            fcntl.fcntl(descriptor, command)
        except OSError:  # a network's or another system's disk: what fsync promises there is all there is
            pass
        else:
            return
    os.fsync(descriptor)


# --- processes


@_probe
def affinity() -> set[int] | None:
    """Look for the cores that this process may use: on a cluster they are fewer than there are."""
    return os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else None


@_probe
def fork() -> bool:
    """Look whether a process may go on from a fork: macOS's own libraries may not."""
    return sys.platform != "darwin"


@_probe
def proc() -> bool:
    """Look for /proc as Linux has it."""
    return os.path.isdir("/proc/self/fd") and sys.platform == "linux"  # noqa: PTH112 - no file of ours


@_probe
def prctl() -> Callable[..., int] | None:
    """Look for the call by which a process asks to be killed with its parent."""
    return getattr(_quick_libc(), "prctl", None)
