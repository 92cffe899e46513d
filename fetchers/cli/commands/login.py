"""`fetch login`, `logout` and `logins`: credentials for places.

A secret is never an argument: it would stand in the shell's history and in the list of processes. It is asked for at
the terminal, or read as one line from standard input.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from fetchers.cli.command import verb
from fetchers.cli.output import answer
from fetchers.cli.views.doctor import kept
from fetchers.cli.views.doctor import logins as logins_page
from fetchers.errors import CatalogueError
from fetchers.transport import credential_store

if TYPE_CHECKING:
    from fetchers.cli.settings import Settings


@verb("login")
@click.argument("prefix", metavar="ADDRESS")
@click.option("--user", metavar="NAME", help="Sign in with this name and a password.")
@click.option("--header", metavar="NAME", help="Send the secret in this header, such as X-Api-Key.")
@click.option("--keyring", is_flag=True, help="Keep it in the system's keyring instead of HOME/credentials.toml.")
@click.pass_obj
def login(here: Settings, prefix: str, *, user: str | None, header: str | None, keyring: bool) -> int:
    """Keep a credential for all addresses below ADDRESS: a token, or with --user a password.

    The secret is asked for, or read from standard input: fetch login https://host/ < token.txt
    """
    if user is not None and header is not None:
        raise click.UsageError("--user and --header exclude one another")
    home, prefix = here.workspace.home, _address(prefix)
    secret = _secret("password" if user else "secret" if header else "token")
    if user is not None:
        table = {"user": user, "password": secret}
    elif header is not None:
        table = {"header": header, "value": secret}
    else:
        table = {"token": secret}
    credential_store.store(home, prefix, table, keyring=keyring)
    where = "the system's keyring" if keyring else str(home / credential_store.FILE)
    return answer(here, {"address": prefix, "kept_in": where}, kept)


@verb("logout")
@click.argument("prefix", metavar="ADDRESS")
@click.pass_obj
def logout(here: Settings, prefix: str) -> int:
    """Forget the credential for ADDRESS, in the file and in the system's keyring."""
    prefix = _address(prefix)
    if not credential_store.delete(here.workspace.home, prefix):
        raise CatalogueError(f"no credential is kept for {prefix}", hint="fetch logins")
    return answer(here, {"address": prefix, "kept_in": None}, kept)


@verb("logins")
@click.pass_obj
def logins(here: Settings) -> int:
    """List the places for which a credential is kept, and where; never the credential."""
    places = credential_store.places(here.workspace.home, here.environ, netrc=here.workspace.config.netrc)
    return answer(here, places, logins_page)


def _address(written: str) -> str:
    """Take a bare host for all of it: `host` is `https://host/`."""
    if "://" in written:
        return written
    host, _, path = written.partition("/")
    return f"https://{host}/{path}"


def _secret(word: str) -> str:
    """Ask for a secret, or read it from standard input; raises `CatalogueError` where there is none."""
    if sys.stdin.isatty():
        secret = str(click.prompt(word, hide_input=True, err=True))
    else:
        secret = sys.stdin.readline().rstrip("\r\n")
    if not secret:
        raise CatalogueError(f"no {word} was given", hint="type it at the prompt, or hand it over on standard input")
    return secret
