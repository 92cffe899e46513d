"""Parse an SPDX expression into licences, AND, OR and WITH.

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


class With(NamedTuple):
    """A licence with what is said to change it: an exception of SPDX's list, which only adds, or anything else."""

    licence: str
    exception: str

    def __str__(self) -> str:
        return f"{self.licence} WITH {self.exception}"


Expression: TypeAlias = "str | With | Join"
_GNU = re.compile(r"((?:[AL]?GPL|GFDL)-[0-9.]+)(\+?)").fullmatch
_WORDS: dict[str, Literal["AND", "OR"]] = {"AND": "AND", "OR": "OR"}
_SIMPLE = re.compile(r"[A-Za-z0-9.+:-]+").fullmatch
_LOWER = re.compile(r"(?<![^\s()])(?:and|or|with)(?![^\s()])")


@cache
def parse(written: str | None) -> Expression | None:
    """Return an expression's tree; None where there is none, or where it cannot be read."""
    text = (written or "").strip()
    if not text:
        return None
    if not any(sign in text for sign in " ()\t\n"):
        return text
    from license_expression import ExpressionError, Licensing

    try:
        return _tree(Licensing([]).parse(text))
    except (ExpressionError, IndexError):  # the latter for `()`
        return None


def syntax_fault(written: str) -> str | None:
    """Return why this is no SPDX expression; None where it is one. SPDX wants AND, OR and WITH in capitals."""
    if _LOWER.search(written):
        return "AND, OR and WITH are written in capitals"
    from license_expression import ExpressionError, Licensing

    try:
        tree = _tree(Licensing([]).parse(written))
    except ExpressionError as error:
        return " ".join(str(error).split())
    except IndexError:
        return "a licence is missing between the parentheses"
    words = [word for leaf in _leaves(tree) for word in ((leaf,) if isinstance(leaf, str) else leaf)]
    wrong = next((word for word in words if not _SIMPLE(word)), None)
    return f'AND, OR or WITH is missing in "{wrong}"' if wrong else None


def licences_in(written: str | None) -> tuple[str, ...]:
    """Return the identifiers of an expression, each once, in the order in which they stand; exceptions left out."""
    return tuple(dict.fromkeys(leaf if isinstance(leaf, str) else leaf.licence for leaf in leaves(written)))


def leaves(written: str | None) -> tuple[str | With, ...]:
    """Return what an expression joins, in the order in which it stands."""
    tree = parse(written)
    return () if tree is None else tuple(_leaves(tree))


def current(identifier: str) -> str:
    """Return the identifier by which a licence is described: without `+`, a later version is not this one.

    GNU's older names say which of the two newer ones is meant.
    """
    if old := _GNU(identifier):
        return f"{old[1]}-or-later" if old[2] else f"{old[1]}-only"
    return identifier.removesuffix("+")


def _leaves(tree: Expression) -> list[str | With]:
    return [leaf for part in tree.parts for leaf in _leaves(part)] if isinstance(tree, Join) else [tree]


def _tree(node: Any) -> Expression:  # noqa: ANN401 - the library has no types
    word = _WORDS.get(getattr(node, "operator", "").strip())
    if word is not None:
        return Join(word, tuple(_tree(part) for part in node.args))
    if hasattr(node, "license_symbol"):
        return With(str(node.license_symbol.key), str(node.exception_symbol.key))
    return str(node.key)
