"""``not known whether …``: a fact that is open, or a value that says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from data.ontology import Attribute
from data.rulelang.ast import Compare, Known, Not
from graph.drafters.base import Question
from graph.drafters.grammar.atoms import Atom, Unclear
from graph.drafters.grammar.given import option
from graph.drafters.grammar.lexicon import NEGATED
from graph.drafters.grammar.mentions import Mention
from graph.drafters.grammar.words import Token, root, stem, tokenise

KNOWING = frozenset(
    stem(w)
    for w in (
        "say",
        "tell",
        "know",
        "sure",
        "certain",
        "clear",
        "identify",
        "determine",
        "establish",
    )
)
_ALONE = frozenset(["unsure", "uncertain", "unclear", "unknown"])
_ASKS = frozenset(["whether", "which", "what", "if"])
_BETWEEN = frozenset(
    ["the", "a", "an", "it", "she", "he", "they", "is", "'s", "are", "'re", "was", "there",
     "of", "has", "have", "be", "kind", "type", "sort", "any"]
)  # fmt: skip
_VERBS = frozenset(stem(w) for w in ("be", "have", "do"))
_OPEN = (
    "unsure",
    "uncertain",
    "unclear",
    "unknown",
    "unidentified",
    "undetermined",
    "undocumented",
)


@dataclass(frozen=True, slots=True)
class Open:
    """The words that say that something is not known."""

    start: int
    end: int
    verb: str
    asks: str


def open_at(tokens: Sequence[Token], start: int, end: int) -> Open | None:
    """The first ``not known whether`` between two places."""
    for i in range(start, end):
        if tokens[i].low in _ALONE and i + 1 < end and tokens[i + 1].low in _ASKS:
            return Open(i, i + 2, tokens[i].low, tokens[i + 1].low)
        if tokens[i].low not in NEGATED:
            continue
        for k in range(i + 1, min(i + 4, end - 1)):
            if tokens[k].stem not in KNOWING:
                continue
            sure = tuple(t.low for t in tokens[k + 1 : k + 3]) == ("for", "sure")
            asks = k + 3 if sure else k + 1
            if asks < end and tokens[asks].low in _ASKS | {"that"}:
                low = "whether" if tokens[asks].low in ("that", "if") else tokens[asks].low
                return Open(i, _either(tokens, asks + 1), tokens[k].low, low)
    return None


def _either(tokens: Sequence[Token], i: int) -> int:
    """The place after ``there is or isn't``, ``or not``."""
    for words in (("there", "is", "or", "is", "n't"), ("or", "not")):
        if tuple(t.low for t in tokens[i : i + len(words)]) == words:
            return i + len(words)
    return i


def open_atom(
    said: Open, mentions: Sequence[Mention], tokens: Sequence[Token],
    attributes: Mapping[str, Attribute], entity_words: frozenset[str],
    end: int,
) -> tuple[Atom, Mention] | None:  # fmt: skip
    """The condition that the fact its clause names is open; ``None`` where it names none."""
    stop = _clause_end(tokens, said.end, end)
    inside = sorted(
        (m for m in mentions if m.start >= said.end and m.end <= stop), key=lambda m: m.start
    )
    if not inside:
        return None
    what = inside[-1]
    begin = inside[-2].end if len(inside) > 1 else said.end
    between = tokens[begin : what.start]
    if len(inside) > 1 and not any(t.stem in _VERBS for t in between):
        raise Unclear(Question("What exactly is not known then?", about="reading"))
    if any(t.low not in _BETWEEN and t.low.removesuffix("s") not in entity_words for t in between):
        return None
    attribute = attributes[what.ref.path]
    tail = what.end
    while tail < stop and tokens[tail].low in ("it", "is", "she", "he", "they", "are"):
        tail += 1
    spoken = tokens[said.start if len(inside) == 1 else begin : tail]
    if not any(t.stem in _VERBS for t in spoken) or tokens[min(stop, len(tokens) - 1)].low == "or":
        return None
    used = frozenset([*range(said.start, said.end), *range(begin, tail)])
    value = _says_open(attribute, said)
    path = attribute.path
    if value is not None:
        return Atom(Compare(path, "is", value), used, path, frozenset([value])), what
    return Atom(Not(Known(path)), used, path), what


def _clause_end(tokens: Sequence[Token], start: int, end: int) -> int:
    joints = ("and", "or", ",", ";", "but", "if", "when")
    return next((i for i in range(start, end) if tokens[i].low in joints), end)


def _says_open(attribute: Attribute, said: Open) -> str | None:
    """The value of an enum that says that it is not known."""
    found = {
        value: {t.low for text in (value, *synonyms) for t in tokenise(text)}
        for value, synonyms in attribute.values.items()
        if attribute.type == "enum"
    }
    found = {v: words for v, words in found.items() if words & set(_OPEN)}
    if len(found) > 1:
        own = root(said.verb)
        by_verb = {
            v for v, ws in found.items() if any(root(w.removeprefix("un")) == own for w in ws)
        }
        by_word = {v for v, words in found.items() if said.asks in words}
        fitting = by_verb or by_word
        if len(fitting) != 1:
            text = f"Which {attribute.label} is that?"
            fitting = {option(Question(text, tuple(found), about="reading"))}
        return next(iter(fitting))
    return next(iter(found), None)
