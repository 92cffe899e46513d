"""Ask as a program: each verb of the command line is a function of the same name.

To add a verb: write its function in the module that fits, and name it here, in `workspace` and in `fetchers/__init__`;
`tests/test_house.py` says which of the three is missing.

call       arguments, environment and configuration -> the context and the values of a verb
progress   nothing, a bar, or calls of the program's own function
getting    get, fetch, adopt, add, search, list, show, demo
access     apply, tasks, grant, deny, renew, close, accept, permit, remind, login, logins, logout
account    status, verify, audit, licence, push, release, cite, report, doctor
corpus     files, lock, sync, outdated, view, overlap, statement, export
workspace  several calls in one workspace
"""

from __future__ import annotations

from fetchers.api.access import accept, apply, close, deny, grant, login, logins, logout, permit, remind, renew, tasks
from fetchers.api.account import audit, cite, doctor, licence, push, release, report, status, verify
from fetchers.api.corpus import export, files, lock, outdated, overlap, statement, sync, view
from fetchers.api.getting import add, adopt, demo, fetch, get, search, show
from fetchers.api.getting import listing as list
from fetchers.api.progress import ProgressUpdate
from fetchers.api.workspace import Workspace

__all__ = [
    "ProgressUpdate",
    "Workspace",
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
