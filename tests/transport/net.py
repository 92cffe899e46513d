"""A small internet on loopback: any name, http and https, reached through a proxy."""

from __future__ import annotations

import ssl
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import trustme

from fetchers.transport.network_session import NetworkSession
from fetchers.transport.proxies import Proxies
from tests.faultd import Asked, Faultd, Proxy

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAMES = ("a.example", "b.example", "c.example")


@dataclass
class Net:
    """`plain` answers port 80 and 8080 of every name, `secure` 443 and 8443."""

    plain: Faultd
    secure: Faultd
    proxy: Proxy
    ca_file: str

    def line(self, **more: Any) -> NetworkSession:  # noqa: ANN401 - the fields of Line
        """Make a line through the proxy."""
        proxies = Proxies(by_scheme=dict.fromkeys(("http", "https"), self.proxy.url))
        return NetworkSession(**{"timeout": 2.0, "retries": 0, "ca_file": self.ca_file, "proxies": proxies, **more})

    @property
    def asked(self) -> list[Asked]:
        """Everything that was asked, of either server."""
        return [*self.plain.asked, *self.secure.asked]


def context(authority: trustme.CA, *names: str) -> ssl.SSLContext:
    """Make a server's side of TLS."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(made)
    return made


@contextmanager
def internet(folder: Path) -> Iterator[Net]:
    """Start it."""
    authority = trustme.CA()
    ca_file = folder / "ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    with Faultd() as plain, Faultd(tls=context(authority, *NAMES)) as secure, Proxy() as proxy:
        proxy.places = {"*:80": plain.port, "*:8080": plain.port, "*:443": secure.port, "*:8443": secure.port}
        yield Net(plain, secure, proxy, str(ca_file))
