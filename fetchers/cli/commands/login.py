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
from fetchers.cli.views.doctor import kept as page
from fetchers.cli.views.doctor import logins as logins_page
from fetchers.verbs import login as logging_in

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
    secret = _secret(logging_in.secret_word(user=user, header=header))
    kept = logging_in.login(here.context(), prefix, secret, user=user, header=header, keyring=keyring)
    return answer(here, kept, page)


@verb("logout")
@click.argument("prefix", metavar="ADDRESS")
@click.pass_obj
def logout(here: Settings, prefix: str) -> int:
    """Forget the credential for ADDRESS, in the file and in the system's keyring."""
    return answer(here, logging_in.logout(here.context(), prefix), page)


@verb("logins")
@click.pass_obj
def logins(here: Settings) -> int:
    """List the places for which a credential is kept, and where; never the credential."""
    return answer(here, logging_in.logins(here.context()), logins_page)


def _secret(word: str) -> str:
    """Ask for a secret, or read it as one line from standard input."""
    if sys.stdin.isatty():
        return str(click.prompt(word, hide_input=True, err=True))
    return sys.stdin.readline().rstrip("\r\n")
