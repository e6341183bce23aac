"""Reading plain YAML nodes field by field, noting a finding for each thing that is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from data.ontology.nearest import did_you_mean
from data.ontology.plain_yaml import Fields, Items, Node, Text
from data.rulelang.findings import Finding, FindingCode

IDENTIFIER = re.compile(r"[^\W\d_]\w*")
_YES_NO = {"true": True, "yes": True, "false": False, "no": False}


@dataclass(frozen=True, slots=True)
class Notes:
    """Reads the nodes of one file and gathers findings."""

    file: str
    findings: list[Finding] = field(default_factory=list[Finding])

    def report(self, code: FindingCode, line: int, message: str, suggestion: str = "") -> None:
        place = f"{self.file}:{line}"
        self.findings.append(Finding(code, "error", message, suggestion, place=place))

    def fields(self, node: Node, what: str, known: Iterable[str]) -> Mapping[str, Node]:
        """The entries of a mapping with known keys; others are findings and left out."""
        keys = tuple(known)
        entries = self.mapping(node, what)
        for key in entries.entries:
            if key not in keys:
                message = f"{what} has no key `{key}`"
                self.report("pack", entries.lines[key], message, did_you_mean(key, keys))
        return {key: entry for key, entry in entries.entries.items() if key in keys}

    def require(self, fields: Mapping[str, Node], key: str, what: str, line: int) -> None:
        """Note a key that is missing from ``what``, which begins in ``line``."""
        if key not in fields:
            self.report("pack", line, f"{what} has no `{key}`", f"add `{key}:`")

    def mapping(self, node: Node, what: str) -> Fields:
        """The mapping; anything else is a finding and read as empty."""
        if isinstance(node, Fields):
            return node
        if not (isinstance(node, Text) and node.is_null):
            self.report("pack", node.line, f"{what} must be a mapping", "write `name: value` lines")
        return Fields({}, {}, node.line)

    def names(self, node: Node | None, what: str) -> Iterable[tuple[str, Node, int]]:
        """The entries of a mapping whose keys are identifiers: name, node, the name's line."""
        if node is None:
            return
        entries = self.mapping(node, what)
        for name, entry in entries.entries.items():
            line = entries.lines[name]
            if IDENTIFIER.fullmatch(name):
                yield name, entry, line
            else:
                tip = re.sub(r"\W+", "_", name.strip()).strip("_")
                suggestion = (
                    f"write `{tip}`" if IDENTIFIER.fullmatch(tip) else "begin with a letter"
                )
                message = f"`{name}` cannot be a name: letters, digits and underscores only"
                self.report("pack", line, message, suggestion)

    def text(self, node: Node | None, what: str) -> str | None:
        """The text on one line, spaces made single; nothing written is a finding."""
        if node is None:
            return None
        if not isinstance(node, Text):
            self.report("pack", node.line, f"{what} must be a text", "write one text")
            return None
        text = " ".join(node.value.split())
        if node.is_null or not text:
            self.report("pack", node.line, f"{what} is empty", "write a text, or remove the key")
            return None
        return text

    def texts(self, node: Node | None, what: str) -> tuple[str, ...]:
        """The texts of a list; equal ones, case aside, are findings."""
        return tuple(text for text, _ in self.text_lines(node, what))

    def synonyms(self, node: Node | None, what: str) -> tuple[str, ...]:
        """The texts of a list, each once; a synonym said twice does no harm."""
        return tuple(text for text, _ in self.text_lines(node, what, twice=True))

    def text_lines(
        self, node: Node | None, what: str, twice: bool = False
    ) -> list[tuple[str, int]]:
        """The texts of a list with their lines; with ``twice`` one may stand twice."""
        if node is None or (isinstance(node, Text) and node.is_null):
            return []
        if not isinstance(node, Items):
            self.report("pack", node.line, f"{what} must be a list", "write `[first, second]`")
            return []
        found: list[tuple[str, int]] = []
        seen: set[str] = set()
        for item in node.items:
            text = self.text(item, f"an entry of {what}")
            if text is None:
                continue
            if text.casefold() not in seen:
                seen.add(text.casefold())
                found.append((text, item.line))
            elif not twice:
                message = f"`{text}` stands twice in {what}"
                self.report("duplicate", item.line, message, "keep one")
        return found

    def flag(self, node: Node | None, what: str) -> bool:
        """Yes or no; absent is no."""
        text = self.text(node, what)
        if node is None or text is None:
            return False
        if text.casefold() not in _YES_NO:
            self.report(
                "type", node.line, f"{what} must be true or false, not `{text}`", "write yes or no"
            )
        return _YES_NO.get(text.casefold(), False)

    def choice(self, node: Node | None, what: str, known: Iterable[str]) -> str | None:
        """One of the known words; another is a finding and read as absent."""
        text = self.text(node, what)
        words = tuple(known)
        if node is None or text is None or text in words:
            return text
        message = f"{what} cannot be `{text}`"
        self.report("pack", node.line, message, did_you_mean(text, words))
        return None
