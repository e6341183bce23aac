"""What one decision makes of the rules that surely apply, for many requests at once.

Of a decision with one value that hangs on who wins; of a code also on who wins on each modifier,
and on the code set. All else (conflicts, other decisions, unknown facts) is left open here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.ontology.model import Value
from data.rulelang.ast import Decide, LeaveToStaff, Modify
from data.rulelang.evaluate import Applying
from data.rulelang.fast.contests import Contest, Kinds, Places, Precedence
from data.rulelang.fast.survivors import Left, Rows
from data.rulelang.fast.table import Requests
from data.rulelang.plan import DecisionPlan, Entry
from data.rulelang.result import Result

Keys = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Told:
    """What the rules alone say of some requests."""

    keys: Keys
    """What :meth:`Deciding.result` makes an answer of; -1 where the rules are not all there is."""
    left: Left
    """What may apply to the requests of which that is so; ``row`` counts only these."""


class Deciding:
    """One decision."""

    def __init__(self, plan: DecisionPlan, titles: Sequence[str]) -> None:
        """``titles``: of the rules, by the number that the index gives them."""
        self.plan = plan
        place = {e.rule.title: i for i, e in enumerate(plan.entries)}
        self._places = np.array([place.get(t, -1) for t in titles], dtype=np.int64)
        self._code_sets = tuple(plan.code_sets) if plan.decision.code_set else ("",)
        self._modifiers = plan.decision.modifiers if plan.decision.type == "code" else ()
        self._switches = [_switches(plan, m) for m in self._modifiers]
        said = {_value(e): e for e in plan.entries}
        self._saying = tuple(said.values())
        """Of the rules that say one and the same value one."""
        number = {value: i for i, value in enumerate(said)}
        self._said = np.array([number[_value(e)] for e in plan.entries], dtype=np.intp)
        """By place, which of these says what the rule says."""
        self._answers: dict[tuple[int, int, tuple[int, ...]], Result] = {}
        self._contests: tuple[Contest, ...] = ()
        if plan.decision.hit == "single" and plan.decision.type != "choice":
            says_value = np.array([_value(e) is not None for e in plan.entries], dtype=bool)
            said = [(says_value, self._meanings())]
            said += [(switches > 0, switches[np.newaxis]) for switches in self._switches]
            precedence = Precedence(plan)
            self._contests = tuple(
                Contest(precedence, self._having(some), says) for some, says in said
            )

    def _having(self, some: NDArray[np.bool_]) -> Places:
        """By a rule's number its place, -1 of all but some."""
        return np.where(np.append(some, False)[self._places], self._places, -1)

    def _meanings(self) -> NDArray[np.int32]:
        """By code set and place what a rule's value means, as a number."""
        lines: list[list[int]] = []
        for code_set in range(len(self._code_sets)):
            applying = Applying(self.plan, self._facts(code_set), [])
            met: dict[object, int] = {}
            lines.append([met.setdefault(applying.outcome(e), len(met)) for e in self._saying])
        return np.array(lines, dtype=np.int32).reshape(len(self._code_sets), -1)[:, self._said]

    def _facts(self, code_set: int) -> dict[str, Value]:
        path = self.plan.decision.code_set
        return {path: self._code_sets[code_set]} if path else {}

    def code_sets(self, requests: Requests, rows: Rows | None, count: int) -> Kinds:
        """By request the number of the code set in force; -1 where it is not given."""
        path = self.plan.decision.code_set
        if path is None:
            return np.zeros(count, dtype=np.int32)
        column = requests.column(path)
        place = {name: i for i, name in enumerate(self._code_sets)}
        numbers = np.array([*(place.get(str(v), -1) for v in column.values), -1], dtype=np.int32)
        return numbers[column.codes if rows is None else column.codes[rows]]

    def told(self, left: Left, code_sets: Kinds) -> Told:
        """What these rules say of requests under these code sets."""
        left = left.where(self._places[left.rule] >= 0)
        keys = self._keys(left, code_sets)
        singly = keys < 0
        place = np.cumsum(singly) - 1
        left = left.where(singly[left.row])
        return Told(keys, Left(place[left.row], left.rule, left.open))

    def _keys(self, left: Left, code_sets: Kinds) -> Keys:
        if not self._contests:
            return np.full(len(code_sets), -1, dtype=np.int64)
        kinds = np.maximum(code_sets, 0)
        won, open_ = self._contests[0].winners(left, kinds)
        open_ |= (won >= 0) & (code_sets < 0)
        open_[left.row[left.open]] = True
        keys = won * len(self._code_sets) + kinds
        for contest, switches in zip(self._contests[1:], self._switches, strict=True):
            switch, conflict = contest.winners(left, np.zeros_like(kinds))
            keys = keys * len(SWITCHES) + np.append(switches, 0)[switch]
            open_ |= conflict & (won >= 0)
        return np.where(open_, -1, np.where(won < 0, 0, keys + 1))

    def result(self, key: int) -> Result:
        """The answer that a key of :meth:`told` stands for: status, value and rule."""
        if key == 0:
            return Result("no_rule")
        key, switches = key - 1, list[int]()
        for _ in self._modifiers:
            key, switch = divmod(key, len(SWITCHES))
            switches.insert(0, switch)
        won, code_set = divmod(key, len(self._code_sets))
        told = self._answer(int(self._said[won]), code_set, tuple(switches))
        rule = self.plan.entries[won].rule
        reason = rule.because if told.status == "left_to_staff" else None
        return Result(told.status, told.value, rule.title, reason=reason, message=told.message)

    def _answer(self, said: int, code_set: int, switches: tuple[int, ...]) -> Result:
        """The answer where a rule that says this wins, and the modifiers are so switched."""
        found = self._answers.get((said, code_set, switches))
        if found is None:
            entry, name = self._saying[said], self.plan.decision.name
            value = _value(entry)
            assert value is not None
            switched = zip(self._modifiers, (SWITCHES[s] for s in switches), strict=True)
            modified = (Modify(name, m, adds) for m, adds in switched if adds is not None)
            alone = Entry(entry.rule, (value, *modified), None)
            found = Applying(self.plan, self._facts(code_set), [alone]).result()
            self._answers[said, code_set, switches] = found
        return found


SWITCHES = (None, False, True)
"""What may be said of a modifier: nothing, that it drops, that it is added."""


def _value(entry: Entry) -> Decide | LeaveToStaff | None:
    return entry.first(Decide) or entry.first(LeaveToStaff)


def _switches(plan: DecisionPlan, modifier: str) -> NDArray[np.int32]:
    """By place what a rule says of a modifier, as a place in ``SWITCHES``."""
    said = [
        next((o.adds for o in e.outcomes if isinstance(o, Modify) and o.modifier == modifier), None)
        for e in plan.entries
    ]
    return np.array([SWITCHES.index(adds) for adds in said], dtype=np.int32)
