"""Noun phrases in a row: ``Gold customers and vulnerable customers`` are two cases, not one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from graph.drafters.base import Question
from graph.drafters.grammar.atoms import Atom, Unclear
from graph.drafters.grammar.given import one_is_enough
from graph.drafters.grammar.glue import VERBS, Glue
from graph.drafters.grammar.words import Token, root

INDEFINITE = frozenset(
    ["anyone", "anybody", "everyone", "everybody", "those", "people", "someone", "somebody"]
)
_RELATIVE = frozenset(["who", "that", "which", "whose"])
_BARE_JOINTS = ((), ("and",), (",", "and"))


def with_cases(
    atoms: Sequence[Atom], glues: Sequence[Glue], tokens: Sequence[Token], start: int,
    persons: frozenset[str],
) -> list[Glue]:  # fmt: skip
    """The glues, with those marked that join noun phrases which both say whom they are about.

    The name of a fact may hold the noun (`vulnerable customer`), so the words between the two
    do not show it. A noun phrase joined to another by `and` names a case of its own.
    """
    out = list(glues)
    for n in range(1, len(atoms)):
        glue = glues[n]
        if glue.link != "and" or clause_verb(glue):
            continue
        before = {tokens[i].root for i in range(start, atoms[n - 1].end) if _is(tokens[i], persons)}
        own = _noun_of(atoms, n, tokens, persons)
        last = tokens[atoms[n - 1].end - 1]
        between = glue.words[:1] if glue.words[:1] and glue.words[0] in persons else ()
        closes = _is(last, persons) or bool(between)
        bare = glue.words[len(between) :] in _BARE_JOINTS
        again = bare and own is not None and (closes or tokens[own].root in before)
        shared = bare and own is not None and not before and not glues[n - 1].verb
        again = again or (shared and atoms[n].path != atoms[n - 1].path and one_is_enough())
        again = again or bool(before & _said_again(glue, persons))
        if again or _of_people(last, glue, persons) or _two_kinds(atoms, glues, n, tokens, closes):
            out[n] = replace(glue, anew=True)
        if own is not None and closes:
            _refuse_open_end(atoms, glues, n, own)
    return out


def _of_people(noun: Token, glue: Glue, persons: frozenset[str]) -> bool:
    """``chest x-rays and patients over 80``: a plural noun, and people of some kind."""
    plural = noun.low.endswith("s") and not noun.low.endswith("ss")
    then = len(glue.words) == 2 and glue.words[0] == "and" and glue.words[1] in persons
    return plural and then and (glue.words[1].endswith("s") or glue.words[1] == "people")


def _two_kinds(
    atoms: Sequence[Atom], glues: Sequence[Glue], n: int, tokens: Sequence[Token], closes: bool
) -> bool:
    """``rare items and films``: plural nouns that name kinds of different facts; not what somebody
    has: ``with braces and implants``.
    """
    one, two = atoms[n - 1], atoms[n]
    ends = [tokens[a.end - 1].text.endswith("s") and bool(a.values) for a in (one, two)]
    if any(g.marker for g in glues[1 : n + 1]):
        return False
    had = {"with", "without", "having", "have", "has"} & {*glues[n - 1].words, *glues[n].words}
    plain = set(glues[n].words) <= {"and", ","} or (closes and glues[n].words[-1:] == ("and",))
    return one.path != two.path and ends[1] and (ends[0] or closes) and plain and not had


def _refuse_open_end(atoms: Sequence[Atom], glues: Sequence[Glue], n: int, noun: int) -> None:
    """``A customers and B customers with X``: X may be about both."""
    follows = n + 1 < len(atoms) and glues[n + 1].link == "tight"
    if follows and atoms[n + 1].start > noun:
        text = "Does what comes last hold for all of the things before it?"
        raise Unclear(Question(text + " Say it in two sentences.", about="reading"))


def _said_again(glue: Glue, persons: frozenset[str]) -> set[str]:
    """Roots of the nouns right after `and`: ``and all students on an exchange``."""
    after = glue.words[glue.words.index("and") + 1 :][:2] if "and" in glue.words else ()
    return {root(w) for w in after if w in persons and w.endswith("s")}


def clause_verb(glue: Glue) -> bool:
    """Whether a verb opens a clause of its own: not in ``and everybody who is …``."""
    cut = next((n for n, w in enumerate(glue.words) if w in _RELATIVE), len(glue.words))
    after = glue.words.index("and") if "and" in glue.words else cut
    if after > cut:
        return glue.verb
    return bool(VERBS & set(glue.words[:cut]))


def _noun_of(
    atoms: Sequence[Atom], n: int, tokens: Sequence[Token], persons: frozenset[str]
) -> int | None:
    """Where the plural noun is that ends the noun phrase of a fact: its last word, or the next.

    Other facts may stand before it: ``international PhD students``.
    """
    for a, b in zip(atoms[n:], (*atoms[n + 1 :], None), strict=True):
        if _is(tokens[a.end - 1], persons):
            return a.end - 1
        if b is None or b.start != a.end:
            return a.end if a.end < len(tokens) and _is(tokens[a.end], persons) else None
    return None


def _is(token: Token, persons: frozenset[str]) -> bool:
    return token.low in persons and (token.low.endswith("s") or token.low == "people")
