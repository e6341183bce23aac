"""What a change of rules changes among past requests, whole history in well under a second.

Not one request is evaluated twice alike. Each attribute of the history is a column of small
numbers; a comparison is answered once per distinct value and looked up for every row; `and`,
`or` and `not` are the minimum, maximum and complement of 0 (false), 1 (unknown), 2 (true).
Rows that no changed rule can touch are left out; the others fall into groups that the rules of
the decisions concerned cannot tell apart, and the reference evaluator decides one of each group.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any, assert_never

import numpy as np
import pyarrow as pa  # pyright: ignore[reportMissingTypeStubs]
from numpy.typing import NDArray

from data.ontology.model import Ontology, Value
from data.ontology.values import converter
from data.rulelang.ast import (
    And,
    Compare,
    CompareFacts,
    Condition,
    Count,
    Derived,
    Exists,
    Known,
    Not,
    Or,
    Rule,
    RuleSet,
    Since,
    Unexpanded,
    attributes_of,
)
from data.rulelang.cells import applicability, compares_of, holds
from data.rulelang.evaluate import decide
from data.rulelang.request import Request
from data.rulelang.version import Version
from graph.describe import describe, person_paths
from graph.words import result_words

FALSE, UNKNOWN, TRUE = 0, 1, 2
MOST_EXAMPLES = 5
MOST_PLACES = 12
Truth = NDArray[np.int8]
Rows = NDArray[np.intp]
Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Column:
    """One attribute of every past request, as places in a list of its distinct values."""

    codes: NDArray[np.int32]
    """Place in ``values``; -1 is unknown."""
    values: tuple[Value, ...]


class History:
    """Past requests (an Arrow table) by column; columns are read once, when first asked for."""

    def __init__(self, table: Any, ontology: Ontology, id_column: str = "id") -> None:
        self._table = table
        self._ontology = ontology
        self._ids = id_column
        self._columns: dict[str, Column] = {}

    def __len__(self) -> int:
        return int(self._table.num_rows)

    def given(self, row: int, paths: Iterable[str]) -> dict[str, Value]:
        """The known facts of one request, without defaults."""
        known = ((p, self.column(p)) for p in paths)
        return {p: c.values[c.codes[row]] for p, c in known if c.codes[row] >= 0}

    @property
    def paths(self) -> tuple[str, ...]:
        """The facts that the history has a column for."""
        held = set(self._table.column_names)
        return tuple(a.path for a in self._ontology.facts if a.path in held)

    def read_all(self) -> None:
        """Reads every column now instead of when it is first asked for."""
        for path in self.paths:
            self.column(path)

    def id(self, row: int) -> str:
        if self._ids not in self._table.column_names:
            return str(row)
        return str(self._table.column(self._ids)[row].as_py())

    def column(self, path: str) -> Column:
        """The column of an attribute as given; all unknown where the history lacks it."""
        if path not in self._columns:
            self._columns[path] = self._read(path)
        return self._columns[path]

    def _read(self, path: str) -> Column:
        if path not in self._table.column_names:
            return Column(np.full(len(self), -1, dtype=np.int32), ())
        codes, raw = _encoded(self._table.column(path))
        convert = converter(self._ontology.attributes[path])
        return Column(codes, tuple(convert(_outer(v)) for v in raw))


def _outer(value: Any) -> Any:
    """A stored value in the plain form in which a request would give it."""
    return value.isoformat() if hasattr(value, "isoformat") else value


def _encoded(column: Any) -> tuple[NDArray[np.int32], list[Any]]:
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if pa.types.is_list(whole.type) or pa.types.is_large_list(whole.type):
        return _encoded_lists(whole.to_pylist())
    if not pa.types.is_dictionary(whole.type):
        whole = whole.dictionary_encode()
    codes = whole.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32)
    return codes, whole.dictionary.to_pylist()


def _encoded_lists(rows: list[Any]) -> tuple[NDArray[np.int32], list[Any]]:
    seen: dict[tuple[Any, ...], int] = {}
    codes = [-1 if r is None else seen.setdefault(tuple(sorted(r)), len(seen)) for r in rows]
    return np.array(codes, dtype=np.int32), [list(key) for key in seen]


def truth(condition: Condition | None, history: History, ontology: Ontology, rows: Rows) -> Truth:
    """The condition's three-valued answer for each of the rows."""
    match condition:
        case None:
            return np.full(len(rows), TRUE, dtype=np.int8)
        case Compare(attribute):
            return _compare(condition, history.column(attribute), ontology, rows)
        case Known(attribute):
            known = history.column(attribute).codes[rows] >= 0
            return np.where(known, TRUE, FALSE).astype(np.int8)
        case CompareFacts() | Exists() | Count() | Since():
            return np.full(len(rows), UNKNOWN, dtype=np.int8)
        case Derived():
            raise Unexpanded(condition)
        case Not(part):
            return (TRUE - truth(part, history, ontology, rows)).astype(np.int8)
        case And(parts):
            return np.minimum.reduce([truth(p, history, ontology, rows) for p in parts])
        case Or(parts):
            return np.maximum.reduce([truth(p, history, ontology, rows) for p in parts])
    assert_never(condition)


def _compare(compare: Compare, column: Column, ontology: Ontology, rows: Rows) -> Truth:
    default = ontology.attributes[compare.attribute].default
    absent = UNKNOWN if default is None else _answer(compare, default)
    answers = [_answer(compare, v) for v in column.values]
    table = np.array([*answers, absent], dtype=np.int8)
    return table[column.codes[rows]]


def _answer(compare: Compare, value: Value) -> int:
    return TRUE if holds(compare, value) else FALSE


@dataclass(frozen=True, slots=True)
class Move:
    """So many requests went from one result to another."""

    decision: str
    before: str
    after: str
    count: int


@dataclass(frozen=True, slots=True)
class Example:
    """One past request that changes, told without anything identifying."""

    id: str
    words: str
    decision: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Replay:
    """What changed in the history, and how long it took to find out."""

    run: int
    changed: int
    moves: tuple[Move, ...]
    where: tuple[tuple[str, int], ...]
    examples: tuple[Example, ...]
    seconds: float
    evaluated: int
    """How many single evaluations it took."""

    def to_json(self) -> dict[str, Any]:
        return {
            "run": self.run,
            "changed": self.changed,
            "moves": [
                {"decision": m.decision, "from": m.before, "to": m.after, "count": m.count}
                for m in self.moves
            ],
            "where": [{"value": v, "count": n} for v, n in self.where],
            "examples": [
                {"id": e.id, "words": e.words, "decision": e.decision,
                 "before": e.before, "after": e.after}
                for e in self.examples
            ],
            "seconds": round(self.seconds, 3),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Group:
    """Rows that the rules of the decisions concerned cannot tell apart."""

    rows: Rows
    live: frozenset[int]
    """Places, among the rules of both versions, of those that apply or might apply."""


@dataclass(frozen=True, slots=True)
class _Difference:
    """A group of rows for which one decision differs."""

    decision: str
    before: str
    after: str
    rows: Rows


def replay(
    history: History, before: Version, after: Version, progress: Progress = lambda done: None
) -> Replay:
    """Every past request under both versions: who changes, from what to what, where."""
    started = perf_counter()
    decisions = concerned(before, after)
    rules = tuple(dict.fromkeys((*_bearing(before, decisions), *_bearing(after, decisions))))
    touched = _touched(history, before, after)
    groups = _groups(history, after.ontology, decisions, rules, touched)
    sides = (_Side(before, decisions, rules), _Side(after, decisions, rules))
    found: list[_Difference] = []
    for done, group in enumerate(groups):
        found += _differences(history, sides, group)
        if done % 20 == 19:
            progress(done / len(groups))
    changed = _rows_of(found)
    return Replay(
        run=len(history),
        changed=len(changed),
        moves=_moves(found),
        where=_where(history, after.ontology, changed),
        examples=_examples(history, _telling(before, after), after.ontology, found),
        seconds=perf_counter() - started,
        evaluated=2 * len(groups),
    )


def changed_rules(before: Version, after: Version) -> tuple[tuple[Rule, ...], tuple[Rule, ...]]:
    """The rules only the first version has, and those only the second has; expanded."""
    old, new = before.rule_set.expanded().rules, after.rule_set.expanded().rules
    held, holding = frozenset(old), frozenset(new)
    return tuple(r for r in old if r not in holding), tuple(r for r in new if r not in held)


def same_words(before: Version, after: Version) -> bool:
    """Whether ontology, code sets and scope rows are the same, so that only rules differ."""
    return (before.ontology, before.code_sets, before.scope_rows) == (
        after.ontology,
        after.code_sets,
        after.scope_rows,
    )


def concerned(before: Version, after: Version) -> tuple[str, ...]:
    """The decisions that a difference between the versions can bear on."""
    if not same_words(before, after):
        return tuple(n for n in after.ontology.decisions if n in before.ontology.decisions)
    gone, come = changed_rules(before, after)
    named = {o.decision for r in (*gone, *come) for o in r.then}
    return tuple(n for n in after.ontology.decisions if n in named)


def _touched(history: History, before: Version, after: Version) -> Rows:
    """The rows to which a changed rule applies or might apply."""
    everything = np.arange(len(history), dtype=np.intp)
    if not same_words(before, after):
        return everything
    gone, come = changed_rules(before, after)
    touched = np.zeros(len(history), dtype=bool)
    for rule in (*gone, *come):
        condition = applicability(after.ontology, rule)
        touched |= truth(condition, history, after.ontology, everything) != FALSE
    return np.flatnonzero(touched)


def _bearing(version: Version, decisions: Sequence[str]) -> tuple[Rule, ...]:
    rules = version.rule_set.expanded().rules
    return tuple(r for r in rules if any(o.decision in decisions for o in r.then))


def _groups(
    history: History,
    ontology: Ontology,
    decisions: Sequence[str],
    rules: Sequence[Rule],
    rows: Rows,
) -> list[_Group]:
    """The rows in groups that the rules cannot tell apart.

    Two rows are alike when every rule answers alike for both and, where a rule's answer is
    unknown, the facts that rule looks at lie in the same cells; so do the facts that pick a code
    set, and the whole place of a request whose place is not fully known.
    """
    if not len(rows) or not rules:
        return []
    conditions = [applicability(ontology, r) for r in rules]
    truths = [truth(c, history, ontology, rows) for c in conditions]
    keys: list[NDArray[Any]] = list(truths)
    keys += _open_cells(history, ontology, conditions, truths, rows)
    keys += _places(history, ontology, decisions, rows)
    table = np.column_stack(truths)
    return [
        _Group(rows[at], frozenset(np.flatnonzero(table[at[0]] != FALSE).tolist()))
        for at in _alike(keys)
    ]


def _open_cells(
    history: History,
    ontology: Ontology,
    conditions: Sequence[Condition | None],
    truths: Sequence[Truth],
    rows: Rows,
) -> Iterator[NDArray[Any]]:
    """Each attribute's cell, where some condition that names it is unknown; else nothing."""
    named: dict[str, list[int]] = {}
    for at, condition in enumerate(conditions):
        for path in (p for p in attributes_of(condition, ontology) if p in ontology.attributes):
            named.setdefault(path, []).append(at)
    compares = [c for condition in conditions for c in compares_of(condition)]
    for path, at in named.items():
        unsure = np.logical_or.reduce([truths[i] == UNKNOWN for i in at])
        if unsure.any():
            cells = _cells(history.column(path), [c for c in compares if c.attribute == path])
            yield np.where(unsure, cells[rows] + 2, 0)


def _cells(column: Column, compares: Sequence[Compare]) -> NDArray[np.int64]:
    """For each row the cell of its value under the comparisons; -1 is unknown."""
    signatures: dict[tuple[bool, ...], int] = {}
    of_value = [
        signatures.setdefault(tuple(holds(c, v) for c in compares), len(signatures))
        for v in column.values
    ]
    return np.array([*of_value, -1], dtype=np.int64)[column.codes]


def _places(
    history: History, ontology: Ontology, decisions: Sequence[str], rows: Rows
) -> Iterator[NDArray[Any]]:
    picking = {ontology.decisions[d].code_set for d in decisions}
    for path in sorted(p for p in picking if p):
        yield history.column(path).codes[rows]
    if ontology.scopes is None:
        return
    columns = [
        history.column(ontology.scopes.path(level)).codes[rows] for level in ontology.scopes.levels
    ]
    vague = np.logical_or.reduce([c < 0 for c in columns])
    if vague.any():
        yield from (np.where(vague, c + 2, 0) for c in columns)


def _alike(keys: Sequence[NDArray[Any]]) -> Iterator[NDArray[np.intp]]:
    """Places of rows with equal keys, each group in the history's order."""
    table = np.ascontiguousarray(np.column_stack([k.astype(np.int32) for k in keys]))
    packed = table.view(np.dtype((np.void, table.dtype.itemsize * table.shape[1]))).ravel()
    _, group = np.unique(packed, return_inverse=True)
    order = np.argsort(group, kind="stable")
    edges = np.flatnonzero(np.diff(group[order])) + 1
    yield from np.split(order, edges)


class _Side:
    """One of the two versions, cut down to the decisions concerned and the rules that are live."""

    def __init__(self, version: Version, decisions: Sequence[str], rules: Sequence[Rule]) -> None:
        kept = {d: version.ontology.decisions[d] for d in decisions}
        self._version = replace(version, ontology=replace(version.ontology, decisions=kept))
        own = frozenset(version.rule_set.expanded().rules)
        self._rules = {i: r for i, r in enumerate(rules) if r in own}
        self._smaller: dict[frozenset[int], Version] = {}

    def outcomes(self, given: Mapping[str, Value], live: frozenset[int]) -> dict[str, str]:
        """What the version gives each decision, in words; false rules have no part in it."""
        results = decide(self._cut(live), Request(given, {}))
        return {d: result_words(r.to_json()) for d, r in results.items()}

    def _cut(self, live: frozenset[int]) -> Version:
        mine = live & frozenset(self._rules)
        if mine not in self._smaller:
            rule_set = RuleSet(tuple(self._rules[i] for i in sorted(mine)))
            self._smaller[mine] = replace(self._version, rule_set=rule_set)
        return self._smaller[mine]


def _differences(
    history: History, sides: tuple[_Side, _Side], group: _Group
) -> Iterator[_Difference]:
    given = history.given(int(group.rows[0]), history.paths)
    first, second = (side.outcomes(given, group.live) for side in sides)
    for name in first:
        if first[name] != second[name]:
            yield _Difference(name, first[name], second[name], group.rows)


def _rows_of(found: Sequence[_Difference]) -> Rows:
    if not found:
        return np.array([], dtype=np.intp)
    return np.unique(np.concatenate([d.rows for d in found]))


def _moves(found: Sequence[_Difference]) -> tuple[Move, ...]:
    counts: Counter[tuple[str, str, str]] = Counter()
    for d in found:
        counts[d.decision, d.before, d.after] += len(d.rows)
    ordered = sorted(counts.items(), key=lambda kv: (_left_open(*kv[0]), -kv[1], kv[0]))
    return tuple(Move(*key, count) for key, count in ordered)


def _left_open(decision: str, before: str, after: str) -> bool:
    """Moves between plain results are told before those of requests that lack facts."""
    return "open" in (before[:4], after[:4])


def _where(history: History, ontology: Ontology, rows: Rows) -> tuple[tuple[str, int], ...]:
    """How many of the rows lie in each place, by the narrowest level with few places."""
    path = _telling_level(history, ontology)
    if path is None or not len(rows):
        return ()
    column = history.column(path)
    counts = np.bincount(column.codes[rows] + 1, minlength=len(column.values) + 1)
    named = [(str(column.values[i - 1]), int(n)) for i, n in enumerate(counts) if n and i]
    unknown = [("unknown", int(counts[0]))] if counts[0] else []
    return tuple(sorted(named, key=lambda vn: (-vn[1], vn[0])) + unknown)


def _telling_level(history: History, ontology: Ontology) -> str | None:
    if ontology.scopes is None:
        return None
    paths = [ontology.scopes.path(level) for level in reversed(ontology.scopes.levels)]
    return next((p for p in paths if 1 < len(history.column(p).values) <= MOST_PLACES), None)


def _examples(
    history: History, telling: Sequence[str], ontology: Ontology, found: Sequence[_Difference]
) -> tuple[Example, ...]:
    """A few requests that change: one of each move, the commonest first, then more.

    Requests that lack facts are shown only where no others change.
    """
    plain = [d for d in found if not _left_open(d.decision, d.before, d.after)]
    by_move: dict[tuple[str, str, str], list[int]] = {}
    for d in sorted(plain or found, key=lambda d: -len(d.rows)):
        by_move.setdefault((d.decision, d.before, d.after), []).extend(d.rows[:MOST_EXAMPLES])
    turns = (
        (move, rows[turn])
        for turn in range(MOST_EXAMPLES)
        for move, rows in by_move.items()
        if turn < len(rows)
    )
    picked = [pair for _, pair in zip(range(MOST_EXAMPLES), turns, strict=False)]
    return tuple(
        Example(history.id(row), describe(ontology, history.given(row, telling)), *move)
        for move, row in picked
    )


def _telling(before: Version, after: Version) -> tuple[str, ...]:
    """The facts by which a person recognises a request: what the change looks at, who and where."""
    ontology, scopes = after.ontology, after.ontology.scopes
    changed = [r for rules in changed_rules(before, after) for r in rules]
    named = [p for r in changed for p in attributes_of(applicability(ontology, r), ontology)]
    gaps = [ontology.decisions[d].gap_by for d in concerned(before, after)]
    places = [scopes.path(level) for level in scopes.levels[-2:]] if scopes else []
    wanted = {*person_paths(ontology), *named, *(g for g in gaps if g), *places}
    return tuple(p for p in ontology.attributes if p in wanted)
