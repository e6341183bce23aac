"""Several outcomes under one verb: ``books go out for 28 days, DVDs for 7``."""

from __future__ import annotations

import itertools
from collections.abc import Sequence, Set
from dataclasses import dataclass, replace

from data.ontology import Decision
from graph.drafters.base import Question
from graph.drafters.grammar.atoms import Unclear
from graph.drafters.grammar.chunks import Chunk
from graph.drafters.grammar.english import COND_OPENERS
from graph.drafters.grammar.framing import OTHER_CASE, Framer, Part
from graph.drafters.grammar.measures import fits

_JOINTS = frozenset([",", ";", "and", "but"])
_ECHOES = frozenset(["nor", "neither", "so", "as"])
_BARE = frozenset(["be", "do", "must", "can", "may", "should", "have", "will"])
_OPENERS = frozenset(words[0] for words in COND_OPENERS) | {"to"}


@dataclass(frozen=True, slots=True)
class Value:
    """Where one value of a decision is said."""

    start: int
    end: int


class Gapper(Framer):
    """Takes parts apart in which several values of one decision are said, each with its case."""

    def _parts(self) -> list[Part]:
        return [piece for part in super()._parts() for piece in self._pieces(part)]

    def _pieces(self, part: Part) -> list[Part]:
        """The part, or one part for each value of its decision."""
        chunks = sorted((*part.pre, *part.main, *part.post), key=lambda c: c.start)
        echo = self._echo(part)
        if echo is not None:
            return [_clipped(part, chunks[0].start, echo[0]), self._echoed(echo[1], chunks[-1].end)]
        if part.closing:
            chunks.append(replace(part.closing, kind="near", body=part.closing.end))
        found = self._values_in(chunks) if chunks and not part.unless else None
        if found is None and part.closing:
            raise Unclear(Question("Otherwise than when?", about="missing"))
        if found is None:
            return [part]
        decision, values = found
        cuts = self._cuts(chunks, values)
        if cuts is None and part.closing:
            raise Unclear(Question("Otherwise than when?", about="missing"))
        if cuts is None:
            return [part]
        bounds, shared = cuts
        first = _opened(_clipped(part, chunks[0].start, bounds[0]), values[0])
        ends = (*bounds[1:], chunks[-1].end)
        rest = [
            self._later(chunks, shared, begin + 1, end, value, decision)
            for begin, end, value in zip(bounds, ends, values[1:], strict=True)
        ]
        self._refuse_lost_lead(chunks, shared, (*bounds, chunks[-1].end), rest)
        if part.closing:
            rest[-1] = replace(rest[-1], pre=[], post=[], otherwise=True)
        return [replace(first, decides=decision.name, closing=None), *rest]

    def _refuse_lost_lead(
        self, chunks: Sequence[Chunk], shared: int, bounds: Sequence[int], rest: Sequence[Part]
    ) -> None:
        """``At Coast books take 5 days and films 3``: does the place hold for the films, too?"""
        scopes = self.lexicon.ontology.scopes
        places = {scopes.path(level) for level in scopes.levels} if scopes else set[str]()
        led = self.tokens[chunks[0].start].low in _OPENERS
        carried = self._paths(chunks[0].start, shared)
        first = self._paths(chunks[0].start, bounds[0]) - carried
        for part, begin, end in zip(rest, bounds, bounds[1:], strict=False):
            own = self._paths(begin, end)
            lost = first - own if own and not part.contrast else set[str]()
            lost -= set[str]().union(*(self._paths(c.start, c.end) for c in part.pre))
            headed = bool(lost) and self._headed(lost, chunks[0].start, bounds[0])
            if (led and lost) or lost & places or (headed and not part.contrast):
                label = self.lexicon.ontology.attributes[min(lost)].label
                text = f"Does what is said of the {label} hold for all of the sentence?"
                raise Unclear(Question(text + " Say each in full.", about="reading"))

    def _before_verb(self, chunks: Sequence[Chunk], shared: int, end: int, own: Set[str]) -> int:
        """Where what all pieces share ends: ``customers over 65 get tandems in 5 days, tricycles
        in 3`` says before the verb whom it is about, and names another thing of those after it.
        """
        verb = min((c.start for c in chunks if c.kind == "main"), default=shared)
        facts = self._inside([Chunk("near", shared, shared, end)])
        again = [m for m in facts if m.ref.in_condition and m.ref.path in own and m.start < end]
        return max(verb, shared) if all(m.start >= verb for m in again) and again else shared

    def _headed(self, paths: Set[str], begin: int, end: int) -> bool:
        """``mending a tandem costs 90 and a tricycle 50``: one of the facts governs the others."""
        facts = [m for m in self._inside([Chunk("near", begin, begin, end)]) if m.ref.in_condition]
        starts = {m.start for m in facts}
        after = (m.end for m in facts if m.ref.path in paths)
        return any(i + 1 in starts and self.tokens[i].low in ("a", "an", "the") for i in after)

    def _paths(self, begin: int, end: int) -> set[str]:
        inside = self._inside([Chunk("near", begin, begin, end)])
        return {m.ref.path for m in inside if m.ref.in_condition}

    def _echo(self, part: Part) -> tuple[int, int] | None:
        """Where ``…, nor are B``, ``…, and so must B`` begins, and where B does."""
        for c in part.main:
            for i in range(c.body + 1, c.end - 2):
                verb = self.tokens[i + 1].stem in _BARE
                before = self.tokens[i - 1].low
                if self.tokens[i].low in _ECHOES and verb and before in (",", "and", ";"):
                    start = i - 1 - (self.tokens[i - 2].low == ",")
                    self._mark(range(i - 1, i + 2), "sign: the same")
                    return start, i + 2
        return None

    def _echoed(self, start: int, end: int) -> Part:
        return Part(pre=[Chunk("subject", start, start, end)], shares=True, echo=True)

    def _later(
        self, chunks: Sequence[Chunk], shared: int, begin: int, end: int, value: Value,
        decision: Decision,
    ) -> Part:  # fmt: skip
        while self.tokens[begin].low in _JOINTS or begin in self.joined:
            begin += 1
        spoken = self.tokens[begin].low in _OPENERS and not self._value_first(begin, value)
        spoken = spoken or not self._names(begin, end)
        shared = self._before_verb(chunks, shared, begin, self._paths(begin, end))
        carried = [] if spoken else [c for c in _before(chunks, shared) if self._limits(c)]
        own = [Chunk("subject", begin, begin, value.start)] if value.start > begin else []
        post = [Chunk("near", value.end, value.end, end)] if end > value.end else []
        if value.start > begin and self.tokens[value.start - 1].low == "only":
            self._mark(range(value.start - 1, value.start), "sign: only")
        return Part(
            pre=[*carried, *own], main=[Chunk("main", value.start, value.start, value.end)],
            post=post, shares=True, decides=decision.name,
            contrast=spoken or self._describes(chunks[0].start, begin, value.start),
        )  # fmt: skip

    def _describes(self, start: int, begin: int, end: int) -> bool:
        """``steel tandems take 5 days, carbon 7``: what the piece names described a noun before."""
        own = self._paths(begin, end)
        inside = self._inside([Chunk("near", start, start, begin)])
        said = sorted((m for m in inside if m.ref.in_condition), key=lambda m: m.start)
        return len(own) == 1 and any(
            {a.ref.path} == own and a.end == b.start and b.ref.path not in own
            for a, b in itertools.pairwise(said)
        )

    def _limits(self, chunk: Chunk) -> bool:
        """Whether a stretch holds a condition, be it an amount without a name: ``over 65``."""
        limits = any(q.op != "eq" for q in self._quants_of([chunk]))
        return limits or self._condition_in(chunk)

    def _names(self, begin: int, end: int) -> bool:
        """Whether a piece names a fact: ``over 25 600`` leaves it to the piece before."""
        inside = self._inside([Chunk("near", begin, begin, end)])
        return any(m.ref.in_condition for m in inside) or self.tokens[begin].low == "other"

    def _value_first(self, begin: int, value: Value) -> bool:
        return not any(
            m.ref.in_condition and begin <= m.start < value.start
            for picked in self.assignment.values()
            for m in picked
        )

    def _values_in(self, chunks: Sequence[Chunk]) -> tuple[Decision, list[Value]] | None:
        """The one decision of which several values are said, and where."""
        inside = self._inside(chunks)
        decisions = self.lexicon.ontology.decisions
        chosen = [m for m in inside if m.ref.kind in ("choice", "code")]
        if chosen:
            coded = [d for d in decisions.values() if d.type == "code"]
            named = {m.ref.path for m in chosen if m.ref.kind == "choice"}
            named |= {d.name for d in coded} if any(m.ref.kind == "code" for m in chosen) else set()
            one = decisions[next(iter(named))] if len(named) == 1 else None
            places = sorted({(m.start, m.end) for m in chosen})
        else:
            one = self._measured(chunks)
            places = sorted((q.start, q.end) for q in self._amounts(chunks, one)) if one else []
        if one is None or one.hit == "collect" or len(places) < 2:
            return None
        return one, [Value(a, b) for a, b in places]

    def _measured(self, chunks: Sequence[Chunk]) -> Decision | None:
        """The number decided here: named, or the only one told in the unit that is said."""
        decisions = self.lexicon.ontology.decisions
        told = [q for q in self._quants(chunks) if q.op == "eq"]
        said = [m for m in self._inside(chunks) if m.ref.kind == "decision"]
        apart = {m.ref.path for m in said if not any(m.tokens <= q.tokens for q in told)}
        named = apart or {m.ref.path for m in said}
        if len(named) > 1 or any(decisions[p].type == "boolean" for p in named):
            return None
        units = [q for q in self._quants(chunks) if q.op == "eq" and q.unit and q.kind == "number"]
        fitting = [
            d
            for d in decisions.values()
            if d.type in ("integer", "decimal")
            and (d.name in named or (not named and d.unit and units and fits(units[0], d)))
        ]
        return fitting[0] if len(fitting) == 1 else None

    def _amounts(self, chunks: Sequence[Chunk], decision: Decision) -> list[Value]:
        numbers = [q for q in self._quants(chunks) if q.op == "eq" and q.kind == "number"]
        attributes = self.lexicon.ontology.attributes
        facts = [m for m in self._inside(chunks) if m.ref.kind == "attribute"]
        own = [m for m in facts if attributes[m.ref.path].type in ("integer", "decimal")]
        return [
            Value(q.start, q.end)
            for q in numbers
            if fits(q, decision)
            and not any(abs(q.start - m.end) <= 2 or abs(m.start - q.end) <= 1 for m in own)
        ]

    def _cuts(
        self, chunks: Sequence[Chunk], values: Sequence[Value]
    ) -> tuple[tuple[int, ...], int] | None:
        """The joints between the pieces, and where what all of them share ends."""
        facts = sorted(
            [m.start for m in self._inside(chunks) if m.ref.in_condition]
            + [q.start for q in self._quants(chunks) if q.op != "eq"]
            + [c.start for c in chunks if self.placed.get(c.start) == OTHER_CASE]
        )
        end = chunks[-1].end
        value_first = any(values[-1].end <= f < end for f in facts)
        bounds: list[int] = []
        for one, two in itertools.pairwise(values):
            joints = [i for i in range(one.end, two.start) if self._joins(i)]
            between = [f for f in facts if one.end <= f < two.start]
            except_for = value_first and (
                any(self.tokens[i].low == "but" for i in joints) or self._or_else(one, two)
            )
            if not joints or not (between or except_for):
                return None
            cut = joints[-1] if value_first else joints[0]
            if between and (between[-1] > cut if value_first else between[0] < cut):
                return None
            bounds.append(cut)
        if value_first:
            return tuple(bounds), values[0].start
        if not any(f < values[0].start for f in facts):
            return None
        commas = [i for i in range(chunks[0].start, values[0].start) if self.tokens[i].low == ","]
        listed = [i for i in commas if any(f > i for f in facts if f < values[0].start)]
        leading = bool(listed) and self.tokens[chunks[0].start].low in _OPENERS
        return tuple(bounds), listed[-1] if leading else chunks[0].start

    def _or_else(self, one: Value, two: Value) -> bool:
        """``20 euros, or 30 if …``: the second instead of the first."""
        amounts = {i for q in self.message.quants for i in q.tokens}
        between = [i for i in range(one.end, two.start) if i not in amounts]
        if [self.tokens[i].low for i in between[:2]] != [",", "or"]:
            return False
        self.joined.add(between[1])
        return True

    def _joins(self, i: int) -> bool:
        named = any(i in tokens for tokens in self.assignment)
        return self.tokens[i].low in _JOINTS and i not in self.message.solid and not named


def _opened(part: Part, value: Value) -> Part:
    """What follows a colon may say what happens: `deposit: $20 for books, $50 for films`."""
    post = [
        replace(c, kind="near") if c.start == c.body and c.start <= value.start < c.end else c
        for c in part.post
    ]
    return replace(part, post=post)


def _before(chunks: Sequence[Chunk], stop: int) -> list[Chunk]:
    return [replace(c, end=min(c.end, stop)) for c in chunks if c.start < stop]


def _clipped(part: Part, start: int, stop: int) -> Part:
    """What of the part lies before ``stop``."""

    def cut(chunks: Sequence[Chunk]) -> list[Chunk]:
        return [c for c in _before(chunks, stop) if c.end > start]

    return replace(part, pre=cut(part.pre), main=cut(part.main), post=cut(part.post))
