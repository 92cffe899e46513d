"""Check that a partial response continues the held bytes.

Held bytes are only built upon with a strong validator: a strong ETag, or a Last-Modified at least 60 s older than the
answer's Date (RFC 9110, 8.8.2.2 and 13.1.5). The server must then confirm it together with the right start, end and
total; servers exist that ignore If-Range, and some that answer 206 to everything.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

Verdict = Literal["append", "fresh", "restart", "done"]

_RANGE = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18})", re.ASCII | re.IGNORECASE)
_UNSATISFIED = re.compile(r"bytes \*/(\d{1,18})", re.ASCII | re.IGNORECASE)
_STRONG = re.compile(r'"[\x21\x23-\x7e]*"')
_SETTLED = 60.0
_OK, _PARTIAL, _UNSATISFIABLE = 200, 206, 416


def content_range(value: str | None) -> tuple[int, int, int] | None:
    """Read `bytes START-END/TOTAL`; None for everything that is not exactly that, an unknown total included."""
    found = _RANGE.fullmatch(value or "")
    if found is None:
        return None
    start, end, total = (int(text) for text in found.groups())
    return (start, end, total) if start <= end < total else None


def unsatisfied(value: str | None) -> int | None:
    """Read `bytes */TOTAL` of a 416."""
    found = _UNSATISFIED.fullmatch(value or "")
    return int(found.group(1)) if found else None


def validator(fields: Mapping[str, str]) -> str | None:
    """Return the strong validator of an answer's fields (lower-case names), fit for If-Range; None: never resume."""
    tag = fields.get("etag")
    if tag is not None and _STRONG.fullmatch(tag):
        return tag
    modified, date = fields.get("last-modified"), fields.get("date")
    if modified is None or date is None:
        return None
    changed, said = http_date(modified), http_date(date)
    if changed is None or said is None or (said - changed).total_seconds() < _SETTLED:
        return None
    return modified


def http_date(value: str) -> datetime | None:
    """Read a date of HTTP; None where it is none. One without a zone (asctime's form) is UTC: RFC 9110, 5.6.7."""
    from datetime import UTC
    from email.utils import parsedate_to_datetime

    try:
        date = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return date if date.tzinfo is not None else date.replace(tzinfo=UTC)


def decide(status: int, fields: Mapping[str, str], *, offset: int, held: str | None, total: int | None) -> Verdict:
    """Decide what to do with the answer to a range request that began at `offset`.

    `held` is the validator of the held bytes; `total` the size of the whole as it was said or promised.
    append: go on. fresh: these are the bytes from the first on. done: all is held. restart: ask again without a range.
    """
    if status == _OK:
        return "fresh"
    if status == _UNSATISFIABLE:
        same = fields.get("etag", held) == held or not (held or "").startswith('"')
        agreed = total in (None, offset) and unsatisfied(fields.get("content-range")) == offset > 0
        return "done" if same and agreed else "restart"
    span = content_range(fields.get("content-range"))
    if status != _PARTIAL or span is None or held is None:
        return "restart"
    start, end, whole = span
    length = fields.get("content-length")
    confirmed = fields.get("etag" if held.startswith('"') else "last-modified") == held
    fits = start == offset and end == whole - 1 and (total is None or total == whole)
    counted = length is None or length == str(end - start + 1)
    return "append" if confirmed and fits and counted else "restart"
