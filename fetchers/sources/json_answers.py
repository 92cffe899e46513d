"""Validate the JSON, CSV and XML that archives answer with.

Every stranger's answer comes in by this door. A page in place of JSON, a list that ends too early, a field that is
missing or of the wrong type becomes a `SourceError` that names the address, without its secrets, and the field.
"""

from __future__ import annotations

import csv
import io
from itertools import chain
from typing import TYPE_CHECKING

from fetchers.errors import AbsentError, NothingMatched, SourceError, TransferError
from fetchers.sources.reading import bounded_json
from fetchers.transport.redaction import redact

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from urllib.parse import SplitResult

    import httpx

_MOST = 1 << 63  # what the record can count to
_DIGITS = 24  # of a count that is written as a text, blanks included
_BITS = 4096
_BLANK = b" \t\r\n"
_BOM = b"\xef\xbb\xbf"
_HINT = "the archive has changed, or a proxy answers in its place: open the address in a browser"


def faulty(address: str, what: str) -> SourceError:
    """Return the error for a wrong answer of `address`."""
    return SourceError(f"{redact(address)}: {what}", hint=_HINT)


class Fields:
    """One object of a stranger's answer, asked field by field. `at` says where in the answer it stands."""

    __slots__ = ("_address", "_at", "_row")

    def __init__(self, address: str, row: Mapping[str, object], at: str = "") -> None:
        self._address = address
        self._row = row
        self._at = at

    def __contains__(self, name: str) -> bool:
        return self._row.get(name) is not None

    @property
    def place(self) -> str:
        """The place in the answer."""
        return self._at.rstrip(".")

    def text(self, name: str) -> str:
        """Return a text that must be there and not be empty."""
        found = self.text_or_none(name)
        if found is None:
            raise self.fault(name, "is missing")
        return found

    def text_or_none(self, name: str) -> str | None:
        """Return a text; None where it is absent or blank. A number in place of a text is a fault."""
        found = self._row.get(name)
        if found is None:
            return None
        if not isinstance(found, str):
            raise self.fault(name, f"should be a text and is {_kind(found)}")
        return found.strip() or None

    def count(self, name: str) -> int:
        """Return a count that must be there."""
        found = self.count_or_none(name)
        if found is None:
            raise self.fault(name, "is missing")
        return found

    def count_or_none(self, name: str) -> int | None:
        """Return a whole number from 0; None where it is absent. `"12"` is taken for 12: places are careless there."""
        found = self._row.get(name)
        if found is None or found == "":
            return None
        if isinstance(found, str) and found.strip().isdecimal() and found.isascii() and len(found) <= _DIGITS:
            found = int(found)
        if isinstance(found, bool) or not isinstance(found, int | float) or not 0 <= found < _MOST or found % 1:
            raise self.fault(name, f"should be a count and is {_kind(found)}")
        return int(found)

    def fields(self, name: str) -> Fields:
        """Return an object that must be there."""
        found = self.fields_or_none(name)
        if found is None:
            raise self.fault(name, "is missing")
        return found

    def fields_or_none(self, name: str) -> Fields | None:
        """Return an object; None where it is absent."""
        found = self._row.get(name)
        if found is None:
            return None
        if not isinstance(found, dict):
            raise self.fault(name, f"should be an object and is {_kind(found)}")
        return Fields(self._address, found, f"{self._at}{name}.")

    def get_object(self, name: str) -> Fields | None:
        """Return an object, or None for anything else: some fields have sometimes an object, sometimes a text."""
        found = self._row.get(name)
        return Fields(self._address, found, f"{self._at}{name}.") if isinstance(found, dict) else None

    def rows(self, name: str) -> list[Fields]:
        """Return a list of objects that must be there; it may be empty, or null."""
        if name not in self._row:
            raise self.fault(name, "is missing")
        found = [] if self._row[name] is None else self._row[name]
        if not isinstance(found, list):
            raise self.fault(name, f"should be a list and is {_kind(found)}")
        for number, row in enumerate(found):
            if not isinstance(row, dict):
                raise self.fault(f"{name}[{number}]", f"should be an object and is {_kind(row)}")
        return [Fields(self._address, row, f"{self._at}{name}[{number}].") for number, row in enumerate(found)]

    def rows_or_none(self, name: str) -> list[Fields]:
        """Return a list of objects; an empty one where it is absent."""
        return self.rows(name) if name in self else []

    def texts(self, name: str) -> list[str]:
        """Return the texts of a list; one text alone is a list of it, and what is absent is an empty one."""
        found = self._row.get(name)
        found = [found] if isinstance(found, str) else found
        if not isinstance(found, list):
            return []
        return [one.strip() for one in found if isinstance(one, str) and one.strip()]

    def is_text(self, name: str) -> bool:
        """Return True where the field is a text: some fields are now a text, now true or false."""
        return isinstance(self._row.get(name), str)

    def is_list(self, name: str) -> bool:
        """Return True where the field is a list."""
        return isinstance(self._row.get(name), list)

    def number_as_text(self, name: str) -> str | None:
        """Return the digits of a number that stands where a text might; None for anything else."""
        found = self._row.get(name)
        return str(found) if isinstance(found, int | float) and not isinstance(found, bool) else None

    def flag(self, name: str) -> bool:
        """Return True where the field is true; absent is false, and anything else is a fault."""
        found = self._row.get(name)
        if found is not None and not isinstance(found, bool):
            raise self.fault(name, f"should be true or false and is {_kind(found)}")
        return bool(found)

    def address(self, name: str) -> str:
        """Return an address that must be there, as a listing may name it (see `within`)."""
        return within(self._address, self.text(name), self._address)

    def fault(self, name: str, what: str) -> SourceError:
        """Return the error for one field."""
        return faulty(self._address, f"field {self._at}{name} {what}")


def one(client: httpx.Client, address: str, **parameters: str) -> Fields:
    """Ask for one JSON object (at most 64 MiB, as the client reads at once)."""
    return parsed(client.get(address, params=parameters or None))


def parsed(response: httpx.Response) -> Fields:
    """Return the one JSON object that an answer is."""
    asked = str(response.request.url)
    if response.status_code == 202 and not response.content.strip():  # noqa: PLR2004 - a firewall's answer to a program
        raise TransferError(
            f"{redact(asked)}: 202 without content: the place does not answer a program from here",
            hint="try again later, or open the address in a browser",
        )
    try:
        found = bounded_json.loads(without_page(asked, response.content))
    except ValueError as error:
        raise faulty(asked, f"no JSON, or JSON that breaks off: {_said(error)}") from error
    if not isinstance(found, dict):
        raise faulty(asked, f"should be an object and is {_kind(found)}")
    return Fields(asked, found)


def record(client: httpx.Client, address: str, what: str) -> Fields:
    """Ask for the JSON object that describes `what`; raise `NothingMatched` where the place has no such thing."""
    try:
        return one(client, address)
    except AbsentError as error:
        raise nothing_there(address, what) from error


def nothing_there(address: str, what: str) -> NothingMatched:
    """Return the error for something that the archive does not have."""
    return NothingMatched(f"{what}: the place has nothing of that name ({redact(address)})", hint="correct the address")


def rows(client: httpx.Client, address: str, **parameters: str) -> Iterator[Fields]:
    """Ask for a JSON list of objects and yield them as they arrive; memory stays flat.

    An empty answer is an empty list (NBIA says "no rows" so), and an empty object in it is skipped.
    """
    with client.stream("GET", address, params=parameters or None) as response:
        asked = str(response.request.url)
        yield from _rows(asked, response.iter_bytes())


def one_or_rows(client: httpx.Client, address: str) -> list[Fields]:
    """Ask for what is now one object and now a list of them; the one is a list of one."""
    response = client.get(address)
    body = without_page(str(response.request.url), response.content)
    if body.lstrip(_BLANK)[:1] == b"[":
        return list(listed(response))
    return [parsed(response)]


def listed(response: httpx.Response) -> Iterator[Fields]:
    """Yield the objects of an answer that was read at once and is a JSON list."""
    yield from _rows(str(response.request.url), iter((response.content,)))


def table(client: httpx.Client, address: str, columns: Sequence[str]) -> Iterator[Mapping[str, str]]:
    """Ask for a CSV table (read at once) that has `columns`; yield its rows."""
    response = client.get(address)
    asked = str(response.request.url)
    text = without_page(asked, response.content).decode("utf-8-sig", errors="replace")
    lines = csv.DictReader(io.StringIO(text, newline=""))
    for column in columns:
        if column not in (lines.fieldnames or ()):
            raise faulty(asked, f"column {column} is missing")
    try:
        for number, row in enumerate(lines, start=2):
            for column in columns:
                if row[column] is None:
                    raise faulty(asked, f"line {number}: column {column} is missing; the table breaks off")
            yield row
    except csv.Error as error:
        raise faulty(asked, f"no table: {_said(error)}") from error


def address_of(base: str, path: str) -> str:
    """Return `base` with a relative `path` after it, whether or not there is a slash between them."""
    return f"{base.rstrip('/')}/{path.lstrip('/')}"


def within(address: str, found: str, base: str) -> str:
    """Resolve an address that a place gave against `base`; it must be http(s) and carry no userinfo.

    A listing is no person's word: from a public place it leads to no private network, and from https it stays there.
    """
    from urllib.parse import urljoin, urlsplit

    from fetchers.transport.private_addresses import is_private

    try:
        joined = urljoin(base, found)
        parts: SplitResult = urlsplit(joined)
        lawful = parts.scheme in ("http", "https") and parts.hostname is not None and parts.username is None
        origin = urlsplit(base)
    except ValueError:
        lawful = False
    if not lawful:
        raise faulty(address, f"gives an address that is none: {redact(found)[:200]!r}")
    if is_private(parts.hostname or "") and not is_private(origin.hostname or ""):
        raise faulty(address, f"names an address in a private network: {redact(found)[:200]!r}")
    if parts.scheme == "http" and origin.scheme == "https":
        return f"https{joined[len('http') :]}"
    return joined


def _rows(asked: str, chunks: Iterator[bytes]) -> Iterator[Fields]:
    start = b""
    for chunk in chunks:
        start = (start + chunk).removeprefix(_BOM).lstrip(_BLANK)
        if start:
            break
    if not start:
        return
    if start[:1] != b"[":
        without_page(asked, start)
        raise faulty(asked, f"should be a JSON list and begins with {start[:1]!r}")
    number = -1
    try:
        for number, row in enumerate(bounded_json.elements(chain((start,), chunks))):
            if not isinstance(row, dict):
                raise faulty(asked, f"element {number} should be an object and is {_kind(row)}")
            if row:
                yield Fields(asked, row, f"[{number}].")
    except ValueError as error:
        raise faulty(asked, f"JSON breaks off or is none after {number + 1} elements: {_said(error)}") from error


def without_page(asked: str, body: bytes) -> bytes:
    """Return the answer; raise `SourceError` where it is empty, or a page in place of data."""
    start = body[:512].removeprefix(_BOM).lstrip(_BLANK)
    if not start:
        raise faulty(asked, "the answer is empty")
    if start[:1] == b"<":
        raise faulty(asked, "a page (HTML or XML) in place of data")
    return body


def _kind(found: object) -> str:
    names = {str: "a text", bool: "true or false", list: "a list", dict: "an object", type(None): "null"}
    if type(found) is int and found.bit_length() > _BITS:
        return "a number of very many digits"
    return names.get(type(found), f"the number {found}"[:60])


def _said(error: Exception) -> str:
    text = str(error).splitlines()[0] if str(error) else type(error).__name__
    return "".join(sign if sign.isprintable() else "?" for sign in text)[:120]
