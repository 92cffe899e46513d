"""The names of rules: every rule name that a finding may have.

`Rule` is a type, so that mypy refuses a name that is not listed here. What each means stands in
`fetchers/reports/rule_table.py`, and a test compares the two lists.
"""

from __future__ import annotations

from typing import Literal

Rule = Literal[
    "hash-mismatch", "size-mismatch", "file-missing", "file-unknown", "truncated", "trailing-bytes", "empty-file",
    "unproven", "modality-wrong", "modality-missing", "modality-nonstandard", "sop-contradiction", "not-dicom",
    "header-broken", "count-short", "container-wrong", "not-an-image", "unverifiable", "phi-residual",
    "phi-unreadable", "burned-in-risk", "renamed", "name-guessed", "replaced", "older-copy",
    "archive-member-left-out", "left-out", "not-removed", "remark", "use-forbidden", "use-unknown",
    "terms-not-accepted", "terms-changed", "purpose-mismatch", "licence-stricter-elsewhere", "duty-open",
    "retention-due", "access-missing", "access-lapsed", "access-lapsing", "copy-modified", "copy-missing",
    "copy-unknown", "copy-exposed", "copy-private", "copy-elsewhere", "scan-incomplete", "home", "store", "sharing",
    "file-system", "record", "events", "clock", "software", "proxy", "certificates", "credentials", "source",
    "sources", "place", "patient-unknown", "needs-conversion", "not-compared",
]  # fmt: skip
