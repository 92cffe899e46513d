"""Call several functions in one workspace: home, store, mirrors and progress are said once."""

from __future__ import annotations

import inspect
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, TypeVar

from fetchers.api import access, account, corpus, getting

if TYPE_CHECKING:
    from collections.abc import Callable

    from fetchers.api.call import Also, Mirrors, Where
    from fetchers.api.progress import Showing

P = ParamSpec("P")
R = TypeVar("R")


class _Verb(Generic[P, R]):
    """A function as a method: what the workspace was made with is handed over unless the call says otherwise."""

    def __init__(self, function: Callable[P, R]) -> None:
        self._function = function
        self._takes = frozenset(inspect.signature(function).parameters)
        self.__doc__ = function.__doc__

    def __get__(self, workspace: Workspace | None, owner: type[Workspace]) -> Callable[P, R]:
        if workspace is None:
            return self._function
        said: Any = {name: value for name, value in workspace.said.items() if name in self._takes and value is not None}
        return partial(self._function, **said)


class Workspace:
    """A home and a store, with the functions of this package as methods.

    >>> lab = fetchers.Workspace(offline=True)
    >>> lab.verify("shenzhen", quick=True).checked_files
    17
    """

    def __init__(
        self,
        home: Where = None,
        cache: Where = None,
        *,
        offline: bool | None = None,
        mirror: Mirrors = None,
        timeout: float | None = None,
        retries: int | None = None,
        progress: Showing = None,
        also: Also = None,
    ) -> None:
        self.said: dict[str, object] = {
            "home": home,
            "cache": cache,
            "offline": offline,
            "mirror": mirror,
            "timeout": timeout,
            "retries": retries,
            "progress": progress,
            "also": also,
        }

    def __repr__(self) -> str:
        said = ", ".join(f"{name}={value!r}" for name, value in self.said.items() if value is not None)
        return f"Workspace({said})"

    # One line for each function, in the order of `fetch --help`.
    get = _Verb(getting.get)
    fetch = _Verb(getting.fetch)
    adopt = _Verb(getting.adopt)
    search = _Verb(getting.search)
    add = _Verb(getting.add)
    list = _Verb(getting.listing)
    show = _Verb(getting.show)
    demo = _Verb(getting.demo)
    apply = _Verb(access.apply)
    tasks = _Verb(access.tasks)
    grant = _Verb(access.grant)
    deny = _Verb(access.deny)
    renew = _Verb(access.renew)
    close = _Verb(access.close)
    login = _Verb(access.login)
    logins = _Verb(access.logins)
    remind = _Verb(access.remind)
    logout = _Verb(access.logout)
    status = _Verb(account.status)
    verify = _Verb(account.verify)
    audit = _Verb(account.audit)
    licence = _Verb(account.licence)
    accept = _Verb(access.accept)
    permit = _Verb(access.permit)
    release = _Verb(account.release)
    lock = _Verb(corpus.lock)
    sync = _Verb(corpus.sync)
    outdated = _Verb(corpus.outdated)
    view = _Verb(corpus.view)
    overlap = _Verb(corpus.overlap)
    statement = _Verb(corpus.statement)
    export = _Verb(corpus.export)
    files = _Verb(corpus.files)
    cite = _Verb(account.cite)
    push = _Verb(account.push)
    report = _Verb(account.report)
    doctor = _Verb(account.doctor)
