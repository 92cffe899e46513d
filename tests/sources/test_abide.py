"""The source abide: what it lists, and what it refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fetchers.dataset import Dataset, RemoteFile, Selection
from fetchers.errors import NothingMatched, SourceError
from fetchers.sources import load
from tests.sources.places import Answer, Context, conversation, read, recorded, running

if TYPE_CHECKING:
    from fetchers.source import Source

TABLE = "/fcp-indi/data/Projects/ABIDE_Initiative/Phenotypic_V1_0b_preprocessed1.csv"
OUTPUTS = "/fcp-indi/data/Projects/ABIDE_Initiative/Outputs/"
RAW = b"data/Projects/ABIDE/RawDataBIDS/NYU/sub-0050952/anat/sub-0050952_T1w.nii.gz"
ANSWERS: dict[str, Answer] = {
    TABLE: recorded("abide/phenotypic.csv"),
    "/fcp-indi/": lambda query: (
        recorded("s3/page-2.xml").replace(b"data/z.nii.gz", RAW)
        if query["prefix"] == "data/Projects/ABIDE/RawDataBIDS/NYU/"
        else b"<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>"
    ),
}


def listed(place: Context, part: str | None) -> tuple[Source, list[RemoteFile]]:
    """List what `abide/PART` means."""
    source = load("abide")
    dataset = Dataset(name="abide", part=part, options={"endpoint": place.url(), "bucket": "fcp-indi"})
    with conversation() as client:
        return source, read(source, dataset, Selection(), client)


def test_plain_abide_is_the_table_and_says_how_to_choose() -> None:
    """The table alone; what more there is, is said."""
    with running(ANSWERS) as place:
        source, (table,) = listed(place, None)
        assert table.url == place.url(TABLE)
        assert place.asked == []
    assert table.path == "Phenotypic_V1_0b_preprocessed1.csv"
    assert "abide/raw-NYU" in source.remarks[0]


@pytest.mark.parametrize(
    "part",
    [
        "cpac-filt_noglobal-rois_cc200",
        "cpac/filt_noglobal/rois_cc200",
        "derivatives-cpac-filt_noglobal-rois_cc200",
        "derivatives/cpac/filt_noglobal/rois_cc200",
        "CPAC-filt_noglobal-rois_cc200",
    ],
)
def test_a_derivative_has_the_tables_names(part: str) -> None:
    """One file a person, by the literal FILE_ID; those without are counted and said."""
    with running(ANSWERS) as place:
        source, files = listed(place, part)
        assert [remote.url for remote in files] == [
            place.url(f"{OUTPUTS}cpac/filt_noglobal/rois_cc200/{person}_rois_cc200.1D")
            for person in ("Pitt_0050003", "Pitt_0050004", "UM_1_0050682")
        ]
    assert files[0].path == "Pitt_0050003_rois_cc200.1D"
    assert source.remarks == ["2 people of the table have no preprocessed images (FILE_ID no_filename)"]


def test_a_volume_is_nifti() -> None:
    """Images end with .nii.gz, time series of regions with .1D; neither is an archive to unpack."""
    with running(ANSWERS) as place:
        _, (first, *_) = listed(place, "niak-nofilt_global-reho")
    assert (first.path, first.unpack) == ("Pitt_0050003_reho.nii.gz", False)


def test_raw_images_are_a_folder() -> None:
    """A site is a folder with its slash; what lies in it keeps its BIDS path."""
    with running(ANSWERS) as place:
        _, (remote,) = listed(place, "raw-NYU")
        assert (remote.path, remote.size) == ("sub-0050952/anat/sub-0050952_T1w.nii.gz", 7)
        with pytest.raises(NothingMatched, match="RawDataBIDS/NYC"):
            listed(place, "raw/NYC")


@pytest.mark.parametrize("part", ["cpak-filt_noglobal-rois_cc200", "cpac", "cpac-filt_noglobal", "nonsense"])
def test_a_mistyped_part_gets_the_nearest(part: str) -> None:
    """All words that there are stand in the hint, and the nearest part first."""
    with running(ANSWERS) as place, pytest.raises(NothingMatched) as caught:
        listed(place, part)
    assert "nearest: abide/c" in (caught.value.hint or "")


def test_a_table_of_bad_names_is_refused() -> None:
    """A FILE_ID becomes part of an address and of a name: only letters, digits, dots, dashes."""
    table = recorded("abide/phenotypic.csv").replace(b"Pitt_0050003", b"../../x?y")
    with running({TABLE: table}) as place, pytest.raises(SourceError, match="FILE_ID is no name"):
        listed(place, "cpac-filt_noglobal-alff")


def test_parts_are_all_derivatives() -> None:
    """4 pipelines, 4 strategies, 20 derivatives, and the table."""
    with conversation() as client:
        parts = list(load("abide").parts(Dataset(name="abide"), client))
    assert len(parts) == 1 + 4 * 4 * 20
