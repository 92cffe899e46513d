"""Validate a catalogue or a configuration.

Every fault is noted, none is raised: a person mends a file once, not once for each line of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetchers.workspace.catalogue import unfit_part
from fetchers.workspace.personal import PERSONAL, PERSONS
from fetchers.workspace.validation import schema, validators
from fetchers.workspace.validation.file_lists import check_files
from fetchers.workspace.validation.steps import step_faults
from fetchers.workspace.validation.tables import missing, rows_in, table_in, tables_in, walk

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from fetchers.workspace.diagnostics import Diagnostics
    from fetchers.workspace.toml import Table
    from fetchers.workspace.toml_lines import Where

# `fetch NAME` is `fetch get NAME`: a dataset of such a name could not be typed.
VERBS = (
    *("get", "list", "show", "apply", "tasks", "grant", "deny", "renew", "close", "adopt", "status", "verify"),
    *("audit", "licence", "accept", "permit", "release", "cite", "report", "demo", "doctor", "login", "logout"),
    *("add", "search", "files", "lock", "sync", "outdated", "view", "overlap", "statement", "export", "push"),
    *("licence", "remind", "logins"),
)


def check_catalogue(table: Table, faults: Diagnostics, base: Table) -> None:
    """Judge a workspace's catalogue, to be laid over the tables of `base`."""
    walk((), table, {}, faults, also=("datasets", "licences"))
    licences = table_in((), table, "licences", faults)
    for identifier, terms in tables_in(("licences",), licences, faults):
        _licence(("licences", identifier), identifier, terms, faults)
    known = base.get("datasets", {})
    datasets = table_in((), table, "datasets", faults)
    identifiers = licences.keys() | base.get("licences", {}).keys()
    for name, said in tables_in(("datasets",), datasets, faults):
        where: Where = ("datasets", name)
        if (fault := _name(name)) is not None:
            faults.add(where, fault)
        if name not in known:
            missing(where, said, ("title", "access"), faults)
        _dataset(where, said, identifiers, faults, also=("parts",))
        for part, over in tables_in((*where, "parts"), table_in(where, said, "parts", faults), faults):
            inside: Where = (*where, "parts", part)
            if fault := unfit_part(part, stored=True):
                faults.add(inside, fault)
            _dataset(inside, over, identifiers, faults)
    _aliases(datasets, known, faults)


def check_config(table: Table, faults: Diagnostics, licences: Callable[[], Collection[str]] = tuple) -> None:
    """Judge `config.toml`. Which options there are only the command line knows; it refuses what is none.

    `licences` gives the identifiers that the catalogue defines; it is asked only where a policy names one.
    """
    mirrors = table_in((), table, "mirrors", faults)
    judge = validators.address(validators.FETCHABLE)
    for start, stand_in in mirrors.items():
        for wrong in filter(None, (judge(start), judge(stand_in))):
            faults.add(("mirrors", start), wrong)
    policy = table_in((), table, "policy", faults)
    walk(("policy",), policy, schema.POLICY, faults)
    for key in ("allow", "forbid"):
        named = policy.get(key)
        for identifier in named if isinstance(named, list) else ():
            if isinstance(identifier, str) and not validators.licence_id(identifier):
                _policy(("policy", key), identifier, licences(), faults)
    if "netrc" in table and (fault := validators.flag(table["netrc"])):
        faults.add(("netrc",), fault)
    _refuse_consent(table, faults)
    _lab(table, faults)
    for key, value in table.items():
        if isinstance(value, dict) and key not in ("mirrors", "policy", "readers", "netrc", "shared"):
            faults.add((key,), "there is no table of this name; [mirrors], [policy] and [readers] are known")


def _lab(table: Table, faults: Diagnostics) -> None:
    if table.get("shared", "group") != "group":
        faults.add(("shared",), '"group" is wanted: it is the only kind of sharing there is')
    for address, group in table_in((), table, "readers", faults).items():
        if isinstance(group, bool) or not isinstance(group, (str, int)):
            faults.add(("readers", address), "the name or the number of a group is wanted")


def _policy(where: Where, identifier: str, known: Collection[str], faults: Diagnostics) -> None:
    from fetchers.workspace.validation.spdx import policy_fault

    if fault := policy_fault(identifier, known):
        faults.add(where, fault)


def _refuse_consent(table: Table, faults: Diagnostics) -> None:
    """Note each key that a person alone may say."""
    for key in table:
        if key.replace("_", "-") in PERSONS:
            faults.add((key,), PERSONAL)


def _dataset(
    where: Where, table: Table, licences: Collection[str], faults: Diagnostics, also: tuple[str, ...] = ()
) -> None:
    walk(where, table, schema.DATASET, faults, also=(*schema.ROWS, "files", "options", "listed", *also))
    if fault := validators.free(table_in(where, table, "options", faults)):
        faults.add((*where, "options"), fault)
    walk((*where, "listed"), table_in(where, table, "listed", faults), schema.LISTED, faults)
    for key, (keys, wanted) in schema.ROWS.items():
        for number, row in enumerate(rows_in(where, table, key, faults)):
            walk((*where, key, number), row, keys, faults)
            missing((*where, key, number), row, wanted, faults)
    for number, row in enumerate(rows_in(where, table, "citations", faults)):
        if not row:
            faults.add((*where, "citations", number), "expected one of doi, bibtex, text, found none")
    for number, fault in step_faults(rows_in(where, table, "steps", faults)):
        faults.add((*where, "steps", number), fault)
    files = rows_in(where, table, "files", faults)
    check_files((*where, "files"), files, faults)
    _expression(where, table, licences, faults)
    for number, row in enumerate(files):
        if "licence" in row:
            _expression((*where, "files", number), row, licences, faults)


def _licence(where: Where, identifier: str, table: Table, faults: Diagnostics) -> None:
    if fault := validators.licence_id(identifier):
        faults.add(where, fault)
    walk(where, table, schema.LICENCE, faults, also=("uses", "reasons"))
    walk((*where, "uses"), table_in(where, table, "uses", faults), schema.ANSWERS_BY_USE, faults)
    walk((*where, "reasons"), table_in(where, table, "reasons", faults), schema.REASONS_BY_USE, faults)


def _expression(where: Where, table: Table, licences: Collection[str], faults: Diagnostics) -> None:
    written = table.get("licence")
    if not isinstance(written, str) or written in licences or not written.strip():
        return
    from fetchers.workspace.validation.spdx import expression_fault

    if fault := expression_fault(written, licences):
        faults.set_aside((*where, "licence"), fault)  # it concerns this dataset alone


def _name(name: str) -> str | None:
    if name in VERBS:
        return f'no dataset bears the name of a verb, and "fetch {name}" is one'
    return validators.name(name)


def _aliases(datasets: Table, known: Table, faults: Diagnostics) -> None:
    """Note each alias that means two datasets, a name that is another's alias included."""
    every = {name: table for name, table in (known | datasets).items() if isinstance(table, dict)}
    owner = dict.fromkeys(every, "")
    for name, table in every.items():
        aliases = table.get("aliases", known.get(name, {}).get("aliases", ()))
        for alias in aliases if isinstance(aliases, list) else ():
            where: Where = ("datasets", name, "aliases") if name in datasets else ("datasets", alias)
            if not isinstance(alias, str):
                continue
            if alias in VERBS:
                faults.add(where, f'"{alias}" is a verb, and "fetch {alias}" would not mean {name}')
            elif alias in owner:
                other = owner[alias] or "itself"
                faults.add(
                    where,
                    f'"{alias}" is the name of a dataset, and an alias of {name}'
                    if other == "itself"
                    else f'"{alias}" is an alias of {other} and of {name}',
                )
            else:
                owner[alias] = name
