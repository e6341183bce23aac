"""Rule text as words, and the phrases that words can make.

Labels and values are several words long and may contain one another, so a position can
hold several phrases. All are offered; the grammar decides which of them parse.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Generic, Literal, TypeVar

T = TypeVar("T")
CURLY = "\u201c\u201d"

_WORD = re.compile(
    r'"(?:\\.|[^"\\\n])*"|\u201c[^\u201d\n]*\u201d|[(),]|#[^\n]*|[^\s(),"\u201c]+|["\u201c]'
)


@dataclass(frozen=True, slots=True)
class Word:
    """One word of rule text, a quoted string or a punctuation mark."""

    text: str
    """As written; a string without its quotes."""
    kind: Literal["word", "string", "mark"]
    line: int
    key: str = ""
    """Folded for comparison."""


def words_of(text: str, first_line: int = 1) -> list[Word]:
    """The words of ``text``; comments (``#`` to the end of the line) are left out."""
    found: list[Word] = []
    line, seen = first_line, 0
    for match in _WORD.finditer(text):
        line += text.count("\n", seen, match.start())
        seen = match.start()
        raw = match.group()
        if raw.startswith("#"):
            continue
        if len(raw) > 1 and raw[0] + raw[-1] in ('""', CURLY):
            found.append(Word(unquote(raw), "string", line))
        else:
            found.append(Word(raw, "mark" if raw in '(),"' else "word", line, raw.casefold()))
    return found


def unquote(raw: str) -> str:
    """The text of a quoted string; word processors curl the quotes."""
    return re.sub(r"\\(.)", r"\1", raw[1:-1])


def quote(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
    return f'"{escaped}"'


def key_of(phrase: str) -> tuple[str, ...]:
    """A phrase as folded words, to compare phrases by."""
    return tuple(phrase.casefold().split())


@dataclass(slots=True)
class Phrases(Generic[T]):
    """Finds every known phrase that starts at a word, longest or not."""

    _next: dict[str, Phrases[T]] = field(default_factory=lambda: {})
    _here: list[T] = field(default_factory=lambda: [])

    @classmethod
    def of(cls, phrases: Iterable[tuple[str, T]]) -> Phrases[T]:
        made: Phrases[T] = cls()
        for phrase, meaning in phrases:
            made.add(phrase, meaning)
        return made

    def add(self, phrase: str, meaning: T) -> None:
        node = self
        for word in _marked(phrase):
            node = node._next.setdefault(word, Phrases())
        node._here.append(meaning)

    def at(self, words: Sequence[Word], start: int) -> Iterable[tuple[int, T]]:
        """``(end, meaning)`` of each phrase that starts at ``start``, shortest first."""
        node: Phrases[T] | None = self
        for position in range(start, len(words)):
            word = words[position]
            node = node._next.get(word.key) if word.kind != "string" else None
            if node is None:
                return
            for meaning in node._here:
                yield position + 1, meaning

    def exactly(self, phrase: str) -> list[T]:
        """Meanings of the whole phrase."""
        node: Phrases[T] | None = self
        for word in _marked(phrase):
            node = node._next.get(word)
            if node is None:
                return []
        return node._here


def _marked(phrase: str) -> tuple[str, ...]:
    return tuple(m.group() for m in _WORD.finditer(phrase.casefold()))
