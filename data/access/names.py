"""Finding names of people in what someone typed, whichever way they use capital letters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from rapidfuzz import fuzz, process

from data.access.numbers import Span
from data.access.vocabulary import (
    ACRONYMS,
    BESIDE_NAMES,
    CALENDAR,
    COMMON,
    ENDINGS,
    EPONYMS,
    GIVEN,
    GIVEN_OR_WORD,
    HONORIFICS,
    NAME_CUES,
    PARTICLES,
    PERSON_CUES,
    PLACES,
    SAINTS,
    SURNAME_OR_WORD,
    SURNAMES,
)

LONGEST_NAME = 5
"""Words of one name, particles included."""
_WORD = re.compile(r"[^\W\d_]+(?:['’-](?!s\b)[^\W\d_]+)*")
_PARTS = re.compile(r"[-'’](?=.)")
_GAP = re.compile(r"\.?[ \t\u00a0]*")
"""Between two words of one name."""
_CUE_GAP = re.compile(r"\.?(?:[ \t\u00a0\n:=,\"'“(]|\b(?:is|was|are)\b)*")
_INITIALS = re.compile(r"(?:[A-Z]\.\s?){2,3}(?!\w)")
_TYPO = 82
"""Likeness (0 to 100) from which a word is taken for one of the organisation's, mistyped."""


@dataclass(frozen=True)
class Word:
    """One word of the text. In a text all of capitals, capitals say nothing."""

    text: str
    start: int
    end: int
    shouted: bool
    opens: bool
    """It begins a sentence."""

    @cached_property
    def lower(self) -> str:
        return self.text.lower()

    @cached_property
    def capital(self) -> bool:
        """Also ``al-Rashid``."""
        return not self.shouted and any(p[0].isupper() for p in _PARTS.split(self.text))

    @cached_property
    def listed(self) -> bool:
        """It is, or holds, a name that is hardly ever another word."""
        names = {self.lower, *_PARTS.split(self.lower)}
        return not (names.isdisjoint(GIVEN) and names.isdisjoint(SURNAMES))

    @property
    def initial(self) -> bool:
        return len(self.text) == 1 and self.capital

    @property
    def acronym(self) -> bool:
        """All capitals where others are not, as ``MRI`` or ``LOPEZ``."""
        return len(self.text) > 1 and self.text.isupper() and not self.shouted


class NameFinder:
    """Finds names, given the words that are nobody's."""

    def __init__(self, keep: frozenset[str]) -> None:
        self._phrases = _phrases(keep)
        self._exact = {k.casefold() for k in keep}
        words = {w for phrase in keep for w in _lower_words(phrase)}
        self._kept_words = words - GIVEN - SURNAMES
        self._typo_targets = tuple(w for w in sorted(words) if len(w) > 4)

    def kept(self, text: str) -> bool:
        """Whether this is one of the organisation's own words or codes."""
        return text.casefold() in self._exact

    def find(self, text: str, taken: Iterable[Span]) -> list[Span]:
        """Every name in the text outside what is ``taken`` already."""
        words = _words(text, tuple(taken))
        kept = self._kept_places(words)
        return list(_Search(self, text, words, kept).run())

    def plain(self, word: Word) -> bool:
        """Whether it is a word of ordinary sentences or of the organisation."""
        lower = word.lower
        if word.listed:
            return False
        if word.acronym and lower in ACRONYMS:
            return True
        return (
            lower.removesuffix("s") in CALENDAR
            or lower in PLACES
            or lower in HONORIFICS
            or lower in SAINTS
            or lower in self._kept_words
            or (not word.capital and lower in GIVEN_OR_WORD)
            or is_common(lower)
        )

    def mistyped(self, word: Word) -> bool:
        """Whether it is likely one of the organisation's words with a letter wrong."""
        if len(word.text) < 5 or word.listed:
            return False
        best = process.extractOne(
            word.lower, self._typo_targets, scorer=fuzz.ratio, score_cutoff=_TYPO
        )
        return best is not None

    def _kept_places(self, words: Sequence[Word]) -> frozenset[int]:
        """Indexes of the words that are part of one of the organisation's phrases."""
        found: set[int] = set()
        for i, word in enumerate(words):
            for phrase in self._phrases.get(word.lower, ()):
                if tuple(w.lower for w in words[i : i + len(phrase)]) == phrase:
                    found.update(range(i, i + len(phrase)))
        return frozenset(found)


class _Search:
    """One text's search: each way a name shows itself is one method."""

    def __init__(
        self, finder: NameFinder, text: str, words: Sequence[Word], kept: frozenset[int]
    ) -> None:
        self.finder = finder
        self.text = text
        self.words = words
        self.kept = kept

    def run(self) -> Iterator[Span]:
        i = 0
        while i < len(self.words):
            first, length = self._name_at(i)
            if length:
                last = self.words[first + length - 1]
                yield Span(self.words[first].start, last.end, "name")
                i = first + length
            else:
                yield from self._initials_after(i)
                i += 1

    def _name_at(self, i: int) -> tuple[int, int]:
        """Index of the first word and number of words of the name that shows itself at ``i``."""
        ways = (
            self._after_honorific,
            self._after_name_cue,
            self._after_person_cue,
            self._last_first,
            self._given,
            self._capitals,
        )
        for way in ways:
            first, length = way(i)
            if length:
                return first, length
        return i, 0

    def _after_honorific(self, i: int) -> tuple[int, int]:
        """``Mrs. Alvarez``, ``dr smith``; not ``miss an appointment`` or ``MR brain``."""
        word = self.words[i]
        if word.lower not in HONORIFICS or not self._near(i):
            return i, 0
        dotted = self.text[word.end : word.end + 1] == "."
        sure = dotted or not (word.acronym or word.lower in ("miss", "ms"))
        after = self.words[i + 1]
        if after.capital and not after.acronym:
            fits = dotted or word.lower != "mr" or not word.acronym or self._unexplained(i + 1)
        else:
            fits = sure and self._unexplained(i + 1)
        return i + 1, self._extent(i + 1) if fits else 0

    def _after_name_cue(self, i: int) -> tuple[int, int]:
        """``her name is jane doe``, ``a woman named Xu``."""
        if self.words[i].lower not in NAME_CUES or not self._near(i, _CUE_GAP):
            return i, 0
        j = self._skip(i + 1, ("is", "was", "are"))
        return j, self._extent_with_first(j) if self._namelike(j) else 0

    def _after_person_cue(self, i: int) -> tuple[int, int]:
        """``patient John Smith``, ``pt kowalski``; not ``patient age``."""
        if self.words[i].lower not in PERSON_CUES or not self._near(i, _CUE_GAP):
            return i, 0
        j = i + 1
        quoted = "," in self.text[self.words[i].end : self.words[j].start]
        if quoted and not self.words[j].capital:
            return i, 0
        return j, self._extent_with_first(j) if self._namelike(j) else 0

    def _last_first(self, i: int) -> tuple[int, int]:
        """``Lopez, Maria`` and ``SMITH, JOHN``."""
        if i + 1 >= len(self.words) or not self._unexplained(i):
            return i, 0
        word, after = self.words[i], self.words[i + 1]
        between = self.text[word.end : after.start]
        first_name = after.listed or (after.capital and after.lower in GIVEN_OR_WORD)
        if between != ", " or not first_name or not (word.capital or word.shouted):
            return i, 0
        return i, 1 + self._extent(i + 1)

    def _given(self, i: int) -> tuple[int, int]:
        """A name that is no other word: ``maria needs a wheelchair``; not ``San Diego``."""
        word = self.words[i]
        if self._is(i - 1, SAINTS) or self._is(i + 1, EPONYMS):
            return i, 0
        also_a_word = word.lower in GIVEN_OR_WORD and word.capital
        sure = word.listed and i not in self.kept
        if sure or ((also_a_word or word.listed) and self._surname_follows(i)):
            return i, self._extent(i)
        return i, 0

    def _capitals(self, i: int) -> tuple[int, int]:
        """Capitalised words that nothing else explains: two together, or one beside a cue."""
        word = self.words[i]
        if not word.capital or word.acronym or not self._unexplained(i):
            return i, 0
        length = self._extent(i)
        if length > 1 or (word.lower in GIVEN_OR_WORD and not word.opens):
            return i, length
        return i, length if self._beside_cue(i) or self._owns(i) else 0

    def _initials_after(self, i: int) -> Iterator[Span]:
        """``patient J.S.``"""
        word = self.words[i]
        if word.lower in PERSON_CUES or word.lower == "initials":
            gap = _CUE_GAP.match(self.text, word.end)
            match = _INITIALS.match(self.text, gap.end() if gap else word.end)
            if match is not None:
                yield Span(match.start(), match.end(), "name")

    def _extent(self, i: int) -> int:
        """How many words from ``i`` on belong to the name that begins there."""
        end = i + 1
        while end - i < LONGEST_NAME and end < len(self.words) and self._near(end - 1):
            if not self._continues(i, end):
                break
            end += 1
        while end - i > 1 and self.words[end - 1].lower in PARTICLES | SAINTS:
            end -= 1
        return end - i

    def _extent_with_first(self, i: int) -> int:
        """As :meth:`_extent`, and the first name behind a comma: ``patient Delacroix, Henri``."""
        length = self._extent(i)
        j = i + length
        if j < len(self.words) and self.words[j].capital and self._unexplained(j):
            comma = self.text[self.words[j - 1].end : self.words[j].start] == ", "
            return length + self._extent(j) if comma else length
        return length

    def _continues(self, i: int, j: int) -> bool:
        """Whether the word at ``j`` goes on with the name begun at ``i``."""
        before, word = self.words[j - 1], self.words[j]
        dot = "." in self.text[before.end : word.start]
        if dot and not (before.initial or before.shouted or before.lower in SAINTS):
            return False
        if word.initial:
            return True
        if word.lower in PARTICLES or (word.capital and word.lower in SAINTS):
            return j + 1 < len(self.words) and self._near(j) and self._unexplained(j + 1)
        first = self.words[i]
        if word.lower in SURNAME_OR_WORD and (first.listed or first.lower in GIVEN_OR_WORD):
            return word.capital or j == i + 1
        if word.capital and not self.words[i].capital and not word.acronym:
            return self._unexplained(j)
        return self._unexplained(j) and (word.capital or not self.words[i].capital)

    def _namelike(self, j: int) -> bool:
        """Whether a name can begin at ``j``, right behind a cue."""
        if j >= len(self.words):
            return False
        word = self.words[j]
        if word.listed or word.lower in GIVEN_OR_WORD:
            return word.listed or word.capital
        if not self._unexplained(j):
            return False
        return word.capital or (len(word.text) > 2 and not word.lower.endswith(tuple(ENDINGS)))

    def _unexplained(self, j: int) -> bool:
        """Whether the word is neither ordinary nor the organisation's."""
        word = self.words[j]
        if self._is(j + 1, EPONYMS):
            return False
        if j in self.kept or self.finder.plain(word):
            return word.listed and j not in self.kept
        if word.acronym and not word.listed:
            return len(word.text) > 3
        return not self.finder.mistyped(word)

    def _surname_follows(self, i: int) -> bool:
        if not self._near(i) or not self.words[i + 1].capital:
            return False
        also_a_word = self.words[i + 1].lower in SURNAME_OR_WORD and i + 1 not in self.kept
        return self._unexplained(i + 1) or (also_a_word and not self.words[i].opens)

    def _beside_cue(self, i: int) -> bool:
        return i > 0 and self._near(i - 1) and self.words[i - 1].lower in BESIDE_NAMES

    def _owns(self, i: int) -> bool:
        """``Kowalski's chart``."""
        return self.text[self.words[i].end : self.words[i].end + 2] in ("'s", "’s")

    def _near(self, i: int, gap: re.Pattern[str] = _GAP) -> bool:
        """Whether a next word follows with nothing but a gap between."""
        if i + 1 >= len(self.words):
            return False
        return gap.fullmatch(self.text[self.words[i].end : self.words[i + 1].start]) is not None

    def _is(self, i: int, words: frozenset[str]) -> bool:
        return 0 <= i < len(self.words) and self.words[i].lower in words

    def _skip(self, j: int, words: tuple[str, ...]) -> int:
        while j < len(self.words) and self.words[j].lower in words:
            j += 1
        return j


def is_common(lower: str) -> bool:
    """Whether it is an ordinary word, or one with an ordinary ending."""
    return lower in COMMON or any(
        lower.endswith(ending) and lower.removesuffix(ending) + added in COMMON
        for ending, added in (
            ("s", ""), ("es", ""), ("ed", ""), ("d", ""), ("ing", ""), ("ing", "e"), ("ly", ""),
            ("er", ""), ("r", ""), ("est", ""), ("ies", "y"), ("ied", "y"), ("n't", ""), ("'t", ""),
        )
    )  # fmt: skip


def _words(text: str, taken: Sequence[Span]) -> list[Word]:
    found = [m for m in _WORD.finditer(text) if not _inside(m, taken)]
    shouted = _shouts([m.group() for m in found])
    return [
        Word(m.group(), m.start(), m.end(), shouted, _opens_sentence(text, m.start()))
        for m in found
    ]


def _inside(match: re.Match[str], taken: Sequence[Span]) -> bool:
    return any(match.start() < s.end and match.end() > s.start for s in taken)


def _shouts(words: Sequence[str]) -> bool:
    """Whether the text is written in capitals throughout."""
    longer = [w for w in words if len(w) > 1]
    return len(longer) > 2 and sum(w.isupper() for w in longer) > 0.7 * len(longer)


def _opens_sentence(text: str, start: int) -> bool:
    before = text[:start].rstrip(" \t\"'“‘([*-–—#>")
    return not before or before[-1] in ".!?:;\n"


def _phrases(keep: frozenset[str]) -> dict[str, list[tuple[str, ...]]]:
    """The organisation's phrases by their first word."""
    found: dict[str, list[tuple[str, ...]]] = {}
    for phrase in keep:
        words = _lower_words(phrase)
        if words:
            found.setdefault(words[0], []).append(words)
    return found


def _lower_words(phrase: str) -> tuple[str, ...]:
    return tuple(m.group().lower() for m in _WORD.finditer(phrase))
