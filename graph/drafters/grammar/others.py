"""``Otherwise``, ``everyone else``, ``instead``: a part beside what the parts before cover."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import replace

from data.ontology import Ontology
from data.rulelang.ast import Compare, Condition, Op, all_of, attributes_of, conjuncts
from graph.drafters.base import Question
from graph.drafters.grammar.atoms import Unclear
from graph.drafters.grammar.bench import Read
from graph.drafters.grammar.english import SMALLER
from graph.drafters.grammar.framing import Part
from graph.drafters.grammar.logic import negation
from graph.drafters.grammar.outcomes import Said
from graph.drafters.grammar.words import Token


def none_before(
    done: Sequence[Read], said: Sequence[Said], sentence: int, part: Part
) -> list[Condition]:
    """The conditions of a part that begins with `otherwise`.

    ``sentence`` is that of the part. In one sentence it speaks of the parts of that sentence, in
    one of its own of all before that decide the same. Raises :class:`Unclear` where that makes a
    difference.
    """
    if not done:
        raise Unclear(Question("Otherwise than when?", about="missing"))
    chain = chain_of(done, {s.outcome.decision for s in said}, sentence)
    if len(chain) == 1:
        people = part.people and chain[0].sentence == sentence
        return _besides(chain[0], part.sweeping and not part.turned, people)
    if not part.sweeping and _apart(chain[-1]):
        text = "Does the last sentence speak of all that is left, or only of the case before it?"
        raise Unclear(Question(text, about="reading"))
    shared = [c for c in chain[0].conditions if all(c in r.conditions for r in chain)]
    shared += [c for c in chain[0].heading if c not in shared]
    rests = [[c for c in _pieces(r) if c not in shared] for r in chain]
    if not all(rests):
        raise Unclear(Question("Otherwise than when?", about="missing"))
    return [*shared, *(negation(all_of(*rest)) for rest in rests)]


_PLACES = frozenset(["in", "at", "on", "within", "inside", "outside"])
_ARTICLES = frozenset(["a", "an", "the", "any", "our"])


def elsewhere(done: Sequence[Read], tokens: Sequence[Token]) -> list[Condition]:
    """``at A books take 5 days; elsewhere 3``: what was said before, in any other place.

    Raises :class:`Unclear` where no place was said before, or several.
    """
    before = done[-1] if done else None
    paths: set[str] = set()
    for atom in before.atoms if before else ():
        at = atom.start - 1
        while at > 0 and tokens[at].low in _ARTICLES:
            at -= 1
        paths |= {atom.path} if at >= 0 and tokens[at].low in _PLACES else set()
    said = [q for c in before.conditions for q in conjuncts(c)] if before else []
    placed = [c for c in said if isinstance(c, Compare) and c.attribute in paths]
    if len(placed) != 1:
        raise Unclear(Question("Where is that? Say the place.", about="missing"))
    return [negation(c) if c is placed[0] else c for c in said]


def chain_of(done: Sequence[Read], decided: set[str], sentence: int) -> list[Read]:
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


def _pieces(read: Read) -> list[Condition]:
    """Its conditions, each apart where a heading holds some of them."""
    if not read.heading:
        return list(read.conditions)
    return list(dict.fromkeys(q for c in read.conditions for q in conjuncts(c)))


def _besides(read: Read, sweeping: bool, people: bool) -> list[Condition]:
    below = [c for c in _pieces(read) if c not in read.heading]
    if read.heading and below:
        return [*read.heading, negation(all_of(*below))]
    if read.frame is not None:
        inside = [q for c in read.conditions for q in conjuncts(c) if q != read.frame]
        if inside and not read.under and len(inside) == 1:
            return [read.frame, negation(inside[0])]
    if read.only is not None:
        return [*(c for c in read.conditions if c != read.only), negation(read.only)]
    if read.under and not sweeping:
        return [
            *(c for c in read.conditions if c not in read.under),
            negation(all_of(*read.under)),
        ]
    shared = [*read.subject]
    rest = [c for c in read.conditions if c not in shared]
    if not rest and people and any(_mixed(c) for c in shared):
        text = "Who or what are the others here? Say the other case in full."
        raise Unclear(Question(text, about="reading"))
    if not rest:
        if not sweeping and any(len(conjuncts(c)) > 1 for c in shared):
            text = "Otherwise: in every other case, or only where the last condition fails?"
            raise Unclear(Question(text + " Say the other case in full.", about="reading"))
        return [negation(c) for c in shared]
    if shared and people and not read.under:
        return [*rest, negation(all_of(*shared))]
    if shared:
        text = "Who or what are the others here? Say the other case in full."
        raise Unclear(Question(text, about="reading"))
    return [negation(all_of(*rest))]


def _mixed(condition: Condition) -> bool:
    """It speaks of more than one kind of thing: of borrowers and of loans."""
    asked = (q for q in conjuncts(condition) if isinstance(q, Compare))
    return len({q.attribute.partition(".")[0] for q in asked}) > 1


def in_contrast(read: Read, before: Read, ontology: Ontology) -> tuple[Condition, ...] | None:
    """``over 18 they need none; under 18 they do``: the same facts with other values.

    What the part before says of other facts holds here too. ``None`` where the two speak of
    different facts or decide different things.
    """
    if {s.outcome.decision for s in read.said} != {s.outcome.decision for s in before.said}:
        return None
    own = {p for c in read.conditions for p in attributes_of(c, ontology)}
    said = [q for c in before.conditions for q in conjuncts(c)]
    about = [set(attributes_of(c, ontology)) for c in said]
    replaced = [a for a in about if a & own]
    if not own or any(a - own for a in replaced) or own - set[str]().union(*replaced):
        return None
    return tuple(c for c, a in zip(said, about, strict=True) if not a & own)


def instead_of(before: Read, read: Read, ontology: Ontology) -> tuple[Read, tuple[Condition, ...]]:
    """``A is X. Over 5 kg it is Y instead``: the part before, which no longer holds for what the
    part excepts, and the conditions of the part.
    """
    if {s.outcome.decision for s in read.said} != {s.outcome.decision for s in before.said}:
        raise Unclear(Question("Instead of what? Say each rule in full.", about="reading"))
    contrast = in_contrast(read, before, ontology)
    if contrast is not None:
        return before, (*contrast, *read.conditions)
    conditions = (*before.conditions, negation(all_of(*read.conditions)))
    return replace(before, conditions=conditions), (*before.conditions, *read.conditions)


def beyond(before: Read, word: str) -> tuple[Condition, ...]:
    """``W20 from 30 kg and W10 for lighter ones``: the other side of the only limit said before.

    Raises :class:`Unclear` where there is none on that side, or several.
    """
    said = [q for c in before.conditions for q in conjuncts(c)]
    lower = ("is at least", "is more than") if word in SMALLER else ("is at most", "is less than")
    limits = [c for c in said if isinstance(c, Compare) and c.op in (*_AT_LEAST, *_AT_MOST)]
    if len(limits) != 1 or limits[0].op not in lower:
        raise Unclear(Question(f"Which are the {word} ones? Say the limit.", about="missing"))
    return tuple(turned(limits[0]) if c is limits[0] else c for c in said)


_AT_LEAST: Mapping[str, Op] = {"is at least": "is less than", "is more than": "is at most"}
_AT_MOST: Mapping[str, Op] = {"is at most": "is more than", "is less than": "is at least"}


def turned(limit: Compare) -> Compare:
    """The comparison that holds where this one fails."""
    return replace(limit, op={**_AT_LEAST, **_AT_MOST}[limit.op])
