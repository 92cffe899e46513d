"""The verbs, in the order of `fetch --help`.

One line each, so that `fetch --help` loads none of them. `module` is a module of `cli.commands` that has the command
under the name of the verb.
"""

from __future__ import annotations

from typing import NamedTuple


class Entry(NamedTuple):
    """One verb: where its command is, and its line; `fetch --help` has room for those of the `common` ones."""

    module: str
    summary: str
    common: bool = False


GET = "get"
SECTIONS: dict[str, dict[str, Entry]] = {
    "Get data": {
        "get": Entry("get", "Download, check, unpack, record (`fetch NAME` is short for it).", common=True),
        "list": Entry("catalogue", "The catalogue: one line for each dataset.", common=True),
        "show": Entry("catalogue", "All that is known of one dataset.", common=True),
        "adopt": Entry("adopt", "Take in files that a person fetched by hand.", common=True),
        "search": Entry("add", "Look for words in the catalogue and in TCIA's collections, offline."),
        "add": Entry("add", "Write a dataset into the catalogue by its address."),
        "demo": Entry("demo", "The whole story on this machine alone, without internet."),
    },
    "Get access": {
        "apply": Entry("apply", "Open an access application: its steps become tasks.", common=True),
        "tasks": Entry("tasks", "What has to be done, what is due first; move a task.", common=True),
        "accept": Entry("consent", "Agree to a licence text: who, when, which text.", common=True),
        "login": Entry("login", "Keep a credential for a place in the system's keyring or a private file."),
        "grant": Entry("outcome", "Record that access was granted."),
        "deny": Entry("outcome", "Record that access was denied."),
        "renew": Entry("outcome", "Record that a grant was prolonged."),
        "close": Entry("outcome", "Record that an application is over."),
        "permit": Entry("consent", "Record a permission that the owner gave."),
        "remind": Entry("remind", "Send what is due or lapsing by mail, chat or webhook."),
        "logout": Entry("login", "Forget a credential."),
        "logins": Entry("login", "The places for which a credential is kept."),
    },
    "Keep account": {
        "status": Entry("status", "What is held, under way, applied for, about to lapse.", common=True),
        "verify": Entry("verify", "Do the bytes and the headers still hold? Works offline.", common=True),
        "audit": Entry("audit", "May we hold it and use it so? Works offline.", common=True),
        "report": Entry("report", "One self-contained page of all the above."),
        "outdated": Entry("lock", "What archives have added, changed or withdrawn."),
        "licence": Entry("licence", "What a place's words on a licence mean, use by use."),
        "release": Entry("release", "Destroy the local copy and write a certificate of it."),
        "doctor": Entry("doctor", "Can this folder, this network and these credentials do the job?"),
    },
    "Use it": {
        "view": Entry("view", "A folder for training: links, layout, datalist, split by patient.", common=True),
        "files": Entry("files", "The table of what is held, one row a file: CSV, JSON lines, Parquet.", common=True),
        "overlap": Entry("view", "The images that two held datasets share."),
    },
    "Share it": {
        "cite": Entry("cite", "BibTeX of what must be cited.", common=True),
        "lock": Entry("lock", "Write down exactly which bytes are held: fetch.lock.", common=True),
        "sync": Entry("lock", "Bring this home to the state of a lock.", common=True),
        "statement": Entry("statement", "The data paragraph of a paper, with the numbers of the record."),
        "export": Entry("statement", "Croissant, RO-Crate, BagIt or SPDX, with terms and checksums."),
        "push": Entry("push", "Send what is held to a bucket, with checksums and terms."),
    },
}
VERBS: dict[str, Entry] = {name: entry for section in SECTIONS.values() for name, entry in section.items()}

# What other programs call a verb of ours, or what one looks for in vain.
CUSTOMARY: dict[str, str] = {
    **dict.fromkeys(("download", "pull", "install", "clone", "update", "resume"), "get"),
    **dict.fromkeys(("info", "describe", "cat"), "show"),
    **dict.fromkeys(("ls", "datasets", "catalog", "catalogue"), "list"),
    **dict.fromkeys(("rm", "remove", "delete", "uninstall", "purge", "drop"), "release"),
    **dict.fromkeys(("import", "ingest"), "adopt"),
    **dict.fromkeys(("check", "validate", "checksum", "fsck"), "verify"),
    **dict.fromkeys(("request", "register"), "apply"),
    **dict.fromkeys(("todo", "todos", "task"), "tasks"),
    "agree": "accept",
    **dict.fromkeys(("license", "terms", "spdx"), "licence"),
    **dict.fromkeys(("citation", "bibtex"), "cite"),
    **dict.fromkeys(("config", "configure", "env", "version"), "doctor"),
    **dict.fromkeys(("auth", "signin", "sign-in"), "login"),
}

# What a failing verb's JSON document has even so; a verb whose document is a list prints an object then.
EMPTY: dict[str, dict[str, object]] = {
    "get": {"datasets": []},
    "adopt": {"findings": []},
    "status": {"held": [], "under_way": [], "applications": [], "permissions": [], "lapsing": [], "acceptances": []},
    "verify": {"checked_files": 0, "checked_bytes": 0, "modalities": {}, "unverifiable": 0, "findings": []},
    "push": {"files": 0, "bytes": 0, "uploaded_files": 0, "uploaded_bytes": 0, "failed": []},
    "audit": {"uses": [], "verdicts": [], "findings": [], "scanned_files": 0},
    "files": {"files": []},
    "sync": {"datasets": []},
    "view": {"to": None, "files": 0, "bytes": 0, "patients": 0, "splits": {}, "datalist": None, "seed": None},
    "overlap": {"pairs": []},
    "statement": {"text": None, "numbers": {}},
    "export": {"format": None, "path": None, "files": 0},
    "outdated": {"datasets": []},
    "lock": {"path": None, "datasets": 0, "files": 0, "members": 0},
    "licence": {"said": None, "url": None, "licence": None, "uses": {}},
    "doctor": {"findings": []},
    "remind": {"told": []},
    "demo": {"steps": []},
    "add": {"dataset": None},
}


def verb_of(arguments: list[str]) -> str:
    """Return the verb of a command line, as far as its words tell; a bare name is `get`."""
    return next((word for word in arguments if word in VERBS), GET)
