"""What `config.toml` configures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetchers.workspace import Config
from tests.workspace.homes import opened

if TYPE_CHECKING:
    from pathlib import Path


def test_every_table_and_option_arrives(tmp_path: Path) -> None:
    """Mirrors, policy, netrc, and any long option, named as its parameter."""
    config = opened(
        tmp_path,
        None,
        """
        jobs = 4
        limit-rate = "5M"
        offline = true
        netrc = true
        [mirrors]
        "https://a/" = "http://127.0.0.1:8080/a/"
        [policy]
        uses = ["train", "research"]
        allow = ["CC0-1.0", "LicenseRef-NLM-TB"]
        forbid = ["CC-BY-NC-4.0"]
        """,
    ).config
    assert config == Config(
        mirrors={"https://a/": "http://127.0.0.1:8080/a/"},
        policy_uses=("train", "research"),
        policy_allow=("CC0-1.0", "LicenseRef-NLM-TB"),
        policy_forbid=("CC-BY-NC-4.0",),
        netrc=True,
        options={"jobs": 4, "limit_rate": "5M", "offline": True},
    )


def test_without_a_file_nothing_is_configured(tmp_path: Path) -> None:
    """An empty list of allowed licences refuses all of them, none at all refuses none."""
    assert opened(tmp_path).config == Config()
    assert Config().policy_allow is None
    assert opened(tmp_path, None, "[policy]\nallow = []\n").config.policy_allow == ()
