"""From conditions in a row to one condition: and, or, lists, modifiers, negation."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from data.rulelang.ast import And, Compare, Condition, all_of, any_of
from graph.drafters.base import Question
from graph.drafters.grammar.atoms import Atom, Unclear, negate
from graph.drafters.grammar.english import LIGHT, PERSONS
from graph.drafters.grammar.lexicon import NEGATED
from graph.drafters.grammar.words import Token, prefix_not, prefix_of

Link = Literal["tight", "and", "or", "comma"]
_MARKERS = frozenset(
    [
        "of",
        "in",
        "on",
        "at",
        "by",
        "for",
        "with",
        "from",
        "who",
        "whose",
        "that",
        "which",
        "having",
        "without",
        "if",
        "when",
        "whenever",
        "where",
        "while",
        "during",
        "under",
        "to",
        "as",
        "is",
        "are",
        "was",
        "has",
        "have",
        "had",
        "into",
        "than",
        "been",
        "be",
        "get",
        "gets",
        "getting",
        "after",
        "before",
        "undergoing",
        "needing",
        "whose",
    ]
)
_VERBS = frozenset(
    [
        "is",
        "are",
        "was",
        "were",
        "has",
        "have",
        "had",
        "do",
        "does",
        "did",
        "be",
        "been",
        "can",
        "may",
        "must",
    ]
)


@dataclass(frozen=True, slots=True)
class Glue:
    """The words between two conditions, and what they say about how the two are joined."""

    words: tuple[str, ...]
    link: Link
    comma: bool
    marker: bool
    """The second belongs to the first: a preposition, a relative clause, a verb."""
    verb: bool
    negations: int


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
    glues = [_glue(tokens, b, a.start, used) for b, a in zip(begins, atoms, strict=True)]
    signed = _signed(list(atoms), glues, tokens, end, used)
    glues = _neither(glues)
    merged, kept = _merged(signed, _settled(atoms, glues))
    merged, kept = _own_modifier(merged, kept, tokens, chosen)
    part, _ = _list(merged, kept, 0, len(merged), persons)
    refuse_contradiction(part.condition)
    return part.condition


def _glue(tokens: Sequence[Token], start: int, end: int, used: frozenset[int]) -> Glue:
    words = tuple(
        "not" if t.low == "n't" else t.low
        for i, t in enumerate(tokens[start:end], start)
        if i not in used and not prefix_not(tokens, i)
    )
    joined = set(words)
    link: Link = "tight"
    if joined & {"or", "nor", "/"}:
        link = "or"
    elif joined & {"and", "but", "plus", "&", "+"} or "as well as" in " ".join(words):
        link = "and"
    elif joined & {",", ";", "•", "*", "\n"}:
        link = "comma"
    return Glue(words, link, bool(joined & {",", ";"}), bool(joined & _MARKERS),
                bool(joined & _VERBS),
                sum(1 for n in range(len(words)) if _negates(words, n)))  # fmt: skip


def _negates(words: Sequence[str], n: int) -> bool:
    if words[n] in ("except", "excluding", "besides"):
        return True
    if words[n] == "than":
        return n > 0 and words[n - 1] == "other"
    return words[n] in NEGATED


def _signed(
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
            turns[n - 1] += glue.negations
        elif not n and _closes(glue) and {"and", "or", "but"} & set(glue.words):
            text = "Something is denied before the first condition I know. What is it?"
            raise Unclear(Question(text, about="missing"))
        else:
            _refuse_predicate(glue.words)
            _refuse_stacked(atoms, glues, n, tokens)
            turns[n] += glue.negations
            if {"except", "excluding", "besides", "than"} & set(glue.words):
                _carry_over_values(atoms, glues, n, turns)
            else:
                _carry(
                    atoms, _with_inner_verbs(atoms, glues, tokens, used), n, turns, glue.negations
                )
    if atoms:
        tail = _glue(tokens, atoms[-1].end, end, used)
        denials = sum(1 for w in tail.words if w == "not")
        if denials:
            _refuse_bare(tail.words)
        turns[-1] += denials
    if any(t > 1 for t in turns):
        n = next(n for n, t in enumerate(turns) if t > 1)
        said = " ".join(t.text for t in tokens[atoms[n].start : atoms[n].end])
        raise Unclear(
            Question(
                f"Is `{said}` meant to hold, or not to hold?",
                ("to hold", "not to hold"),
                about="reading",
            )
        )
    return [negate(a) if turns[n] else a for n, a in enumerate(atoms)]


def _refuse_stacked(
    atoms: Sequence[Atom], glues: Sequence[Glue], n: int, tokens: Sequence[Token]
) -> None:
    """``other than a small calm dog``: are both denied, or is it the two together?"""
    if n + 1 < len(atoms) and glues[n + 1].link == "tight" and not glues[n + 1].words:
        both = " ".join(t.text for t in tokens[atoms[n].start : atoms[n + 1].end])
        text = f"Is it `{both}` together that is denied, or each of them?"
        raise Unclear(Question(text, ("together", "each of them"), about="reading"))


def _refuse_predicate(words: Sequence[str]) -> None:
    """``…, not required for teachers``: a second outcome, not a condition that fails."""
    first = next(k for k in range(len(words)) if _negates(words, k))
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


def _closes(glue: Glue) -> bool:
    """``A is not required, and B``: the negation comes before the joint."""
    joints = [
        k
        for k, w in enumerate(glue.words)
        if w in ("and", "or", ",", "but", ";", "if", "when", "with")
    ]
    nots = [k for k in range(len(glue.words)) if _negates(glue.words, k)]
    return bool(joints and nots) and max(nots) < min(joints)


def _neither(glues: Sequence[Glue]) -> list[Glue]:
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


def _with_inner_verbs(
    atoms: Sequence[Atom], glues: Sequence[Glue], tokens: Sequence[Token], used: frozenset[int]
) -> list[Glue]:
    """A condition with a verb of its own (``the level is over 3``) begins a new clause."""
    out: list[Glue] = []
    for a, g in zip(atoms, glues, strict=True):
        inside = any(tokens[i].low in _VERBS for i in range(a.start, a.end) if i not in used)
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
        and not glues[k].verb
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
            raise Unclear(
                Question(
                    "Must all of these be absent, or is it enough that one of them is?",
                    ("all absent", "one is enough"),
                    about="reading",
                )
            )
        turns[k] += count
        k += 1
    if (
        k < len(atoms)
        and glues[k].link == "and"
        and not glues[k].verb
        and not glues[k].negations
        and not glues[k].marker
        and not glues[k].comma
    ):
        if atoms[k].path != atoms[n].path:
            raise Unclear(
                Question(
                    "Does `not` hold for the first of these alone, or for both?", about="reading"
                )
            )
        turns[k] += count


def _settled(atoms: Sequence[Atom], glues: Sequence[Glue]) -> list[Glue]:
    """A comma means what the next joint of its list says.

    A joint between values of one fact says nothing of a comma before the first of them.
    """
    out: list[Glue] = []
    for n, g in enumerate(glues):
        if g.link == "comma" and n:
            k = next((k for k in range(n + 1, len(glues)) if glues[k].link in ("and", "or")), None)
            apart = (
                k is not None
                and atoms[n - 1].path != atoms[n].path
                and glues[n - 1].link != "comma"
                and any(x.marker or x.verb for x in glues[:n])
                and all(a.path == atoms[n].path and a.values for a in atoms[n : k + 1])
                and not any(x.link in ("comma", "or") for x in glues[k + 1 :])
            )
            out.append(g if k is None or apart else replace(g, link=glues[k].link))
        else:
            out.append(g)
    return out


def _merged(atoms: list[Atom], glues: Sequence[Glue]) -> tuple[list[Atom], list[Glue]]:
    """Joins neighbouring values of one attribute: ``MRI, CT or PET`` is one condition."""
    out: list[Atom] = []
    kept: list[Glue] = []
    for n, atom in enumerate(atoms):
        last = out[-1] if out else None
        glue = glues[n]
        joined = _listed(atoms, glues, n)
        modified = n + 1 < len(glues) and glues[n + 1].link == "tight" and glues[n + 1].marker
        anew = glue.comma and bool({"a", "an"} & set(glue.words)) and modified
        if last and last.condition == atom.condition:
            out[-1] = replace(last, tokens=last.tokens | atom.tokens)
            continue
        if last and joined == "and" and last.negative and n and "nor" in glue.words:
            joined = "or"
        if (
            last
            and joined
            and not anew
            and last.path == atom.path
            and last.values
            and atom.values
            and last.negative == atom.negative
        ):
            out[-1] = _join(last, atom, glue.link == "and" or last.union or joined == "and")
        else:
            out.append(atom)
            kept.append(glue)
    return out, kept


def _own_modifier(
    atoms: list[Atom], glues: list[Glue], tokens: Sequence[Token], chosen: Sequence[str]
) -> tuple[list[Atom], list[Glue]]:
    """``guests or students under 12``: asks whether the limit is the last one's alone."""
    for n in range(len(atoms) - 1):
        several, modifier = atoms[n], glues[n + 1]
        if (
            len(several.values) < 2
            or several.negative
            or modifier.link != "tight"
            or several.path == atoms[n + 1].path
        ):
            continue
        personal = {"with", "without", "who", "aged"} & set(modifier.words)
        bare = (
            not modifier.words
            and isinstance(atoms[n + 1].condition, Compare)
            and not atoms[n + 1].values
        )
        if not (personal or bare) or modifier.comma:
            continue
        last = _listing(several)[-1]
        said = " ".join(t.text for t in tokens[atoms[n + 1].start : atoms[n + 1].end])
        both, alone = "for all of them", f"only for {last}"
        if both in chosen or any("all" in c or "both" in c for c in chosen):
            return atoms, glues
        if alone in chosen or any(c.lower().startswith("only") for c in chosen):
            return _split_last(atoms, glues, n)
        text = f"Does `{said}` hold for all of {_and_words(_listing(several))}, or only for {last}?"
        raise Unclear(Question(text, (both, alone), about="reading"))
    return atoms, glues


def _split_last(atoms: list[Atom], glues: list[Glue], n: int) -> tuple[list[Atom], list[Glue]]:
    values = _listing(atoms[n])
    rest, last = values[:-1], values[-1]
    path, tokens = atoms[n].path, atoms[n].tokens
    first = Compare(path, "is one of", rest) if len(rest) > 1 else Compare(path, "is", values[0])
    pieces = [
        Atom(first, tokens, path, frozenset(rest), union=True),
        Atom(
            all_of(Compare(path, "is", last), atoms[n + 1].condition),
            tokens | atoms[n + 1].tokens,
            path,
        ),
    ]
    joint = Glue(("or",), "or", False, False, False, 0)
    return [*atoms[:n], *pieces, *atoms[n + 2 :]], [*glues[: n + 1], joint, *glues[n + 2 :]]


def _and_words(words: Sequence[str]) -> str:
    return ", ".join(words[:-1]) + " and " + words[-1]


def _listed(atoms: Sequence[Atom], glues: Sequence[Glue], n: int) -> Link | None:
    if n == 0 or glues[n].link == "tight":
        return None
    return glues[n].link


def _join(a: Atom, b: Atom, union: bool) -> Atom:
    values = tuple(dict.fromkeys((*_listing(a), *_listing(b))))
    op = "is none of" if a.negative else "is one of"
    condition = Compare(a.path, op, values)
    return Atom(condition, a.tokens | b.tokens, a.path, a.values | b.values, a.negative, union)


def _listing(atom: Atom) -> tuple[str, ...]:
    value = atom.condition.value if isinstance(atom.condition, Compare) else ()
    return tuple(str(v) for v in value) if isinstance(value, tuple) else (str(value),)


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
    opening = set(glues[i].words)
    again = set(glues[k].words)
    repeated = ({"if", "when", "for"} & opening) & again
    return bool(repeated) or bool(persons & opening and persons & again)


def _shared_head(parts: list[Part], links: Sequence[Glue]) -> list[Part]:
    """``pregnant or breastfeeding PET patients``: PET belongs to both."""
    if len(parts) < 2 or any(len(p.atoms) != 1 for p in parts[:-1]) or len(parts[-1].atoms) != 2:
        return parts
    if any(g.marker or g.verb for g in links):
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
    opened = next((n for n, g in enumerate(links) if "either" in g.words), None)
    bare = [n for n, g in enumerate(links) if g.link == "comma"]
    if bare and len(bare) < len(links):
        cut = bare[0]
        left = _joined(parts[: cut + 1], links[:cut], persons, opening)
        right = _joined(parts[cut + 1 :], links[cut + 1 :], persons, opening)
        return Part(all_of(left.condition, right.condition), atoms)
    if len(set(kinds)) > 1 and opened is not None:
        inner = _joined(parts[opened + 1 :], links[opened + 1 :], persons, opening)
        return _joined([*parts[: opened + 1], inner], links[: opened + 1], persons, opening)
    if len(set(kinds)) > 1:
        return _by_commas(parts, links, kinds, persons, opening)
    conditions = [p.condition for p in parts]
    alternatives = kinds[0] == "or" or _only_apart(parts, links, persons, opening)
    return Part(any_of(*conditions) if alternatives else all_of(*conditions), atoms)


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


INDEFINITE = frozenset(
    ["anyone", "anybody", "everyone", "everybody", "those", "people", "someone", "somebody"]
)


def _anew(opening: frozenset[str], glue: Glue, persons: frozenset[str]) -> bool:
    """``for A and for B``, ``patients with A and patients with B`` speak of more cases.

    So do ``none for B`` and, after a noun for those it is about, ``A parcels and B``.
    """
    if {("and", "when"), ("and", "whenever")} & set(itertools.pairwise(glue.words)):
        text = "Must both hold at once, or is one of them enough?"
        raise Unclear(Question(text, ("both at once", "one is enough"), about="reading"))
    if glue.link != "and" or glue.verb or "and" not in glue.words:
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
    if INDEFINITE & set(again[:2]):
        return True
    said_before = persons & (opening | set(before))
    return bool(said_before) and bool(persons & set(again[:2]))


def _only_apart(
    parts: Sequence[Part], links: Sequence[Glue], persons: frozenset[str], opening: frozenset[str]
) -> bool:
    """`and` between things that cannot hold together lists alternatives: ``women over 40 and men
    over 50``.
    """
    if any(p.union for p in parts) and all(g.link == "and" for g in links):
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


def refuse_contradiction(condition: Condition) -> None:
    if any(not values for values in _required(condition).values()):
        raise Unclear(
            Question(
                "These conditions cannot all hold at once. Which of them do you mean?",
                about="reading",
            )
        )


def person_words(entity_roots: frozenset[str], tokens: Sequence[Token]) -> frozenset[str]:
    """Words of this message that stand for people or for the things requests are about."""
    return frozenset(
        t.low
        for t in tokens
        if t.low in PERSONS or t.stem in PERSONS or (t.root in entity_roots and t.low.endswith("s"))
    )


def light_verb(token: Token) -> bool:
    """A verb that carries no meaning of its own."""
    return token.stem in LIGHT


def unsigned(atom: Atom) -> Atom:
    """The atom as if nothing negated it."""
    return negate(atom) if atom.negative else replace(atom)
