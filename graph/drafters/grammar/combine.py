"""From conditions in a row to one condition: and, or, lists, modifiers."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from data.rulelang.ast import And, Compare, Condition, all_of, any_of
from graph.drafters.base import Question
from graph.drafters.grammar.atoms import Atom, Unclear
from graph.drafters.grammar.cases import INDEFINITE, clause_verb, with_cases
from graph.drafters.grammar.consistent import idle_denial, refuse_contradiction
from graph.drafters.grammar.denial import denied_lists, neither, signed, with_inner_verbs
from graph.drafters.grammar.english import PERSONS
from graph.drafters.grammar.given import one_is_enough
from graph.drafters.grammar.glue import Glue, Link, glue_of
from graph.drafters.grammar.joints import (
    nouns_beside,
    one_of,
    opens_choice,
    refuse_open,
    refuse_shared_head,
    refuse_straddling,
)
from graph.drafters.grammar.listing import (
    describing,
    merged,
    own_modifier,
    refuse_described_head,
    settled,
)
from graph.drafters.grammar.opening import frame_of
from graph.drafters.grammar.words import Token


@dataclass(frozen=True, slots=True)
class Part:
    """A combined piece of the condition."""

    condition: Condition
    atoms: tuple[Atom, ...]
    union: bool = False


def combine(
    atoms: Sequence[Atom], tokens: Sequence[Token], start: int, end: int, persons: frozenset[str],
    chosen: Sequence[str] = (), elsewhere: frozenset[int] = frozenset(),
) -> Condition:  # fmt: skip
    """One condition from the atoms of a stretch; raises :class:`Unclear` where `and` and `or`
    mix openly. Tokens in ``elsewhere`` belong to an outcome.
    """
    used = frozenset(i for a in atoms for i in a.tokens) | elsewhere
    begins = (start, *(a.end for a in atoms[:-1]))
    glues = [glue_of(tokens, b, a.start, used) for b, a in zip(begins, atoms, strict=True)]
    frame = frame_of(atoms, glues, tokens, start, end, persons)
    if frame is not None:
        n, comma = frame
        opening = combine(atoms[:n], tokens, start, comma, persons, chosen, elsewhere)
        rest = combine(atoms[n:], tokens, comma + 1, end, persons, chosen, elsewhere)
        return all_of(opening, rest)
    refuse_straddling(atoms, tokens)
    refuse_open(glues)
    glues = nouns_beside(atoms, glues, tokens, persons)
    refuse_shared_head(atoms, glues, tokens, persons)
    glues = one_of(glues)
    turned = signed(list(atoms), glues, tokens, end, used)
    glues = neither(with_inner_verbs(atoms, glues, tokens, used))
    glues = denied_lists(atoms, turned, glues, tokens)
    joined, kept = merged(turned, settled(atoms, glues))
    joined, kept = own_modifier(joined, kept, tokens, chosen)
    kept = with_cases(joined, kept, tokens, start, persons)
    kept = describing(joined, kept, tokens, persons)
    refuse_described_head(joined, kept, persons)
    part, _ = _list(joined, kept, 0, len(joined), persons)
    refuse_contradiction(part.condition)
    joints = {pair for g in glues for pair in itertools.pairwise(g.words)}
    if {("and", "not"), ("but", "not"), (",", "not")} & joints and idle_denial(part.condition):
        text = "One thing is asked for and another denied. What should happen with the other?"
        raise Unclear(Question(text + " Say it in a sentence of its own.", about="missing"))
    return part.condition


def _list(
    atoms: Sequence[Atom], glues: Sequence[Glue], start: int, stop: int, persons: frozenset[str]
) -> tuple[Part, int]:
    parts: list[Part] = []
    links: list[Glue] = []
    i = start
    while i < stop:
        if i > start:
            links.append(glues[i])
        part, i = _unit(atoms, glues, i, stop, persons)
        parts.append(part)
    if len(parts) > 1:
        _refuse_predicate_of_last(parts, atoms, glues)
        _refuse_shared_noun(parts, links, atoms, glues, persons)
    opening = frozenset(glues[start].words)
    return _joined(_shared_head(parts, links), links, persons, opening), i


def _refuse_predicate_of_last(
    parts: Sequence[Part], atoms: Sequence[Atom], glues: Sequence[Glue]
) -> None:
    """``A or B dogs may stay outside``: what follows the verb is about all of the list."""
    for part in parts:
        for atom in part.atoms[1:]:
            glue = glues[atoms.index(atom)]
            if glue.link == "tight" and {"may", "can", "must"} & set(glue.words):
                text = "Does what comes last hold for all of the things before it?"
                raise Unclear(Question(text + " Say it in two sentences.", about="reading"))


def _refuse_shared_noun(
    parts: Sequence[Part], links: Sequence[Glue], atoms: Sequence[Atom], glues: Sequence[Glue],
    persons: frozenset[str],
) -> None:  # fmt: skip
    """``large or nervous guests with X``: after the shared noun, X may be about all of them."""
    last = parts[-1].atoms
    if len(last) < 2 or any(len(p.atoms) > 1 for p in parts[:-1]):
        return
    if any(g.marker or g.verb or set(g.words) - {"or", ",", "and"} for g in links):
        return
    words = glues[atoms.index(last[1])].words
    if words and words[0] in persons and links[-1].link == "or":
        text = "Does what comes last hold for all of the things before it?"
        raise Unclear(Question(text + " Say it in two sentences.", about="reading"))


def _unit(
    atoms: Sequence[Atom], glues: Sequence[Glue], i: int, stop: int, persons: frozenset[str]
) -> tuple[Part, int]:
    """Neighbouring atoms are one thing; what a marker opens belongs to it up to a parallel item."""
    j = i + 1
    while j < stop and glues[j].link == "tight" and not glues[j].marker:
        j += 1
    if any(_said_otherwise(atoms, glues, j, k) for k in range(j + 1, stop)):
        j = next((n for n in range(i + 1, j) if not atoms[n].values), j)
    head = tuple(atoms[i:j])
    parts = [a.condition for a in head]
    if j < stop and glues[j].link == "tight":
        stop_at = next(
            (k for k in range(j + 1, stop) if _parallel(atoms, glues, i, j, k, persons)), stop
        )
        nested, j = _list(atoms, glues, j, stop_at, persons)
        return Part(all_of(*parts, nested.condition), (*head, *nested.atoms)), j
    return Part(all_of(*parts), head, any(a.union for a in head)), j


def _parallel(
    atoms: Sequence[Atom], glues: Sequence[Glue], i: int, j: int, k: int, persons: frozenset[str]
) -> bool:
    """Item ``k`` starts anew beside the unit ``i``…``j`` instead of going on inside it."""
    if glues[k].link == "tight":
        return False
    if any(a.path == atoms[k].path for a in atoms[i:j]):
        return True
    if not atoms[i].values and _said_otherwise(atoms, glues, j, k):
        return True
    opening = set(glues[i].words)
    again = set(glues[k].words)
    after = itertools.pairwise(glues[k].words)
    general = ("all", "every", *INDEFINITE)
    if glues[k].comma and any(a in ("and", "or") and b in general for a, b in after):
        return True
    repeated = ({"if", "when", "for"} & opening) & again
    return bool(repeated) or bool(persons & opening and persons & again)


def _said_otherwise(atoms: Sequence[Atom], glues: Sequence[Glue], j: int, k: int) -> bool:
    """``over 5 kg in A or with two wheels in B``: both say the same kind of thing in their turn."""
    if glues[k].link == "tight":
        return False
    inner = {a.path: a.values for a in atoms[j:k] if a.values}
    end = next((n for n in range(k + 1, len(atoms)) if glues[n].link != "tight"), len(atoms))
    own = {a.path: a.values for a in atoms[k + 1 : end] if a.values}
    apart = any(p in inner and not own[p] & inner[p] for p in own)
    return apart and atoms[k].path not in inner


def _shared_head(parts: list[Part], links: Sequence[Glue]) -> list[Part]:
    """``pregnant or breastfeeding PET patients``: PET belongs to both."""
    if len(parts) < 2 or any(len(p.atoms) != 1 for p in parts[:-1]) or len(parts[-1].atoms) != 2:
        return parts
    if any(g.marker or g.verb or g.anew for g in links):
        return parts
    modifier, head = parts[-1].atoms
    if _adjacent(modifier, head) and not head.values:
        raise Unclear(
            Question(
                "Does the last of these hold for all of the things before it, or only for the "
                "nearest?"
                " Say it in two sentences.",
                about="reading",
            )
        )
    if any(p.atoms[0].path == head.path for p in parts[:-1]) or not _adjacent(modifier, head):
        return parts
    alone = [
        Part(p.condition, p.atoms) for p in (*parts[:-1], Part(modifier.condition, (modifier,)))
    ]
    return [
        Part(
            all_of(_or_and(alone, links), head.condition), tuple(a for p in parts for a in p.atoms)
        )
    ]


def _or_and(parts: Sequence[Part], links: Sequence[Glue]) -> Condition:
    conditions = [p.condition for p in parts]
    return any_of(*conditions) if any(g.link == "or" for g in links) else all_of(*conditions)


def _adjacent(a: Atom, b: Atom) -> bool:
    return a.end == b.start


def _joined(
    parts: list[Part], links: Sequence[Glue], persons: frozenset[str], opening: frozenset[str]
) -> Part:
    atoms = tuple(a for p in parts for a in p.atoms)
    if len(parts) == 1:
        return parts[0]
    kinds: list[Link] = [_resolved(links, n) for n in range(len(links))]
    opened = next((n for n, g in enumerate(links) if opens_choice(g.words)), None)
    clause = _last_clause(links if opened is None else links[opened + 1 :])
    if clause is not None and opened is not None:
        inner = _joined(parts[opened + 1 :], links[opened + 1 :], persons, opening)
        return _joined([*parts[: opened + 1], inner], links[: opened + 1], persons, opening)
    if clause is not None:
        left = _joined(parts[: clause + 1], links[:clause], persons, opening)
        right = _joined(parts[clause + 1 :], links[clause + 1 :], persons, opening)
        return Part(any_of(left.condition, right.condition), atoms)
    bare = [n for n, g in enumerate(links) if g.link == "comma"]
    if bare and len(bare) < len(links):
        cut = bare[0]
        left = _joined(parts[: cut + 1], links[:cut], persons, opening)
        right = _joined(parts[cut + 1 :], links[cut + 1 :], persons, opening)
        return Part(all_of(left.condition, right.condition), atoms)
    if len(set(kinds)) > 1 and opened is not None and opened + 1 < len(links):
        inner = _joined(parts[opened + 1 :], links[opened + 1 :], persons, opening)
        return _joined([*parts[: opened + 1], inner], links[: opened + 1], persons, opening)
    if len(set(kinds)) > 1:
        return _by_commas(parts, links, kinds, persons, opening)
    conditions = [p.condition for p in parts]
    alternatives = kinds[0] == "or" or _only_apart(parts, links, persons, opening)
    return Part(any_of(*conditions) if alternatives else all_of(*conditions), atoms)


def _last_clause(links: Sequence[Glue]) -> int | None:
    """The `or` of ``A, or he is B, C, with D``, before a clause whose commas go on describing.

    Raises :class:`Unclear` where no verb opens the last alternative.
    """
    found = [n for n, g in enumerate(links) if g.link == "or"]
    after = links[found[0] + 1 :] if len(found) == 1 else ()
    if not after or any(g.link != "comma" for g in (*after, *links[: found[0]])):
        return None
    if not links[found[0]].verb:
        text = "Which of these conditions belong together? Say it in two sentences."
        raise Unclear(Question(text, about="reading"))
    return found[0]


def _resolved(links: Sequence[Glue], n: int) -> Link:
    if links[n].link != "comma":
        return links[n].link
    for g in links[n + 1 :]:
        if g.link != "comma":
            return g.link
    return "and"


def _by_commas(
    parts: list[Part],
    links: Sequence[Glue],
    kinds: Sequence[Link],
    persons: frozenset[str],
    opening: frozenset[str],
) -> Part:
    """``A or B, and C``: a comma before one joint makes it the outer one."""
    outer = {k for g, k in zip(links, kinds, strict=True) if g.comma and g.link != "comma"}
    inner = {k for g, k in zip(links, kinds, strict=True) if not g.comma}
    if len(outer) != 1 or outer & inner:
        raise Unclear(
            Question(
                "Which of these conditions belong together? Put a comma before the last `and` "
                "or `or`, or say it in two sentences.",
                about="reading",
            )
        )
    groups: list[list[Part]] = [[parts[0]]]
    inner_links: list[list[Glue]] = [[]]
    outer_links: list[Glue] = []
    for g, k, p in zip(links, kinds, parts[1:], strict=True):
        if k in outer:
            groups.append([p])
            inner_links.append([])
            outer_links.append(g)
        else:
            groups[-1].append(p)
            inner_links[-1].append(g)
    pieces = [_joined(ps, ls, persons, opening) for ps, ls in zip(groups, inner_links, strict=True)]
    return _joined(pieces, outer_links, persons, opening)


def _anew(opening: frozenset[str], glue: Glue, persons: frozenset[str]) -> bool:
    """``for A and for B``, ``patients with A and patients with B`` speak of more cases.

    So do ``none for B`` and, after a noun for those it is about, ``A parcels and B``.
    """
    if {("and", "when"), ("and", "whenever")} & set(itertools.pairwise(glue.words)):
        return one_is_enough()
    if glue.anew:
        return True
    if glue.link != "and" or clause_verb(glue) or "and" not in glue.words:
        return False
    joint = glue.words.index("and")
    before, again = glue.words[:joint], glue.words[joint + 1 :]
    if before and before[-1] in persons and not {"who", "that", "with"} & set(again):
        return True
    if not again:
        return False
    if (again[0] in ("for", "at", "in", "on") and again[0] in opening) or again[:2] == (
        "none",
        "for",
    ):
        return True
    named = again[0] in ("of", "to", "from", "with") and again[0] in opening
    if named and persons & set(again[1:2]):
        return True
    if INDEFINITE & set(again[:2]) or again[0] in ("all", "every"):
        return True
    said_before = persons & (opening | set(before))
    return bool(said_before) and bool(persons & set(again[:2]))


def _only_apart(
    parts: Sequence[Part], links: Sequence[Glue], persons: frozenset[str], opening: frozenset[str]
) -> bool:
    """`and` between things that cannot hold together lists alternatives: ``women over 40 and men
    over 50``.
    """
    listed = any(p.union for p in parts) and all(g.link == "and" for g in links)
    if listed and not all(g.verb for g in links):
        return True
    if any(_anew(opening, g, persons) for g in links):
        return True
    required = [_required(p.condition) for p in parts]
    return any(
        path in b and not (values & b[path])
        for n, a in enumerate(required)
        for b in required[n + 1 :]
        for path, values in a.items()
    )


def _required(condition: Condition) -> dict[str, frozenset[str]]:
    """Values each enum must have for the condition to hold."""
    match condition:
        case Compare(path, "is", str(value)):
            return {path: frozenset([value])}
        case Compare(path, "is one of", tuple(values)):
            return {path: frozenset(str(v) for v in values)}
        case And(parts):
            out: dict[str, frozenset[str]] = {}
            for p in parts:
                for path, values in _required(p).items():
                    out[path] = out[path] & values if path in out else values
            return out
        case _:
            return {}


def person_words(entity_roots: frozenset[str], tokens: Sequence[Token]) -> frozenset[str]:
    """Words of this message that stand for people or for the things requests are about."""
    return frozenset(
        t.low
        for t in tokens
        if t.low in PERSONS or t.stem in PERSONS or (t.root in entity_roots and t.low.endswith("s"))
    )
