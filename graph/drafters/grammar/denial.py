"""Which conditions of a row a negation denies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from graph.drafters.base import Question
from graph.drafters.grammar.atoms import Atom, Unclear, negate
from graph.drafters.grammar.given import option
from graph.drafters.grammar.glue import VERBS, Glue, glue_of, negates
from graph.drafters.grammar.lexicon import DENYING, NEGATED
from graph.drafters.grammar.words import Token, prefix_of

ALL, TOGETHER = "all absent", "together"
_ABSENT = Question(
    "Must all of these be absent, or is it enough that one of them is?",
    (ALL, "one is enough"),
    about="reading",
)


def signed(
    atoms: list[Atom],
    glues: Sequence[Glue],
    tokens: Sequence[Token],
    end: int,
    used: frozenset[int],
) -> list[Atom]:
    """Applies each negation to the atom it stands before, inside of or after."""
    turns = [0] * len(atoms)
    for n, atom in enumerate(atoms):
        inside = [
            i for i in range(atom.start, atom.end) if i not in used and tokens[i].low in NEGATED
        ]
        turns[n] += len(inside) + (prefix_of(tokens, atom.start) is not None)
        glue = glues[n]
        if not glue.negations:
            continue
        if "none" in glue.words and "for" in glue.words:
            continue
        if n and _closes(glue):
            _refuse_bare(glue.words)
            _refuse_deed(atoms[n - 1], glue.words)
            turns[n - 1] += glue.negations
        elif not n and _closes(glue) and {"and", "or", "but"} & set(glue.words):
            text = "Something is denied before the first condition I know. What is it?"
            raise Unclear(Question(text, about="missing"))
        else:
            _refuse_predicate(glue.words)
            _refuse_never_had(atom, glue.words)
            turns[n] += glue.negations
            if _is_stacked(atoms, glues, n):
                option(_stacked(atoms, n, tokens))
                turns[n + 1] += glue.negations
            if {"except", "excluding", "besides", "than", "outside"} & set(glue.words):
                _carry_over_values(atoms, glues, n, turns)
            else:
                _carry(
                    atoms, with_inner_verbs(atoms, glues, tokens, used), n, turns, glue.negations
                )
    if atoms:
        tail = glue_of(tokens, atoms[-1].end, end, used)
        denials = sum(1 for w in tail.words if w == "not")
        points_back = {"those", "these", "them"} & set(tail.words)
        if DENYING & set(tail.words) - {"not"} and not points_back:
            text = "Something is denied after the last condition I know. What is it?"
            raise Unclear(Question(text, about="missing"))
        if denials:
            _refuse_bare(tail.words)
            _refuse_deed(atoms[-1], tail.words)
        turns[-1] += denials
    for n in (n for n, t in enumerate(turns) if t > 1 or (t and atoms[n].negative)):
        said = " ".join(t.text for t in tokens[atoms[n].start : atoms[n].end])
        text = f"Is `{said}` meant to hold, or not to hold?"
        chosen = option(Question(text, ("to hold", "not to hold"), about="reading"))
        turns[n] = int((chosen == "not to hold") != atoms[n].negative)
    return [negate(a) if turns[n] else a for n, a in enumerate(atoms)]


def denied_lists(
    atoms: Sequence[Atom], turned: Sequence[Atom], glues: Sequence[Glue], tokens: Sequence[Token]
) -> list[Glue]:
    """The glues, with those of a denied list as the author says: all absent, or one of them."""
    out = list(glues)
    for k in range(1, len(atoms)):
        if glues[k - 1].negations and _is_stacked(atoms, glues, k - 1):
            together = option(_stacked(atoms, k - 1, tokens)) == TOGETHER
            out[k] = replace(glues[k], link="or") if together else glues[k]
        listed = glues[k].link in ("or", "comma") and not glues[k].negations
        listed = listed and not {"if", "when"} & set(glues[k].words)
        denied = turned[k] != atoms[k] and turned[k - 1] != atoms[k - 1]
        if listed and denied and atoms[k].path != atoms[k - 1].path and not _is_neither(glues, k):
            both = option(_ABSENT) == ALL
            out[k] = replace(glues[k], link="and") if both else glues[k]
    return out


def _is_neither(glues: Sequence[Glue], k: int) -> bool:
    return "nor" in glues[k].words and any("neither" in g.words for g in glues[:k])


def _is_stacked(atoms: Sequence[Atom], glues: Sequence[Glue], n: int) -> bool:
    """``other than a small calm dog``: a denial before two words of one thing."""
    return n + 1 < len(atoms) and glues[n + 1].link == "tight" and not glues[n + 1].words


def _stacked(atoms: Sequence[Atom], n: int, tokens: Sequence[Token]) -> Question:
    """Are both denied, or is it the two together?"""
    both = " ".join(t.text for t in tokens[atoms[n].start : atoms[n + 1].end])
    text = f"Is it `{both}` together that is denied, or each of them?"
    return Question(text, (TOGETHER, "each of them"), about="reading")


def _refuse_never_had(atom: Atom, words: Sequence[str]) -> None:
    """``who never had an X``: X is said of what happened before, not of this case."""
    if atom.values and {"never"} & set(words) and {"had", "received", "done"} & set(words):
        text = "Is this about what happened before? I know no fact for that."
        raise Unclear(Question(text + " Which fact do you mean?", about="missing"))


def _refuse_predicate(words: Sequence[str]) -> None:
    """``…, not required for teachers``: a second outcome, not a condition that fails."""
    first = next(k for k in range(len(words)) if negates(words, k))
    if {"required", "needed", "necessary", "allowed", "permitted"} & set(words[first:]):
        text = "Which outcome holds for which? Say each in a sentence of its own."
        raise Unclear(Question(text, about="reading"))


def _refuse_bare(words: Sequence[str]) -> None:
    """``…; teachers don't``: says that something shall not happen, not that a fact is absent."""
    last = max(k for k, w in enumerate(words) if w in NEGATED)
    following = words[last + 1 : last + 2]
    if not following or following[0] in (",", ";", ".", "and", "or", "but", ")", "if", "when"):
        raise Unclear(
            Question(
                "A part ends in `not`. What should not happen? Say it in a sentence of its own.",
                about="missing",
            )
        )


def _refuse_deed(atom: Atom, words: Sequence[str]) -> None:
    """``charities don't pay``: says what some do not do, not that they are others."""
    for verb, sign, deed in zip(words, words[1:], words[2:], strict=False):
        if atom.values and verb in _DO and sign == "not" and deed not in _HOLDS and deed.isalpha():
            text = f"What should not happen: what is meant by `not {deed}`? Say what is decided."
            raise Unclear(Question(text, about="missing"))


_DO = frozenset(["do", "does", "did", "will", "shall", "would", "can", "may", "must", "should"])
_HOLDS = frozenset(["apply", "hold", "exist", "count", "matter", "be", "have"])
"""Verbs that say no more of a value than that it is so."""


def _closes(glue: Glue) -> bool:
    """``A is not required, and B``: the negation comes before the joint."""
    joints = [
        k
        for k, w in enumerate(glue.words)
        if w in ("and", "or", ",", "but", ";", "if", "when", "with")
    ]
    nots = [k for k in range(len(glue.words)) if negates(glue.words, k)]
    return bool(joints and nots) and max(nots) < min(joints)


def neither(glues: Sequence[Glue]) -> list[Glue]:
    """``neither A nor B``: both are denied, so both must fail."""
    out: list[Glue] = []
    open_pair = False
    for g in glues:
        if "neither" in g.words:
            open_pair = True
        out.append(replace(g, link="and") if open_pair and "nor" in g.words else g)
    return out


def _carry_over_values(
    atoms: Sequence[Atom], glues: Sequence[Glue], n: int, turns: list[int]
) -> None:
    """``except A, B and C``: all the values of the list."""
    k = n + 1
    while (
        k < len(atoms)
        and atoms[k].path == atoms[n].path
        and glues[k].link != "tight"
        and not glues[k].negations
    ):
        if glues[k].comma and glues[k].link == "or" and k == n + 1:
            return
        turns[k] += 1
        k += 1


def with_inner_verbs(
    atoms: Sequence[Atom], glues: Sequence[Glue], tokens: Sequence[Token], used: frozenset[int]
) -> list[Glue]:
    """A condition with a verb of its own (``the level is over 3``) begins a new clause."""
    out: list[Glue] = []
    for a, g in zip(atoms, glues, strict=True):
        inside = any(tokens[i].low in VERBS for i in range(a.start, a.end) if i not in used)
        inside = inside or any(tokens[i].stem == "be" for i in range(a.start + 1, a.end))
        out.append(replace(g, verb=g.verb or inside))
    return out


def _carry(
    atoms: Sequence[Atom], glues: Sequence[Glue], n: int, turns: list[int], count: int
) -> None:
    """``no A or B``, ``without A or B``: the negation holds for the whole list."""
    k = n + 1
    while (
        k < len(atoms)
        and glues[k].link in ("or", "comma")
        and not (glues[k].verb and "nor" not in glues[k].words)
        and not glues[k].negations
    ):
        if glues[k].link == "comma" and not any(g.link == "or" for g in glues[k + 1 :]):
            return
        if "neither" in glues[n].words and "nor" in glues[k].words:
            turns[k] += count
            k += 1
            continue
        if glues[k].marker or (glues[k].comma and glues[k].link == "or" and k == n + 1):
            return
        if atoms[k].path != atoms[n].path:
            option(_ABSENT)
        turns[k] += count
        k += 1
    if (
        k < len(atoms)
        and glues[k].link == "and"
        and not glues[k].verb
        and not glues[k].negations
        and not glues[k].marker
        and not glues[k].comma
        and "but" not in glues[k].words
    ):
        if atoms[k].path != atoms[n].path:
            raise Unclear(
                Question(
                    "Does `not` hold for the first of these alone, or for both?", about="reading"
                )
            )
        turns[k] += count
