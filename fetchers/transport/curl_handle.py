"""Set up one libcurl handle.

Redirects are not followed, nothing is decoded, only four protocols are spoken, the environment, .netrc and libcurl's
own cookies are not looked at: all that is decided by `policy` and told to the handle for each question.
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pycurl

from fetchers.transport.private_addresses import is_private
from fetchers.transport.url_policy import origin

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fetchers.transport.credentials import Credential
    from fetchers.transport.network_session import NetworkSession

AGENT = "fetch-imaging"
BASE = ("Accept-Encoding: identity",)
_BUFFER = 512 << 10
_SLOW_BUFFER = 16 << 10
_PROTOCOLS = pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS | pycurl.PROTO_FTP | pycurl.PROTO_FTPS


def pool(connections: int) -> pycurl.CurlMulti:
    """Make the set of transfers that one loop drives; it keeps so many connections open."""
    multi = pycurl.CurlMulti()
    multi.setopt(pycurl.M_MAXCONNECTS, connections)
    multi.setopt(pycurl.M_PIPELINING, 0)  # one connection per file: files do not share a window
    return multi


class Handle:
    """One easy handle that is used again and again; it is told only what has changed since the last question.

    A guarded handle asks what lies behind a public host's redirect: it opens no connection to a private address, and
    uses none that is open, whatever the name resolves to now.
    """

    __slots__ = ("_ca", "_ftp", "_headers", "_line", "_proxy", "_signs", "blocked", "curl", "guarded")

    def __init__(self, line: NetworkSession, *, guarded: bool) -> None:
        self._line = line
        self.guarded = guarded
        self.blocked = False
        self.curl = curl = pycurl.Curl()
        self._headers: Sequence[str | bytes] = BASE
        self._proxy = ""
        self._ca = False
        self._ftp = False
        self._signs = False
        for option, value in (
            (pycurl.NOSIGNAL, 1),
            (pycurl.FOLLOWLOCATION, 0),
            (pycurl.PROTOCOLS, _PROTOCOLS),
            (pycurl.NETRC, pycurl.NETRC_IGNORED),
            (pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_1_1),
            (pycurl.HTTP_CONTENT_DECODING, 0),
            (pycurl.CONNECTTIMEOUT_MS, int(line.timeout * 1000)),
            (pycurl.FTP_RESPONSE_TIMEOUT, max(1, int(line.timeout))),
            (pycurl.FTP_SKIP_PASV_IP, 1),
            (pycurl.OPT_FILETIME, 1),
            (pycurl.TCP_NODELAY, 1),
            (pycurl.TCP_KEEPALIVE, 1),
            (pycurl.BUFFERSIZE, _SLOW_BUFFER if line.throttle else _BUFFER),
            (pycurl.SSL_VERIFYPEER, 1),
            (pycurl.SSL_VERIFYHOST, 2),
            (pycurl.HEADEROPT, pycurl.HEADER_SEPARATE),  # what is meant for the host does not go to its proxy
        ):
            curl.setopt(option, value)
        curl.setopt(pycurl.PROXY, "")  # the environment is read by `proxies`, not by libcurl
        curl.setopt(pycurl.NOPROXY, "")
        curl.setopt(pycurl.USERAGENT, AGENT)
        curl.setopt(pycurl.HTTPHEADER, list(BASE))
        if guarded:
            curl.setopt(pycurl.OPENSOCKETFUNCTION, self._open_socket)
            curl.setopt(pycurl.PREREQFUNCTION, self._before_request)

    def aim(self, url: str, headers: Sequence[str | bytes], credential: Credential | None, offset: int) -> None:
        """Prepare the request for `url`; `offset` counts for FTP only, HTTP has it among its headers."""
        curl = self.curl
        self.blocked = False
        curl.setopt(pycurl.URL, url)
        if headers != self._headers:
            curl.setopt(pycurl.HTTPHEADER, list(headers))
            self._headers = headers
        if not self._ca and url[:5].lower() in ("https", "ftps:"):
            curl.setopt(pycurl.CAINFO, self._line.authorities())
            self._ca = True
        proxy = self._line.proxies.proxy_for(url)
        if proxy != self._proxy:
            curl.setopt(pycurl.PROXY, proxy)
            if proxy.startswith("https:"):
                curl.setopt(pycurl.PROXY_CAINFO, self._line.authorities())
            self._proxy = proxy
        signing = credential.signing if credential is not None else None
        if signing is not None or self._signs:
            self._aim_signed(url, signing)
            self._signs = signing is not None
        ftp = url[:3].lower() == "ftp"
        if ftp or self._ftp:
            self._aim_ftp(credential if ftp else None, offset if ftp else 0)
            self._ftp = ftp

    @property
    def proxy(self) -> str:
        """Host and port of the proxy that is asked; empty for none."""
        return self._proxy.rpartition("//")[2].rpartition("@")[2].rstrip("/")

    def asks_public(self, url: str) -> bool:
        """Return True if `url` was answered by a public host, judged by its address, or behind a proxy by its name.

        Behind a proxy nobody here knows what a name resolves to, so every name but this machine's counts as public.
        """
        return not is_private(origin(url)[1] if self._proxy else self.curl.getinfo(pycurl.PRIMARY_IP))

    def _aim_signed(self, url: str, signing: tuple[str, str, str] | None) -> None:
        """Switch libcurl's S3 signature on or off."""
        if signing is None:
            self.curl.unsetopt(pycurl.USERPWD)
            self.curl.setopt(pycurl.HTTPAUTH, pycurl.HTTPAUTH_BASIC)
            self.curl.setopt(pycurl.AWS_SIGV4, "")
            return
        from fetchers.transport.customary_keys import region_of

        self.curl.setopt(pycurl.AWS_SIGV4, f"aws:amz:{region_of(url)}:s3")
        self.curl.setopt(pycurl.USERPWD, f"{signing[0]}:{signing[1]}")

    def _aim_ftp(self, credential: Credential | None, offset: int) -> None:
        curl = self.curl
        curl.setopt(pycurl.RESUME_FROM_LARGE, offset)
        if credential is not None and credential.user is not None:
            curl.setopt(pycurl.USERNAME, credential.user)
            curl.setopt(pycurl.PASSWORD, credential.password or "")
        else:
            curl.unsetopt(pycurl.USERNAME)
            curl.unsetopt(pycurl.PASSWORD)

    def _open_socket(self, purpose: int, address: pycurl.CurlSockAddr) -> _Lent | int:
        """Refuse before the first packet: the address is the one that the name resolved to just now."""
        del purpose
        family, kind, protocol, where = address
        if not self._proxy and family in (socket.AF_INET, socket.AF_INET6) and is_private(str(where[0])):
            self.blocked = True
            return pycurl.SOCKET_BAD
        return _Lent(socket.socket(family, kind, protocol))

    def _before_request(self, remote: str, *_: object) -> int:
        if not self._proxy and is_private(remote):
            self.blocked = True
            return pycurl.PREREQFUNC_ABORT
        return pycurl.PREREQFUNC_OK


class _Lent:
    """A socket for libcurl, which makes its own descriptor of it and leaves this one to us."""

    def __init__(self, opened: socket.socket) -> None:
        self._opened = opened

    def fileno(self) -> int:
        """Return the descriptor to duplicate."""
        return self._opened.fileno()

    def __del__(self) -> None:
        self._opened.close()
