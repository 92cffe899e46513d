"""Check single values.

Each check is handed a value and gives a sentence that names what stands there and what is wanted, or None.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from datetime import date, datetime
from urllib.parse import urlsplit

from fetchers.errors import ContentError

Check = Callable[[object], str | None]

FETCHABLE = ("http", "https", "ftp", "ftps", "s3")
READABLE = ("http", "https", "ftp", "mailto")
CENTURY = 36_525  # days; a calendar ends in the year 9999, and no term waits that long
LONGEST_NAME = 200  # bytes; as `checks.names` has it for the components of a path
DIGITS = {"sha256": 64, "sha1": 40, "md5": 32}

# The forms that nearly every address and path has; whatever else is looked at closely.
PLAIN_URL = re.compile(
    r"(?:https?|ftps?|s3)://[A-Za-z0-9.-]*[A-Za-z0-9](?::(?:[1-9][0-9]{0,3}|[1-5][0-9]{4}))?(?:/[!-?A-~]*)?"
)
# A component such as `con` or `nul.x` is Windows's; what looks like one at first sight is looked at twice.
_DEVICE = r"(?!(?=[cCpPaAnNlL][oOrRuUpP][nNxXlLmMtT][0-9]?[./])(?i:con|prn|aux|nul|com[0-9]|lpt[0-9])[./])"
_COMPONENT = rf"{_DEVICE}[A-Za-z0-9_][A-Za-z0-9_.-]"
PLAIN_PATH = re.compile(rf"(?:{_COMPONENT}*+(?<!\.)/){{0,31}}+{_COMPONENT}{{4,}}+(?<!\.)")
PLAIN_LENGTH = 200  # of the whole path: then no component is longer than a store takes
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*")
_DATASET = re.compile(r"[a-z0-9][a-z0-9._-]*(?:/[^/\\]+)?")
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_MODALITY = re.compile(r"[A-Z][A-Z0-9]{0,15}")
_DOI = re.compile(r"10\.[0-9]{4,9}/\S+")
_DUO = re.compile(r"DUO:[0-9]{7}")
_USER = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:/{2,}[^\s/?#]*@([^\s/?#]*)")
_HEX = re.compile(r"[0-9a-fA-F]*")
_KINDS = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "a text",
    list: "a list",
    dict: "a table",
}
# Folders in a store that are not a dataset's (storage/layout.py).
_TAKEN = ("cachedir.tag", "manifest.sqlite", "manifest.journal")


def shown(value: object) -> str:
    """Return a value, shortened, as a message shows it."""
    kind = _KINDS.get(type(value), "a date" if isinstance(value, date) else type(value).__name__)
    if isinstance(value, (list, dict)):
        return f"{kind} of {len(value)}"
    written = f'"{value}"' if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)
    written = written if len(written) <= 80 else f"{written[:77]}..."  # noqa: PLR2004 - one line
    return written if isinstance(value, str) else f"{written} ({kind})"


def text(value: object) -> str | None:
    """Accept a text that is not empty."""
    if not isinstance(value, str):
        return f"expected a text, found {shown(value)}"
    return user_fault(value) if value.strip() else "expected a text, found an empty one"


def any_text(value: object) -> str | None:
    """Accept any text."""
    return user_fault(value) if isinstance(value, str) else f"expected a text, found {shown(value)}"


def free(value: object) -> str | None:
    """Accept any value of TOML, but no address with a user name or password."""
    if isinstance(value, dict):
        value = [*value, *value.values()]
    if isinstance(value, list):
        return next(filter(None, map(free, value)), None)
    return user_fault(value) if isinstance(value, str) else None


def user_fault(written: str) -> str | None:
    """Return the fault of an address in a text that has a user name in it."""
    found = _USER.search(written)
    return found and f"the address of {found[1]} holds a user name; credentials belong into credentials.toml"


def whole(least: int, most: int | None = None) -> Check:
    """Accept a whole number from `least` to `most`."""

    def check(value: object) -> str | None:
        if not isinstance(value, int) or isinstance(value, bool):
            return f"expected a whole number, found {shown(value)}"
        if value < least:
            return f"found {value}, the least possible value is {least}"
        return None if most is None or value <= most else f"found {value}, the largest possible value is {most}"

    return check


def flag(value: object) -> str | None:
    """Accept true or false."""
    return None if isinstance(value, bool) else f"expected true or false, found {shown(value)}"


def day(value: object) -> str | None:
    """Accept a day, written without quotes."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return None
    return f"expected a day, like 2026-11-22 without quotes, found {shown(value)}"


def one_of(words: Collection[str]) -> Check:
    """Accept one of these words."""

    def check(value: object) -> str | None:
        if isinstance(value, str) and value in words:
            return None
        return f"expected one of {', '.join(words)}, found {shown(value)}"

    return check


def bucket(value: object) -> str | None:
    """Accept the address of a bucket, with or without a prefix."""
    if isinstance(value, str) and re.fullmatch(r"s3://[a-z0-9][a-z0-9._-]+(/[^?#]*)?", value):
        return None
    return f"expected an address such as s3://BUCKET/PREFIX, found {shown(value)}"


def each(check_one: Check) -> Check:
    """Accept a list whose values each pass a check."""

    def check(value: object) -> str | None:
        if not isinstance(value, list):
            return f"expected a list, found {shown(value)}"
        return "; ".join(dict.fromkeys(filter(None, map(check_one, value)))) or None

    return check


def like(pattern: re.Pattern[str], wanted: str) -> Check:
    """Accept a text of a form."""

    def check(value: object) -> str | None:
        if isinstance(value, str) and pattern.fullmatch(value):
            return None
        return f"expected {wanted}, found {shown(value)}"

    return check


modality = like(_MODALITY, "a code in capitals such as MR, CT, XR or a DICOM defined term")
dataset = like(_DATASET, "the name of a dataset, or NAME/PART")
step_key = like(_KEY, "a key of letters, digits, dots and dashes")
doi = like(_DOI, "a DOI such as 10.1000/182")
duo = like(_DUO, "an identifier such as DUO:0000042")
licence_id = like(re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]*"), "an SPDX identifier or LicenseRef-NAME")


def name(value: object) -> str | None:
    """Accept a dataset's name or alias that is no verb."""
    if not isinstance(value, str):
        return f"expected a name, found {shown(value)}"
    if value != value.lower():
        return f'names are lower case: "{value}" would be "{value.lower()}"'
    if len(value) > LONGEST_NAME:
        return f"a name has no more than {LONGEST_NAME} bytes, found {len(value)}"
    if not _NAME.fullmatch(value) or value in _TAKEN:
        return f'a name holds a-z, 0-9, ".", "_" and "-" and begins with a letter or digit: "{value}" does not'
    return None


def digest(kind: str) -> Check:
    """Accept a checksum in hexadecimal digits, as many as its algorithm gives."""

    def check(value: object) -> str | None:
        if not isinstance(value, str):
            return f"expected a checksum, found {shown(value)}"
        if not _HEX.fullmatch(value):
            return f'{kind} is written in hexadecimal digits, "{value}" is not'
        wanted = DIGITS[kind]
        return None if len(value) == wanted else f"{kind} has {wanted} digits, found {len(value)}"

    return check


def address(schemes: Collection[str]) -> Check:
    """Accept an address with one of these schemes, with a host and without a user name or password."""

    def check(value: object) -> str | None:
        if not isinstance(value, str):
            return f"expected an address, found {shown(value)}"
        if PLAIN_URL.fullmatch(value) and value.partition("://")[0] in schemes:
            return None
        return _address_fault(value, schemes)

    return check


def path(value: object) -> str | None:
    """Accept a relative path that leads downwards only, on every file system."""
    if not isinstance(value, str):
        return f"expected a path, found {shown(value)}"
    if len(value) <= PLAIN_LENGTH and PLAIN_PATH.fullmatch(value):
        return None
    from fetchers.checks.formats.safe_names import safe_path

    try:
        safe_path(value)
    except ContentError as error:
        return error.what
    return None


def list_name(value: object) -> str | None:
    """Accept the name of a list in the catalogue's folder: CSV or JSON lines."""
    if not isinstance(value, str):
        return f"expected a name, found {shown(value)}"
    if not value.lower().endswith((".csv", ".jsonl", ".ndjson")):
        return f'a list ends with .csv or .jsonl: "{value}" does not'
    return path(value)


def folder(value: object) -> str | None:
    """Accept a relative path, or an empty text for the part's own root."""
    return None if value == "" else path(value)


def _address_fault(value: str, schemes: Collection[str]) -> str | None:
    """Return what is wrong with an address, without what may be a secret (user, password, query values)."""
    if fault := user_fault(value):
        return fault
    _, at, rest = re.split(r"[?#]", value, maxsplit=1)[0].rpartition("@")
    said = shown(f"...@{rest}" if at else rest)
    if any(mark.isspace() or not mark.isprintable() for mark in value):
        return f"an address holds no blanks (a blank is written %20), {said} does"
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError as error:
        return f"{said} is no address" if at else f"{said} is no address: {error}"
    if parts.scheme not in schemes:
        begins = f'found "{parts.scheme}"' if parts.scheme else f"{said} names none"
        return f"an address begins with one of {', '.join(schemes)}, {begins}"
    if parts.scheme != "mailto" and not parts.hostname:
        return f"{said} names no host"
    return None if port is None or port > 0 else f"{said} names port {port}"
