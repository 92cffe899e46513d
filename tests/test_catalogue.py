"""What the built-in catalogue owes each of its datasets, and the 19 listed ones above all."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from fetchers.dataset import CONTAINERS, DUTIES, USES, Dataset, Licence, Listed
from fetchers.workspace import Workspace, built_in_path, open_workspace
from fetchers.workspace.diagnostics import Diagnostics
from fetchers.workspace.validation.catalogue import check_catalogue
from fetchers.workspace.validation.spdx import expression_fault

NAMES = [
    *("abide", "adni", "amrg", "belarus", "chd", "ddsm", "determine", "drive", "i2cvb", "jsrt"),
    *("medpix", "mesa", "montgomery", "oasis", "osirix", "scmr", "shenzhen", "sunnybrook", "tcia"),
]
CHECKED = (date(2026, 11, 22), date(2026, 11, 28))  # the days on which the material was read
COLUMNS = ("data_types", "body_parts", "images", "patients", "availability", "licence", "link")
# The original list's rows, copied mechanically: NAME | data types | body parts | images | patients | ... | link
ROWS = {
    cells[0]: dict(zip(COLUMNS, cells[1:], strict=True))
    for cells in (
        line.split(" | ")
        for line in (Path(__file__).parent / "data" / "listed.txt").read_text(encoding="utf-8").splitlines()
    )
}
FIELDS = {"modalities": "data_types", "access": "availability"}  # an erratum's field -> the list's column
ACCESS_OF = {
    "Open": "open",
    "Registration": "registration",
    "Request on application form": "application",
    "Monthly subscription": "subscription",
}
# What the list has wrong (the quick list at the head of the facts): dataset, field, a word of what is right.
WRONG = (
    ("adni", "modalities", "PT"),
    ("adni", "link", "ida.loni.usc.edu"),
    ("abide", "patients", "1112"),
    ("abide", "access", "open"),
    ("belarus", "access", "application"),
    ("determine", "access", "unavailable"),
    ("ddsm", "modalities", "MG"),
    ("ddsm", "body_parts", "breast"),
    ("drive", "modalities", "OP"),
    ("drive", "body_parts", "eye"),
    ("drive", "images", "40"),
    ("drive", "patients", "400 people were screened"),
    ("i2cvb", "licence", "code"),
    ("jsrt", "modalities", "XR"),
    ("jsrt", "images", "247"),
    ("medpix", "access", "open"),
    ("mesa", "access", "application"),
    ("montgomery", "modalities", "XR"),
    ("montgomery", "licence", "no MIT licence"),
    ("oasis", "images", "OASIS-2"),
    ("oasis", "patients", "150"),
    ("scmr", "body_parts", "heart"),
    ("scmr", "images", "slices"),
    ("shenzhen", "modalities", "XR"),
    ("shenzhen", "licence", "no MIT licence"),
    ("sunnybrook", "patients", "45"),
    ("sunnybrook", "access", "open"),
    ("sunnybrook", "licence", "CC0-1.0"),
    ("tcia", "licence", "CC BY"),
)


def _opened() -> Workspace:
    nowhere = Path(__file__).parent / "nowhere"
    return open_workspace(home=nowhere, cache=None, environ={}, cwd=nowhere)


CATALOGUE = _opened().catalogue
ALL = CATALOGUE.all()
DATASETS = tuple(dataset for dataset in ALL if dataset.listed)  # those of the original list
FURTHER = tuple(dataset for dataset in ALL if not dataset.listed)
EVERY = tuple(each for dataset in ALL for each in (dataset, *dataset.parts))
TERMS = tuple(CATALOGUE.licences[key] for key in tomllib.loads(built_in_path().read_text("utf-8"))["licences"])


def _address(each: Dataset) -> str:
    return each.address


def _identifier(licence: Licence) -> str:
    return licence.id


def test_the_schema_finds_no_fault_in_it() -> None:
    """What a workspace's catalogue is judged by, the built-in one passes."""
    path = built_in_path()
    text = path.read_text(encoding="utf-8")
    faults = Diagnostics(path, text)
    check_catalogue(tomllib.loads(text), faults, {})
    assert faults.sentences() == []


def test_the_listed_datasets_are_there() -> None:
    """The names are fixed; what comes beside them bears no list's row."""
    assert [dataset.name for dataset in DATASETS] == NAMES
    assert sorted(ROWS) == NAMES
    assert not any(each.errata for dataset in FURTHER for each in (dataset, *dataset.parts))


@pytest.mark.parametrize("dataset", DATASETS, ids=_address)
def test_the_list_is_kept_word_for_word(dataset: Dataset) -> None:
    """What was promised stays as it was promised, broken footnote mark included."""
    assert dataset.listed == Listed(**ROWS[dataset.name])


@pytest.mark.parametrize("dataset", DATASETS, ids=_address)
def test_an_erratum_quotes_the_list_and_names_its_evidence(dataset: Dataset) -> None:
    """`listed` is the list's cell, `found` is something else, with a document and a day; one for each field."""
    fields = [erratum.field for erratum in dataset.errata]
    assert len(fields) == len(set(fields))
    for erratum in dataset.errata:
        assert erratum.listed == ROWS[dataset.name][FIELDS.get(erratum.field, erratum.field)]
        assert erratum.found != erratum.listed
        assert len(erratum.evidence) > 10
        assert erratum.on in CHECKED


@pytest.mark.parametrize("dataset", DATASETS, ids=_address)
def test_where_list_and_today_differ_an_erratum_says_so(dataset: Dataset) -> None:
    """Modalities, body parts, counts, access and link; an `X` promised nothing."""
    row = ROWS[dataset.name]
    differ = {
        "modalities": set(row["data_types"].split(", ")) != set(dataset.modalities),
        "body_parts": row["body_parts"].lower() not in dataset.body_parts or len(dataset.body_parts) != 1,
        "images": _contradicted(row["images"], dataset.images),
        "patients": _contradicted(row["patients"], dataset.patients),
        "access": ACCESS_OF[row["availability"]] != dataset.access,
        "link": _bare(row["link"]) != _bare(dataset.link or ""),
    }
    said = {erratum.field for erratum in dataset.errata}
    assert {field for field, differs in differ.items() if differs} <= said


def _contradicted(listed: str, known: int | None) -> bool:
    number = re.sub(r"[^0-9]", "", listed)
    if not number:
        return False
    if listed.endswith("+"):
        return known is not None and known < int(number)
    return known != int(number)


def _bare(link: str) -> str:
    return link.partition("://")[2].rstrip("/") or link


@pytest.mark.parametrize(("name", "field", "word"), WRONG, ids=lambda value: value)
def test_each_known_error_of_the_list_is_recorded(name: str, field: str, word: str) -> None:
    """The facts' own quick list, row by row."""
    found = {erratum.field: erratum.found for erratum in CATALOGUE.datasets[name].errata}
    assert word in found[field]


@pytest.mark.parametrize("each", EVERY, ids=_address)
def test_what_is_known_is_dated_and_well_formed(each: Dataset) -> None:
    """Title, codes, container, link, day: present and of their kind."""
    assert each.title
    assert each.modalities
    assert each.body_parts
    assert each.container in CONTAINERS
    assert each.checked_on in CHECKED
    assert each.notes
    assert urlsplit(each.link or "").scheme in ("http", "https")


@pytest.mark.parametrize("each", EVERY, ids=_address)
def test_each_address_leads_to_a_host_without_anybodys_name(each: Dataset) -> None:
    """Files, steps and options; each file with a path of its own and a checksum that is one."""
    addresses = [file.url for file in each.files] + [step.url or "" for step in each.steps]
    addresses += [value for value in each.options.values() if isinstance(value, str) and "://" in value]
    for address in addresses:
        parts = urlsplit(address)
        assert parts.scheme in ("http", "https", "ftp")
        assert parts.hostname
        assert parts.username is None
    paths = [file.path for file in each.files]
    assert len(paths) == len({path.casefold() for path in paths})
    for file in each.files:
        assert "download.php" not in file.path
        assert file.checksum is None or re.fullmatch(r"(md5:[0-9a-f]{32}|sha256:[0-9a-f]{64})", file.checksum)


@pytest.mark.parametrize("each", EVERY, ids=_address)
def test_a_gated_set_says_what_to_do_and_where(each: Dataset) -> None:
    """Each step of a gated set has its address; an open one asks nothing."""
    if each.access == "open":
        assert each.steps == ()
        return
    assert each.steps
    assert all(step.url and step.title for step in each.steps)


@pytest.mark.parametrize("each", EVERY, ids=_address)
def test_each_licence_means_something(each: Dataset) -> None:
    """Described here, built in, or SPDX's; of the listed sets only two have none, whose files each have their own."""
    if each.licence is None:
        assert each.name in ("i2cvb", "tcia") or each.name not in NAMES
        return
    assert expression_fault(each.licence, CATALOGUE.licences) is None
    assert not each.licence.startswith("LicenseRef-") or CATALOGUE.licence(each.licence) is not None


@pytest.mark.parametrize("licence", TERMS, ids=_identifier)
def test_terms_have_a_source_and_a_reason_for_each_answer(licence: Licence) -> None:
    """Nobody has to believe an answer: each has its reason, the whole its source, its day and its address."""
    assert licence.id.startswith("LicenseRef-")
    assert licence.name
    assert licence.url
    assert licence.source
    assert licence.checked_on in CHECKED
    assert set(licence.uses) == set(licence.reasons)
    assert set(licence.uses) <= set(USES)
    assert set(licence.duties) <= set(DUTIES)
    assert any(licence.id == each.licence for each in EVERY)


@pytest.mark.parametrize("each", EVERY, ids=_address)
def test_citations_are_bibtex(each: Dataset) -> None:
    """Braces close, the entry has a key and a title, and bears the DOI that stands beside it.

    A listed set has one; of a further one, or of a collection, a DOI or a few words may be all that is known.
    """
    keys = []
    if each.name in NAMES:
        assert any(citation.bibtex for citation in each.citations)
    for citation in each.citations:
        entry = citation.bibtex or ""
        if not entry:
            assert citation.doi or citation.text
            assert each.name not in NAMES or each.part
            continue
        head = re.match(r"@(article|misc|inproceedings)\{([a-z0-9_]+),\n", entry)
        assert head, entry
        keys.append(head[2])
        assert entry.count("{") == entry.count("}")
        assert "title" in entry
        assert "year" in entry or head[1] == "misc"
        if citation.doi:
            assert f"{{{citation.doi}}}" in entry
    assert len(keys) == len(set(keys))


def test_the_same_key_cites_the_same_entry_everywhere() -> None:
    """`fetch cite` of several sets gives each entry once."""
    entries: dict[str, str] = {}
    for each in EVERY:
        for citation in each.citations:
            entry = citation.bibtex or ""
            assert entries.setdefault(entry.partition("{")[2].partition(",")[0], entry) == entry


def test_what_the_contract_promises_of_single_sets() -> None:
    """Consent, gates and steps that people and scripts rely on."""
    asking = {each.address for each in EVERY if _asks(each)}
    assert asking == {"oasis", "oasis/1", "oasis/1-freesurfer", "oasis/2", "oasis/3", "oasis/4"}
    assert {part.part: part.access for part in CATALOGUE.datasets["oasis"].parts} == {
        "1": "open",
        "1-freesurfer": "open",
        "2": "open",
        "3": "application",
        "4": "application",
    }
    assert CATALOGUE.datasets["medpix"].access == "open"
    adni = CATALOGUE.datasets["adni"]
    assert [step.key for step in adni.steps] == ["account", "dua", "approval"]
    assert sum(step.expected_days or 0 for step in adni.steps) == 14
    dua = adni.steps[1]
    assert (dua.lapses_after_days, dua.repeats_after_days) == (None, 365)  # a reminder: no text says that access ends
    assert CATALOGUE.find("chinaset")[0].name == "shenzhen"
    (montgomery,) = CATALOGUE.datasets["montgomery"].files
    assert montgomery.size == 616_853_875
    assert len(CATALOGUE.find("oasis/1")[0].files) == 15
    assert all(file.checksum for file in CATALOGUE.datasets["sunnybrook"].files)


def _asks(each: Dataset) -> bool:
    licence = CATALOGUE.licence(each.licence or "")
    return licence is not None and licence.requires_acceptance


# What the second reading of November 2026 corrected: dataset, a word that stands there now.
CORRECTED = (
    ("tcia", "nbia.cancerimagingarchive.net/nbia-api"),
    ("ddsm", "nbia.cancerimagingarchive.net/nbia-api"),
    ("ddsm", "approximately 2,500 studies"),
    ("scmr", "www.cardiacatlas.org/scmr-consensus-contours/request-scmr-consensus-data/"),
    ("mesa", "www.cardiacatlas.org/mesa/"),
    ("mesa", "Research Materials Distribution Agreement"),
    ("belarus", "16,905"),
    ("belarus", "analytic.tbportals.niaid.nih.gov"),
    ("oasis", "16.2 GB"),
    ("oasis", "19.3 GB"),
    ("oasis", "108.5 GB"),
    ("oasis", "2,842 MR and 2,157 PET"),
    ("montgomery", "PNG of 8 bit"),
    ("montgomery", "CHRB-resources.html"),
    ("shenzhen", "CHRB-resources.html"),
    ("drive", "drive.grand-challenge.org/Download/"),
    ("osirix", "Premium Membership"),
    ("sunnybrook", "10.54294/g80ruo"),
    ("abide", "register with NITRC"),
    ("jsrt", "receiver operating characteristic"),
)


@pytest.mark.parametrize(("name", "words"), CORRECTED)
def test_each_correction_stands(name: str, words: str) -> None:
    """Somewhere in what the catalogue says of the dataset."""
    assert words in " ".join(str(CATALOGUE.datasets[name]).replace("\\n", " ").split())


@pytest.mark.parametrize("each", EVERY, ids=_address)
def test_what_a_set_was_made_from_is_in_the_catalogue(each: Dataset) -> None:
    """An overlap is followed from set to set, so each name leads to another one."""
    for name in each.made_from:
        (found,) = CATALOGUE.find(name)
        assert found.address == name
        assert found.address != each.address


@pytest.mark.parametrize("name", ["adni", "oasis", "belarus", "shenzhen", "montgomery", "mesa", "abide"])
def test_the_owners_words_are_kept(name: str) -> None:
    """By-lines, funding texts and attributions that owners ask for."""
    assert all(len(text) > 60 for text in CATALOGUE.datasets[name].acknowledge)
    assert CATALOGUE.datasets[name].acknowledge


def test_what_people_ask_for_is_found() -> None:
    """By the names that are in use; a part by any of its spellings."""
    names = ("chexpert", "hcp", "ixi", "msd", "totalsegmentator", "camelyon16", "deeplesion", "amos", "ct-org")
    for name in names:
        assert CATALOGUE.find(name)
    assert CATALOGUE.find("tcia/lidc-idri")[0].address == "tcia/LIDC-IDRI"
    assert CATALOGUE.find("tcia/nsclc_radiomics")[0].licence == "CC-BY-NC-3.0"
    assert CATALOGUE.find("msd/spleen")[0].address == "msd/task09"


@pytest.mark.parametrize("dataset", FURTHER, ids=_address)
def test_a_further_set_can_be_got_or_says_by_which_road(dataset: Dataset) -> None:
    """Files in the catalogue, a place with what it needs to find the set, or a page for a person."""
    wanted = {"zenodo": "record", "s3": "bucket", "figshare": "article", "mendeley": "dataset", "osf": "project"}
    wanted |= {"dataverse": "doi", "hf": "repo", "physionet": "project", "synapse": "entity"}
    for each in (dataset, *dataset.parts):
        if each.source == "listed":
            assert each.files or dataset.parts
        elif each.source == "kaggle":
            assert each.options.keys() & {"dataset", "competition"}
        else:
            assert each.source in ("byhand", "openneuro") or each.options.get(wanted[each.source])
