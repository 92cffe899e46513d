"""Find the keys of hubs where people keep them already.

The hubs' own programs read these places; so does this one, where its own file, the environment and the keyring have
nothing, and it never writes there. Each key is for its own hub's address and for no other.

    https://huggingface.co/                 HF_TOKEN; the Hub's token file ($HF_TOKEN_PATH, $HF_HOME/token)
    https://www.kaggle.com/                 KAGGLE_USERNAME and KAGGLE_KEY; ~/.kaggle/kaggle.json
    https://repo-prod.prod.sagebase.org/    SYNAPSE_AUTH_TOKEN; ~/.synapseConfig
    https://s3...amazonaws.com/             AWS_ACCESS_KEY_ID and its kin; ~/.aws/credentials ($AWS_PROFILE)

A bucket at Amazon is asked without a signature first: nearly all are open, and a key that is signed with may be refused
where nobody is.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fetchers.transport.credentials import Credential

if TYPE_CHECKING:
    from collections.abc import Mapping

HUB, KAGGLE, SYNAPSE = "https://huggingface.co/", "https://www.kaggle.com/", "https://repo-prod.prod.sagebase.org/"
_S3_HOST = re.compile(r"(?:[a-z0-9.-]+\.)?s3(?:[.-](?P<region>[a-z]{2}(?:-[a-z]+)+-\d))?\.amazonaws\.com")
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


def signing(url: str, environ: Mapping[str, str]) -> Credential | None:
    """Return the person's keys for a bucket at Amazon, which refused us without them; None for another address."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    if parts.scheme != "https" or not _S3_HOST.fullmatch(host):
        return None
    names = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")
    found = [environ.get(name.upper(), "") for name in names]
    if not (found[0] and found[1]):
        from configparser import ConfigParser, Error

        told = ConfigParser(interpolation=None)
        try:
            told.read_string(_text(environ.get("AWS_SHARED_CREDENTIALS_FILE") or _home(environ, ".aws/credentials")))
        except Error:
            return None
        profile = environ.get("AWS_PROFILE") or "default"
        found = [told.get(profile, name, fallback="") for name in names]
    if not (_sendable(found[0]) and _sendable(found[1])) or not (found[2] == "" or _sendable(found[2])):
        return None
    return Credential(prefix=f"https://{parts.netloc}/", signing=(found[0], found[1], found[2]))


def region_of(url: str) -> str:
    """Return the region that an address at Amazon names; the first of them where it names none."""
    found = _S3_HOST.fullmatch((urlsplit(url).hostname or "").lower())
    return (found["region"] if found else None) or "us-east-1"


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
