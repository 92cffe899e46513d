"""Error pages are recognised, and no file is taken for one."""

# ruff: noqa: E501 - tables of cases, and helpers that hand anything on
from __future__ import annotations

import gzip
import random

import pytest

from fetchers.checks.formats.error_page import classify
from fetchers.checks.formats.sniff import sniff
from tests.checks.shipped import shipped
from tests.checks.test_container import WHOLE, nifti


def html(title: str, body: str, start: str = "<!DOCTYPE html>\n") -> str:
    """Make a page as servers make them, with a head full of what tells nothing."""
    return (
        f"{start}<html lang='en'><head><meta charset='utf-8'><title>{title}</title>"
        f"<link rel='stylesheet' href='/static/a.css'><script src='/static/a.js'></script></head><body>{body}</body></html>"
    )


LOGIN, TERMS, QUOTA, PORTAL, GONE = "login-page", "terms-page", "quota-page", "captive-portal", "not-found-as-200"
MACHINE = "server-error-json"
PAGES: list[tuple[str, str]] = [
    # XNAT
    (LOGIN, html("XNAT", "<form action='/login' method='post'><input name='username'><input name='password'></form>")),
    (LOGIN, html("Central XNAT Login", "<div id='login_area'>Please log in to continue.</div>")),
    (LOGIN, html("CNDA", "<p>Your session has expired.</p><a href='/app/template/Login.vm'>Back</a>")),
    (GONE, html("XNAT", "<h3>The requested resource does not exist.</h3>")),
    (TERMS, html("XNAT", "<p>To see this project you must agree to its Data Use Agreement.</p>")),
    # Synapse
    (LOGIN, html("Synapse | Sage Bionetworks", "<div id='root'></div><a href='/LoginPlace:0'>Sign in to Synapse</a>")),
    (TERMS, html("Synapse", "<p>This entity has an unmet access requirement. Request access.</p>")),
    (MACHINE, '{"concreteType":"org.sagebionetworks.ErrorResponse","reason":"You do not have READ permission"}'),
    # PhysioNet
    (LOGIN, html("Log In", "<h1>Log In to PhysioNet</h1><input type='password' name='password'>")),
    (TERMS, html("PhysioNet", "<p>Access to the files: only <b>credentialed users</b> who sign the DUA can get them.</p>")),
    (TERMS, html("Sign Data Use Agreement", "<form><h2>Data Use Agreement</h2><button>I agree</button></form>")),
    (TERMS, html("PhysioNet - Restricted", "<div class='alert'>This is a restricted-access resource: Restricted Access</div>")),
    (GONE, html("Page Not Found", "<h1>404</h1><p>The page you asked for cannot be found.</p>")),
    # TCIA
    (LOGIN, html("NBIA Search", "<form>User Name <input name='j_username'><input type=\"password\"></form>")),
    (TERMS, html("TCIA Data Usage", "<p>Click accept: you agree to the TCIA Restricted License Agreement.</p>")),
    (GONE, html("Oops", "<h2>This collection is no longer available on The Cancer Imaging Archive</h2>")),
    (MACHINE, '{"error":"invalid_token","error_description":"Invalid access token"}'),
    # Zenodo
    (GONE, html("Zenodo", "<h1>Record deleted</h1><p>The record you are trying to open has been removed.</p>")),
    (TERMS, html("Zenodo", "<p>The files of this record are under restricted access. Request access here.</p>")),
    (MACHINE, '{"status": 403, "message": "Permission denied."}'),
    (MACHINE, '{"status":429,"message":"30 per 1 minute"}'),
    (GONE, html("410 Gone", "<p>The persistent identifier has been deleted.</p>")),
    # Figshare
    (LOGIN, html("Figshare", "<a class='cta' href='https://account.example/auth'>Sign in with your institution</a>")),
    (GONE, html("figshare", "<h1>Sorry!</h1>This item is no longer available.")),
    (MACHINE, '{"message": "Entity not found: file", "code": "EntityNotFound"}'),
    # OSF
    (LOGIN, html("OSF | Sign in", "<p>Sign in with your OSF account</p><a href='/cas'>ORCID</a>")),
    (GONE, html("OSF", "<h2>Page not found</h2><p>The requested page could not be reached.</p>")),
    (MACHINE, '{"errors":[{"detail":"Not found."}],"meta":{"version":"2.0"}}'),
    (GONE, html("OSF", "<p>This file has been deleted.</p>")),
    # Google Drive
    (QUOTA, html("Google Drive - Quota exceeded", "<p>Sorry, you can't view or download this file at this time.</p>")),
    (QUOTA, html("Google Drive - Virus scan warning", "<p>Google Drive can't scan this file for viruses.</p>")),
    (LOGIN, html("Google Drive: Sign-in", "<div>Sign in to continue to Google Drive</div>")),
    (GONE, html("Error 404 (Not Found)!!1", "<p><b>404.</b> That is an error.")),
    (QUOTA, html("Google Drive", "<p>Too many users have viewed or downloaded this file recently.</p>")),
    # Dropbox
    (QUOTA, html("Dropbox - Error 429", "<p>This link is temporarily disabled: it is generating too much traffic.</p>")),
    (GONE, html("Dropbox", "<h1>That file isn't here anymore</h1><p>It may have been moved or someone deleted it.</p>")),
    (LOGIN, html("Dropbox Login", "<input type=email name=login_email><input type=password>")),
    # SharePoint
    (LOGIN, html("Sign in to your account", "<form name='f1' action='https://login.example/common/oauth2'></form>")),
    (LOGIN, html("Sharing Link Validation", "<p>Enter your email and password</p><input type='password'>")),
    (GONE, html("SharePoint", "<p>Sorry, the link doesn't exist any more: this link has been removed.</p>")),
    (QUOTA, html("SharePoint", "<p>The server is busy now: too many requests. Try again later.</p>")),
    # Shibboleth and federations
    (LOGIN, html("Shibboleth Identity Provider", "<p>Stale request</p>")),
    (LOGIN, html("Select your institution", "<select name='idp'><option>A University</option></select>")),
    (LOGIN, html("", "<form method='post' action='https://sp.example/SAML2/POST'><input name='SAMLResponse' value='x'></form>")),
    (LOGIN, html("WAYF", "<p>Where are you from?</p>")),
    (LOGIN, html("Anmeldung", "<p>Bitte melden Sie sich an</p><input type=password>")),
    # Keycloak
    (LOGIN, html("Sign in to imaging", "<div id='kc-form-login'><input id='username' name='username'></div>")),
    (LOGIN, html("We are sorry...", "<p>Keycloak: Invalid parameter: redirect_uri</p>")),
    (TERMS, html("Terms and Conditions", "<form><p>Please accept the terms and conditions</p><input value='Accept'></form>")),
    # Cloudflare and the like
    (PORTAL, html("Just a moment...", "<p>Enable JavaScript and cookies to continue</p>")),
    (PORTAL, html("Attention Required! | Cloudflare", "<div class='cf-browser-verification'></div>")),
    (QUOTA, html("Access denied | Error 1015", "<p>You are being rate limited</p>")),
    (PORTAL, html("Please wait", "<p>Checking your browser before accessing the site.</p>")),
    # Hotels, hospitals, trains
    (PORTAL, html("Grand Hotel Guest Wi-Fi", "<form>Room number <input name='room'> Surname <input name='n'></form>")),
    (PORTAL, html("Welcome", "<p>To connect to the internet please accept our terms.</p><button>Connect</button>")),
    (PORTAL, html("Hotspot Login", "<form name=login><input name=password type=password></form>")),
    (PORTAL, html("WLAN Login", "<p>Willkommen im Netz der Klinik</p>")),
    (PORTAL, "<HTML><HEAD><META HTTP-EQUIV='refresh' content='0; url=http://captive-portal.example/'></HEAD></HTML>"),
    # Errors of stores and proxies
    (MACHINE, "<?xml version='1.0' encoding='UTF-8'?>\n<Error><Code>AccessDenied</Code><Message>x</Message></Error>"),
    (MACHINE, "<Error><Code>NoSuchKey</Code><Message>The key is not there</Message></Error>"),
    (MACHINE, '{"code":500,"detail":"Internal Server Error"}'),
    (MACHINE, '\n  {"fault":{"faultstring":"Rate limit quota violation"}}'),
    (MACHINE, '[{"error": "busy"}]'),
    (GONE, html("Not Found", "<h1>Not Found</h1><p>The requested URL was not found on this server.</p>", start="")),
    ("page", html("502 Bad Gateway", "<center><h1>502 Bad Gateway</h1></center><hr><center>nginx</center>")),
    (QUOTA, html("", "Bandwidth limit reached for today.", start="<!-- a comment -->")),
]  # fmt: skip


def test_the_set_of_pages_is_not_small() -> None:
    """The set is not small."""
    assert len(PAGES) >= 60


@pytest.mark.parametrize(("kind", "body"), PAGES)
def test_pages_are_recognised_by_their_bytes(kind: str, body: str) -> None:
    """Each is seen to be a page by its bytes, whatever the server calls it, and told apart by its words."""
    for start in ("", "\ufeff", "\r\n \n"):
        data = (start + body).encode()
        assert sniff(data, len(data)) in ("html", "xml", "json")
        for content_type in (None, "application/zip", "text/html; charset=utf-8"):
            found = classify(data, url="https://data.example.org/x?token=s3cret", content_type=content_type)
            assert found is not None
            assert found.kind == kind
            assert "s3cret" not in found.hint + found.title
            assert found.hint


TRUE_FILES = {
    **WHOLE,
    "nii.gz": gzip.compress(nifti()),
    "csv": b"id,username,password,login\n1,a,b,c\n2,d,e,f\n",
    "tsv": b"id\tterms of use\n1\t404\n",
    "readme": b"# A data set\n\nYou must agree to the terms of use. Log in at the place to download; 404 cases.\n" * 30,
    "licence": b"Creative Commons Attribution 4.0\n\nSection 1: you accept these terms and conditions.\n" * 50,
    "uids": b"1.2.3.4\n1.2.3.5\n",
    "empty": b"",
    "tcia": b"downloadServerUrl=https://example.org/x\nincludeAnnotation=true\nnoOfrRetry=4\nListOfSeriesToDownload=\n1.2.3\n",
    "xmp": b"<?xpacket begin=''?><x:xmpmeta>login</x:xmpmeta>",
}


@pytest.mark.parametrize("name", sorted(TRUE_FILES))
@pytest.mark.parametrize("content_type", [None, "text/html", "application/octet-stream"])
def test_files_are_no_pages(name: str, content_type: str | None) -> None:
    """A file stays one, even where the server calls it `text/html`."""
    assert classify(TRUE_FILES[name], url="https://example.org/a", content_type=content_type) is None


def test_a_text_of_few_words() -> None:
    """Some places answer without any markup."""
    found = classify(b"Too many requests: try again later.\n", url="https://example.org", content_type="text/html")
    assert found is not None
    assert found.kind == QUOTA


def test_what_pydicom_ships_is_no_page() -> None:
    """No DICOM file, cut as it may be, is a page."""
    for name, data in shipped().items():
        if name.endswith((".txt", ".json")):
            continue
        assert classify(data[: 1 << 16], url="https://example.org/a", content_type="text/html") is None, name


def test_noise_is_no_page() -> None:
    """Nor are bytes by chance, with a page's first letter before them."""
    chance = random.Random(11)
    for number in range(2000):
        data = (b"", b"<", b"{", b"[")[number % 4] + chance.randbytes(300)
        assert classify(data, url="https://example.org/a", content_type="text/html") is None
