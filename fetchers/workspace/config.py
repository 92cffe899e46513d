"""The configuration of a workspace.

`config.toml`: `[mirrors]`, `[policy]`, and any long option of the command line as a key.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from fetchers.workspace.diagnostics import Diagnostics
    from fetchers.workspace.toml import Table


KEYS = ("mirrors", "policy", "readers", "netrc", "shared")  # what is no option of the command line


class Config(NamedTuple):
    """The configuration of a workspace.

    `mirrors` maps address prefixes to the prefixes that stand in for them. `policy_allow` is None where no list was
    given: then nothing is refused for not standing in it. `policy_push` names the buckets that any copy may be sent to.
    `shared` is "group" where a store that is founded is to be a group's; `readers` names the group that reads the gated
    copies of a dataset or part. `options` holds the long options as their parameters are named (`limit_rate`, not
    `limit-rate`).
    """

    mirrors: Mapping[str, str] = MappingProxyType({})
    policy_uses: tuple[str, ...] = ()
    policy_allow: tuple[str, ...] | None = None
    policy_forbid: tuple[str, ...] = ()
    policy_push: tuple[str, ...] = ()
    netrc: bool = False
    shared: str | None = None
    readers: Mapping[str, str | int] = MappingProxyType({})
    options: Mapping[str, object] = MappingProxyType({})


def config_of(table: Table, faults: Diagnostics, licences: Callable[[], Collection[str]] = tuple) -> Config:
    """Make the configuration of its file; where something is wrong with it, that is noted and nothing is configured.

    `licences` gives the identifiers of the catalogue, for a policy may name them.
    """
    from fetchers.workspace.validation import catalogue

    catalogue.check_config(table, faults, licences)
    if faults:
        return Config()
    policy = table.get("policy", {})
    return Config(
        mirrors=dict(table.get("mirrors", {})),
        policy_uses=tuple(policy.get("uses", ())),
        policy_allow=tuple(policy["allow"]) if "allow" in policy else None,
        policy_forbid=tuple(policy.get("forbid", ())),
        policy_push=tuple(policy.get("push", ())),
        netrc=table.get("netrc", False),
        shared=table.get("shared"),
        readers=dict(table.get("readers", {})),
        options={key.replace("-", "_"): value for key, value in table.items() if key not in KEYS},
    )
