"""The source s3: what it lists, and what it refuses."""

from __future__ import annotations

import pytest

from fetchers.dataset import Dataset, Selection
from fetchers.errors import CatalogueError
from fetchers.sources import load
from tests.sources.places import conversation, recorded, running


@pytest.mark.parametrize(("prefix", "path"), [("data/", "z.nii.gz"), ("data/z", "z.nii.gz"), ("", "data/z.nii.gz")])
def test_a_path_is_the_key_below_the_prefix(prefix: str, path: str) -> None:
    """What lies before the prefix's last slash is no part of the path; size is promised, checksum is not."""
    with running({"/open/": recorded("s3/page-2.xml")}) as place, conversation() as client:
        options = {"bucket": "open", "prefix": prefix, "endpoint": place.url()}
        (remote,) = load("s3").files(Dataset(name="x", options=options), Selection(), client)
        assert f"prefix={prefix.replace('/', '%2F')}" in place.asked[0]
        assert remote.url == place.url("/open/data/z.nii.gz")
    assert (remote.path, remote.size, remote.checksum) == (path, 7, None)


@pytest.mark.parametrize(
    ("options", "said"), [({}, "options.bucket"), ({"bucket": "b", "prefix": 7}, "options.prefix")]
)
def test_a_catalogue_that_does_not_say_is_told_so(options: dict[str, object], said: str) -> None:
    """A missing bucket is a fault of the catalogue, with what to write there."""
    with conversation() as client, pytest.raises(CatalogueError, match=said) as caught:
        list(load("s3").files(Dataset(name="x", options=options), Selection(), client))
    assert "[datasets.x.options]" in (caught.value.hint or "")
