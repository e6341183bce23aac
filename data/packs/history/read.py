"""``history.yaml`` read strictly: all that is wrong with it at once, with line and suggestion."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from data.ontology.model import Attribute, Ontology, Value
from data.ontology.nearest import did_you_mean
from data.ontology.nodes import Notes
from data.ontology.plain_yaml import Fields, Items, Node, Text, read_yaml
from data.ontology.values import BadValue, converter, plain_value
from data.packs.history.model import (
    Absent,
    Before,
    Bell,
    Case,
    Days,
    Draw,
    Each,
    FactDraw,
    Given,
    HistorySpec,
    Older,
    Pattern,
    Ranges,
    RowsDraw,
    Shares,
    WeekdayOf,
    Words,
    YearsBefore,
)
from data.packs.load import Pack
from data.rulelang.ast import RuleSet
from data.rulelang.findings import InputError

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_COUNT = Attribute("", "integer", "number", min=0)
_DAYS = Attribute("", "integer", "days")
_RANGE = re.compile(r"(\S+) to (\S+)")
_TOP = ("id", "label", "requests", "scopes", "facts", "rows", "overruled", "versions")
_ROUND = ("missing", "per", "step")


def read_history(text: str, pack: Pack, file: str) -> HistorySpec:
    """What the text says of the pack's past; raises :class:`InputError` with every finding."""
    node, findings = read_yaml(text, file)
    notes = Notes(file, list(findings))
    spec = None if node is None else _Reader(notes, pack, _scope_facts(pack)).spec(node)
    if spec is None or notes.findings:
        raise InputError(tuple(notes.findings))
    return spec


def _scope_facts(pack: Pack) -> set[str]:
    """Facts that come with a row of the scope entity's table."""
    scopes = pack.ontology.scopes
    return {scopes.path(level) for level in scopes.levels} if scopes and pack.scope_rows else set()


@dataclass(frozen=True, slots=True)
class _Reader:
    notes: Notes
    pack: Pack
    drawn: set[str]
    """Paths of the facts that stand above what is being read."""

    @property
    def ontology(self) -> Ontology:
        return self.pack.ontology

    def spec(self, node: Node) -> HistorySpec:
        top = self.notes.fields(node, "the history", _TOP)
        return HistorySpec(
            prefix=self.notes.text(top.get("id"), "`id`") or "A",
            label=self.notes.text(top.get("label"), "`label`") or "current",
            scopes=self._scopes(top.get("scopes")),
            facts=self._facts(top.get("facts"), "facts", {a.path for a in self.ontology.facts}),
            rows=tuple(self._rows(top.get("rows"))),
            overruled=self._overruled(top.get("overruled")),
            older=tuple(self._versions(top.get("versions"))),
            requests=self._count(top.get("requests")),
        )

    def _count(self, node: Node | None) -> int | None:
        value = self._value(_COUNT, node) if isinstance(node, Text) else None
        return value if isinstance(value, int) else None

    # Facts.

    def _facts(self, node: Node | None, what: str, known: set[str]) -> tuple[FactDraw, ...]:
        found: list[FactDraw] = []
        for path, entry, line in self._entries(node, f"`{what}`"):
            if path not in known:
                self._unknown(line, f"`{path}` is no fact here", path, known)
                continue
            found.append(self._fact(self.ontology.attributes[path], entry))
            self.drawn.add(path)
        return tuple(found)

    def _fact(self, attribute: Attribute, node: Node) -> FactDraw:
        extras = dict(node.entries) if isinstance(node, Fields) else {}
        missing = self._share(extras.get("missing"), f"`missing` of `{attribute.path}`")
        per = self._fact_name(extras.get("per"))
        return FactDraw(attribute.path, self._draw(attribute, node), missing, per)

    def _rows(self, node: Node | None) -> Iterable[RowsDraw]:
        for name, entry, line in self._entries(node, "`rows`"):
            lists = {**self.ontology.relations, **self.ontology.candidates}
            relation = lists.get(name)
            if relation is None:
                message = f"`{name}` is no relation and no candidate list"
                self._unknown(line, message, name, lists)
                continue
            fields = self.notes.fields(entry, f"`{name}`", ("count", "missing", "among", "facts"))
            own = {p for p, a in self.ontology.attributes.items() if a.entity == relation.entity}
            self.notes.require(fields, "count", f"`{name}`", line)
            among = tuple(self._known_rows(fields.get("among"), relation.entity))
            self.drawn.update(path for row in among for path in row)
            yield RowsDraw(
                name,
                self._draw(_COUNT, fields["count"]) if "count" in fields else Absent(),
                self._facts(fields.get("facts"), f"facts of {name}", own),
                self._share(fields.get("missing"), f"`missing` of `{name}`"),
                among,
            )

    def _known_rows(self, node: Node | None, entity: str) -> Iterable[dict[str, Value]]:
        """Rows that are always the same."""
        known = {a.name: a for a in self.ontology.attributes.values() if a.entity == entity}
        for item in node.items if isinstance(node, Items) else ():
            row: dict[str, Value] = {}
            for name, entry, line in self._entries(item, "a row of `among`"):
                if name not in known:
                    self._unknown(line, f"`{name}` is no fact of `{entity}`", name, known)
                elif isinstance(entry, Fields):
                    message = f"`{name}` must be a value"
                    self.notes.report("pack", line, message, "write one value, or a list of them")
                elif (value := self._value(known[name], entry)) is not None:
                    row[known[name].path] = value
            yield row

    # Draws.

    def _draw(self, attribute: Attribute, node: Node) -> Draw:
        """The draw a node describes; what cannot be read is noted and draws nothing."""
        if isinstance(node, Text):
            return self._single(attribute, node)
        if isinstance(node, Items):
            return self._single_set(attribute, node)
        readers = self._readers()
        kinds = [key for key in node.entries if key in readers]
        if len(kinds) != 1:
            message = f"it must be said in one way how `{attribute.label}` is drawn"
            self.notes.report("pack", node.line, message, f"one of {', '.join(sorted(readers))}")
            return Absent()
        kind = kinds[0]
        known = (kind, "cases", "otherwise", *_ROUND) if kind == "given" else (kind, *_ROUND)
        self.notes.fields(node, f"the draw of `{attribute.label}`", known)
        return readers[kind](attribute, node.entries[kind], node)

    def _readers(self) -> Mapping[str, Callable[[Attribute, Node, Fields], Draw]]:
        return {
            "shares": self._shares,
            "yes": self._yes,
            "value": lambda a, n, f: self._draw(a, n),
            "ranges": self._ranges,
            "bell": self._bell,
            "days": self._days,
            "before": self._before,
            "years_before": self._years_before,
            "weekday_of": self._weekday_of,
            "words": self._words,
            "pattern": lambda a, n, f: Pattern(self.notes.text(n, "`pattern`") or ""),
            "each": self._each,
            "given": self._given,
        }

    def _single(self, attribute: Attribute, node: Text) -> Draw:
        if not node.style and node.value == "absent":
            return Absent()
        value = self._value(attribute, node)
        return Absent() if value is None else Shares((value,), (1.0,))

    def _single_set(self, attribute: Attribute, node: Items) -> Draw:
        value = self._value(attribute, node)
        return Absent() if value is None else Shares((value,), (1.0,))

    def _shares(self, attribute: Attribute, node: Node, fields: Fields) -> Draw:
        values: list[Value] = []
        weights: list[float] = []
        for text, entry, line in self._entries(node, f"the shares of `{attribute.label}`"):
            value = self._value(attribute, Text(text, line))
            if value is not None:
                values.append(value)
                weights.append(self._number(entry, "a share"))
        return self._weighted(node, Shares(tuple(values), tuple(weights)))

    def _yes(self, attribute: Attribute, node: Node, fields: Fields) -> Draw:
        if attribute.type != "boolean":
            message = f"`{attribute.label}` is no yes or no"
            self.notes.report("type", node.line, message, "write `shares:`")
        chance = self._share(node, "`yes`")
        return Shares((True, False), (chance, 1.0 - chance))

    def _ranges(self, attribute: Attribute, node: Node, fields: Fields) -> Draw:
        return self._weighted(node, self._spans(attribute, node, self._step(fields)))

    def _spans(self, attribute: Attribute, node: Node, step: float = 1.0) -> Ranges:
        ranges: list[tuple[Value, Value]] = []
        weights: list[float] = []
        for text, entry, line in self._entries(node, "`ranges`"):
            span = self._span(attribute, text, line)
            if span is not None:
                ranges.append(span)
                weights.append(self._number(entry, "a share"))
        return Ranges(tuple(ranges), tuple(weights), step)

    def _span(self, attribute: Attribute, text: str, line: int) -> tuple[Value, Value] | None:
        match = _RANGE.fullmatch(text)
        if match is None:
            message = f"`{text}` is no range"
            self.notes.report("pack", line, message, "write `18 to 39`, the lower end first")
            return None
        low, high = (self._value(attribute, Text(part, line)) for part in match.groups())
        if low is None or high is None:
            return None
        self._in_order(low, high, line)
        return (low, high)

    def _bell(self, attribute: Attribute, node: Node, fields: Fields) -> Draw:
        said = self.notes.fields(node, "`bell`", ("mean", "spread"))
        mean, spread = (self._number(said.get(k), f"`{k}`") for k in ("mean", "spread"))
        return Bell(mean, spread, self._step(fields))

    def _days(self, attribute: Attribute, node: Node, fields: Fields) -> Draw:
        said = self.notes.fields(node, "`days`", ("from", "until", "weekdays", "months"))
        first = self._day(attribute, said.get("from"), node)
        last = self._day(attribute, said.get("until"), node)
        self._in_order(first, last, node.line)
        weekdays = self._named_weights(said.get("weekdays"), WEEKDAYS)
        return Days(first, last, weekdays, self._named_weights(said.get("months"), MONTHS))

    def _before(self, attribute: Attribute, node: Node, fields: Fields) -> Draw:
        said = self.notes.fields(node, "`before`", ("fact", "days"))
        fact = self._fact_name(said.get("fact")) or ""
        return Before(fact, self._spans(_DAYS, said.get("days", node)))

    def _years_before(self, attribute: Attribute, node: Node, fields: Fields) -> Draw:
        said = self.notes.fields(node, "`years_before`", ("fact", "years"))
        fact, years = (self._fact_name(said.get(k)) or "" for k in ("fact", "years"))
        return YearsBefore(fact, years)

    def _weekday_of(self, attribute: Attribute, node: Node, fields: Fields) -> Draw:
        if len(attribute.values) != len(WEEKDAYS):
            message = f"`{attribute.label}` has not seven values, Monday first"
            self.notes.report("type", node.line, message, "write `shares:`")
            return Absent()
        return WeekdayOf(self._fact_name(node) or "")

    def _words(self, attribute: Attribute, node: Node, fields: Fields) -> Draw:
        lists = node.items if isinstance(node, Items) else ()
        found = tuple(
            tuple(t.value for t in part.items if isinstance(t, Text))
            for part in lists
            if isinstance(part, Items)
        )
        if not found or not all(found):
            self.notes.report("pack", node.line, "`words` needs lists", "write `[[Ba, Ko], [ri]]`")
            return Absent()
        return Words(found)

    def _each(self, attribute: Attribute, node: Node, fields: Fields) -> Draw:
        chances: dict[str, float] = {}
        for text, entry, line in self._entries(node, "`each`"):
            value = self._value(attribute, Items((Text(text, line),), line))
            if isinstance(value, frozenset):
                chances |= dict.fromkeys(value, self._share(entry, f"`{text}`"))
        return Each(chances)

    def _given(self, attribute: Attribute, node: Node, fields: Fields) -> Draw:
        path = self._fact_name(node)
        if "otherwise" not in fields.entries:
            message = f"`{attribute.label}` needs a draw for all other cases"
            self.notes.report("pack", fields.line, message, "add `otherwise:`")
            return Absent()
        otherwise = self._draw(attribute, fields.entries["otherwise"])
        if path is None:
            return otherwise
        on = self.ontology.attributes[path]
        cases = tuple(
            (self._case(on, text, line), self._draw(attribute, entry))
            for text, entry, line in self._entries(fields.entries.get("cases"), "`cases`")
        )
        return Given(path, cases, otherwise)

    def _case(self, on: Attribute, text: str, line: int) -> Case:
        if on.type in ("integer", "decimal", "date", "time") and _RANGE.fullmatch(text):
            span = self._span(on, text, line)
            return Case() if span is None else Case(low=span[0], high=span[1])
        read = (self._value(on, Text(part.strip(), line)) for part in text.split("|"))
        return Case(frozenset(v for v in read if v is not None))

    # The rest.

    def _scopes(self, node: Node | None) -> dict[str, dict[str, float]]:
        found: dict[str, dict[str, float]] = {}
        scopes = self.ontology.scopes
        for level, entry, line in self._entries(node, "`scopes`"):
            if scopes is None or level not in scopes.levels:
                known = scopes.levels if scopes else ()
                self._unknown(line, f"`{level}` is no level of scope", level, known)
                continue
            attribute = self.ontology.attributes[scopes.path(level)]
            weights = self._shares(attribute, entry, Fields({}, {}, line))
            if isinstance(weights, Shares):
                named = (str(v) for v in weights.values)
                found[level] = dict(zip(named, weights.weights, strict=True))
        return found

    def _overruled(self, node: Node | None) -> dict[str, float]:
        known = [d.name for d in self.ontology.decisions.values() if d.hit == "single"]
        found: dict[str, float] = {}
        for name, entry, line in self._entries(node, "`overruled`"):
            if name in known:
                found[name] = self._share(entry, f"`{name}`")
            else:
                message = f"`{name}` is no decision with a single value"
                self._unknown(line, message, name, known)
        return found

    def _versions(self, node: Node | None) -> Iterable[Older]:
        for label, entry, line in self._entries(node, "`versions`"):
            keys = ("until", "share", "without", "with")
            fields = self.notes.fields(entry, f"the version `{label}`", keys)
            until = None
            if "until" in fields and self.ontology.date:
                day = self.ontology.attributes[self.ontology.date]
                until = self._day(day, fields["until"], entry)
            share = self._share(fields["share"], "`share`") if "share" in fields else 1.0
            yield Older(label, self._older_rules(fields, line), until, share)

    def _older_rules(self, fields: Mapping[str, Node], line: int) -> RuleSet:
        """The pack's rules without some and with others."""
        from data.rulelang.parse import parse

        titles = [r.title for r in self.pack.rule_set.rules]
        without = self.notes.texts(fields.get("without"), "`without`")
        for title in without:
            if title not in titles:
                self._unknown(line, f"`{title}` is no rule", title, titles)
        text = fields.get("with")
        more = RuleSet()
        if isinstance(text, Text):
            placed = "\n" * (text.first_line - 1) + text.value
            defines = self.pack.rule_set.defines
            parsed = parse(placed, self.ontology, self.pack.code_sets, self.notes.file, defines)
            self.notes.findings.extend(parsed.findings)
            more = parsed.rule_set
        kept = (r for r in self.pack.rule_set.rules if r.title not in without)
        own = self.pack.rule_set
        gaps, defines = (*own.gaps, *more.gaps), (*own.defines, *more.defines)
        return RuleSet((*kept, *more.rules), gaps, defines)

    # Small things.

    def _entries(self, node: Node | None, what: str) -> Iterable[tuple[str, Node, int]]:
        if node is None:
            return
        mapping = self.notes.mapping(node, what)
        for name, entry in mapping.entries.items():
            yield name, entry, mapping.lines[name]

    def _value(self, attribute: Attribute, node: Text | Items) -> Value | None:
        try:
            return converter(attribute)(plain_value(attribute, node))
        except BadValue as bad:
            self.notes.report(bad.code, node.line, bad.message, bad.help)
            return None

    def _day(self, attribute: Attribute, node: Node | None, around: Node) -> date:
        value = self._value(attribute, node) if isinstance(node, Text) else None
        if not isinstance(value, date):
            if not isinstance(node, Text):
                self.notes.report("pack", around.line, "a first and a last day are needed",
                                  "write `from: 2025-01-01` and `until: 2026-12-31`")  # fmt: skip
            return date.min
        return value

    def _in_order(self, low: Any, high: Any, line: int) -> None:
        if low > high:
            self.notes.report("range", line, "it ends before it begins", "the lower end first")

    def _fact_name(self, node: Node | None) -> str | None:
        path = self.notes.text(node, "the name of a fact")
        if node is None or path is None or path in self.drawn:
            return path
        if path in self.ontology.attributes:
            message = f"`{path}` is not drawn above"
            self.notes.report("pack", node.line, message, "move it up, or name a fact above")
        else:
            self._unknown(node.line, f"`{path}` is no fact", path, self.ontology.attributes)
        return None

    def _named_weights(self, node: Node | None, names: tuple[str, ...]) -> tuple[float, ...]:
        """Weights by name; 1 for a name that is not there."""
        weights = dict.fromkeys(names, 1.0)
        for name, entry, line in self._entries(node, "the weights"):
            if name in weights:
                weights[name] = self._number(entry, f"`{name}`")
            else:
                self._unknown(line, f"`{name}` is none of these", name, names)
        return tuple(weights.values())

    def _weighted(self, node: Node, draw: Shares | Ranges) -> Draw:
        if sum(draw.weights) > 0:
            return draw
        self.notes.report("range", node.line, "the shares add up to nothing", "give one above 0")
        return Absent()

    def _step(self, fields: Fields) -> float:
        return self._number(fields.entries["step"], "`step`") if "step" in fields.entries else 1.0

    def _share(self, node: Node | None, what: str) -> float:
        number = 0.0 if node is None else self._number(node, what)
        if number > 1.0 and node is not None:
            self.notes.report("range", node.line, f"{what} is a share", "write it from 0 to 1")
        return min(number, 1.0)

    def _number(self, node: Node | None, what: str) -> float:
        text = node.value if isinstance(node, Text) else ""
        if re.fullmatch(r"[0-9]+(\.[0-9]+)?", text):
            return float(text)
        line = 1 if node is None else node.line
        self.notes.report("type", line, f"{what} must be a number, 0 or more", "write `0.25`")
        return 0.0

    def _unknown(self, line: int, message: str, word: str, known: Iterable[str]) -> None:
        self.notes.report("unknown-term", line, message, did_you_mean(word, tuple(known)))
