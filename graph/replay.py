"""What a change of rules changes among past requests, whole history in well under a second.

Only requests that a changed rule can touch are looked at: for each fact the history keeps its
requests in order of their values, so they are found without a pass over the others. The batch
evaluator of the version before, which is kept, answers them and tells which rules may apply to
them; of the version after only those and the changed ones are made ready.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.ontology.model import Ontology
from data.rulelang.ast import Condition, Rule, attributes_of
from data.rulelang.cells import applicability
from data.rulelang.change import Change, change_of, narrowed, same_words
from data.rulelang.fast.batch import Answers
from data.rulelang.fast.kinds import kinds_of
from data.rulelang.fast.needs import needs_of
from data.rulelang.fast.table import Requests, Rows
from data.rulelang.plan import elementwise
from data.rulelang.version import Version
from graph.describe import describe, person_paths
from graph.words import result_words

MOST_EXAMPLES = 5
MOST_PLACES = 12
Progress = Callable[[float], None]


class History(Requests):
    """Past requests (an Arrow table) by column."""

    def __init__(self, table: Any, ontology: Ontology, id_column: str = "id") -> None:
        super().__init__(table, ontology)
        self._ids = id_column
        self._by_value: dict[str, tuple[Rows, Rows]] = {}

    def read_all(self) -> None:
        """Reads and sorts every column now instead of when it is first asked for."""
        for path in self.paths:
            self._in_order(path)

    def id(self, row: int) -> str:
        if self._ids not in self.table.column_names:
            return str(row)
        return str(self.table.column(self._ids)[row].as_py())

    def touched(self, rule: Rule) -> Rows:
        """Requests to which the rule may apply; no others can, as what they say rules it out."""
        condition = elementwise(applicability(self.ontology, rule))
        needs = needs_of(condition).by_path
        allowed = {path: self._allowed(path, needs[path]) for path in needs}
        found: Rows | None = None
        for path in sorted(allowed, key=lambda p: self._count(p, allowed[p])):
            if found is None:
                found = self._having(path, allowed[path])
            else:
                found = found[allowed[path][self.column(path).codes[found] + 1]]
        return np.arange(len(self), dtype=np.intp) if found is None else found

    def _allowed(self, path: str, condition: Condition) -> NDArray[np.bool_]:
        """Whether an unknown fact, and then each of its values, may meet the condition."""
        attribute = self.ontology.attributes[path]
        kinds = kinds_of(attribute, [condition])
        values = (attribute.default, *self.column(path).values)
        met = (v is None or kinds.meets(condition, kinds.of(v)) for v in values)
        return np.fromiter(met, dtype=bool, count=len(values))

    def _in_order(self, path: str) -> tuple[Rows, Rows]:
        """The requests by their value of a fact, unknown first, and where each value begins."""
        if path not in self._by_value:
            column = self.column(path)
            counts = np.bincount(column.codes + 1, minlength=len(column.values) + 1)
            order = np.argsort(column.codes, kind="stable")
            self._by_value[path] = (order, np.concatenate([[0], np.cumsum(counts)]))
        return self._by_value[path]

    def _count(self, path: str, allowed: NDArray[np.bool_]) -> int:
        return int(np.diff(self._in_order(path)[1])[allowed].sum())

    def _having(self, path: str, allowed: NDArray[np.bool_]) -> Rows:
        order, begins = self._in_order(path)
        parts = [order[begins[i] : begins[i + 1]] for i in np.flatnonzero(allowed)]
        return np.concatenate(parts) if parts else order[:0]


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
    touched: int
    """How many requests a changed rule may apply to: no others were looked at."""

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
    change = change_of(before.rule_set, after.rule_set)
    if same_words(before, after):
        decisions, touched = _concerned(change, after), _touched(history, change)
    else:
        decisions, touched = _shared(before, after), np.arange(len(history), dtype=np.intp)
    found: list[_Difference] = []
    if len(touched) and decisions:
        old = before.batch.decide(history, decisions, touched)
        progress(0.5)
        left = _left(history, touched, change, before, after)
        new = left.batch.decide(history, decisions, touched)
        for name in decisions:
            found += _differences(name, old[name], new[name], touched)
    changed = _rows_of(found)
    return Replay(
        run=len(history),
        changed=len(changed),
        moves=_moves(found),
        where=_where(history, after.ontology, changed),
        examples=_examples(history, _telling(change, decisions, after), after.ontology, found),
        seconds=perf_counter() - started,
        touched=len(touched),
    )


def _concerned(change: Change, after: Version) -> tuple[str, ...]:
    """The decisions that a difference of rules can bear on."""
    named = {o.decision for r in change.rules for o in r.then}
    return tuple(n for n in after.ontology.decisions if n in named)


def _shared(before: Version, after: Version) -> tuple[str, ...]:
    """The decisions that both versions know."""
    return tuple(n for n in after.ontology.decisions if n in before.ontology.decisions)


def _touched(history: History, change: Change) -> Rows:
    """The rows to which a changed rule applies or might apply."""
    touched = [history.touched(rule) for rule in change.rules]
    return np.unique(np.concatenate(touched)) if touched else np.zeros(0, dtype=np.intp)


def _left(history: History, rows: Rows, change: Change, before: Version, after: Version) -> Version:
    """The version after with the rules that may apply to these rows: those that might before,
    and those that came. So a changed rule costs no more than what it meets."""
    if not same_words(before, after):
        return after
    met = before.batch.met(history, rows)
    return narrowed(after, met | {r.title for r in change.come})


def _differences(name: str, old: Answers, new: Answers, rows: Rows) -> Iterator[_Difference]:
    """The rows whose result reads otherwise, by what it was and what it is."""
    (old_words, old_at), (new_words, new_at) = _words(old), _words(new)
    pairs = old_at.astype(np.int64) * len(new_words) + new_at
    for pair in np.unique(pairs):
        was, is_now = divmod(int(pair), len(new_words))
        if old_words[was] != new_words[is_now]:
            yield _Difference(name, old_words[was], new_words[is_now], rows[pairs == pair])


def _words(answers: Answers) -> tuple[list[str], NDArray[np.intp]]:
    """What results are called, each once; and for each row the place of its result's words."""
    places: dict[str, int] = {}
    used, at = np.unique(answers.codes, return_inverse=True)
    called = (result_words(answers.results[int(code)].to_json()) for code in used)
    table = [places.setdefault(words, len(places)) for words in called]
    return list(places), np.array(table, dtype=np.intp)[at]


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


def _telling(change: Change, decisions: Sequence[str], after: Version) -> tuple[str, ...]:
    """The facts by which a person recognises a request: what the change looks at, who and where."""
    ontology, scopes = after.ontology, after.ontology.scopes
    conditions = (applicability(ontology, r) for r in change.rules)
    named = [p for condition in conditions for p in attributes_of(condition, ontology)]
    gaps = [ontology.decisions[d].gap_by for d in decisions]
    places = [scopes.path(level) for level in scopes.levels[-2:]] if scopes else []
    wanted = {*person_paths(ontology), *named, *(g for g in gaps if g), *places}
    return tuple(p for p in ontology.attributes if p in wanted)
