"""YAML read strictly: every scalar stays the text that was written, with its line.

YAML itself turns ``0010`` into 8, ``12:30`` into 750 and ``NO`` into false, keeps the last
of two equal keys and lets 470 bytes stand for a billion leaves. So the parser's events are
taken as they are: no alias, anchor or tag, no duplicate key, and whoever knows the declared
type reads the text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn, cast

import yaml

from data.rulelang.findings import Finding, FindingCode

MAX_CHARACTERS = 4_000_000
MAX_DEPTH = 24

_LOADER: type[yaml.BaseLoader] = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_UNREADABLE = re.compile(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NULLS = frozenset(["", "~", "null", "Null", "NULL"])


@dataclass(frozen=True, slots=True)
class Text:
    """A scalar as it was written."""

    value: str
    line: int
    style: str = ""
    """Empty for plain text, else the quote or block sign it was written with."""

    @property
    def is_null(self) -> bool:
        return not self.style and self.value in _NULLS

    @property
    def first_line(self) -> int:
        """The line of the text's first character: a block begins below its sign."""
        return self.line + 1 if self.style in ("|", ">") else self.line


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    items: tuple[Node, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Fields:
    """A mapping, in the file's order."""

    entries: Mapping[str, Node]
    lines: Mapping[str, int]
    """The line of each key."""
    line: int


Node = Text | Items | Fields


def read_yaml(text: str, file: str) -> tuple[Node | None, list[Finding]]:
    """The one document of ``text`` and what is wrong with it; ``None`` where it cannot be read.

    With duplicate keys the first of each is kept, so that the rest can still be checked.
    A file without content is a null text.
    """
    reader = _Reader(text, file)
    try:
        return reader.document(), reader.findings
    except _Stop:
        return None, reader.findings


class _Stop(Exception):
    """Nothing more can be read; the finding is already noted."""


class _Reader:
    def __init__(self, text: str, file: str) -> None:
        self.findings: list[Finding] = []
        self._file = file
        self._text = text
        self._depth = 0
        self._long_quote = (0, -1)
        """First line, from 1, and last, from 0, of the latest quoted text over several lines."""

    def document(self) -> Node:
        self._refuse_unreadable()
        self._loader = _LOADER(self._text)
        try:
            self._next()
            if isinstance(self._next(), yaml.StreamEndEvent):
                return Text("", 1)
            node = self._node(self._next())
            self._next()
            if not isinstance(end := self._next(), yaml.StreamEndEvent):
                line = end.start_mark.line + 1
                self._stop(line, "a second document begins here", "remove the line `---`")
        except yaml.MarkedYAMLError as error:
            self._syntax(error)
        finally:
            self._loader.dispose()
        return node

    def _next(self) -> yaml.Event:
        return cast(yaml.Event, self._loader.get_event())

    def _node(self, event: yaml.Event) -> Node:
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent):
            self._stop(line, f"the alias `*{event.anchor}` is not allowed", "write the text again")
        self._refuse_marks(event, line)
        if isinstance(event, yaml.ScalarEvent):
            if event.style in ("'", '"') and event.end_mark.line > event.start_mark.line:
                self._long_quote = (line, event.end_mark.line)
            return Text(event.value, line, event.style or "")
        self._depth += 1
        if self._depth > MAX_DEPTH:
            self._stop(line, f"more than {MAX_DEPTH} levels deep", "use fewer levels")
        if isinstance(event, yaml.SequenceStartEvent):
            node = self._items(line)
        else:
            node = self._fields(line)
        self._depth -= 1
        return node

    def _items(self, line: int) -> Items:
        items: list[Node] = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            items.append(self._node(event))
        return Items(tuple(items), line)

    def _fields(self, line: int) -> Fields:
        entries: dict[str, Node] = {}
        lines: dict[str, int] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            key = self._node(event)
            if not isinstance(key, Text):
                self._stop(key.line, "a key must be a plain text", "write `name: value`")
            node = self._node(self._next())
            if key.value in entries:
                self._duplicate(key, lines[key.value])
            else:
                entries[key.value], lines[key.value] = node, key.line
        return Fields(entries, lines, line)

    def _refuse_unreadable(self) -> None:
        if len(self._text) > MAX_CHARACTERS:
            limit = f"{MAX_CHARACTERS // 1_000_000} million characters"
            self._stop(1, f"the file is longer than {limit}", "split the pack")
        if found := _UNREADABLE.search(self._text):
            line = self._text.count("\n", 0, found.start()) + 1
            self._stop(line, "a control character is not allowed", "save the file as plain UTF-8")

    def _refuse_marks(self, event: yaml.Event, line: int) -> None:
        if anchor := getattr(event, "anchor", None):
            self._stop(line, f"the anchor `&{anchor}` is not allowed", "remove it")
        if tag := getattr(event, "tag", None):
            tag = str(tag).replace("tag:yaml.org,2002:", "!!")
            self._stop(line, f"the tag `{tag}` is not allowed", "remove it: types are declared")

    def _duplicate(self, key: Text, first: int) -> None:
        message = f"`{key.value}` stands here a second time"
        self._report("duplicate", key.line, message, f"the first is in line {first}: keep one")

    def _syntax(self, error: yaml.MarkedYAMLError) -> NoReturn:
        problem = error.problem or "it cannot be read"
        mark = error.problem_mark or error.context_mark
        line = min(mark.line if mark else 0, len(self._text.splitlines()) - 1)
        if "cannot start any token" in problem and self._line(line).lstrip(" ").startswith("\t"):
            self._stop(line + 1, "a tab stands in the indent", "indent with spaces")
        if line == self._long_quote[1]:
            message = "a quoted text begins here and ends lines below, where nothing fits"
            self._stop(self._long_quote[0], message, "add the closing quote")
        for part, at_start, message, suggestion in _PROBLEMS:
            if part in problem:
                line = error.context_mark.line if at_start and error.context_mark else line
                self._stop(line + 1, message, suggestion)
        self._stop(line + 1, f"this is not valid yaml: {problem}", "check indent and quotes")

    def _line(self, index: int) -> str:
        lines = self._text.splitlines()
        return lines[index] if index < len(lines) else ""

    def _stop(self, line: int, message: str, suggestion: str) -> NoReturn:
        self._report("parse", line, message, suggestion)
        raise _Stop

    def _report(self, code: FindingCode, line: int, message: str, suggestion: str) -> None:
        place = f"{self._file}:{line}"
        self.findings.append(Finding(code, "error", message, suggestion, place=place))


_PROBLEMS = (
    (
        "mapping values are not allowed",
        False,
        "a colon stands where no name can be",
        "put a text that holds a colon in double quotes, and indent neighbours alike",
    ),
    (
        "cannot start any token",
        False,
        "a text begins with a character that has a meaning in yaml",
        "put the text in double quotes",
    ),
    (
        "did not find expected ',' or",
        True,
        "a list or mapping in brackets is not closed",
        "add the missing `,`, `]` or `}`",
    ),
    ("unexpected end of stream", True, "a quoted text is not closed", "add the closing quote"),
    (
        "could not find expected ':'",
        True,
        "a name stands here without a colon",
        "write `name: value`",
    ),
    (
        "did not find expected",
        False,
        "this line does not fit the lines above it",
        "check the indent, and quotes that end too early",
    ),
)
"""Part of the parser's words, whether its place is where the thing began, ours, what to try."""
