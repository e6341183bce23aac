"""What a drafter is: it proposes rules for a message, and accounts for every word of it."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any, Literal, Protocol

from data.ontology import CodeSets, Ontology
from data.ontology.model import ScopeRow
from data.rulelang.ast import Rule, RuleSet
from data.rulelang.findings import Finding


@dataclass(frozen=True, slots=True)
class Placed:
    """A stretch of the message and what became of it."""

    start: int
    end: int
    text: str
    place: str
    """The clause of the rule it went to, or ``set aside: politeness``."""


About = Literal["unplaced", "value", "reading", "missing", "scope", "replace"]


@dataclass(frozen=True, slots=True)
class Question:
    """What the author must say before there is one rule."""

    text: str
    options: tuple[str, ...] = ()
    request: Mapping[str, Any] | None = None
    """The smallest request on which two readings differ, where that is the question."""
    about: About = "missing"
    """``replace``: whether a draft is to give way to a rule without all of its clauses."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One meaning of a message."""

    rules: tuple[Rule, ...]
    placed: tuple[Placed, ...] = ()
    retire: tuple[str, ...] = ()
    """Titles of existing rules that this reading takes away."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the author answered to an earlier question about this draft."""

    question: str
    text: str


@dataclass(frozen=True, slots=True)
class Task:
    """All a drafter may look at besides the message."""

    ontology: Ontology
    code_sets: CodeSets
    rule_set: RuleSet
    current: tuple[Rule, ...] = ()
    """The draft being edited; empty for a new one."""
    retrieved: tuple[str, ...] = ()
    """Ids of the words, codes and rules that bear on the message."""
    findings: tuple[Finding, ...] = ()
    """What was wrong with the last draft."""
    faults: tuple[str, ...] = ()
    """What scorers hold against the last draft."""
    answers: tuple[Answer, ...] = ()
    examples: tuple[tuple[str, str], ...] = ()
    """Sentence and rule text of the nearest examples."""
    scope_rows: tuple[ScopeRow, ...] = ()
    """Where rules can hold: the values of each scope level, for levels that are plain text."""


@dataclass(frozen=True, slots=True)
class Effort:
    """What a model was asked for one draft, and what that took."""

    model: str
    prompt: str
    """Name of the prompt."""
    prompt_version: str
    tries: int
    """How many answers it gave, or failed to give."""
    input_tokens: int
    output_tokens: int
    input_cost: float | None = None
    """US dollars; ``None`` where nobody said what a token costs."""
    output_cost: float | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """What a drafter hands back. ``drafted`` means one reading and no unplaced word."""

    status: Literal["drafted", "question", "refused"]
    drafter: str
    readings: tuple[Reading, ...] = ()
    question: Question | None = None
    unplaced: tuple[str, ...] = ()
    message: str = ""
    """One sentence for the author where there is no reading and no question."""
    findings: tuple[Finding, ...] = ()
    note: str = ""
    """One sentence on what went wrong on the way, where there is a reading all the same."""
    effort: Effort | None = None
    """``None`` where no model was asked."""


class DrafterUnavailable(Exception):
    """This drafter cannot be asked now. ``str(error)`` is one sentence for the author."""

    def __init__(self, told: str, effort: Effort | None = None) -> None:
        """``effort``: what was spent in vain."""
        super().__init__(told)
        self.effort = effort


class Drafter(Protocol):
    """Proposes; never decides. Invents no threshold, code or term."""

    name: str

    def draft(self, message: str, task: Task) -> Draft:
        """Raises :class:`DrafterUnavailable` where another drafter should take over."""
        ...


def free_title(title: str, taken: Container[str]) -> str:
    """The title, numbered from 2 where another rule has it."""
    numbered = (f"{title} ({number})" for number in count(2))
    return title if title not in taken else next(t for t in numbered if t not in taken)
