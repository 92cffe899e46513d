"""The commands of the demo, and how each should end."""

from __future__ import annotations

from typing import NamedTuple

from fetchers.verbs.demo.places import COLLECTION
from fetchers.verbs.demo.replica import GATED_FILE

# The letter with which the made-up board of the made-up atlas grants access.
LETTER = "letter.txt"
LETTER_TEXT = "The board of the Kidney Atlas (made up for this demo) grants you access for two years.\n"


class Act(NamedTuple):
    """One command as a person types it after `fetch`, why, and the exit status that the story expects."""

    says: str
    words: tuple[str, ...]
    expected: int = 0
    asks: bool | None = None  # whether the network is to be asked; None: either way


ACTS = (
    Act(says="What does the list promise of Shenzhen, and what is it really?", words=("show", "shenzhen"), asks=False),
    Act(says="An open set: one word is enough.", words=("shenzhen",), asks=True),
    Act(says="All of it is here now, so a second run asks the network for nothing.", words=("shenzhen",), asks=False),
    Act(
        says="Do the bytes hold? They do. A PNG cannot say what took it, and a stand-in has fewer images than the real "
        "set: both are said, not passed over.",
        words=("verify", "shenzhen"),
        asks=False,
    ),
    Act(
        says="A DICOM archive. One series is listed as CT, and its header says MR: held, recorded, and reported.",
        words=("get", f"tcia/{COLLECTION}"),
        expected=4,
        asks=True,
    ),
    Act(says="A gated set: a person has to act first. Nothing is asked of the network.", words=("kidney",), expected=6,
        asks=False),
    Act(
        says="So open an application; its steps are tasks.",
        words=("apply", "kidney", "--owner", "ada", "--purpose", "kidney segmentation"),
    ),
    Act(says="The form is sent.", words=("tasks", "done", "kidney", "form", "--note", "sent by mail")),
    Act(
        says="The board's letter has come.",
        words=("grant", "kidney", "--evidence", LETTER, "--until", "2099-12-31"),
    ),
    Act(says="Now it opens.", words=("kidney",), asks=True),
    Act(
        says="May all of this go into a product? Each answer names the terms that decide.",
        words=("audit", "--use", "commercial"),
        expected=8,
        asks=False,
    ),
    Act(says="And where are we now?", words=("status",), asks=False),
)  # fmt: skip


def catalogue() -> str:
    """Write the workspace's own catalogue: the gated set, as any workspace may add one."""
    return f"""\
[datasets.kidney]
title = "Kidney Atlas (made up for this demo)"
modalities = ["MR"]
body_parts = ["kidney"]
images = 3
access = "application"
container = "dicom"
licence = "LicenseRef-Kidney"
link = "https://kidney.example.org/"

[[datasets.kidney.files]]
url = "https://kidney.example.org{GATED_FILE.removeprefix("/kidney")}"

[[datasets.kidney.steps]]
key = "form"
title = "Send the application form"
url = "https://kidney.example.org/apply"
expected_days = 14

[licences.LicenseRef-Kidney]
name = "Kidney Atlas terms (made up for this demo)"
url = "https://kidney.example.org/terms"
duties = ["cite"]

[licences.LicenseRef-Kidney.uses]
research = "yes"
commercial = "no"
share-team = "yes"
"""


def config(address: str) -> str:
    """Write the workspace's configuration: the replica stands in for three places."""
    return f"""\
[mirrors]
"https://openi.nlm.nih.gov/" = "{address}/nlm/"
"https://services.cancerimagingarchive.net/" = "{address}/nbia/"
"https://nbia.cancerimagingarchive.net/" = "{address}/nbia/"
"https://kidney.example.org/" = "{address}/kidney/"
"""
