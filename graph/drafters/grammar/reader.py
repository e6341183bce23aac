"""Reads a message: from its parts come rules, with an account of every word."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

from data.rulelang.ast import (
    And,
    Compare,
    Condition,
    Or,
    Rule,
    all_of,
    attributes_of,
)
from graph.drafters.base import Question, Reading, Task
from graph.drafters.grammar.account import account, unplaced
from graph.drafters.grammar.atoms import (
    Atom,
    Unclear,
)
from graph.drafters.grammar.bench import Read
from graph.drafters.grammar.checks import refuse_foreign_codes
from graph.drafters.grammar.chunks import Chunk
from graph.drafters.grammar.clashing import Stress, ranked
from graph.drafters.grammar.consistent import refuse_contradiction
from graph.drafters.grammar.framing import Part
from graph.drafters.grammar.joints import refuse_unread
from graph.drafters.grammar.lexicon import NEGATED, Lexicon
from graph.drafters.grammar.logic import (
    effective,
    listed,
    negation,
    split_scope,
)
from graph.drafters.grammar.message import Message
from graph.drafters.grammar.others import instead_of
from graph.drafters.grammar.outcomes import gives_options, opposite
from graph.drafters.grammar.piecing import Piecer
from graph.drafters.grammar.settle import assignments
from graph.drafters.grammar.titles import title_of
from graph.drafters.grammar.totals import adds
from graph.drafters.grammar.words import stem
from graph.words import label


def readings(message: Message, task: Task) -> list[Reading]:
    """All readings, the best first; raises :class:`Unclear` where there is none."""
    found: list[Reading] = []
    trouble: Unclear | None = None
    for assignment in assignments(message):
        try:
            reading = Composer(message, task, assignment).reading()
        except Unclear as unclear:
            trouble = trouble or unclear
            continue
        if all(reading.rules != r.rules for r in found):
            found.append(reading)
    if not found and trouble:
        raise trouble
    return found


_MUST = frozenset(stem(w) for w in ("must", "need", "require", "should"))
_FINE = frozenset(["is", "are", "fine", "ok", "okay", "acceptable", "enough", "sufficient"])


@dataclass
class Case:
    """What sentences without an outcome state for those that follow: ``Card expired? Then …``."""

    conditions: tuple[Condition, ...] = ()
    answer: int | None = None
    """Where the first sentence begins that says what happens then."""

    @property
    def fresh(self) -> bool:
        return bool(self.conditions) and self.answer is None

    def state(self, read: Read) -> None:
        """One more condition, or after an answer another case."""
        kept = self.conditions if self.answer is None else ()
        if read.conditions:
            self.conditions, self.answer = (*kept, *read.conditions), None

    def holds_for(self, read: Read) -> tuple[Condition, ...]:
        """What the part takes over; asks where a later sentence speaks of others."""
        if self.conditions and self.answer is None:
            self.answer = read.sentence
        elif self.conditions and read.subject and read.sentence != self.answer:
            text = "Does the last sentence hold only in the case asked about first?"
            raise Unclear(Question(text + " Say it in full.", about="reading"))
        return self.conditions


class Composer(Piecer):
    """Composes one reading."""

    def reading(self) -> Reading:
        parts = self._parts()
        done = self._finished(parts)
        rules: list[Rule] = []
        stress: list[Stress] = []
        for read in done:
            rules += self._rules(read, rules)
            stress.extend(read.stress for _ in rules[len(stress) :])
        rules = ranked(rules, stress, self.task, adds(self.message.text))
        placed = account(self.message.tokens, self.placed, self.asides, self.lexicon, self.refs)
        if not unplaced(placed):
            refuse_unread(self.tokens, self._read_joints(parts))
        return Reading(tuple(rules), placed)

    def _finished(self, parts: Sequence[Part]) -> list[Read]:
        """The parts that say an outcome, each with all its conditions; asks where none does, or
        where a part says neither an outcome nor a question.
        """
        case = Case()
        done: list[Read] = []
        stray = ""
        for part in parts:
            read = self._read(part, done)
            if not read.said:
                if self._follows(part, read, done):
                    continue
                if read.conditions and not part.asks:
                    stray = stray or self._words_of(part)
                case.state(read)
            elif not case.fresh and self._goes_with(part, read, done):
                done[-1] = replace(done[-1], said=(*done[-1].said, *read.said))
            else:
                self._conclude(part, read, case, done)
        if stray or not done:
            self._refuse_idle(stray if done else "")
        return done

    def _follows(self, part: Part, read: Read, done: Sequence[Read]) -> bool:
        """``not covered if it has no licence; a provisional licence is fine``: says of another
        value that what was refused before is not refused for it.
        """
        words = {self.tokens[i].low for c in part.main for i in range(c.start, c.end)}
        if not done or len(read.conditions) != 1 or part.chunks()[-1] not in part.main:
            return False
        match read.conditions[0]:
            case Compare(path, "is", str(value)):
                pass
            case _:
                return False
        refused = all(getattr(s.outcome, "value", None) is False for s in done[-1].said)
        asked = [q for c in done[-1].conditions for q in _parts_of(c)]
        apart = any(q.attribute == path and value not in listed(q) for q in asked)
        return refused and apart and words <= _FINE

    def _conclude(self, part: Part, read: Read, case: Case, done: list[Read]) -> None:
        """Puts the part beside those that are finished, with what it takes over from them."""
        if self._says_instead(part) and read.conditions and done:
            done[-1], conditions = instead_of(done[-1], read, self.lexicon.ontology)
        else:
            context = () if part.otherwise else case.holds_for(read)
            shared = () if context else self._mattering(read, self._leaning(part, read, done))
            conditions = (*context, *shared, *read.conditions)
        read = replace(read, conditions=tuple(conditions))
        self._refuse_other_facts(part, read, done)
        done.append(self._under_heading(part, self._in_frame(part, read, done), done))

    def _refuse_idle(self, stray: str) -> None:
        """No part says what happens, or the words of one say no outcome."""
        if not stray:
            self._refuse_unknown_code()
        self._refuse_lost()
        text = f"What should happen: `{stray}`?" if stray else "What should happen then?"
        labels = () if stray else self._decision_labels()
        named = {m.ref.path for m in self.message.mentions if m.ref.kind == "decision"}
        if len(named) == 1 and not stray:
            decision = self.lexicon.ontology.decisions[next(iter(named))]
            text = f"What should happen then? What is the {decision.label}?"
            labels = tuple(decision.values)[:6]
        raise Unclear(Question(text, labels, about="missing"))

    def _read_joints(self, parts: Sequence[Part]) -> frozenset[int]:
        """Places where an `or` or `but` is read: between conditions or parts, and in names."""
        spans = [range(m.start, m.end) for ms in self.assignment.values() for m in ms]
        named = frozenset(i for span in spans for i in span)
        begins = {min(c.start for c in p.chunks()) for p in parts}
        ends = {max(c.end for c in p.chunks()) for p in parts}
        around = frozenset(i for b in begins for i in (b - 1, b)) | ends
        amounts = frozenset(i for q in self.message.quants for i in q.tokens)
        around |= {i - 1 for i in amounts if self.tokens[i].low in NEGATED}
        around |= self._between_options()
        return named | around | self.message.solid | self.joined | self.asides | {*self.placed}

    def _between_options(self) -> frozenset[int]:
        """``barium or water is permitted``: where values are options, `or` gives each of them."""
        decisions = self.lexicon.ontology.decisions
        chosen = [m for ms in self.assignment.values() for m in ms if m.ref.kind == "choice"]
        ordered = sorted(chosen, key=lambda m: m.start)
        pairs = [p for p in itertools.pairwise(ordered) if p[0].ref.path == p[1].ref.path]
        options = [p for p in pairs if gives_options(decisions[p[0].ref.path])]
        if _MUST & {t.stem for t in self.tokens}:
            return frozenset()
        return frozenset(i for a, b in options for i in range(a.end, b.start))

    def alone(self, chunk: Chunk) -> tuple[Condition | None, tuple[Atom, ...]]:
        """One stretch read as a condition."""
        self._mark(range(chunk.start, chunk.body), "sign")
        return self._stretch([chunk])

    def _words_of(self, part: Part) -> str:
        chunks = part.chunks()
        start, end = min(c.start for c in chunks), max(c.end for c in chunks)
        return self.message.text[self.tokens[start].start : self.tokens[end - 1].end].strip()

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
        every = all_of(*read.conditions) if read.conditions else None
        condition = all_of(*dict.fromkeys(every.parts)) if isinstance(every, And) else every
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
            tuple(dict.fromkeys((*self.beaten, *self._beaten_by(read, before)))),
        )
        self._mark(self.message.mandatory, "sign: mandatory")
        refuse_foreign_codes(
            rule, self.lexicon.ontology, self.lexicon.code_sets, self.task.scope_rows
        )
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

    def _beaten_by(self, read: Read, before: Sequence[Rule]) -> list[str]:
        """``…, also when they are diabetic``: it beats what was said of the diabetic."""
        ontology = self.lexicon.ontology
        decided = {s.outcome.decision for s in read.said}
        return [
            r.title
            for r in before
            if decided & {o.decision for o in r.then}
            and read.whatever & set(attributes_of(r.when, ontology))
        ]


def _parts_of(condition: Condition) -> list[Compare]:
    """The comparisons of a condition that ask for values outright."""
    match condition:
        case And(parts) | Or(parts):
            return [q for p in parts for q in _parts_of(p)]
        case Compare(_, "is" | "is one of"):
            return [condition]
        case _:
            return []


def condition_of(words: str, task: Task, lexicon: Lexicon) -> Condition:
    """A few words as a condition; raises :class:`Unclear` where a word has no place."""
    message = Message(f"for {words.strip()}:", lexicon)
    if not message.sentences:
        raise Unclear(Question("Which condition do you mean?", about="missing"))
    found: list[Condition] = []
    best: tuple[str, ...] | None = None
    for assignment in assignments(message, conditions_only=True):
        composer = Composer(message, task, assignment)
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
                label(p, lexicon.ontology)
                for c in found
                for p in attributes_of(c, lexicon.ontology)
            )
        )
        raise Unclear(Question(f"Which fact is `{words.strip()}` about?", labels, about="reading"))
    phrase = best[0] if best else words.strip()
    raise Unclear(
        Question(f"What do you mean by `{phrase}`?", about="unplaced"), best or (words.strip(),)
    )
