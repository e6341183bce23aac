"""Reads a message: sentences, frames, phrases, and from them rules with an account of every word."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal

from rapidfuzz import process

from data.rulelang.ast import (
    And,
    Compare,
    Condition,
    Decide,
    Not,
    Rule,
    Scope,
    all_of,
    attributes_of,
)
from graph.drafters.base import Question, Reading, Task
from graph.drafters.grammar.account import KNOWN, account, phrases, unplaced
from graph.drafters.grammar.answers import LEAVE_OUT, Answered
from graph.drafters.grammar.atoms import (
    Atom,
    Stretch,
    Unclear,
    atoms_of,
    fits,
    none_value,
    unit_words,
)
from graph.drafters.grammar.checks import looks_like_code, nearest_codes, refuse_foreign_codes
from graph.drafters.grammar.chunks import Chunk, find_chunks
from graph.drafters.grammar.combine import combine, person_words, refuse_contradiction
from graph.drafters.grammar.english import IMPERATIVES, REFUSALS
from graph.drafters.grammar.extras import (
    Quoted,
    added_said,
    mandatory_words,
    modifier_said,
    quotes,
    staff_said,
    staff_words,
    text_said,
)
from graph.drafters.grammar.lexicon import Lexicon, Ref
from graph.drafters.grammar.mentions import Mention, Spelling, find_mentions, near_words
from graph.drafters.grammar.outcomes import Said, amount_said, opposite, outcomes_of, value_of
from graph.drafters.grammar.quantities import Quant, find_quantities
from graph.drafters.grammar.select import Choice, select
from graph.drafters.grammar.titles import title_of
from graph.drafters.grammar.words import Token, root, stem, tokenise

MOST_READINGS = 6
REFUSED = frozenset(stem(w) for w in REFUSALS)
ALLOWED = frozenset(root(w) for w in ("allow", "permit", "accept"))
REQUIRED = frozenset(root(w) for w in ("require", "need"))


@dataclass
class Part:
    """One outcome with its conditions: what stands before, in and after the main part."""

    pre: list[Chunk] = field(default_factory=list[Chunk])
    main: list[Chunk] = field(default_factory=list[Chunk])
    post: list[Chunk] = field(default_factory=list[Chunk])
    unless: list[Chunk] = field(default_factory=list[Chunk])
    aside: list[Chunk] = field(default_factory=list[Chunk])
    otherwise: bool = False
    only: bool = False
    exception: bool = False
    """It is an exception to the part before it and shares that one's conditions."""

    shares: bool = False
    """Its opening conditions are those of the part before it."""
    beside: bool = False
    """It speaks of all others: what the parts before it do not cover."""

    def chunks(self) -> list[Chunk]:
        return [*self.pre, *self.main, *self.post, *self.unless]


@dataclass(frozen=True)
class Read:
    """A finished part."""

    conditions: tuple[Condition, ...]
    said: tuple[Said, ...]
    atoms: tuple[Atom, ...]
    only: Condition | None = None
    subject: tuple[Condition, ...] = ()
    start: date | None = None
    until: date | None = None


@dataclass(frozen=True)
class Sentence:
    start: int
    end: int
    asks: bool
    chunks: tuple[Chunk, ...]
    choices: tuple[Choice, ...]


class Message:
    """One message, looked at once; its readings are composed from it."""

    def __init__(self, text: str, lexicon: Lexicon, answered: Answered | None = None) -> None:
        self.text, self.lexicon = text, lexicon
        self.answered = answered or Answered(text)
        self.tokens: tuple[Token, ...] = tokenise(text)
        self.quants: tuple[Quant, ...] = find_quantities(self.tokens)
        amounts = frozenset(i for q in self.quants for i in q.tokens)
        found = find_mentions(self.tokens, lexicon, KNOWN, amounts)
        self.mentions: tuple[Mention, ...] = found[0]
        self.spellings: tuple[Spelling, ...] = found[1]
        self.solid = amounts | frozenset(
            i
            for m in self.mentions
            if m.exact and m.end - m.start > 1
            for i in range(m.start + 1, m.end)
        )
        self.quotes: tuple[Quoted, ...] = quotes(self.tokens, text, lexicon.ontology)
        hidden = frozenset(i for q in self.quotes for i in range(q.start, q.end))
        hidden |= staff_words(self.tokens, 0, len(self.tokens))
        self.mentions = tuple(m for m in self.mentions if not m.tokens & hidden)
        self.quants = tuple(q for q in self.quants if not q.tokens & hidden)
        self.mandatory = mandatory_words(self.tokens, lexicon.entity_words)
        self.phrases = frozenset(phrases(self.tokens))
        self.exceptions = frozenset(i + 1 for i in _exception_signs(self.tokens))
        self.solid |= hidden | self.mandatory | self.phrases
        self.persons = person_words(lexicon.entity_roots, self.tokens)
        self.sentences = tuple(self._sentence(a, b) for a, b in self._bounds())

    def left_out(self) -> frozenset[int]:
        """Tokens of the words the author said to leave out."""
        words = [[t.low for t in tokenise(w)] for w in self.answered.left_out]
        lows = [t.low for t in self.tokens]
        return frozenset(
            i + k
            for w in words
            for i in range(len(lows))
            if lows[i : i + len(w)] == w
            for k in range(len(w))
        )

    def _bounds(self) -> Iterator[tuple[int, int]]:
        start = 0
        for i in range(len(self.tokens) + 1):
            if i == len(self.tokens) or self._ends(i):
                if any(t.is_word for t in self.tokens[start:i]):
                    yield start, min(i + 1, len(self.tokens))
                    start = i + 1

    def _ends(self, i: int) -> bool:
        token = self.tokens[i]
        if i + 1 in self.exceptions:
            return True
        if i in self.solid or token.low not in (".", "?", "!", "\n", ";"):
            return False
        return token.low != ";" or self.decides(i, len(self.tokens))

    def decides(self, start: int, end: int) -> bool:
        """Whether a stretch names a decision and no attribute with the same words."""
        return any(
            m.start >= start and m.end <= end and m.ref.kind in ("decision", "topic", "choice", "code", "modifier")
            and not any(n.ref.in_condition and m.tokens <= n.tokens for n in self.mentions)
            for m in self.mentions
        )  # fmt: skip

    def may_decide(self, start: int, end: int) -> bool:
        """Whether a stretch names a decision, even if the words can name an attribute as well."""
        return any(
            m.start >= start and m.end <= end and not m.ref.in_condition for m in self.mentions
        )

    def turns_at(self, start: int, end: int) -> int | None:
        """Where a stretch that begins with conditions comes to its decision."""
        inside = [m for m in self.mentions if start <= m.start and m.end <= end]
        facts = [m for m in inside if m.ref.in_condition]
        only = [
            m
            for m in inside
            if not m.ref.in_condition and not any(m.tokens <= f.tokens for f in facts)
        ]
        first = min((m.start for m in only), default=None)
        if first is None:
            return None
        before = [f.end for f in facts if f.end <= first]
        last = max(before, default=None)
        listed = last is not None and any(t.low in ("and", "or") for t in self.tokens[start:last])
        return last if listed else None

    def _sentence(self, start: int, end: int) -> Sentence:
        last = self.tokens[end - 1].low
        stop = end - 1 if last in (".", "?", "!", "\n", ";") else end
        chunks = find_chunks(
            self.tokens, start, stop, self.decides, self.may_decide, self.turns_at, self.solid
        )
        zones: dict[int, str] = {}
        for c in chunks:
            zone = {"main": "outcome", "subject": "open", "near": "near"}.get(c.kind, "condition")
            zones.update(dict.fromkeys(range(c.start, c.end), zone))
        inside = [m for m in self.mentions if start <= m.start and m.end <= end]
        inside = [
            m
            for m in inside
            if not (m.ref.kind == "topic" and zones.get(m.start) in ("near", "condition"))
        ]
        inside = [m for m in inside if not self._time_phrase(m)]
        inside = [m for m in inside if not self._entity_topic(m, chunks)]
        inside = [m for m in inside if not self._noun_of_verb(m, inside, chunks)]
        choices = select(inside, lambda i: zones.get(i, "condition"), self._bonus)
        return Sentence(start, stop, last == "?", chunks, choices)

    def _entity_topic(self, m: Mention, chunks: Sequence[Chunk]) -> bool:
        """An entity's name (`loan`) speaks of the decision about it only with `allowed` or `refused`."""
        words = self.lexicon.entity_words
        if m.ref.kind != "topic" or not all(self.tokens[i].low.removesuffix("s") in words for i in m.tokens):
            return False
        main = [t for c in chunks if c.kind == "main" for t in self.tokens[c.start : c.end]]
        return not any(t.stem in REFUSED or t.root in ALLOWED for t in main)

    def _noun_of_verb(self, m: Mention, others: Sequence[Mention], chunks: Sequence[Chunk]) -> bool:
        """``scans can't be booked``: what is decided stands in the main part, the subject is a noun."""
        if m.ref.kind != "topic" or len(m.tokens) > 1:
            return False
        kind = next((c.kind for c in chunks if c.start <= m.start < c.end), "")
        main = [c for c in chunks if c.kind == "main"]
        return kind == "subject" and any(
            n.ref.kind in ("decision", "topic") and n.ref.path != m.ref.path and c.start <= n.start < c.end
            for n in others
            for c in main
        )

    def _time_phrase(self, m: Mention) -> bool:
        """``in the past`` is the attribute's `past` only beside the attribute's other words."""
        low = [t.low for t in self.tokens[max(0, m.start - 2) : m.end]]
        if low not in (["in", "the", "past"], ["in", "the", "present"], ["in", "the", "current"]):
            return False
        own = self.lexicon.words_of([m.ref])
        return not any(t.root in own for t in self.tokens[max(0, m.start - 5) : m.start])

    def _bonus(self, m: Mention) -> float:
        """A number's name counts only with an amount near."""
        attribute = (
            self.lexicon.ontology.attributes.get(m.ref.path) if m.ref.kind == "attribute" else None
        )
        if attribute and attribute.type in ("integer", "decimal", "date", "time"):
            near = any(q.start - m.end <= 8 and m.start - q.end <= 8 for q in self.quants)
            return 0.2 if near else -1.0
        decision = (
            self.lexicon.ontology.decisions.get(m.ref.path) if m.ref.kind == "decision" else None
        )
        if decision and decision.type == "enum" and none_value(decision) is None:
            said = any(
                n.ref.kind == "choice" and n.ref.path == decision.name for n in self.mentions
            )
            return 0.0 if said else -1.5
        if decision and decision.type in ("integer", "decimal"):
            return 0.2 if self.quants else -1.5
        return 0.0


def readings(message: Message, task: Task) -> list[Reading]:
    """All readings, the best first; raises :class:`Unclear` where there is none."""
    found: list[Reading] = []
    trouble: Unclear | None = None
    for assignment in _assignments(message):
        try:
            reading = _Composer(message, task, assignment).reading()
        except Unclear as unclear:
            trouble = trouble or unclear
            continue
        if all(reading.rules != r.rules for r in found):
            found.append(reading)
    if not found and trouble:
        raise trouble
    return found


def _assignments(
    message: Message, conditions_only: bool = False
) -> Iterator[dict[frozenset[int], tuple[Mention, ...]]]:
    """Every way to settle phrases that stand for several terms, few at most."""
    choices = [c for s in message.sentences for c in s.choices]
    ways: list[list[tuple[Mention, ...]]] = []
    for c in choices:
        conditions = [(m,) for m in c.options if m.ref.in_condition]
        outcomes = tuple(m for m in c.options if not m.ref.in_condition)
        zone = _zone(message, c)
        if conditions_only:
            ways.append(conditions or [()])
            continue
        if conditions and outcomes and _object_of_order(message, c):
            conditions = []
        elif (conditions and outcomes and zone in ("if", "unless", "only", "near")) or (conditions and outcomes and _decided_elsewhere(message, c, outcomes)):
            outcomes = ()
        elif conditions and outcomes and zone == "main":
            conditions = []
        options = [
            *([outcomes] if outcomes and not c.options[0].ref.in_condition else []),
            *conditions,
        ]
        if outcomes and c.options[0].ref.in_condition:
            options.append(outcomes)
        ways.append(options)
    for n, picked in enumerate(itertools.product(*ways)):
        if n >= MOST_READINGS * 4:
            return
        yield {c.tokens: p for c, p in zip(choices, picked, strict=True)}


def _decided_elsewhere(message: Message, choice: Choice, outcomes: Sequence[Mention]) -> bool:
    """Another phrase of the same sentence says the outcome, and none names this value's decision."""
    sentence = next(s for s in message.sentences if s.start <= choice.start < s.end)
    paths = {m.ref.path for m in outcomes}
    certain = [
        m
        for c in sentence.choices
        if c is not choice and not any(o.ref.in_condition for o in c.options)
        for m in c.options
        if not any(
            k.kind in ("if", "unless", "only") and k.start <= m.start < k.end
            for k in sentence.chunks
        )
    ]
    certain = [m for m in certain if not _thing(m, message.tokens, message.lexicon)]
    return bool(certain) and not any(m.ref.path in paths for m in certain)


def _thing(m: Mention, tokens: Sequence[Token], lexicon: Lexicon) -> bool:
    """Its words are a general noun of this ontology, such as `exam`."""
    return all(
        tokens[i].low.removesuffix("s") in lexicon.thing_words
        or tokens[i].low in lexicon.thing_words
        for i in m.tokens
    )


def _zone(message: Message, choice: Choice) -> str:
    """The kind of stretch a phrase stands in."""
    sentence = next(s for s in message.sentences if s.start <= choice.start < s.end)
    return next((c.kind for c in sentence.chunks if c.start <= choice.start < c.end), "subject")


def _object_of_order(message: Message, choice: Choice) -> bool:
    """``do it with X``: X hangs on an order that says nothing else."""
    sentence = next(s for s in message.sentences if s.start <= choice.start < s.end)
    at = next((n for n, c in enumerate(sentence.chunks) if c.start <= choice.start < c.end), 0)
    if at == 0 or sentence.chunks[at].kind != "near" or sentence.chunks[at - 1].kind != "main":
        return False
    order = sentence.chunks[at - 1]
    words = [t.low for t in message.tokens[order.body : order.end] if t.is_word]
    return (
        0 < len(words) <= 3
        and words[-1] in ("it", "this", "that", "them", "these")
        and words[0] in IMPERATIVES
    )


def _exception_signs(tokens: Sequence[Token]) -> Iterator[int]:
    """Where ``Exception:`` begins a sentence; the index of its colon."""
    for i in range(1, len(tokens) - 1):
        if tokens[i].low == ":" and tokens[i - 1].stem == "exception" and (i == 1 or not tokens[i - 2].is_word):
            yield i


class _Composer:
    def __init__(
        self, message: Message, task: Task, assignment: dict[frozenset[int], tuple[Mention, ...]]
    ) -> None:
        self.message, self.task, self.assignment = message, task, assignment
        self.tokens, self.lexicon = message.tokens, message.lexicon
        self.placed: dict[int, str] = {}
        self.refs: list[tuple[frozenset[int], Ref]] = []
        self.asides: set[int] = set()
        for i in message.exceptions:
            self.placed[i - 2] = "sign: exception"
        for i in message.left_out():
            self.placed[i] = "set aside: you said to leave it out"
        self.spent: set[Quant] = set()
        self.reason: str | None = None
        self.dates: list[Quant] = []
        self.beaten: tuple[str, ...] = ()

    def reading(self) -> Reading:
        parts = self._parts()
        context: list[Condition] = []
        done: list[Read] = []
        rules: list[Rule] = []
        for part in parts:
            read = self._read(part, done)
            if not read.said:
                context += read.conditions
                continue
            if not context:
                self._refuse_pronoun(part, done)
            conditions = (*context, *read.conditions)
            done.append(replace(read, conditions=conditions))
        if not done:
            self._refuse_unknown_code()
            self._refuse_lost()
            raise Unclear(
                Question("What should happen then?", self._decision_labels(), about="missing")
            )
        for read in done:
            rules += self._rules(read, rules)
        self._finish(rules)
        placed = account(self.message.tokens, self.placed, self.asides, self.lexicon, self.refs)
        return Reading(tuple(rules), placed)

    def _refuse_lost(self) -> None:
        """Asks about the first word without a place, where there is one."""
        lost = self.lost()
        if lost:
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

    def alone(self, chunk: Chunk) -> tuple[Condition | None, tuple[Atom, ...]]:
        """One stretch read as a condition."""
        self._mark(range(chunk.start, chunk.body), "sign")
        return self._stretch([chunk])

    def lost(self) -> tuple[str, ...]:
        """Words without a place so far."""
        return unplaced(account(self.tokens, self.placed, self.asides, self.lexicon, self.refs))

    def _decision_labels(self) -> tuple[str, ...]:
        return tuple(d.label for d in self.lexicon.ontology.decisions.values())[:6]

    def _parts(self) -> list[Part]:
        parts: list[Part] = []
        for sentence in self.message.sentences:
            parts += self._parts_of(sentence)
        return parts

    def _parts_of(self, sentence: Sentence) -> list[Part]:
        parts = [Part(exception=sentence.start in self.message.exceptions)]
        for chunk in sentence.chunks:
            part = parts[-1]
            if chunk.kind == "otherwise":
                parts.append(Part(otherwise=True))
                self._mark(range(chunk.start, chunk.end), "in every other case")
            elif chunk.kind == "reason":
                self.reason = (
                    self.message.text[
                        self.tokens[chunk.body].start : self.tokens[chunk.end - 1].end
                    ].strip('"“” ')
                    if chunk.body < chunk.end
                    else None
                )
                self._mark(range(chunk.start, chunk.end), "reason")
            elif chunk.kind == "aside":
                part.aside.append(chunk)
                self.asides.update(range(chunk.start, chunk.end))
            elif chunk.kind == "unless" and self._local(chunk):
                (part.post if part.main else part.pre).append(replace(chunk, kind="near"))
            elif (
                chunk.kind == "unless"
                and self.tokens[chunk.body - 1].low == "that"
                and not self._outcome_in(chunk)
            ):
                raise Unclear(Question("What should happen in the exception?", about="missing"))
            elif chunk.kind == "unless" and self._outcome_in(chunk):
                parts.append(Part(main=[chunk], exception=True))
            elif chunk.kind == "unless":
                part.unless.append(chunk)
            elif chunk.kind == "main":
                self._add_main(parts, chunk)
            elif (
                part.unless
                and chunk.start == part.unless[-1].end
                and chunk.kind in ("near", "subject", "if")
            ):
                part.unless.append(chunk)
            elif part.main:
                part.post.append(chunk)
                part.only = part.only or chunk.kind == "only"
            else:
                part.pre.append(chunk)
                part.only = part.only or chunk.kind == "only"
        return [p for p in parts if p.chunks()]

    def _local(self, chunk: Chunk) -> bool:
        """``any region except …``, ``anything other than …``: the exception belongs to the word before."""
        before = [self.tokens[i].low for i in range(max(0, chunk.start - 3), chunk.start)]
        if before and before[-1] in (
            "anything",
            "anyone",
            "anybody",
            "everything",
            "everyone",
            "somewhere",
            "something",
        ):
            return self.message.mentions != () and before[-1].endswith("thing")
        return bool({"any", "every"} & set(before[-3:-1]))

    def _add_main(self, parts: list[Part], chunk: Chunk) -> None:
        part = parts[-1]
        but = self.tokens[chunk.start].low == "but"
        anew = (
            bool(part.main)
            and (bool(part.post or part.unless) or but)
            and (self._outcome_in(chunk) or self._amount_alone(chunk))
        )
        if anew and any(self._complete_in(c) for c in part.main):
            parts.append(Part(pre=list(part.pre), main=[chunk], shares=True))
        else:
            part.main.append(chunk)

    def _amount_alone(self, chunk: Chunk) -> bool:
        """``…, 20 days for books``: an amount and nothing else."""
        inside = [q for q in self.message.quants if chunk.start <= q.start < chunk.end]
        free = [
            t
            for i, t in enumerate(self.tokens[chunk.body : chunk.end], chunk.body)
            if t.is_word and not any(i in q.tokens for q in inside) and t.low not in ("and", "but")
        ]
        return len(inside) == 1 and inside[0].op == "eq" and not free

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

    def _mark(self, tokens: range | frozenset[int], place: str) -> None:
        for i in tokens:
            self.placed.setdefault(i, place)

    def _inside(self, chunks: Sequence[Chunk]) -> list[Mention]:
        spans = [range(c.start, c.end) for c in chunks]
        return [
            m
            for picked in self.assignment.values()
            for m in picked
            if any(m.start in span for span in spans)
        ]

    def _quants(self, chunks: Sequence[Chunk]) -> list[Quant]:
        return [
            q for q in self.message.quants
            if q not in self.spent and any(c.start <= q.start < c.end for c in chunks)
        ]  # fmt: skip

    def _read(self, part: Part, done: list[Read]) -> Read:
        open_chunks = [
            *part.main,
            *[c for c in (*part.pre, *part.post) if c.kind in ("subject", "near")],
        ]
        deciding = [m for m in self._inside(open_chunks) if not m.ref.in_condition]
        self._refuse_decisions_in(part)
        zone = frozenset(i for c in part.main for i in range(c.start, c.end))
        zone |= frozenset(
            i
            for c in part.pre
            if c.kind == "subject" and not self._condition_in(c)
            for i in range(c.start, c.end)
        )
        zone -= self.message.mandatory | self.message.phrases
        said: tuple[Said, ...] = ()
        extra = self._extra(part, deciding, zone)
        deciding = [
            m
            for m in deciding
            if m.ref.kind != "modifier"
            and not any(
                m.ref.path in s.ref_paths and m.ref.kind in ("decision", "topic") for s in extra
            )
        ]
        if deciding or any(q.kind == "often" for q in self._quants(part.main)):
            said, used, idle = outcomes_of(
                self._as_answered(deciding), self._quants(open_chunks), zone - self._condition_tokens(part.main),
                self.tokens, self.lexicon,
            )  # fmt: skip
            self.spent |= used
            for m in idle:
                self._leave(m)
        said = (*extra, *said) or self._elliptic(part, done)
        self._refuse_objects(part)
        for s in said:
            self._mark(s.tokens, self._outcome_words(s))
            self.refs += [(s.tokens, Ref("decision", p)) for p in s.ref_paths]
            self.refs += [(s.tokens, Ref("choice", p, value_of(s.outcome))) for p in s.ref_paths]
        for c in part.chunks():
            if c.kind in ("if", "unless", "only") and not self._says_something(c):
                self._mark(range(c.start, c.end), "unplaced")
            if c.body > c.start and self.tokens[c.start].low not in ("after", "since"):
                self._mark(
                    range(c.start, c.body),
                    "sign: " + " ".join(t.text for t in self.tokens[c.start : c.body]),
                )
        conditions: list[Condition] = []
        subject: list[Condition] = []
        atoms: list[Atom] = []
        only: Condition | None = None
        for stretch in self._stretches(part):
            condition, found = self._stretch(stretch)
            atoms += found
            if condition is None:
                continue
            if any(c.kind == "only" for c in stretch):
                only = condition
            conditions.append(condition)
            if stretch is part.pre:
                subject.append(condition)
        if part.unless:
            condition, found = self._stretch(part.unless)
            atoms += found
            if condition is None:
                raise Unclear(Question("Unless what?", about="missing"), self._unknown(part.unless))
            _refuse_empty_exception(condition, conditions, self.lexicon)
            conditions.append(negation(condition))
        beside = self._beside(part)
        if beside and done:
            self._mark(beside, "sign: all others")
            own = [c for s in conditions for c in (s.parts if isinstance(s, And) else (s,))]
            rest = [
                c
                for s in done[-1].conditions
                for c in (s.parts if isinstance(s, And) else (s,))
                if c not in own
            ]
            conditions += [negation(all_of(*rest))] if rest and own else []
        if part.exception and done:
            conditions = [*done[-1].conditions, *conditions]
        if part.otherwise:
            conditions = [*self._every_other(done), *conditions]
        return Read(tuple(conditions), said, tuple(atoms), only, tuple(subject))

    def _as_answered(self, mentions: Sequence[Mention]) -> list[Mention]:
        """Only what the author chose, where a question offered several decisions."""
        said = {a.lower() for a in self.message.answered.chosen}
        decisions = self.lexicon.ontology.decisions
        chosen = {d.name for d in decisions.values() if d.label.lower() in said}
        kept = [m for m in mentions if m.ref.path in chosen or not _rival(m, mentions, chosen)]
        codes = any(m.ref.kind == "code" for m in kept)
        if codes and chosen:
            at = next(m for m in kept if m.ref.kind == "code")
            kept += [
                replace(at, ref=Ref("decision", n)) for n in chosen if decisions[n].type == "code"
            ]
        return kept

    def _says_something(self, chunk: Chunk) -> bool:
        """A condition clause names a fact or an amount: ``if they don't`` alone does not."""
        inside = range(chunk.start, chunk.end)
        return bool(self._inside([chunk])) or any(q.start in inside for q in self.message.quants)

    def _extra(
        self, part: Part, deciding: Sequence[Mention], zone: frozenset[int]
    ) -> tuple[Said, ...]:
        """Outcomes that are no names: texts, hand-overs, modifiers, amounts to add."""
        ontology = self.lexicon.ontology
        named = [m for m in deciding if m.ref.kind in ("decision", "topic")]
        spans = [(c.start, c.end) for c in (*part.main, *part.post, *part.pre)]
        out: list[Said] = []
        for q in self.message.quotes:
            if self._overrides(q):
                continue
            if any(a <= q.start < b for a, b in spans):
                out.append(text_said(q, named, self.tokens, ontology, self.lexicon.code_sets))
        words = (
            staff_words(self.tokens, min(a for a, _ in spans), max(b for _, b in spans))
            if spans
            else frozenset[int]()
        )
        if words:
            out.append(staff_said(words, named, ontology))
        modifiers = [m for m in deciding if m.ref.kind == "modifier"]
        out += modifier_said(modifiers, zone, self.tokens, ontology)
        for said, quant in added_said(self._quants(part.main), zone, self.tokens, ontology):
            out.append(said)
            self.spent.add(quant)
        return tuple(out)

    def _elliptic(self, part: Part, done: Sequence[Read]) -> tuple[Said, ...]:
        """``…, otherwise 28 days``, ``… and 0 hours if …``: the decision said before, with a new value."""
        if not done or not done[-1].said or not part.main:
            return ()
        decision = self.lexicon.ontology.decisions[done[-1].said[-1].outcome.decision]
        quants = [q for q in self._quants(part.main) if fits(q, decision) and q.op == "eq"]
        if (
            decision.type in ("integer", "decimal")
            and len(quants) == 1
            and isinstance(quants[0].amounts[0], Decimal)
        ):
            self.spent.add(quants[0])
            return (amount_said(decision, quants[0], quants[0].tokens),)
        words = [i for c in part.main for i in range(c.body, c.end) if self.tokens[i].is_word]
        lows = [self.tokens[i].low for i in words]
        if (
            decision.type == "boolean"
            and part.otherwise
            and lows in (["not"], ["no"], ["it", "is", "not"], ["it", "is", "n't"])
        ):
            turned = opposite(done[-1].said[-1].outcome)
            return (Said(turned, frozenset(words), frozenset([decision.name])),) if turned else ()
        return ()

    def _beside(self, part: Part) -> frozenset[int]:
        """``for all other X``, ``every other X``: what the rule before does not cover."""
        out: set[int] = set()
        for c in part.chunks():
            for i in range(c.start, c.end - 1):
                if self.tokens[i].low in ("all", "every", "any") and self.tokens[i + 1].low == "other":
                    out |= {i, i + 1}
        return frozenset(out)

    def _overrides(self, quoted: Quoted) -> bool:
        """``whatever "X" says``: the drafted rule beats the rule X by name."""
        before = {t.low for t in self.tokens[max(0, quoted.start - 3) : quoted.start]}
        if not before & {
            "whatever",
            "despite",
            "override",
            "overrides",
            "beats",
            "notwithstanding",
        }:
            return False
        if self.task.rule_set.rule(quoted.text) is None:
            titles = tuple(r.title for r in self.task.rule_set.rules)
            near = tuple(t for t, _, _ in process.extract(quoted.text, titles, limit=3))
            raise Unclear(
                Question(
                    f"There is no rule `{quoted.text}`. Which rule do you mean?",
                    near,
                    about="value",
                )
            )
        self.beaten = (*self.beaten, quoted.text)
        self._mark(range(quoted.start - 1, quoted.end + 1), "overrides")
        return True

    def _refuse_objects(self, part: Part) -> None:
        """``we require it``, ``needs one``: what is required was said elsewhere and is not guessed."""
        for c in part.main:
            for i in range(c.body, c.end - 1):
                if self.tokens[i].root in REQUIRED and self.tokens[i + 1].low in (
                    "it",
                    "one",
                    "them",
                ):
                    self._mark(range(i, i + 2), "unplaced")

    def _stretches(self, part: Part) -> list[list[Chunk]]:
        """What is read as one condition each; ``… to guests with a card`` goes on after the main part."""
        mains = [[c] for c in part.main]
        posts = self._split_clauses(part.post)
        if (
            mains
            and posts
            and posts[0][0].start == mains[-1][-1].end
            and self._condition_in(mains[-1][-1])
        ):
            first = self.tokens[posts[0][0].start].low
            if first in ("with", "without", "who", "whose", "that", "of", "having"):
                mains[-1] = [*mains[-1], *posts[0]]
                posts = posts[1:]
        return [part.pre, *mains, *posts]

    def _split_clauses(self, chunks: Sequence[Chunk]) -> list[list[Chunk]]:
        """An if-clause after other conditions is a condition of its own, unless `and` or `or` joins it."""
        groups: list[list[Chunk]] = []
        for c in chunks:
            joint = self.tokens[c.start - 1].low if c.start else ""
            if groups and not (c.kind in ("if", "only") and joint not in ("and", "or", "nor")):
                groups[-1].append(c)
            else:
                groups.append([c])
        return groups

    def _unknown(self, chunks: Sequence[Chunk]) -> tuple[str, ...]:
        placed = account(self.tokens, self.placed, self.asides, self.lexicon, self.refs)
        inside = {self.tokens[i].start for c in chunks for i in range(c.start, c.end)}
        return tuple(p.text for p in placed if p.place == "unplaced" and p.start in inside)

    def _refuse_decisions_in(self, part: Part) -> None:
        closed = [
            c for c in (*part.pre, *part.post, *part.unless) if c.kind in ("if", "unless", "only")
        ]
        for m in self._inside(closed):
            if not m.ref.in_condition and m.ref.kind not in ("code",):
                label = self.lexicon.ontology.decisions[m.ref.path].label
                words = " ".join(self.tokens[i].text for i in sorted(m.tokens))
                raise Unclear(
                    Question(
                        f"`{words}` is something rules decide ({label}). Which fact should the condition look at?",
                        about="reading",
                    )
                )

    def _condition_in(self, chunk: Chunk) -> bool:
        return any(m.ref.in_condition for m in self._inside([chunk]))

    def _condition_tokens(self, chunks: Sequence[Chunk]) -> frozenset[int]:
        return frozenset(i for m in self._inside(chunks) if m.ref.in_condition for i in m.tokens)

    def _leave(self, m: Mention) -> None:
        """A decision's name that got no value names a thing where an attribute has the same name."""
        if len(m.tokens) == 1 and _thing(m, self.tokens, self.lexicon):
            self._mark(m.tokens, "set aside: names a thing, not which")

    def _outcome_words(self, said: Said) -> str:
        decision = self.lexicon.ontology.decisions[said.outcome.decision]
        return f"outcome: {decision.label}"

    def _stretch(self, chunks: Sequence[Chunk]) -> tuple[Condition | None, tuple[Atom, ...]]:
        if not chunks:
            return None, ()
        mentions = [
            m
            for m in self._inside(chunks)
            if m.ref.in_condition or (m.ref.kind == "code" and chunks[0].kind != "main")
        ]
        mentions = [
            m
            for m in mentions
            if m.ref.kind != "code" or not any(i in self.placed for i in m.tokens)
        ]
        self._refuse_permission(chunks)
        found, spare, unused = atoms_of(
            Stretch(tuple(mentions), tuple(self._quants(chunks))), self.tokens, self.lexicon
        )
        self.spent |= {q for q in self._quants(chunks) if q not in spare}
        self._set_aside_names(unused)
        for q in spare:
            if q.kind == "date":
                self.dates.append(q)
                self.spent.add(q)
                self._mark(q.tokens, "effective date")
        for atom in found:
            self._mark(atom.tokens, self._atom_words(atom))
            for m in mentions:
                if m.ref.kind == "attribute" and m.ref.path == atom.path and atom.values:
                    self._mark(m.tokens, self._atom_words(atom))
            self._mark(self._units_near(atom), self._atom_words(atom))
            self.refs += [(atom.tokens, Ref("attribute", atom.path))]
            self.refs += [(atom.tokens, Ref("value", atom.path, v)) for v in atom.values]
        if not found:
            return None, ()
        start, end = min(c.start for c in chunks), max(c.end for c in chunks)
        if chunks[0].kind == "main":
            return self._in_main(found, end if chunks[-1].kind != "main" else found[-1].end), found
        body = chunks[0].body if chunks[0].kind in ("unless",) else start
        return combine(
            found, self.tokens, body, end, self.message.persons, self.message.answered.chosen
        ), found

    def _units_near(self, atom: Atom) -> frozenset[int]:
        """Words of the attribute's unit right beside its amount: ``200 mg/dL``."""
        words = unit_words(self.lexicon.ontology.attributes[atom.path])
        near = range(max(0, atom.start - 2), min(len(self.tokens), atom.end + 6))
        return frozenset(i for i in near if self.tokens[i].low in words)

    def _refuse_permission(self, chunks: Sequence[Chunk]) -> None:
        """``… is fine`` in a condition is no condition: its word is left without a place."""
        for c in chunks:
            if c.kind != "main":
                for i in range(c.body, c.end):
                    if self.tokens[i].low in (
                        "fine",
                        "ok",
                        "okay",
                        "allowed",
                        "acceptable",
                        "permitted",
                        "welcome",
                    ):
                        self._mark(range(i, i + 1), "unplaced")

    def _in_main(self, found: Sequence[Atom], end: int) -> Condition:
        """Conditions inside the main part: its negations belong to the outcome."""
        start = found[0].start
        return combine(
            found, self.tokens, start, end, self.message.persons, self.message.answered.chosen
        )

    def _atom_words(self, atom: Atom) -> str:
        attribute = self.lexicon.ontology.attributes[atom.path]
        return f"condition: {attribute.label}"

    def _set_aside_names(self, mentions: Sequence[Mention]) -> None:
        for m in mentions:
            attribute = self.lexicon.ontology.attributes[m.ref.path]
            before = self.tokens[m.start - 1].low if m.start else ""
            general = (
                before
                in ("any", "every", "all", "each", "the", "a", "an", "no", "this", "that", "these")
                or not m.start
                or any(m.start - 1 in other.tokens for p in self.assignment.values() for other in p)
            )
            if attribute.type in ("enum", "set", "text", "code") and len(m.tokens) == 1 and general:
                self._mark(m.tokens, "set aside: names a thing, not which")

    def _every_other(self, done: Sequence[Read]) -> list[Condition]:
        if not done:
            raise Unclear(Question("Otherwise than when?", about="missing"))
        last = done[-1]
        shared = [*last.subject]
        rest = [c for c in last.conditions if c not in shared]
        if not rest:
            return [negation(c) for c in shared]
        return [*shared, negation(all_of(*rest))]

    def _refuse_two_values(self, read: Read) -> None:
        """One part says one value of each decision that has one."""
        singles = [s.outcome for s in read.said if isinstance(s.outcome, Decide)]
        names = [o.decision for o in dict.fromkeys(singles)]
        twice = next((n for n in names if names.count(n) > 1), None)
        if twice:
            label = self.lexicon.ontology.decisions[twice].label
            values = tuple(str(o.value) for o in dict.fromkeys(singles) if o.decision == twice)
            raise Unclear(
                Question(f"Which {label} is meant, and when the other?", values, about="reading")
            )

    def _refuse_pronoun(self, part: Part, done: Sequence[Read]) -> None:
        """A later sentence about `it` or `them` may or may not carry over the conditions said before."""
        if not done or part.otherwise or part.exception or part.shares or self._beside(part):
            return
        words = {
            self.tokens[i].low
            for c in part.chunks()
            for i in range(c.start, c.end)
            if i not in self.placed
        }
        if words & {"it", "they", "them", "these", "those", "there", "this", "that"}:
            raise Unclear(
                Question(
                    "Does the later sentence hold only under the conditions of the one before? Say each rule in full.",
                    about="reading",
                )
            )

    def _rules(self, read: Read, before: Sequence[Rule]) -> list[Rule]:
        self._refuse_two_values(read)
        if not read.conditions and not self.message.answered.always:
            self._refuse_lost()
            raise Unclear(
                Question(
                    "When does this hold? Say for whom or in which case.",
                    ("always",),
                    about="missing",
                )
            )
        condition = all_of(*read.conditions) if read.conditions else None
        if condition is not None:
            refuse_contradiction(condition)
        titles = {r.title for r in (*self.task.rule_set.rules, *before)}
        scope, when = split_scope(condition, self.lexicon)
        outcomes = tuple(dict.fromkeys(s.outcome for s in read.said))
        start, until = effective(self.dates)
        title = title_of(outcomes, when, scope, self.lexicon.ontology, titles)
        rule = Rule(
            title,
            outcomes,
            when,
            scope,
            bool(self.message.mandatory),
            self.reason,
            start,
            until,
            tuple(dict.fromkeys(self.beaten)),
        )
        self._mark(self.message.mandatory, "sign: mandatory")
        refuse_foreign_codes(rule, self.lexicon.ontology, self.lexicon.code_sets)
        rules = [rule]
        turned = tuple(o for o in map(opposite, outcomes) if o)
        if read.only is not None and len(turned) == len(outcomes):
            rest = [c for c in read.conditions if c != read.only]
            scope, when = split_scope(all_of(*rest, negation(read.only)), self.lexicon)
            rules.append(
                Rule(
                    title_of(turned, when, scope, self.lexicon.ontology, titles | {rule.title}),
                    turned,
                    when,
                    scope,
                )
            )
        return rules

    def _finish(self, rules: Sequence[Rule]) -> None:
        """Two rules of one message may not disagree on the same requests unless one is the exception."""


def _rival(m: Mention, mentions: Sequence[Mention], chosen: set[str]) -> bool:
    """Another reading of the same words was chosen."""
    return any(n.tokens == m.tokens and n.ref.path in chosen for n in mentions)


def _refuse_empty_exception(
    exception: Condition, said: Sequence[Condition], lexicon: Lexicon
) -> None:
    """``for guests, but not for students`` excepts nothing of guests: it says something of students."""
    demands = [
        c for s in said for c in (s.parts if isinstance(s, And) else (s,)) if isinstance(c, Compare)
    ]
    if not isinstance(exception, Compare) or exception.op not in ("is", "is one of"):
        return
    for c in demands:
        if (
            c.attribute == exception.attribute
            and c.op in ("is", "is one of")
            and not set(_listed(c)) & set(_listed(exception))
        ):
            values = ", ".join(map(str, _listed(exception)))
            label = lexicon.ontology.attributes[c.attribute].label
            raise Unclear(
                Question(
                    f"What should happen when {label} is {values}? Say that in a sentence of its own.",
                    about="missing",
                )
            )


def _listed(compare: Compare) -> tuple[object, ...]:
    return compare.value if isinstance(compare.value, tuple) else (compare.value,)


def effective(dates: Sequence[Quant]) -> tuple[date | None, date | None]:
    """First and last day from amounts that are about no fact: ``from January 1, 2027``."""
    start: date | None = None
    until: date | None = None
    for q in dates:
        days = [a for a in q.amounts if isinstance(a, date)]
        if q.op == "between":
            start, until = days
        elif q.op in ("ge", "gt"):
            start = days[0] + timedelta(days=q.op == "gt")
        elif q.op in ("le", "lt"):
            until = days[0] - timedelta(days=q.op == "lt")
        else:
            raise Unclear(
                Question(
                    f"Does {days[0].isoformat()} mean from that day on, or until that day?",
                    ("from that day on", "until that day"),
                    about="value",
                )
            )
    return start, until


def negation(condition: Condition) -> Condition:
    match condition:
        case Not(part):
            return part
        case Compare(path, "is", bool(value)):
            return Compare(path, "is", not value)
        case Compare(path, "is", value):
            return Compare(path, "is not", value)
        case Compare(path, "is one of", value):
            return Compare(path, "is none of", value)
        case Compare(path, "is not", value):
            return Compare(path, "is", value)
        case _:
            return Not(condition)


def split_scope(
    condition: Condition | None, lexicon: Lexicon
) -> tuple[Scope | None, Condition | None]:
    """Takes one plain demand on a scope level out of the condition and makes it the rule's scope."""
    scopes = lexicon.ontology.scopes
    if scopes is None or condition is None:
        return None, condition
    levels = {scopes.path(level): level for level in scopes.levels}
    parts = condition.parts if isinstance(condition, And) else (condition,)
    found = [
        p
        for p in parts
        if isinstance(p, Compare) and p.attribute in levels and p.op in ("is", "is one of")
    ]
    if len(found) != 1 or not isinstance(found[0], Compare):
        return None, condition
    chosen = found[0]
    values = chosen.value if isinstance(chosen.value, tuple) else (chosen.value,)
    rest = [p for p in parts if p is not chosen]
    scope = Scope(levels[chosen.attribute], tuple(str(v) for v in values))
    return scope, all_of(*rest) if rest else None


def mentions_in(words: str, lexicon: Lexicon) -> tuple[Mention, ...]:
    """Terms that a few words name."""
    tokens = tokenise(words)
    return find_mentions(tokens, lexicon, KNOWN, frozenset())[0]


def condition_of(words: str, task: Task, lexicon: Lexicon) -> Condition:
    """A few words as a condition; raises :class:`Unclear` where a word has no place."""
    message = Message(f"for {words.strip()}:", lexicon)
    if not message.sentences:
        raise Unclear(Question("Which condition do you mean?", about="missing"))
    found: list[Condition] = []
    best: tuple[str, ...] | None = None
    for assignment in _assignments(message, conditions_only=True):
        composer = _Composer(message, task, assignment)
        chunk = Chunk("near", 0, 1, len(message.tokens) - 1)
        condition, _ = composer.alone(chunk)
        lost = composer.lost()
        if condition is not None and not lost and condition not in found:
            found.append(condition)
        elif best is None or len(lost) < len(best):
            best = lost
    if len(found) == 1:
        return found[0]
    if found:
        labels = tuple(
            dict.fromkeys(
                lexicon.ontology.attributes[p].label for c in found for p in attributes_of(c)
            )
        )
        raise Unclear(Question(f"Which fact is `{words.strip()}` about?", labels, about="reading"))
    phrase = best[0] if best else words.strip()
    raise Unclear(
        Question(f"What do you mean by `{phrase}`?", about="unplaced"), best or (words.strip(),)
    )
