"""Recognise an HTML, XML or JSON page that came in place of a file.

Login pages, terms, quotas, portals and errors arrive with status 200. A page is told by its words; what a person does
next depends on which it is.
"""

# ruff: noqa: ISC004 - a table of words
from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import urlsplit

from fetchers.records import HEAD

_FEW = 300  # bytes of a page without any markup
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


class Page(NamedTuple):
    """What kind of page it is, in a word and in a sentence, and what a person may do."""

    kind: str
    title: str
    hint: str


# Asked in this order: the first that speaks decides. A quota page of a signed-in place names its login, too.
# Compiled when the first page comes: that takes 2 ms, and most runs see none.
_KINDS: tuple[tuple[str, str, bytes], ...] = (
    (
        "captive-portal",
        "a network's own sign-in page",
        rb"captive.?portal|hotspot|guest (wi-?fi|network|access)|wi-?fi (access|login|sign)|wlan.?login|free wi-?fi"
        rb"|(connect|access) to the internet|internet access (terms|portal)|room number|"
        rb"cloudflare[^\n]{0,200}(checking|verif)"
        rb"|checking your browser|attention required|just a moment\.\.\.|verify you are (a )?human|cf-browser"
        rb"|enable javascript and cookies to continue",
    ),
    (
        "quota-page",
        "a quota page",
        rb"quota exceeded|download quota|exceeded (the|your) (daily|rate|download|bandwidth)|too many (requests|users)"
        rb"|rate.?limit|bandwidth limit|virus.?scan|can.?t scan this file|traffic limit|temporarily disabled"
        rb"|generating too much traffic|try again (later|tomorrow)",
    ),
    (
        "terms-page",
        "a page of terms to agree to",
        rb"(accept|agree to|consent to)[^<]{0,40}(terms|conditions|agreement|licen[cs]e|policy|dua)"
        rb"|data (use|usage|access|transfer) (agreement|request|certification)|i (accept|agree)\b|terms of (use|access)"
        rb"[^<]{0,80}(accept|agree)|sign the dua|credentialed (access|user)|access requirement|must agree"
        rb"|click.?wrap|restricted access",
    ),
    (
        "login-page",
        "a login page",
        rb"type=[\"']?password|name=[\"']?(j_)?password|log.?in|sign.?in|shibboleth|wayf|saml(request|response)?"
        rb"|keycloak|openid|single sign.?on|\bsso\b|discovery service|select your (institution|organi[sz]ation)"
        rb"|session (has )?(expired|timed out)|authenticat|anmeld|username|identity provider",
    ),
    (
        "not-found-as-200",
        "a page that says not found",
        rb"\b404\b|not found|does ?n.t exist|no longer (available|exists)|cannot be found|page (is )?missing|moved"
        rb"|unknown (record|dataset|file)|has been (removed|deleted|withdrawn)|no such (file|record|page)|gone\b",
    ),
)
_ERRORS = re.compile(
    rb"\"?(error|errors|message|status|detail|details|exception|fault|code|reason)\"?\s*:|<error|<message|<faultstring"
)


def classify(head: bytes, *, url: str, content_type: str | None) -> Page | None:
    """Return which page `head` (64 KiB at most) is, or None. `content_type` is only a hint."""
    body = head[:HEAD].removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n\f")
    lower = body.lower()
    start = lower[:1]
    markup = start == b"<" and not lower.startswith(b"<?xpacket")
    json = start in (b"{", b"[")
    # A server's word is a hint: under it, a few plain words may be a page, a table or a readme may not.
    words_only = not markup and not json
    if words_only and not ((content_type or "").startswith("text/html") and 0 < len(body) <= _FEW and body[:1] != b"%"):
        return None
    if _BINARY.search(body, 0, 1024) or (
        words_only and (b"," in body.split(b"\n")[0] or b"\t" in body or b"<?" in body)
    ):
        return None
    host = urlsplit(url).hostname or "the place"
    if json or (lower.startswith((b"<?xml", b"<error")) and b"<html" not in lower[:2048]):
        return _machine(lower, host)
    words = _heading(lower) + b"\n" + lower
    for kind, title, pattern in _KINDS:
        if re.search(pattern, words):
            return Page(kind=kind, title=title, hint=_hint(kind, host))
    if words_only:
        return None
    return Page(kind="page", title="a web page", hint=_hint("page", host))


def _heading(lower: bytes) -> bytes:
    found = re.search(rb"<title[^>]*>(.*?)</title>", lower, re.DOTALL)
    return found.group(1) if found else b""


def _machine(lower: bytes, host: str) -> Page | None:
    if _ERRORS.search(lower[:4096]):
        return Page(
            kind="server-error-json",
            title="an error message for programs",
            hint=f"{host} has a fault or requires a sign-in: open the address in a browser, or try again later",
        )
    return Page(kind="page", title="a listing for programs", hint=_hint("page", host))


def _hint(kind: str, host: str) -> str:
    return {
        "login-page": f"you are not signed in at {host}: fetch login {host}",
        "terms-page": f"{host} requires its terms to be accepted: open the address in a browser, then fetch or adopt",
        "quota-page": f"{host} gives no more for now: try again later",
        "captive-portal": "the network in between answers: open any page in a browser, sign in to it, and try again",
        "not-found-as-200": "the place has moved or removed the file: fetch show NAME",
    }.get(kind, "open the address in a browser and see what it says")
