"""List the images of MedPix that Open-i hands out: https://openi.nlm.nih.gov/api/search?coll=mpx&m=1&n=100

The search is documented (https://openi.nlm.nih.gov/services): `m` and `n` are the first and the last hit, counted from
1, `total` is how many there are, and `list` has a row for each image: `image.id`, `imgLarge` (a path on the same host),
`licenseType`, `ccLicense`. By Open-i's own words reuse is decided by the licence of the image, so it is taken image by
image. Its copies are smaller than MedPix's own images, of which they are not the bytes: they lie in `openi/`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from fetchers.dataset import Dataset, RemoteFile, Selection
from fetchers.errors import SourceError
from fetchers.source import Source
from fetchers.sources import json_answers
from fetchers.sources.licence_ids import identifier_of
from fetchers.sources.reading.paging import Paging

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from fetchers.sources.json_answers import Fields

HOST = "https://openi.nlm.nih.gov"
_PAGE = 100


class OpenI(Source):
    """MedPix's images as Open-i lists them, a hundred at a time."""

    pause = 0.2
    connections = 2

    def files(self, dataset: Dataset, wanted: Selection, client: httpx.Client) -> Iterator[RemoteFile]:
        """Yield the images page by page; one that stands in two hits comes once."""
        del wanted
        host = str(dataset.options.get("openi") or HOST).rstrip("/")
        self.remarks.append("Open-i has smaller copies of a part of MedPix's images, in openi/; licence by image")
        paging, seen, first = Paging(), set[str](), 1
        while True:
            asked = f"{host}/api/search?coll=mpx&m={first}&n={first + _PAGE - 1}"
            answer = json_answers.one(client, asked)
            rows, total = answer.rows("list"), answer.count("total")
            if first == 1 and not rows:
                raise json_answers.faulty(asked, f"no image is listed, of {total:,}")
            if not paging.turn(asked, [str(row.text_or_none("uid")) + str(_large(row)) for row in rows]):
                raise json_answers.faulty(asked, f"the page brings nothing new, {first - 1:,} of {total:,} were listed")
            for row in rows:
                try:
                    found = _image(row, asked, host)
                except SourceError as error:
                    self.refused.add(f"image {first}: {row.place}", error)
                    continue
                if found.path not in seen:
                    seen.add(found.path)
                    yield found
            first += len(rows)
            if first > total:
                return


def _large(row: Fields) -> str | None:
    return row.text_or_none("imgLarge") if row.is_text("imgLarge") else None


def _image(row: Fields, asked: str, host: str) -> RemoteFile:
    address = json_answers.within(asked, row.text("imgLarge"), f"{host}/")
    name = unquote(urlsplit(address).path).rpartition("/")[2]
    if not name:
        raise row.fault("imgLarge", "names no file")
    said = next((row.text_or_none(field) for field in ("ccLicense", "licenseType") if row.is_text(field)), None)
    return RemoteFile(url=address, path=f"openi/{name}", licence=identifier_of(said, None, record="medpix-image"))
