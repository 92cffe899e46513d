"""Choose the credential for an address.

Looked up anew for every address that is asked, redirect or not: environment, system keyring, `<home>/credentials.toml`,
and `~/.netrc` where `config.toml` says so.

Environment: FETCH_TOKEN_<HOST>, FETCH_HEADER_<HOST> ("X-Api-Key: value"), or FETCH_USER_<HOST> with
FETCH_PASSWORD_<HOST>. <HOST> is in upper case, `.` becomes `_`, `-` becomes `__` (so that a-b.org is never taken for
a.b.org), `:PORT` becomes `_PORT` where it is not the scheme's own; a host with `_` in its name has none. These go over
https and ftps, and in the clear to this machine only; a prefix that a person wrote with its scheme (file, keyring) is
taken at its word.

The keyring is asked only where the file has an entry for the address or the place has refused: importing it is slow.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from fetchers.errors import CatalogueError
from fetchers.transport.private_addresses import is_address, is_loopback
from fetchers.transport.redaction import redact
from fetchers.transport.url_policy import PORTS, SCHEMES, origin

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SERVICE = "fetch"
_KINDS = (frozenset({"token"}), frozenset({"header", "value"}), frozenset({"user", "password"}))
VARIABLES = ("FETCH_TOKEN_", "FETCH_HEADER_", "FETCH_USER_", "FETCH_PASSWORD_")


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """What is shown to the addresses below `prefix`. Its text shows no secret."""

    prefix: str
    token: str | None = field(default=None, repr=False)
    header: str | None = None
    value: str | None = field(default=None, repr=False)
    user: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    signing: tuple[str, str, str] | None = field(default=None, repr=False)  # S3: access key, secret, session token

    @property
    def kind(self) -> str:
        """What is sent: `token`, `header` or `user`; `keyring` where the secret lies there."""
        if self.token is not None:
            return "token"
        if self.header is not None:
            return "header"
        return "user" if self.user is not None else "keyring"

    def lines(self) -> list[str]:
        """Return the lines of a request's head."""
        if self.token is not None:
            return [f"Authorization: Bearer {self.token}"]
        if self.header is not None:
            return [f"{self.header}: {self.value}"]
        if self.signing is not None:  # the request is signed as a whole, by libcurl
            return [f"X-Amz-Security-Token: {self.signing[2]}"] if self.signing[2] else []
        from base64 import b64encode

        return ["Authorization: Basic " + b64encode(f"{self.user}:{self.password}".encode()).decode()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """All that is known of who we are. `netrc` is the file to read, or None."""

    environ: Mapping[str, str] = field(default_factory=dict, repr=False)
    stored: tuple[Credential, ...] = ()
    netrc: Mapping[str, tuple[str, str]] = field(default_factory=dict, repr=False)
    keyring: Callable[[str, str], str | None] | None = field(default=None, repr=False)
    signers: Callable[[str], Credential | None] | None = field(default=None, repr=False)  # asked after a refusal
    customary: Callable[[str], Credential | None] | None = field(
        default=None, repr=False
    )  # asked when all else is silent

    def known(self, url: str) -> Credential | None:
        """Return the credential that is sent to `url` with the first request, or None."""
        return self._kept(url) or self._customary(url)

    def _customary(self, url: str) -> Credential | None:
        found = self.customary(url) if self.customary is not None else None
        return (self._from_keyring(url) or found) if found is not None else None

    def _kept(self, url: str) -> Credential | None:
        if not (self.stored or self.netrc or self._has_environment):
            return None
        found = self._from_environment(url)
        if found is not None:
            return found
        stored = next((one for one in self.stored if covers(one.prefix, url)), None)
        if stored is not None:
            return self._from_keyring(url) or stored
        return self._from_netrc(url)

    def after_refusal(self, url: str) -> Credential | None:
        """Return the keyring's entry for `url`, which refused an anonymous request; else the person's S3 keys."""
        return self._from_keyring(url) or (self.signers(url) if self.signers is not None else None)

    @property
    def _has_environment(self) -> bool:
        return bool(self.environ)

    def _from_environment(self, url: str) -> Credential | None:
        scheme, host, port = origin(url)
        if (scheme not in ("https", "ftps") and not is_loopback(host)) or not _has_variable(host):
            return None
        name = variable_host(host) + ("" if port == PORTS[scheme] else f"_{port}")
        prefix = f"{scheme}://{host}:{port}/"
        for kind in ("FETCH_TOKEN_", "FETCH_HEADER_"):
            if not (value := self.environ.get(kind + name, "").strip()).isprintable() or not value.isascii():
                raise CatalogueError(f"{kind}{name} is no text that can be sent", hint=f"correct {kind}{name}")
        token = self.environ.get(f"FETCH_TOKEN_{name}")
        if token:
            return Credential(prefix=prefix, token=token.strip())
        header, colon, value = self.environ.get(f"FETCH_HEADER_{name}", "").partition(":")
        if colon:
            return Credential(prefix=prefix, header=header.strip(), value=value.strip())
        user, password = self.environ.get(f"FETCH_USER_{name}"), self.environ.get(f"FETCH_PASSWORD_{name}")
        return Credential(prefix=prefix, user=user, password=password) if user and password is not None else None

    def _from_keyring(self, url: str) -> Credential | None:
        if self.keyring is None:
            return None
        for prefix in prefixes(url):
            secret = self.keyring(SERVICE, prefix)
            if secret:
                return _of_text(prefix, secret)
        return None

    def _from_netrc(self, url: str) -> Credential | None:
        if not self.netrc:
            return None
        scheme, host, port = origin(url)
        local = is_loopback(host)
        if scheme == "http" and not local:
            return None
        entry = self.netrc.get(f"{host}:{port}")
        if entry is None and (port == PORTS[scheme] or local):
            entry = self.netrc.get(host)
        return Credential(prefix=f"{scheme}://{host}:{port}/", user=entry[0], password=entry[1]) if entry else None


def covers(prefix: str, url: str) -> bool:
    """Return True if `url` lies below `prefix`: the same scheme, host and port, and whole components of the path."""
    if origin(prefix) != origin(url):
        return False
    scope, path = urlsplit(prefix).path or "/", urlsplit(url).path or "/"
    if ".." in unquote(path).split("/") or "." in unquote(path).split("/"):
        return scope == "/"  # servers disagree on where such a path leads
    return path == scope or path.startswith(scope if scope.endswith("/") else scope + "/")


def prefixes(url: str) -> list[str]:
    """Return the prefixes below which `url` lies, the longest first."""
    parts = urlsplit(url)
    base = f"{parts.scheme.lower()}://{parts.netloc.lower()}"
    names = [name for name in parts.path.split("/")[1:-1] if name]
    return [base + "/" + "".join(name + "/" for name in names[:count]) for count in range(min(len(names), 4), -1, -1)]


def _has_variable(host: str) -> bool:
    """Return True if one host alone is spelt like this in a variable's name.

    A name with `_` would share it with one that has `.` or `-` there, one that ends with a number with a port's, and
    one that is not ASCII with whatever its upper case is.
    """
    last = host.rpartition(".")[2]
    return host.isascii() and "_" not in host and (not last.isdecimal() or is_address(host))


def variable_host(host: str) -> str:
    """Spell a host as the names of environment variables have it."""
    return host.upper().replace("-", "__").replace(".", "_").replace(":", "_")


def of_table(prefix: str, table: Mapping[str, object]) -> Credential:
    """Make a credential of a table as the file has it.

    Raises `CatalogueError` for any other shape, showing no value.
    """
    fault = _fault(prefix, table)
    if fault is not None:
        raise CatalogueError(
            f"credentials: {_named(prefix)}: {fault}", hint="token; or header and value; or user and password"
        )
    said: dict[str, Any] = {key: str(value) for key, value in table.items()}
    return Credential(prefix=prefix, **said)


def _named(prefix: str) -> str:
    """Return how a table may be named in a message; a name that is no address may be a secret."""
    return f'["{redact(prefix, redirected=True)}"]' if "://" in prefix else "the table whose name is no address"


def _fault(prefix: str, table: Mapping[str, object]) -> str | None:
    if not _begins_an_address(prefix):
        return "not the beginning of an address, such as https://host/"
    if frozenset(table) not in _KINDS:
        known = ", ".join(sorted(frozenset(table) & frozenset().union(*_KINDS))) or "(none that is known)"
        return f"the keys {known} make no credential" if frozenset(table) else "it is empty"
    for key, value in table.items():
        if not isinstance(value, str) or not value or not (value.isprintable() and value.isascii()):
            return f"{key} is no text that can be sent"
    return None


def _begins_an_address(prefix: str) -> bool:
    try:
        parts = urlsplit(prefix)
        _ = parts.port
    except ValueError:
        return False
    return parts.scheme in SCHEMES and bool(parts.hostname) and "@" not in parts.netloc and not parts.query


def _of_text(prefix: str, secret: str) -> Credential | None:
    try:
        table = json.loads(secret)
    except ValueError:
        table = {"token": secret}
    if not isinstance(table, dict):
        table = {"token": secret}
    return of_table(prefix, table)
