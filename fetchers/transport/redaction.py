"""Remove secrets from addresses that are shown or recorded.

User, password and fragment are dropped; of a parameter that is named like a secret, the value is left out. The name
decides and not the value, so that nothing depends on what a secret looks like.
"""

from __future__ import annotations

import re
from urllib.parse import SplitResult, unquote_plus, urlsplit, urlunsplit

LEFT_OUT = "..."
_ANYWHERE = (
    "token",
    "secret",
    "passw",
    "passphrase",
    "signature",
    "credential",
    "apikey",
    "accesskey",
    "session",
    "auth",
    "jwt",
    "saml",
    "cookie",
)
_WORDS = frozenset({"key", "sig", "pwd", "pass", "code", "ticket", "hmac", "sid", "policy", "pin", "otp", "nonce"})
_PREFIXES = ("x-amz-", "x-goog-", "x-ms-", "x-oss-", "x-cos-")
_WORD = re.compile(r"[^a-z0-9]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_SEPARATOR = re.compile("([&;#])")
_ANY_SEPARATOR = re.compile("[&;?#]")


def is_secret(name: str) -> bool:
    """Return True if a query parameter of this name carries a secret."""
    plain = unquote_plus(name).strip()
    lower = plain.lower()
    squeezed = _WORD.sub("", lower)
    if lower.startswith(_PREFIXES) or any(part in squeezed for part in _ANYWHERE):
        return True
    return not _WORDS.isdisjoint(_WORD.split(_CAMEL.sub("-", plain).lower()))


def redact(url: str, *, redirected: bool = False) -> str:
    """Return `url` as it may be shown; of a redirect's target not even the query, for it may be signed as a whole."""
    if "?" not in url and "@" not in url and "#" not in url and ";" not in url:
        return url
    try:
        parts = urlsplit(url)
    except ValueError:
        return url.partition("?")[0].partition("#")[0].rpartition("@")[2]
    query = "" if redirected else _without_values(parts.query)
    netloc = parts.netloc.rpartition("@")[2]
    path = _without_values(parts.path) if ";" in parts.path else parts.path
    return urlunsplit(SplitResult(parts.scheme, netloc, path, query, ""))


def redact_written(address: str) -> str:
    """Return an address as a person wrote it, unless it holds a secret: a fragment may name the file or the record."""
    url, _, fragment = address.partition("#")
    shown = redact(url)
    return address if shown == url and "=" not in fragment else shown


def _without_values(text: str) -> str:
    """Leave the values of secrets out of a query, or of a path's parameters; in time that grows as the text does."""
    return "".join(map(_without_value, _SEPARATOR.split(text)))


def _without_value(piece: str) -> str:
    name, equals, value = piece.partition("=")
    if not equals:
        return piece
    inner = (pair.partition("=") for pair in _ANY_SEPARATOR.split(unquote_plus(value)))
    if is_secret(name.rpartition("?")[2]) or any(mark and is_secret(named) for named, mark, _ in inner):
        return f"{name}={LEFT_OUT}"
    return piece
