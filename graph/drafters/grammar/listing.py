"""Lists of values: what their commas mean, and values of one fact as one condition."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

from data.rulelang.ast import Compare, all_of
from graph.drafters.base import Question
from graph.drafters.grammar.atoms import Atom, Unclear
from graph.drafters.grammar.glue import Glue, Link
from graph.drafters.grammar.words import Token

_DESCRIBING = frozenset(["in", "on", "with", "without", "under", "over", "above", "below", "from"])
"""Words that go on describing the noun said before: ``or with a card``."""


def settled(atoms: Sequence[Atom], glues: Sequence[Glue]) -> list[Glue]:
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
                and not any(
                    glues[j].link in ("comma", "or")
                    and not (g.verb and atoms[j].path == atoms[j - 1].path)
                    for j in range(k + 1, len(atoms))
                )
            )
            out.append(g if k is None or apart else replace(g, link=glues[k].link))
        else:
            out.append(g)
    return out


def merged(atoms: list[Atom], glues: Sequence[Glue]) -> tuple[list[Atom], list[Glue]]:
    """Joins neighbouring values of one attribute: ``MRI, CT or PET`` is one condition."""
    out: list[Atom] = []
    kept: list[Glue] = []
    for n, atom in enumerate(atoms):
        last = out[-1] if out else None
        glue = glues[n]
        joined = _listed(atoms, glues, n)
        modified = n + 1 < len(glues) and glues[n + 1].link == "tight" and glues[n + 1].marker
        bare = n + 1 < len(glues) and glues[n + 1].link == "tight"
        owned = n > 1 and glues[n - 1].link == "tight" and atoms[n - 2].path != atom.path
        pair = bool({"and", "or"} & set(glue.words)) and not (n > 1 and glues[n - 1].comma)
        anew = glue.comma and bool({"a", "an"} & set(glue.words)) and modified
        ranked = {"any", "time"} <= set(glue.words) or {"always", "never"} & set(glue.words)
        ranked = ranked or any(w[0].isdigit() for w in glue.words)
        if last and last.path == atom.path and ranked:
            text = "Does what is said of the first hold for the last of these, too?"
            raise Unclear(Question(text + " Say each in a sentence of its own.", about="reading"))
        anew = anew or (glue.comma and pair and (owned or (bare and n == 1)))
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
            both = glue.link == "and" or last.union or joined == "and"
            out[-1] = _join(last, atom, both and not _one_of(kept[-1]))
        else:
            out.append(atom)
            kept.append(glue)
    return out, kept


def _one_of(opening: Glue) -> bool:
    """``is one of A and B``: the `and` only ends the list."""
    return ("one", "of") in itertools.pairwise(opening.words)


def describing(
    atoms: Sequence[Atom], glues: Sequence[Glue], tokens: Sequence[Token], persons: frozenset[str]
) -> list[Glue]:
    """``Medicaid patients over 80 or in a wheelchair``: what follows the noun is a list of its own,
    as long as a preposition begins its other items, and no other noun.
    """
    out = list(glues)
    for n in range(1, len(atoms) - 1):
        noun = bool(glues[n].words[-1:]) and glues[n].words[-1] in persons
        named = bool(atoms[n - 1].values) and not glues[n].words
        noun = noun or (named and tokens[atoms[n - 1].end - 1].low.endswith("s"))
        if not noun or glues[n].link != "tight" or glues[n].marker or atoms[n].values:
            continue
        spans = [(atoms[k - 1].end, atoms[k].start) for k in range(n + 1, len(atoms))]
        said = [{t.low for t in tokens[a : b + 1]} for a, b in spans]
        links = {g.link for g in glues[n + 1 :]}
        described = all(_DESCRIBING & words and not persons & words for words in said)
        if described and "or" in links and links <= {"or", "comma"}:
            out[n] = replace(glues[n], marker=True)
    return out


def refuse_described_head(
    atoms: Sequence[Atom], glues: Sequence[Glue], persons: frozenset[str]
) -> None:
    """``women over 40 or with X need Y for a Z``: X still describes the women."""
    named = len(atoms) > 2 and bool(atoms[0].values) and not atoms[1].values
    if not named or atoms[0].negative or glues[1].marker or glues[1].link != "tight":
        return
    for glue in glues[2:3]:
        after = [w for w in glue.words if w != ","]
        if (
            after[:1] == ["or"]
            and after[1:2]
            and after[1] in _DESCRIBING
            and not (persons & set(after))
        ):
            text = "Does the beginning hold for all of these cases, or only for the first?"
            raise Unclear(Question(text + " Say each in a sentence of its own.", about="reading"))


def own_modifier(
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
        again = {t.low for t in tokens[several.start : several.end]} & _EACH
        relative = bool(again) and bool({"that", "which"} & set(modifier.words))
        personal = personal or relative or _placed_in(atoms[n + 1], modifier)
        bare = (
            not modifier.words
            and isinstance(atoms[n + 1].condition, Compare)
            and not atoms[n + 1].values
        )
        if not (personal or bare) or modifier.comma:
            continue
        one = _one_phrase(several, tokens)
        if one is not None:
            return (atoms, glues) if one else _split_last(atoms, glues, n)
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


_BEFORE = frozenset(["on", "at", "in", "for", "from", "to", "with", "by", "a", "an"])


def _one_phrase(several: Atom, tokens: Sequence[Token]) -> bool | None:
    """Whether what follows describes the whole list: of ``a cat or dog`` it does, of ``on a
    Sunday or on a Saturday`` only the last; ``None`` where the words leave it open.
    """
    gaps = [i for i in range(several.start, several.end) if i not in several.tokens]
    lows = [tokens[i].low for i in gaps]
    if several.start == 0 or not {"or", "and", "nor"} & set(lows):
        return None
    first = tokens[several.start - 1].low
    joint = max(n for n, w in enumerate(lows) if w in ("or", "and", "nor"))
    again = set(lows[joint + 1 :]) & _BEFORE
    if first in ("a", "an"):
        return None if again else True
    return False if first in again else None


_EACH = frozenset(["every", "each", "any", "a", "an"])
"""Words that begin another noun phrase in a list: ``every A and every B that …``."""


def _placed_in(atom: Atom, glue: Glue) -> bool:
    """``inpatients and outpatients on stretchers``: what they are on or in is a fact of its own."""
    stated = isinstance(atom.condition, Compare) and isinstance(atom.condition.value, bool)
    return stated and glue.words[-1:] in (("on",), ("in",), ("under",))


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
