"""What is known while one reading of a message is composed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from data.rulelang.ast import (
    Condition,
)
from graph.drafters.base import Question, Task
from graph.drafters.grammar.account import account, content_of, has_content, unplaced
from graph.drafters.grammar.answers import LEAVE_OUT
from graph.drafters.grammar.atoms import (
    Atom,
    Unclear,
)
from graph.drafters.grammar.checks import looks_like_code, nearest_codes
from graph.drafters.grammar.chunks import Chunk
from graph.drafters.grammar.clashing import Stress
from graph.drafters.grammar.lexicon import DENYING, Ref
from graph.drafters.grammar.mentions import Mention, near_words
from graph.drafters.grammar.message import Message
from graph.drafters.grammar.outcomes import Said
from graph.drafters.grammar.quantities import Quant
from graph.drafters.grammar.settle import is_thing

LEFT_OUT = "set aside: you said to leave it out"
Assignment = dict[frozenset[int], tuple[Mention, ...]]


@dataclass(frozen=True)
class Read:
    """A finished part."""

    conditions: tuple[Condition, ...]
    said: tuple[Said, ...]
    atoms: tuple[Atom, ...]
    only: Condition | None = None
    subject: tuple[Condition, ...] = ()
    unless: Condition | None = None
    """What its exception says."""
    elliptic: bool = False
    """Its outcome was said by a verb alone: `it is`, `they don't`."""
    under: tuple[Condition, ...] = ()
    """What its if-clauses say."""
    whatever: frozenset[str] = frozenset()
    """Facts that were said not to matter: `even when …`, `regardless of …`."""
    sentence: int = 0
    """Where its sentence begins."""
    frame: Condition | None = None
    """The place that its sentence opens with."""
    stress: Stress = ""
    """What its words say of its rank beside the other parts."""
    heading: tuple[Condition, ...] = ()
    """What stands before the colon of its sentence: it holds for every case after it."""


class Bench:
    """The message, one way to settle its phrases, and what became of each word so far."""

    def __init__(self, message: Message, task: Task, assignment: Assignment) -> None:
        self.message, self.task, self.assignment = message, task, assignment
        self.tokens, self.lexicon = message.tokens, message.lexicon
        self.placed: dict[int, str] = {}
        self.refs: list[tuple[frozenset[int], Ref]] = []
        self.asides: set[int] = set(message.indifferent)
        for i in message.exceptions:
            self.placed[i - 2] = "sign: exception"
        for i in message.left_out():
            self.placed[i] = LEFT_OUT
        self.spent: set[Quant] = set()
        self.compared: set[Quant] = set()
        """Amounts that a condition holds; parts that share the condition read them again."""
        self.reason: str | None = None
        self.dates: list[Quant] = []
        self.limits: list[tuple[str, Quant]] = []
        """Facts with the amounts they were compared with so far."""
        self.earlier: list[tuple[str, Quant]] = []
        """Those of the parts before the one that is read."""
        self.ranged = False
        """The part that is read says a range of the number that the part before is about."""
        self.beaten: tuple[str, ...] = ()
        self.apart: set[int] = set()
        """Tokens of an exception that stands between the conditions of a part."""
        self.joined: set[int] = set()
        """Places between two conditions that were read together."""

    def _mark(self, tokens: range | frozenset[int], place: str) -> None:
        if place == "unplaced" and self._left_empty(tokens):
            place = LEFT_OUT
        for i in tokens:
            self.placed.setdefault(i, place)

    def _left_empty(self, tokens: range | frozenset[int]) -> bool:
        """``when the … is on``: the author left out all that a stretch could name."""
        out = {i for i in tokens if self.placed.get(i) == LEFT_OUT}
        rest = [self.tokens[i].text for i in tokens if i not in out and self.tokens[i].is_word]
        return bool(out) and not has_content(rest)

    def _inside(self, chunks: Sequence[Chunk]) -> list[Mention]:
        spans = [range(c.start, c.end) for c in chunks]
        return [
            m
            for picked in self.assignment.values()
            for m in picked
            if any(m.start in span for span in spans)
        ]

    def _quants_of(self, chunks: Sequence[Chunk]) -> list[Quant]:
        return [q for q in self.message.quants if any(c.start <= q.start < c.end for c in chunks)]

    def _quants(self, chunks: Sequence[Chunk]) -> list[Quant]:
        return [q for q in self._quants_of(chunks) if q not in self.spent]

    def _condition_in(self, chunk: Chunk) -> bool:
        if any(chunk.start <= p.start < chunk.end for p in self.message.past):
            return True
        return any(m.ref.in_condition for m in self._inside([chunk]))

    def _condition_tokens(self, chunks: Sequence[Chunk]) -> frozenset[int]:
        return frozenset(i for m in self._inside(chunks) if m.ref.in_condition for i in m.tokens)

    def _complete_in(self, chunk: Chunk) -> bool:
        """Whether a stretch says an outcome with its value, not a decision's name alone."""
        if any(
            chunk.start <= q.start < chunk.end for q in (*self.message.quants, *self.message.quotes)
        ):
            return True
        return any(
            m.ref.kind in ("choice", "code", "modifier")
            or self.lexicon.ontology.decisions[m.ref.path].type == "boolean"
            for m in self._inside([chunk])
            if not m.ref.in_condition
        )

    def _outcome_in(self, chunk: Chunk) -> bool:
        return any(
            not m.ref.in_condition and chunk.start <= m.start < chunk.end
            for picked in self.assignment.values()
            for m in picked
        )

    def _amount_alone(self, chunk: Chunk) -> bool:
        """``…, 20 days for books``: an amount and nothing else."""
        inside = [q for q in self.message.quants if chunk.start <= q.start < chunk.end]
        free = [
            t
            for i, t in enumerate(self.tokens[chunk.body : chunk.end], chunk.body)
            if t.is_word and not any(i in q.tokens for q in inside) and t.low not in ("and", "but")
        ]
        return len(inside) == 1 and inside[0].op == "eq" and not free

    def lost(self) -> tuple[str, ...]:
        """Words without a place so far."""
        return unplaced(account(self.tokens, self.placed, self.asides, self.lexicon, self.refs))

    def _unknown(self, chunks: Sequence[Chunk]) -> tuple[str, ...]:
        placed = account(self.tokens, self.placed, self.asides, self.lexicon, self.refs)
        inside = {self.tokens[i].start for c in chunks for i in range(c.start, c.end)}
        return tuple(p.text for p in placed if p.place == "unplaced" and p.start in inside)

    def _refuse_lost(self) -> None:
        """Asks about the first word without a place, where there is one."""
        lost = content_of(self.lost())
        if lost and not all(w.lower() in DENYING for w in lost):
            near = tuple(dict.fromkeys(near_words(lost[0].lower(), self.lexicon)))[:3]
            question = Question(
                f"What do you mean by `{lost[0]}`?", (*near, LEAVE_OUT), about="unplaced"
            )
            raise Unclear(question, lost)

    def _refuse_unknown_code(self) -> None:
        """Where no outcome was found, a word that looks like a code is the likely one."""
        if not any(d.type == "code" for d in self.lexicon.ontology.decisions.values()):
            return
        amounts = {i for q in self.message.quants if q.unit or q.op != "eq" for i in q.tokens}
        for i, token in enumerate(self.tokens):
            if (
                looks_like_code(token.text)
                and i not in amounts
                and token.low not in self.lexicon.codes
                and i not in self.placed
            ):
                near = (*nearest_codes(token.text, self.lexicon.code_sets), LEAVE_OUT)
                raise Unclear(
                    Question(
                        f"`{token.text}` is not a code of any code set. Which code do you mean?",
                        near,
                        about="value",
                    ),
                    (token.text,),
                )

    def _decision_labels(self) -> tuple[str, ...]:
        return tuple(d.label for d in self.lexicon.ontology.decisions.values())[:6]

    def _leave(self, m: Mention) -> None:
        """A decision's name that got no value names a thing where an attribute has the same
        name.
        """
        if len(m.tokens) == 1 and is_thing(m, self.tokens, self.lexicon):
            self._mark(m.tokens, "set aside: names a thing, not which")
