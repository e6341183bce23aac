"""Rule text → rules, or findings in the author's words.

The grammar (:mod:`data.rulelang.grammar`) is run by Lark's LALR parser. What it reads are
phrases; where a position holds several, each is followed as long as it parses. One parse is
the meaning, two are a finding that shows both, never a choice of the parser's.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any, cast, get_args

from lark import Lark, Token, Tree, UnexpectedInput
from lark.lexer import Lexer
from lark.parsers.lalr_interactive_parser import InteractiveParser

from data.ontology.model import Attribute, Candidates, CodeSets, Ontology, Relation
from data.rulelang.ast import (
    AcceptedGap,
    Define,
    Invariant,
    Rule,
    RuleSet,
    Statement,
    Unit,
    conditions_of,
    defining,
    derived_of,
)
from data.rulelang.build import Builder, Problem
from data.rulelang.failure import Failure, explain
from data.rulelang.findings import Finding
from data.rulelang.grammar import KEYWORDS, KINDS, called, clashes, declared, names, rules_text
from data.rulelang.lexicon import Phrases, Word, words_of
from data.rulelang.literals import Subject, Values
from data.rulelang.render import render_statement

_STATEMENT = re.compile(
    r'^[ \t]*(?:(?:rule|accept[ \t]+gap|invariant)[ \t]+["\u201c]|define[ \t]+[^ \t\n])',
    re.IGNORECASE | re.MULTILINE,
)
_DEFINE = re.compile(r"\s*define[ \t]+[^ \t\n]", re.IGNORECASE)
_MARKS = {"(": "LPAR", ")": "RPAR", ",": "COMMA"}
_MOST_PARSES = 64
_TABLES = Path(cache_from_source(__file__)).with_suffix(".lark")
"""Where Lark keeps the parser's tables between runs, beside what Python keeps of this module."""
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


@dataclass(frozen=True, slots=True)
class Parsed:
    """What was read, and what could not be."""

    rule_set: RuleSet
    findings: tuple[Finding, ...]
    lines: Mapping[str, int]
    """Title → the line its statement starts on."""


def parse(
    text: str,
    ontology: Ontology,
    code_sets: CodeSets,
    file: str = "",
    defines: Iterable[Define] = (),
) -> Parsed:
    """Read rules. A statement with a finding is left out of the rule set, the others stay.

    ``defines`` are those of other texts, whose names this one may use.
    """
    outside = tuple(defines)
    names = frozenset([*(d.name for d in outside), *_new_names(text)])
    return _language(ontology, code_sets, names).parse(text, file, outside)


def read_defines(
    texts: Iterable[str], ontology: Ontology, code_sets: CodeSets
) -> tuple[Define, ...]:
    """The definitions of several texts that belong together, as far as they can be read."""
    only = "\n".join(
        chunk for text in texts for chunk, _ in _statements(text) if _new_name(chunk) is not None
    )
    return parse(only, ontology, code_sets).rule_set.defines


class Language:
    """One organisation's language: its grammar, and the phrases its words make."""

    def __init__(self, ontology: Ontology, code_sets: CodeSets, derived: frozenset[str]) -> None:
        self.ontology = ontology
        self.code_sets = code_sets
        self.derived = derived
        """Names of the facts that some ``define`` names."""
        self._values = Values(ontology)
        self._fixed: dict[str | None, Phrases[tuple[str, object]]] = {}

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
        for relation in self.ontology.relations.values():
            ways = {relation.label, relation.many}
            yield from ((way, ("RELATION", relation)) for way in ways)
        for unit in get_args(Unit):
            yield from ((way, ("UNIT", unit)) for way in (unit, unit[:-1]))
        for name in self.derived:
            yield name, ("DERIVED_NAME", Attribute(name, "boolean", name))

    def parse(self, text: str, file: str, outside: tuple[Define, ...]) -> Parsed:
        read: dict[str, Statement] = {}
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
            read[statement.title] = statement
        endless = circular(outside, (s for s in read.values() if isinstance(s, Define)))
        findings += (_circular(c, lines, file) for c in endless)
        rule_set = _rule_set(read.values(), outside, {name for c in endless for name in c})
        return Parsed(rule_set, tuple(findings), lines)

    def _statement(self, text: str, line: int, file: str) -> tuple[Statement | None, list[Finding]]:
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
        problem = explain(self.ontology, words, failure, self.fixed(failure.inside), self.derived)
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
        """Terminals that can stand here, with the position after them and what they mean.

        Where a value can stand, a text in quotes is a value before it is a name, and so is a
        number, a date, a time, yes or no; and a name that clashes with a keyword needs its quotes.
        """
        word, fixed = words[position], self.fixed(context.inside)
        if word.kind == "mark":
            terminal = _MARKS.get(word.text)
            if terminal in accepted:
                yield terminal, position + 1, word.text
        found = list(self._value_steps(words, position, accepted, context.subject))
        if word.kind == "string":
            if "STRING" in accepted:
                yield "STRING", position + 1, word.text
            named = ((position + 1, m) for m in fixed.exactly(word.text) if m[1] is not None)
        else:
            named = fixed.at(words, position)
        certain = found and (word.kind == "string" or not isinstance(found[0][2], str))
        beside = any(terminal.endswith("_VALUE") for terminal in accepted)
        for end, (terminal, payload) in named:
            if terminal not in accepted:
                continue
            if beside and terminal.endswith("_NAME"):
                bare = word.kind != "string" and clashes(_said(words[position:end]))
                if certain or bare:
                    continue
            yield terminal, end, payload
        if "NEW_NAME" in accepted:
            yield from _new_name_at(words, position)
        yield from found

    def _value_steps(
        self, words: list[Word], position: int, accepted: frozenset[str], subject: Subject
    ) -> Iterable[tuple[str, int, object]]:
        for terminal in sorted(accepted):
            if terminal.endswith("_VALUE") or terminal in ("DAY", "ADDED"):
                for end, value in self._values.at(terminal, words, position, subject):
                    yield terminal, end, value

    def _ambiguous(self, statements: list[Statement], line: int, file: str) -> Finding:
        texts = sorted(render_statement(s, self.ontology) for s in statements)
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
    rows: str | None = None
    """Entity of the relation that was named last."""
    outer: str | None = None
    """What ``inside`` is again after the parentheses of a relation's ``where``."""
    depth: int | None = None
    """How many of these parentheses are open; ``None`` outside of such a ``where``."""

    def after(self, terminal: str, payload: object) -> _Context:
        here = _Context(self.subject) if terminal in _ENDS_WHERE else self
        if terminal.endswith("_NAME") or terminal in ("DECISION", "LEVEL"):
            return replace(here, subject=cast("Subject", payload))
        match payload:
            case Candidates():
                return _Context(None, payload.entity)
            case Relation():
                return replace(here, rows=payload.entity)
            case _:
                return here._in_rows(terminal)

    def _in_rows(self, terminal: str) -> _Context:
        """A relation's own words hold inside the parentheses of its ``where``."""
        match terminal, self.depth:
            case "WHERE", None if self.rows is not None:
                return replace(self, rows=None, inside=self.rows, outer=self.inside, depth=0)
            case "LPAR", int(depth):
                return replace(self, depth=depth + 1)
            case "RPAR", 1:
                return replace(self, inside=self.outer, outer=None, depth=None)
            case "RPAR", int(depth):
                return replace(self, depth=depth - 1)
            case _:
                return self


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
    """The parser's tables are the same for every organisation: only the words differ.

    Lark makes them anew where those kept are of another grammar, damaged, or cannot be kept.
    """
    grammar = f"{rules_text()}\n%declare {' '.join(declared())}\n"
    return Lark(grammar, parser="lalr", lexer=_NoLexer, keep_all_tokens=True, cache=str(_TABLES))


_languages: list[Language] = []


def _language(ontology: Ontology, code_sets: CodeSets, derived: frozenset[str]) -> Language:
    """Languages of the last few ontologies are kept."""
    for language in _languages:
        same = language.ontology is ontology and language.code_sets is code_sets
        if same and language.derived == derived:
            return language
    language = Language(ontology, code_sets, derived)
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
    line = 1
    for number, (start, end) in enumerate(itertools.pairwise(edges)):
        chunk = text[start:end]
        # Only what stands before the first statement may be empty, or comments alone.
        if number or words_of(chunk):
            skipped = len(chunk) - len(chunk.lstrip())
            yield chunk, line + chunk.count("\n", 0, skipped)
        line += chunk.count("\n")


def _new_names(text: str) -> Iterable[str]:
    """Names that the text's definitions give."""
    for chunk, _ in _statements(text):
        name = _new_name(chunk)
        if name is not None:
            yield name


def _new_name(statement: str) -> str | None:
    if _DEFINE.match(statement) is None:
        return None
    words = words_of(statement)
    return next((name for _, _, name in _new_name_at(words, 1)), None)


def _new_name_at(words: list[Word], position: int) -> Iterable[tuple[str, int, str]]:
    """A new name: in quotes, or the words up to ``as``."""
    if words[position].kind == "string":
        yield "NEW_NAME", position + 1, words[position].text
        return
    end = next((i for i in range(position, len(words)) if words[i].key == "as"), position)
    if end > position and all(w.kind == "word" for w in words[position:end]):
        yield "NEW_NAME", end, " ".join(w.text for w in words[position:end])


def circular(outside: Iterable[Define], defines: Iterable[Define]) -> tuple[tuple[str, ...], ...]:
    """Each ring of definitions that need one another, by its names in order of title."""
    own = {d.name: d for d in defines}
    uses = {d.name: derived_of(d.condition) for d in (*outside, *own.values())}
    rings: set[tuple[str, ...]] = set()
    for name in own:
        reached = _reached(name, uses)
        if name in reached:
            rings.add(tuple(sorted(n for n in reached if name in _reached(n, uses))))
    return tuple(sorted(rings))


def _reached(name: str, uses: Mapping[str, tuple[str, ...]]) -> set[str]:
    found: set[str] = set()
    open_ = list(uses.get(name, ()))
    while open_:
        one = open_.pop()
        if one not in found:
            found.add(one)
            open_ += uses.get(one, ())
    return found


def _rule_set(
    statements: Iterable[Statement], outside: Iterable[Define], endless: Collection[str]
) -> RuleSet:
    """The statements whose derived facts all have a meaning."""
    read = [s for s in statements if not isinstance(s, Define) or s.name not in endless]
    while True:
        known = {d.name for d in (*outside, *(s for s in read if isinstance(s, Define)))}
        sound = [s for s in read if known.issuperset(derived_of(*conditions_of(s)))]
        if len(sound) == len(read):
            break
        read = sound
    return RuleSet(
        tuple(s for s in read if isinstance(s, Rule)),
        tuple(s for s in read if isinstance(s, AcceptedGap)),
        tuple(s for s in read if isinstance(s, Define)),
        tuple(s for s in read if isinstance(s, Invariant)),
    )


def _difference(first: str, second: str) -> tuple[str, str]:
    pairs = zip(first.splitlines(), second.splitlines(), strict=False)
    a, b = next(((a, b) for a, b in pairs if a != b), (first, second))
    return f"`{' '.join(a.split())}`", f"`{' '.join(b.split())}`"


def _said(words: Iterable[Word]) -> str:
    return " ".join(w.text for w in words)


def _finding(problem: Problem, file: str, line: int) -> Finding:
    rules = (problem.title,) if problem.title else ()
    place = _place(file, problem.line or line)
    return Finding(problem.code, "error", problem.message, problem.suggestion, rules, place)


def _circular(ring: tuple[str, ...], lines: Mapping[str, int], file: str) -> Finding:
    titles = {defining(name): name for name in ring}
    first = min(lines[t] for t in titles if t in lines)
    said = " and ".join(f"`{name}`" for name in ring)
    each = "itself" if len(ring) == 1 else "each other"
    return Finding(
        "parse",
        "error",
        f"{said} {'is' if len(ring) == 1 else 'are'} defined by {each}",
        "say what it stands for without its own name",
        tuple(titles),
        _place(file, first),
    )


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
