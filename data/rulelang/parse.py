"""Rule text → rules, or findings in the author's words.

The grammar (:mod:`data.rulelang.grammar`) is run by Lark's LALR parser. What it reads are
phrases; where a position holds several, each is followed as long as it parses. One parse is
the meaning, two are a finding that shows both, never a choice of the parser's.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from functools import cache
from typing import Any, cast

from lark import Lark, Token, Tree, UnexpectedInput
from lark.lexer import Lexer
from lark.parsers.lalr_interactive_parser import InteractiveParser

from data.ontology.model import Attribute, Candidates, CodeSets, Decision, Ontology, Value
from data.rulelang.ast import AcceptedGap, Rule, RuleSet
from data.rulelang.build import Builder, Problem
from data.rulelang.failure import Failure, explain
from data.rulelang.findings import Finding
from data.rulelang.grammar import KEYWORDS, KINDS, called, declared, names, rules_text
from data.rulelang.lexicon import Phrases, Word, key_of, words_of
from data.rulelang.render import render, render_gap

Subject = Attribute | Decision | str | None
"""What the next value is a value of: a fact, a decision or a scope level."""

_STATEMENT = re.compile(
    r'^[ \t]*(?:rule|accept[ \t]+gap)[ \t]+["\u201c]', re.IGNORECASE | re.MULTILINE
)
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_MARKS = {"(": "LPAR", ")": "RPAR", ",": "COMMA"}
_MOST_PARSES = 64
MOST_DEPTH = 40
"""How deep parentheses may stand in one another."""
_TOO_DEEP = Problem(
    "parse",
    f"parentheses stand more than {MOST_DEPTH} deep in one another",
    "split the rule into several",
)
_ENDS_WHERE = frozenset(
    ["ALSO", "SCOPE", "MANDATORY", "WHEN", "THEN", "BECAUSE", "FROM", "UNTIL", "OVERRIDES"]
)
"""Keywords after which the words of a candidate list are no longer meant."""
_OWN_WORDS = frozenset(w for ways in KEYWORDS.values() for way in ways for w in key_of(way))


@dataclass(frozen=True, slots=True)
class Parsed:
    """What was read, and what could not be."""

    rule_set: RuleSet
    findings: tuple[Finding, ...]
    lines: Mapping[str, int]
    """Title → the line its statement starts on."""


def parse(text: str, ontology: Ontology, code_sets: CodeSets, file: str = "") -> Parsed:
    """Read rules. A statement with a finding is left out of the rule set, the others stay."""
    return _language(ontology, code_sets).parse(text, file)


class Language:
    """One organisation's language: its grammar, and the phrases its words make."""

    def __init__(self, ontology: Ontology, code_sets: CodeSets) -> None:
        self.ontology = ontology
        self.code_sets = code_sets
        self._fixed: dict[str | None, Phrases[tuple[str, object]]] = {}
        self._values: dict[str, Phrases[Value]] = {}

    def fixed(self, inside: str | None) -> Phrases[tuple[str, object]]:
        """Keywords and names; inside a ``where`` the words of its entity come first."""
        if inside not in self._fixed:
            self._fixed[inside] = Phrases.of(self._names(inside))
        return self._fixed[inside]

    def _names(self, inside: str | None) -> Iterable[tuple[str, tuple[str, object]]]:
        for terminal, ways in KEYWORDS.items():
            yield from ((way, (terminal, None)) for way in ways)
        for name, attributes in names(self.ontology, inside).items():
            yield from ((name, (f"{KINDS[a.type]}_NAME", a)) for a in attributes)
        for decision in self.ontology.decisions.values():
            yield decision.label, ("DECISION", decision)
        for level in self.ontology.scopes.levels if self.ontology.scopes else ():
            yield level, ("LEVEL", level)
        for candidates in self.ontology.candidates.values():
            ways = {candidates.name, called(candidates.name)}
            yield from ((way, ("CANDIDATES", candidates)) for way in ways)

    def parse(self, text: str, file: str = "") -> Parsed:
        rules: list[Rule] = []
        gaps: list[AcceptedGap] = []
        findings: list[Finding] = []
        lines: dict[str, int] = {}
        for chunk, line in _statements(text):
            statement, found = self._statement(chunk, line, file)
            findings += found
            if statement is None:
                continue
            if statement.title in lines:
                findings.append(_duplicate(statement.title, _place(file, line)))
                continue
            lines[statement.title] = line
            if isinstance(statement, Rule):
                rules.append(statement)
            else:
                gaps.append(statement)
        return Parsed(RuleSet(tuple(rules), tuple(gaps)), tuple(findings), lines)

    def _statement(
        self, text: str, line: int, file: str
    ) -> tuple[Rule | AcceptedGap | None, list[Finding]]:
        words = words_of(text, line)
        if _depth(words) > MOST_DEPTH:
            return None, [_finding(_TOO_DEEP, file, line)]
        trees, failure, payloads = self._trees(words)
        built = [Builder(self.ontology, self.code_sets, payloads).statement(t) for t in trees]
        sound = list({b.statement: b for b in built if b.statement and not b.problems}.values())
        if len(sound) == 1:
            return sound[0].statement, []
        if sound:
            return None, [self._ambiguous([b.statement for b in sound if b.statement], line, file)]
        if built:
            return None, [_finding(p, file, line) for p in built[0].problems]
        problem = explain(self.ontology, words, failure, self.fixed(failure.inside))
        return None, [_finding(problem, file, line)]

    def _trees(self, words: list[Word]) -> tuple[list[Tree[Token]], Failure, list[object]]:
        """Every way the words parse, and how far the best attempt came if there is none."""
        payloads: list[object] = []
        trees: list[Tree[Token]] = []
        failure = Failure(-1, frozenset(), None)
        open_: list[tuple[int, InteractiveParser, _Context]] = [
            (0, _parser().parse_interactive(""), _Context())
        ]
        while open_ and len(trees) < _MOST_PARSES:
            position, parser, context = open_.pop()
            while True:
                accepted = _accepted(parser)
                here = Failure(position, accepted, context.subject, context.inside)
                if position == len(words):
                    if "$END" in accepted:
                        trees.append(cast("Tree[Token]", parser.feed_eof(_token("$END", "", 0))))
                    else:
                        failure = max(failure, here)
                    break
                steps = list(self._steps(words, position, accepted, context))
                if not steps:
                    failure = max(failure, here)
                    break
                for terminal, end, payload in steps[1:]:
                    fork = parser.copy()
                    if _fed(fork, words[position], terminal, payload, payloads):
                        open_.append((end, fork, context.after(terminal, payload)))
                terminal, end, payload = steps[0]
                if not _fed(parser, words[position], terminal, payload, payloads):
                    failure = max(failure, here)
                    break
                position, context = end, context.after(terminal, payload)
        return trees, failure, payloads

    def _steps(
        self, words: list[Word], position: int, accepted: frozenset[str], context: _Context
    ) -> Iterable[tuple[str, int, object]]:
        """Terminals that can stand here, with the position after them and what they mean."""
        word, fixed = words[position], self.fixed(context.inside)
        if word.kind == "mark":
            terminal = _MARKS.get(word.text)
            if terminal in accepted:
                yield terminal, position + 1, word.text
        if word.kind == "string":
            if "STRING" in accepted:
                yield "STRING", position + 1, word.text
            for terminal, payload in fixed.exactly(word.text):
                if terminal in accepted and payload is not None:
                    yield terminal, position + 1, payload
        else:
            for end, (terminal, payload) in fixed.at(words, position):
                if terminal in accepted:
                    yield terminal, end, payload
        for terminal in sorted(accepted):
            if terminal.endswith("_VALUE") or terminal in ("DAY", "ADDED"):
                for end, value in self._value(terminal, words, position, context.subject):
                    yield terminal, end, value

    def _value(
        self, terminal: str, words: list[Word], position: int, subject: Subject
    ) -> Iterable[tuple[int, Value]]:
        word = words[position]
        if word.kind == "mark":
            return
        if terminal == "DAY":
            yield from _day(word, position)
        elif terminal == "LEVEL_VALUE" and isinstance(subject, str):
            yield from self._level_value(words, position, subject)
        elif terminal == "ADDED" and isinstance(subject, Decision):
            if subject.type == "code":
                yield from _listed(self._modifiers(subject), words, position)
            else:
                yield from _number(words, position, subject.unit)
        elif isinstance(subject, Attribute | Decision):
            yield from self._typed(words, position, subject)

    def _typed(
        self, words: list[Word], position: int, subject: Attribute | Decision
    ) -> Iterable[tuple[int, Value]]:
        word = words[position]
        match subject.type:
            case "boolean":
                if word.key in ("yes", "no", "true", "false"):
                    yield position + 1, word.key in ("yes", "true")
            case "integer" | "decimal":
                yield from _number(words, position, subject.unit)
            case "date":
                yield from _day(word, position)
            case "time":
                yield from _clock(word, position)
            case "enum":
                yield from _listed(self._listed_values(subject), words, position)
            case "set":
                if subject.values:
                    yield from _listed(self._listed_values(subject), words, position)
                else:
                    yield from _free(word, position)
            case "text" | "code" | "choice":
                if subject.values:
                    yield from _listed(self._listed_values(subject), words, position)
                else:
                    yield from _free(word, position)

    def _level_value(
        self, words: list[Word], position: int, level: str
    ) -> Iterable[tuple[int, Value]]:
        scopes = self.ontology.scopes
        attribute = self.ontology.attributes.get(scopes.path(level)) if scopes else None
        if attribute and attribute.values:
            yield from _listed(self._listed_values(attribute), words, position)
        else:
            yield from _free(words[position], position)

    def _listed_values(self, subject: Attribute | Decision) -> Phrases[Value]:
        name = subject.path if isinstance(subject, Attribute) else f"decision {subject.name}"
        return self._phrases(name, subject.values)

    def _modifiers(self, decision: Decision) -> Phrases[Value]:
        return self._phrases(f"modifiers {decision.name}", decision.modifiers)

    def _phrases(self, name: str, values: Iterable[str]) -> Phrases[Value]:
        if name not in self._values:
            self._values[name] = Phrases.of((v, cast("Value", v)) for v in values)
        return self._values[name]

    def _ambiguous(self, statements: list[Rule | AcceptedGap], line: int, file: str) -> Finding:
        texts = sorted(
            render(s, self.ontology) if isinstance(s, Rule) else render_gap(s, self.ontology)
            for s in statements
        )
        shown = _difference(texts[0], texts[1])
        return Finding(
            "ambiguous",
            "error",
            f"this can be read in two ways: {shown[0]} or {shown[1]}",
            "write one of the two as it stands here, with its quotes",
            (statements[0].title,),
            _place(file, line),
        )


@dataclass(frozen=True, slots=True)
class _Context:
    """What the next words are about."""

    subject: Subject = None
    inside: str | None = None
    """Entity of the rows that a ``where`` speaks of."""

    def after(self, terminal: str, payload: object) -> _Context:
        if isinstance(payload, Candidates):
            return _Context(None, payload.entity)
        inside = None if terminal in _ENDS_WHERE else self.inside
        if terminal.endswith("_NAME") or terminal in ("DECISION", "LEVEL"):
            return _Context(cast("Subject", payload), inside)
        return _Context(self.subject, inside)


def _fed(
    parser: InteractiveParser, word: Word, terminal: str, payload: object, payloads: list[object]
) -> bool:
    """Whether the parser takes the word as this terminal; its meaning is kept in ``payloads``."""
    token = _token(terminal, word.text, len(payloads), word.line)
    payloads.append(payload)
    try:
        parser.feed_token(token)
    except UnexpectedInput:
        return False
    return True


class _NoLexer(Lexer):
    """Words come from :mod:`data.rulelang.lexicon`."""

    def __init__(self, lexer_conf: Any) -> None: ...

    def lex(self, lexer_state: Any, parser_state: Any) -> Any:
        return iter(())


@cache
def _parser() -> Lark:
    """The parser's tables are the same for every organisation: only the words differ."""
    grammar = f"{rules_text()}\n%declare {' '.join(declared())}\n"
    return Lark(grammar, parser="lalr", lexer=_NoLexer, keep_all_tokens=True)


_languages: list[Language] = []


def _language(ontology: Ontology, code_sets: CodeSets) -> Language:
    """Languages of the last few ontologies are kept."""
    for language in _languages:
        if language.ontology is ontology and language.code_sets is code_sets:
            return language
    language = Language(ontology, code_sets)
    _languages.insert(0, language)
    del _languages[16:]
    return language


def _accepted(parser: InteractiveParser) -> frozenset[str]:
    state = cast("Any", parser.parser_state)
    return frozenset(state.parse_conf.parse_table.states[state.position])


def _depth(words: Iterable[Word]) -> int:
    """How many parentheses are open at once, at most."""
    steps = ({"(": 1, ")": -1}.get(w.text, 0) for w in words if w.kind == "mark")
    return max(itertools.accumulate(steps), default=0)


def _token(terminal: str, text: str, payload: int, line: int = 0) -> Token:
    return Token(terminal, text, start_pos=payload, line=line)


def _statements(text: str) -> Iterable[tuple[str, int]]:
    starts = [m.start() for m in _STATEMENT.finditer(text)]
    edges = [0, *starts, len(text)]
    for start, end in itertools.pairwise(edges):
        chunk = text[start:end]
        if words_of(chunk):
            skipped = len(chunk) - len(chunk.lstrip())
            yield chunk, 1 + text.count("\n", 0, start + skipped)


def _free(word: Word, position: int) -> Iterable[tuple[int, Value]]:
    """Free text: quoted, or one bare word that the language does not use itself."""
    if word.kind == "string" or word.key not in _OWN_WORDS:
        yield position + 1, word.text


def _day(word: Word, position: int) -> Iterable[tuple[int, Value]]:
    if re.fullmatch(r"\d{4}-\d\d-\d\d", word.text):
        try:
            yield position + 1, date.fromisoformat(word.text)
        except ValueError:
            return


def _clock(word: Word, position: int) -> Iterable[tuple[int, Value]]:
    if re.fullmatch(r"\d\d:\d\d", word.text):
        try:
            yield position + 1, time.fromisoformat(word.text)
        except ValueError:
            return


def _number(words: list[Word], position: int, unit: str | None) -> Iterable[tuple[int, Value]]:
    if not _NUMBER.fullmatch(words[position].text):
        return
    number = Decimal(words[position].text)
    value = int(number) if "." not in words[position].text else number
    units: Phrases[bool] = Phrases()
    for name in _unit_names(unit):
        units.add(name, True)
    with_unit = [end for end, _ in units.at(words, position + 1)]
    yield (max(with_unit) if with_unit else position + 1), value


def _unit_names(unit: str | None) -> tuple[str, ...]:
    if unit is None:
        return ()
    return (unit, unit[:-1]) if unit.endswith("s") and len(unit) > 2 else (unit,)


def _listed(
    phrases: Phrases[Value], words: list[Word], position: int
) -> Iterable[tuple[int, Value]]:
    word = words[position]
    if word.kind == "string":
        yield from ((position + 1, v) for v in phrases.exactly(word.text))
    else:
        yield from phrases.at(words, position)


def _difference(first: str, second: str) -> tuple[str, str]:
    pairs = zip(first.splitlines(), second.splitlines(), strict=False)
    a, b = next(((a, b) for a, b in pairs if a != b), (first, second))
    return f"`{' '.join(a.split())}`", f"`{' '.join(b.split())}`"


def _finding(problem: Problem, file: str, line: int) -> Finding:
    rules = (problem.title,) if problem.title else ()
    place = _place(file, problem.line or line)
    return Finding(problem.code, "error", problem.message, problem.suggestion, rules, place)


def _duplicate(title: str, place: str) -> Finding:
    return Finding(
        "duplicate",
        "error",
        f"two statements have the title `{title}`",
        "give each its own title",
        (title,),
        place,
    )


def _place(file: str, line: int) -> str:
    return f"{file}:{line}" if file else f"line {line}"
