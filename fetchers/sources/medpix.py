"""MedPix, https://medpix.nlm.nih.gov: teaching cases, one REST answer a case, images as JPEG or PNG.

The interface is not documented; what is asked here is what public code asks. It wants no account (the original list says
registration). The list of cases is XML, a case JSON whose `imageList[].imageURL` is relative to the host.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree.ElementTree import ParseError

from defusedxml.ElementTree import fromstring

from fetchers.dataset import RemoteFile
from fetchers.source import Source
from fetchers.sources import answer

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from fetchers.dataset import Dataset, Selection

_HOST = "https://medpix.nlm.nih.gov"


class Medpix(Source):
    """All cases of the week, image by image, politely paced."""

    connections = 2
    pause = 0.2  # what public code waits between two questions

    def files(self, dataset: Dataset, wanted: Selection, client: httpx.Client) -> Iterator[RemoteFile]:
        """Yield the images of each case, as the cases are asked for: `--limit` asks for no more of them."""
        del wanted
        host = str(dataset.options.get("host", _HOST)).rstrip("/")
        seen: set[str] = set()
        for case in _cases(client, f"{host}/rest/caseofweek/list?count=2000"):
            asked = f"{host}/rest/encounter.json?encounterID={case}"
            for row in answer.one(client, asked).rows("imageList"):
                address = answer.within(asked, row.text("imageURL"), f"{host}/")
                name = address.partition("?")[0].rpartition("/")[2]
                if not name:
                    raise row.fault("imageURL", "ends with no name")
                if name not in seen:
                    seen.add(name)
                    yield RemoteFile(url=address, path=name)


def _cases(client: httpx.Client, asked: str) -> Iterator[str]:
    body = client.get(asked).content
    try:
        page = fromstring(body, forbid_dtd=True)
    except (ParseError, ValueError) as error:
        raise answer.faulty(asked, f"no list of cases, or one that breaks off: {str(error)[:100]}") from error
    if page.tag != "cases":
        raise answer.faulty(asked, f"should be <cases> and is <{page.tag[:60]}>")
    found = [(element.text or "").strip() for element in page.iter("encounterID")]
    if not found or not all(found):
        raise answer.faulty(asked, "field encounterID is missing")
    yield from dict.fromkeys(found)
