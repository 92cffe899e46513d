"""Keys and values of `config.toml` are accepted or refused with a message."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import pytest

from fetchers.cli.app import front
from fetchers.cli.command import long_name
from fetchers.options import FLAGS, MANY, ONE
from fetchers.workspace.personal import PERSONS, SETTINGS
from tests.cli.run import fetch

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CATALOGUE = (
    '[datasets.mine]\ntitle = "Mine"\naccess = "open"\n[[datasets.mine.files]]\nurl = "https://127.0.0.1:9/x.txt"\n'
)


def _options(command: click.Command) -> Iterator[click.Option]:
    yield from (one for one in command.params if isinstance(one, click.Option) and long_name(one) != "version")
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in {*command.list_commands(context), getattr(command, "default", "")}:
            yield from _options(command.get_command(context, name) or click.Command(None))


def test_the_names_are_those_of_the_verbs() -> None:
    """An option that is both (`--modality` of `list` and of `get`) takes several."""
    options = list(_options(front()))
    flags = {long_name(one) for one in options if one.is_flag}
    many = {long_name(one) for one in options if one.multiple}
    assert (flags, many, {long_name(one) for one in options} - flags - many) == (set(FLAGS), set(MANY), set(ONE))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("foo = 1\n", "config.toml: foo: there is no such option"),
        ("ofline = true\n", 'did you mean "offline"?'),
        ("limit_rat = 3\n", 'did you mean "limit-rate"?'),
        ("cache = 5\n", "cache: expected a text"),
        ("jobs = [1]\n", "jobs: expected one value"),
        ("jobs = true\n", "jobs: expected a text, a number"),
        ("limit = [1]\n", "limit: expected one value"),
        ("limit = 1.5\n", "1.5"),
        ('jobs = "many"\n', "many"),
        ("purpose = 2026-11-22T10:00:00\n", "purpose: expected a text, a number or a day"),
        ("timeout = 0\n", "config.toml: timeout"),
        ("timeout = inf\n", "config.toml: timeout"),
        ("timeout = nan\n", "config.toml: timeout"),
        ("retries = -1\n", "config.toml: retries"),
        ('verbose = "no way"\n', "verbose: expected true or false"),
        ("offline = 3\n", "offline: expected true or false"),
        ("include = [[1]]\n", "include: expected a text"),
        ('mirror = "https://a/"\n', "mirror: 'https://a/' is not FROM=TO"),
        ("mirror = [1]\n", "mirror: expected a text"),
    ],
)
def test_what_is_none_is_refused(tmp_path: Path, text: str, said: str) -> None:
    """Before anything is asked for: a mistyped `offline` must not go online."""
    (tmp_path / "catalogue.toml").write_text(CATALOGUE, encoding="utf-8")
    (tmp_path / "config.toml").write_text(text, encoding="utf-8")
    told = fetch("get", "mine", "--dry-run", home=tmp_path)
    assert (told.status, said in told.err) == (2, True), told.err


@pytest.mark.parametrize("value", ["0", "nan", "inf", "1e30", "soon"])
@pytest.mark.parametrize("typed", [True, False], ids=["flag", "environment"])
def test_a_time_is_one_that_can_be_waited_for(tmp_path: Path, value: str, *, typed: bool) -> None:
    """The flag and its variable judge alike."""
    words = ("--timeout", value) if typed else ()
    told = fetch("status", *words, home=tmp_path, **({} if typed else {"FETCH_TIMEOUT": value}))
    assert (told.status, ("--timeout" if typed else "FETCH_TIMEOUT") in told.err) == (2, True), told.err


def test_a_limit_is_a_number_that_can_be_counted_to(tmp_path: Path) -> None:
    """Beyond what the machine counts to it is a mistake."""
    assert fetch("get", "shenzhen", "--dry-run", "--limit", str(1 << 63), home=tmp_path).status == 2


MIRRORED = "https://far.example.org/"


@pytest.mark.parametrize(
    ("config", "words", "variable", "asked"),
    [
        (f'mirror = "{MIRRORED}=http://127.0.0.1:1/c/"\n', (), "", "/c/"),
        (
            f'mirror = ["{MIRRORED}=http://127.0.0.1:1/c/"]\n[mirrors]\n"{MIRRORED}" = "http://127.0.0.1:1/m/"\n',
            (),
            "",
            "/c/",
        ),
        (f'[mirrors]\n"{MIRRORED}" = "http://127.0.0.1:1/m/"\n', (), "", "/m/"),
        (f'mirror = "{MIRRORED}=http://127.0.0.1:1/c/"\n', (), f"{MIRRORED}=http://127.0.0.1:1/e/", "/e/"),
        (
            f'mirror = "{MIRRORED}=http://127.0.0.1:1/c/"\n',
            ("--mirror", f"{MIRRORED}=http://127.0.0.1:1/t/"),
            f"{MIRRORED}=http://127.0.0.1:1/e/",
            "/t/",
        ),
    ],
    ids=["key", "key-before-table", "table", "environment", "command"],
)
def test_mirror_is_a_key_as_it_is_a_flag(
    tmp_path: Path, config: str, words: tuple[str, ...], variable: str, asked: str
) -> None:
    """Command line, `FETCH_MIRROR`, `mirror`, `[mirrors]`: the first that says something of an address counts."""
    (tmp_path / "catalogue.toml").write_text(CATALOGUE.replace("https://127.0.0.1:9/", MIRRORED), encoding="utf-8")
    (tmp_path / "config.toml").write_text(config, encoding="utf-8")
    told = fetch("get", "mine", "--retries", "0", *words, home=tmp_path, FETCH_MIRROR=variable)
    assert f"127.0.0.1:1{asked}x.txt" in told.err


PERSONAL = [
    *("accept", "yes", "move", "link", "force", "html", "ics", "evidence", "to", "output", "keep", "follow", "name"),
    *("note", "on", "until", "reason", "revoke"),
]


@pytest.mark.parametrize("key", PERSONAL)
def test_what_a_person_alone_may_say_is_no_key(tmp_path: Path, key: str) -> None:
    """A folder that came from somewhere agrees to nothing, destroys nothing and names no file to write."""
    (tmp_path / "catalogue.toml").write_text(CATALOGUE, encoding="utf-8")
    (tmp_path / "config.toml").write_text(f"{key} = true\n", encoding="utf-8")
    told = fetch("status", home=tmp_path)
    assert (told.status, key in told.err, "a person says this" in told.err) == (2, True, True), told.err


def test_every_option_is_a_setting_or_a_persons() -> None:
    """A new option is refused in a file until somebody says that it is harmless there."""
    assert set(FLAGS | MANY | ONE) >= SETTINGS
    assert not SETTINGS & PERSONS


@pytest.mark.parametrize("name", ["accept", "yes", "force"])
def test_the_environment_agrees_to_nothing(name: str) -> None:
    """What was exported last year, or by somebody else's profile, is nobody's consent of today."""
    for option in _options(front()):
        if long_name(option) == name:
            assert option.envvar is None
