"""Who wins among rules that surely apply (law 3), for many requests at once.

The same relation as in ``winner.py``, as arrays. Of most pairs a rule's class (mandatory or not,
and how broad its scope) says who beats whom; pairs of which more is said (an exception,
``overrides``, a later start) are looked up in a sorted list.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from data.rulelang.fast.groups import nth
from data.rulelang.fast.survivors import Left
from data.rulelang.plan import DecisionPlan
from data.rulelang.precedence import naming, standing

Places = NDArray[np.int64]
"""Rules by their place among the plan's entries, so in the order of their titles."""
Kinds = NDArray[np.int32]
"""Whatever else than the rules themselves bears on what they say, by number: the code set."""
Told = NDArray[np.bool_]


class Contest:
    """Rules that say one thing or another of the same, two by two."""

    def __init__(self, precedence: Precedence, places: Places, says: NDArray[np.int32]) -> None:
        """``places``: by the number that the index gives a rule; -1 for rules that say nothing.
        ``says``: by kind and place what a rule says, as a number."""
        self._precedence = precedence
        self._places = places
        self._says = says

    def winners(self, left: Left, kinds: Kinds) -> tuple[Places, Told]:
        """By request the rule that wins, or -1; and whether rules apply of which none wins."""
        left = left.where(self._places[left.rule] >= 0)
        guess = np.full(len(kinds), len(self._places), dtype=np.int32)
        np.minimum.at(guess, left.row, left.rule)
        won = np.append(self._places, -1)[guess]
        others = np.flatnonzero(guess[left.row] != left.rule)
        row, other = left.row[others], self._places[left.rule[others]]
        one = won[row]
        agree = self._agree(kinds[row], one, other)
        told = np.where(agree, one <= other, self._precedence.beating(one, other))
        unsettled = np.zeros(len(kinds), dtype=bool)
        unsettled[row[~told]] = True
        some = np.flatnonzero(unsettled[left.row])
        if len(some):
            row = left.row[some]
            won[unsettled] = self._all_tried(row, self._places[left.rule[some]], kinds[row])
        return won, unsettled & (won < 0)

    def _agree(self, kind: Kinds, one: Places, other: Places) -> Told:
        return self._says[kind, one] == self._says[kind, other]

    def _all_tried(self, row: NDArray[np.intp], place: Places, kind: Kinds) -> Places:
        """By row that there is the first by title of the rules that beat all that say otherwise;
        -1 where none does."""
        order = np.argsort(row, kind="stable")
        place, kind = place[order], kind[order]
        met, row = np.unique(row[order], return_inverse=True)
        none = np.iinfo(np.int64).max
        best = np.full(len(met), none, dtype=np.int64)
        for some, one in nth(row, place):
            tried = np.full(len(met), -1, dtype=np.int64)
            tried[some] = one
            against = np.flatnonzero(tried[row] >= 0)
            one, other = tried[row[against]], place[against]
            agree = self._agree(kind[against], one, other)
            lost = ~(agree | self._precedence.beating(one, other))
            tried[row[against[lost]]] = -1
            best = np.where((tried >= 0) & (tried < best), tried, best)
        return np.where(best < none, best, -1)


class Precedence:
    """Which of two rules of a decision beats the other where they say different things."""

    def __init__(self, plan: DecisionPlan) -> None:
        self._count = max(1, len(plan.entries))
        stand = [standing(plan.ontology, e.rule) for e in plan.entries]
        self._class = np.array(stand, dtype=np.int64)
        pairs = dict(self._spoken_of(plan))
        keys = np.array(sorted(pairs), dtype=np.int64)
        self._pairs = np.append(keys, np.iinfo(np.int64).max)
        self._beats = np.array([*(pairs[key] for key in keys.tolist()), False])
        rules = [e.rule for e in plan.entries]
        named = naming(rules)
        self._named = np.array([r.title in named for r in rules], dtype=bool)

    def beating(self, one: Places, other: Places) -> Told:
        """Whether each of ``one`` beats its ``other``."""
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
