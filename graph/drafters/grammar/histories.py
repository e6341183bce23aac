"""What happened before: ``had a claim in the last 12 months``, as a test over a relation's rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from data.ontology import Ontology
from data.ontology.model import Relation
from data.rulelang.ast import Condition, Count, Exists, Not, Op, Rows, Since, Span, Unit
from graph.drafters.grammar.amounts import number_at, unit_of
from graph.drafters.grammar.atoms import NUMBER_OPS
from graph.drafters.grammar.english import (
    AUXILIARIES,
    CLAUSE_WORDS,
    DETERMINERS,
    LIGHT,
    PERSONS,
    PRONOUNS,
)
from graph.drafters.grammar.lexicon import DENYING, Lexicon
from graph.drafters.grammar.quantities import Quant
from graph.drafters.grammar.words import Token, root, tokenise

ReadRows = Callable[[str, str], Condition | None]
"""The condition that words say of one row of a relation; ``None`` where they say none."""
_UNITS: Mapping[str, Unit] = {
    "minutes": "minutes", "hours": "hours", "days": "days", "weeks": "weeks", "months": "months",
    "years": "years",
}  # fmt: skip
_BACK = frozenset(["last", "past", "previous", "preceding", "prior"])
_LATEST = frozenset(["last", "latest", "recent", "previous", "prior"])
_STOPS = (
    frozenset(CLAUSE_WORDS)
    | {",", ";", ".", ":", "?", "!", "(", ")", "unless", "who", "whose", "which", "that"}
    | {"with", "without", "from", "to", "for", "and", "or", "but"}
)
_SMALL = DETERMINERS | PRONOUNS | AUXILIARIES | LIGHT | PERSONS | {"'s"}
_QUANTIFIED = frozenset(
    ("all", "every", "each", "both", "only", "most", "first", "second", "third", "same", "other")
) | {"another", "everything", "always", "once", "twice"}
"""Words that say which or how many of the rows in ways a test of rows does not."""
_VERBS = frozenset(root(w) for w in ("have", "be", "do", "make", "take", "give", "get"))


@dataclass(frozen=True, slots=True)
class Past:
    """A test of history and the words it stands on."""

    start: int
    end: int
    condition: Condition
    relation: str


@dataclass(frozen=True, slots=True)
class _Back:
    """``in the last 12 months``."""

    start: int
    end: int
    span: Span


def own_rows(ontology: Ontology, relation: Relation) -> Ontology:
    """The ontology as a row of the relation sees it: its own facts and no others."""
    own = {p: a for p, a in ontology.attributes.items() if a.entity == relation.entity}
    return replace(
        ontology, attributes=own, decisions={}, relations={}, candidates={}, scopes=None, date=None
    )


def past(
    tokens: Sequence[Token], quants: Sequence[Quant], lexicon: Lexicon, read: ReadRows
) -> tuple[Past, ...]:
    """The tests of history that a message says, left to right; none where one is not clear."""
    relations = lexicon.ontology.relations.values()
    if not relations or not lexicon.ontology.date:
        return ()
    out: list[Past] = []
    for finder in (_backs, _labels):
        for back in finder(tokens, lexicon):
            if not any(p.start < back.end and back.start < p.end for p in out):
                finds = [_Reader(tokens, quants, lexicon, read, r, back).past() for r in relations]
                clear = [p for p in finds if p]
                out += clear if len(clear) == 1 else []
    out += [p for p in _since(tokens, quants, lexicon, read) if not _overlaps(p, out)]
    return tuple(sorted(out, key=lambda p: p.start))


def _overlaps(p: Past, others: Sequence[Past]) -> bool:
    return any(p.start < o.end and o.start < p.end for o in others)


def _backs(tokens: Sequence[Token], _: Lexicon) -> Iterator[_Back]:
    for i, token in enumerate(tokens):
        if token.low not in _BACK:
            continue
        count, at = _count(tokens, i + 1)
        named = unit_of(tokens[at]) if at < len(tokens) else None
        unit = _UNITS.get(named or "")
        if unit is None:
            continue
        half = tokens[at - 1].low == "half"
        span = Span(6, "months") if half and unit == "years" else Span(count, unit)
        if half and unit != "years":
            continue
        start = i - 1 if tokens[i - 1].low in ("the", "our", "these") else i
        while start and tokens[start - 1].low in ("within", "in", "during", "over"):
            start -= 1
        if start < i:
            yield _Back(start, at + 1, span)


def _count(tokens: Sequence[Token], i: int) -> tuple[int, int]:
    number = number_at(tokens, i) if i < len(tokens) else None
    if number is not None and number.kind == "number" and isinstance(number.amount, Decimal):
        return int(number.amount), number.end
    if i < len(tokens) and tokens[i].low == "half":
        return 1, i + 1
    return 1, i


def _labels(tokens: Sequence[Token], lexicon: Lexicon) -> Iterator[_Back]:
    """Places where a relation is named in full: ``more than 3 previous loans``."""
    for relation in lexicon.ontology.relations.values():
        words = [t.root for t in tokenise(relation.label)]
        for i in range(len(tokens) - len(words) + 1):
            if len(words) > 1 and [t.root for t in tokens[i : i + len(words)]] == words:
                yield _Back(i + len(words), i + len(words), Span(0, "days"))


class _Reader:
    """Reads one phrase about the rows of one relation."""

    def __init__(
        self, tokens: Sequence[Token], quants: Sequence[Quant], lexicon: Lexicon, read: ReadRows,
        relation: Relation, back: _Back,
    ) -> None:  # fmt: skip
        self.tokens, self.quants, self.read, self.lexicon = tokens, quants, read, lexicon
        self.relation, self.back = relation, back
        label = [t.root for t in tokenise(relation.label)]
        self.noun, self.label = label[-1], frozenset(label)
        self.solid = frozenset(i for q in quants for i in q.tokens)

    def past(self) -> Past | None:
        if self.back.span.count and self.relation.date is None:
            return None
        left, right = self._left(), self.right()
        for stop in (self.back.start, right):
            for start in self._starts(left):
                found = self._between(start, stop)
                if found:
                    return found
        return None

    def _starts(self, left: int) -> list[int]:
        """Where the phrase may begin: after what opens it, or at its verb."""
        verbs = [i for i in range(left + 1, self.back.start) if self.tokens[i].stem == "have"]
        wider = self._out_of(left)
        return [left, *verbs] if wider is None else [wider]

    def _out_of(self, left: int) -> int | None:
        """Where ``withdrawn from a previous enrolment`` begins: with what a row itself can be,
        even where the one spoken of can be so, too; ``None`` where no such word is there.
        """
        if not left or self.tokens[left - 1].low not in ("from", "to"):
            return None
        ends = [(i, n) for n in self._row_words() for i in range(left - 1) if self._names(i, n)]
        return next((i for i, n in ends if i + len(tokenise(n)) == left - 1), None)

    def _left(self) -> int:
        at = self.back.start
        while at and (self.tokens[at - 1].low not in _STOPS or at - 1 in self.solid):
            at -= 1
        return at

    def right(self) -> int:
        at = self.back.end
        while at < len(self.tokens) and (self.tokens[at].low not in _STOPS or at in self.solid):
            at += 1
        return at

    def _between(self, start: int, stop: int) -> Past | None:
        """The phrase from ``start``, before and (up to ``stop``) after the span."""
        inside = [*range(start, self.back.start), *range(self.back.end, stop)]
        told = self.told(inside)
        if told is None:
            return None
        counted, denials, words, named = told
        where = self.where(words, [i for i in inside if self.tokens[i].root == self.noun])
        if (words and where is None) or not (named or (where and self.back.span.count)):
            return None
        span = self.back.span if self.back.span.count else None
        rows = Rows(self.relation.name, where, span)
        end = max(self.back.end, stop)
        start -= bool(start) and self.tokens[start - 1].low == "without"
        if counted is not None:
            op, amount = counted
            return None if denials else Past(start, end, Count(rows, op, amount), rows.relation)
        found: Condition = Not(Exists(rows)) if denials else Exists(rows)
        return None if denials > 1 else Past(start, end, found, rows.relation)

    def named_after(self) -> tuple[Rows, int] | None:
        """The rows that the words after the place name, and where those words end."""
        for stop in range(self.right(), self.back.end, -1):
            inside = [*range(self.back.end, stop)]
            told = self.told(inside)
            if told is None or told[0] or told[1]:
                continue
            where = self.where(told[2], [i for i in inside if self.tokens[i].root == self.noun])
            if where or (told[3] and not told[2]):
                return Rows(self.relation.name, where), stop
        return None

    def where(self, words: Sequence[tuple[int, str]], nouns: Sequence[int]) -> Condition | None:
        """The words about one row as a condition, with its noun where that is part of a name."""
        if not words:
            return None
        full = sorted([*words, *((i, self.tokens[i].text) for i in nouns)])
        bare = self.read(self.relation.name, " ".join(w for _, w in words))
        return bare or self.read(self.relation.name, " ".join(w for _, w in full))

    def told(
        self, inside: Sequence[int]
    ) -> tuple[tuple[Op, int] | None, int, list[tuple[int, str]], bool] | None:
        """How many, how often denied, the words about one row, and whether rows are named."""
        if any(self.tokens[i].low in _QUANTIFIED for i in inside):
            return None
        counts = [q for q in self.quants if q.start in inside and _counts(q)]
        if len(counts) > 1 or any(q.op in ("eq", "between") and not q.firm for q in counts):
            return None
        taken = {i for q in counts for i in q.tokens}
        free = [i for i in inside if i not in taken]
        denials = [i for i in free if self.tokens[i].low in DENYING]
        begin = inside[0] - 1 if inside else -1
        if begin >= 0 and self.tokens[begin].low == "without":
            denials.append(begin)
        named = [i for i in free if self.tokens[i].root == self.noun]
        dropped = {*denials, *named}
        words: list[tuple[int, str]] = []
        for i in free:
            token = self.tokens[i]
            if i in dropped or self._small(token) or (named and token.root in self.label):
                continue
            meant = self._meant(inside[0]) if token.low == "one" else token.text
            if meant is None or token.low == "it":
                return None
            words.append((i, meant))
        op: tuple[Op, int] | None = None
        if counts:
            op = NUMBER_OPS[counts[0].op], int(counts[0].amounts[0])  # type: ignore[arg-type]
        return op, len(denials), words, bool(named)

    def _meant(self, start: int) -> str | None:
        """``returned one damaged``: the thing said last that a row can be about."""
        names = self._row_words()
        said = [(i, n) for n in names for i in range(start) if self._names(i, n)]
        return max(said)[1] if said else None

    def _row_words(self) -> set[str]:
        """The names of what a row's facts can be."""
        own = self.lexicon.ontology.attributes.values()
        return {
            text
            for a in own
            if a.entity == self.relation.entity
            for value, synonyms in a.values.items()
            for text in (value, *synonyms)
        }

    def _names(self, i: int, name: str) -> bool:
        words = [t.stem for t in tokenise(name)]
        return [t.stem for t in self.tokens[i : i + len(words)]] == words

    def _small(self, token: Token) -> bool:
        about = {*self.lexicon.entity_words, self.relation.source}
        low = token.low
        if low in ("one", "it"):
            return False
        return low in _SMALL or token.root in _VERBS or low.removesuffix("s") in about


def _counts(quant: Quant) -> bool:
    return quant.kind == "number" and quant.unit is None and isinstance(quant.amounts[0], Decimal)


def _since(
    tokens: Sequence[Token], quants: Sequence[Quant], lexicon: Lexicon, read: ReadRows
) -> Iterator[Past]:
    """``at least 11 months after the last visit``; not where a fact counts that time."""
    counted = {root(w) for a in lexicon.ontology.facts for w in _since_words(a.label)}
    for q in quants:
        last = _latest(tokens, max(q.tokens) + 1)
        amount = q.amounts[0]
        if last is None or q.op in ("eq", "between") or not isinstance(amount, Decimal):
            continue
        for relation in lexicon.ontology.relations.values():
            reader = _Reader(
                tokens, quants, lexicon, read, relation, _Back(last, last + 1, Span(0, "days"))
            )
            found = reader.named_after()
            unit = _UNITS.get(q.unit or "")
            if found and unit and not counted & {t.root for t in tokens[last : found[1]]}:
                test = Since(found[0], unit, NUMBER_OPS[q.op], int(amount))
                yield Past(q.start, found[1], test, relation.name)


def _latest(tokens: Sequence[Token], at: int) -> int | None:
    """The place of `last` in ``… since the last``, ``… have passed after her most recent``."""
    while _at(tokens, at) and tokens[at].root in {*_VERBS, root("passed"), root("elapsed")}:
        at += 1
    if _at(tokens, at) not in ("after", "since", "from"):
        return None
    return next((k for k in range(at + 1, at + 5) if _at(tokens, k) in _LATEST), None)


def _at(tokens: Sequence[Token], i: int) -> str:
    return tokens[i].low if i < len(tokens) else ""


def _since_words(label: str) -> list[str]:
    """The words of a fact that counts the time since something."""
    words = label.lower().split()
    return words[words.index("since") + 1 :] if "since" in words else []
