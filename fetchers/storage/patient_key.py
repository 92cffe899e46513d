"""Hash patients' identifiers with a key that stays in the home: splits are possible, and no identity is kept.

The same patient has the same hash in every dataset of one home, and another one in every other home.
"""

from __future__ import annotations

import hmac
import os
import secrets
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING

from fetchers.errors import StoreError
from fetchers.storage import layout
from fetchers.storage.publish.atomic_text import keep_text
from fetchers.storage.safe_folder import SafeFolder

if TYPE_CHECKING:
    from pathlib import Path

FILE = "patient.key"
_BYTES = 32
_SHOWN = 32  # hexadecimal digits of a hash: 128 bits


def patient_key(home: Path, *, group: bool = False) -> bytes | None:
    """Return the home's key, made when it is first asked for; None where the home cannot be written.

    In a `group`'s home its members read it, too.

    Raises `StoreError` for a file that is no key, that is a link, or that others can read.
    """
    path = home / FILE
    found = _read(path, group=group)
    if found is None:
        with suppress(StoreError):  # another process was quicker, or nothing can be written here
            keep_text(home, FILE, secrets.token_hex(_BYTES) + "\n", replace=False, group=group)
        found = _read(path, group=group)
    return found


def keyed(key: bytes, patient_id: str) -> str:
    """Return the keyed hash of a Patient ID."""
    return _keyed(key, patient_id)


@lru_cache(4096)  # a series names the same patient thousands of times
def _keyed(key: bytes, patient_id: str) -> str:
    return hmac.digest(key, patient_id.encode("utf-8", "surrogatepass"), "sha256").hex()[:_SHOWN]


def _read(path: Path, *, group: bool) -> bytes | None:
    try:
        with SafeFolder(path.parent) as home:
            file = home.read(path.name)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise layout.disk_error(error, path) from error
    with file:
        if os.fstat(file.fileno()).st_mode & (0o037 if group else 0o077):
            raise StoreError(f"{path} can be read by others; it keys the hashes of patients", hint=f"chmod 600 {path}")
        text = file.read(4 * _BYTES).decode("ascii", "replace").strip()
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != _BYTES:
        raise StoreError(
            f"{path} holds no key of {_BYTES} bytes",
            hint=f"put the key of your back-up there, or begin with a new one: mv {path} {path}.old",
        )
    return key
