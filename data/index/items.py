"""What can be found: every word of an organisation that may leave, as one flat list."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from data.ontology.model import Attribute, CodeSets, Decision, Ontology, ScopeRow
from data.rulelang.ast import (
    Compare,
    CompareFacts,
    Concept,
    Condition,
    Contribute,
    Count,
    Decide,
    Derived,
    Exists,
    Include,
    Known,
    LeaveToStaff,
    Measure,
    Modify,
    Narrow,
    Not,
    Outcome,
    Prefer,
    Rule,
    RuleSet,
    Since,
)

Kind = Literal["attribute", "value", "code", "decision", "rule", "example", "scope"]


class Pair(Protocol):
    """A sentence and the rule text it stands for."""

    @property
    def sentence(self) -> str: ...
    @property
    def rules(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to find, with the phrases people may use for it."""

    id: str
    kind: Kind
    text: str
    phrases: tuple[str, ...]

    @property
    def fingerprint(self) -> str:
        """Changes whenever anything that is embedded changes."""
        whole = "\x1f".join((self.id, self.kind, self.text, *self.phrases))
        return hashlib.sha256(whole.encode()).hexdigest()[:32]


def items_of(
    ontology: Ontology,
    code_sets: CodeSets,
    rule_set: RuleSet,
    examples: Sequence[Pair] = (),
    scope_rows: Sequence[ScopeRow] = (),
) -> tuple[Item, ...]:
    """Every item once, by id. Identifying attributes are not among them."""
    found: dict[str, Item] = {}
    for item in _all(ontology, code_sets, rule_set, examples, scope_rows):
        found.setdefault(item.id, item)
    return tuple(found.values())


def _all(
    ontology: Ontology,
    code_sets: CodeSets,
    rule_set: RuleSet,
    examples: Sequence[Pair],
    scope_rows: Sequence[ScopeRow],
) -> Iterator[Item]:
    for attribute in ontology.attributes.values():
        if attribute.sensitive != "identifying":
            yield from _of_attribute(attribute, ontology)
    for decision in ontology.decisions.values():
        yield from _of_decision(decision)
    yield from _of_scope_rows(ontology, scope_rows)
    yield from _of_codes(code_sets)
    for rule in rule_set.rules:
        yield Item(f"rule:{rule.title}", "rule", rule.title, (rule.title, rule_gist(rule)))
    for example in examples:
        digest = hashlib.sha256(example.sentence.encode()).hexdigest()[:12]
        yield Item(f"example:{digest}", "example", example.sentence, (example.sentence,))


def _of_attribute(attribute: Attribute, ontology: Ontology) -> Iterator[Item]:
    names = (attribute.label, *attribute.synonyms, attribute.name.replace("_", " "))
    described = (attribute.description,) if attribute.description else ()
    yield Item(attribute.path, "attribute", attribute.label, _once((*names, *described)))
    scopes = ontology.scopes
    level = scopes is not None and attribute.path in map(scopes.path, scopes.levels)
    for value, synonyms in attribute.values.items():
        kind: Kind = "scope" if level else "value"
        text = f"{value} ({attribute.label})"
        yield Item(f"{attribute.path}={value}", kind, text, _once((value, *synonyms)))


def _of_decision(decision: Decision) -> Iterator[Item]:
    names = (decision.label, *decision.synonyms, decision.name.replace("_", " "))
    described = (decision.description,) if decision.description else ()
    yield Item(decision.name, "decision", decision.label, _once((*names, *described)))
    for value, synonyms in decision.values.items():
        text = f"{value} ({decision.label})"
        yield Item(f"{decision.name}={value}", "value", text, _once((value, *synonyms)))


def _of_scope_rows(ontology: Ontology, rows: Sequence[ScopeRow]) -> Iterator[Item]:
    if ontology.scopes is None:
        return
    for row in rows:
        for level, value in row.items():
            path = ontology.scopes.path(level)
            if path in ontology.attributes:
                text = f"{value} ({ontology.attributes[path].label})"
                yield Item(f"{path}={value}", "scope", text, (value,))


def _of_codes(code_sets: CodeSets) -> Iterator[Item]:
    for name, code_set in code_sets.items():
        for code in code_set.codes.values():
            concept = (code.concept,) if code.concept else ()
            joined = tuple(f"{code.code}{m}" for m in code.modifiers)
            phrases = _once((code.code, code.title, *concept, *joined))
            yield Item(f"code:{name}/{code.code}", "code", f"{code.code} {code.title}", phrases)


def _once(phrases: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(p for p in phrases if p))


def rule_gist(rule: Rule) -> str:
    """The values a rule names, in one line: what somebody looking for it would say."""
    scope = rule.scope.values if rule.scope else ()
    said = (*scope, *_said(rule.when), *(s for o in rule.then for s in _outcome_said(o)))
    return " ".join(dict.fromkeys(said))


def _said(condition: Condition | None) -> Iterator[str]:
    match condition:
        case None:
            return
        case Compare(attribute, _, value):
            yield _spoken(attribute)
            held = value if isinstance(value, tuple) else (value,)
            for one in held:
                yield from sorted(one) if isinstance(one, frozenset) else (str(one),)
        case Known(attribute):
            yield _spoken(attribute)
        case CompareFacts(attribute, _, other):
            yield from (_spoken(attribute), _spoken(other))
        case Exists(rows) | Count(rows) | Since(rows):
            yield _spoken(rows.relation)
            yield from _said(rows.where)
        case Derived(name):
            yield name
        case Not(part):
            yield from _said(part)
        case _:
            for part in condition.parts:
                yield from _said(part)


def _spoken(path: str) -> str:
    return path.rpartition(".")[2].replace("_", " ")


def _outcome_said(outcome: Outcome) -> tuple[str, ...]:
    match outcome:
        case Narrow(_, where, keep):
            return ("require" if keep else "exclude", *_said(where))
        case Prefer(_, by):
            said = (_spoken(by.attribute),) if isinstance(by, Measure) else _said(by)
            return ("prefer", *said)
        case Decide(_, Concept(name)):
            return (name,)
        case Decide(_, value) | Include(_, value):
            return (str(value),)
        case Modify(_, modifier, _):
            return (modifier,)
        case Contribute(_, amount):
            return (str(amount),)
        case LeaveToStaff():
            return ("left to staff",)
