"""Where do people keep their keys for a hub already?

The hubs' own programs read these places; so does this one, where its own file, the environment and the keyring have
nothing, and it never writes there. Each key is for its own hub's address and for no other.

    https://huggingface.co/                 HF_TOKEN; the Hub's token file ($HF_TOKEN_PATH, $HF_HOME/token)
    https://www.kaggle.com/                 KAGGLE_USERNAME and KAGGLE_KEY; ~/.kaggle/kaggle.json
    https://repo-prod.prod.sagebase.org/    SYNAPSE_AUTH_TOKEN; ~/.synapseConfig
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from fetchers.transport.credentials import Credential

if TYPE_CHECKING:
    from collections.abc import Mapping

HUB, KAGGLE, SYNAPSE = "https://huggingface.co/", "https://www.kaggle.com/", "https://repo-prod.prod.sagebase.org/"
_LARGEST = 1 << 16  # bytes of a file that holds a key


def customary(url: str, environ: Mapping[str, str]) -> Credential | None:
    """Return the key that a person keeps for the hub at `url`; None for every other address."""
    if url.startswith(HUB):
        return _hub(environ)
    if url.startswith(KAGGLE):
        return _kaggle(environ)
    if url.startswith(SYNAPSE):
        return _synapse(environ)
    return None


def _hub(environ: Mapping[str, str]) -> Credential | None:
    token = environ.get("HF_TOKEN", "")
    if not token:
        home = environ.get("HF_HOME") or f"{environ.get('XDG_CACHE_HOME') or _home(environ, '.cache')}/huggingface"
        token = _text(environ.get("HF_TOKEN_PATH") or f"{home}/token")
    return _bearer(HUB, token)


def _kaggle(environ: Mapping[str, str]) -> Credential | None:
    user, key = environ.get("KAGGLE_USERNAME", ""), environ.get("KAGGLE_KEY", "")
    if not (user and key):
        folder = environ.get("KAGGLE_CONFIG_DIR") or _home(environ, ".kaggle")
        try:
            told = json.loads(_text(f"{folder}/kaggle.json") or "{}")
            user, key = told["username"], told["key"]
        except (ValueError, TypeError, KeyError):
            return None
    if not (_sendable(user) and _sendable(key)):
        return None
    return Credential(prefix=KAGGLE, user=user, password=key)


def _synapse(environ: Mapping[str, str]) -> Credential | None:
    token = environ.get("SYNAPSE_AUTH_TOKEN", "")
    if not token:
        from configparser import ConfigParser, Error

        found = ConfigParser(interpolation=None)
        try:
            found.read_string(_text(_home(environ, ".synapseConfig")))
            token = found.get("authentication", "authtoken", fallback="") or found.get(
                "default", "authtoken", fallback=""
            )
        except Error:
            return None
    return _bearer(SYNAPSE, token)


def _bearer(prefix: str, token: str) -> Credential | None:
    return Credential(prefix=prefix, token=token.strip()) if _sendable(token.strip()) else None


def _sendable(secret: object) -> bool:
    return isinstance(secret, str) and bool(secret) and secret.isprintable() and secret.isascii()


def _home(environ: Mapping[str, str], name: str) -> str:
    return os.path.join(environ.get("HOME") or os.path.expanduser("~"), name)  # noqa: PTH111, PTH118 - a plain text


def _text(path: str) -> str:
    """Return what stands in a small file; nothing where there is none or it cannot be read."""
    try:
        with Path(path).open("rb") as file:
            return file.read(_LARGEST).decode()
    except (OSError, UnicodeDecodeError):
        return ""
