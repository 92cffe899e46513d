"""Check that this folder, this network and these credentials can do the job.

Every check is a finding: `info` where all is well, with what is so; the exit status is 4 for a faulty record, 7 for a
folder that cannot be written. Nothing is left behind, and a store that is not there is not made.
"""

from __future__ import annotations

import os
import platform
import re
import stat
from datetime import datetime, timedelta
from shlex import quote
from typing import TYPE_CHECKING, Any, NamedTuple

from fetchers.document import document
from fetchers.errors import AccessError, CatalogueError, ContentError, FetchError, StoreError
from fetchers.records import Finding
from fetchers.storage import disk_space, sharing
from fetchers.storage.fs_probe import probe
from fetchers.storage.record.database import ENGINE, NAME
from fetchers.storage.record.manifest import Manifest
from fetchers.storage.sharing import account, group_name
from fetchers.verbs import sharing_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fetchers.context import Context
    from fetchers.records import Severity
    from fetchers.rules import Rule

_JUMP = timedelta(days=1)
_PATIENCE = 5.0  # seconds for one place
_STATUS = re.compile(r": [1-5]\d\d: ")  # as the client words what a place answered
_PACKAGES = (
    *("fetch-imaging", "certifi", "click", "defusedxml", "httpx", "icalendar", "jinja2", "keyring"),
    *("license-expression", "pillow", "platformdirs", "pycurl", "pydicom", "tenacity", "tomli"),
    *("tqdm", "zstandard"),
)


class Doctor(NamedTuple):
    """What was looked at."""

    findings: tuple[Finding, ...]
    exit: int

    def to_dict(self) -> dict[str, Any]:
        """Return the verb's JSON document."""
        return dict(document(self))


def run(context: Context, *, network: bool = False, share: bool = False) -> Doctor:
    """Look at everything; with `network`, ask each place's host one small question.

    With `share` the store becomes a group's first; raises `StoreError` where it is not one's own.
    """
    left = list(sharing_store.share(context)) if share else []
    folder = [*left, *_folder(context)]
    record = list(_record(context))
    rest = [*_software(), *_line(context), *_sources(context)]
    if network:
        rest += [*_proxies(context), *_places(context)]
    # One that cannot be read, or is none that this program wrote, says nothing of its events.
    refused = not any(one.rule == "events" for one in record)
    judged = (
        (folder, StoreError.exit_status),
        (record, StoreError.exit_status if refused else ContentError.exit_status),
    )
    status = next((status for found, status in judged if any(_bad(one) for one in found)), 0)
    if not status and any(_bad(one) for one in rest):
        status = CatalogueError.exit_status
    return Doctor(findings=(*folder, *record, *rest), exit=status)


def _bad(finding: Finding) -> bool:
    return finding.severity == "error"


def _said(rule: Rule, severity: Severity, message: str, hint: str | None = None) -> Finding:
    return Finding(rule=rule, severity=severity, message=message, hint=hint)


def _folder(context: Context) -> Iterator[Finding]:
    home, store = context.workspace.home, context.store
    if home.is_dir() and not os.access(home, os.W_OK | os.X_OK):
        yield _said("home", "error", f"{home} cannot be written", "choose another with --home DIR")
    else:
        yield _said("home", "info", str(home) if home.is_dir() else f"{home} (made when it is first needed)")
    if not store.is_dir():
        above = next(folder for folder in store.parents if folder.exists())
        if above.is_dir() and os.access(above, os.W_OK | os.X_OK):
            yield _said("store", "info", f"{store} (made when it is first needed; the disk was not tried)")
        else:
            yield _said("store", "error", f"{store} cannot be made in {above}", "choose another with --cache DIR")
        return
    try:
        probed = list(probe(store))
    except StoreError as error:
        yield _said("store", "error", error.what, error.hint)
        return
    yield from _shared(context)
    yield _said(
        "store", "info", f"{store}, {disk_space.free(store):,} bytes free, {os.statvfs(store).f_favail:,} files"
    )
    for one in probed:
        if not one.able and one.follows:
            yield _said("file-system", "warning", f"no {one.name} here: {one.follows}")
    yield _said("file-system", "info", ", ".join(one.name for one in probed if one.able))


def _shared(context: Context) -> Iterator[Finding]:
    """Yield whose the store is: one account's, or a group's."""
    store = context.store
    if sharing.is_shared(store):
        found = store.stat()
        members = f"group {group_name(found.st_gid)}, mode {stat.S_IMODE(found.st_mode):04o}"
        yield _said("sharing", "info", f"{store} is a group's: {members}; you are {account(os.geteuid())}")
        if found.st_gid not in (os.getegid(), *os.getgroups()) and os.geteuid() != 0:
            yield _said("sharing", "warning", f"you are not of its group {group_name(found.st_gid)}", "id")
    elif sharing.to_be_shared(store) and (store / NAME).exists():
        yield _said(
            "sharing",
            "warning",
            f"{store} was founded as one account's, and `shared` changes no store that is there",
            "fetch doctor --share",
        )


def _record(context: Context) -> Iterator[Finding]:
    try:
        with Manifest.open(context.store, write=False) as manifest:
            broken = [*manifest.said, *manifest.faults()]
            chain = manifest.chain_faults()
            events, held = manifest.events(), manifest.holdings()
    except StoreError as error:
        yield _said("record", "error", error.what, error.hint)
        return
    for fault in broken:
        yield _said("record", "error", fault, _mended(context))
    for fault in chain:
        yield _said("events", "error", fault, f"it was changed by hand; {_mended(context)}")
    if not broken:
        yield _said("record", "info", f"{sum(row.files for row in held):,} files, the journal says the same")
    if not chain:
        yield _said("events", "info", f"{len(events):,} events, the chain is whole")
    newest = max([event.at for event in events] + [f"{row.acquired_on}T00:00:00Z" for row in held], default=None)
    yield from _clock(context, newest)


def _mended(context: Context) -> str:
    """Return how a record can be repaired. Moving or removing it is never advised: it may be the only copy."""
    store = quote(str(context.store))
    return f"cp -p {store}/manifest.* BACKUP/   (then restore both files of one backup while no command runs)"


def _clock(context: Context, newest: str | None) -> Iterator[Finding]:
    try:
        ahead = datetime.fromisoformat(newest) - context.now if newest is not None else timedelta()
    except ValueError:
        return  # an edited day: what edited it was said
    if ahead > _JUMP:
        hint = "set the clock: what lapses is decided by it"
        yield _said("clock", "warning", f"it says {context.stamp}, the newest record is of {newest}", hint)


def _software() -> Iterator[Finding]:
    from importlib.metadata import PackageNotFoundError, version

    found = [f"Python {platform.python_version()}", ENGINE]
    for name in _PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            yield _said("software", "warning", f"{name} is not installed", "install the package again")
    yield _said("software", "info", ", ".join(found))


def _line(context: Context) -> Iterator[Finding]:
    environ = context.environ
    proxies = sorted({name.upper() for name in environ if name.upper().endswith("_PROXY") and environ[name]})
    if proxies:
        yield _said("proxy", "info", f"{', '.join(proxies)} set")
    authorities = environ.get("SSL_CERT_FILE")
    if authorities:
        yield _authorities(authorities)
    yield from _credentials(context)


def _authorities(path: str) -> Finding:
    import ssl

    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=path)
    except (OSError, ValueError) as error:
        why = error.strerror or str(error) if isinstance(error, OSError) else str(error)
        return _said("certificates", "error", f"SSL_CERT_FILE is {path}: {why}", "let it name a PEM file, or unset it")
    return _said("certificates", "info", f"SSL_CERT_FILE is {path}")


def _credentials(context: Context) -> Iterator[Finding]:
    from fetchers.transport import credential_store

    path = context.workspace.home / credential_store.FILE
    if not path.exists():
        return
    try:
        found = credential_store.read(context.workspace.home)
    except FetchError as error:
        yield _said("credentials", "error", error.what, error.hint)
    else:
        yield _said("credentials", "info", f"{path}: {', '.join(one.prefix for one in found) or 'none'}")


def _sources(context: Context) -> Iterator[Finding]:
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
            yield _said("source", "error", f"{name}: {error.what}", error.hint)
            continue
        if type(source).__module__.startswith("fetchers."):
            built_in.append(name)
        else:
            yield _said("source", "info", f"{name} comes from {strangers.get(name, type(source).__module__)}")
    yield _said("sources", "info", f"built in: {', '.join(built_in)} ({len(catalogue.all())} datasets)")


def _proxies(context: Context) -> Iterator[Finding]:
    """Try each proxy of the environment: what fails there is not the places' fault."""
    from fetchers.transport.proxies import proxies_of, unreachable

    for proxy in sorted(set(proxies_of(context.environ).by_scheme.values())) if not context.offline else ():
        shown = proxy.rpartition("//")[2].rpartition("@")[2].rstrip("/")
        why = unreachable(proxy, min(context.timeout, _PATIENCE))
        if why is None:
            yield _said("proxy", "info", f"the proxy {shown} answers")
        else:
            hint = "HTTPS_PROXY, HTTP_PROXY or ALL_PROXY names the proxy, NO_PROXY the hosts that need none"
            yield _said("proxy", "error", f"the proxy {shown} cannot be reached: {why}", hint)


def _places(context: Context) -> Iterator[Finding]:
    """Send one request to each host of the catalogue's links; any response will do."""
    from urllib.parse import urlsplit

    from fetchers.transport.http_client import converse
    from fetchers.transport.network_session import connect

    if context.offline:
        yield _said("place", "info", "offline: no archive was asked")
        return
    timeout = min(context.timeout, _PATIENCE)
    links = {urlsplit(one.link)[:2]: one.link for one in reversed(context.workspace.catalogue.all()) if one.link}
    try:
        line = connect(
            home=context.workspace.home,
            environ=context.environ,
            mirrors=context.mirrors,
            timeout=timeout,
            retries=0,
        )
    except FetchError as error:
        yield _said("place", "error", f"no archive was asked: {error.what}", error.hint)
        return
    context.progress.begin("asking the archives", files=len(links))
    try:
        with converse(line) as client:
            for link in sorted(links.values()):
                yield _asked(client.head, link)
                context.progress.advance(files=1)
    finally:
        context.progress.end()


def _asked(ask: Callable[[str], object], link: str) -> Finding:
    try:
        ask(link)
    except AccessError as error:
        return _said("place", "info", f"answers, and requires a credential: {error.what}")
    except FetchError as error:
        if _STATUS.search(error.what):
            return _said("place", "info", f"answers: {error.what}")
        return _said("place", "warning", f"does not answer: {error.what}", error.hint)
    return _said("place", "info", f"{link} answers")
