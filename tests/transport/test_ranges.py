"""A partial response is trusted only if everything about it is right."""

from __future__ import annotations

import pytest

from fetchers.transport import range_requests

TAG = '"v1"'


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("bytes 0-9/10", (0, 9, 10)),
        ("Bytes 5-9/10", (5, 9, 10)),
        ("bytes 5-4/10", None),
        ("bytes 5-10/10", None),
        ("bytes 5-9/*", None),
        ("bytes */10", None),
        ("bytes=5-9/10", None),
        ("bytes 5-9", None),
        ("bytes -5-9/10", None),
        ("bytes 5 - 9/10", None),
        (" bytes 5-9/10", None),
        ("bytes 5-9/10, bytes 0-1/10", None),
        ("items 5-9/10", None),
        ("bytes 0x5-9/10", None),
        ("bytes \u0665-9/10", None),  # an Arabic digit
        ("bytes 5-9999999999999999999/99999999999999999999", None),
        ("", None),
        (None, None),
    ],
)
def test_content_range_is_read_strictly(value: str | None, expected: tuple[int, int, int] | None) -> None:
    """Anything that is not exactly `bytes START-END/TOTAL` is nothing."""
    assert range_requests.content_range(value) == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"etag": TAG}, TAG),
        ({"etag": 'W/"v1"'}, None),
        ({"etag": "v1"}, None),
        ({"etag": '""'}, '""'),
        ({"etag": '"\xe9"'}, None),
        ({}, None),
        # A Last-Modified may change within its second; 60 s before the answer it has settled (RFC 9110, 8.8.2.2).
        (
            {"last-modified": "Tue, 24 Nov 2026 11:59:00 GMT", "date": "Tue, 24 Nov 2026 12:00:00 GMT"},
            "Tue, 24 Nov 2026 11:59:00 GMT",
        ),
        ({"last-modified": "Tue, 24 Nov 2026 11:59:01 GMT", "date": "Tue, 24 Nov 2026 12:00:00 GMT"}, None),
        ({"last-modified": "Tue, 24 Nov 2026 11:59:00 GMT"}, None),
        ({"last-modified": "yesterday", "date": "Tue, 24 Nov 2026 12:00:00 GMT"}, None),
        (
            {
                "etag": 'W/"v1"',
                "last-modified": "Mon, 23 Nov 2026 12:00:00 GMT",
                "date": "Tue, 24 Nov 2026 12:00:00 GMT",
            },
            "Mon, 23 Nov 2026 12:00:00 GMT",
        ),
    ],
)
def test_only_a_strong_validator_vouches(fields: dict[str, str], expected: str | None) -> None:
    """Weak tags and fresh dates vouch for nothing."""
    assert range_requests.validator(fields) == expected


GOOD = {"content-range": "bytes 4-9/10", "etag": TAG, "content-length": "6"}


@pytest.mark.parametrize(
    ("status", "fields", "total", "expected"),
    [
        (206, GOOD, 10, "append"),
        (206, GOOD, None, "append"),
        (206, GOOD, 11, "restart"),
        (206, GOOD | {"etag": '"v2"'}, 10, "restart"),
        (206, GOOD | {"etag": 'W/"v1"'}, 10, "restart"),
        (206, {"content-range": "bytes 4-9/10"}, 10, "restart"),
        (206, GOOD | {"content-range": "bytes 3-9/10"}, 10, "restart"),
        (206, GOOD | {"content-range": "bytes 4-8/10"}, 10, "restart"),
        (206, GOOD | {"content-range": "bytes 4-9/*"}, 10, "restart"),
        (206, {"etag": TAG}, 10, "restart"),
        (206, GOOD | {"content-length": "5"}, 10, "restart"),
        (206, GOOD | {"content-length": "x"}, 10, "restart"),
        (200, {}, 10, "fresh"),
        (416, {"content-range": "bytes */4"}, None, "done"),
        (416, {"content-range": "bytes */4", "etag": TAG}, 4, "done"),
        (416, {"content-range": "bytes */4", "etag": '"v2"'}, 4, "restart"),
        (416, {"content-range": "bytes */10"}, 10, "restart"),
        (416, {"content-range": "bytes */4"}, 10, "restart"),
        (206, GOOD | {"content-length": "9" * 5000}, 10, "restart"),
        (416, {}, 4, "restart"),
        (204, {}, 10, "restart"),
    ],
)
def test_what_is_held_is_built_upon_only_when_all_agrees(
    status: int, fields: dict[str, str], total: int | None, expected: str
) -> None:
    """Start, end, total, length and validator: one wrong thing, and it starts again."""
    assert range_requests.decide(status, fields, offset=4, held=TAG, total=total) == expected


def test_a_date_must_come_back_too() -> None:
    """A Last-Modified vouches only if the 206 has the same."""
    held = "Mon, 23 Nov 2026 12:00:00 GMT"
    fields = {"content-range": "bytes 4-9/10"}
    assert range_requests.decide(206, fields, offset=4, held=held, total=10) == "restart"
    assert range_requests.decide(206, fields | {"last-modified": held}, offset=4, held=held, total=10) == "append"
