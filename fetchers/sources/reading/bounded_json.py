"""Read a stranger's JSON within bounds: bytes, depth, length of a number and of a text.

The bounds are looked for in the bytes, before a value is made of them: a parser that meets a number of 5,000 digits or
lists within lists 60,000 times has crashed, or taken gigabytes, before it can say so. A list is cut into its elements
as they arrive, so that one of a million series takes the memory of one.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

DEPTH = 100
DIGITS = 300  # of a number; the largest that a double has are 309
TEXT = 4 << 20  # bytes of one text
ELEMENT = 16 << 20  # bytes of one element of a list
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"|[\[\]{}"]', re.DOTALL)
# Most rows hold no further lists or objects.
_FLAT = re.compile(rb'\{(?:[^"{}\[\]]++|"(?:[^"\\]++|\\.)*+")*+\}', re.DOTALL)
_PAIR = re.compile(rb"\[\]|\{\}")
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_DIGITS_ONLY = bytes(0x30 if code in b"0123456789" else 0x20 for code in range(256))
_TOO_LONG = b"0" * (DIGITS + 1)
_BLANK = b" \t\r\n"
_QUOTE, _LIST_END = b'"]'
_GROWN = 4096  # bytes that must have come before the search for a text's end begins again


class OutOfBoundsError(ValueError):
    """The answer is larger, deeper or longer than any honest one."""


def loads(body: bytes) -> object:
    """Return the value; raise `ValueError` for what is no JSON, and `OutOfBoundsError` for what breaks a bound."""
    _check_lengths(body)
    brackets = _STRING.sub(b"", body).translate(None, _NO_BRACKETS)
    for _ in range(DEPTH):
        if not brackets:
            break
        fewer = _PAIR.sub(b"", brackets)
        if len(fewer) == len(brackets):  # they do not match each other: the parser says where
            break
        brackets = fewer
    else:
        if brackets:
            raise OutOfBoundsError(f"nested deeper than {DEPTH}")
    try:
        return json.loads(body)
    except RecursionError as error:
        raise OutOfBoundsError(f"nested deeper than {DEPTH}") from error


def _check_lengths(body: bytes) -> None:
    if len(body) > DIGITS and _TOO_LONG in body.translate(_DIGITS_ONLY):
        raise OutOfBoundsError(f"a number of more than {DIGITS} digits")
    if len(body) > TEXT and any(found.end() - found.start() > TEXT for found in _STRING.finditer(body)):
        raise OutOfBoundsError(f"a text of more than {TEXT >> 20} MiB")


def elements(chunks: Iterable[bytes]) -> Iterator[object]:
    """Yield the elements of a list as they arrive; `chunks` begin with its bracket.

    Raises `ValueError` for what is no list or breaks off, and `OutOfBoundsError` for what breaks a bound.
    """
    cutter = _Cutter()
    for chunk in chunks:
        yield from cutter.take(chunk)
    yield from cutter.take(b"", last=True)
    cutter.close()


class _Cutter:
    """Finds where the elements of a list begin and end."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._at = 0  # where the search goes on
        self._begin = -1  # of the element that is under way; -1 between two
        self._gap = 0  # where the last one ended
        self._depth = 0  # 1 is the list's own
        self._wait = 0  # bytes of the buffer that must be there before the search goes on: a text has no end yet
        self._count = 0
        self._over = False

    def take(self, chunk: bytes, *, last: bool = False) -> Iterator[object]:
        """Take bytes; yield the elements that are whole."""
        self._buffer += chunk
        if self._over or (len(self._buffer) < self._wait and not last):
            return
        while token := _TOKEN.search(self._buffer, self._at):
            start, end = token.span()
            sign = self._buffer[start]
            if sign == _QUOTE and end - start == 1:  # a quote alone: the text goes on
                self._at = start
                self._wait = len(self._buffer) + max(_GROWN, (len(self._buffer) - start) // 4)
                self._bounded(start, TEXT, "a text")
                break
            self._at = end
            if sign == _QUOTE:
                if self._depth == 1 and self._begin < 0:
                    yield self._scalar(start, end)
            elif sign in b"[{":
                flat = _FLAT.match(self._buffer, start) if self._depth == 1 else None
                if flat is None:
                    self._opened(start)
                else:
                    self._between(start)
                    self._at = self._gap = flat.end()
                    self._count += 1
                    _check_lengths(piece := flat[0])
                    yield json.loads(piece)
            else:
                yield from self._closed(start, end)
                if self._depth == 0:
                    break
        else:
            self._at, self._wait = len(self._buffer), 0
        self._bounded(self._begin if self._begin >= 0 else self._gap, ELEMENT, "an element")
        self._forget()

    def close(self) -> None:
        """Raise `ValueError` where the list did not come to its end, or something follows it."""
        if not self._over:
            raise ValueError("the list does not end")
        if self._buffer[self._gap :].strip(_BLANK):
            raise ValueError("something follows the list")

    def _opened(self, at: int) -> None:
        if self._depth == 1:
            self._between(at)
            self._begin = at
        self._depth += 1
        if self._depth > DEPTH:
            raise OutOfBoundsError(f"nested deeper than {DEPTH}")

    def _closed(self, at: int, end: int) -> Iterator[object]:
        self._depth -= 1
        if self._depth == 1 and self._begin >= 0:
            piece = bytes(self._buffer[self._begin : end])
            self._begin, self._gap = -1, end
            self._count += 1
            yield loads(piece)
        elif self._depth == 0 and self._buffer[at] == _LIST_END:
            rest = bytes(self._buffer[self._gap : at]).strip(_BLANK)
            if rest.startswith(b",") and len(rest) > 1:
                yield loads(rest[1:])
            elif rest and (self._count or rest == b","):
                raise ValueError("a comma too many, or none")
            elif rest and rest != b"[":
                yield loads(rest.removeprefix(b"["))
            self._over, self._gap = True, end
        elif self._depth <= 0:
            raise ValueError("a bracket that nothing opened")

    def _scalar(self, start: int, end: int) -> object:
        self._between(start)
        self._gap = end
        self._count += 1
        return loads(bytes(self._buffer[start:end]))

    def _between(self, at: int) -> None:
        """Look at what stands between two elements: one comma, and nothing before the first."""
        if bytes(self._buffer[self._gap : at]).strip(_BLANK) not in ((b",",) if self._count else (b"[", b"")):
            raise ValueError(f"no comma between elements, or an element that is no object, after {self._count}")

    def _bounded(self, start: int, most: int, what: str) -> None:
        if len(self._buffer) - start > most:
            raise OutOfBoundsError(f"{what} of more than {most >> 20} MiB")

    def _forget(self) -> None:
        """Drop what was cut."""
        cut = self._begin if self._begin >= 0 else self._gap
        if cut:
            del self._buffer[:cut]
            self._at -= cut
            self._gap -= cut
            self._wait = max(0, self._wait - cut)
            self._begin = min(0, self._begin)
