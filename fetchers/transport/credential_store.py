"""Read and write stored credentials: keyring, file, netrc.

`<home>/credentials.toml`, mode 0600 or narrower, one table per address prefix:

    ["https://host/"]
    token = "..."                 # or header and value, or user and password

or the system keyring, service `fetch`, with the prefix as the user's name and the same table as JSON; the file then has
`keyring = true` in the prefix's table, so that `fetch logins` can name it: no keyring lists what it has.
A secret is never an argument of a command: `fetch login` asks for it.
"""

from __future__ import annotations

import json
import os
import stat
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from fetchers import system
from fetchers.errors import CatalogueError, StoreError
from fetchers.transport.credentials import SERVICE, VARIABLES, Credential, Credentials, of_table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FILE = "credentials.toml"
_WIDE = 0o077


def load(home: Path, environ: Mapping[str, str], *, netrc: bool = False) -> Credentials:
    """Read what is kept; raise `CatalogueError` for a file that others can read or that makes no sense."""
    stored = sorted(read(home), key=lambda one: len(one.prefix), reverse=True)
    machines = _netrc(environ) if netrc else {}
    ours = {name: value for name, value in environ.items() if name.startswith(VARIABLES)}
    return Credentials(
        environ=ours,
        stored=tuple(stored),
        netrc=machines,
        keyring=from_keyring,
        customary=partial(_customary, environ=environ),
        signers=partial(_signing, environ=environ),
    )


def _signing(url: str, environ: Mapping[str, str]) -> Credential | None:
    from fetchers.transport.customary_keys import signing

    return signing(url, environ)


def _customary(url: str, environ: Mapping[str, str]) -> Credential | None:
    from fetchers.transport.customary_keys import customary

    return customary(url, environ)


class Place(NamedTuple):
    """A place for which a credential is kept; `kind` says what is sent, `kept_in` where it lies."""

    address: str
    kind: str
    kept_in: str


def places(home: Path, environ: Mapping[str, str], *, netrc: bool = False) -> tuple[Place, ...]:
    """Return the addresses for which a credential is stored, in the order of look-up."""
    found = [
        Place(
            f"{name.removeprefix(kind).replace('__', '-').replace('_', '.').lower()}", kind.split("_")[1].lower(), name
        )
        for name in sorted(environ)
        for kind in VARIABLES
        if name.startswith(kind) and not name.startswith("FETCH_PASSWORD_") and environ[name]
    ]
    found += [Place(one.prefix, "keyring", "the system's keyring") for one in read(home, in_keyring=True)]
    found += [Place(one.prefix, one.kind, str(home / FILE)) for one in read(home)]
    found += [Place(host, "user", "~/.netrc") for host in sorted(_netrc(environ) if netrc else ())]
    return tuple(found)


def read(home: Path, *, in_keyring: bool = False) -> list[Credential]:
    """Read `<home>/credentials.toml`; nothing there is an empty list.

    With `in_keyring`, give the prefixes alone of those that the system's keyring keeps.
    """
    path = home / FILE
    text = _private_text(path)
    if text is None:
        return []
    import tomllib

    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        # The parser's own message may quote what it stumbled over: only the place is told.
        place = str(error).rpartition("(")[2].rstrip(")")
        raise CatalogueError(f"{path}: not TOML ({place})", hint=f"correct {FILE}") from None
    found = []
    for prefix, table in tables.items():
        if not isinstance(table, dict):
            raise CatalogueError(f"{path}: a key outside of any table", hint='write ["https://host/"] above it')
        elsewhere = table == {"keyring": True}
        if elsewhere == in_keyring:
            found.append(Credential(prefix=prefix) if elsewhere else of_table(prefix, table))
    return found


def store(home: Path, prefix: str, table: Mapping[str, str], *, keyring: bool = False) -> None:
    """Keep a credential for `prefix`; raise `CatalogueError` for a shape or a keyring that cannot be."""
    credential = of_table(prefix, table)
    if keyring:
        _in_keyring("set_password", prefix, json.dumps(dict(table)))
        credential = Credential(prefix=prefix)
    _write(home, [*_others(home, prefix), credential])


def delete(home: Path, prefix: str) -> bool:
    """Forget what is kept for `prefix`, in the file and in the keyring; say whether there was something."""
    kept, left = [*read(home), *read(home, in_keyring=True)], _others(home, prefix)
    if len(left) != len(kept):
        _write(home, left)
    in_keyring = from_keyring(SERVICE, prefix) is not None
    if in_keyring:
        _in_keyring("delete_password", prefix)
    return in_keyring or len(left) != len(kept)


def _others(home: Path, prefix: str) -> list[Credential]:
    return [one for one in (*read(home), *read(home, in_keyring=True)) if one.prefix != prefix]


def from_keyring(service: str, prefix: str) -> str | None:
    """Ask the system keyring; one that is missing, locked or broken has nothing."""
    try:
        import keyring

        return keyring.get_password(service, prefix)
    except Exception:  # noqa: BLE001 - a backend may fail in any way, and none of them is ours to mend
        return None


def _in_keyring(action: str, *texts: str) -> None:
    import keyring

    try:
        getattr(keyring, action)(SERVICE, *texts)
    except Exception as error:
        raise CatalogueError(
            f"the system keyring does not work: {type(error).__name__}", hint=f"leave --keyring out: {FILE} keeps it"
        ) from error


def _private_text(path: Path) -> str | None:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except PermissionError as error:
        if path.lstat().st_uid != os.geteuid():
            return None  # another member's of a group's home: none of ours
        raise CatalogueError(f"{path}: cannot be read: {error.strerror}", hint=f"chmod 600 {path}") from error
    except OSError as error:
        raise CatalogueError(f"{path}: cannot be read: {error.strerror}", hint="it must be yours") from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise CatalogueError(f"{path} is no file", hint="move it away")
    with open(descriptor, encoding="utf-8") as file:  # noqa: PTH123 - the mode of what is open, not of a name
        found = os.fstat(descriptor)
        if found.st_uid != os.geteuid():  # root may read every file, and should send nobody else's password
            raise CatalogueError(
                f"{path}: it belongs to another account (uid {found.st_uid}, this is {os.geteuid()})",
                hint=f"chown {os.geteuid()} {path}   (if it is yours), or leave it to its owner: --home DIR",
            )
        mode = stat.S_IMODE(found.st_mode)
        if mode & _WIDE:
            raise CatalogueError(
                f"{path}: others on this machine may read it (mode {mode:04o}, 0600 is wanted)",
                hint=f"chmod 600 {path}",
            )
        try:
            return file.read()
        except UnicodeDecodeError as error:
            raise CatalogueError(f"{path}: not UTF-8", hint=f"correct {FILE}") from error


def _write(home: Path, credentials: list[Credential]) -> None:
    """Replace the file as a whole; it is at no moment readable by others."""
    path, fresh = home / FILE, home / f".{FILE}.{os.getpid()}"
    lines = [f"# {FILE}: one table per address prefix; keep it to yourself (mode 0600)\n"]
    for one in credentials:
        lines.append(f"\n[{json.dumps(one.prefix)}]\n")
        for key in ("token", "header", "value", "user", "password"):
            value = getattr(one, key)
            if value is not None:
                lines.append(f"{key} = {json.dumps(value)}\n")
        if one.kind == "keyring":
            lines.append("keyring = true\n")
    try:
        home.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with open(descriptor, "w", encoding="utf-8") as file:  # noqa: PTH123 - the descriptor has the mode
            file.writelines(lines)
            file.flush()
            system.fsync(descriptor)
        fresh.replace(path)
    except OSError as error:
        raise StoreError(f"{path}: cannot be written: {error.strerror}", hint="see who owns the folder") from error
    finally:
        with suppress(OSError):
            fresh.unlink()


def _netrc(environ: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Read ~/.netrc. Its `default` entry is left out: it would show a password to every host there is."""
    import netrc
    from pathlib import Path

    name = environ.get("NETRC") or (environ["HOME"] + "/.netrc" if environ.get("HOME") else "")
    if not name or _private_text(Path(name)) is None:
        return {}
    try:
        hosts = netrc.netrc(name).hosts
    except (netrc.NetrcParseError, OSError, UnicodeDecodeError) as error:
        line = getattr(error, "lineno", None)
        raise CatalogueError(f"{name}: not understood (line {line})", hint="correct it, or netrc = false") from None
    return {
        host.lower(): (login, password or "")
        for host, (login, _, password) in hosts.items()
        if host != "default" and all("\0" not in text and text.isprintable() for text in (host, login, password or ""))
    }
