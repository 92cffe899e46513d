"""A page in place of a file is told by its words, and the hint is what a person does next."""

from __future__ import annotations

import gzip
import json
import time

import pytest

from fetchers.checks.formats.error_page import Page, classify

_URL = "https://data.example.org/archive/7?key=hidden"

_LOGIN = [
    # XNAT
    '<html><head><title>XNAT Login</title></head><form action="/login"><input name="username"><input type="password">',
    "<html><title>CENTRAL</title><div id='login_area'>Please sign in to view this project</div></html>",
    # PhysioNet
    '<!DOCTYPE html><html><head><title>Login | Archive</title></head><body><form method="post"><label>Username</label>',
    # Synapse
    "<!doctype html><html><body>You will need to sign in for access to that resource.</body></html>",
    # OSF and its CAS
    "<html><title>OSF | Sign In</title><form id='fm1'><input name='username' type='text'></form></html>",
    # Zenodo, Figshare
    '<html><title>Log in</title><body><a href="/login/?next=/records/1/files/a.zip">Log in with ORCID</a></body>',
    "<html><head><title>Log in to figshare</title></head><body><input type=password name=pw></body></html>",
    # Google, Dropbox, SharePoint
    '<!doctype html><html><title>Google Drive: Sign-in</title><form id="gaia_loginform"><input type="email">',
    "<html><title>Dropbox - Sign in</title><body>Sign in to see this shared folder</body></html>",
    "<html><head><title>Sign in to your account</title></head><body data-place='login.microsoftonline'></body></html>",
    # Shibboleth, WAYF, SAML
    "<html><title>Discovery Service</title><body>Select your institution <select><option>Univ</select></body></html>",
    '<html><body onload="document.forms[0].submit()"><form method=post><input type=hidden name="SAMLRequest" value=x>',
    "<html><head><title>WAYF</title></head><body>Where are you from?</body></html>",
    "<html><title>Shibboleth Identity Provider</title><body>A service has asked to know who you are</body></html>",
    # Keycloak, OpenID
    '<html class="login-pf"><body id="keycloak-bg"><div id="kc-form"></div></body></html>',
    "<html><title>OpenID Connect</title><body>Redirecting to the provider</body></html>",
    # sessions, other languages, no title, one line, capital letters
    "<html><body><h1>Your session has expired</h1></body></html>",
    "<HTML><BODY><FORM><INPUT TYPE=PASSWORD></FORM></BODY></HTML>",
    "<html><title>Anmeldung</title><body>Bitte anmelden</body></html>",
    "<html><title>Single Sign-On</title><body></body></html>",
    "<html><body>Authentication required</body></html>",
]

_TERMS = [
    # TCIA
    "<html><title>Restricted</title><body>You must sign the <b>TCIA Restricted Licence</b>: restricted access</body>",
    "<html><title>Data Usage Policy</title><body><label><input type=checkbox> I agree</label></body></html>",
    # PhysioNet
    "<html><title>Sign Data Use Agreement</title><body>data use agreement for the project</body></html>",
    "<html><body>This is available to a credentialed user who has done the training.</body></html>",
    "<html><body>To see the files, sign the DUA for this project. <a href='/login'>Log in</a></body></html>",
    # Synapse
    "<html><title>Access Requirements</title><body>There is an access requirement on this entity</body></html>",
    # others
    "<html><title>Terms</title><body>Please accept the terms and conditions before downloading.</body></html>",
    "<html><body><button>I Accept</button> <button>Decline</button></body></html>",
    "<html><body>By clicking, you consent to our data policy.</body></html>",
    "<html><body>You must agree before the download begins.</body></html>",
    "<html><body>Terms of Use: read them to the end, then agree.</body></html>",
    "<html><title>Data Access Request</title><body>Fill in the form</body></html>",
]

_QUOTA = [
    # Google Drive
    "<html><title>Google Drive - Virus scan warning</title><body>Too large to scan. Download anyway?</body>",
    "<html><title>Google Drive - Quota exceeded</title><body>Sorry, you can't view this file.</body></html>",
    "<html><title>Google Drive</title><body>Too many users have viewed or downloaded it recently.</body></html>",
    # Dropbox
    "<html><title>Error (429)</title><body>This account's links are generating too much traffic.</body></html>",
    "<html><title>Dropbox</title><body>These links have been temporarily disabled!</body></html>",
    # Zenodo, others
    "<html><body><h1>429 Too Many Requests</h1></body></html>",
    "<html><body>Rate limit reached. <a href='/login'>Sign in</a> for more.</body></html>",
    "<html><body>You have exceeded your daily allowance.</body></html>",
    "<html><body>Your download quota is used up.</body></html>",
    "<html><body>Bandwidth limit of this site is reached</body></html>",
    "<html><body>The archive is busy. Please try again later.</body></html>",
]

_PORTAL = [
    "<html><title>Hotel Seaview Guest Wi-Fi</title><body>Room number <input> Last name <input></body></html>",
    "<html><title>Welcome</title><body>To connect to the Internet, accept the terms of use. I agree</body></html>",
    "<html><head><title>Hotspot Login</title></head><body><input type=password></body></html>",
    "<html><title>Guest Network</title><body>Enter the voucher</body></html>",
    "<html><body>Free WiFi at the station. Log in with e-mail.</body></html>",
    "<html><title>Captive Portal</title></html>",
    "<html><meta http-equiv=refresh content='0; url=http://10.0.0.1/captiveportal/'></html>",
    # Cloudflare and its like stand between, too
    "<!DOCTYPE html><html><title>Just a moment...</title><body>Enable JavaScript and cookies to continue</body></html>",
    "<html><title>Attention Required! | Cloudflare</title><body class='cf-browser'>You have been blocked</body>",
    "<html><body>Checking your browser before you enter</body></html>",
    "<html><body>Please verify you are a human</body></html>",
]

_NOT_FOUND = [
    "<html><title>404 - Page</title><body></body></html>",
    "<html><title>Oops</title><body>The page you were looking for doesn't exist.</body></html>",
    "<html><body>This record has been removed.</body></html>",
    "<html><body>Unknown dataset</body></html>",
    "<html><body>The file is no longer available.</body></html>",
    "<html><body>No such file</body></html>",
    "<html><title>Not Found</title><body>nginx</body></html>",
    "<html><body>The project has moved to another address.</body></html>",
]

_MACHINE = [
    '{"error": "unauthorized"}',
    '{"status": 404, "message": "PID does not exist."}',
    '{"reason": "End-User License Agreement is not signed", "concreteType": "x"}',
    '{"errors": [{"detail": "Authentication credentials were not provided."}]}',
    '[{"code": 500, "exception": "java.lang.NullPointerException"}]',
    '\n\n  {\n  \'x\': 1, "message": "no"}',
    '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>',
    '<?xml version="1.0"?><Error><Code>NoSuchKey</Code></Error>',
    "<Error><Code>SlowDown</Code></Error>",
    '<?xml version="1.0"?><soap:Envelope><faultstring>bad</faultstring></soap:Envelope>',
]

_PLAIN = [
    "<!DOCTYPE html><html><head><title>Chest images</title></head><body><p>Two hundred patients.</p></body></html>",
    "<html><title>Index of /pub</title><body><a href='a.zip'>a.zip</a></body></html>",
    "<p>hello</p>",
    '{"files": [{"name": "a.zip"}]}',
    '<?xml version="1.0"?><annotations><nodule/></annotations>',
]

_KINDS = {
    "login-page": _LOGIN,
    "terms-page": _TERMS,
    "quota-page": _QUOTA,
    "captive-portal": _PORTAL,
    "not-found-as-200": _NOT_FOUND,
    "server-error-json": _MACHINE,
    "page": _PLAIN,
}
_BODIES = [(kind, body) for kind, bodies in _KINDS.items() for body in bodies]


@pytest.mark.parametrize(("kind", "body"), _BODIES)
def test_a_page_is_told_by_its_words(kind: str, body: str) -> None:
    """Whatever the server calls it, and with a byte order mark and empty lines before it."""
    for before in (b"", b"\xef\xbb\xbf", b"\r\n \t\n", b"\xef\xbb\xbf\n\n"):
        for called in (None, "application/zip", "text/html; charset=utf-8", "application/octet-stream"):
            found = classify(before + body.encode(), url=_URL, content_type=called)
            assert found is not None
            assert found.kind == kind, body


def test_there_are_enough_of_them() -> None:
    """Sixty bodies, and no body twice."""
    assert len({body for _, body in _BODIES}) == len(_BODIES) >= 60


@pytest.mark.parametrize(("kind", "body"), _BODIES)
def test_the_hint_is_a_next_step_and_holds_no_secret(kind: str, body: str) -> None:
    """Something to do, without the address's query and without any word of the page."""
    found = classify(body.encode(), url=_URL, content_type=None)
    assert isinstance(found, Page)
    assert len(found.hint) > 20
    assert "hidden" not in found.hint + found.title
    assert "\n" not in found.hint + found.title
    assert "<" not in found.hint + found.title


def test_who_is_not_signed_in_is_told_where() -> None:
    """The command that signs in, with the host that wants it."""
    found = classify(_LOGIN[0].encode(), url=_URL, content_type=None)
    assert found is not None
    assert found.hint == "you are not signed in at data.example.org: fetch login data.example.org"


_NO_PAGES: dict[str, bytes] = {
    "nothing": b"",
    "space": b"  \n",
    "a zip": b"PK\3\4\x14\0\0\0",
    "a gzip": gzip.compress(b"<html>login</html>"),
    "a png": b"\x89PNG\r\n\x1a\n<html>",
    "dicom": bytes(128) + b"DICM<html>log in</html>",
    "dicom without preamble": b"\x08\0\x05\0CS\x0a\0ISO_IR 100",
    "a table": b"id,name\n1,login\n",
    "prose": b"Please log in, or read the terms of use and agree.",
    "markup in the midst": b"# Readme\n<html>login</html>",
    "markup, then bytes": b"<\0\x01\x02html>",
    "a brace, then bytes": b"{\x00\x01\x02error: 1",
    "XMP": b'<?xpacket begin="" id="W5M0"?><x/>',
}


@pytest.mark.parametrize("data", _NO_PAGES.values(), ids=_NO_PAGES)
def test_what_is_no_page_is_let_through(data: bytes) -> None:
    """A file is not refused for a word that is in it."""
    assert classify(data, url=_URL, content_type="application/octet-stream") is None
    assert classify(data, url=_URL, content_type=None) is None


@pytest.mark.parametrize("name", ["a zip", "a gzip", "a png", "dicom", "dicom without preamble"])
def test_a_wrong_content_type_makes_no_page_of_a_file(name: str) -> None:
    """Zips do arrive as `text/html`."""
    assert classify(_NO_PAGES[name], url=_URL, content_type="text/html") is None


def test_a_long_page_is_read_to_sixty_four_kib_in_little_time() -> None:
    """Scripts come first; the form comes late; and a hostile body costs no more than a long one."""
    late = b"<html><script>" + b"var a = 1; " * 5000 + b"</script><input type=password>"
    found = classify(late, url=_URL, content_type=None)
    assert found is not None
    assert found.kind == "login-page"
    began = time.process_time()
    for piece in (b"accept ", b"<title", b"terms of use ", b"cloudflare", b"<", b"a"):
        assert classify(b"<html>" + piece * (1 << 17), url=_URL, content_type=None) is not None
    assert time.process_time() - began < 1.5


def test_large_json_data_is_a_listing_and_no_error() -> None:
    """Many rows without a word of fault."""
    rows = json.dumps([{"name": f"p{n}", "size": n} for n in range(2000)]).encode()
    found = classify(rows, url=_URL, content_type="application/json")
    assert found is not None
    assert found.kind == "page"
