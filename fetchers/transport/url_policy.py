"""Decide which addresses may be requested. Pure functions that the client and the downloader both obey."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

from fetchers.errors import CatalogueError, SourceError, TransferError
from fetchers.transport.private_addresses import is_private
from fetchers.transport.redaction import redact

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

SCHEMES = ("http", "https", "ftp", "ftps")
PORTS = {"http": 80, "https": 443, "ftp": 21, "ftps": 990}
MOST_HOPS = 10
_LONGEST = 16 << 10  # characters of a redirect's target; a signed address has 2,000
REDIRECTS = frozenset({301, 302, 303, 307, 308})
# 509: a quota of bandwidth is used up (Apache, cPanel); 520 to 524: Cloudflare, whose own server does not answer it.
HEALING = frozenset({408, 425, 429, 500, 502, 503, 504, 509, 520, 521, 522, 523, 524})
BUSY = frozenset({429, 503, 509})
REFUSING = frozenset({401, 403})
_SECURE = ("https", "ftps")
# Printable ASCII but space, #, @ and backslash.
_PLAIN = re.compile(r'(?i:https?|ftps?)://[!"$-?A-\[\]-~]*').fullmatch
_SAFE = "!#$%&'()*+,/:;=?@[]~"
_Origin = tuple[str, str, int]


def origin(url: str) -> _Origin:
    """Return scheme, host and port: the origin, for credentials, cookies and limits.

    Raises `TransferError` where there is none.
    """
    end = url.find("/", len("https://"))
    return _origin(url[:end] if end > 0 else url)


@lru_cache(1024)
def _origin(url: str) -> _Origin:
    try:
        parts = urlsplit(url)
        scheme = parts.scheme.lower()
        host = (parts.hostname or "").rstrip(".")
        port = parts.port or PORTS[scheme]
    except (ValueError, KeyError) as error:
        raise TransferError(f"{redact(url)}: no address that can be asked", hint="fetch show NAME") from error
    if not host:
        raise TransferError(f"{redact(url)}: no host in the address", hint="fetch show NAME")
    return scheme, host, port


def on_the_wire(url: str) -> str:
    """Return an address as it is sent: ASCII, no fragment, nothing that only a browser would mend.

    Raises `CatalogueError` for a user or a password in it, and for a scheme that is not spoken here.
    """
    if _PLAIN(url):
        return url
    if not url.isprintable() or "\\" in url.partition("?")[0]:
        raise CatalogueError(f"{redact(url)!r}: characters that no address may have", hint="correct the address")
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").encode("idna").decode() if not parts.netloc.isascii() else None
        port = parts.port
    except (ValueError, UnicodeError) as error:
        raise CatalogueError(f"{redact(url)}: no address: {error}", hint="correct the address") from error
    if parts.scheme.lower() not in SCHEMES:
        raise CatalogueError(f"{redact(url)}: only {', '.join(SCHEMES)} are spoken", hint="correct the address")
    if "@" in parts.netloc:
        raise CatalogueError(
            f"{redact(url)}: an address must not hold a user or a password",
            hint="fetch login URL   (keeps them apart from the address)",
        )
    netloc = parts.netloc if host is None else host + (f":{port}" if port else "")
    return urlunsplit((parts.scheme, netloc, quote(parts.path, safe=_SAFE), quote(parts.query, safe=_SAFE), ""))


def rewrite(url: str, mirrors: Mapping[str, str]) -> str:
    """Return `url` with its longest prefix that has a mirror replaced by the mirror's."""
    if not mirrors:
        return url
    for prefix in sorted(mirrors, key=len, reverse=True):
        if _begins(url, prefix):
            return mirrors[prefix] + url[len(prefix) :]
    return url


def _begins(url: str, prefix: str) -> bool:
    if not url.startswith(prefix):
        scheme, mark, rest = url.partition("://")
        host, slash, path = rest.partition("/")
        if not (scheme.lower() + mark + host.lower() + slash + path).startswith(prefix):
            return False
    # https://host stands for that host and not for https://host.of.another
    whole = "/" in prefix.partition("://")[2]
    return whole or len(url) == len(prefix) or url[len(prefix)] in "/?#:"


def listed(url: str, asked: Collection[_Origin], given: Collection[_Origin], mirrors: Mapping[str, str]) -> str:
    """Return how to ask for an address that a place's listing names; raise `SourceError` where it is not asked.

    `asked` are the origins that the listing came from, as the source names them. A listing is no person's word: that of
    a public place leads to no private network, and what came over https is asked over https. `given` are origins that
    a person named; a mirror is a person's word, too.
    """
    if not asked or rewrite(url, mirrors) != url or any(_begins(url, target) for target in mirrors.values()):
        return url
    scheme, host, port = here = origin(url)
    if here in given or here in asked:
        return url
    if is_private(host) and not all(is_private(one) for _, one, _ in asked):
        raise SourceError(
            f"the listing names {redact(url)}, an address in a private network",
            hint="report it to the archive; to request that address on purpose, name it in your own catalogue",
        )
    if scheme == "http" and all(one in _SECURE for one, _, _ in asked):
        if port != PORTS["http"]:
            raise SourceError(
                f"the listing came over https and names {redact(url)}, which is not", hint="report it to the archive"
            )
        return f"https{url[len('http') :]}"
    return url


def next_hop(
    asked: str, location: str, hops: Sequence[str], *, guarded: bool, mirrors: Mapping[str, str] | None = None
) -> str:
    """Decide where a redirect leads, or raise `TransferError` with the reason why it is not followed.

    `hops` are the addresses asked so far, the first included; `guarded` says that one of them was a public host, from
    where none leads to this machine or a private network. A mirror that a person gave may lie there all the same.
    """
    shown = redact(asked, redirected=len(hops) > 1)
    if len(hops) > MOST_HOPS or len(location) > _LONGEST:
        what = f"more than {MOST_HOPS} redirects" if len(hops) > MOST_HOPS else f"{len(location):,} characters"
        raise _refused(shown, what)
    try:
        target = urljoin(asked, location.strip())
        parts = urlsplit(target)
        _ = parts.port
    except ValueError as error:
        raise _refused(shown, "its target is no address") from error
    goal = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
    if not location.strip() or not target.isprintable() or "\\" in parts.netloc or " " in parts.netloc:
        raise _refused(shown, "its target is no address")
    if parts.scheme.lower() not in SCHEMES or not parts.hostname:
        raise _refused(shown, f"it leads to {parts.scheme or 'nothing'}, which is not spoken")
    if "@" in parts.netloc:
        raise _refused(shown, f"its target {goal} holds a user or a password")
    mirrored = rewrite(target, mirrors or {})
    if mirrored == target:
        if urlsplit(asked).scheme.lower() in _SECURE and parts.scheme.lower() not in _SECURE:
            raise _refused(shown, f"it leaves {urlsplit(asked).scheme} for {goal}")
        if guarded and is_private(parts.hostname):
            raise _refused(shown, f"it leads to a private address, {parts.hostname}")
    target = _sendable(mirrored, shown)
    if hops.count(target) > 1:  # once is how a cookie is handed out
        raise _refused(shown, f"it goes round in a loop by {goal}")
    return target


def _sendable(target: str, shown: str) -> str:
    try:
        return on_the_wire(target)
    except CatalogueError as error:  # the server's fault, and no catalogue's
        raise _refused(shown, "its target is no address") from error


def _refused(shown: str, reason: str) -> TransferError:
    return TransferError(
        f"{shown}: a redirect is not followed: {reason}", hint="open the address in a browser and see where it leads"
    )
