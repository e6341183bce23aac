"""Each `or`, `nor` and `but` of a message is read once, or asked about."""

from __future__ import annotations

import itertools
from collections.abc import Sequence, Set
from dataclasses import replace

from data.rulelang.ast import Compare
from graph.drafters.base import Question
from graph.drafters.grammar.atoms import Atom, Unclear
from graph.drafters.grammar.given import one_is_enough, option
from graph.drafters.grammar.glue import Glue
from graph.drafters.grammar.lexicon import NEGATED
from graph.drafters.grammar.words import Token

_READ_ONCE = frozenset(["or", "nor", "but"])
_JOINTS = frozenset(["and", "or", "nor", "but", *NEGATED])
_PRONOUNS = frozenset(["he", "she", "his", "her", "him", "hers"])
_RELATIVE = frozenset(["who", "that", "which"])
_PERHAPS = frozenset(["may", "might", "could"])
NOBODY = frozenset(["nothing", "nobody", "none", "one", "no"])
_ALL_OF = frozenset(["for", "those", "all", "any", "anyone", "everyone", "everybody", "anything"])


def between(atoms: Sequence[Atom]) -> frozenset[int]:
    """Places between neighbouring conditions: their joints say how the two are joined."""
    pairs = itertools.pairwise(atoms)
    return frozenset(i for a, b in pairs for i in range(a.end, b.start))


def refuse_unread(tokens: Sequence[Token], read: Set[int]) -> None:
    """An `or` or `but` that joins no two things known would be lost."""
    for i, token in enumerate(tokens):
        beside = {t.low for t in tokens[max(0, i - 1) : i + 2]}
        if token.low in _READ_ONCE and i not in read and len(beside & _PRONOUNS) < 2:
            text = f"What does `{token.text}` join here? Say each case in a sentence of its own."
            raise Unclear(Question(text, about="reading"))


def refuse_straddling(atoms: Sequence[Atom], tokens: Sequence[Token]) -> None:
    """``fewer than 3 renewals and no reservations``: an amount is not about what comes after a
    joint.
    """
    for atom in atoms:
        value = atom.condition.value if isinstance(atom.condition, Compare) else True
        if isinstance(value, (bool, str)) or atom.values:
            continue
        inside = [i for i in range(atom.start, atom.end) if i not in atom.tokens]
        if any(tokens[i].low in _JOINTS for i in inside):
            words = " ".join(t.text for t in tokens[atom.start : atom.end])
            raise Unclear(Question(f"What is meant by `{words}`?", about="reading"))


def opens_choice(words: Sequence[str]) -> bool:
    """``either A or B``, ``one of these is true: A or B``."""
    return "either" in words or _one_of_them(words)


def _one_of_them(words: Sequence[str]) -> bool:
    pairs = set(itertools.pairwise(words))
    return "one" in words and bool({("of", "these"), ("of", "the")} & pairs)


def one_of(glues: Sequence[Glue]) -> list[Glue]:
    """``one of these is true: A, B, C``: the commas of the list mean `or`."""
    at = next((n for n, g in enumerate(glues) if _one_of_them(g.words)), len(glues))
    rest = glues[at + 1 :]
    if not rest or any(g.link == "or" for g in rest):
        return [*glues]
    if any(g.link == "and" for g in rest):
        text = "Is one of these enough, or must all of them hold?"
        options = ("one is enough", "all of them")
        if option(Question(text, options, about="reading")) == options[1]:
            return [*glues]
    listed = [replace(g, link="or") if g.link in ("comma", "and") else g for g in rest]
    return [*glues[: at + 1], *listed]


def refuse_open(glues: Sequence[Glue]) -> None:
    """``all over 65 but for those on X``, ``with or without X``, ``or without if X``."""
    for glue in glues:
        words = glue.words
        for k, word in enumerate(words[:-1]):
            if word == "but" and words[k + 1] in _ALL_OF and not glue.negations:
                text = "Is what follows `but` an exception? Say it in a sentence of its own."
                raise Unclear(Question(text, about="reading"))
            if word in NOBODY and words[k + 1] == "but":
                text = "Does this hold for what follows `but` alone? Say it with `only`."
                raise Unclear(Question(text, about="reading"))
            if word in NEGATED and words[k + 1] in ("if", "when"):
                text = f"`{word}` what? Say that case in a sentence of its own."
                raise Unclear(Question(text, about="missing"))
        if {("or", ","), ("and", ",")} & set(itertools.pairwise(words)):
            text = "Which of these conditions belong together? Say each in a sentence of its own."
            raise Unclear(Question(text, about="reading"))
        pairs = set(zip(words, words[1:], words[2:], strict=False))
        if any(a in _RELATIVE and b in _PERHAPS and c == "be" for a, b, c in pairs):
            text = "Does this hold where it is not certain, too? Say what is known then."
            raise Unclear(Question(text, about="reading"))
        if words[-2:] == ("with", "or") or words[-3:] == ("with", "or", "without"):
            text = "With or without: does it matter here? Leave it out if it does not."
            raise Unclear(Question(text, about="reading"))


def refuse_shared_head(
    atoms: Sequence[Atom], glues: Sequence[Glue], tokens: Sequence[Token], persons: Set[str]
) -> None:
    """``a bicycle over 20 kg, or stolen, …``: what is joined says no noun of its own, so the
    noun at the beginning may hold for it, too.
    """
    head = len(atoms) > 2 and atoms[0].values and glues[1].link == "tight" and not atoms[1].values
    if not head or atoms[0].negative or glues[1].marker:
        return
    for atom, glue in zip(atoms[2:], glues[2:], strict=True):
        if glue.link == "tight":
            return
        last = tokens[atom.end - 1].low
        own = atom.values or last.endswith("s") or last in persons or persons & set(glue.words)
        if glue.words in (("or",), (",", "or")) and not own and atom.path != atoms[1].path:
            text = "Does the beginning hold for all of these cases, or only for the first?"
            raise Unclear(Question(text + " Say each in a sentence of its own.", about="reading"))


def _counts(atom: Atom) -> bool:
    """A limit of a number."""
    limit = atom.condition
    return isinstance(limit, Compare) and not isinstance(limit.value, bool | str | tuple)


def nouns_beside(
    atoms: Sequence[Atom], glues: Sequence[Glue], tokens: Sequence[Token], persons: Set[str]
) -> list[Glue]:
    """``members under 18 and visitors``: others, or members who are visitors? The author says."""
    out = list(glues)
    opening = glues[0].words if glues else ()
    led = bool(opening) and opening[-1] in persons
    if not atoms or not (atoms[0].values or persons & set(opening)):
        return out
    for n, (atom, glue) in enumerate(zip(atoms, glues, strict=True)):
        before = atoms[:n]
        spoken = any(g.marker or g.verb for g in glues[:n])
        limited = (
            bool(before) and not before[-1].values and all(a.path != atom.path for a in before)
        )
        noun = tokens[atom.end - 1].low.endswith("s")
        anew = glue.words == (",", "and") and bool(n) and glues[n - 1].marker
        counted = glue.words == ("and",) and bool(atom.values) and bool(n) and _counts(before[-1])
        anew = anew or (counted and glues[n - 1].marker)
        beside = glue.words == ("and",) and not spoken and (led or bool(atoms[0].values))
        if noun and limited and (anew or beside):
            out[n] = replace(glue, anew=one_is_enough())
    return out
