"""List the images of MedPix's cases: https://medpix.nlm.nih.gov/rest/

The interface is not documented; what is asked here is what public code asks: the list of cases (XML, `encounterID`),
each case as JSON, whose `imageList` names the images by `imageURL`, a path on the same host. Cases are asked for one by
one and only as far as somebody reads on, so that `--limit` ends early. That code pauses 0.2 s between two requests, and
so does this source. Where the list of cases cannot be had, Open-i is asked. What arrives may be a page where an image
was said to be: content decides.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from fetchers.dataset import Dataset, RemoteFile, Selection
from fetchers.errors import SourceError
from fetchers.source import Source
from fetchers.sources import json_answers
from fetchers.sources.reading import bounded_xml

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from fetchers.sources.json_answers import Fields

HOST = "https://medpix.nlm.nih.gov"
_CASES = "20000"  # more than there are (13,000 in 2016); the list is short
_ID = re.compile(r"[A-Za-z0-9-]{1,64}")


class MedPix(Source):
    """MedPix's images, case by case, at a gentle pace."""

    pause = 0.2
    connections = 2
    second = "openi"

    def files(self, dataset: Dataset, wanted: Selection, client: httpx.Client) -> Iterator[RemoteFile]:
        """Yield the images of one case after the other; an image of several cases comes once."""
        del wanted
        host = str(dataset.options.get("host") or HOST).rstrip("/")
        seen: set[str] = set()
        for case in self._cases(host, client):
            asked = f"{host}/rest/encounter.json?encounterID={case}"
            for image in self._images(client, asked, case):
                try:
                    found = _image(image, asked, host)
                except SourceError as error:
                    self.refused.add(f"{case}: {image.place}", error)
                    continue
                if found.path not in seen:
                    seen.add(found.path)
                    yield found

    def _images(self, client: httpx.Client, asked: str, case: str) -> list[Fields]:
        """Ask for one case; one whose answer is not what it should be costs itself alone."""
        try:
            return json_answers.one(client, asked).rows("imageList")
        except SourceError as error:
            self.refused.add(case, error)
            return []

    def _cases(self, host: str, client: httpx.Client) -> list[str]:
        """List the cases; whatever the root element is called, the list is one if it names cases."""
        response = client.get(f"{host}/rest/caseofweek/list", params={"count": _CASES})
        asked = str(response.request.url)
        try:
            root = bounded_xml.tree(response.content)
        except ValueError as error:
            raise json_answers.faulty(asked, f"no list of cases: {error}") from error
        named = (one for one in root.iter() if isinstance(one.tag, str) and one.tag.rpartition("}")[2] == "encounterID")
        cases = [(one.text or "").strip() for one in named]
        for number, case in enumerate(cases):
            if not _ID.fullmatch(case):
                fault = json_answers.faulty(asked, f"field encounterID[{number}] is no identifier: {case[:80]!r}")
                self.refused.add(f"encounterID[{number}]", fault)
        if not cases:
            raise json_answers.faulty(asked, f"no case is listed in <{root.tag!s:.40}>: field encounterID is missing")
        return list(dict.fromkeys(filter(_ID.fullmatch, cases)))


def _image(image: Fields, asked: str, host: str) -> RemoteFile:
    address = json_answers.within(asked, image.text("imageURL"), f"{host}/")
    path = unquote(urlsplit(address).path).lstrip("/").removeprefix("images/")
    if not path:
        raise image.fault("imageURL", "names no file")
    return RemoteFile(url=address, path=path)
