"""Read a stranger's XML within bounds: bytes, depth, length of a text; no DTD, no entities of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree.ElementTree import ParseError, TreeBuilder

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MOST = 16 << 20  # bytes; a page of a thousand keys has one
DEPTH = 100
TEXT = 1 << 20  # characters of one element's own text


class NoXmlError(ValueError):
    """It is no XML, breaks off, or breaks a bound; the text says which."""


def tree(body: bytes) -> Element:
    """Return the root element; raise `NoXmlError`."""
    if len(body) > MOST:
        raise NoXmlError(f"longer than {MOST >> 20} MiB")
    parser = DefusedXMLParser(target=_Bounded(), forbid_dtd=True)
    try:
        # All at once: fed in pieces, the parser begins a long comment or tag again with each.
        parser.feed(body)
        root: Element = parser.close()
    except (ParseError, DefusedXmlException) as error:
        raise NoXmlError(f"no XML, or XML that breaks off: {error}"[:200]) from error
    return root


class _Bounded(TreeBuilder):
    """Builds the tree, and stops at a bound."""

    def __init__(self) -> None:
        super().__init__()
        self._depth = 0
        self._text = 0

    def start(self, tag: str, attributes: dict[str, str], /) -> Element:
        """Begin an element."""
        self._depth += 1
        self._text = 0
        if self._depth > DEPTH:
            raise NoXmlError(f"nested deeper than {DEPTH}")
        return super().start(tag, attributes)

    def end(self, tag: str, /) -> Element:
        """End an element."""
        self._depth -= 1
        self._text = 0
        return super().end(tag)

    def data(self, text: str, /) -> None:
        """Take text."""
        self._text += len(text)
        if self._text > TEXT:
            raise NoXmlError(f"a text of more than {TEXT:,} characters")
        super().data(text)
