"""Who wins among rules that surely apply (law 3), for many requests at once.

The same relation as in ``winner.py``, as arrays. Of most pairs a rule's class (mandatory or not,
and how broad its scope) says who beats whom; pairs of which more is said (an exception,
``overrides``, a later start) are looked up in a sorted list.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from data.rulelang.ast import Rule
from data.rulelang.fast.groups import nth
from data.rulelang.fast.survivors import Left
from data.rulelang.fast.winner import outcome_of
from data.rulelang.plan import DecisionPlan

Places = NDArray[np.int64]
"""Rules by their place among the plan's entries, so in the order of their titles."""
Told = NDArray[np.bool_]


class Contests:
    """The rules of one decision, two by two."""

    def __init__(self, plan: DecisionPlan, places: Places) -> None:
        """``places``: by the number that the index gives a rule; -1 for rules of others."""
        self.outcomes = [outcome_of(e) for e in plan.entries]
        """By place, what a request gets where this rule wins."""
        self._places = places
        self._count = max(1, len(plan.entries))
        said: dict[object, int] = {}
        self._says = np.array([said.setdefault(o.key, len(said)) for o in self.outcomes])
        self._class = np.array([_class(plan, e.rule) for e in plan.entries])
        pairs = dict(self._spoken_of(plan))
        keys = np.array(sorted(pairs), dtype=np.int64)
        self._pairs = np.append(keys, np.iinfo(np.int64).max)
        self._beats = np.array([*(pairs[key] for key in keys.tolist()), False])
        rules = [e.rule for e in plan.entries]
        named = {title for r in rules if r.overrides for title in (r.title, *r.overrides)}
        self._named = np.array([r.title in named for r in rules], dtype=bool)

    def winners(self, left: Left, requests: int) -> tuple[Places, Told]:
        """By request the rule that wins, or -1; and whether rules apply of which none wins."""
        guess = np.full(requests, len(self._places), dtype=np.int32)
        np.minimum.at(guess, left.row, left.rule)
        won = np.append(self._places, -1)[guess]
        others = np.flatnonzero(guess[left.row] != left.rule)
        row, other = left.row[others], self._places[left.rule[others]]
        unsettled = np.zeros(requests, dtype=bool)
        unsettled[row[~self._told(won[row], other)]] = True
        some = np.flatnonzero(unsettled[left.row])
        if len(some):
            won[unsettled] = self._all_tried(left.row[some], self._places[left.rule[some]])
        return won, unsettled & (won < 0)

    def _all_tried(self, row: NDArray[np.intp], place: Places) -> Places:
        """By row that there is the first by title of the rules that beat all that say otherwise;
        -1 where none does."""
        order = np.argsort(row, kind="stable")
        place = place[order]
        met, row = np.unique(row[order], return_inverse=True)
        best = np.full(len(met), self._count, dtype=np.int64)
        for some, one in nth(row, place):
            tried = np.full(len(met), -1, dtype=np.int64)
            tried[some] = one
            against = np.flatnonzero(tried[row] >= 0)
            stands = self._stands(tried[row[against]], place[against])
            tried[row[against[~stands]]] = -1
            best = np.where((tried >= 0) & (tried < best), tried, best)
        return np.where(best < self._count, best, -1)

    def _told(self, one: Places, other: Places) -> Told:
        """Whether ``one`` is to be told as the winner though ``other`` applies too."""
        agree = self._says[one] == self._says[other]
        return np.where(agree, one <= other, self._beating(one, other))

    def _stands(self, one: Places, other: Places) -> Told:
        return (self._says[one] == self._says[other]) | self._beating(one, other)

    def _beating(self, one: Places, other: Places) -> Told:
        """Whether ``one`` beats ``other`` where their outcomes differ."""
        ahead = self._class[one] - self._class[other]
        told = ahead < 0
        looked_up = np.flatnonzero((ahead == 0) | (self._named[one] & self._named[other]))
        keys = one[looked_up] * self._count + other[looked_up]
        at = np.searchsorted(self._pairs, keys)
        found = self._pairs[at] == keys
        told[looked_up[found]] = self._beats[at[found]]
        return told

    def _spoken_of(self, plan: DecisionPlan) -> Iterator[tuple[int, bool]]:
        """Pairs that their classes do not settle, and whether the first beats the second."""
        place = {e.rule.title: i for i, e in enumerate(plan.entries)}
        for inner, outer in plan.edges.inside:
            r, q = place.get(inner, -1), place.get(outer, -1)
            if r >= 0 and q >= 0 and self._class[r] == self._class[q]:
                yield r * self._count + q, True
        named = [(e.rule.title, q) for e in plan.entries for q in e.rule.overrides]
        for title, other in (*plan.edges.equal, *named):
            r, q = place.get(title, -1), place.get(other, -1)
            if r >= 0 and q >= 0:
                for one, two in ((r, q), (q, r)):
                    beats = plan.beats(plan.entries[one].rule, plan.entries[two].rule)
                    yield one * self._count + two, beats is not None


def _class(plan: DecisionPlan, rule: Rule) -> int:
    """Lower beats higher: mandatory rules by breadth, then the others, the narrow ones first."""
    scopes = plan.ontology.scopes
    breadth = scopes.breadth(rule.scope.level) if scopes and rule.scope else 0
    narrowest = len(scopes.levels) if scopes else 0
    return breadth - 2 * narrowest - 1 if rule.mandatory else -breadth
