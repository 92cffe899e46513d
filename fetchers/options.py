"""Check the keys of `config.toml`: each must be a long option, with a value that it takes.

The options stand here by name, so that a command loads no verb but its own; a test holds the names against the verbs.
What a text or a number means is its option's own to judge.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from fetchers import values
from fetchers.errors import CatalogueError
from fetchers.workspace.personal import PERSONAL, SETTINGS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FLAGS = frozenset(
    """
    ai-act
    all
    copy
    dry-run
    events
    follow
    force
    headers
    held
    json
    keep-archives
    keyring
    link
    list-files
    md
    move
    network
    no-pixels
    no-unpack
    offline
    overdue
    parts
    phi
    quick
    quiet
    revoke
    share
    strict
    tex
    verbose
    yes
    """.split()  # noqa: SIM905 - an option a line
)
MANY = frozenset(
    """
    accept
    also
    body-part
    exclude
    include
    licence
    mirror
    modality
    patient
    scan
    series
    study
    to
    use
    """.split()  # noqa: SIM905 - an option a line
)
ONE = frozenset(
    """
    access
    at
    bagit
    by
    cache
    croissant
    csv
    datalist
    endpoint
    evidence
    header
    home
    html
    ics
    id
    idc-index
    jobs
    jsonl
    keep
    layout
    limit
    limit-rate
    list
    log-every
    log-file
    manifest
    max-size
    max-unpacked
    name
    note
    on
    output
    owner
    parquet
    purpose
    reason
    retries
    ro-crate
    seed
    shard
    spdx
    split
    timeout
    until
    url
    user
    via
    """.split()  # noqa: SIM905 - an option a line
)
_TEXTS = ("also", "cache", "home", "mirror")
_OTHERS = ("mirrors", "policy", "netrc", "readers", "shared")


def check(options: Mapping[str, object], file: Path) -> None:
    """Raise `CatalogueError` with each key of `file` that is no option, and each value that its option cannot take."""
    named = {key.replace("_", "-"): value for key, value in options.items()}
    found = [f"{file}: {key}: {fault}" for key, value in named.items() if (fault := _fault(key, value))]
    if found:
        raise CatalogueError("\n".join(found), hint="correct what is named above, then type the command again")


def _fault(key: str, value: object) -> str | None:
    if key in FLAGS & SETTINGS:
        return None if _is_flag(value) else "expected true or false"
    if key not in FLAGS | MANY | ONE:
        return f"there is no such option{_near(key)}"
    if key not in SETTINGS:
        return PERSONAL
    several = isinstance(value, list)
    if several and key not in MANY:
        return "expected one value, found a list"
    said = value if isinstance(value, list) else [value]
    wanted = (str,) if key in _TEXTS else (str, int, float, date)
    if not all(type(one) in wanted for one in said):
        return "expected a text" if key in _TEXTS else "expected a text, a number or a day"
    return _mirrors_fault(said) if key == "mirror" else None


def _is_flag(value: object) -> bool:
    try:
        return isinstance(value, bool | str) and values.flag(value) is not None
    except ValueError:
        return False


def _mirrors_fault(said: list[object]) -> str | None:
    try:
        for value in said:
            values.mirror(value)
    except ValueError as error:
        return str(error)
    return None


def _near(key: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(key, [*FLAGS, *MANY, *ONE, *_OTHERS], n=1)
    return f', did you mean "{near[0]}"?' if near else ""
