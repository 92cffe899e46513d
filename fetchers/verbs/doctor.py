"""Can this folder, this network and these credentials do the job?

Every check is a finding: `info` where all is well, with what is so; the exit status is 4 for a faulty record, 7 for a
folder that cannot be written.
"""

from __future__ import annotations

import os
import platform
import stat
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from fetchers.errors import FetchError, StoreError
from fetchers.holding import Finding
from fetchers.storage import space
from fetchers.storage.manifest import Manifest
from fetchers.storage.probe import probe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fetchers.holding import Severity
    from fetchers.verbs.place import Place

_RECORD, _FOLDER = 4, 7
_JUMP = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Doctor:
    """What was looked at."""

    findings: tuple[Finding, ...]
    exit: int


def run(place: Place, *, network: bool = False) -> Doctor:
    """Look at everything; with `network`, ask each place's host one small question."""
    folder = list(_folder(place))
    record = list(_record(place))
    rest = [*_software(place), *_line(place), *_sources(place)]
    if network:
        rest += _places(place)
    status = next(
        (status for found, status in ((folder, _FOLDER), (record, _RECORD)) if any(_bad(one) for one in found)), 0
    )
    if not status and any(_bad(one) for one in rest):
        status = 2
    return Doctor(findings=(*folder, *record, *rest), exit=status)


def _bad(finding: Finding) -> bool:
    return finding.severity == "error"


def _said(rule: str, severity: Severity, message: str, hint: str | None = None) -> Finding:
    return Finding(rule=rule, severity=severity, message=message, hint=hint)


def _folder(place: Place) -> Iterator[Finding]:
    home, store = place.workspace.home, place.store
    yield _said("home", "info", str(home) if home.is_dir() else f"{home} (made when it is first needed)")
    if not store.is_dir():
        above = next(folder for folder in store.parents if folder.exists())
        if os.access(above, os.W_OK):
            yield _said("store", "info", f"{store} (made when it is first needed)")
        else:
            yield _said("store", "error", f"{store} cannot be made in {above}", "choose another with --cache DIR")
        return
    try:
        probed = list(probe(store))
    except StoreError as error:
        yield _said("store", "error", error.what, error.hint)
        return
    yield _said("store", "info", f"{store}, {space.free(store):,} bytes free, {os.statvfs(store).f_favail:,} files")
    for one in probed:
        if not one.able:
            yield _said("file-system", "warning", f"no {one.name} here: {one.follows}")
    if all(one.able for one in probed):
        yield _said("file-system", "info", ", ".join(one.name for one in probed))


def _record(place: Place) -> Iterator[Finding]:
    try:
        with Manifest.open(place.store, write=False) as manifest:
            broken = [*manifest.faults(), *manifest.said]
            chain = manifest.chain_faults()
            events, held = manifest.events(), manifest.holdings()
    except StoreError as error:
        yield _said("record", "error", error.what, "put manifest.sqlite aside: the next command builds it again")
        return
    for fault in broken:
        yield _said("record", "error", fault, "put manifest.sqlite aside: the next command builds it again")
    for fault in chain:
        yield _said("events", "error", fault, "the record of applications and consents was changed by hand: compare it")
    if not broken:
        yield _said("record", "info", f"{sum(row.files for row in held):,} files")
    if not chain:
        yield _said("events", "info", f"{len(events):,} events, the chain is whole")
    newest = max([event.at for event in events] + [f"{row.acquired_on}T00:00:00Z" for row in held], default=None)
    if newest is not None and datetime.fromisoformat(newest) - place.now > _JUMP:
        hint = "set the clock: what lapses is decided by it"
        yield _said("clock", "warning", f"it says {place.stamp}, the newest record is of {newest}", hint)


def _software(place: Place) -> Iterator[Finding]:
    from importlib.metadata import version  # noqa: PLC0415 - slow to load, and only this verb asks

    del place
    names = ("fetch-imaging", "pycurl", "httpx", "pydicom")
    found = ", ".join(f"{name} {version(name)}" for name in names)
    yield _said("software", "info", f"Python {platform.python_version()}, {found}")


def _line(place: Place) -> Iterator[Finding]:
    environ = place.environ
    proxies = sorted({name.upper() for name in environ if name.upper().endswith("_PROXY") and environ[name]})
    if proxies:
        yield _said("proxy", "info", f"{', '.join(proxies)} set")
    authorities = environ.get("SSL_CERT_FILE")
    if authorities:
        try:
            with open(authorities, encoding="ascii", errors="replace") as file:  # noqa: PTH123 - a path as it was given
                sound = "BEGIN CERTIFICATE" in file.read(1 << 20)
        except OSError:
            sound = False
        if sound:
            yield _said("certificates", "info", f"SSL_CERT_FILE is {authorities}")
        else:
            yield _said("certificates", "error", f"SSL_CERT_FILE is {authorities}, which holds no certificate")
    credentials = place.workspace.home / "credentials.toml"
    if credentials.exists():
        mode = stat.S_IMODE(credentials.stat().st_mode)
        if mode & 0o077:
            hint = f"chmod 600 {credentials}"
            yield _said("credentials", "error", f"{credentials} can be read by others (mode {mode:04o})", hint)
        else:
            yield _said("credentials", "info", str(credentials))


def _sources(place: Place) -> Iterator[Finding]:
    catalogue = place.workspace.catalogue
    datasets = [one for whole in catalogue.all() for one in (whole, *whole.parts)]
    sound = []
    for name in sorted({one.source for one in datasets}):
        try:
            place.load(name)
        except FetchError as error:
            yield _said("source", "error", f"{name}: {error.what}", error.hint)
        else:
            sound.append(name)
    yield _said("sources", "info", f"{', '.join(sound)} ({len(catalogue.all())} datasets)")


def _places(place: Place) -> Iterator[Finding]:
    """Ask each host of the catalogue's links one question; an answer of any kind is an answer."""
    from urllib.parse import urlsplit  # noqa: PLC0415 - only --network asks

    from fetchers.transport.conversation import converse  # noqa: PLC0415 - the same
    from fetchers.transport.line import connect  # noqa: PLC0415 - the same

    line = connect(
        home=place.workspace.home,
        environ=place.environ,
        mirrors=place.mirrors,
        offline=place.offline,
        timeout=min(place.timeout, 5.0),
        retries=0,
    )
    links = [one.link for one in place.workspace.catalogue.all() if one.link]
    hosts = sorted({f"{urlsplit(link).scheme}://{urlsplit(link).netloc}/" for link in links})
    place.progress.begin("asking the places", files=len(hosts))
    try:
        with converse(line) as client:
            for host in hosts:
                try:
                    client.head(host)
                except FetchError as error:
                    yield _said("place", "warning", f"{host}: {error.what}")
                else:
                    yield _said("place", "info", f"{host} answers")
                place.progress.advance(files=1)
    finally:
        place.progress.end()
