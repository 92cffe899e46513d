"""Acquire medical imaging datasets and keep honest account of them.

    import fetchers

    report = fetchers.get("shenzhen", progress=True)
    for path in fetchers.fetch("shenzhen"):
        print(path)
    print(fetchers.audit(use="train").to_dict())

Each verb of the command line is a function of the same name with the flags as keyword arguments; it returns a record
whose `to_dict()` is the verb's JSON. What cannot be done raises a `FetchError` with what, hint and exit status.
"""

import sys

# `python -m fetchers` puts the current folder first on the path, before any line of ours: what lies there is a
# stranger's, and its `click.py` is not ours to run. So nothing is imported before this, not even `__future__`.
if sys.argv[:1] == ["-m"] and "fetchers" in {one.removeprefix("-m").partition(".")[0] for one in sys.orig_argv}:
    from fetchers.own_process import leave_current_folder

    leave_current_folder(sys.path)

from typing import TYPE_CHECKING

from fetchers.errors import (
    ON_WINDOWS,
    AccessError,
    CatalogueError,
    ContentError,
    FetchError,
    NothingMatched,
    SourceError,
    StoreError,
    TermsError,
    TransferError,
)

if TYPE_CHECKING:
    from fetchers.api import (
        ProgressUpdate,
        Workspace,
        accept,
        add,
        adopt,
        apply,
        audit,
        cite,
        close,
        demo,
        deny,
        doctor,
        export,
        fetch,
        files,
        get,
        grant,
        licence,
        list,
        lock,
        login,
        logins,
        logout,
        outdated,
        overlap,
        permit,
        push,
        release,
        remind,
        renew,
        report,
        search,
        show,
        statement,
        status,
        sync,
        tasks,
        verify,
        view,
    )

    __version__: str

__all__ = [
    "AccessError",
    "CatalogueError",
    "ContentError",
    "FetchError",
    "NothingMatched",
    "ProgressUpdate",
    "SourceError",
    "StoreError",
    "TermsError",
    "TransferError",
    "Workspace",
    "__version__",
    "accept",
    "add",
    "adopt",
    "apply",
    "audit",
    "cite",
    "close",
    "demo",
    "deny",
    "doctor",
    "export",
    "fetch",
    "files",
    "get",
    "grant",
    "licence",
    "list",
    "lock",
    "login",
    "logins",
    "logout",
    "outdated",
    "overlap",
    "permit",
    "push",
    "release",
    "remind",
    "renew",
    "report",
    "search",
    "show",
    "statement",
    "status",
    "sync",
    "tasks",
    "verify",
    "view",
]


def __getattr__(name: str) -> object:
    """Load a function when it is first asked for: `import fetchers` costs nothing."""
    if name == "__version__":
        from importlib import metadata

        return metadata.version("fetch-imaging")
    if name in __all__:
        if sys.platform == "win32":
            raise ImportError(ON_WINDOWS)
        from fetchers import api

        return getattr(api, name)
    raise AttributeError(f"module 'fetchers' has no attribute {name!r}")


def __dir__() -> object:
    return sorted(__all__)
