"""The table of rules: what each rule of a finding means, and what to do about it.

`docs/rules.md` is made of it (`make readme`). Nothing imports it at run time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from fetchers.rules import Rule


class RuleEntry(NamedTuple):
    """One rule: the verbs that report it, its severities, its meaning, and what to do."""

    rule: Rule
    verbs: str
    severities: str
    meaning: str
    action: str


class RuleGroup(NamedTuple):
    """Rules about one subject."""

    title: str
    rules: tuple[RuleEntry, ...]


_AGAIN = "`fetch get NAME --force` downloads it again."
_ASK = "Look at the file. If the archive is wrong, tell its owner; if the catalogue is, add an erratum."

BYTES = (
    RuleEntry(
        "hash-mismatch", "verify", "error",
        "The file's SHA-256 is not the recorded one: its bytes changed after it was acquired.", _AGAIN,
    ),
    RuleEntry(
        "size-mismatch", "verify", "error", "The file's size is not the recorded one.", _AGAIN,
    ),
    RuleEntry(
        "file-missing", "get, verify", "error",
        "The record has the file, and the disk does not (or not as a regular file).",
        "`fetch NAME` downloads it again; what was adopted must be adopted again.",
    ),
    RuleEntry(
        "file-unknown", "verify", "warning", "The dataset's folder has a file that is not in the record.",
        "`fetch adopt NAME PATH` records it; or move it out of the store.",
    ),
    RuleEntry(
        "truncated", "get, adopt, verify", "error", "The file ends before its own format says that it should.",
        "Download it again. If the archive holds it like that, tell its owner.",
    ),
    RuleEntry(
        "trailing-bytes", "get, adopt, verify", "info", "Bytes follow the end of the file's format.",
        "Nothing, unless a reader of yours stumbles over them.",
    ),
    RuleEntry(
        "empty-file", "get, adopt, verify", "error, warning", "The file has no bytes.",
        "Download it again. If the archive holds it like that, tell its owner.",
    ),
    RuleEntry(
        "unproven", "get, adopt, verify", "info",
        "Nothing proves that this is the whole file: no length, no checksum, no format with an end.",
        "Compare it with a checksum from the archive, and write that into the catalogue.",
    ),
)  # fmt: skip

CONTENT = (
    RuleEntry(
        "modality-wrong", "get, adopt, verify", "error, warning",
        "The DICOM header names another modality than the catalogue or the archive's listing.", _ASK,
    ),
    RuleEntry(
        "modality-missing", "get, adopt, verify", "error", "The DICOM header names no modality.", _ASK,
    ),
    RuleEntry(
        "modality-nonstandard", "get, adopt, verify", "warning",
        "The DICOM header's modality is no defined term of DICOM (`DR`, `XR`, `PE`).",
        "Nothing, unless your reader expects defined terms.",
    ),
    RuleEntry(
        "sop-contradiction", "get, adopt, verify", "error",
        "The SOP class and the modality of a DICOM object exclude each other.",
        _ASK,
    ),
    RuleEntry(
        "not-dicom", "get, adopt, verify", "error, warning", "DICOM was promised, and the file is something else.",
        _ASK,
    ),
    RuleEntry(
        "header-broken", "get, adopt, verify", "error", "It is a DICOM file whose header cannot be read.", _AGAIN,
    ),
    RuleEntry(
        "count-short", "get, adopt, verify", "error, warning",
        "Fewer images are held than the archive or the catalogue counts.",
        _AGAIN,
    ),
    RuleEntry(
        "container-wrong", "get, adopt, verify", "error, warning", "The file's format is not the promised one.", _ASK,
    ),
    RuleEntry(
        "not-an-image", "get, adopt, verify", "error, warning",
        "An image was promised, and the file cannot be read as one.", _ASK,
    ),
    RuleEntry(
        "unverifiable", "verify, report", "info",
        "The format carries no modality, so there is nothing to compare with the catalogue.",
        "Nothing: it tells what the check could not cover.",
    ),
)  # fmt: skip

PRIVACY = (
    RuleEntry(
        "phi-residual", "verify --phi", "warning, info",
        "A field that may identify a patient has a value. The finding names the field and the count, never the value.",
        "Do not share the files. Tell the archive, and remove the field in a copy of your own.",
    ),
    RuleEntry(
        "phi-unreadable", "verify --phi", "info", "A file could not be searched for identifying fields.",
        "Look at it by hand.",
    ),
    RuleEntry(
        "burned-in-risk", "verify --phi", "warning",
        "The pixels may show a patient's data (ultrasound, screenshots, scanned film).",
        "Look at the images before you share or publish them.",
    ),
)  # fmt: skip

INGEST = (
    RuleEntry(
        "renamed", "get, adopt", "info",
        "The file is held under another name, because its own is unsafe or already taken.",
        "Nothing: the finding names both.",
    ),
    RuleEntry(
        "name-guessed", "get, adopt", "info", "A file name in an archive is not UTF-8; its encoding was guessed.",
        "Compare the names, if they matter to you.",
    ),
    RuleEntry(
        "replaced", "get --force", "info", "A held file got other bytes. Both SHA-256 are in the record.", "Nothing.",
    ),
    RuleEntry(
        "older-copy", "get --force", "info",
        "The new archive does not hold this file any more; the copy is of an older one.",
        "Decide whether to keep it.",
    ),
    RuleEntry(
        "archive-member-left-out", "get, adopt", "info", "A link, device or the like in an archive was not unpacked.",
        "Nothing, unless it pointed to data that you miss.",
    ),
    RuleEntry(
        "left-out", "adopt", "info", "A link or special file was not taken in.",
        "`fetch adopt --follow` copies what links point to.",
    ),
    RuleEntry(
        "not-removed", "adopt --move", "warning", "The file is held, and its source could not be removed.",
        "Remove it by hand.",
    ),
    RuleEntry(
        "remark", "get", "info", "Something about the archive's listing that a person should know.", "Read it.",
    ),
)  # fmt: skip

TERMS = (
    RuleEntry(
        "use-forbidden", "audit --use", "error", "The licence forbids this use, or its owner has to be asked.",
        "Do not use the copies so. If the owner allows it: `fetch permit NAME USE --evidence FILE`.",
    ),
    RuleEntry(
        "use-unknown", "audit --use", "warning, error",
        "The licence is unknown, or says nothing of this use (an error with `--strict`).",
        "Ask the owner, and record the answer: `fetch permit NAME USE --evidence FILE`.",
    ),
    RuleEntry(
        "terms-not-accepted", "audit", "error", "The licence must be accepted, and nobody has done so.",
        "Read it, then `fetch accept LICENCE-ID`.",
    ),
    RuleEntry(
        "terms-changed", "audit", "warning", "The licence or its text is another one than when the copies came.",
        "Read both texts; `fetch accept LICENCE-ID` agrees to the present one.",
    ),
    RuleEntry(
        "purpose-mismatch", "audit, apply", "warning", "The stated purpose contradicts the terms of use (DUO codes).",
        "Correct the purpose, or ask the owner.",
    ),
    RuleEntry(
        "licence-stricter-elsewhere", "audit", "warning",
        "Another dataset with the same images has a stricter licence, or none that is known.",
        "Follow the stricter one.",
    ),
    RuleEntry(
        "duty-open", "audit", "info", "The licence comes with duties (to cite, to report, to return data ...).",
        "Fulfil them; `fetch cite NAME` prints the references.",
    ),
    RuleEntry(
        "retention-due", "audit", "warning", "The terms require the copies to be destroyed by now.",
        "`fetch release NAME --reason TEXT`.",
    ),
)  # fmt: skip

ACCESS = (
    RuleEntry(
        "access-missing", "audit", "error", "Copies are held without the access that the archive requires.",
        "`fetch apply NAME`, and `fetch grant NAME` when it is granted; else `fetch release NAME`.",
    ),
    RuleEntry(
        "access-lapsed", "audit", "error", "The access has ended, and copies are still held.",
        "`fetch renew NAME --until DATE --evidence FILE`, or `fetch release NAME`.",
    ),
    RuleEntry(
        "access-lapsing", "audit, status", "warning", "The access ends within 30 days.",
        "Ask for a renewal, then `fetch renew NAME --until DATE --evidence FILE`.",
    ),
)  # fmt: skip

COPIES = (
    RuleEntry(
        "copy-modified", "audit", "error, warning",
        "A copy's bytes are not the recorded ones (an error where the terms forbid changes).",
        _AGAIN,
    ),
    RuleEntry(
        "copy-missing", "audit", "warning", "The record has the copy, and the disk does not.",
        "`fetch NAME` downloads it again.",
    ),
    RuleEntry(
        "copy-unknown", "audit", "warning", "The store has a file that is not in the record.",
        "`fetch adopt NAME PATH` records it; or move it out of the store.",
    ),
    RuleEntry(
        "copy-exposed", "audit", "error, warning",
        "Others on this machine can read a copy, and the terms do not allow sharing.",
        "`chmod -R go= FOLDER`; the finding names the folder.",
    ),
    RuleEntry(
        "copy-private", "verify, audit", "info",
        "In a shared store, the copy belongs to another account and cannot be read by yours.",
        "Nothing: its owner can verify it.",
    ),
    RuleEntry(
        "copy-elsewhere", "audit --scan", "warning", "There is a copy of a held file outside the store.",
        "Destroy it, or note where it is and why.",
    ),
    RuleEntry(
        "scan-incomplete", "audit --scan", "warning", "A file or folder could not be read.",
        "Scan as somebody who may read it.",
    ),
)  # fmt: skip

CORPUS = (
    RuleEntry("patient-unknown", "view --split", "warning", "Files name no patient.", "See who knows the patients."),
    RuleEntry("needs-conversion", "view --datalist", "warning", "nnU-Net reads no DICOM.", "Run dcm2niix."),
    RuleEntry("not-compared", "overlap", "warning", "Pixels are unknown.", "`pip install 'fetch-imaging[pixels]'`."),
)  # fmt: skip

MACHINE = (
    RuleEntry(
        "home", "doctor", "info, error",
        "Where the workspace is, and whether it can be written.", "`--home DIR` names another.",
    ),
    RuleEntry(
        "store", "doctor", "info, error",
        "Where the store is, and what is free there.", "`--cache DIR` names another.",
    ),
    RuleEntry(
        "sharing", "doctor", "info, warning, error",
        "Whether the store is shared with a group, and whether that works.",
        "Follow the hint.",
    ),
    RuleEntry(
        "file-system", "doctor", "info, warning",
        "What the store's file system can do, and what follows where it cannot.", "Nothing.",
    ),
    RuleEntry(
        "record", "doctor", "info, error", "Whether the record and its journal are readable and agree.",
        "Follow the hint: the one is made again from the other.",
    ),
    RuleEntry(
        "events", "doctor", "info, error", "Whether the hash chain of events is whole.",
        "An event was edited or removed: find out by whom.",
    ),
    RuleEntry("clock", "doctor", "warning", "The clock is more than a day behind the newest record.", "Set the clock."),
    RuleEntry(
        "software", "doctor", "info, warning",
        "The versions of the packages in use.", "Install the package again.",
    ),
    RuleEntry("proxy", "doctor", "info", "The proxy variables that are set.", "Nothing."),
    RuleEntry(
        "certificates", "doctor", "info, error",
        "The certificate authorities in use.", "Correct `SSL_CERT_FILE`.",
    ),
    RuleEntry(
        "credentials", "doctor", "info, error",
        "The archives for which credentials are stored, never a credential.", "Follow the hint.",
    ),
    RuleEntry(
        "source", "doctor", "info, error",
        "A source from another package, or one that cannot be loaded.", "Install it again.",
    ),
    RuleEntry("sources", "doctor", "info", "The built-in sources in use.", "Nothing."),
    RuleEntry(
        "place", "doctor --network", "info, warning, error",
        "Whether each archive's host answers.", "Try again later.",
    ),
)  # fmt: skip

GROUPS = (
    RuleGroup("Bytes", BYTES),
    RuleGroup("Content", CONTENT),
    RuleGroup("Privacy", PRIVACY),
    RuleGroup("Taking files in", INGEST),
    RuleGroup("Licences and duties", TERMS),
    RuleGroup("Access", ACCESS),
    RuleGroup("Copies", COPIES),
    RuleGroup("Using a corpus", CORPUS),
    RuleGroup("This machine (`fetch doctor`)", MACHINE),
)
