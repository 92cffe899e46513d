"""Translate libcurl's errors into ours: in words, and whether trying again can help."""

from __future__ import annotations

import pycurl

from fetchers.errors import TransferError

_LATER = "try again later; fetch doctor looks at the network"
_CERTIFICATE = "nothing is fetched from a host that cannot prove its name; SSL_CERT_FILE names another CA file"
_LASTING: dict[int, tuple[str, str]] = {
    pycurl.E_PEER_FAILED_VERIFICATION: ("the certificate does not prove the host", _CERTIFICATE),
    pycurl.E_SSL_CACERT_BADFILE: ("the file of certificate authorities cannot be read", "see SSL_CERT_FILE"),
    pycurl.E_SSL_CERTPROBLEM: ("the certificate is refused", _CERTIFICATE),
    pycurl.E_SSL_CIPHER: ("no common way to encrypt", _CERTIFICATE),
    pycurl.E_SSL_ISSUER_ERROR: ("the certificate's issuer is refused", _CERTIFICATE),
    pycurl.E_SSL_INVALIDCERTSTATUS: ("the certificate's status is refused", _CERTIFICATE),
    pycurl.E_USE_SSL_FAILED: ("the server does not encrypt", _CERTIFICATE),
    pycurl.E_UNSUPPORTED_PROTOCOL: ("the answer is not in a protocol that is spoken here", _LATER),
    pycurl.E_URL_MALFORMAT: ("no address that can be asked", "fetch show NAME"),
    pycurl.E_FTP_COULDNT_RETR_FILE: ("550: not found there", "fetch show NAME"),
    pycurl.E_REMOTE_FILE_NOT_FOUND: ("550: no such file on the server", "fetch show NAME"),
    pycurl.E_REMOTE_ACCESS_DENIED: ("550: no such folder, or it is closed", "fetch show NAME"),
    pycurl.E_BAD_CONTENT_ENCODING: ("the answer is encoded in a way that is not spoken here", _LATER),
    pycurl.E_ABORTED_BY_CALLBACK: ("the name leads to a private address after a public one", _LATER),
    100: ("the answer's head is endless", _LATER),  # CURLE_TOO_LARGE; pycurl has no name for it
}
_PASSING: dict[int, str] = {
    pycurl.E_COULDNT_RESOLVE_HOST: "the name of the host cannot be resolved",
    pycurl.E_COULDNT_RESOLVE_PROXY: "the name of the proxy cannot be resolved",
    pycurl.E_COULDNT_CONNECT: "no connection: it was refused, or no server listens there",
    pycurl.E_SSL_CONNECT_ERROR: "the encrypted connection could not be agreed on",
    pycurl.E_OPERATION_TIMEDOUT: "no connection in time",
    pycurl.E_GOT_NOTHING: "the connection was closed without an answer",
    pycurl.E_PARTIAL_FILE: "the answer broke off",
    pycurl.E_RECV_ERROR: "the connection broke while it was read",
    pycurl.E_SEND_ERROR: "the connection broke while the question was sent",
    pycurl.E_FTP_WEIRD_SERVER_REPLY: "the server's answer makes no sense",
    pycurl.E_LOGIN_DENIED: "the server requires a password",
    pycurl.E_HTTP2: "the connection broke (HTTP/2)",
}
_PROXY = "HTTPS_PROXY, HTTP_PROXY or ALL_PROXY names the proxy, NO_PROXY the hosts that need none"
_AT_PROXY = frozenset({pycurl.E_COULDNT_RESOLVE_PROXY, pycurl.E_COULDNT_CONNECT})
_TLS_WORDS = ("unsupported protocol", "wrong version number", "protocol version", "handshake failure", "unknown ca")


UNREACHED = frozenset({pycurl.E_COULDNT_RESOLVE_HOST, pycurl.E_COULDNT_RESOLVE_PROXY, pycurl.E_COULDNT_CONNECT})


def nobody_there(shown: str) -> TransferError:
    """Return the error of a file whose host other files of this run could not reach."""
    return TransferError(f"{shown}: its host could not be reached for other files, and is not asked again", hint=_LATER)


def fault(shown: str, code: int, message: str, proxy: str = "") -> tuple[TransferError, bool]:
    """Return the error for libcurl's `code` at the redacted address, and whether another try can heal it.

    `proxy` is host and port of the one that was asked; what fails on the way to it is its fault and not the place's.
    """
    if proxy and code in _AT_PROXY:
        what = f"the proxy {proxy} cannot be reached: {_PASSING[code]}"
        return TransferError(f"{shown}: {what}", hint=f"{_PROXY}; fetch doctor --network tries it"), True
    if code in _LASTING:
        what, hint = _LASTING[code]
        return TransferError(f"{shown}: {what}{_reason(code, message)}", hint=hint), False
    if code == pycurl.E_SSL_CONNECT_ERROR and any(word in message.lower() for word in _TLS_WORDS):
        what = "the encrypted connection was refused: another version of TLS, or no TLS at all"
        return TransferError(f"{shown}: {what}", hint=_CERTIFICATE), False
    if "response 407" in message:
        return TransferError(
            f"{shown}: 407: the proxy requires a password", hint=f"{_PROXY} holds it: http://USER:PASSWORD@HOST:PORT"
        ), False
    if "CONNECT tunnel failed" in message:
        return TransferError(f"{shown}: the proxy refuses: {message.rpartition(' ')[2]}", hint=_PROXY), True
    return TransferError(f"{shown}: {_PASSING.get(code, f'the transfer failed (libcurl {code})')}", hint=_LATER), True


def _reason(code: int, message: str) -> str:
    """Add OpenSSL's reason, which names no secret: expired, self-signed, another host's name."""
    reason = message.rpartition(": ")[2].strip()
    return f" ({reason})" if code == pycurl.E_PEER_FAILED_VERIFICATION and reason else ""


def closed_bare(code: int, message: str) -> bool:
    """Return True if the server closed TLS without close_notify, as many do.

    OpenSSL 3 calls that an error; where an answer has neither length nor chunks it is how its end is told, and whether
    it is the file's end is for the file's own format to prove.
    """
    return code == pycurl.E_RECV_ERROR and "unexpected eof" in message.lower()
