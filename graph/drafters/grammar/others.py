"""``Otherwise``, ``everyone else``: what none of the parts before covers."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from data.rulelang.ast import Condition, all_of, conjuncts
from graph.drafters.base import Question
from graph.drafters.grammar.atoms import Unclear
from graph.drafters.grammar.bench import Read
from graph.drafters.grammar.logic import negation
from graph.drafters.grammar.outcomes import Said


def none_before(
    done: Sequence[Read], said: Sequence[Said], sentence: int, sweeping: bool
) -> list[Condition]:
    """The conditions of a part that begins with `otherwise`.

    ``sentence`` is that of the part. In one sentence it speaks of the parts of that sentence, in
    one of its own of all before that decide the same. ``sweeping``: the words say that they mean
    all that is left (`everyone else`). Raises :class:`Unclear` where that makes a difference.
    """
    if not done:
        raise Unclear(Question("Otherwise than when?", about="missing"))
    chain = _chain(done, {s.outcome.decision for s in said}, sentence)
    if len(chain) == 1:
        return _besides(chain[0], sweeping)
    if not sweeping and _apart(chain[-1]):
        text = "Does the last sentence speak of all that is left, or only of the case before it?"
        raise Unclear(Question(text, about="reading"))
    shared = [c for c in chain[0].conditions if all(c in r.conditions for r in chain)]
    rests = [[c for c in r.conditions if c not in shared] for r in chain]
    if not all(rests):
        raise Unclear(Question("Otherwise than when?", about="missing"))
    return [*shared, *(negation(all_of(*rest)) for rest in rests)]


def _chain(done: Sequence[Read], decided: set[str], sentence: int) -> list[Read]:
    """The parts it speaks of: the last, and those before that decide the same."""
    decided = decided or {s.outcome.decision for s in done[-1].said}
    inside = done[-1].sentence == sentence

    def goes_on(read: Read) -> bool:
        same = decided & {s.outcome.decision for s in read.said}
        return bool(same) and (not inside or read.sentence == sentence)

    before = list(itertools.takewhile(goes_on, reversed(done[:-1])))
    return [*reversed(before), done[-1]]


def _apart(read: Read) -> bool:
    """Whether the part says both whom it is about and in which case."""
    return bool(read.subject) and any(c not in read.subject for c in read.conditions)


def _besides(read: Read, sweeping: bool) -> list[Condition]:
    shared = [*read.subject]
    rest = [c for c in read.conditions if c not in shared]
    if not rest:
        if not sweeping and any(len(conjuncts(c)) > 1 for c in shared):
            text = "Otherwise: in every other case, or only where the last condition fails?"
            raise Unclear(Question(text + " Say the other case in full.", about="reading"))
        return [negation(c) for c in shared]
    return [*shared, negation(all_of(*rest))]
