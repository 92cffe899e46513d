"""How one command is connected: what a person and the environment say of the network.

There is one `NetworkSession` per command. It also remembers what the places have said so far (cookies, refusals, bytes
per second). The downloader and the HTTP client share it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fetchers.errors import TransferError
from fetchers.transport import credential_store
from fetchers.transport.auth_lockout import AuthLockout
from fetchers.transport.cookie_jar import CookieJar
from fetchers.transport.credentials import Credential, Credentials, covers
from fetchers.transport.proxies import Proxies, proxies_of
from fetchers.transport.rate_limit import RateLimit
from fetchers.transport.redaction import redact
from fetchers.transport.url_policy import origin, rewrite

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkSession:
    """One network configuration. `timeout` is seconds, `limit_rate` bytes per second, `jobs` None if it may adapt."""

    mirrors: Mapping[str, str] = field(default_factory=dict)
    offline: bool = False
    credentials: Credentials = field(default_factory=Credentials)
    timeout: float = 30.0
    retries: int = 4
    jobs: int | None = None
    ca_file: str | None = None  # None: certifi's
    proxies: Proxies = field(default_factory=Proxies)
    jar: CookieJar = field(default_factory=CookieJar)
    refusals: AuthLockout = field(default_factory=AuthLockout)
    throttle: RateLimit | None = None
    found: list[Credential] = field(default_factory=list)  # what the keyring gave after a refusal
    agents: dict[tuple[str, str, int], str] = field(default_factory=dict)  # where we bear another name
    asked: set[tuple[str, str, int]] = field(default_factory=set)  # origins that a source asked, as it names them
    movers: list[Callable[[], object]] = field(default_factory=list)  # what goes on while a client waits

    def authorities(self) -> str:
        """Return the file of certificate authorities."""
        if self.ca_file is not None:
            return self.ca_file
        import certifi

        return certifi.where()

    def known(self, url: str) -> Credential | None:
        """Return the credential that is sent to `url` with the first request."""
        found = next((one for one in self.found if covers(one.prefix, url)), None) if self.found else None
        return found or self.credentials.known(url)

    def introduce(self, url: str, agent: str) -> None:
        """Call ourselves `agent` at the origin of an address, or of the mirror that stands in for it."""
        self.agents[origin(rewrite(url, self.mirrors))] = agent

    def knows(self, url: str) -> bool:
        """Return True where a credential is kept for an address, or for the mirror that stands in for it."""
        return self.known(rewrite(url, self.mirrors)) is not None

    def check_open(self, url: str) -> None:
        """Raise `TransferError` where no connection may be opened."""
        if self.offline:
            raise TransferError(f"{redact(url)}: offline, so it is not asked", hint="leave --offline out")


def connect(  # noqa: PLR0913 - a form: one argument per thing that a person may say
    *,
    home: Path,
    environ: Mapping[str, str],
    mirrors: Mapping[str, str] | None = None,
    offline: bool = False,
    timeout: float = 30.0,
    retries: int = 4,
    limit_rate: float | None = None,
    jobs: int | None = None,
    netrc: bool = False,
) -> NetworkSession:
    """Make the line of one command; opens no connection. Raises `CatalogueError` for credentials that cannot be."""
    return NetworkSession(
        mirrors=dict(mirrors or {}),
        offline=offline,
        credentials=credential_store.load(home, environ, netrc=netrc),
        timeout=max(timeout, 0.1),
        retries=max(retries, 0),
        jobs=jobs,
        ca_file=environ.get("SSL_CERT_FILE") or None,
        proxies=proxies_of(environ),
        throttle=RateLimit(limit_rate) if limit_rate else None,
    )
