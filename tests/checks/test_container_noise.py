"""Noise is no page: a file is refused only for what it is."""

from __future__ import annotations

import random

from fetchers.checks.formats import error_page, sniff


def test_noise_is_never_taken_for_a_page_or_a_text() -> None:
    """Of ten thousand random files some begin with `<`, `{` or `[`."""
    noise = random.Random(3)
    for first in (b"<", b"{", b"[", b"", b"<a", b" <"):
        for _ in range(800):
            body = first + noise.randbytes(400)
            assert sniff.sniff(body, len(body)) not in ("html", "xml", "json", "csv", "text")
            assert error_page.classify(body, url="https://example.org/x", content_type=None) is None
