"""Facts of a request compared with one another: ``whose balance is higher than their limit``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from data.ontology import Attribute
from data.rulelang.ast import CompareFacts, Op
from graph.drafters.grammar.atoms import DATE_OPS, NUMBER_OPS, Atom, is_age
from graph.drafters.grammar.english import DETERMINERS, PRONOUNS
from graph.drafters.grammar.lexicon import Lexicon
from graph.drafters.grammar.mentions import Mention
from graph.drafters.grammar.quantities import Quant, comparison_at
from graph.drafters.grammar.words import Token, root

_LAST = frozenset(
    ("than", "above", "below", "over", "under", "before", "after", "beyond", "least", "most")
) | {"exceed", "exceeds", "exceeding"}
_ORDERED = ("integer", "decimal", "date", "time")
_WHO = frozenset(["he", "she", "they", "who", "person", "people", "someone", "anyone"])
_AGE = root("age")


@dataclass(frozen=True, slots=True)
class Comparison:
    """Words that compare what stands before them with what follows: ``is higher than``."""

    start: int
    end: int
    op: str


def comparisons(tokens: Sequence[Token], quants: Sequence[Quant]) -> tuple[Comparison, ...]:
    """The comparisons of a message that no number follows."""
    taken = {i for q in quants for i in q.tokens}
    out: list[Comparison] = []
    for i in range(len(tokens)):
        op, at = comparison_at(tokens, i)
        words = [k for k in range(i, at) if tokens[k].low in _LAST]
        inside = out and i < out[-1].end
        if op and words and not inside and not taken & set(range(i - 1, at)):
            out.append(Comparison(i, words[-1] + 1, op))
    return tuple(out)


def beside(
    m: Mention, found: Sequence[Comparison], tokens: Sequence[Token], lexicon: Lexicon
) -> bool:
    """Whether a name stands right before or after a comparison."""
    return any(
        _passed(tokens, c.end, m.start, lexicon) or _passed(tokens, m.end, c.start, lexicon)
        for c in found
    )


def compared(
    mentions: Sequence[Mention], found: Sequence[Comparison], tokens: Sequence[Token],
    lexicon: Lexicon,
) -> list[tuple[Atom, tuple[Mention, ...]]]:  # fmt: skip
    """Each comparison of two named facts, with the names it has used."""
    ordered = [m for m in mentions if _ordered(m, lexicon)]
    out: list[tuple[Atom, tuple[Mention, ...]]] = []
    for c in found:
        right = next((m for m in ordered if _passed(tokens, c.end, m.start, lexicon)), None)
        left = next((m for m in ordered if _passed(tokens, m.end, c.start, lexicon)), None)
        one = left.ref.path if left else _meant_age(c, tokens, lexicon)
        by = right is not None and right.end < len(tokens) and tokens[right.end].low == "by"
        if right is None or one is None or by or not _alike(one, right.ref.path, lexicon):
            continue
        dated = lexicon.ontology.attributes[one].type in ("date", "time")
        op: Op = (DATE_OPS if dated else NUMBER_OPS)[c.op]
        used = tuple(m for m in (left, right) if m)
        words = frozenset(range(c.start, c.end)).union(*(m.tokens for m in used))
        out.append((Atom(CompareFacts(one, op, right.ref.path), words, one), used))
    return out


def _ordered(m: Mention, lexicon: Lexicon) -> bool:
    attribute = lexicon.ontology.attributes.get(m.ref.path)
    return m.ref.kind == "attribute" and attribute is not None and attribute.type in _ORDERED


def _passed(tokens: Sequence[Token], start: int, stop: int, lexicon: Lexicon) -> bool:
    """Whether only small words and what requests are about stand between two places."""
    small = (
        DETERMINERS | PRONOUNS | lexicon.entity_words | {"'s", "'", "own", "lies", "falls", "lie"}
    )
    return 0 <= stop - start <= 5 and all(
        t.low in small or t.stem == "be" or t.root in lexicon.entity_roots
        for t in tokens[start:stop]
    )


def _meant_age(c: Comparison, tokens: Sequence[Token], lexicon: Lexicon) -> str | None:
    """``younger than …`` speaks of the only age there is."""
    before = tokens[max(0, c.start - 4) : c.start]
    if tokens[c.start].root != _AGE:
        return None
    ages = [a for a in lexicon.ontology.facts if is_age(a, lexicon)]
    whose = ages[0].entity if len(ages) == 1 else ""
    told = any(t.low.removesuffix("s") == whose or t.low in _WHO for t in before)
    return ages[0].path if whose and told else None


def _alike(one: str, two: str, lexicon: Lexicon) -> bool:
    a: Attribute = lexicon.ontology.attributes[one]
    b: Attribute = lexicon.ontology.attributes[two]
    numbers = {"integer", "decimal"}
    return one != two and a.unit == b.unit and (a.type == b.type or {a.type, b.type} <= numbers)
