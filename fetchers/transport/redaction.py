"""How may an address be shown or written down?

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
_PAIR = re.compile(r"([^&;=?#]+)=([^&;#]*)")


def is_secret(name: str) -> bool:
    """Say whether a query parameter of this name carries a secret."""
    plain = unquote_plus(name).strip()
    lower = plain.lower()
    squeezed = _WORD.sub("", lower)
    if lower.startswith(_PREFIXES) or any(part in squeezed for part in _ANYWHERE):
        return True
    return not _WORDS.isdisjoint(_WORD.split(_CAMEL.sub("-", plain).lower()))


def redact(url: str, *, redirected: bool = False) -> str:
    """Give `url` as it may be shown; of a redirect's target not even the query, for it may be signed as a whole."""
    if "?" not in url and "@" not in url and "#" not in url and ";" not in url:
        return url
    try:
        parts = urlsplit(url)
    except ValueError:
        return url.partition("?")[0].partition("#")[0].rpartition("@")[2]
    query = "" if redirected else _PAIR.sub(_without_value, parts.query)
    netloc = parts.netloc.rpartition("@")[2]
    path = _PAIR.sub(_without_value, parts.path) if ";" in parts.path else parts.path
    return urlunsplit(SplitResult(parts.scheme, netloc, path, query, ""))


def _without_value(pair: re.Match[str]) -> str:
    name, value = pair.group(1), pair.group(2)
    # The first pair of a path's parameters has the path before its name.
    if is_secret(name.rpartition(";")[2]) or any(is_secret(inner[0]) for inner in _PAIR.findall(unquote_plus(value))):
        return f"{name}={LEFT_OUT}"
    return pair.group(0)
