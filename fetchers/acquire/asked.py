"""Ask a place for the head of a file: its size, and what tells one state of it from another. No content is read."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from fetchers.errors import AbsentError, AccessError, FetchError
from fetchers.transport.range_requests import http_date, validator

if TYPE_CHECKING:
    from datetime import datetime

    from fetchers.source import Client

_WHOLE = "bytes "


class Asked(NamedTuple):
    """What a head says; None where it says nothing.

    `validator` is a strong ETag or a Last-Modified; `modified` the day and time of the latter, where the place does not
    say that of everything at the very moment in which it is asked.
    """

    size: int | None
    validator: str | None
    modified: datetime | None = None


def ask(client: Client, url: str) -> Asked:
    """Ask with HEAD, and where a place does not know that, for the first byte of the file.

    Raise `AbsentError` where it is not there, the error of its kind where the place does not answer.
    """
    try:
        answer = client.head(url)
    except (AbsentError, AccessError):
        raise
    except FetchError:
        with client.stream("GET", url, headers={"Range": "bytes=0-0"}) as answer:
            return _told(dict(answer.headers), partial=answer.status_code == 206)  # noqa: PLR2004 - partial content
    return _told(dict(answer.headers), partial=False)


def _told(fields: dict[str, str], *, partial: bool) -> Asked:
    fields = {name.lower(): value for name, value in fields.items()}
    length = fields.get("content-range", "").rpartition("/")[2] if partial else fields.get("content-length", "")
    encoded = fields.get("content-encoding", "identity") != "identity"
    size = int(length) if length.isdigit() and not encoded else None
    modified, said = http_date(fields.get("last-modified", "")), http_date(fields.get("date", ""))
    lasting = modified is not None and said is not None and (said - modified).total_seconds() >= 1
    return Asked(size, validator(fields), modified if lasting else None)
