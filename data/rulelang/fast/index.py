"""Which rules a request's known facts leave possible.

Many rules are first divided by the values that a fact must have for them (access predicates:
Fabret et al., SIGMOD 2001). The few rules of a leaf are narrowed fact by fact: what a value leaves
of them is worked out when it is first met and then looked up, as RE2 does with the states of an
automaton. Little memory is touched for one request: beyond some thousand rules that is what takes
the time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Any

from data.ontology.model import Attribute, Value
from data.rulelang.ast import Compare, Condition, all_of, conjuncts
from data.rulelang.cells import operands
from data.rulelang.fast.kinds import Kinds, kinds_of
from data.rulelang.fast.needs import needs_of
from data.rulelang.plan import Entry
from data.rulelang.version import Version

Facts = Mapping[str, Value]
MOST_BRANCHES = 4
"""A rule that holds for more values of a fact than this is not repeated under each."""
MOST_KINDS = 4096
"""Values of a fact whose kind is kept at hand; and kinds of which a leaf knows the rules."""
MOST_MET, MOST_MET_A_RULE = 256, 16
"""Values, of a leaf and for each of its rules, whose outcome is kept at hand."""


class Fact(dict[Value, Hashable]):
    """A fact that rules look at on its own: by value its kind, found as values are met."""

    def __init__(self, attribute: Attribute) -> None:
        self.attribute = attribute
        self.asks: dict[Condition, Ask] = {}
        """By condition, for each that some rule asks of it."""

    @cached_property
    def kinds(self) -> Kinds:
        """The kinds of values that these conditions tell apart."""
        return kinds_of(self.attribute, self.asks)

    def __missing__(self, value: Value) -> Hashable:
        if len(self) >= MOST_KINDS:
            self.clear()
        kind = self[value] = self.kinds.of(value)
        return kind

    def ask(self, condition: Condition) -> Ask:
        """What all rules share that ask this."""
        ask = self.asks.get(condition)
        if ask is None:
            ask = self.asks[condition] = Ask(self, condition, _values(condition))
        return ask


@dataclass(frozen=True, eq=False)
class Ask:
    """A condition on one fact on its own: one and the same object for all rules that ask it."""

    fact: Fact
    condition: Condition
    values: tuple[Value, ...]
    """The few values that alone meet it; empty where others do too."""

    @cached_property
    def met(self) -> Callable[[Any], bool]:
        """Whether values of a kind meet it."""
        return self.fact.kinds.test(self.condition)


@dataclass(frozen=True, slots=True)
class Asks:
    """All that a rule asks of single facts."""

    by_path: Mapping[str, Ask]
    """The rule cannot apply wherever one of them is not met."""
    exact: bool
    """Whether that is all there is: the rule applies wherever each of them is met."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A rule as the index sees it."""

    number: int
    needs: Asks


class Column(dict[Hashable, int]):
    """What the rules of a leaf ask of one fact: by kind of a value, as bits, the rules it keeps."""

    __slots__ = ("asking", "fact", "path", "tests")

    def __init__(self, fact: Fact, tests: tuple[tuple[Ask, int], ...]) -> None:
        self.fact = fact
        self.path = fact.attribute.path
        self.tests = tests
        """Each condition on the fact, and the rules that ask it, as bits."""
        self.asking = sum(rules for _, rules in tests)
        """The rules that ask something of it."""

    def __missing__(self, kind: Hashable) -> int:
        if len(self) >= MOST_KINDS:
            self.clear()
        gone = sum([rules for ask, rules in self.tests if not ask.met(kind)])
        self[kind] = ~gone
        return ~gone

    @property
    def kinds(self) -> Kinds:
        return self.fact.kinds

    @property
    def groups(self) -> tuple[tuple[Condition, int], ...]:
        """Each condition on the fact, and the rules that ask it."""
        return tuple((ask.condition, rules) for ask, rules in self.tests)


class Step(dict[Value | None, "Step"]):
    """What is left of a leaf's rules after some facts; by the next fact's value the next step.

    One and the same object for the same rules left: at the end it stands for them.
    """

    __slots__ = ("_leaf", "_place", "left", "path", "unsure")
    __hash__ = object.__hash__  # type: ignore[assignment]
    __eq__ = object.__eq__

    def __init__(self, leaf: Leaf, place: int, left: int, unsure: int) -> None:
        self._leaf, self._place, self.left, self.unsure = leaf, place, left, unsure
        columns = leaf.columns
        self.path = columns[place].path if place < len(columns) else "" if left else None
        """The fact that is looked at next; empty at the end, ``None`` where no rule is left."""

    def __missing__(self, value: Value | None) -> Step:
        left, unsure, column = self.left, self.unsure, self._leaf.columns[self._place]
        if value is None:
            unsure |= column.asking
        else:
            left &= column[column.fact[value]]
        step = self[value] = self._leaf.step(self._place + 1, left, unsure)
        self._leaf.remember()
        return step

    @property
    def numbers(self) -> tuple[int, ...]:
        """The numbers of the rules that are left."""
        return self._leaf.numbers(self.left)

    @property
    def open(self) -> tuple[int, ...]:
        """Of the rules that are left those that are open: not all they ask is known."""
        return self._leaf.numbers(self.left & self.unsure)


class Leaf:
    """Rules that are looked up together, each of them one bit."""

    __slots__ = ("_inexact", "_room", "_steps", "columns", "first", "rules")

    def __init__(self, rules: Sequence[Asked], columns: tuple[Column, ...]) -> None:
        self.rules = tuple(r.number for r in rules)
        """By bit, the rule's number."""
        self.columns = columns
        self._inexact = sum(1 << i for i, r in enumerate(rules) if not r.needs.exact)
        self.forget()

    def forget(self) -> None:
        """Begin anew: no value was met so far."""
        self._steps: dict[tuple[int, int, int], Step] = {}
        self._room = max(MOST_MET, MOST_MET_A_RULE * len(self.rules))
        self.first = self.step(0, (1 << len(self.rules)) - 1, self._inexact)

    def remember(self) -> None:
        """One value more was met; when they are too many all are forgotten."""
        self._room -= 1
        if self._room < 0:
            self.forget()

    def step(self, place: int, left: int, unsure: int) -> Step:
        """The step from which the columns from this place on narrow what is left."""
        columns = self.columns
        while place < len(columns) and not left & columns[place].asking:
            place += 1
        key = (place, left, left & unsure)
        step = self._steps.get(key)
        if step is None:
            step = self._steps[key] = Step(self, *key)
        return step

    def numbers(self, bits: int) -> tuple[int, ...]:
        """The numbers of the rules whose bits are set."""
        return tuple([rule for place, rule in enumerate(self.rules) if bits >> place & 1])


NOTHING = Leaf((), ())


class Split:
    """Rules divided by the values that one fact must have for them."""

    __slots__ = ("branches", "last", "path", "rest", "ways")

    def __init__(self, path: str, branches: Mapping[Value, Node], rest: Node) -> None:
        self.path = path
        self.branches = branches
        """For each value the rules that hold for it."""
        self.rest = rest
        """The rules that are not divided by this fact."""
        more, self.last = (rest.ways, rest.last) if isinstance(rest, Split) else ((), rest)
        self.ways: tuple[tuple[str, Mapping[Value, Node]], ...] = ((path, branches), *more)
        """All facts that one after the other divide the rules, and in the end a leaf."""


Node = Leaf | Split


@dataclass(frozen=True, slots=True)
class Index:
    """All rules of a version that speak of some decision, by number."""

    titles: tuple[str, ...]
    applies: tuple[Condition | None, ...]
    """When each of them applies: scope, dates and condition."""
    rules: tuple[Asked, ...]
    facts: Mapping[str, Fact]
    """By path, for every fact that some rule looks at on its own."""
    root: Node


def index_of(version: Version, most: int) -> Index:
    """The index; rules that beat others have lower numbers, as far as one order can say so.

    More than ``most`` rules are divided by a fact, where some fact divides them well.
    """
    entries = {e.rule.title: e for plan in version.plans.values() for e in plan.entries}
    around = Counter(inner for inner, _ in version.edges.inside)
    scopes = version.ontology.scopes

    def rank(entry: Entry) -> tuple[Any, ...]:
        rule = entry.rule
        breadth = scopes.breadth(rule.scope.level) if scopes and rule.scope else 0
        narrow = breadth if rule.mandatory else -breadth
        late = -rule.start.toordinal() if rule.start else 0
        return (not rule.mandatory, narrow, -around[rule.title], late, rule.title)

    ordered = sorted(entries.values(), key=rank)
    applies = tuple(e.applies for e in ordered)
    asking = _Asking(version.ontology.attributes)
    rules = tuple(Asked(i, asking.of(condition)) for i, condition in enumerate(applies))
    titles = tuple(e.rule.title for e in ordered)
    return Index(titles, applies, rules, asking.facts, grow(rules, asking.facts, most))


class _Asking:
    """What rules ask of single facts, each condition worked out once."""

    def __init__(self, attributes: Mapping[str, Attribute]) -> None:
        self._attributes = attributes
        self.facts: dict[str, Fact] = {}
        self._parts: dict[Condition, Asks] = {}

    def of(self, condition: Condition | None) -> Asks:
        """What a rule asks that applies where the condition is true."""
        by_path: dict[str, Ask] = {}
        exact = True
        for part in conjuncts(condition):
            asks = self._parts.get(part)
            if asks is None:
                asks = self._parts[part] = self._part(part)
            exact = exact and asks.exact
            for path, ask in asks.by_path.items():
                if path in by_path:
                    ask = self.facts[path].ask(all_of(by_path[path].condition, ask.condition))
                by_path[path] = ask
        return Asks(by_path, exact)

    def _part(self, condition: Condition) -> Asks:
        needs = needs_of(condition)
        return Asks({p: self._fact(p).ask(c) for p, c in needs.by_path.items()}, needs.exact)

    def _fact(self, path: str) -> Fact:
        if path not in self.facts:
            self.facts[path] = Fact(self._attributes[path])
        return self.facts[path]


def find(nodes: list[Node], facts: Facts) -> tuple[tuple[Step, ...], list[Node]]:
    """Every rule below these nodes that may apply; and nodes, not searched, that hang on an unknown
    fact. ``nodes`` grows on the way."""
    found: list[Step] = []
    vague: list[Node] = []
    value_of = facts.get
    for node in nodes:
        if isinstance(node, Split):
            for path, branches in node.ways:
                value: Any = value_of(path)
                branch = branches.get(value)
                if branch is not None:
                    nodes.append(branch)
                elif value is None:
                    vague.extend(branches.values())
            node = node.last
        step = node.first
        while path := step.path:
            step = step[value_of(path)]
        if path is not None:
            found.append(step)
    return tuple(found), vague


def grow(
    rules: Sequence[Asked], facts: Mapping[str, Fact], most: int, told: frozenset[str] = frozenset()
) -> Node:
    """The index of these rules; of the facts in ``told`` they have what they ask."""
    path = _dividing(rules, told) if len(rules) > most else None
    if path is None:
        return Leaf(rules, _columns(rules, facts, told)) if rules else NOTHING
    branches: dict[Value, list[Asked]] = {}
    rest: list[Asked] = []
    for rule in rules:
        ask = rule.needs.by_path.get(path)
        if ask is None or not ask.values:
            rest.append(rule)
        else:
            for value in ask.values:
                branches.setdefault(value, []).append(rule)
    below = told | {path}
    grown = {value: grow(some, facts, most, below) for value, some in branches.items()}
    return Split(path, grown, grow(rest, facts, most, told))


def _columns(
    rules: Sequence[Asked], facts: Mapping[str, Fact], told: frozenset[str]
) -> tuple[Column, ...]:
    """One column for each fact, those that most rules look at first."""
    asked: dict[str, dict[Ask, int]] = {}
    for place, rule in enumerate(rules):
        for path, ask in rule.needs.by_path.items():
            if path not in told:
                tests = asked.setdefault(path, {})
                tests[ask] = tests.get(ask, 0) | 1 << place
    columns = [Column(facts[path], tuple(tests.items())) for path, tests in asked.items()]
    return tuple(sorted(columns, key=lambda c: (-c.asking.bit_count(), c.path)))


def _dividing(rules: Sequence[Asked], told: frozenset[str]) -> str | None:
    """The fact that leaves the fewest rules to look through; ``None`` where none helps."""
    sizes: dict[str, Counter[Value]] = {}
    divided = Counter[str]()
    for ask, count in Counter(chain.from_iterable(r.needs.by_path.values() for r in rules)).items():
        path = ask.fact.attribute.path
        if ask.values and path not in told:
            divided[path] += count
            counts = sizes.setdefault(path, Counter())
            for value in ask.values:
                counts[value] += count
    if not divided:
        return None
    total = len(rules)
    left = {p: total - divided[p] + max(sizes[p].values()) for p in divided}
    best = min(left, key=lambda p: (left[p], p))
    return best if left[best] < total * 0.9 else None


def _values(condition: Condition) -> tuple[Value, ...]:
    """The few values that alone meet the condition; empty where it is met by others too."""
    match condition:
        case Compare(_, "is" | "is one of") if len(operands(condition)) <= MOST_BRANCHES:
            return tuple(dict.fromkeys(operands(condition)))
        case _:
            return ()
