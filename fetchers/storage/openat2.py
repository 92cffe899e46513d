"""Open a folder below another one in one system call that follows no link and leads nowhere else: openat2(2)."""

from __future__ import annotations

import ctypes
import errno
import os
from functools import cache

_NUMBER = 437  # of the call: the same on every architecture that has it
_RESOLVE = 0x08 | 0x04 | 0x02  # linux/openat2.h: BENEATH, NO_SYMLINKS, NO_MAGICLINKS
_libc = ctypes.PyDLL(None, use_errno=True)  # a call of a microsecond is not worth giving up the interpreter


class _OpenHow(ctypes.Structure):
    """`struct open_how` of linux/openat2.h."""

    _fields_ = (("flags", ctypes.c_uint64), ("mode", ctypes.c_uint64), ("resolve", ctypes.c_uint64))


@cache
def _how(flags: int) -> _OpenHow:
    return _OpenHow(flags, 0, _RESOLVE)


def openat2(above: int, path: str, flags: int) -> int | None:
    """Open in one call; None where the kernel has it not, or refuses: then the way down tells what stands in it."""
    how = _how(flags)
    descriptor = _libc.syscall(_NUMBER, above, os.fsencode(path), ctypes.byref(how), ctypes.sizeof(how))
    if descriptor >= 0:
        return int(descriptor)
    if ctypes.get_errno() == errno.ENOENT:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
    return None
