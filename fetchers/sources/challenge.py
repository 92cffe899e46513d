"""Name the steps to a challenge's data at grand-challenge.org: https://grand-challenge.org/api/v1/

By its Download tab, to a person who joined. Its interface (`archives/`, `cases/images/`, `reader-studies/` ..., with a
token) has no address for a challenge's download: nothing of the kind stands in the client that its makers publish
(DIAGNijmegen/rse-gcapi). The terms of DRIVE want the data to come from the site itself, so the copies that lie about
elsewhere are no road either. A person downloads, `fetch adopt` takes in.
"""

from __future__ import annotations

from fetchers.source import ByHand


class Challenge(ByHand):
    """By hand; the steps are the catalogue's: an account, joining, the Download tab."""
