"""Run a limited process that reads unusual DICOM headers with pydicom.

A process of its own with limits (`worker`), started when the first such file comes. One that hangs, or is killed for
what it takes, costs its one file, which is named; the next file gets a new one.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import struct
import time
from typing import TYPE_CHECKING, NamedTuple

from fetchers import own_process
from fetchers.checks.dicom import values
from fetchers.checks.dicom.signature import begins_at
from fetchers.records import Header

if TYPE_CHECKING:
    import subprocess
    from typing import Any, Self

MOST = 32 << 20  # bytes of a file that are looked at: a header that is longer is none
SECONDS = 5.0


class Broken(NamedTuple):
    """The reason why a header could not be read."""

    reason: str


class HeaderProcess:
    """Reads headers in a limited process; a context manager. Use it from one thread at a time."""

    def __init__(self, *, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._warm = False  # it has answered once: pydicom is loaded

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
                    with contextlib.suppress(OSError):  # what was not written is of no use any more
                        pipe.close()

    def read(self, data: bytes) -> Header | Broken:
        """Read the header in the first `MOST` bytes of a file. Raises nothing but `OSError` for this machine."""
        data = data[:MOST]
        if data[128:132] == b"DICM" and begins_at(data) == 0:
            data = b"%s----%s" % (data[:128], data[132:])  # there by chance; pydicom would take it for a preamble
        for _ in range(2):
            process = self._started()
            try:
                answer = self._ask(process, data)
            except BrokenPipeError:
                self.close()  # it died of an earlier file's remains; this one gets a new process
                continue
            if isinstance(answer, Broken):
                return answer
            return _header(answer)
        return Broken("the reading process ended twice before it took the file")

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            import subprocess

            self._warm = False
            self._process = subprocess.Popen(  # noqa: S603 - a module of ours
                own_process.command("fetchers.checks.dicom.header_worker"),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                bufsize=0,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is the parent's to handle
                env=own_process.environment(),
            )
        return self._process

    def _ask(self, process: subprocess.Popen[bytes], data: bytes) -> dict[str, Any] | Broken:
        if process.stdin is None or process.stdout is None:
            return Broken("the reading process has no pipes")
        # The first answer of a process waits for pydicom's import, too.
        until = time.monotonic() + self._seconds + (0.0 if self._warm else 5.0)
        line = self._line(process, memoryview(struct.pack("<Q", len(data)) + data), until)
        if line is None:
            self.close()
            return Broken(f"the header took more than {self._seconds:.0f} s")
        if not line.endswith(b"\n"):
            self.close()
            return Broken("the header took more memory than it may, or ended its reader")
        self._warm = True
        answer: dict[str, Any] = json.loads(line)
        return Broken(str(answer["broken"])) if "broken" in answer else answer

    @staticmethod
    def _line(process: subprocess.Popen[bytes], left: memoryview, until: float) -> bytes | None:
        """Write all of `left` and read one line; None when the time is over. A deaf worker blocks nobody."""
        assert process.stdin is not None  # noqa: S101 - `_ask` has looked
        assert process.stdout is not None  # noqa: S101 - the same
        os.set_blocking(process.stdin.fileno(), False)
        line = b""
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            selector.register(process.stdin, selectors.EVENT_WRITE)
            while not line.endswith(b"\n"):
                ready = selector.select(max(0.0, until - time.monotonic()))
                if not ready:
                    return None
                for key, _ in ready:
                    if key.fileobj is process.stdout:
                        chunk = os.read(process.stdout.fileno(), 1 << 16)
                        if not chunk:
                            if left:
                                raise BrokenPipeError
                            return line
                        line += chunk
                    else:
                        left = left[os.write(process.stdin.fileno(), left) :]
                        if not left:
                            selector.unregister(process.stdin)
        return line


def _header(answer: dict[str, Any]) -> Header:
    """Keep of the answer what is coded; a stranger's free text is not kept."""

    def uid(name: str) -> str | None:
        return values.uid(str(answer.get(name) or ""))

    def word(name: str) -> str | None:
        return values.word(str(answer.get(name) or "").strip(" \0"))

    def number(name: str) -> int | None:
        value = answer.get(name)
        return value if isinstance(value, int) else None

    def raw(name: str) -> bytes:
        value = answer.get(name)
        return value.encode("latin-1", "replace") if isinstance(value, str) else b""

    spacing = values.spacings(raw("pixel_spacing")) or values.spacings(raw("imager_spacing"))
    row_spacing, column_spacing = spacing or (None, None)
    return Header(
        sop_class=uid("sop_class"),
        sop_instance=uid("sop_instance"),
        study=uid("study"),
        series=uid("series"),
        modality=values.modality(str(answer.get("modality") or "").strip(" \0")),
        body_part=word("body_part"),
        transfer_syntax=uid("transfer_syntax"),
        rows=number("rows"),
        columns=number("columns"),
        frames=values.frames(str(answer.get("frames") or "").encode("ascii", "replace")),
        row_spacing=row_spacing,
        column_spacing=column_spacing,
        thickness=values.millimetres(raw("thickness")),
        patient_id=values.patient(raw("patient_id")),
    )
