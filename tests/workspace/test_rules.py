"""Every fault of a catalogue or a configuration is found, said once, with file, line and key."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fetchers.errors import CatalogueError
from fetchers.workspace.validation.catalogue import VERBS
from tests.workspace.homes import opened

if TYPE_CHECKING:
    from pathlib import Path

# The least that a dataset needs; what follows it in a row begins on line 4.
MINE = '[datasets.mine]\ntitle = "Mine"\naccess = "open"\n'
FILE = "[[datasets.mine.files]]\n"
URL = 'url = "https://example.org/x.zip"\n'
STEP = '[[datasets.mine.steps]]\ntitle = "Do it"\n'
PART = "[datasets.mine.parts.a]\n"
TERMS = "[licences.LicenseRef-Mine]\n"

FAULTS: tuple[tuple[str, str, str], ...] = (
    # the whole file
    ("[datasets.mine\n", "1: column", "no TOML"),
    (MINE + 'title = "Again"\n', "4: column", "no TOML"),
    ("[datsets.mine]\n", "1: datsets", 'did you mean "datasets"?'),
    ("datasets = 3\n", "1: datasets", "expected a table, found 3 (a whole number)"),
    ("a = " + "[" * 500 + "]" * 500 + "\n", "1: ", "nested too deep"),
    ("licences = []\n", "1: licences", "expected a table, found a list of 0"),
    ("[datasets]\nmine = true\n", "2: datasets.mine", "expected a table, found true (true or false)"),
    # names
    ("[datasets.Mine]\ntitle = 'M'\naccess = 'open'\n", "1: datasets.Mine", 'would be "mine"'),
    ('[datasets."my data"]\ntitle = "M"\naccess = "open"\n', '1: datasets."my data"', "begins with a letter or digit"),
    ("[datasets.verify]\ntitle = 'M'\naccess = 'open'\n", "1: datasets.verify", "the name of a verb"),
    ("[datasets.login]\ntitle = 'M'\naccess = 'open'\n", "1: datasets.login", "the name of a verb"),
    ("[datasets.chinaset]\ntitle = 'M'\naccess = 'open'\n", "1: datasets.chinaset", "an alias of shenzhen"),
    (MINE + 'aliases = ["oasis"]\n', "4: datasets.mine.aliases", "the name of a dataset"),
    (MINE + 'aliases = ["chinaset"]\n', "4: datasets.mine.aliases", "an alias of shenzhen and of mine"),
    (MINE + 'aliases = ["a", "a"]\n', "4: datasets.mine.aliases", "an alias of mine and of mine"),
    (MINE + 'aliases = ["audit"]\n', "4: datasets.mine.aliases", "is a verb"),
    (MINE + 'aliases = ["LIDC"]\n', "4: datasets.mine.aliases", 'would be "lidc"'),
    (MINE + 'aliases = "m"\n', "4: datasets.mine.aliases", 'expected a list, found "m"'),
    # a dataset's own keys
    ('[datasets.mine]\naccess = "open"\n', "1: datasets.mine", '"title" is missing'),
    ('[datasets.mine]\ntitle = "M"\n', "1: datasets.mine", '"access" is missing'),
    (MINE + 'licenses = "MIT"\n', "4: datasets.mine.licenses", 'did you mean "licence"?'),
    (MINE + "xyzzy = 1\n", "4: datasets.mine.xyzzy", "unknown key"),
    (MINE.replace('"open"', '"opne"'), "3: datasets.mine.access", 'found "opne"'),
    (MINE.replace('"Mine"', '"  "'), "2: datasets.mine.title", "found an empty one"),
    (MINE + 'container = "dcm"\n', "4: datasets.mine.container", "one of dicom, png"),
    (MINE + 'images = "662"\n', "4: datasets.mine.images", 'expected a whole number, found "662"'),
    (MINE + "images = -1\n", "4: datasets.mine.images", "found -1, the least possible value is 0"),
    (MINE + "patients = 1.5\n", "4: datasets.mine.patients", "1.5 (a number)"),
    (MINE + "patients = true\n", "4: datasets.mine.patients", "true (true or false)"),
    (MINE + 'modalities = ["mr"]\n', "4: datasets.mine.modalities", "a code in capitals"),
    (MINE + "body_parts = [1]\n", "4: datasets.mine.body_parts", "1 (a whole number)"),
    (MINE + 'checked_on = "2026-11-22"\n', "4: datasets.mine.checked_on", "without quotes"),
    (MINE + 'made_from = ["Some Set"]\n', "4: datasets.mine.made_from", "NAME/PART"),
    (MINE + 'acknowledge = "thanks"\n', "4: datasets.mine.acknowledge", "expected a list"),
    (MINE + "checked_on = 2026-11-22T10:00:00\n", "4: datasets.mine.checked_on", "expected a day"),
    *(
        (MINE + f"{at}\n", where, "the address of h.example.org holds a user name")
        for at, where in (
            ('options = { root = "ftp://u:CANARY@h.example.org/" }', "4: datasets.mine.options"),
            ('options = { deep = [{ a = "https://CANARY@h.example.org" }] }', "4: datasets.mine.options"),
            ('options = { "https://CANARY@h.example.org" = 1 }', "4: datasets.mine.options"),
            ('[datasets.mine.listed]\nlink = "http://u:CANARY@h.example.org/x"', "5: datasets.mine.listed.link"),
            (
                '[[datasets.mine.errata]]\nevidence = "see https://u:CANARY@h.example.org/"',
                "5: datasets.mine.errata[0].evidence",
            ),
            (
                '[[datasets.mine.citations]]\nbibtex = "@misc{x, url = {https://u:CANARY@h.example.org/}}"',
                "5: datasets.mine.citations[0].bibtex",
            ),
            ('notes = "https://u:CANARY@h.example.org/"', "4: datasets.mine.notes"),
        )
    ),
    *(
        (MINE + f'link = "{link}"\n', "4: datasets.mine.link", what)
        for link, what in (
            ("http:u:CANARY@h.example.org/x", "names no host"),
            ("u:CANARY@h.example.org/x", "found"),
            ("https://u:CANARY/p@h.example.org/x", "is no address"),
            ("https:///x?token=CANARY", "names no host"),
            ("https:///x#token=CANARY", "names no host"),
        )
    ),
    (TERMS + 'text = "https://u:CANARY@h.example.org/"\n', "2: licences.LicenseRef-Mine.text", "holds a user name"),
    (MINE + 'link = "example.org"\n', "4: datasets.mine.link", '"example.org" names none'),
    (MINE + "options = 3\n", "4: datasets.mine.options", "expected a table"),
    (MINE + "[datasets.mine.listed]\nmodalities = 'CT'\n", "5: datasets.mine.listed.modalities", "unknown key"),
    # licences
    ('[licences."my terms"]\n', '1: licences."my terms"', "an SPDX identifier or LicenseRef-NAME"),
    ("[licences.CC0-1.0]\nname = 'X'\n", "1: licences.CC0-1.0", "a name with a dot in it is written in quotes"),
    ("[licences]\nX = 1\n", "2: licences.X", "expected a table"),
    (TERMS + 'duties = ["pray"]\n', "2: licences.LicenseRef-Mine.duties", '"pray"'),
    (TERMS + 'duo = ["GRU"]\n', "2: licences.LicenseRef-Mine.duo", "DUO:0000042"),
    (TERMS + 'uses = { research = "maybe" }\n', "2: licences.LicenseRef-Mine.uses.research", "one of yes, no, ask"),
    (TERMS + "[licences.LicenseRef-Mine.uses]\nselling = 'no'\n", "3: licences.LicenseRef-Mine.uses.selling", "key"),
    (TERMS + "reasons = { modify = 1 }\n", "2: licences.LicenseRef-Mine.reasons.modify", "expected a text"),
    (TERMS + 'requires_acceptance = "yes"\n', "2: licences.LicenseRef-Mine.requires_acceptance", "true or false"),
    # files
    (MINE + FILE, "4: datasets.mine.files[0]", '"url" is missing'),
    (MINE + "files = 1\n", "4: datasets.mine.files", "expected a list of tables"),
    (MINE + "files = ['https://example.org/x.zip']\n", "4: datasets.mine.files[0]", "expected a table"),
    (MINE + FILE + URL + 'sha265 = "00"\n', "6: datasets.mine.files[0].sha265", 'did you mean "sha256"?'),
    (MINE + FILE + URL + f'sha256 = "{"0" * 63}"\n', "6: datasets.mine.files[0].sha256", "64 digits, found 63"),
    (MINE + FILE + URL + f'sha256 = "{"g" * 64}"\n', "6: datasets.mine.files[0].sha256", "hexadecimal digits"),
    (MINE + FILE + URL + f'md5 = "{"0" * 40}"\n', "6: datasets.mine.files[0].md5", "has 32 digits, found 40"),
    (MINE + FILE + URL + "sha1 = 7\n", "6: datasets.mine.files[0].sha1", "expected a checksum"),
    (MINE + FILE + URL + "size = -3\n", "6: datasets.mine.files[0].size", "found -3"),
    (MINE + FILE + URL + 'size = "3 GB"\n', "6: datasets.mine.files[0].size", "expected a whole number"),
    (MINE + FILE + URL + 'path = "../x.zip"\n', "6: datasets.mine.files[0].path", ".."),
    *(
        (MINE + FILE + URL + f'path = "{bad}"\n', "6: datasets.mine.files[0].path", why)
        for bad, why in (
            ("nul.dcm", "device's name"),
            ("COM1.txt", "device's name"),
            ("a/prn.x.y", "device's name"),
            ("LPT9/x.zip", "device's name"),
            ("Con/x.zip", "device's name"),
            ("a./x.zip", "ends with a dot"),
            ("a" * 201, "more than 200 bytes"),
            ("a" * 201 + "/x.zip", "more than 200 bytes"),
            ("/".join(["a" * 100] * 11), "too long or too deep"),
            ("a/" * 32 + "x.zip", "too long or too deep"),
        )
    ),
    (MINE.replace("mine", "m" * 201), "1: datasets." + "m" * 201, "more than 200 bytes"),
    (MINE + f"aliases = ['{'m' * 201}']\n", "4: datasets.mine.aliases", "more than 200 bytes"),
    (MINE + f"[datasets.mine.parts.{'p' * 201}]\n", "4: datasets.mine.parts.p", "more than 200 bytes"),
    (MINE + FILE + URL + 'path = "/etc/x.zip"\n', "6: datasets.mine.files[0].path", "/etc/x.zip"),
    (MINE + FILE + URL + 'into = "../.."\n', "6: datasets.mine.files[0].into", ".."),
    (MINE + FILE + 'url = "https://example.org/"\n', "5: datasets.mine.files[0].url", "a path is wanted"),
    (MINE + FILE + 'url = "https://example.org/a%2F..%2F..%2Fb"\n', "5: datasets.mine.files[0].url", ".."),
    (MINE + FILE + 'url = "file:///etc/passwd"\n', "5: datasets.mine.files[0].url", 'found "file"'),
    (MINE + FILE + 'url = "gopher://example.org/x"\n', "5: datasets.mine.files[0].url", 'found "gopher"'),
    (MINE + FILE + 'url = "https:///x.zip"\n', "5: datasets.mine.files[0].url", "names no host"),
    (MINE + FILE + 'url = "https://example.org:x/x.zip"\n', "5: datasets.mine.files[0].url", "no address"),
    (MINE + FILE + 'url = "https://example.org/a b.zip"\n', "5: datasets.mine.files[0].url", "%20"),
    (MINE + FILE + 'url = "https://me:pw@example.org/x.zip"\n', "5: datasets.mine.files[0].url", "credentials.toml"),
    (MINE + FILE + URL + 'mirrors = ["https://me@example.org/"]\n', "6: datasets.mine.files[0].mirrors", "user name"),
    (MINE + (FILE + URL) * 2, "6: datasets.mine.files[1]", "the path of files[0], too"),
    (MINE + FILE + URL + FILE + URL.replace("x.zip", "X.ZIP"), "6: datasets.mine.files[1]", '"X.ZIP" is the path'),
    *(
        (
            MINE + "".join(FILE + URL + f'path = "{path}"\n{more}' for path in paths),
            f"{4 + row * (4 if more else 3)}: datasets.mine.files[{row}]",
            f"is the path of files[{other}], which is a folder of this one",
        )
        for more in ("", 'md5 = "' + "0" * 32 + '"\n')
        for paths, row, other in (
            (("folder", "folder/image"), 1, 0),
            (("Folder/deep/image", "folder"), 0, 1),
            (("other", "folder/image.x", "FOLDER/image.x/a/b"), 2, 1),
        )
    ),
    # steps, errata, citations
    (MINE + STEP, "4: datasets.mine.steps[0]", '"key" is missing'),
    (MINE + STEP + "key = 'a b'\n", "6: datasets.mine.steps[0].key", "a key of letters"),
    (MINE + (STEP + "key = 'a'\n") * 2, "7: datasets.mine.steps[1]", 'the key "a" is that of steps[0], too'),
    (MINE + STEP + "key = 'a'\nneeds = ['b']\n", "4: datasets.mine.steps[0]", 'needs "b", and the steps are a'),
    (MINE + STEP + "key = 'a'\nneeds = ['a']\n", "4: datasets.mine.steps[0]", "a -> a"),
    (MINE + STEP + "key = 'a'\nneeds = ['b']\n" + STEP + "key = 'b'\n", "4: datasets.mine.steps[0]", "a -> b -> a"),
    (MINE + STEP + "key = 'a'\nexpected_days = -1\n", "7: datasets.mine.steps[0].expected_days", "found -1"),
    (
        MINE + STEP + "key = 'a'\nexpected_days = 36525\n" + STEP + "key = 'b'\nexpected_days = 1\n",
        "8: datasets.mine.steps[1]",
        "36526 days together",
    ),
    (MINE + STEP + "key = 'a'\nlapses_after_days = 0\n", "7: datasets.mine.steps[0].lapses_after_days", "is 1"),
    (
        MINE + STEP + "key = 'a'\nexpected_days = 36526\n",
        "7: datasets.mine.steps[0].expected_days",
        "the largest possible value is 36525",
    ),
    (MINE + STEP + "key = 'a'\nlapses_after_days = 9999999\n", "7: datasets.mine.steps[0].lapses", "largest possible"),
    (TERMS + "destroy_after_days = 9999999\n", "2: licences.LicenseRef-Mine.destroy_after_days", "found 9999999"),
    (MINE + STEP + "key = 'a'\nurl = 'javascript:x'\n", "7: datasets.mine.steps[0].url", "begins with one of http"),
    (MINE + "steps = 'none'\n", "4: datasets.mine.steps", "expected a list of tables"),
    (MINE + "[[datasets.mine.errata]]\nfield = 'x'\n", "4: datasets.mine.errata[0]", '"evidence" is missing'),
    (MINE + "[[datasets.mine.citations]]\n", "4: datasets.mine.citations[0]", "one of doi, bibtex, text"),
    (MINE + "[[datasets.mine.citations]]\ndoi = 'x'\n", "5: datasets.mine.citations[0].doi", "a DOI such as"),
    # parts
    (MINE + "[datasets.mine.parts]\na = 1\n", "5: datasets.mine.parts.a", "expected a table"),
    (MINE + PART + "acess = 'open'\n", "5: datasets.mine.parts.a.acess", 'did you mean "access"?'),
    (MINE + PART + "access = 'closed'\n", "5: datasets.mine.parts.a.access", "one of open, registration"),
    (MINE + PART + "[datasets.mine.parts.a.parts.b]\n", "5: datasets.mine.parts.a.parts", "unknown key"),
    (MINE + '[datasets.mine.parts."../b"]\n', '4: datasets.mine.parts."../b"', "no slash"),
    (MINE + '[datasets.mine.parts.".b"]\n', '4: datasets.mine.parts.".b"', "begins with no dot"),
    (MINE + '[datasets.mine.parts."a*"]\n', '4: datasets.mine.parts."a*"', "holds letters"),
    (MINE + "[datasets.mine.parts.LICENCE]\n", "4: datasets.mine.parts.LICENCE", "the folder of the terms"),
    (MINE + PART + "[[datasets.mine.parts.a.files]]\n", "5: datasets.mine.parts.a.files[0]", '"url" is missing'),
    # a table that overrides a built-in one
    ("[datasets.oasis]\nacess = 'open'\n", "2: datasets.oasis.acess", 'did you mean "access"?'),
)


@pytest.mark.parametrize(("text", "place", "what"), FAULTS)
def test_a_fault_is_said_with_its_line_and_key(tmp_path: Path, text: str, place: str, what: str) -> None:
    """`FILE:LINE: KEY: what`, exit 2."""
    with pytest.raises(CatalogueError) as caught:
        opened(tmp_path, text)
    lines = [line for line in caught.value.what.splitlines() if line.startswith(f"{tmp_path / 'catalogue.toml'}:")]
    assert [line for line in lines if f"catalogue.toml:{place}" in line and what in line], caught.value.what
    assert caught.value.exit_status == 2
    assert caught.value.hint
    assert "CANARY" not in caught.value.what


def test_all_faults_of_all_files_are_one_error(tmp_path: Path) -> None:
    """Eleven faults in two files are eleven lines, in the order of the lines, not the first of them."""
    wrong = MINE + 'images = "many"\ncontainer = "bag"\npatients = "few"\n' + FILE + "size = -1\n"
    wrong += "[datasets.Loud]\ntitle = 'L'\naccess = 'open'\n[licences.X.uses]\nresearch = 'perhaps'\n"
    with pytest.raises(CatalogueError) as caught:
        opened(tmp_path, wrong, '[mirrors]\n"https://a/" = 3\n[policy]\nuses = ["sell"]\nforbit = []\n[colour]\n')
    lines = caught.value.what.splitlines()
    assert len(lines) == 11
    assert [int(line.split(":")[1]) for line in lines] == [2, 4, 5, 6, 4, 5, 6, 7, 8, 9, 13]
    assert caught.value.hint == "correct the 11 faults named above, then type the command again"


@pytest.mark.parametrize("verb", VERBS)
def test_no_verb_names_a_dataset(tmp_path: Path, verb: str) -> None:
    """`fetch status` stays a verb whatever a catalogue says."""
    with pytest.raises(CatalogueError, match="verb"):
        opened(tmp_path, f"[datasets.{verb}]\ntitle = 'M'\naccess = 'open'\n")


@pytest.mark.parametrize(
    "text",
    [
        MINE + FILE + URL,
        MINE + FILE + 'url = "ftp://example.org/pub/a.zip"\n',
        MINE + FILE + 'url = "s3://bucket/key/a.zip"\n',
        MINE + FILE + 'url = "http://127.0.0.1:8080/a.zip"\n',
        MINE + FILE + 'url = "https://[::1]:8080/a.zip?x=1@2"\n',
        MINE + FILE + 'url = "https://example.org/d%C3%BCnn.zip"\n',
        MINE + FILE + URL + 'path = "Ordner mit Blanks/dünn (1).dcm"\n',
        MINE + FILE + URL + f'sha256 = "{"A" * 64}"\nmd5 = "{"0" * 32}"\nsize = 0\nunpack = false\n',
        MINE + FILE + URL + FILE + URL + 'path = "y.zip"\n',
        MINE + FILE + URL + f'path = "{"/".join(["console.x", "COM10.txt", "nule.dcm", "a/" * 28 + "a" * 200])}"\n',
        MINE + 'licence = "(MIT OR CC-BY-4.0) AND LicenseRef-Nobody"\n',
        MINE + 'licence = "Apache-2.0 WITH LLVM-exception"\n',
        MINE + 'licence = "GPL-2.0+ WITH Classpath-exception-2.0 AND (Apache-2.0+ OR GPL-2.0 OR wxWindows)"\n',
        MINE + 'licence = "MIT WITH AdditionRef-Ours"\n',
        MINE + 'licence = "Apache-2.0 WITH LicenseRef-scancode-commons-clause"\n',
        MINE + 'licence = "NOASSERTION"\n',
        MINE + 'licence = "NONE"\n',
        MINE + 'licence = "cc-by-nc-3.0-igo"\n',
        MINE + 'licence = "Own-1"\n[licences.Own-1]\n',
        MINE + STEP + "key = 'a'\nneeds = []\n" + STEP + "key = 'b'\nneeds = ['a']\nurl = 'mailto:x@example.org'\n",
        MINE + "options = { record = 1, deep = { anything = [1, 'x'] } }\n",
        MINE + PART + "title = 'A'\n[datasets.mine.parts.'LIDC IDRI']\n",
        "[datasets.oasis]\naccess = 'application'\n",
        "[datasets.shenzhen]\naliases = ['cxr']\n[datasets.chinaset]\ntitle = 'Free again'\naccess = 'open'\n",
        "",
    ],
)
def test_what_can_be_is_taken(tmp_path: Path, text: str) -> None:
    """No fault where there is none, unusual as it may look."""
    assert "shenzhen" in {dataset.name for dataset in opened(tmp_path, text).catalogue.all()}


@pytest.mark.parametrize(
    ("text", "place", "what"),
    [
        ("mirrors = 1\n", "1: mirrors", "expected a table"),
        ('[mirrors]\n"https://a/" = "b"\n', '2: mirrors."https://a/"', "names none"),
        ('[mirrors]\n"https://me:pw@a/" = "https://b/"\n', "2: mirrors.", "user name"),
        ('[policy]\nuses = "train"\n', "2: policy.uses", "expected a list"),
        ('[policy]\nuses = ["training"]\n', "2: policy.uses", "one of research"),
        ("[policy]\nforbid = [1]\n", "2: policy.forbid", "an SPDX identifier"),
        ("[policy]\nalow = []\n", "2: policy.alow", 'did you mean "allow"?'),
        ('netrc = "yes"\n', "1: netrc", "expected true or false"),
        ("[mirror]\n", "1: mirror", "there is no table of this name"),
        ("jobs = \n", "1: column", "no TOML"),
    ],
)
def test_a_fault_of_the_configuration_is_said_so_too(tmp_path: Path, text: str, place: str, what: str) -> None:
    """`config.toml` is judged like the catalogue, and no secret of an address is repeated."""
    with pytest.raises(CatalogueError) as caught:
        opened(tmp_path, None, text)
    assert f"config.toml:{place}" in caught.value.what
    assert what in caught.value.what
    assert ":pw@" not in caught.value.what


LICENCES: tuple[tuple[str, str, str], ...] = (
    ('licence = "MTI"\n', "4: datasets.mine.licence", "MTI is neither SPDX's nor defined"),
    ('licence = "CC-BY-40"\n', "4: datasets.mine.licence", "did you mean CC-BY-4.0"),
    ('licence = "CC-BY-NC-3.0-JP"\n', "4: datasets.mine.licence", "did you mean LicenseRef-CC-BY-NC-3.0-JP or"),
    ('licence = "CC-BY"\n', "4: datasets.mine.licence", "did you mean LicenseRef-CC-BY or"),
    ('licence = "cc-zero"\n', "4: datasets.mine.licence", "did you mean CC0-1.0"),
    ('licence = "LicenceRef-NLM-TB"\n', "4: datasets.mine.licence", "LicenseRef-NLM-TB"),
    ('licence = "CC BY 4.0"\n', "4: datasets.mine.licence", "did you mean CC-BY-4.0?"),
    ('licence = "MIT AND"\n', "4: datasets.mine.licence", "AND requires two"),
    ('licence = "MIT ISC"\n', "4: datasets.mine.licence", "AND, OR or WITH is missing"),
    ('licence = "MIT or ISC"\n', "4: datasets.mine.licence", "in capitals"),
    ('licence = "()"\n', "4: datasets.mine.licence", "a licence is missing"),
    ('licence = "MIT WITH MIT"\n', "4: datasets.mine.licence", "MIT is no exception of SPDX's"),
    ('licence = "LLVM-exception"\n', "4: datasets.mine.licence", "LLVM-exception is neither"),
    ('licence = "LLVM-exception OR Apache-2.0 WITH LLVM-exception"\n', "4: datasets.mine.licence", "is neither"),
    (
        'licence = "Apache-2.0 WITH LLVM-exception WITH LLVM-exception"\n',
        "4: datasets.mine.licence",
        "no SPDX expression",
    ),
    ('licence = "(MIT OR ISC) WITH LLVM-exception"\n', "4: datasets.mine.licence", "no SPDX expression"),
    ('licence = "MIT WITH (LLVM-exception)"\n', "4: datasets.mine.licence", "no SPDX expression"),
    ('licence = "Apache-2.0++"\n', "4: datasets.mine.licence", "Apache-2.0++ is neither"),
    ('licence = "(MIT OR ISC"\n', "4: datasets.mine.licence", "no SPDX expression"),
    (FILE + URL + 'licence = "NOSUCH-1"\n', "6: datasets.mine.files[0].licence", "NOSUCH-1 is neither"),
)


@pytest.mark.parametrize(("text", "place", "what"), LICENCES)
def test_a_licence_that_means_nothing_is_its_datasets_fault(tmp_path: Path, text: str, place: str, what: str) -> None:
    """The workspace opens, every other dataset can be used, and the one at fault says what is wrong with it, where."""
    workspace = opened(tmp_path, MINE + text + PART)
    (mine,) = workspace.catalogue.find("mine")
    assert mine.fault is not None
    assert mine.fault.startswith(f"{tmp_path / 'catalogue.toml'}:{place}: ")
    assert what in mine.fault
    assert mine.parts[0].fault == mine.fault
    assert workspace.at_fault == {"mine": mine.fault}
    assert {dataset.fault for dataset in workspace.catalogue.all() if dataset.name != "mine"} == {None}


def test_a_parts_licence_is_the_parts_fault(tmp_path: Path) -> None:
    """The whole, and the other parts, go on."""
    workspace = opened(tmp_path, MINE + PART + 'licence = "MTI"\n[datasets.mine.parts.b]\n')
    (mine,) = workspace.catalogue.find("mine")
    assert mine.fault is None
    assert [part.part for part in mine.parts if part.fault] == ["a"]


@pytest.mark.parametrize("key", ["allow", "forbid"])
@pytest.mark.parametrize(
    ("identifier", "what"),
    [
        ("CC-BY-40", "did you mean CC-BY-4.0"),
        ("Aapche-2.0", "Apache-2.0"),
        ("Own-2", "Own-1"),
        ("mit", None),
        ("GPL-2.0+", None),
        ("Own-1", None),
        ("LicenseRef-Nobody", None),
        ("AdditionRef-Ours", None),
        ("Classpath-exception-2.0", None),
    ],
)
def test_a_policy_names_licences_that_there_are(tmp_path: Path, key: str, identifier: str, what: str | None) -> None:
    """A mistyped identifier would forbid nothing, or allow nothing, without a word."""
    config = f'[policy]\n{key} = ["{identifier}"]\n'
    if what is None:
        assert opened(tmp_path, "[licences.Own-1]\n", config)
        return
    with pytest.raises(CatalogueError, match=what) as caught:
        opened(tmp_path, "[licences.Own-1]\n", config)
    assert f"2: policy.{key}: {identifier} is neither" in caught.value.what


def test_bytes_that_are_no_text_are_named(tmp_path: Path) -> None:
    """A catalogue in Latin-1 is a fault with its line, not a crash."""
    with pytest.raises(CatalogueError, match=r"catalogue\.toml:2: byte 0xfc is no UTF-8"):
        opened(tmp_path, b'[datasets.mine]\ntitle = "D\xfcnn"\n')
