"""Keep a credential for one place, or forget it; the secret is handed in and never shown again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from fetchers.document import Rows, document
from fetchers.errors import CatalogueError
from fetchers.transport import credential_store

if TYPE_CHECKING:
    from fetchers.context import Context


class Kept(NamedTuple):
    """The place where the credential for an address is kept; None if it was forgotten."""

    address: str
    kept_in: str | None

    def to_dict(self) -> dict[str, Any]:
        """Return the verb's JSON document."""
        return dict(document(self))


def login(
    context: Context,
    address: str,
    secret: str,
    *,
    user: str | None = None,
    header: str | None = None,
    keyring: bool = False,
) -> Kept:
    """Keep a token for `address`; with `user` a password, with `header` the value of that header.

    Raises `CatalogueError` where no secret is given, and for an address or a keyring that cannot be.
    """
    address = _address(address)
    if user is not None and header is not None:
        raise CatalogueError("--user and --header exclude one another", hint="fetch login --help")
    if not secret:
        word = secret_word(user=user, header=header)
        raise CatalogueError(f"no {word} was given", hint="type it at the prompt, or hand it over on standard input")
    if user is not None:
        table = {"user": user, "password": secret}
    elif header is not None:
        table = {"header": header, "value": secret}
    else:
        table = {"token": secret}
    home = context.workspace.home
    credential_store.store(home, address, table, keyring=keyring)
    return Kept(address, "the system's keyring" if keyring else str(home / credential_store.FILE))


def logout(context: Context, address: str) -> Kept:
    """Forget the credential for `address`; raise `CatalogueError` where none is kept."""
    address = _address(address)
    if not credential_store.delete(context.workspace.home, address):
        raise CatalogueError(f"no credential is kept for {address}", hint="fetch logins")
    return Kept(address, None)


def logins(context: Context) -> Rows[credential_store.Place]:
    """Return the places for which a credential is known, and where it is kept; never the credential."""
    workspace = context.workspace
    return Rows(credential_store.places(workspace.home, context.environ, netrc=workspace.config.netrc))


def _address(written: str) -> str:
    """Take a bare host for all of it: `host` is `https://host/`."""
    if "://" in written:
        return written
    host, _, path = written.partition("/")
    return f"https://{host}/{path}"


def secret_word(*, user: str | None, header: str | None) -> str:
    """Return what the secret is called."""
    return "password" if user else "secret" if header else "token"
