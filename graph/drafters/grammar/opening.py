"""What opens a sentence and ends at a comma frames all of it: ``At Northstar, A or B get …``."""

from __future__ import annotations

from collections.abc import Sequence, Set

from data.ontology import Ontology
from data.rulelang.ast import And, Compare, Condition, Or, all_of, any_of, conjuncts
from graph.drafters.base import Question
from graph.drafters.grammar.atoms import Atom, Unclear
from graph.drafters.grammar.cases import INDEFINITE
from graph.drafters.grammar.english import WEEKDAYS
from graph.drafters.grammar.given import option
from graph.drafters.grammar.glue import Glue
from graph.drafters.grammar.words import Token

_PLACES = ("at", "in", "from", "within", "outside", "throughout", "across")
_TIMES = ("on", "during", "after", "before", "since", "until")
_WHERE = frozenset([*_PLACES, *_TIMES])
_WHOM = frozenset(["for", "with", "of", "among"])
_STOPS = frozenset([".", ";", ":", "?", "!", "\n", "•", "*", "-"])
_NEW = frozenset(["a", "an", "the", "any", "every", "each", "all", "if", "when", "whenever"])


def frame_of(
    atoms: Sequence[Atom], glues: Sequence[Glue], tokens: Sequence[Token], start: int, end: int,
    persons: Set[str],
) -> tuple[int, int] | None:  # fmt: skip
    """How many conditions the opening phrase holds, and the place of the comma that ends it.

    ``None`` where nothing opens the sentence so: the comma is then one of a list. Raises
    :class:`Unclear` where it can be either.
    """
    first = tokens[start].low
    day = bool(atoms) and any(tokens[i].low.removesuffix("s") in WEEKDAYS for i in atoms[0].tokens)
    day = day and (first in ("every", "each") or start in atoms[0].tokens)
    if not (day or first in _WHERE | _WHOM) or not _opens(tokens, start):
        return None
    cuts = [n for n in range(1, len(atoms)) if _ends(atoms, glues, n)]
    if not cuts or all(g.link in ("tight", "comma") for g in glues):
        return None
    if first in _WHOM:
        cuts = _after_whom(cuts, atoms, glues, tokens, end, persons)
    if not cuts:
        return None
    n = cuts[0]
    comma = max(i for i in range(atoms[n - 1].end, atoms[n].start) if tokens[i].low == ",")
    return n, comma


def _opens(tokens: Sequence[Token], start: int) -> bool:
    """At the beginning, after a sentence, or after an opening phrase: ``At A, on Mondays``."""
    return not start or tokens[start - 1].low in _STOPS | {","}


def _ends(atoms: Sequence[Atom], glues: Sequence[Glue], n: int) -> bool:
    """A comma without a joint, before a fact of which nothing was said so far."""
    said = {a.path for a in atoms[:n]}
    return glues[n].link == "comma" and "," in glues[n].words and atoms[n].path not in said


def _after_whom(
    cuts: Sequence[int], atoms: Sequence[Atom], glues: Sequence[Glue], tokens: Sequence[Token],
    end: int, persons: Set[str],
) -> list[int]:  # fmt: skip
    """``For A, B or C the fee is 5`` is a list; ``For A, those with B or C get …`` is none."""
    if end and "," in {tokens[end - 1].low, tokens[end].low if end < len(tokens) else ""}:
        return []
    out: list[int] = []
    for n in cuts:
        words = glues[n].words
        comma = words.index(",")
        after = set(words[comma + 1 :])
        whole = bool(words[:comma]) or tokens[atoms[n - 1].end - 1].low in persons
        if after & (_NEW | INDEFINITE):
            out.append(n)
        elif whole or after & persons:
            text = "Does what opens the sentence hold for all of it, or is it one of a list?"
            raise Unclear(Question(text + " Say it in two sentences.", about="reading"))
    if len(out) > 1:
        text = "Which of these hold at once? Say each case in a sentence of its own."
        raise Unclear(Question(text, about="reading"))
    return out


def places_of(ontology: Ontology) -> set[str]:
    """The facts that say where."""
    scopes = ontology.scopes
    return {scopes.path(level) for level in scopes.levels} if scopes else set()


def days_of(ontology: Ontology) -> set[str]:
    """The facts that say on which weekday."""
    facts = ontology.attributes.items()
    return {p for p, a in facts if a.values and all(v.lower() in WEEKDAYS for v in a.values)}


def with_place(condition: Condition, places: Set[str], days: Set[str], opened: str) -> Condition:
    """``over 80 at Northstar, or in a wheelchair``: a place or day said in some of several cases:
    does it hold for the others? A day alone may be a case: ``on Sundays or after 6 pm``. The same
    is asked of the fact that the sentence ``opened`` with. Returns the condition as answered.
    """
    if not isinstance(condition, And | Or):
        return condition
    inner = isinstance(condition, And)
    told_in = places | days if inner else places
    parts = [with_place(p, told_in, days, opened) for p in condition.parts]
    if inner:
        return all_of(*parts)
    told = [places | days if isinstance(p, And) else places for p in parts]
    placed = [bool(_demanded(p) & t) for p, t in zip(parts, told, strict=True)]
    framed = [opened in _demanded(p) for p in parts]
    if any(placed) and not all(placed):
        where = next(t for t, p in zip(told, placed, strict=True) if p)
        text = "Does the place or day hold for all of these cases, or only for some?"
        return _for_all(parts, where, text)
    if isinstance(parts[0], And) and framed[0] and not any(framed[1:]):
        text = "Does the beginning hold for all of these cases, or only for the first?"
        return _for_all(parts, frozenset([opened]), text)
    return any_of(*parts)


_ALL, _SOME = "for all of them", "only where it stands"


def _for_all(parts: Sequence[Condition], where: Set[str], text: str) -> Condition:
    """The cases, each where it was said or all of them there, as the author answers."""
    shared = dict.fromkeys(
        q for p in parts for q in conjuncts(p) if isinstance(q, Compare) and q.attribute in where
    )
    rest = [[q for q in conjuncts(p) if q not in shared] for p in parts]
    if not all(rest):
        text = f"{text} Say each in a sentence of its own."
        raise Unclear(Question(text, about="reading"))
    if option(Question(text, (_ALL, _SOME), about="reading")) == _SOME:
        return any_of(*parts)
    return all_of(*shared, any_of(*(all_of(*r) for r in rest)))


def _demanded(condition: Condition) -> set[str]:
    """The facts that a case asks for outright."""
    return {p.attribute for p in conjuncts(condition) if isinstance(p, Compare)}


def opened_with(atom: Atom, tokens: Sequence[Token], start: int) -> str:
    """The fact of place or time that a sentence opens with, or nothing."""
    said = tokens[start].low in _WHERE and _opens(tokens, start) and atom.start - start <= 2
    return atom.path if said else ""
