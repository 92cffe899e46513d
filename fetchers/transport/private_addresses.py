"""Recognise addresses of this machine or a private network, in any spelling.

Literals are judged in every spelling that a resolver takes: decimal, octal, hexadecimal and short forms of IPv4
(inet_aton), IPv4 inside IPv6 (mapped, compatible, 6to4, NAT64, Teredo, ISATAP), other digits of Unicode, percent
encoding, a dot at the end. The ranges are written out, because what `ipaddress` calls private differs between the
releases of Python (3.11.9 changed it). Documentation networks count as public: nobody is there.
"""

from __future__ import annotations

import ipaddress
import unicodedata
from urllib.parse import unquote

_V4 = tuple(
    ipaddress.IPv4Network(text)
    for text in (
        "0.0.0.0/8",  # this host, RFC 1122
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT, RFC 6598
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local; clouds answer for their metadata at 169.254.169.254
        "172.16.0.0/12",
        "192.0.0.0/24",  # protocol assignments, RFC 6890
        "192.168.0.0/16",
        "198.18.0.0/15",  # benchmarks, RFC 2544
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
_V6 = tuple(
    ipaddress.IPv6Network(text)
    for text in ("::/128", "::1/128", "100::/64", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8")
)
_NAT64 = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("64:ff9b:1::/48"))
_COMPATIBLE = ipaddress.IPv6Network("::/96")
_ISATAP = (0x00005EFE, 0x02005EFE)  # RFC 5214, the upper half of the interface identifier
_LOCAL_NAMES = ("localhost", "localdomain", "local", "internal", "intranet", "lan", "home.arpa")
_LOOPBACK_NAMES = ("localhost", "ip6-localhost", "ip6-loopback")
_PARTS = 4


def is_private(host: str) -> bool:
    """Return True if `host`, a literal or a name, is private by what is written; other names count as public."""
    name = _plain(host)
    literal = _literal(name)
    if literal is not None:
        return _private(literal)
    return not name or name in _LOOPBACK_NAMES or any(name == end or name.endswith("." + end) for end in _LOCAL_NAMES)


def is_address(host: str) -> bool:
    """Return True if `host` is a literal address and no name."""
    return _literal(_plain(host)) is not None


def is_loopback(host: str) -> bool:
    """Return True if `host` is this machine by what is written."""
    name = _plain(host)
    literal = _literal(name)
    if literal is None:
        return name in _LOOPBACK_NAMES or name.endswith(".localhost")
    if isinstance(literal, ipaddress.IPv6Address) and literal.ipv4_mapped is not None:
        return literal.ipv4_mapped.is_loopback
    return literal.is_loopback


def _plain(host: str) -> str:
    name = unicodedata.normalize("NFKC", unquote(host)).strip().lower()
    name = name.replace("\u3002", ".").strip("[]")  # the ideographic full stop separates labels, too: UTS 46
    return name.partition("%")[0].rstrip(".")


def _literal(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    if ":" in name:
        try:
            return ipaddress.IPv6Address(name)
        except ValueError:
            return None
    return _inet_aton(name)


def _inet_aton(name: str) -> ipaddress.IPv4Address | None:
    """Read an IPv4 address as inet_aton(3) does: one to four numbers, the last one fills what is left."""
    texts = name.split(".")
    if len(texts) > _PARTS:
        return None
    numbers = [_number(text) for text in texts]
    total = 0
    for number in numbers[:-1]:
        if number is None or number > 0xFF:  # noqa: PLR2004 - one byte
            return None
        total = total * 256 + number
    last, room = numbers[-1], 256 ** (_PARTS + 1 - len(texts))
    if last is None or last >= room:
        return None
    return ipaddress.IPv4Address(total * room + last)


def _number(text: str) -> int | None:
    base = 10
    if text[:2] == "0x":
        text, base = text[2:] or "0", 16
    elif len(text) > 1 and text[0] == "0":
        base = 8
    try:
        return int(text, base) if text.isalnum() and text.isascii() else None
    except ValueError:
        return None


def _private(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    if isinstance(address, ipaddress.IPv4Address):
        return any(address in network for network in _V4)
    return any(address in network for network in _V6) or any(_private(inner) for inner in _inside(address))


def _inside(address: ipaddress.IPv6Address) -> list[ipaddress.IPv4Address]:
    """Return the IPv4 addresses that a relay or a translator would take this one for."""
    value = int(address)
    low = ipaddress.IPv4Address(value & 0xFFFFFFFF)
    found = [inner for inner in (address.ipv4_mapped, address.sixtofour) if inner is not None]
    found.extend(address.teredo or ())
    if address in _COMPATIBLE or any(address in network for network in _NAT64) or value >> 32 & 0xFFFFFFFF in _ISATAP:
        found.append(low)
    return found
