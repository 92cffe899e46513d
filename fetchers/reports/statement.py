"""Write the data paragraph of a paper (Markdown, LaTeX) and the summary of training content. Values in, text out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from fetchers.reports.escape import bibtex

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Markup = Literal["md", "tex"]
UNKNOWN = "unknown"


class Part(NamedTuple):
    """What is said of one dataset."""

    address: str
    title: str
    version: str | None
    link: str | None
    licence: str | None
    files: int
    bytes: int
    images: int
    patients: int
    studies: int
    series: int
    modalities: Mapping[str, int]
    first_day: str
    last_day: str
    approval: str | None
    accepted: tuple[str, ...]
    references: tuple[str, ...]
    acknowledge: tuple[str, ...]


def paragraph(parts: Sequence[Part], markup: Markup) -> str:
    """Return the paragraph with what must be cited and what an owner wants to read."""
    write = _Markdown() if markup == "md" else _Latex()
    total = sum(part.files for part in parts)
    days = sorted(day for part in parts for day in (part.first_day, part.last_day) if day)
    when = f" between {days[0]} and {days[-1]}" if days and days[0] != days[-1] else f" on {days[0]}" if days else ""
    opening = f"We used {_many(len(parts), 'dataset')} ({total:,} files), obtained{when} and verified with `fetch`."
    lines = [write.heading("Data"), write.text(opening), "", *write.items([_sentence(part) for part in parts])]
    words = list(dict.fromkeys(text for part in parts for text in part.acknowledge))
    if words:
        lines += ["", write.heading("Acknowledgements"), *write.items(words)]
    references = list(dict.fromkeys(text for part in parts for text in part.references))
    if references:
        lines += ["", write.heading("References"), *write.items(references)]
    return "\n".join(lines) + "\n"


def training_summary(parts: Sequence[Part], now: str) -> str:
    """Return the table of a summary of training content (Regulation (EU) 2024/1689, Article 53(1)(d))."""
    kinds: dict[str, int] = {}
    for part in parts:
        for code, count in part.modalities.items():
            kinds[code] = kinds.get(code, 0) + count
    size = sum(part.bytes for part in parts)
    told = ", ".join(f"{code} {count:,}" for code, count in sorted(kinds.items())) or "no modality is named"
    lines = [
        "## Summary of training content (EU AI Act, Article 53(1)(d); template of July 2025)",
        "",
        f"Made on {now} from the record of what is held.",
        "",
        "| section | content |",
        "|---|---|",
        f"| 1. Modalities and size | images ({told}); {sum(part.images for part in parts):,} images, {size:,} bytes |",
        f"| 1. Period of acquisition | {_period(parts)} |",
        "| 2.1 Publicly available datasets | " + (_named(parts, closed=False) or "none") + " |",
        "| 2.2 Datasets under licence or agreement | " + (_named(parts, closed=True) or "none") + " |",
        "| 2.3 Data crawled from the web | none recorded |",
        "| 2.4 User data | none recorded |",
        "| 2.5 Synthetic data | none recorded |",
        "| 3. Terms and opt-outs | "
        + "; ".join(f"{part.address}: {part.licence or 'unknown'}" for part in parts)
        + " |",
    ]
    return "\n".join(lines) + "\n"


def _sentence(part: Part) -> str:
    kinds = ", ".join(f"{count:,} {code}" for code, count in part.modalities.items())
    counts = [_many(part.images, "image") + (f" ({kinds})" if kinds else "")]
    counts += [_many(part.series, "series")] if part.series else []
    counts += [_many(part.patients, "patient")] if part.patients else []
    version = f", version {part.version}" if part.version else ""
    days = part.first_day if part.first_day == part.last_day else f"{part.first_day} to {part.last_day}"
    said = [f"{part.title} ({part.address}{version}): {', '.join(counts)}, {part.bytes:,} bytes, obtained on {days}"]
    said.append(f"under {part.licence}" if part.licence else "under unknown terms")
    text = " ".join(said)
    text += "".join(f"; {word}" for word in (*part.accepted, part.approval) if word)
    return text + (f". {part.link}" if part.link else ".")


def _named(parts: Sequence[Part], *, closed: bool) -> str:
    chosen = [part for part in parts if bool(part.approval or part.accepted) == closed]
    return "; ".join(f"{part.title} ({part.address}, {part.images:,} images)" for part in chosen)


def _period(parts: Sequence[Part]) -> str:
    days = sorted(day for part in parts for day in (part.first_day, part.last_day) if day)
    return f"{days[0]} to {days[-1]}" if days else "unknown"


def _many(count: int, word: str) -> str:
    return f"{count:,} {word if count == 1 or word.endswith('s') else word + 's'}"


class _Markdown:
    def heading(self, text: str) -> str:
        return f"## {text}\n"

    def text(self, text: str) -> str:
        return " ".join(text.split())

    def items(self, texts: Sequence[str]) -> list[str]:
        return [f"- {self.text(text)}" for text in texts]


class _Latex:
    def heading(self, text: str) -> str:
        return f"\\paragraph{{{text}.}}"

    def text(self, text: str) -> str:
        return bibtex(" ".join(text.replace("`", "").split()))

    def items(self, texts: Sequence[str]) -> list[str]:
        return ["\\begin{itemize}", *(f"  \\item {self.text(text)}" for text in texts), "\\end{itemize}"]
