"""Was it said? The word-by-word account of a rule that a model proposed.

Both ways: every content word of the message must have its place in the rule, and everything the
rule names must have been said. A model that is talked into something, by the message or by a
text of the pack, fails one of the two; then the author is asked, and there is no rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from itertools import chain

from data.index.words import COMMON, SEVERAL, content_words, folded, stem
from data.ontology.model import Attribute, CodeSets, Decision, Ontology
from data.rulelang.ast import (
    And,
    Compare,
    Concept,
    Condition,
    Contribute,
    Decide,
    Include,
    Known,
    LeaveToStaff,
    Modify,
    Not,
    Or,
    Outcome,
    Rule,
)
from data.rulelang.cells import compares_of, operands
from graph.describe import is_age
from graph.drafters.base import Answer, Placed
from graph.drafters.grammar import english as en

TOKEN = re.compile(r"[^\W_]+")
ORDINAL = re.compile(r"^(\d+)(?:st|nd|rd|th)$")
DATES = re.compile(r"\b\d{4}-\d{2}-\d{2}\b|\b\d{1,2}/\d{1,2}/\d{2,4}\b")
QUOTED = re.compile(r"`([^`]+)`")
YES = frozenset(["yes", "yes please", "correct", "right", "that is right", "ok", "it is", "sure"])
LEAVE = frozenset(
    ["leave it out", "leave them out", "ignore it", "ignore them", "nothing", "drop it"]
)
DROPS = ("drop", "remove", "without", "lose", "omit", "strip", "no")
STAFF = ("staff", "by hand", "manual", "manually", "a person", "a human")


def _stems(words: Iterable[str]) -> frozenset[str]:
    return frozenset(stem(w) for text in words for w in TOKEN.findall(folded(text)))


PLAIN = COMMON | _stems(
    chain(
        en.DETERMINERS, en.PRONOUNS, en.PERSONS, en.AUXILIARIES, en.PREPOSITIONS,
        en.MODALS_STRONG, en.LIGHT, en.FILLER, en.POLITE, en.CONNECTIVES, en.NEGATIONS, en.UNITS,
        (w for words, _ in en.BEFORE_NUMBER + en.AFTER_NUMBER for w in words),
        (w for words in en.COND_OPENERS + en.UNLESS_OPENERS + en.OTHERWISE for w in words),
        ("mandatory", "old", "older", "younger", "include", "adds", "modifier", "left", "leave"),
        ("between", "extra", "ahead", "tell", "told", "book", "booked", "order", "ordered"),
        ("schedule", "scheduled", "arrive", "note", "remind", "until", "onward"),
    )
)  # fmt: skip
"""Words of English that carry structure, not terms."""
NEGATION = _stems(en.NEGATIONS) | {"unless", "except", "other", "don", "doesn", "isn", "aren"}


@dataclass(frozen=True, slots=True)
class Word:
    """One word of the message."""

    start: int
    end: int
    text: str
    stem: str


@dataclass(frozen=True, slots=True)
class Term:
    """Something a rule names, and the ways in which people say it."""

    name: str
    ways: tuple[tuple[str, ...], ...]
    place: str
    required: bool = True
    texts: tuple[str, ...] = ()
    """The ways as they are written, small words and all."""


@dataclass(frozen=True, slots=True)
class Account:
    """What became of every word, and what nobody said."""

    placed: tuple[Placed, ...]
    unplaced: tuple[str, ...]
    invented: tuple[str, ...]
    """Names, numbers and codes of the rule that were not said."""
    doubts: tuple[str, ...]
    """Sentences about comparisons and negations that may have been misread."""


def account(
    message: str,
    rules: Sequence[Rule],
    retire: Sequence[str],
    ontology: Ontology,
    code_sets: CodeSets,
    current: Sequence[Rule] = (),
    answers: Sequence[Answer] = (),
) -> Account:
    """The account of the rules; what the current draft or an answer said counts as said."""
    words = heard(message)
    terms = [t for r in rules for t in terms_of(r, ontology, code_sets)]
    terms += [Term(t, _ways([t]), "the rule to take out") for t in retire]
    before = {t.name for r in current for t in terms_of(r, ontology, code_sets)}
    settled = _settled(answers)
    spoken = [w.stem for w in words if w.stem not in COMMON]
    spoken += [w for a in answers for w in ("|", *content_words(a.text))]
    beside = _beside(message)
    spoken += [w for number in beside.values() for w in ("|", number)]
    invented = [
        t.name
        for t in terms
        if t.required and t.name not in before | settled and not _said(t, spoken)
    ]
    placed = tuple(_placed(words, terms, ontology, settled, beside))
    return Account(
        placed,
        tuple(p.text for p in placed if p.place == "unplaced"),
        tuple(dict.fromkeys(invented)),
        (
            *_doubts(message, words, terms, rules, current),
            *_dropped(words, rules, current, ontology),
        ),
    )


def heard(message: str) -> tuple[Word, ...]:
    """The words of the message where they stand."""
    return tuple(
        Word(m.start(), m.end(), m.group(), _root(m.group())) for m in TOKEN.finditer(message)
    )


def _root(text: str) -> str:
    """The word as it is compared: `MRIs` as `mri`, `forty` as `40`, `1st` as `1`."""
    low = folded(SEVERAL.sub(r"\1", text))
    ordinal = ORDINAL.match(low)
    return ordinal.group(1) if ordinal else _number(stem(low))


def _number(word: str) -> str:
    return str(en.NUMBER_WORDS[word]) if word in en.NUMBER_WORDS else word


def _settled(answers: Sequence[Answer]) -> frozenset[str]:
    """Words in backticks of a question that was answered with yes or with leaving them out."""
    plain = YES | LEAVE
    return frozenset(
        quoted
        for a in answers
        if " ".join(a.text.casefold().rstrip(".!").split()) in plain
        for quoted in QUOTED.findall(a.question)
    )


def _ways(texts: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    ways = (tuple(_number(w) for w in content_words(t)) for t in texts)
    return tuple(w for w in ways if w)


def _said(term: Term, spoken: Sequence[str]) -> bool:
    """Whether one of the ways to say it stands in the words, in a row."""
    return not term.ways or any(
        tuple(spoken[i : i + len(way)]) == way
        for way in term.ways
        for i in range(len(spoken) - len(way) + 1)
    )


def terms_of(rule: Rule, ontology: Ontology, code_sets: CodeSets) -> Iterator[Term]:
    """All that the rule names."""
    yield from _of_scope(rule, ontology)
    yield from _of_condition(rule.when, ontology)
    for outcome in rule.then:
        yield from _of_outcome(outcome, ontology, code_sets)
    if rule.mandatory:
        yield Term("mandatory", (("mandatory",), ("law",)), "mandatory")
    if rule.because:
        yield Term(rule.because, _ways([rule.because]), "because", texts=(rule.because,))
    for day, place in ((rule.start, "from"), (rule.until, "until")):
        if day is not None:
            yield _of_value(day, None, place)
    for title in rule.overrides:
        yield Term(title, _ways([title]), "overrides")


def _of_scope(rule: Rule, ontology: Ontology) -> Iterator[Term]:
    if rule.scope is None or ontology.scopes is None:
        return
    attribute = ontology.attributes[ontology.scopes.path(rule.scope.level)]
    yield Term(attribute.label, _names(attribute), "scope", required=False)
    for value in rule.scope.values:
        yield Term(value, _ways((value, *attribute.values.get(value, ()))), "scope")


def _of_condition(condition: Condition | None, ontology: Ontology) -> Iterator[Term]:
    match condition:
        case None:
            return
        case Compare():
            yield from _of_compare(condition, ontology)
        case Known(path):
            attribute = ontology.attributes[path]
            yield Term(attribute.label, _names(attribute), "when")
        case Not(part):
            yield from _of_condition(part, ontology)
        case And(parts) | Or(parts):
            for part in parts:
                yield from _of_condition(part, ontology)


def _of_compare(compare: Compare, ontology: Ontology) -> Iterator[Term]:
    attribute = ontology.attributes[compare.attribute]
    named_by_value = attribute.type in ("enum", "code", "set") or is_age(attribute)
    texts = (attribute.label, *attribute.synonyms)
    required = not named_by_value
    yield Term(attribute.label, _names(attribute), "when", required, texts)
    if attribute.type == "boolean":
        return
    for value in operands(compare):
        yield _of_value(value, attribute, "when")


def _names(word: Attribute | Decision) -> tuple[tuple[str, ...], ...]:
    units = (word.unit,) if word.unit else ()
    return _ways((word.label, *word.synonyms, word.name.replace("_", " "), *units))


def _of_value(value: object, attribute: Attribute | Decision | None, place: str) -> Term:
    match value:
        case date():
            month = f"{value:%B}"
            ways = (
                value.isoformat(), f"{month} {value.day} {value.year}",
                f"{value.day} {month} {value.year}", f"{value:%m/%d/%Y}",
                f"{value.month}/{value.day}/{value.year}",
            )  # fmt: skip
            return Term(value.isoformat(), _ways(ways), place)
        case time():
            return Term(f"{value:%H:%M}", _ways((f"{value:%H:%M}", f"{value.hour}:00")), place)
        case bool():
            return Term(str(value), (), place, required=False)
        case int() | Decimal():
            return Term(str(value), (tuple(TOKEN.findall(str(value))),), place)
        case _:
            synonyms = attribute.values.get(str(value), ()) if attribute else ()
            texts = (str(value), *synonyms)
            return Term(str(value), _ways(texts), place, texts=texts)


def _of_outcome(outcome: Outcome, ontology: Ontology, code_sets: CodeSets) -> Iterator[Term]:
    decision = ontology.decisions[outcome.decision]
    only_name = isinstance(outcome, Decide) and isinstance(outcome.value, bool)
    yield Term(decision.label, _names(decision), "then", required=only_name)
    match outcome:
        case Decide(_, Concept(name)):
            codes = (c for s in code_sets.values() if (c := s.for_concept(name)))
            ways = (name, *(t for c in codes for t in (c.code, c.title)))
            yield Term(name, _ways(ways), "then", texts=ways)
        case Decide(_, value) | Include(_, value):
            yield _of_value(value, decision, "then")
        case Modify(_, modifier, adds):
            yield Term(modifier, _ways([modifier]), "then")
            if not adds:
                yield Term(f"drops {modifier}", tuple((w,) for w in DROPS), "then")
        case Contribute(_, amount):
            yield Term(str(amount), ((str(amount),),), "then")
        case LeaveToStaff():
            yield Term("left to staff", _ways(STAFF), "then")


def _beside(message: str) -> dict[str, str]:
    """`over 40` may be written as at least 41: the number said → the one beside it."""
    shifts = {"gt": 1, "lt": -1}
    said = _comparisons(_tokens(message))
    return {str(n): str(n + shifts[op]) for n, op in said if op in shifts}


def _tokens(message: str) -> list[str]:
    return [folded(t) for t in re.findall(r"[^\W_]+|[<>]=?|\+", message)]


def _placed(
    words: Sequence[Word],
    terms: Sequence[Term],
    ontology: Ontology,
    settled: frozenset[str],
    beside: Mapping[str, str],
) -> Iterator[Placed]:
    where = {s: t.place for t in reversed(terms) for way in t.ways for s in way}
    entities = _stems(ontology.entities)
    aside = _stems(settled)
    where |= {said: where[meant] for said, meant in beside.items() if meant in where}
    for word in words:
        yield Placed(word.start, word.end, word.text, _place(word, where, entities, aside))


def _place(
    word: Word, where: dict[str, str], entities: frozenset[str], aside: frozenset[str]
) -> str:
    near = stem(en.NEAR.get(word.text.casefold(), word.stem))
    if word.stem in where or near in where:
        return where.get(word.stem) or where[near]
    if word.stem in aside:
        return "set aside: you said to leave it out"
    if word.stem in NEGATION:
        return "sign: negation"
    if word.stem.isdigit():
        return "unplaced"
    if word.stem in PLAIN or len(word.stem) == 1:
        return "set aside: function word"
    return "set aside: whom or what it is about" if word.stem in entities else "unplaced"


MEANS = {
    "gt": ("is more than", 0, "is at least", 1),
    "ge": ("is at least", 0, "is more than", -1),
    "lt": ("is less than", 0, "is at most", -1),
    "le": ("is at most", 0, "is less than", 1),
}
"""A comparison as said → the two ways to write it, each with what is added to the number."""


def _doubts(
    message: str,
    words: Sequence[Word],
    terms: Sequence[Term],
    rules: Sequence[Rule],
    current: Sequence[Rule],
) -> Iterator[str]:
    """Where the rule compares the other way round, or turns something round that was not."""
    conditions = [r.when for r in rules]
    negative = any(map(_negates, conditions)) or any(map(_decides_no, rules))
    said_negative = bool(_loose(words, terms) & NEGATION)
    tokens = _tokens(DATES.sub(" ", message))
    days = {str(n) for r in rules for d in (r.start, r.until) if d for n in (d.year, d.day)}
    if negative != said_negative and not current:
        yield "I am not sure that I read the `not` in it as you mean it."
    if said_negative:
        return
    compares = [c for k in conditions for c in compares_of(k)]
    for number, op in _comparisons(tokens):
        if str(number) in days:
            continue
        told = [c for c in compares if any(str(v) == str(number) for v in operands(c))]
        one, _, other, shift = MEANS[op]
        fits = any(c.op == one for c in told) or any(
            c.op == other and operands(c)[0] == number + shift for c in compares
        )
        if not fits and (told or compares):
            yield f"I am not sure which side of {number} you mean."


def _comparisons(tokens: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Each number with the comparison said beside it."""
    for i, token in enumerate(tokens):
        text = _number(token)
        if not text.isdigit():
            continue
        before = next(
            (op for ws, op in en.BEFORE_NUMBER if tuple(tokens[max(0, i - len(ws)) : i]) == ws),
            None,
        )
        after = next(
            (op for ws, op in en.AFTER_NUMBER if tuple(tokens[i + 1 : i + 1 + len(ws)]) == ws), None
        )
        op = after or before
        if op in MEANS:
            yield int(text), str(op)


def _negates(condition: Condition | None) -> bool:
    match condition:
        case None | Known():
            return False
        case Not():
            return True
        case And(parts) | Or(parts):
            return any(map(_negates, parts))
        case Compare(_, op, value):
            return value is False or op in ("is not", "is none of", "include none of")


def _decides_no(rule: Rule) -> bool:
    return any(isinstance(o, Decide) and o.value is False for o in rule.then)


def _loose(words: Sequence[Word], terms: Sequence[Term]) -> frozenset[str]:
    """The words in no term: `without` of `with and without contrast` is not among them."""
    stems = tuple(w.stem for w in words)
    covered: set[int] = set()
    for way in {tuple(map(_root, TOKEN.findall(t))) for term in terms for t in term.texts}:
        for i in range(len(stems) - len(way) + 1):
            if way and stems[i : i + len(way)] == way:
                covered.update(range(i, i + len(way)))
    return frozenset(s for i, s in enumerate(stems) if i not in covered)


def _dropped(
    words: Sequence[Word], rules: Sequence[Rule], current: Sequence[Rule], ontology: Ontology
) -> Iterator[str]:
    """Conditions of the current draft that an edit lost without a word about them."""
    kept = {c.attribute for r in rules for c in compares_of(r.when)}
    lost = dict.fromkeys(
        c.attribute for r in current for c in compares_of(r.when) if c.attribute not in kept
    )
    spoken = [w.stem for w in words if w.stem not in COMMON]
    for path in lost:
        attribute = ontology.attributes[path]
        values = chain.from_iterable((v, *s) for v, s in attribute.values.items())
        term = Term(attribute.label, (*_names(attribute), *_ways(values)), "")
        if not _said(term, spoken):
            yield f"Should `{attribute.label}` no longer matter?"
