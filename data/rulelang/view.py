"""A choice by what is known so far: who is out, who may be left, and what may still matter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any

from data.rulelang.ast import LeaveToStaff, Measure, Narrow, Outcome, Prefer, Rule, where_of
from data.rulelang.candidates import Missing, World
from data.rulelang.contest import beaten, said_by, winner
from data.rulelang.memory import Answer
from data.rulelang.plan import DecisionPlan, Entry
from data.rulelang.result import Aside, Result, in_order

OPEN = Result("undecided", partial=True)
"""Stands where the answer hangs on a list of candidates that was not given."""
Ranking = Sequence[tuple[Rule, Prefer]]


class View:
    """What is known of a choice by now: who is out, who may be left, and what may matter."""

    def __init__(
        self, plan: DecisionPlan, entries: Iterable[Entry], world: World, whole: bool = False
    ) -> None:
        """``whole``: nobody is set aside, so that :meth:`open` names all that could matter."""
        self._plan = plan
        self._world = world
        self._ranks: dict[tuple[int, Prefer], Any] = {}
        applies = [(e, world.value(e.applies)) for e in entries]
        self._sure = [e for e, holds in applies if holds is True]
        self._maybe = [e for e, holds in applies if holds is None]
        removed = {t for e in self._sure for t in e.rule.overrides}
        doubted = {t for e in self._maybe for t in e.rule.overrides}
        told = [e for e, holds in applies if holds is not False]
        heard = [e for e in told if e.rule.mandatory or e.rule.title not in removed]
        self._perhaps = [
            e for e in heard
            if e in self._maybe or (e.rule.title in doubted and not e.rule.mandatory)
        ]  # fmt: skip
        self._kept = [e for e in heard if e not in self._perhaps]
        self._said = [(e.rule, said) for e in self._sure if (said := said_by(e)) is not None]
        self._settled = all(said_by(e) is None for e in self._maybe)
        self._winner = winner(plan, self._said)
        self._whole = whole
        self._narrow()

    # Who.

    def _narrow(self) -> None:
        """Who is out for sure and by which rule, who may be out, and who is left for sure."""
        kept, perhaps = _narrowing(self._kept), _narrowing(self._perhaps)
        self.dropped: list[tuple[int, str]] = []
        self.left: list[int] = []
        self._certain: set[int] = set()
        for row in range(len(self._world.rows or ())):
            ask = self._world.asking(row)
            drops = [(title, _drops(narrows, ask)) for title, narrows in kept]
            out = [(row, title) for title, dropped in drops if dropped]
            self.dropped += out
            if out:
                continue
            self.left.append(row)
            doubts = (_drops(narrows, ask) is not False for _, narrows in perhaps)
            if all(dropped is False for _, dropped in drops) and not any(doubts):
                self._certain.add(row)

    @cached_property
    def close(self) -> list[int]:
        """Those left of whom nobody who is left for sure stands in front for sure."""
        if self._whole or not (self._settled and self._ordered()):
            return list(self.left)
        order = self._ranking()
        return [
            i for i in self.left
            if not any(self._before(d, i, order)[0] for d in self._certain if d != i)
        ]  # fmt: skip

    # In which order.

    def _ordered(self) -> bool:
        """Whether it is known which prefer rules apply."""
        return not any(isinstance(o, Prefer) for e in self._perhaps for o in e.outcomes)

    def _ranking(self) -> Ranking:
        """The prefer rules in precedence order."""
        open_ = [e for e in self._kept if any(isinstance(o, Prefer) for o in e.outcomes)]
        found: list[tuple[Rule, Prefer]] = []
        while open_:
            unbeaten = (
                e for e in open_ if not any(self._plan.beats(q.rule, e.rule) for q in open_)
            )
            first = next(unbeaten, open_[0])
            open_.remove(first)
            found += [(first.rule, o) for o in first.outcomes if isinstance(o, Prefer)]
        return found

    def _before(self, one: int, other: int, order: Ranking) -> tuple[bool | None, str | None]:
        """Whether one stands before the other, and the rule that says so; ``None``: unknown."""
        keys = self._world.keys
        if self._winner is not None and self._winner[1] in (keys[one], keys[other]):
            return self._winner[1] == keys[one], self._winner[0].title
        for rule, prefer in order:
            a, b = self._rank(one, prefer), self._rank(other, prefer)
            if a is None or b is None:
                return None, None
            if a != b:
                lowest = not isinstance(prefer.by, Measure) or prefer.by.lowest
                return (a < b) is lowest, rule.title
        return keys[one] < keys[other], None

    def _rank(self, row: int, prefer: Prefer) -> Any:
        """Lower is better, a highest measure aside; ``None`` is unknown."""
        if (row, prefer) not in self._ranks:
            if isinstance(prefer.by, Measure):
                found: Any = self._world.fact(prefer.by.attribute, row)
            else:
                holds = self._world.value(prefer.by, row)
                found = None if holds is None else not holds
            self._ranks[row, prefer] = found
        return self._ranks[row, prefer]

    # What follows.

    def result(self) -> Result | None:
        """The answer, where it is the same whatever the open facts are."""
        if not self._sure:
            return None if self._maybe else Result("no_rule")
        if not self._settled:
            return None
        if self._said and self._winner is None:
            sides = in_order(_as_result(outcome) for _, outcome in self._said)
            titles = tuple(rule.title for rule, _ in self._said)
            return Result("conflict", rules=titles, possible=sides)
        if self._winner is not None and isinstance(self._winner[1], LeaveToStaff):
            rule = self._winner[0]
            beats = beaten(self._plan, self._winner, self._said)
            return Result("left_to_staff", rule=rule.title, beats=beats, reason=rule.because)
        if self._world.rows is None:
            return OPEN
        if not self.left:
            return self._nobody()
        if self._ordered() and len(self.close) == 1 and self.close[0] in self._certain:
            return self._chosen(self.close[0])
        return None

    def _nobody(self) -> Result:
        them = self._plan.candidates.name
        reason = f"nobody of `{them}` is left" if self._world.rows else f"`{them}` is empty"
        return Result("no_rule", dropped=self._asides(self.dropped), reason=reason)

    def _chosen(self, row: int) -> Result:
        order = self._ranking()
        others = [i for i in self.left if i != row]
        behind = [(i, self._before(row, i, order)[1]) for i in others]
        droppers = sorted({title for _, title in self.dropped})
        deciding = {title for _, title in behind if title is not None}
        ranked = [*([self._winner[0].title] if self._winner else []), *(r.title for r, _ in order)]
        titles = list(dict.fromkeys((*(t for t in ranked if t in deciding), *droppers)))
        rule = next(iter(titles), self._sure[0].rule.title)
        named = self._winner if self._winner and self._winner[1] == self._world.keys[row] else None
        return Result(
            "decided",
            self._world.keys[row],
            named[0].title if named else rule,
            beaten(self._plan, named, self._said) if named else (),
            tuple(sorted({*titles} - {named[0].title if named else rule})),
            dropped=self._asides(self.dropped),
            behind=self._asides(behind),
        )

    def _asides(self, found: Iterable[tuple[int, str | None]]) -> tuple[Aside, ...]:
        return tuple(Aside(self._world.keys[i], title) for i, title in found)

    # What may still matter.

    def open(self) -> Iterator[Missing]:
        """The unknown facts that may change the answer."""
        for entry in self._maybe:
            if not self._sure or said_by(entry) is not None or self._bears(entry):
                yield from self._world.unknown(entry.applies)
        for entry in (*self._kept, *self._perhaps):
            for outcome in entry.outcomes:
                for row in self.close:
                    yield from self._unknown_of(outcome, row)

    def leaving(self, row: int) -> Iterator[Missing]:
        """The unknown facts on which it hangs whether the candidate is left."""
        ask = self._world.asking(row)
        for entry in (*self._kept, *self._perhaps):
            narrows = [o for o in entry.outcomes if isinstance(o, Narrow)]
            if _drops(narrows, ask) is False:
                continue
            yield from self._world.unknown(entry.applies)
            for narrow in narrows:
                yield from self._world.unknown(narrow.where, row)
            for other in self._maybe:
                if entry.rule.title in other.rule.overrides and not entry.rule.mandatory:
                    yield from self._world.unknown(other.applies)

    def _bears(self, entry: Entry) -> bool:
        """Whether the rule, if it applies, may change who is chosen."""
        if self._world.rows is None:
            return True
        lifts = any(e.rule.title in entry.rule.overrides for e in (*self._kept, *self._perhaps))
        if entry not in self._perhaps:
            return lifts
        prefers = any(isinstance(o, Prefer) for o in entry.outcomes)
        asked = (self._world.asking(row) for row in self.close)
        drops = any(_drops(n, ask) is not False for ask in asked for _, n in _narrowing([entry]))
        return lifts or prefers or drops

    def _unknown_of(self, outcome: Outcome, row: int) -> Iterator[Missing]:
        if isinstance(outcome, Prefer) and isinstance(outcome.by, Measure):
            if self._world.fact(outcome.by.attribute, row) is None:
                yield Missing(row, (outcome.by.attribute, None))
        elif (where := where_of(outcome)) is not None:
            yield from self._world.unknown(where, row)


def _narrowing(entries: Iterable[Entry]) -> list[tuple[str, list[Narrow]]]:
    """The rules that may drop candidates, by title, and what they say of them."""
    said = ((e.rule.title, [o for o in e.outcomes if isinstance(o, Narrow)]) for e in entries)
    return [(title, narrows) for title, narrows in said if narrows]


def _drops(narrows: Iterable[Narrow], ask: Answer) -> bool | None:
    """Whether the rule that says so, where it applies, drops the candidate."""
    found: bool | None = False
    for narrow in narrows:
        holds = ask(narrow.where)
        if holds is None:
            found = None
        elif holds is not narrow.keep:
            return True
    return found


def _as_result(outcome: object) -> Result:
    left = isinstance(outcome, LeaveToStaff)
    return Result("left_to_staff") if left else Result("decided", outcome)  # type: ignore[arg-type]
