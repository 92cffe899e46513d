"""Separate the options that a workspace's `config.toml` may set from those that are a person's alone."""

from __future__ import annotations

# What a workspace's file may say, since it says only what is chosen and how it is fetched and shown. Every other option
# agrees, destroys, overwrites, moves, records what a person did, or names a file to write: a person says that, and not
# a folder that came from somewhere. A new option is of that kind until it stands here.
SETTINGS = frozenset(
    """
    access all also body-part cache copy dry-run endpoint exclude headers held home idc-index include jobs json
    keep-archives keyring licence limit limit-rate list log-every manifest max-size max-unpacked mirror modality
    network no-unpack offline overdue owner patient phi purpose quick quiet retries scan series strict study
    timeout use user verbose via
    """.split()  # noqa: SIM905 - a table of words
)
# Known ones of the other kind, to be refused wherever the file is read. The command line refuses the rest as well.
PERSONS = frozenset(
    (
        *("accept", "bagit", "croissant", "csv", "evidence", "follow", "force", "header", "html", "ics"),
        *("jsonl", "keep", "link", "md", "move", "name", "note", "on", "output", "parquet", "reason", "revoke"),
        *("ro-crate", "share", "spdx", "tex", "to", "until", "yes"),
    )
)
PERSONAL = "a person says this on the command line, for each command; a file does not answer for anybody"
