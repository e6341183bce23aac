"""A parse tree → one statement, with everything checked that its words alone can tell."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, cast

from lark import Token, Tree

from data.ontology.model import (
    Attribute,
    Candidates,
    CodeSets,
    Decision,
    Number,
    Ontology,
    Relation,
    Value,
)
from data.ontology.nearest import did_you_mean
from data.rulelang.ast import (
    LIST_OPS,
    AcceptedGap,
    Compare,
    CompareFacts,
    Concept,
    Condition,
    Contribute,
    Count,
    Decide,
    Define,
    Derived,
    Exists,
    Include,
    Invariant,
    Known,
    LeaveToStaff,
    Measure,
    Modify,
    Narrow,
    Not,
    Op,
    Outcome,
    Prefer,
    Rows,
    Rule,
    Scope,
    Since,
    Span,
    Statement,
    Unit,
    all_of,
    any_of,
    defining,
    leaves_of,
)
from data.rulelang.codes import resolve
from data.rulelang.findings import FindingCode
from data.rulelang.grammar import COMPARABLE, KINDS, OPERATORS, begins_history, called
from data.rulelang.lexicon import key_of

_ORDERED = ("integer", "decimal", "date", "time")
MOST_DIGITS = 15
"""Significant digits of a number; as many as JSON readers keep."""
MOST_COMPARISONS = 500
"""In the condition of one rule."""


MOST_COUNTED = 1_000_000_000
"""Of rows, and of units of time."""
_LEAVES = frozenset(
    ["compare", "compare_facts", "derived", "any_row", "no_row", "number_of", "since"]
)


@dataclass(frozen=True, slots=True)
class Problem:
    """A finding without its file."""

    code: FindingCode
    message: str
    suggestion: str
    title: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Built:
    statement: Statement | None
    problems: tuple[Problem, ...]


@dataclass(slots=True)
class _Clauses:
    """The clauses of one statement as they are met."""

    scope: Scope | None = None
    mandatory: bool = False
    when: Condition | None = None
    then: tuple[Outcome, ...] = ()
    because: str | None = None
    start: date | None = None
    until: date | None = None
    overrides: tuple[str, ...] = ()
    seen: list[str] = field(default_factory=list[str])


class Builder:
    """Builds one statement. ``payloads`` holds what each token means, by its start position."""

    def __init__(self, ontology: Ontology, code_sets: CodeSets, payloads: Sequence[object]) -> None:
        self._ontology = ontology
        self._code_sets = code_sets
        self._payloads = payloads
        self._problems: list[Problem] = []
        self._title = ""
        self._line = 0

    def statement(self, tree: Tree[Token]) -> Built:
        trees = _trees(tree)
        if len(trees) != 1:
            self._problem("parse", "this is no rule", 'begin with `rule "title"`')
            return Built(None, tuple(self._problems))
        (node,) = trees
        self._title = str(self._payload(_tokens(node)[1]))
        if not " ".join(self._title.split()):
            self._problem("parse", "the rule has no title", 'write one after `rule`, in "quotes"')
        clauses = _Clauses()
        if sum(1 for _ in node.find_pred(lambda t: t.data in _LEAVES)) > MOST_COMPARISONS:
            self._problem(
                "parse",
                f"the condition has more than {MOST_COMPARISONS} comparisons",
                "split it into several rules, or list values with `is one of`",
            )
            return Built(None, tuple(self._problems))
        if node.data == "define":
            return Built(self._define(node), tuple(self._problems))
        if node.data == "invariant":
            return Built(self._invariant(node, clauses), tuple(self._problems))
        for clause in _trees(node):
            self._clause(clause, clauses)
        made = self._gap(clauses) if node.data == "accepted_gap" else self._rule(clauses)
        return Built(made, tuple(self._problems))

    def _rule(self, c: _Clauses) -> Rule | None:
        if not c.then:
            if not self._problems:
                self._problem("parse", "the rule has no outcome", "say what follows after `then`")
            return None
        if self._title in c.overrides:
            self._problem("parse", "the rule overrides itself", "leave its own title out")
        if c.start and c.until and c.start > c.until:
            self._problem(
                "range",
                f"the rule ends on {c.until} before it begins on {c.start}",
                "exchange the two dates",
            )
        return Rule(
            self._title, c.then, c.when, c.scope, c.mandatory,
            c.because, c.start, c.until, c.overrides,
        )  # fmt: skip

    def _gap(self, c: _Clauses) -> AcceptedGap | None:
        extra = [s for s in c.seen if s not in ("when", "because")]
        if extra:
            self._problem("parse", f"an accepted gap has no `{extra[0]}`", "leave it out")
        if c.when is None or c.because is None:
            self._problem(
                "parse", "an accepted gap needs `when` and `because`", "say which requests, and why"
            )
            return None
        return AcceptedGap(self._title, c.when, c.because)

    def _invariant(self, node: Tree[Token], c: _Clauses) -> Invariant | None:
        condition, said, *clauses = _trees(node)
        for clause in clauses:
            self._clause(clause, c)
        extra = [s for s in c.seen if s != "because"]
        if extra:
            self._problem("parse", f"an invariant has no `{extra[0]}`", "leave it out")
        when, outcomes = self._condition(condition), tuple(self._outcomes(said))
        for outcome in outcomes:
            match outcome:
                case Modify(_, _, adds=True) | Decide() | Include() | LeaveToStaff():
                    return self._kept(node, when, outcome, c)
                case Contribute(name) if self._ontology.decisions[name].hit != "sum":
                    return self._kept(node, when, outcome, c)
                case _:
                    self._problem(
                        "type",
                        "an invariant says what a request gets in the end, and this does not",
                        "say `is`, `is left to staff`, `include`, or `adds` with a modifier",
                    )
        return None

    def _kept(self, node: Tree[Token], when: Condition, outcome: Any, c: _Clauses) -> Invariant:
        never = _tokens(node)[2].type == "NEVER"
        return Invariant(self._title, when, outcome, never, c.because)

    def _define(self, node: Tree[Token]) -> Define:
        """A name for a condition; it may not be a name that means something already."""
        self._line = _tokens(node)[0].line or 0
        taken = _words_taken(self._ontology)
        name, key = self._title, key_of(self._title)
        if key in taken:
            self._problem(
                "duplicate",
                f"`{name}` is {taken[key]} of this organisation already",
                "give what you define a name of its own",
            )
        if begins_history(key, self._ontology):
            self._problem(
                "duplicate",
                f"`{name}` is how a condition begins",
                "give what you define a name of its own",
            )
        self._title = defining(name)
        return Define(name, self._when(node))

    def _when(self, node: Tree[Token]) -> Condition:
        """A condition, and perhaps one after `unless`."""
        first, *unless = (self._condition(t) for t in _trees(node))
        return all_of(first, *map(Not, unless))

    def _clause(self, node: Tree[Token], c: _Clauses) -> None:
        kind = {"when_unless": "when"}.get(str(node.data), str(node.data))
        self._line = _tokens(node)[0].line or self._line if _tokens(node) else self._line
        name = {"start": "from"}.get(kind, kind)
        if name in c.seen:
            self._problem("parse", f"the rule has two clauses `{name}`", "make it one")
        c.seen.append(name)
        match kind:
            case "scope":
                self._scope(node, c)
            case "mandatory":
                c.mandatory = True
            case "when":
                c.when = self._when(node)
            case "then":
                c.then = tuple(o for t in _trees(node) for o in self._outcomes(t))
                self._repeated(c.then)
            case "because":
                c.because = str(self._payload(_tokens(node)[1]))
            case "start":
                c.start = cast("date", self._payload(_tokens(node)[1]))
            case "until":
                c.until = cast("date", self._payload(_tokens(node)[1]))
            case _:
                titles = [str(self._payload(t)) for t in _tokens(node) if t.type == "STRING"]
                c.overrides = tuple(dict.fromkeys(titles))

    def _scope(self, node: Tree[Token], c: _Clauses) -> None:
        level = next(str(self._payload(t)) for t in _tokens(node) if t.type == "LEVEL")
        values = [str(self._payload(t)) for t in _tokens(node) if t.type == "LEVEL_VALUE"]
        c.scope = Scope(level, tuple(dict.fromkeys(values)))
        if any(t.type == "MANDATORY" for t in _tokens(node)):
            c.mandatory = True
            c.seen.append("mandatory")

    def _condition(self, node: Tree[Token]) -> Condition:
        match str(node.data):
            case "any_of":
                return any_of(*(self._condition(t) for t in _trees(node)))
            case "all_of":
                return all_of(*(self._condition(t) for t in _trees(node)))
            case "negation":
                return Not(self._condition(_trees(node)[0]))
            case "known" | "not_known" as asked:
                known = Known(self._named(_tokens(_trees(node)[0])[0]).path)
                return known if asked == "known" else Not(known)
            case "compare":
                return self._compare(node)
            case "compare_facts":
                return self._compare_facts(node)
            case "derived":
                asked = Derived(self._named(_tokens(node)[0]).path)
                return asked if self._payload(_tokens(node)[2]) else Not(asked)
            case "any_row" | "no_row" as asked:
                exists = Exists(self._rows(_trees(node)[0]))
                return exists if asked == "any_row" else Not(exists)
            case "number_of":
                rows = self._rows(_trees(node)[0])
                return Count(rows, *self._how_many(_trees(node)[1]))
            case "since":
                return self._since(node)
            case _:
                return self._condition(_trees(node)[0])

    def _rows(self, node: Tree[Token]) -> Rows:
        tokens = _tokens(node)
        relation = cast("Relation", self._payload(tokens[0]))
        self._line = tokens[0].line or self._line
        where = next((self._condition(t) for t in _trees(node)), None)
        if not all(isinstance(leaf, Compare | Known | CompareFacts) for leaf in leaves_of(where)):
            self._problem(
                "type",
                f"inside `where` stand facts of one {relation.label} and of the request alone",
                "ask for other rows, or for what is defined, outside of its parentheses",
            )
        said = {t.type: self._payload(t) for t in tokens}
        if "WITHIN_THE_LAST" not in said:
            return Rows(relation.name, where)
        self._dated(relation)
        count = self._whole(cast("Number", said["COUNT_VALUE"]), 1, "a span of time")
        return Rows(relation.name, where, Span(count, cast("Unit", said["UNIT"])))

    def _since(self, node: Tree[Token]) -> Since:
        unit = cast("Unit", self._payload(_tokens(node)[0]))
        rows = self._rows(_trees(node)[0])
        self._dated(self._ontology.relations[rows.relation])
        return Since(rows, unit, *self._how_many(_trees(node)[1]))

    def _dated(self, relation: Relation) -> None:
        """Time is counted from the request's date back to the row's."""
        if relation.date is None:
            self._problem(
                "type",
                f"the {relation.label} has no date, so no time can be counted from it",
                "leave the time out",
            )
        elif self._ontology.date is None:
            self._problem(
                "type",
                "a request of this organisation has no date to count time from",
                "leave the time out",
            )

    def _how_many(self, node: Tree[Token]) -> tuple[Op, int | tuple[int, ...]]:
        tokens = _tokens(node)
        op = OPERATORS[tokens[0].type]
        said = (cast("Number", self._payload(t)) for t in tokens if t.type == "COUNT_VALUE")
        numbers = tuple(self._whole(n, 0, "a number of this kind") for n in said)
        if op == "is between" and numbers[0] > numbers[1]:
            self._backwards(numbers[0], numbers[1])
        if op in LIST_OPS:
            return op, tuple(dict.fromkeys(numbers))
        return op, numbers if op == "is between" else numbers[0]

    def _whole(self, number: Number, least: int, what: str) -> int:
        if number != int(number):
            self._problem("type", f"{what} is whole, {number} is not", "round it")
        elif not least <= number <= MOST_COUNTED:
            self._problem("range", f"{number} is out of range", f"{what} is at least {least}")
        return int(number)

    def _backwards(self, low: object, high: object) -> None:
        self._problem(
            "range", f"nothing lies between {low} and {high}", "put the smaller one first"
        )

    def _compare_facts(self, node: Tree[Token]) -> Condition:
        name, operator = _tokens(node)
        fact = self._named(name)
        other = self._named(_tokens(_trees(_trees(node)[0])[0])[0])
        problem = mismatch(fact, other)
        if problem is not None:
            self._problem("type", *problem)
        return CompareFacts(fact.path, OPERATORS[operator.type], other.path)

    def _compare(self, node: Tree[Token]) -> Condition:
        tokens = _tokens(node)
        attribute = self._named(tokens[0])
        op = OPERATORS[tokens[1].type]
        values = tuple(
            self._checked(cast("Value", self._payload(t)), attribute)
            for t in tokens[2:]
            if t.type.endswith("_VALUE")
        )
        if op == "is between":
            low, high = cast("tuple[Number, Number]", values)
            if low > high:
                self._backwards(low, high)
            return Compare(attribute.path, op, values)
        if op in LIST_OPS:
            return Compare(attribute.path, op, tuple(dict.fromkeys(values)))
        return Compare(attribute.path, op, values[0])

    def _named(self, token: Token) -> Attribute:
        self._line = token.line or self._line
        attribute = cast("Attribute", self._payload(token))
        if attribute.sensitive == "identifying":
            self._problem(
                "type",
                f"`{attribute.label}` identifies a person and cannot stand in a condition",
                "use another fact",
            )
        return attribute

    def _outcomes(self, node: Tree[Token]) -> Iterable[Outcome]:
        candidates = self._payload(_tokens(node)[1]) if len(_tokens(node)) > 1 else None
        if isinstance(candidates, Candidates):
            return self._choosing(node, candidates)
        outcome = self._outcome(node)
        return () if outcome is None else (outcome,)

    def _choosing(self, node: Tree[Token], candidates: Candidates) -> Iterable[Outcome]:
        """One outcome for each decision that chooses from these candidates."""
        self._line = _tokens(node)[0].line or self._line
        kind, tree = str(node.data), _trees(node)[0]
        by = (
            self._measure(tree, candidates, lowest=kind == "prefer_lowest")
            if kind in ("prefer_lowest", "prefer_highest")
            else self._condition(tree)
        )
        deciding = [d.name for d in self._ontology.decisions.values()
                    if d.candidates == candidates.name]  # fmt: skip
        if not deciding:
            them = called(candidates.name)
            self._problem("type", f"no decision chooses among `{them}`", "leave this outcome out")
        for name in deciding:
            if isinstance(by, Measure) or kind == "prefer_where":
                yield Prefer(name, by)
            else:
                yield Narrow(name, by, kind == "require")

    def _measure(self, name: Tree[Token], candidates: Candidates, lowest: bool) -> Measure:
        attribute = self._named(_tokens(name)[0])
        fitting = [
            a.label for a in self._ontology.attributes.values()
            if a.entity == candidates.entity and a.type in _ORDERED
        ]  # fmt: skip
        them, label = called(candidates.name), attribute.label
        if attribute.entity != candidates.entity:
            self._problem(
                "type",
                f"`{label}` is a fact of the request, the same for all {them}",
                did_you_mean(label, fitting) or f"say `prefer {them} where …`",
            )
        elif attribute.type not in _ORDERED:
            self._problem(
                "type",
                f"{them} cannot be put in order by `{label}`, which is no number and no date",
                f"say `prefer {them} where {label} …`",
            )
        return Measure(attribute.path, lowest)

    def _outcome(self, node: Tree[Token]) -> Outcome | None:
        tokens = _tokens(node)
        decision = cast("Decision", self._payload(tokens[0]))
        self._line = tokens[0].line or self._line
        value = self._payload(tokens[2]) if len(tokens) > 2 else None
        match str(node.data):
            case "left_to_staff":
                return LeaveToStaff(decision.name) if self._fits(decision, "single") else None
            case "decide" if decision.hit in ("min", "max"):
                return self._contribution(decision, cast("Value", value))
            case "decide":
                if not self._fits(decision, "single"):
                    return None
                return Decide(decision.name, self._decided(decision, cast("Value", value)))
            case "decide_concept":
                return self._concept(decision, str(value))
            case "include":
                if not self._fits(decision, "collect"):
                    return None
                return Include(decision.name, self._decided(decision, cast("Value", value)))
            case "adds" if decision.type != "code":
                if not self._fits(decision, "sum", "min", "max"):
                    return None
                return self._contribution(decision, cast("Value", value))
            case _:
                return self._modify(decision, str(value), str(node.data) == "adds")

    def _contribution(self, decision: Decision, value: Value) -> Contribute:
        return Contribute(decision.name, cast("Number", self._checked(value, decision)))

    def _modify(self, decision: Decision, modifier: str, adds: bool) -> Outcome | None:
        if decision.type != "code" or not decision.modifiers:
            self._problem(
                "type", f"`{decision.label}` has no modifiers", f"say `{decision.label} is …`"
            )
            return None
        return Modify(decision.name, modifier, adds)

    def _concept(self, decision: Decision, concept: str) -> Outcome | None:
        if decision.type != "code":
            self._problem("type", f"`{decision.label}` is no code", f"say `{decision.label} is …`")
            return None
        known = {c.concept for s in self._code_sets.values() for c in s.codes.values() if c.concept}
        if concept.casefold() not in {k.casefold() for k in known}:
            self._problem(
                "code-set", f"no code set has a code for `{concept}`", did_you_mean(concept, known)
            )
        return Decide(decision.name, Concept(concept))

    def _decided(self, decision: Decision, value: Value) -> Value:
        if decision.type == "code":
            self._known_code(decision, str(value))
            return str(value)
        return self._checked(value, decision)

    def _known_code(self, decision: Decision, value: str) -> None:
        sets = self._code_sets.values()
        if sets and not any(resolve(decision, value, s) for s in sets):
            codes = {code for s in sets for code in s.codes}
            self._problem(
                "code-set", f"`{value}` stands in no code set", did_you_mean(value, codes)
            )

    def _fits(self, decision: Decision, *hits: str) -> bool:
        if decision.hit in hits:
            return True
        say = {"collect": "include", "sum": "adds"}.get(decision.hit, "is")
        self._problem(
            "type",
            f"`{decision.label}` is not decided that way",
            f"say `{decision.label} {say} …`",
        )
        return False

    def _repeated(self, outcomes: tuple[Outcome, ...]) -> None:
        keys = [
            (o.decision, o.modifier) if isinstance(o, Modify) else (o.decision,)
            for o in outcomes
            if not isinstance(o, Include | Narrow | Prefer)
        ]
        for key in sorted({k for k in keys if keys.count(k) > 1}):
            label = self._ontology.decisions[key[0]].label
            self._problem("parse", f"the rule says `{label}` twice", "leave one of the two out")

    def _checked(self, value: Value, owner: Attribute | Decision) -> Value:
        if isinstance(value, int | Decimal) and not isinstance(value, bool):
            return self._number(value, owner)
        if isinstance(owner, Attribute) and owner.type == "code":
            codes = {code for s in self._code_sets.values() for code in s.codes}
            if codes and value not in codes:
                self._problem(
                    "code-set", f"`{value}` stands in no code set", did_you_mean(str(value), codes)
                )
        return value

    def _number(self, value: Number, owner: Attribute | Decision) -> Number:
        if isinstance(value, Decimal) and len(value.normalize().as_tuple().digits) > MOST_DIGITS:
            self._problem(
                "range",
                f"{value} has more than {MOST_DIGITS} digits",
                "round it: programs that read the answer could not tell it from its neighbours",
            )
        if owner.type == "integer" and isinstance(value, Decimal):
            if value != int(value):
                self._problem(
                    "type", f"`{owner.label}` is a whole number, {value} is not", "round it"
                )
            return int(value)
        low, high = owner.min, owner.max
        if (low is not None and value < low) or (high is not None and value > high):
            bounds = f"between {low} and {high}"
            bounds = f"at least {low}" if high is None else bounds
            bounds = f"at most {high}" if low is None else bounds
            self._problem(
                "range", f"{value} is out of range for `{owner.label}`", f"it is {bounds}"
            )
        return Decimal(value) if owner.type == "decimal" else value

    def _payload(self, token: Token) -> object:
        return self._payloads[token.start_pos or 0]

    def _problem(self, code: FindingCode, message: str, suggestion: str) -> None:
        self._problems.append(Problem(code, message, suggestion, self._title, self._line))


def mismatch(fact: Attribute, other: Attribute) -> tuple[str, str] | None:
    """Why two facts cannot be compared, and what to try; ``None`` where they can."""
    both = f"`{fact.label}` and `{other.label}`"
    if fact.path == other.path:
        return f"`{fact.label}` is compared with itself", "name another fact"
    if KINDS[other.type] not in COMPARABLE[KINDS[fact.type]]:
        return f"{both} are of different kinds", "compare it with a fact of its own kind"
    if fact.unit and other.unit and fact.unit != other.unit:
        return (
            f"`{fact.label}` is counted in {fact.unit}, `{other.label}` in {other.unit}",
            "compare it with a fact in the same unit",
        )
    if fact.values and other.values and not set(fact.values) & set(other.values):
        return f"{both} have no value in common", "compare it with a fact of the same values"
    return None


def _words_taken(ontology: Ontology) -> dict[tuple[str, ...], str]:
    """Names that mean something already, with what they are."""
    taken = dict.fromkeys(ontology.fact_keys, "a fact")
    taken |= {key_of(d.label): "a decision" for d in ontology.decisions.values()}
    return taken | dict.fromkeys(ontology.relation_keys, "a relation")


def _trees(node: Tree[Token]) -> list[Tree[Token]]:
    return [c for c in node.children if isinstance(c, Tree)]


def _tokens(node: Tree[Token]) -> list[Token]:
    return [c for c in node.children if isinstance(c, Token)]
