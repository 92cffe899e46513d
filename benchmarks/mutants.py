"""Do the tests notice? Seeded bugs, applied one by one to a copy of the tree; each must turn some test red.

    python benchmarks/mutants.py [NAME...]

Prints a table in Markdown. A bug whose line is no longer in the file is an error of this list, not a pass.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
LIMIT = 240  # seconds for the tests of one bug


@dataclass(frozen=True)
class Mutant:
    """One seeded bug: in `file`, `old` becomes `new`; `tests` are those that must notice."""

    name: str
    file: str
    old: str
    new: str
    tests: str


FAULTS = "tests/faults"
MUTANTS = (
    Mutant("drop the folder's fsync", "fetchers/storage/publish/publish.py", "            store.sync(folder)\n",
           "            pass\n", f"{FAULTS}/test_order.py"),
    Mutant("drop the file's fsync", "fetchers/storage/publish/fsync.py",
           "        for descriptor in descriptors:\n            system.fsync(descriptor)\n", "", f"{FAULTS}/test_order.py"),
    Mutant("drop the crowd's syncfs", "fetchers/system.py", "    if call(descriptor):\n        raise",
           "    if False:\n        raise", f"{FAULTS}/test_order.py"),
    Mutant("trust the syncfs of an old kernel", "fetchers/system.py",
           " and _release(os.uname().release) >= _REPORTS_ERRORS", "", "tests/storage/test_durable.py"),
    Mutant("overwrite a taken name", "fetchers/storage/publish/publish.py", "    if replace:\n", "    if True:\n",
           "tests/storage/test_publish.py"),
    Mutant("believe a partial's size", "fetchers/storage/partial/resume_state.py",
           "            if running[0].hexdigest() != marks[mark]:\n                break\n", "",
           "tests/storage/test_partial.py"),
    Mutant("forget the pinned checksum", "fetchers/storage/partial/hashes.py", "        if arrived != promised.lower():",
           "        if False:",
           "tests/storage/test_partial.py"),
    Mutant("hold a small file unhashed", "fetchers/acquire/ingest.py", "        hashes.check(parcel.size)\n", "",
           "tests/test_outside_get.py"),
    Mutant("go on after a gap", "fetchers/storage/partial/body_writer.py", "            self._failed = True\n", "",
           "tests/storage/test_body.py"),
    Mutant("write on after the parent's death", "fetchers/workers/worker.py",
           "    system_process.die_with_parent(parent)\n", "", "tests/verbs/test_beside.py"),
    Mutant("take the unburied for living", "fetchers/storage/partial/ownership.py", " and state not in _DEAD", "",
           "tests/storage/test_owners.py"),
    Mutant("let the small wait for the large", "fetchers/acquire/download.py", ", landing.meanwhile)", ")",
           "tests/test_outside_get.py"),
    Mutant("append on 200", "fetchers/transport/range_requests.py", '        return "fresh"\n', '        return "append"\n',
           "tests/transport/test_ranges.py"),
    Mutant("append whatever the range says", "fetchers/transport/range_requests.py", "    fits = start == offset and",
           "    fits = True or",
           "tests/transport/test_ranges.py"),
    Mutant("append without the validator", "fetchers/transport/range_requests.py", "confirmed and fits", "fits",
           "tests/transport/test_ranges.py"),
    Mutant("leave https for http", "fetchers/transport/url_policy.py",
           "        if urlsplit(asked).scheme.lower() in _SECURE",
           "        if False and urlsplit(asked).scheme.lower() in _SECURE",
           "tests/transport/test_policy.py"),
    Mutant("follow to a private address", "fetchers/transport/url_policy.py", "        if guarded and is_private",
           "        if False and is_private",
           "tests/transport/test_policy.py"),
    Mutant("follow redirects for ever", "fetchers/transport/url_policy.py", "    if len(hops) > MOST_HOPS:",
           "    if False:",
           "tests/transport/test_policy.py"),
    Mutant("send a key to any host", "fetchers/transport/credentials.py",
           "    if origin(prefix) != origin(url):\n        return False\n", "",
           "tests/transport/test_credentials.py"),
    Mutant("show secrets in addresses", "fetchers/transport/redaction.py", "def is_secret(name: str) -> bool:\n",
           "def is_secret(name: str) -> bool:\n    return False\n\n\ndef _was(name: str) -> bool:\n",
           "tests/transport/test_secrets.py"),
    Mutant("rows before the journal", "fetchers/storage/record/transaction.py",
           '            self._end = journal.append(self._journal, b"".join(self._lines), before)\n',
           "            self._end = before\n",
           "tests/storage/test_manifest.py tests/storage/test_journal.py"),
    Mutant("an event without its chain", "fetchers/storage/record/event_chain.py",
           "        linked = linked._replace(digest=digest(linked))\n",
           "        linked = linked._replace(digest='0')\n",
           "tests/storage/test_ledger.py"),
    Mutant("a missing last event passes", "fetchers/storage/record/event_chain.py", "    if number != count:", "    if False:",
           "tests/storage/test_ledger.py"),
    Mutant("unpack a name twice", "fetchers/storage/archive/safe_tree.py", "        if sha.digest() != digest:", "        if False:",
           "tests/storage/test_unpack_hostile.py"),
    Mutant("ignore a member's CRC", "fetchers/storage/archive/decompress.py", "    if crc != entry.crc:", "    if False:",
           "tests/storage/test_unpack_hostile.py"),
    Mutant("unpack a bomb", "fetchers/storage/archive/unpack.py", "    if total > limits.ratio_from and total > packed",
           "    if False and total > packed", "tests/storage/test_unpack_hostile.py"),
    Mutant("take any name", "fetchers/checks/formats/safe_names.py", "    if reason is not None:", "    if False:",
           "tests/checks/test_names.py"),
    Mutant("pass a wrong modality", "fetchers/checks/dicom/modality.py", 'rule="modality-wrong", severity="error"',
           'rule="modality-wrong", severity="info"',
           "tests/checks/test_modality.py"),
    Mutant("store a login page", "fetchers/acquire/first_bytes.py", "        if kind in _PAGES",
           "        if False and kind in _PAGES",
           "tests/verbs/test_promise.py"),
    Mutant("take up another file", "fetchers/acquire/recover.py",
           "    if noted is not None and noted.sha256 != partial.sha256:", "    if False:",
           "tests/verbs/test_recognising.py"),
    Mutant("open a gate without a grant", "fetchers/checks/access/applications.py", '"granted"', '"granted_"',
           "tests/checks/test_access.py"),
    Mutant("allow from ignorance", "fetchers/checks/terms/verdict.py", '"unknown"', '"allowed"',
           "tests/checks/test_terms.py tests/checks/test_licences.py"),
)  # fmt: skip


def caught(mutant: Mutant) -> str:
    """Apply one bug to a copy and run its tests; say what came of it."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)  # some tests become another user
        copy = Path(folder) / "tree"
        shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".git", ".venv", "data", "__pycache__", ".*_cache"))
        target = copy / mutant.file
        text = target.read_text(encoding="utf-8")
        if mutant.old not in text:
            return "the line is gone: mend this list"
        target.write_text(text.replace(mutant.old, mutant.new), encoding="utf-8")
        flags = ["-x", "-q", "-k", "not teeth", "-p", "no:cacheprovider"]
        command = [sys.executable, "-m", "pytest", *flags, *mutant.tests.split()]
        try:
            done = subprocess.run(
                command,
                cwd=copy,
                env={"PYTHONPATH": str(copy), "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
                capture_output=True,
                text=True,
                timeout=LIMIT,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return f"caught (no end within {LIMIT} s)"
        if done.returncode == 1:
            failed = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
            return "caught by " + (failed[0].split(" ")[1].partition("[")[0] if failed else "?")
        return "**not caught**" if done.returncode == 0 else f"pytest ended with {done.returncode}"


def main() -> None:
    """Run the named bugs, all by default."""
    wanted = [mutant for mutant in MUTANTS if not sys.argv[1:] or mutant.name in sys.argv[1:]]
    print("| seeded bug | outcome |\n|---|---|")
    outcomes = []
    for mutant in wanted:
        outcomes.append(caught(mutant))
        print(f"| {mutant.name} | {outcomes[-1]} |", flush=True)
    found = sum(outcome.startswith("caught") for outcome in outcomes)
    print(f"\n{found} of {len(wanted)} caught")


if __name__ == "__main__":
    main()
