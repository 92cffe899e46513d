"""Option values for sizes, days and mirrors are parsed."""

from __future__ import annotations

from datetime import date

import click
import pytest

from fetchers.cli.param_types import DAY, MIRROR, SIZE


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("4096", 4096),
        ("5M", 5 * 1024**2),
        ("20g", 20 * 1024**3),
        ("1.5GiB", 1536 * 1024**2),
        ("500KB", 512000),
        ("7B", 7),
    ],
)
def test_sizes_are_powers_of_1024(text: str, size: int) -> None:
    """`5M` is what curl and rsync take it for."""
    assert SIZE.convert(text, None, None) == size


@pytest.mark.parametrize("text", ["", "M", "5X", "-3M", "0", "inf", "nan", "5 apples", "1e400"])
def test_what_is_no_size_is_refused(text: str) -> None:
    """A size that makes no sense is a usage error that shows how to write one."""
    with pytest.raises(click.BadParameter, match="20G"):
        SIZE.convert(text, None, None)


def test_days_are_iso_8601() -> None:
    """A day is written as ISO 8601 has it; config.toml may hand over a date."""
    assert DAY.convert("2026-11-22", None, None) == date(2026, 11, 22)
    assert DAY.convert(date(2026, 11, 22), None, None) == date(2026, 11, 22)
    with pytest.raises(click.BadParameter, match="2026-11-22"):
        DAY.convert("22.11.2026", None, None)


@pytest.mark.parametrize(
    ("text", "pair"),
    [
        ("https://a/=http://127.0.0.1:1/", ("https://a/", "http://127.0.0.1:1/")),
        ("https://a/?q=1=https://b/", ("https://a/?q=1", "https://b/")),
        ("ftp://a/=ftp://b/x", ("ftp://a/", "ftp://b/x")),
    ],
)
def test_a_mirror_is_split_before_the_second_address(text: str, pair: tuple[str, str]) -> None:
    """An address may have an equals sign of its own."""
    assert MIRROR.convert(text, None, None) == pair


@pytest.mark.parametrize(
    "text", ["https://a/?token=CANARY", "https://u:CANARY@a/=x", "u:CANARY@a=https://b/", "x?a=1&key=CANARY=https:/b"]
)
def test_what_is_no_mirror_is_repeated_without_its_secrets(text: str) -> None:
    """A password or a token in it may be a true one."""
    with pytest.raises(click.BadParameter) as said:
        MIRROR.convert(text, None, None)
    assert "CANARY" not in said.value.message


@pytest.mark.parametrize("text", ["", "https://a/", "a=b", "https://a/=b", "=https://b/"])
def test_what_is_no_mirror_is_refused(text: str) -> None:
    """Half a mirror is a usage error."""
    with pytest.raises(click.BadParameter, match="FROM=TO"):
        MIRROR.convert(text, None, None)
