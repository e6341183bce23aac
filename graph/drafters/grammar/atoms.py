"""From phrases to single conditions: an attribute with its value, amount or negation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from data.ontology import Attribute, Decision, Ontology
from data.rulelang.ast import Compare, Condition, Not, Op, all_of, any_of
from graph.drafters.base import Question
from graph.drafters.grammar.english import (
    ALLOW,
    DETERMINERS,
    LIGHT,
    MONTH_COUNT,
    PERSONS,
    PREDICATE_WORDS,
    REQUIRE,
    SECONDS,
    WEEKDAYS,
)
from graph.drafters.grammar.lexicon import NEGATED, STATE_ROOTS, Lexicon
from graph.drafters.grammar.measures import fits, scale, typed
from graph.drafters.grammar.mentions import Mention
from graph.drafters.grammar.quantities import Quant
from graph.drafters.grammar.words import Token, root, tokenise


class Unclear(Exception):
    """The message cannot be read without an answer."""

    def __init__(self, question: Question, unplaced: tuple[str, ...] = ()) -> None:
        super().__init__(question.text)
        self.question = question
        self.unplaced = unplaced


@dataclass(frozen=True, slots=True)
class Atom:
    """One condition and the words it stands on."""

    condition: Condition
    tokens: frozenset[int]
    path: str
    values: frozenset[str] = frozenset()
    """Enum values it asks for, where it asks for some of one attribute."""
    negative: bool = False
    union: bool = False
    """Values were joined by `and` and can only be meant as alternatives."""

    @property
    def start(self) -> int:
        return min(self.tokens)

    @property
    def end(self) -> int:
        return max(self.tokens) + 1


NUMBER_OPS: Mapping[str, Op] = {
    "ge": "is at least", "le": "is at most", "gt": "is more than", "lt": "is less than", "eq": "is",
}  # fmt: skip
DATE_OPS: Mapping[str, Op] = {
    "ge": "is on or after", "le": "is on or before", "gt": "is after", "lt": "is before",
    "eq": "is",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stretch:
    """What stands in one stretch of condition."""

    mentions: tuple[Mention, ...]
    quants: tuple[Quant, ...]


def atoms_of(
    stretch: Stretch, tokens: Sequence[Token], lexicon: Lexicon
) -> tuple[tuple[Atom, ...], tuple[Quant, ...], tuple[Mention, ...]]:
    """Atoms in order of the words, and what found no use."""
    ontology = lexicon.ontology
    free = list(stretch.quants)
    atoms: list[Atom] = []
    waiting: list[Mention] = []
    valued = {m.ref.path for m in stretch.mentions if m.ref.kind == "value"}
    for m in _amounts_first(stretch.mentions, ontology):
        if m.ref.kind == "code":
            atoms += _code_atom(m, stretch, ontology)
            continue
        attribute = ontology.attributes[m.ref.path]
        if m.ref.kind == "value":
            atoms.append(_value_atom(m, attribute))
        elif attribute.type == "boolean":
            holds = Compare(attribute.path, "is", not m.denied)
            atoms.append(Atom(holds, m.tokens, attribute.path, negative=bool(m.denied)))
        elif attribute.type in ("integer", "decimal", "date", "time"):
            quant = _nearest(m, free, attribute)
            if quant is None:
                if is_count(attribute) and _has_some(m, tokens):
                    some = Compare(attribute.path, "is more than", 0)
                    atoms.append(Atom(some, m.tokens, attribute.path))
                else:
                    waiting.append(m)
                continue
            free.remove(quant)
            atoms.append(amount_atom(attribute, quant, m.tokens | quant.tokens))
        elif attribute.path not in valued:
            waiting.append(m)
    leftover: list[Quant] = []
    for quant in free:
        twin = _twin(quant, stretch.quants, atoms, tokens)
        day = _day_counted(quant, atoms, tokens)
        which = _which_such_day(ontology, day) if day else None
        attribute = None if twin else _by_unit(quant, atoms, tokens, lexicon)
        if day and which:
            again = amount_atom(which, quant, quant.tokens)
            both = _both(day, again, tokens)
            words = both.tokens | _of_month(tokens, day.end)
            atoms[atoms.index(day)] = replace(both, tokens=words, values=frozenset())
        elif twin:
            again = amount_atom(ontology.attributes[twin.path], quant, quant.tokens)
            atoms[atoms.index(twin)] = _both(twin, again, tokens)
        elif attribute:
            atoms.append(amount_atom(attribute, quant, quant.tokens))
        else:
            leftover.append(quant)
    unused: list[Mention] = []
    for m in waiting:
        atom = None if _by_label(m, tokens) else _named_only(m, ontology)
        if atom:
            atoms.append(atom)
        else:
            unused.append(m)
    return tuple(sorted(atoms, key=lambda a: a.start)), tuple(leftover), tuple(unused)


def _amounts_first(mentions: Iterable[Mention], ontology: Ontology) -> list[Mention]:
    return sorted(mentions, key=lambda m: m.start)


def _code_atom(m: Mention, stretch: Stretch, ontology: Ontology) -> list[Atom]:
    coded = [a for a in ontology.facts if a.type == "code"]
    named = [a for a in coded if any(x.ref.path == a.path for x in stretch.mentions)]
    chosen = named or coded
    if len(chosen) != 1:
        return []
    label = {i for x in stretch.mentions if x.ref.path == chosen[0].path for i in x.tokens}
    path = chosen[0].path
    return [
        Atom(Compare(path, "is", m.ref.value), m.tokens | label, path, frozenset([m.ref.value]))
    ]


def days_atom(attribute: Attribute, values: Sequence[str], tokens: frozenset[int]) -> Atom:
    """One of several values, said as one."""
    kept = tuple(v for v in attribute.values if v in values)
    said = Compare(attribute.path, "is one of", kept)
    return Atom(said, tokens, attribute.path, frozenset(kept))


def _value_atom(m: Mention, attribute: Attribute) -> Atom:
    if attribute.type == "enum" and "|" in m.ref.value and m.ref.value not in attribute.values:
        return days_atom(attribute, m.ref.value.split("|"), m.tokens)
    op: Op = "include" if attribute.type == "set" else "is"
    values = frozenset[str]() if attribute.type == "set" else frozenset([m.ref.value])
    return Atom(Compare(attribute.path, op, m.ref.value), m.tokens, attribute.path, values)


def is_count(attribute: Attribute) -> bool:
    """How many there are of something: ``no comments``, ``with overdue items``."""
    return attribute.type == "integer" and attribute.unit is None and attribute.min == 0


def _has_some(m: Mention, tokens: Sequence[Token]) -> bool:
    """``with overdue items``, ``no comments``: some are had; ``tickets that …`` speaks of them."""
    after = tokens[m.end].low if m.end < len(tokens) else ""
    named = m.exact or len(m.tokens) > 1
    if len(m.tokens) > 1 or after not in ("that", "which"):
        return named
    return bool({t.low for t in tokens[max(0, m.start - 3) : m.start]} & _HAVING)


_HAVING = frozenset(["with", "without", "has", "have", "had", "having", "no", "any", "are", "is"])


def _nearest(m: Mention, free: Sequence[Quant], attribute: Attribute) -> Quant | None:
    """The amount nearest to a number's name that fits its unit."""
    fitting = [q for q in free if fits(q, attribute) and _gap(m, q) <= 8]
    return min(fitting, key=lambda q: (_gap(m, q), q.start < m.start), default=None)


def _gap(m: Mention, q: Quant) -> int:
    if m.tokens & q.tokens or (m.start < q.end and q.start < m.end):
        return 0
    return q.start - m.end if q.start >= m.end else m.start - q.end


def amount_atom(attribute: Attribute, quant: Quant, tokens: frozenset[int]) -> Atom:
    """The fact compared with the amount; asks what a bare amount of a measure means."""
    factor = scale(quant, attribute) or Decimal(1)
    values = tuple(typed(a, attribute, factor) for a in quant.amounts)
    if attribute.type == "decimal":
        values = tuple(Decimal(v) if isinstance(v, int) else v for v in values)
    ops = DATE_OPS if attribute.type in ("date", "time") else NUMBER_OPS
    if quant.op == "between":
        return Atom(Compare(attribute.path, "is between", values), tokens, attribute.path)
    if quant.op == "eq" and attribute.type == "decimal" and not quant.firm:
        said = f"{attribute.label} {quant.amounts[0]}"
        options = (
            f"at least {quant.amounts[0]}",
            f"at most {quant.amounts[0]}",
            f"exactly {quant.amounts[0]}",
        )
        raise Unclear(
            Question(
                f"Does `{said}` mean at least, at most or exactly that?", options, about="value"
            )
        )
    return Atom(Compare(attribute.path, ops[quant.op], values[0]), tokens, attribute.path)


def _twin(
    quant: Quant,
    quants: Sequence[Quant],
    atoms: Sequence[Atom],
    tokens: Sequence[Token],
) -> Atom | None:
    """``before 8 am or at 6 pm or later``: the second amount is about what the first is about."""
    used = [q for q in quants if any(q.tokens <= a.tokens for a in atoms)]
    before = [q for q in used if q.end <= quant.start and q.kind == quant.kind]
    if not before or quant.kind not in ("number", "clock", "date"):
        return None
    last = before[-1]
    between = {tokens[i].low for i in range(last.end, quant.start) if i not in last.tokens}
    sides = {_SIDES.get(last.op, last.op), _SIDES.get(quant.op, quant.op)}
    if not between & {"or", "and"} or between - _AGAIN or quant.unit not in (None, last.unit):
        return None
    if sides not in ({"up", "down"}, {"eq"}, {"between"}):
        return None
    if "or" in between and any(t.low in NEGATED for t in tokens[max(0, last.start - 1) : last.end]):
        return None
    return next((a for a in atoms if last.tokens <= a.tokens), None)


_AGAIN = frozenset(
    [
        "or",
        "and",
        ",",
        "at",
        "on",
        "in",
        "from",
        "is",
        "are",
        "be",
        "it",
        "they",
        "he",
        "she",
        "who",
        "those",
        "either",
        "aged",
    ]
)
"""Words between two limits of one fact."""
_SIDES = {"ge": "up", "gt": "up", "le": "down", "lt": "down"}


def _both(first: Atom, second: Atom, tokens: Sequence[Token]) -> Atom:
    """Two limits of one fact are one condition, whatever stands beside them."""
    either = any(t.low == "or" for t in tokens[first.end : second.start])
    join = any_of if either else all_of
    words = frozenset(range(first.start, second.end)) if first.end <= second.start else first.tokens
    return replace(
        first, condition=join(first.condition, second.condition), tokens=words | second.tokens
    )


def _day_counted(quant: Quant, atoms: Sequence[Atom], tokens: Sequence[Token]) -> Atom | None:
    """``the fifth Saturday``: the one day of the week right after an ordinal.

    None where the day is one of a list: the ordinal may hold for the others, too.
    """
    if quant.kind != "ordinal" or quant.op != "eq":
        return None
    found = [a for a in atoms if a.start == quant.end and len(a.values) == 1]
    listed = {t.low for a in found for t in (*tokens[a.end : a.end + 1], tokens[quant.start - 1])}
    days = [a for a in found if next(iter(a.values)).lower() in WEEKDAYS]
    return days[0] if days and not listed & {"or", "and", ",", "/", "nor"} else None


def _of_month(tokens: Sequence[Token], i: int) -> frozenset[int]:
    """``of the month`` after the day."""
    lows = [t.low for t in tokens[i : i + 3]]
    said = len(lows) == 3 and lows[0] in ("of", "in") and lows[1] in DETERMINERS
    return frozenset(range(i, i + 3)) if said and lows[2] == "month" else frozenset()


def _which_such_day(ontology: Ontology, day: Atom) -> Attribute | None:
    """The one number beside the day of the week that says which such day of the month it is."""
    found = [
        a
        for a in ontology.facts
        if a.entity == ontology.attributes[day.path].entity
        and (a.type, a.min, a.max) == ("integer", 1, 5)
        and {"month", "nth"} & {t.low for n in (a.label, *a.synonyms) for t in tokenise(n)}
    ]
    return found[0] if len(found) == 1 else None


def _by_unit(
    quant: Quant, atoms: Sequence[Atom], tokens: Sequence[Token], lexicon: Lexicon
) -> Attribute | None:
    """The only number an amount without a name can be about."""
    if quant.kind in ("vague", "often", "ordinal", "date"):
        return None
    numbers = [a for a in lexicon.ontology.facts if a.type in ("integer", "decimal", "time")]
    if quant.unit and quant.unit not in SECONDS and quant.unit not in MONTH_COUNT:
        measured = [a for a in numbers if a.unit or a.type == "time"]
        fitting = [a for a in measured if fits(quant, a) and scale(quant, a) == 1]
        return fitting[0] if len(fitting) == 1 else None
    if quant.unit and quant.start and _stage(quant, tokens):
        same = [
            a
            for a in (*numbers, *lexicon.ontology.decisions.values())
            if a.unit == quant.unit and a.type in ("integer", "decimal")
        ]
        if len(same) == 1 and isinstance(same[0], Attribute) and fits(quant, same[0]):
            return same[0]
    if quant.unit not in (None, "years"):
        return None
    ages = [a for a in numbers if is_age(a, lexicon) and fits(quant, a)]
    ages = [a for a in ages if quant.of_age or _after_person(quant, atoms, tokens, a, lexicon)]
    in_years = [a for a in ages if a.unit == "years"]
    ages = in_years if len(ages) > 1 else ages
    if len(ages) == 1:
        _refuse_same_again(quant, atoms, tokens, ages[0], lexicon)
    return ages[0] if len(ages) == 1 else None


def _refuse_same_again(
    quant: Quant, atoms: Sequence[Atom], tokens: Sequence[Token], age: Attribute, lexicon: Lexicon
) -> None:
    """``users with a score below 45, or any user below 30``: the age, or the score again?"""
    if quant.unit or quant.of_age or "any" not in {t.low for t in tokens[: quant.start][-2:]}:
        return
    facts = lexicon.ontology.attributes
    before = [
        a
        for a in atoms
        if a.end <= quant.start
        and isinstance(a.condition, Compare)
        and a.condition.op == NUMBER_OPS[quant.op]
        and a.path not in (age.path, *_without_amount(facts))
    ]
    if before and quant.op != "eq":
        words = " ".join(tokens[i].text for i in sorted(quant.tokens))
        label = facts[before[-1].path].label
        text = f"Is `{words}` the {age.label} or the {label}? Say it in full."
        raise Unclear(Question(text, about="reading"))


def _without_amount(facts: Mapping[str, Attribute]) -> tuple[str, ...]:
    return tuple(p for p, a in facts.items() if a.type not in ("integer", "decimal"))


def _stage(quant: Quant, tokens: Sequence[Token]) -> bool:
    """``at 14 weeks``, ``from 14 weeks on``: how far something has come, not how long it takes."""
    words = {t.low for t in tokens[max(0, quant.start - 1) : quant.end]}
    return bool(words & {"at", "from"}) and not words & {"older", "younger", "every", "within"}


def is_age(attribute: Attribute, lexicon: Lexicon) -> bool:
    return any(
        n.ref.path == attribute.path
        and n.ref.kind == "attribute"
        and n.required == frozenset(["age"])
        for n in lexicon.by_root.get("age", ())
    )


def _after_person(
    quant: Quant, atoms: Sequence[Atom], tokens: Sequence[Token], age: Attribute, lexicon: Lexicon
) -> bool:
    """``women 40+``, ``patients over 65``: the words right before speak of who has that age."""
    bare_from = quant.op == "eq" and quant.start and tokens[quant.start - 1].low == "from"
    if bare_from or _counts_things(quant, tokens, lexicon):
        return False
    at = quant.start - 1
    steps = 0
    while (
        at > 0
        and steps < 3
        and tokens[at].low in ("of", "from", "are", "is", "and", "who", "be", ",", "was")
    ):
        at, steps = at - 1, steps + 1
    if at < 0:
        return False
    before = tokens[at]
    if tokens[quant.start - 1].stem == "be" and any(
        t.stem in PERSONS or _singular(t) == age.entity or t.low in ("he", "she", "they", "who")
        for t in tokens[max(0, quant.start - 9) : quant.start]
    ):
        return True
    no_one = before.low == "one" and at > 0 and tokens[at - 1].low == "no"
    if before.low == "nobody" or no_one:
        return True
    person = before.stem in PERSONS - _THINGS or before.low in PERSONS - _THINGS
    if person or _singular(before) == age.entity:
        return True
    return any(at in a.tokens and a.path.startswith(age.entity + ".") for a in atoms)


_THINGS = frozenset(["item", "thing", "object", "request", "case", "cases"])
"""Words for what has no age of a person."""


def _counts_things(quant: Quant, tokens: Sequence[Token], lexicon: Lexicon) -> bool:
    """``guests over 3 books``: the amount counts what is named right after it."""
    if quant.unit is not None or quant.end >= len(tokens):
        return False
    after = tokens[quant.end]
    named = after.root in lexicon.known_roots | lexicon.entity_roots
    return named and after.low.endswith("s") and after.root not in _VERBS


_VERBS = frozenset(map(root, REQUIRE | ALLOW | LIGHT | PREDICATE_WORDS))


def _singular(token: Token) -> str:
    return token.low.removesuffix("s")


def _by_label(m: Mention, tokens: Sequence[Token]) -> bool:
    """``the pregnancy status``, ``type of clip`` name the fact; they do not say there is one."""
    return any(tokens[i].root in STATE_ROOTS for i in m.tokens)


def _named_only(m: Mention, ontology: Ontology) -> Atom | None:
    """An enum named without a value: ``on dialysis`` means not `not on dialysis`."""
    attribute = ontology.attributes[m.ref.path]
    none = none_value(attribute)
    if attribute.type != "enum" or none is None:
        return None
    return Atom(Compare(attribute.path, "is not", none), m.tokens, attribute.path)


def none_value(term: Attribute | Decision) -> str | None:
    """The value that says there is none: ``no clip``, ``not on dialysis``, ``never``, ``none``."""
    found = [
        value
        for value, synonyms in term.values.items()
        if any(_says_none(text) for text in (value, *synonyms))
        and _about(value, term)
    ]  # fmt: skip
    return found[0] if len(found) == 1 else None


def _says_none(text: str) -> bool:
    words = [t.low for t in tokenise(text)]
    return words[0] in NEGATED or words == ["none"]


def _about(value: str, term: Attribute | Decision) -> bool:
    """Its words besides the negation are the attribute's own: not one particular thing denied."""
    words = {t.root for t in tokenise(value)} - {
        "no",
        "not",
        "none",
        "never",
        "without",
        "on",
        "any",
        "nev",
    }
    own = {t.root for text in (term.label, *term.synonyms) for t in tokenise(text)}
    return words <= own


def negate(atom: Atom) -> Atom:
    """The opposite condition on the same words."""
    match atom.condition:
        case Compare(path, "is", bool(value)):
            turned: Condition = Compare(path, "is", not value)
        case Compare(path, "is", value):
            turned = Compare(path, "is not", value)
        case Compare(path, "is not", value):
            turned = Compare(path, "is", value)
        case Compare(path, "is more than", 0):
            turned = Compare(path, "is at most", 0)
        case Compare(path, "is one of", value):
            turned = Compare(path, "is none of", value)
        case _:
            turned = Not(atom.condition)
    return replace(atom, condition=turned, negative=not atom.negative)
