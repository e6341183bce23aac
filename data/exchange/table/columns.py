"""The first row of a table: what each column speaks of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from data.exchange.problem import problem
from data.exchange.table.sheets import Cell
from data.ontology.model import Attribute, Decision, Ontology
from data.ontology.nearest import did_you_mean, listed
from data.rulelang.findings import Finding

Clause = Literal["title", "scope", "mandatory", "because", "from", "until", "overrides"]
CLAUSES: Mapping[str, Clause] = {c: c for c in get_args(Clause)}
OTHERWISE: Mapping[str, Clause] = {
    "rule": "title", "name": "title", "reason": "because", "start": "from", "end": "until",
}  # fmt: skip
"""What people call these columns where no fact and no decision has that name."""
ANSWERS = frozenset(["then", "result", "outcome", "answer", "output", "decision"])
"""A column called so holds the decision that the table is about."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column, by its place from 0."""

    number: int
    name: str
    of: Attribute | Decision | Clause

    @property
    def place(self) -> str:
        return f"column `{self.name}` ({letters(self.number)})"


def letters(number: int) -> str:
    """The column's name in a spreadsheet: A, B, …, Z, AA."""
    head, last = divmod(number, 26)
    return (letters(head - 1) if head else "") + chr(ord("A") + last)


def columns_of(
    header: tuple[Cell, ...], ontology: Ontology, about: Decision | None
) -> tuple[tuple[Column, ...], list[Finding]]:
    """The columns, and what is wrong with the header; places are columns, without the sheet."""
    ways = _ways(ontology)
    found: list[Column] = []
    problems: list[Finding] = []
    for number, cell in enumerate(header):
        if not cell.text:
            continue
        meant = _meant(cell.text, ways, about)
        column = Column(number, cell.text, meant[0]) if len(meant) == 1 else None
        if column is None:
            problems.append(_unclear(number, cell.text, meant, ways))
        elif isinstance(column.of, Attribute) and column.of.sensitive:
            message = f"`{cell.text}` identifies a person and cannot stand in a condition"
            problems.append(problem(message, "use another fact", column.place, "type"))
        elif not isinstance(column.of, Attribute) and any(c.of == column.of for c in found):
            message = f"the column `{cell.text}` stands twice"
            problems.append(problem(message, "keep one", column.place, "duplicate"))
        else:
            found.append(column)
    if not problems and not any(isinstance(c.of, Decision) for c in found):
        decisions = [d.label for d in ontology.decisions.values()]
        message = "no column is a decision, so no row says what follows"
        problems.append(problem(message, f"name one of them: {listed(decisions)}"))
    return tuple(found), problems


Meant = Attribute | Decision | Clause


def _ways(ontology: Ontology) -> dict[str, list[Meant]]:
    """Every way to name a column, folded → what it may mean; a label goes before a synonym."""
    found: dict[str, list[Meant]] = {name: [clause] for name, clause in CLAUSES.items()}
    for first in (True, False):
        round_: dict[str, list[Meant]] = {}
        for word in (*ontology.facts, *ontology.decisions.values()):
            for name in _names(word) if first else word.synonyms:
                mine = round_.setdefault(_folded(name), [])
                mine += [] if word in mine else [word]
        found |= {name: words for name, words in round_.items() if name not in found}
    return {**{name: [clause] for name, clause in OTHERWISE.items()}, **found}


def _names(word: Attribute | Decision) -> Iterator[str]:
    """A decision may be told from a fact of its label by ``then``, a fact by its path."""
    if isinstance(word, Decision):
        yield from (word.label, word.name, f"then {word.label}")
    else:
        yield from (word.label, word.path, f"{word.entity} {word.label}")


def _meant(text: str, ways: Mapping[str, list[Meant]], about: Decision | None) -> list[Meant]:
    folded = _folded(text)
    if folded in ANSWERS and about is not None:
        return [about]
    return ways.get(folded, [])


def header_of(word: Meant, ontology: Ontology) -> str:
    """The shortest name that a column of this word can have."""
    if isinstance(word, str):
        return word
    ways = _ways(ontology)
    return next(name for name in _names(word) if ways.get(_folded(name)) == [word])


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _unclear(
    number: int, text: str, meant: list[Meant], ways: Mapping[str, list[Meant]]
) -> Finding:
    place = f"column `{text}` ({letters(number)})"
    if not meant:
        message = f"no fact and no decision is called `{text}`"
        return problem(message, did_you_mean(_folded(text), ways), place, "unknown-term")
    several = [
        w.path if isinstance(w, Attribute) else f"then {w.label}" if isinstance(w, Decision) else w
        for w in meant
    ]
    message = f"`{text}` can mean several things"
    return problem(message, f"write {listed(several)}", place, "ambiguous")
