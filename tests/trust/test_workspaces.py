"""A workspace that was found counts only where it is the person's own."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from fetchers.errors import CatalogueError
from fetchers.workspace.home import find_home
from fetchers.workspace.trust import refuse_strangers
from tests.trust.accounts import ADA, MALLORY, fetch_as, give, needs_accounts

if TYPE_CHECKING:
    from pathlib import Path


def _workspace(folder: Path) -> Path:
    (folder / "cache").mkdir(parents=True)
    (folder / "catalogue.toml").write_text('[datasets.trap]\ntitle = "Trap"\naccess = "open"\n')
    (folder / "config.toml").write_text("quiet = true\n")
    return folder


@pytest.mark.parametrize("part", ["", "catalogue.toml", "config.toml", "cache"])
def test_what_everybody_may_write_is_nobodys(tmp_path: Path, part: str) -> None:
    """Each of the four; `--home`, FETCH_HOME, FETCH_SAFE and `safe` are the person's word."""
    home = _workspace(tmp_path / "work")
    (home / part).chmod(0o777)
    with pytest.raises(CatalogueError) as refused:
        find_home(None, {}, home)
    assert "0777" in refused.value.what
    assert all(way in str(refused.value.hint) for way in ("--home", "FETCH_HOME", "FETCH_SAFE", "safe = ["))
    assert find_home(home, {}, tmp_path) == home
    assert find_home(None, {"FETCH_HOME": str(home)}, tmp_path) == home
    assert find_home(None, {"FETCH_SAFE": f"/elsewhere:{home}"}, home) == home


def test_the_persons_own_configuration_names_it_safe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`safe` in ~/.config/fetch/config.toml; in the workspace's own file it is no key."""
    home = _workspace(tmp_path / "work")
    home.chmod(0o777)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    (tmp_path / "config" / "fetch").mkdir(parents=True)
    (tmp_path / "config" / "fetch" / "config.toml").write_text(f'safe = ["{home}"]\n')
    refuse_strangers(home, {})
    (tmp_path / "config" / "fetch" / "config.toml").write_text('safe = "all"\n')
    with pytest.raises(CatalogueError, match="safe: a list"):
        refuse_strangers(home, {})


@pytest.mark.parametrize("mode", [0o775, 0o770, 0o755, 0o700])
def test_a_group_of_ones_own_is_no_fault(tmp_path: Path, mode: int) -> None:
    """As with umask 002, where each account has a group."""
    home = _workspace(tmp_path / "work")
    for part in ("", "catalogue.toml", "config.toml", "cache"):
        (home / part).chmod(mode)
    assert find_home(None, {}, home / "cache") == home


@needs_accounts
def test_a_workspace_of_another_account_is_refused(yard: Path) -> None:
    """In a folder above that both may reach; its owner works with it as before, and who names it, too."""
    give(_workspace(yard), MALLORY)
    (yard / "ada").mkdir()
    give(yard / "ada", ADA)
    told = fetch_as(ADA, "list", "--json", cwd=yard / "ada")
    assert (told.returncode, f"uid {MALLORY}" in told.stderr, "--home" in told.stderr) == (2, True, True), told.stderr
    assert "trap" not in told.stdout
    assert "trap" in fetch_as(MALLORY, "list", "--json", cwd=yard).stdout
    assert "trap" in fetch_as(ADA, "list", "--json", "--home", str(yard), cwd=yard / "ada").stdout
    assert "trap" in fetch_as(ADA, "list", "--json", cwd=yard / "ada", FETCH_SAFE=str(yard)).stdout


@needs_accounts
def test_one_file_of_another_account_is_enough(yard: Path) -> None:
    """A catalogue that somebody else can write says where data come from."""
    give(_workspace(yard), ADA)
    os.chown(yard / "catalogue.toml", MALLORY, MALLORY)
    told = fetch_as(ADA, "list", cwd=yard)
    assert (told.returncode, "catalogue.toml belongs to" in told.stderr) == (2, True), told.stderr


@needs_accounts
def test_a_groups_store_in_ones_own_workspace_is_no_fault(yard: Path) -> None:
    """The store may be another's where it says that it is shared; the catalogue may not, whatever the store says."""
    give(_workspace(yard), ADA)
    os.chown(yard / "cache", MALLORY, MALLORY)
    assert fetch_as(ADA, "list", cwd=yard).returncode == 2
    (yard / "cache" / "CACHEDIR.TAG").write_text("Signature: 8a477f597d28d172789f06886806bc55\n# shared: group\n")
    assert fetch_as(ADA, "list", cwd=yard).returncode == 0
    os.chown(yard / "catalogue.toml", MALLORY, MALLORY)
    assert fetch_as(ADA, "list", cwd=yard).returncode == 2


@needs_accounts
def test_root_is_trusted_and_trusts_nobody(yard: Path) -> None:
    """What an administrator set up is used; an administrator does not use what a user set up."""
    _workspace(yard)
    assert "trap" in fetch_as(ADA, "list", "--json", cwd=yard).stdout
    give(yard, ADA)
    with pytest.raises(CatalogueError):
        refuse_strangers(yard, {})
    refuse_strangers(yard, {"SUDO_UID": str(ADA)})


@needs_accounts
def test_root_sends_nobody_elses_password(yard: Path) -> None:
    """Of a home that root was given, the credentials stay its owner's."""
    home = _workspace(yard / "home")
    (home / "credentials.toml").write_text('["https://host.example/"]\ntoken = "CANARY"\n')
    (home / "credentials.toml").chmod(0o600)
    give(home, ADA)
    told = fetch_as(0, "doctor", "--home", str(home), cwd=yard)
    assert (told.returncode, "another account" in " ".join(told.stdout.split())) == (2, True), told.stdout
    assert "CANARY" not in told.stdout + told.stderr


@pytest.mark.parametrize("name", ["config.toml", "catalogue.toml"])
@pytest.mark.parametrize("what", ["fifo", "zero", "parts"])
def test_a_file_without_an_end_is_refused_at_once(tmp_path: Path, name: str, what: str) -> None:
    """A pipe, a device, and keys of a thousand parts: 2, and the file is named."""
    home = _workspace(tmp_path / "work")
    (home / name).unlink()
    if what == "fifo":
        os.mkfifo(home / name)
    elif what == "zero":
        (home / name).symlink_to("/dev/zero")
    else:
        part = ".".join(["a"] * 900)
        (home / name).write_text("\n".join(f"[{part}.b{number}]\n{part} = 1" for number in range(500)))
    told = subprocess.run(
        ["timeout", "20", sys.executable, "-m", "fetchers", "list", "--home", str(home)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (told.returncode, name in told.stderr) == (2, True), told.stderr
