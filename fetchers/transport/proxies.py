"""Choose the proxy for an address.

The customary variables: `https_proxy`, `http_proxy`, `ftp_proxy`, `all_proxy` and `no_proxy`, in lower case first.
`HTTP_PROXY` in upper case is honoured, too, but not where `REQUEST_METHOD` shows a CGI script: there a client sets it.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fetchers.transport.url_policy import origin

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxies:
    """Proxy addresses by scheme, and the hosts that are asked directly. Shows no address: they may hold passwords."""

    by_scheme: Mapping[str, str] = field(default_factory=dict, repr=False)
    direct: tuple[str, ...] = ()

    def proxy_for(self, url: str) -> str:
        """Return the proxy for `url`, as libcurl takes it; empty for none."""
        if not self.by_scheme:
            return ""
        scheme, host, port = origin(url)
        proxy = self.by_scheme.get(scheme, "")
        return "" if proxy and any(_matches(host, port, entry) for entry in self.direct) else proxy


def proxies_of(environ: Mapping[str, str]) -> Proxies:
    """Read the environment."""

    def value(name: str) -> str:
        return environ.get(name, "").strip() or environ.get(name.upper(), "").strip()

    everything = value("all_proxy")
    http = environ.get("http_proxy", "").strip()
    if not http and "REQUEST_METHOD" not in environ:
        http = environ.get("HTTP_PROXY", "").strip()
    ftp = value("ftp_proxy") or everything
    found = {"https": value("https_proxy") or everything, "http": http or everything, "ftp": ftp, "ftps": ftp}
    entries = (entry.strip().lower() for entry in value("no_proxy").replace(" ", ",").split(","))
    return Proxies(
        by_scheme={scheme: proxy for scheme, proxy in found.items() if proxy},
        direct=tuple(entry for entry in entries if entry),
    )


def _matches(host: str, port: int, entry: str) -> bool:
    if entry == "*":
        return True
    name, colon, number = entry.rpartition(":")
    if colon and number.isdecimal() and (":" not in name or name.endswith("]")):
        if int(number) != port:
            return False
        entry = name
    entry = entry.strip("[]").removeprefix("*").lstrip(".").rstrip(".")
    if host == entry or host.endswith("." + entry):
        return True
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(entry, strict=False)
    except ValueError:
        return False


def unreachable(proxy: str, timeout: float) -> str | None:
    """Try to connect to a proxy, for `timeout` seconds at most; return why that fails, None where it does not."""
    import socket
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
        with socket.create_connection((parts.hostname or "", parts.port or 1080), timeout):
            return None
    except (OSError, ValueError) as error:
        return getattr(error, "strerror", None) or str(error) or type(error).__name__
