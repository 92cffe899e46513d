"""Check the way out: proxies, certificates, credentials, and, where it is asked for, each archive's host."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from fetchers.errors import AccessError, FetchError
from fetchers.inspection.machine_checks import said

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fetchers.context import Context
    from fetchers.records import Finding

_PATIENCE = 5.0  # seconds for one place
_STATUS = re.compile(r": [1-5]\d\d: ")  # as the client words what a place answered


def connection_findings(context: Context) -> Iterator[Finding]:
    """Yield what the environment and the home say of the way out; nothing is asked of the network."""
    environ = context.environ
    proxies = sorted({name.upper() for name in environ if name.upper().endswith("_PROXY") and environ[name]})
    if proxies:
        yield said("proxy", "info", f"{', '.join(proxies)} set")
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
        return said("certificates", "error", f"SSL_CERT_FILE is {path}: {why}", "let it name a PEM file, or unset it")
    return said("certificates", "info", f"SSL_CERT_FILE is {path}")


def _credentials(context: Context) -> Iterator[Finding]:
    from fetchers.transport import credential_store

    path = context.workspace.home / credential_store.FILE
    if not path.exists():
        return
    try:
        found = credential_store.read(context.workspace.home)
    except FetchError as error:
        yield said("credentials", "error", error.what, error.hint)
    else:
        yield said("credentials", "info", f"{path}: {', '.join(one.prefix for one in found) or 'none'}")


def proxy_findings(context: Context) -> Iterator[Finding]:
    """Try each proxy of the environment: what fails there is not the places' fault."""
    from fetchers.transport.proxies import proxies_of, unreachable

    for proxy in sorted(set(proxies_of(context.environ).by_scheme.values())) if not context.offline else ():
        shown = proxy.rpartition("//")[2].rpartition("@")[2].rstrip("/")
        why = unreachable(proxy, min(context.timeout, _PATIENCE))
        if why is None:
            yield said("proxy", "info", f"the proxy {shown} answers")
        else:
            hint = "HTTPS_PROXY, HTTP_PROXY or ALL_PROXY names the proxy, NO_PROXY the hosts that need none"
            yield said("proxy", "error", f"the proxy {shown} cannot be reached: {why}", hint)


def place_findings(context: Context) -> Iterator[Finding]:
    """Send one request to each host of the catalogue's links; any response will do."""
    from urllib.parse import urlsplit

    from fetchers.transport.http_client import converse
    from fetchers.transport.network_session import connect

    if context.offline:
        yield said("place", "info", "offline: no archive was asked")
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
        yield said("place", "error", f"no archive was asked: {error.what}", error.hint)
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
        return said("place", "info", f"answers, and requires a credential: {error.what}")
    except FetchError as error:
        if _STATUS.search(error.what):
            return said("place", "info", f"answers: {error.what}")
        return said("place", "warning", f"does not answer: {error.what}", error.hint)
    return said("place", "info", f"{link} answers")
