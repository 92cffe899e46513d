"""Check this machine: the folders, the file system, the sharing, the software, the sources."""

from __future__ import annotations

import os
import platform
import stat
from typing import TYPE_CHECKING

from fetchers.errors import FetchError, StoreError
from fetchers.records import Finding
from fetchers.storage import disk_space, sharing
from fetchers.storage.fs_probe import probe
from fetchers.storage.record.database import ENGINE, NAME
from fetchers.storage.sharing import account, group_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fetchers.context import Context
    from fetchers.records import Severity
    from fetchers.rules import Rule

_PACKAGES = (
    *("fetch-imaging", "certifi", "click", "defusedxml", "httpx", "icalendar", "jinja2", "keyring"),
    *("license-expression", "pillow", "platformdirs", "pycurl", "pydicom", "tenacity", "tomli"),
    *("tqdm", "zstandard"),
)


def said(rule: Rule, severity: Severity, message: str, hint: str | None = None) -> Finding:
    """Return the finding of a check that is about no dataset."""
    return Finding(rule=rule, severity=severity, message=message, hint=hint)


def folder_findings(context: Context) -> Iterator[Finding]:
    """Yield what is so of the home and of the store: where they are, what the disk of the store can do."""
    home, store = context.workspace.home, context.store
    if home.is_dir() and not os.access(home, os.W_OK | os.X_OK):
        yield said("home", "error", f"{home} cannot be written", "choose another with --home DIR")
    else:
        yield said("home", "info", str(home) if home.is_dir() else f"{home} (made when it is first needed)")
    if not store.is_dir():
        above = next(folder for folder in store.parents if folder.exists())
        if above.is_dir() and os.access(above, os.W_OK | os.X_OK):
            yield said("store", "info", f"{store} (made when it is first needed; the disk was not tried)")
        else:
            yield said("store", "error", f"{store} cannot be made in {above}", "choose another with --cache DIR")
        return
    try:
        probed = list(probe(store))
    except StoreError as error:
        yield said("store", "error", error.what, error.hint)
        return
    yield from _shared(context)
    yield said("store", "info", f"{store}, {disk_space.free(store):,} bytes free, {os.statvfs(store).f_favail:,} files")
    for one in probed:
        if not one.able and one.follows:
            yield said("file-system", "warning", f"no {one.name} here: {one.follows}")
    yield said("file-system", "info", ", ".join(one.name for one in probed if one.able))


def _shared(context: Context) -> Iterator[Finding]:
    """Yield whose the store is: one account's, or a group's."""
    store = context.store
    if sharing.is_shared(store):
        found = store.stat()
        members = f"group {group_name(found.st_gid)}, mode {stat.S_IMODE(found.st_mode):04o}"
        yield said("sharing", "info", f"{store} is a group's: {members}; you are {account(os.geteuid())}")
        if found.st_gid not in (os.getegid(), *os.getgroups()) and os.geteuid() != 0:
            yield said("sharing", "warning", f"you are not of its group {group_name(found.st_gid)}", "id")
    elif sharing.to_be_shared(store) and (store / NAME).exists():
        yield said(
            "sharing",
            "warning",
            f"{store} was founded as one account's, and `shared` changes no store that is there",
            "fetch doctor --share",
        )


def software_findings() -> Iterator[Finding]:
    """Yield the versions in use, and what is not installed."""
    from importlib.metadata import PackageNotFoundError, version

    found = [f"Python {platform.python_version()}", ENGINE]
    for name in _PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            yield said("software", "warning", f"{name} is not installed", "install the package again")
    yield said("software", "info", ", ".join(found))


def source_findings(context: Context) -> Iterator[Finding]:
    """Yield which sources are used, and which of them come from another package or cannot be loaded."""
    from importlib.metadata import entry_points

    catalogue = context.workspace.catalogue
    used = {one.source for whole in catalogue.all() for one in (whole, *whole.parts)}
    strangers = {
        entry.name: f"{entry.dist.name} {entry.dist.version}" if entry.dist else entry.value
        for entry in entry_points(group="fetchers.sources")
    }
    built_in = []
    for name in sorted(used | strangers.keys()):
        try:
            source = context.load(name)
        except FetchError as error:
            yield said("source", "error", f"{name}: {error.what}", error.hint)
            continue
        if type(source).__module__.startswith("fetchers."):
            built_in.append(name)
        else:
            yield said("source", "info", f"{name} comes from {strangers.get(name, type(source).__module__)}")
    yield said("sources", "info", f"built in: {', '.join(built_in)} ({len(catalogue.all())} datasets)")
