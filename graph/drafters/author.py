"""A made-up author who knows the rule that is meant, and answers the assistant's questions by it.

A distinguishing request is run on the rule. A word is explained by the term of the rule that was
not said yet and has a word like it, or by the one condition that was not said; where every term
was said it is left out. What is asked openly is answered with that part of the rule, or else with
the author's other wording. What the rule does not settle stays unanswered.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping, Sequence
from typing import Any

from rapidfuzz import fuzz

from data.index import Retriever
from data.ontology.taught import term_names, terms_called
from data.packs.load import Pack
from data.rulelang.ast import (
    And,
    Compare,
    CompareFacts,
    Concept,
    Condition,
    Count,
    Decide,
    Derived,
    Exists,
    Include,
    Known,
    LeaveToStaff,
    Modify,
    Not,
    Or,
    Outcome,
    Rule,
    RuleSet,
    Since,
)
from data.rulelang.request import RequestError, read_request
from data.rulelang.version import make_version
from graph.drafters.grammar.account import has_content
from graph.drafters.stuck import LEAVE_OUT, WAYS_OUT
from graph.words import condition_words, outcome_words, result_words, value_words

ALIKE = 85
"""From which on two words are taken for one, however spelled: 0 to 100."""
_QUOTED = re.compile(r"`([^`]+)`")
_LIMITS = {
    "is at least": "at least", "is at most": "at most", "is more than": "more than",
    "is less than": "less than", "is": "exactly",
}  # fmt: skip


class MadeUpAuthor:
    """Answers about one intended rule set; ``wordings`` are its author's ways to say it."""

    def __init__(self, pack: Pack, rules: RuleSet, wordings: Sequence[str]) -> None:
        self._pack, self._rules, self._wordings = pack, rules, wordings
        self._version = make_version(pack.ontology, pack.code_sets, pack.scope_rows, rules)
        self._index = Retriever(
            pack.ontology, pack.code_sets, RuleSet(), (), None, scope_rows=pack.scope_rows
        )
        self._terms = tuple(dict.fromkeys(t for r in rules.rules for t in terms_of(r)))

    def answer(self, question: Mapping[str, Any], said: Sequence[str]) -> str | None:
        """What the author says to the question; ``None`` where the rule does not settle it.

        ``question`` has ``text``, ``options`` and ``request``; ``said`` is the author's words so
        far, the sentence first.
        """
        offered = question["options"] or ()
        options = [o for o in offered if o not in WAYS_OUT]
        if question["request"] is not None:
            return self._on_request(question["request"], options)
        heard = set(self._index.said(" . ".join(said))) if LEAVE_OUT in offered else set[str]()
        chosen = [o for o in options if self._means(o, heard)]
        if len(chosen) == 1:
            return chosen[0]
        text = str(question["text"])
        return self._by_part(text) or self._by_word(question, said) or self._anew(said)

    def _on_request(self, facts: Mapping[str, Any], options: Sequence[str]) -> str | None:
        """The offered outcome that the rule gives this request."""
        try:
            request = read_request(self._version.ontology, dict(facts))
        except RequestError:
            return None
        results = self._version.compiled.decide(request).values()
        words = {result_words(r.to_json()).casefold() for r in results}
        given = [o for o in options if o.casefold() in words]
        return given[0] if len(given) == 1 else None

    def _means(self, option: str, heard: Container[str]) -> bool:
        """Whether an option is a name of something the rule speaks of and that was not ``heard``
        yet, or a value in it."""
        terms = terms_called(self._pack.ontology, option)
        named = {*terms, option.casefold()}
        return not self._mine.isdisjoint(named) and not any(t in heard for t in terms)

    @property
    def _mine(self) -> frozenset[str]:
        every = (v for r in self._rules.rules for v in _values(r))
        values = [v for v in every if not isinstance(v, bool)]
        return frozenset([*self._terms, *(value_words(v).casefold() for v in values)])

    def _by_part(self, text: str) -> str | None:
        """The part of the rule that is asked for, where there is one rule."""
        if "at least, at most or exactly" in text:
            return self._limit(text)
        if len(self._rules.rules) != 1:
            return None
        (rule,), ontology = self._rules.rules, self._pack.ontology
        if text.startswith(("When does this hold", "When exactly is that")) and rule.when:
            return condition_words(rule.when, ontology)
        if text.startswith("What should happen"):
            return " and ".join(outcome_words(o, ontology) for o in rule.then)
        if rule.scope is not None and "does this rule hold" in text:
            return " or ".join(rule.scope.values)
        return None

    def _limit(self, text: str) -> str | None:
        """`at least 65`: how the rule compares with the number that is asked about."""
        number = re.findall(r"\d+(?:\.\d+)?", text)
        compares = [c for r in self._rules.rules for c in _compares(r.when)]
        said = {
            f"{_LIMITS[c.op]} {c.value}"
            for c in compares
            if c.op in _LIMITS and number and str(c.value) == number[-1]
        }
        return said.pop() if len(said) == 1 else None

    def _by_word(self, question: Mapping[str, Any], said: Sequence[str]) -> str | None:
        """The unsaid term that the word stands for; nothing where that is not clear."""
        asked = _QUOTED.search(str(question["text"]))
        if asked is None or LEAVE_OUT not in (question["options"] or ()):
            return None
        if re.search(r"\d", asked[1]) or not has_content(asked[1].split()):
            return None
        heard = set(self._index.said(" . ".join(said)))
        names = dict(term_names(self._pack.ontology))
        unsaid = [t for t in self._terms if t not in heard and t in names]
        if not unsaid:
            return LEAVE_OUT
        near = max(unsaid, key=lambda t: _alike(asked[1], names[t]))
        if _alike(asked[1], names[near]) >= ALIKE:
            return names[near][0]
        decided = self._pack.ontology.decisions
        conditions = [t for t in unsaid if t.partition("=")[0] not in decided]
        return names[conditions[0]][0] if len(conditions) == 1 else None

    def _anew(self, said: Sequence[str]) -> str | None:
        """The sentence in other words, where the author has some left."""
        return next((w for w in self._wordings if w not in said), None)


def _alike(said: str, names: Sequence[str]) -> float:
    """How like the words are to some words of a name: 0 to 100."""
    return max(fuzz.partial_token_set_ratio(said.casefold(), n.casefold()) for n in names)


def terms_of(rule: Rule) -> Iterator[str]:
    """The terms a rule speaks of: values rather than their facts, and what it decides."""
    yield from _of_condition(rule.when)
    for outcome in rule.then:
        yield from _of_outcome(outcome)


def _of_condition(condition: Condition | None) -> Iterator[str]:
    match condition:
        case None:
            return
        case Compare(path, _, value):
            held = value if isinstance(value, tuple) else (value,)
            texts = [v for v in held if isinstance(v, str)]
            yield from (f"{path}={v}" for v in texts)
            if not texts:
                yield path
        case Known(path):
            yield path
        case CompareFacts(path, _, other):
            yield from (path, other)
        case Exists(rows) | Count(rows) | Since(rows):
            yield from _of_condition(rows.where)
        case Not(part):
            yield from _of_condition(part)
        case And(parts) | Or(parts):
            for part in parts:
                yield from _of_condition(part)
        case Derived():
            return


def _of_outcome(outcome: Outcome) -> Iterator[str]:
    yield outcome.decision
    if isinstance(outcome, Decide | Include) and isinstance(outcome.value, str):
        yield f"{outcome.decision}={outcome.value}"


def _compares(condition: Condition | None) -> Iterator[Compare]:
    match condition:
        case Compare():
            yield condition
        case Not(part):
            yield from _compares(part)
        case Exists(rows) | Count(rows) | Since(rows):
            yield from _compares(rows.where)
        case And(parts) | Or(parts):
            for part in parts:
                yield from _compares(part)
        case _:
            return


def _values(rule: Rule) -> Iterator[object]:
    """Codes, values and amounts that the rule names."""
    for compare in _compares(rule.when):
        yield from compare.value if isinstance(compare.value, tuple) else (compare.value,)
    yield from rule.scope.values if rule.scope else ()
    for outcome in rule.then:
        match outcome:
            case Decide(_, Concept(name)):
                yield name
            case Decide(_, value) | Include(_, value):
                yield value
            case Modify(_, modifier, _):
                yield modifier
            case LeaveToStaff():
                yield "left to staff"
            case _:
                continue
