"""Which licences does an SPDX expression join, and how?

A single identifier, by far the usual case, is read without the library that reads the others.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Literal, NamedTuple, TypeAlias


class Join(NamedTuple):
    """Several expressions that hold together (`AND`) or of which one may be chosen (`OR`)."""

    word: Literal["AND", "OR"]
    parts: tuple[Expression, ...]


Expression: TypeAlias = "str | Join"
_GNU = re.compile(r"((?:[AL]?GPL|GFDL)-[0-9.]+)(\+?)").fullmatch
_WORDS: dict[str, Literal["AND", "OR"]] = {"AND": "AND", "OR": "OR"}


@cache
def parse(written: str | None) -> Expression | None:
    """Read an expression; None where there is none, or where it cannot be read."""
    text = (written or "").strip()
    if not text:
        return None
    if not any(sign in text for sign in " ()\t\n"):
        return text
    from license_expression import ExpressionError, Licensing

    try:
        return _tree(Licensing([]).parse(text))
    except ExpressionError:
        return None


def licences_in(written: str | None) -> tuple[str, ...]:
    """Give the identifiers of an expression, each once, in the order in which they stand."""
    tree = parse(written)
    return () if tree is None else tuple(dict.fromkeys(_leaves(tree)))


def current(identifier: str) -> str:
    """Give the identifier by which a licence is described: without `+`, a later version is not this one.

    GNU's older names say which of the two newer ones is meant.
    """
    if old := _GNU(identifier):
        return f"{old[1]}-or-later" if old[2] else f"{old[1]}-only"
    return identifier.removesuffix("+")


def _leaves(tree: Expression) -> list[str]:
    return [tree] if isinstance(tree, str) else [leaf for part in tree.parts for leaf in _leaves(part)]


def _tree(node: Any) -> Expression:  # noqa: ANN401 - the library has no types
    word = _WORDS.get(getattr(node, "operator", "").strip())
    if word is not None:
        return Join(word, tuple(_tree(part) for part in node.args))
    licence = getattr(node, "license_symbol", node)  # GPL-2.0-only WITH Classpath-exception-2.0: the licence
    return str(licence.key)
