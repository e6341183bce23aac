"""Was it said? The word-by-word account of a rule that a model proposed.

Both ways: every content word of the message must have its place in the rule, and everything the
rule names must have been said. A model that is talked into something, by the message or by a
text of the pack, fails one of the two; then the author is asked, and there is no rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from data.index.words import COMMON, folded, stem
from data.ontology.model import CodeSets, Ontology
from data.rulelang.ast import And, Compare, CompareFacts, Condition, Decide, Not, Or, Rule
from data.rulelang.cells import compares_of, operands
from graph.drafters.base import Answer, Placed
from graph.drafters.grammar import english as en
from graph.drafters.heard import Heard, Occurrence, Word, matches, root, roots
from graph.drafters.terms import Term, names_of, terms_of

QUOTED = re.compile(r"`([^`]+)`")
DATES = re.compile(r"\b\d{4}-\d{2}-\d{2}\b|\b\d{1,2}/\d{1,2}/\d{2,4}\b")
YES = frozenset(["yes", "yes please", "correct", "right", "that is right", "ok", "it is", "sure"])
LEAVE = frozenset(["leave it out", "leave them out", "ignore it", "ignore them", "drop it"])
UNPLACED = "unplaced"
FAR = 3
"""Words between a number and `or more`: `20 pack years or more`."""


def _roots(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(r for t in texts for r in roots(t))


PLAIN = COMMON | _roots(
    chain(
        en.DETERMINERS, en.PRONOUNS, en.PERSONS, en.AUXILIARIES, en.PREPOSITIONS,
        en.MODALS_STRONG, en.LIGHT, en.FILLER, en.POLITE, en.CONNECTIVES, en.NEGATIONS, en.UNITS,
        (w for words, _ in en.BEFORE_NUMBER + en.AFTER_NUMBER for w in words),
        (w for words in en.COND_OPENERS + en.UNLESS_OPENERS + en.OTHERWISE for w in words),
        ("old", "older", "younger", "include", "adds", "modifier", "leave", "between", "extra"),
        ("ahead", "tell", "told", "book", "booked", "order", "ordered", "schedule", "scheduled"),
        ("arrive", "note", "remind", "until", "onward"),
    )
)  # fmt: skip
"""Words of English that carry structure, not terms."""
NEGATION = _roots(en.NEGATIONS) | {"unless", "except", "don", "doesn", "isn", "aren"}


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
    beside = _beside(message)
    heard = Heard(message, [*(a.text for a in answers), *beside.values()])
    terms = [t for r in rules for t in terms_of(r, ontology, code_sets)]
    terms += [Term(t, (t,), "the rule to take out", literal=True) for t in retire]
    found = matches(heard, terms)
    settled = _settled(answers)
    known = settled | {t.name for r in current for t in terms_of(r, ontology, code_sets)}
    placed = tuple(_placed(heard, found, ontology, settled, beside))
    return Account(
        placed,
        tuple(p.text for p in placed if p.place == UNPLACED),
        tuple(dict.fromkeys(t.name for t in terms if _is_invented(t, found, heard, known))),
        (
            *_doubts(message, heard, found, rules, current),
            *_dropped(heard, rules, current, ontology),
        ),
    )


def _settled(answers: Sequence[Answer]) -> frozenset[str]:
    """Words in backticks of a question that was answered with yes or with leaving them out."""
    return frozenset(
        quoted
        for a in answers
        if " ".join(a.text.casefold().rstrip(".!").split()) in YES | LEAVE
        for quoted in QUOTED.findall(a.question)
    )


def _is_invented(
    term: Term, found: Mapping[Term, list[Occurrence]], heard: Heard, known: frozenset[str]
) -> bool:
    """Whether the rule names something that neither message, answer nor draft said."""
    if not term.required or not term.texts or term.name in known or found[term]:
        return False
    said = any(heard.places(t) for t in term.texts)
    return said or not any(heard.says(t) for t in term.texts)


def _placed(
    heard: Heard,
    found: Mapping[Term, list[Occurrence]],
    ontology: Ontology,
    settled: frozenset[str],
    beside: Mapping[str, str],
) -> Iterator[Placed]:
    """Each word by the phrase it stands in, else by the term it is a word of, else by English."""
    by_place = {i: t.place for t, places in found.items() for o in places for i in o}
    where = _by_word(heard, found)
    where |= {said: where[meant] for said, meant in beside.items() if meant in where}
    entities, aside = _roots(ontology.entities), _roots(settled)
    for i, word in enumerate(heard.words):
        place = by_place.get(i) or _place(word, where, entities, aside)
        yield Placed(word.start, word.end, word.text, place)


def _by_word(heard: Heard, found: Mapping[Term, list[Occurrence]]) -> dict[str, str]:
    """Words of terms by root; a literal in quotation marks lends its words to nobody."""
    lending = (
        t
        for t, places in found.items()
        if not (t.literal and any(heard.words[i].quoted for o in places for i in o))
    )
    return {r: t.place for t in lending for text in t.texts for r in roots(text)}


def _place(
    word: Word, where: Mapping[str, str], entities: frozenset[str], aside: frozenset[str]
) -> str:
    near = stem(en.NEAR.get(folded(word.text), word.root))
    if word.root in NEGATION:
        return "sign: negation"
    if word.root in where or near in where:
        return where.get(word.root) or where[near]
    if word.root in aside:
        return "set aside: you said to leave it out"
    if word.root.isdigit():
        return UNPLACED
    if word.root in PLAIN or len(word.root) == 1:
        return "set aside: function word"
    return "set aside: whom or what it is about" if word.root in entities else UNPLACED


MEANS = {
    "gt": ("is more than", "is at least", 1),
    "ge": ("is at least", "is more than", -1),
    "lt": ("is less than", "is at most", -1),
    "le": ("is at most", "is less than", 1),
}
"""A comparison as said → the two ways to write it, the second with what it adds to the number."""


def _doubts(
    message: str,
    heard: Heard,
    found: Mapping[Term, list[Occurrence]],
    rules: Sequence[Rule],
    current: Sequence[Rule],
) -> Iterator[str]:
    """Where the rule compares the other way round, or turns something round that was not."""
    turned = sum(_negations(r.when) for r in rules) + sum(map(_decides_no, rules))
    covered = {i for places in found.values() for o in places for i in o}
    signs = sum(w.root in NEGATION for i, w in enumerate(heard.words) if i not in covered)
    if turned != signs and not current:
        yield "I am not sure that I read the `not` in it as you mean it."
    compares = [c for r in rules for c in _straight(r.when)]
    days = {str(n) for r in rules for d in (r.start, r.until) if d for n in (d.year, d.day)}
    for number, op in _comparisons(_tokens(message)):
        if str(number) not in days and compares and not _fits(number, op, compares):
            yield f"I am not sure which side of {number} you mean."


def _fits(number: int, op: str, compares: Sequence[Compare]) -> bool:
    """Whether the rule compares the number as it was said; one it does not compare is not asked."""
    one, other, shift = MEANS[op]
    told = [c for c in compares if any(str(v) == str(number) for v in operands(c))]
    beside = [c for c in compares if c.op == other and operands(c)[0] == number + shift]
    return bool(beside) or not told or any(c.op in (one, "is between") for c in told)


def _straight(condition: Condition | None) -> Iterator[Compare]:
    """The comparisons that no `not` turns round."""
    match condition:
        case Compare():
            yield condition
        case And(parts) | Or(parts):
            for part in parts:
                yield from _straight(part)
        case _:
            return


def _tokens(message: str) -> list[str]:
    return [folded(t) for t in re.findall(r"[^\W_]+|[<>]=?|\+", DATES.sub(" ", message))]


def _beside(message: str) -> dict[str, str]:
    """`over 40` may be written as at least 41: the number said → the one beside it."""
    shifts = {"gt": 1, "lt": -1}
    return {str(n): str(n + shifts[op]) for n, op in _comparisons(_tokens(message)) if op in shifts}


def _comparisons(tokens: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Each number with the comparison said before it or shortly after."""
    for i, token in enumerate(tokens):
        text = root(token)
        if not text.isdigit():
            continue
        after = next((op for at in range(i + 1, i + 1 + FAR) if (op := _after(tokens, at))), None)
        op = after or _before(tokens, i)
        if op in MEANS:
            yield int(text), str(op)


def _before(tokens: Sequence[str], at: int) -> str | None:
    return next(
        (op for ws, op in en.BEFORE_NUMBER if tuple(tokens[max(0, at - len(ws)) : at]) == ws), None
    )


def _after(tokens: Sequence[str], at: int) -> str | None:
    return next((op for ws, op in en.AFTER_NUMBER if tuple(tokens[at : at + len(ws)]) == ws), None)


def _negations(condition: Condition | None) -> int:
    match condition:
        case Not(part):
            return 1 + _negations(part)
        case And(parts) | Or(parts):
            return sum(map(_negations, parts))
        case Compare(_, op, value):
            return int(value is False or op in ("is not", "is none of", "include none of"))
        case CompareFacts(_, op):
            return int(op == "is not")
        case _:
            return 0


def _decides_no(rule: Rule) -> int:
    return sum(isinstance(o, Decide) and o.value is False for o in rule.then)


def _dropped(
    heard: Heard, rules: Sequence[Rule], current: Sequence[Rule], ontology: Ontology
) -> Iterator[str]:
    """Conditions of the current draft that an edit lost without a word about them."""
    kept = {c.attribute for r in rules for c in compares_of(r.when)}
    before = dict.fromkeys(c.attribute for r in current for c in compares_of(r.when))
    for path in (p for p in before if p not in kept):
        attribute = ontology.attributes[path]
        values = chain.from_iterable((v, *also) for v, also in attribute.values.items())
        if not any(heard.says(t) for t in (*names_of(attribute), *values)):
            yield f"Should `{attribute.label}` no longer matter?"
