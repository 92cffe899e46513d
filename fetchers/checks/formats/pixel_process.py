"""Ask a limited process for the hash of an image's decoded pixels, and do without an answer that takes too long."""

from __future__ import annotations

import contextlib
import json
import os
import select
import subprocess
from typing import TYPE_CHECKING, BinaryIO

from fetchers import own_process

if TYPE_CHECKING:
    from typing import Self

KINDS = frozenset(("dicom", "png", "jpeg", "tiff", "gif"))
MISSING = "numpy and the decoders of pydicom are not installed"
SECONDS = 60.0


class PixelProcess:
    """Decodes images in a process of its own; a context manager. Use it from one thread at a time."""

    def __init__(self, *, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process, if one was started."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    with contextlib.suppress(OSError):
                        pipe.close()

    @staticmethod
    def lacks(why: str) -> bool:
        """Return True where the reason is this installation's, so that it may be decoded another day."""
        return why == MISSING

    def digest(self, kind: str, file: BinaryIO) -> tuple[str | None, str]:
        """Return the hash of an image's pixels, else None and why there is none."""
        process = self._started()
        if process.stdin is None or process.stdout is None:
            return None, "the decoding process has no pipes"
        # The worker opens what this descriptor is of: no path of the store travels, and no link is followed.
        line = json.dumps({"kind": kind, "pid": os.getpid(), "fd": file.fileno()}) + "\n"
        try:
            process.stdin.write(line.encode())
            process.stdin.flush()
        except OSError:
            self.close()
            return None, "the decoding process ended"
        ready, _, _ = select.select([process.stdout], [], [], self._seconds)
        answer = process.stdout.readline() if ready else b""
        if not answer.endswith(b"\n"):
            self.close()
            return None, "it takes more time or memory than an image may"
        told = json.loads(answer)
        digest = told.get("pixels")
        return (digest, "") if isinstance(digest, str) else (None, str(told.get("why") or "it cannot be decoded"))

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            self._process = subprocess.Popen(  # noqa: S603 - a module of ours
                own_process.command("fetchers.checks.formats.pixel_worker"),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is the parent's to handle
                env=own_process.environment(),
            )
        return self._process
