"""Parse values that a person typed or a program handed over: sizes, days, rates, addresses.

The command line and the Python functions read sizes, days, times and addresses by these, so both take the same words.
Sizes are counted in powers of 1024 (`5M` is 5 x 1024 x 1024 bytes), as curl and rsync do. All raise `ValueError`.
"""

from __future__ import annotations

from datetime import date

_POWERS = {"": 0, "B": 0, "K": 1, "M": 2, "G": 3, "T": 4}
_HARDLY = 1000  # bytes a second
_SHORTEST, _LONGEST = 0.1, 86_400.0  # seconds
_SCHEMES = ("http://", "https://", "ftp://", "ftps://")
_YES, _NO = ("1", "true", "t", "yes", "y", "on"), ("0", "false", "f", "no", "n", "off")  # as click has them


def size(value: object) -> int:
    """Return `5M`, `1.5GiB` or `4096` as bytes."""
    text = str(value).strip().upper()
    number = text.rstrip("IBKMGT")
    unit = text[len(number) :].removesuffix("B").removesuffix("I")
    try:
        found = int(float(number) * 1024 ** _POWERS[unit])
    except (ValueError, KeyError, OverflowError):
        found = -1
    if found <= 0:
        raise ValueError(f"{value!r} is no size; write it like 500K, 5M or 20G (powers of 1024)")
    return found


def size_text(count: float) -> str:
    """Return a number of bytes as a person reads it: `3.6 GiB`, powers of 1024."""
    amount, unit = float(count), "B"
    for unit in ("B", "KiB", "MiB", "GiB", "TiB"):
        if round(amount, 1) < 1024 or unit == "TiB":  # noqa: PLR2004 - the power the units stand for
            break
        amount /= 1024
    return f"{amount:.0f} B" if unit == "B" else f"{amount:.1f} {unit}"


def rate(value: object) -> int:
    """Return `5M` as bytes a second; a small bare number is hardly meant."""
    found = size(value)
    if str(value).strip().isdigit() and found < _HARDLY:
        raise ValueError(f"{value} is {found} bytes a second; is {value}M meant? (else write {value}B)")
    return found


def day(value: object) -> date:
    """Return `2026-11-22` as a date."""
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise ValueError(f"{value!r} is no date; write it like 2026-11-22") from None


def seconds(value: object) -> float:
    """Return `30` or `2.5` as a time that can be waited for; `nan` and `inf` are none."""
    try:
        found = float(str(value))
    except ValueError:
        found = 0.0
    if not _SHORTEST <= found <= _LONGEST:
        raise ValueError(f"{value!r} is no time in seconds, from {_SHORTEST} to {_LONGEST}")
    return found


def shard(value: object) -> tuple[int, int]:
    """Return `2/8` as (2, 8): the second of eight shares. `0/8` is the eighth, for jobs that count from zero."""
    if isinstance(value, tuple):
        value = "/".join(map(str, value))
    number, slash, of = str(value).strip().partition("/")
    if not (slash and number.isdecimal() and of.isdecimal() and 0 <= int(number) <= int(of) and int(of) > 0):
        raise ValueError(f"{value!r} is no share; write I/N, such as 2/8 for the second of eight")
    return int(number), int(of)


def flag(value: object) -> bool:
    """Return a yes or no."""
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word not in (*_YES, *_NO):
        raise ValueError(f"{value!r} is neither true nor false")
    return word in _YES


def mirror(value: object) -> tuple[str, str]:
    """Return the two addresses of `FROM=TO`, cut before TO's scheme; an address may have such a sign of its own."""
    text = str(value)
    for scheme in _SCHEMES:
        source, found, rest = text.partition(f"={scheme}")
        if found and source.startswith(_SCHEMES):
            return source, scheme + rest
    raise ValueError(f"{_without_secrets(text)!r} is not FROM=TO, such as https://host/=http://127.0.0.1:8000/")


def _without_secrets(text: str) -> str:
    from fetchers.transport.redaction import redact

    shown = redact(text)
    return f"...{shown[shown.rindex('@') :]}" if "@" in shown else shown
