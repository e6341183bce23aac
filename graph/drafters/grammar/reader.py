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
from graph.drafters.grammar.chunks import PLAIN_VERBS, Chunk
from graph.drafters.grammar.clashing import Stress, ranked, stress_of
from graph.drafters.grammar.consistent import refuse_contradiction
from graph.drafters.grammar.framed import Placed
from graph.drafters.grammar.framing import Part
from graph.drafters.grammar.joints import refuse_unread
from graph.drafters.grammar.lexicon import NEGATED, Lexicon, Ref
from graph.drafters.grammar.logic import (
    effective,
    listed,
    negation,
    refuse_empty_exception,
    split_scope,
)
from graph.drafters.grammar.mentions import Mention
from graph.drafters.grammar.message import Message
from graph.drafters.grammar.others import elsewhere, instead_of, none_before
from graph.drafters.grammar.outcomes import Said, gives_options, opposite, outcomes_of, value_of
from graph.drafters.grammar.settle import assignments
from graph.drafters.grammar.titles import title_of
from graph.drafters.grammar.totals import adds
from graph.drafters.grammar.words import Token, prefix_not, stem
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
_CHOICES = frozenset(stem(w) for w in ("choices", "options", "possibilities", "alternatives"))
_FINE = frozenset(["is", "are", "fine", "ok", "okay", "acceptable", "enough", "sufficient"])
_FOR_ALL = "for all of it"
_VAGUE = frozenset(["all", "every", "always", "necessarily", "each", "only"])


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


class Composer(Placed):
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

    def _mark_counted(self, said: Sequence[Said]) -> None:
        """``leaves two choices: A or B``: says how many of them follow."""
        decisions = self.lexicon.ontology.decisions
        given = [s for s in said if gives_options(decisions[s.outcome.decision])]
        for q in self.message.quants:
            after = range(q.end, min(q.end + 3, len(self.tokens)))
            noun = next((i for i in after if self.tokens[i].stem in _CHOICES), None)
            if noun is not None and q.op == "eq" and q.amounts == (len(given),):
                self._mark(range(q.start, noun + 1), self._outcome_words(given[0]))

    def alone(self, chunk: Chunk) -> tuple[Condition | None, tuple[Atom, ...]]:
        """One stretch read as a condition."""
        self._mark(range(chunk.start, chunk.body), "sign")
        return self._stretch([chunk])

    def _read(self, part: Part, done: list[Read]) -> Read:
        self.earlier, self.ranged = list(self.limits), False
        open_chunks = [
            *part.main,
            *[c for c in (*part.pre, *part.post) if c.kind in ("subject", "near")],
        ]
        deciding = [m for m in self._inside(open_chunks) if not m.ref.in_condition]
        if done:
            units = frozenset(i for q in self.message.quants for i in q.tokens)
            deciding = [m for m in deciding if not (m.ref.kind == "decision" and m.tokens <= units)]
        deciding = self._not_units(self._in_main_first(part, deciding), part)
        if part.decides:
            deciding = [m for m in deciding if m.ref.kind != "choice" or m.ref.path == part.decides]
        deciding = self._not_doers(deciding)
        self._refuse_decisions_in(part)
        zone = frozenset(i for c in part.main for i in range(c.start, c.end))
        zone |= frozenset(
            i
            for c in part.pre
            if c.kind == "subject" and not self._condition_in(c)
            for i in range(c.start, c.end)
        )
        zone |= frozenset(i for m in deciding for i in range(m.start, m.end))
        zone -= self.message.mandatory | self.message.phrases
        limits = frozenset(i for q in self.message.quants for i in q.tokens)
        zone = frozenset(
            i
            for i in zone
            if not prefix_not(self.tokens, i)
            and not (i in limits and self.tokens[i].low in NEGATED)
        )
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
                self._as_answered(deciding), self._quants(open_chunks),
                zone - self._condition_tokens(part.main),
                self.tokens, self.lexicon,
            )  # fmt: skip
            self.spent |= used
            for m in idle:
                self._leave(m)
        said = (*extra, *said)
        elliptic = () if said else self._elliptic(part, done)
        if part.echo and done:
            said = tuple(replace(s, tokens=frozenset[int]()) for s in done[-1].said)
        said = (*said, *self._by_pronoun(part))
        said = said or elliptic or self._implied(part, done)
        self._refuse_subjects(said, part)
        self._mark_verbs_of_need(said, part)
        self._mark_early(said)
        self._mark_counted(said)
        self._mark_small(said)
        self._refuse_echo(part)
        self._refuse_objects(part, frozenset(i for s in said for i in s.tokens))
        if said:
            self._refuse_ellipsis(part, frozenset(i for s in elliptic for i in s.tokens))
        self._refuse_not_all(part)
        self._refuse_for_none(part, frozenset(i for s in said for i in s.tokens))
        for s in said:
            self._mark(s.tokens | self._outcome_units(s), self._outcome_words(s))
            self.refs += [(s.tokens, Ref("decision", p)) for p in s.ref_paths]
            self.refs += [(s.tokens, Ref("choice", p, value_of(s.outcome))) for p in s.ref_paths]
        for c in part.chunks():
            if c.kind in ("if", "unless", "only") and not self._says_something(c):
                self._mark(range(c.start, c.end), "unplaced")
            if c.body > c.start and not self._mere_time(c):
                self._mark(
                    range(c.start, c.body),
                    "sign: " + " ".join(t.text for t in self.tokens[c.start : c.body]),
                )
        conditions: list[Condition] = []
        subject: list[Condition] = []
        under: list[Condition] = []
        atoms: list[Atom] = []
        signs = [(max(s.tokens), "outcome") for s in said if s.tokens]
        only: Condition | None = None
        for stretch in self._stretches(part):
            condition, found = self._stretch(stretch)
            atoms += found
            if condition is None:
                continue
            if any(c.kind == "only" for c in stretch):
                self._refuse_only_both(stretch, condition)
                self._refuse_but_only(stretch)
                self._refuse_only_denied(stretch, part, said)
                if only is not None:
                    text = "`Only` is said twice. What holds for all others? Say each in full."
                    raise Unclear(Question(text, about="reading"))
                only = condition
                self._mark_only(part)
            conditions.append(condition)
            if all(c.kind == "if" or self._only_if(c) for c in stretch):
                under.append(condition)
            if stretch is part.pre and not all(
                c.kind == "if" and c.body > c.start for c in stretch
            ):
                subject.append(condition)
        _refuse_interleaved([*signs, *((a.start, "fact") for a in atoms)], part, self.tokens)
        excepted: Condition | None = None
        if part.unless:
            condition, found = self._stretch(part.unless)
            atoms += found
            if condition is None:
                raise Unclear(Question("Unless what?", about="missing"), self._unknown(part.unless))
            refuse_empty_exception(condition, conditions, self.lexicon)
            self._refuse_shared_exception(part, said)
            self._refuse_wide_exception(part.unless[0], condition)
            conditions.append(negation(condition))
            excepted = condition
        those = self._none_of_those(part)
        if those and done:
            conditions.append(self._none_of(done[-1]))
            self._mark(those, "sign: none of the cases before")
        beside = self._beside(part)
        if beside and done:
            self._mark(beside, "sign: all others")
            conditions = self._besides_all(part, conditions, said, done)
        if part.exception and not done:
            text = "What does the exception except? Say the rule for it in full."
            raise Unclear(Question(text, about="reading"))
        if part.exception:
            conditions = [*done[-1].conditions, *conditions]
        if part.otherwise:
            sentence = self._sentence_of(part)
            other = (
                elsewhere(done, self.tokens)
                if part.elsewhere
                else none_before(done, said, sentence, part)
            )
            if part.post and part.waited:
                text = "Does the last condition hold for all of the sentence? Say each in full."
                raise Unclear(Question(text, about="reading"))
            if part.turned:
                self._refuse_many(done[-1])
            told = {s.outcome.decision for s in done[-1].said}
            if told == {s.outcome.decision for s in said}:
                done[-1] = replace(done[-1], only=None)
            conditions = list(dict.fromkeys((*other, *conditions)))
        leans = any(opposite(s.outcome) for s in elliptic) and not part.otherwise
        leans = leans or self.ranged
        whatever = frozenset(m.ref.path for m in self._inside(part.aside) if m.ref.in_condition)
        spans = [range(c.start, c.end) for c in part.chunks()]
        indifferent = self.message.indifferent.items()
        whatever |= {path for i, path in indifferent if any(i in s for s in spans)}
        return Read(
            tuple(conditions),
            said,
            tuple(atoms),
            only,
            tuple(subject),
            excepted,
            leans,
            tuple(under),
            whatever,
            self._sentence_of(part),
            self._opened(part, atoms),
            self._stress_of(part),
            self._heading(part, conditions, atoms),
        )

    def _stress_of(self, part: Part) -> Stress:
        chunks = part.chunks()
        start, end = min(c.start for c in chunks), max(c.end for c in chunks)
        return stress_of(self.tokens, start, end)

    def _only_if(self, chunk: Chunk) -> bool:
        return chunk.kind == "only" and chunk.body > chunk.start + 1

    def _refuse_wide_exception(self, chunk: Chunk, condition: Condition) -> None:
        """``everything but A to B``, ``other than A or over 5 kg``: how much is excepted?"""
        opener = {t.low for t in self.tokens[chunk.start : chunk.body]}
        wide = "but" in opener and isinstance(condition, And)
        if wide or ("than" in opener and isinstance(condition, Or)):
            text = "How much of this is excepted? Say each case in a sentence of its own."
            raise Unclear(Question(text, about="reading"))

    def _refuse_shared_exception(self, part: Part, said: Sequence[Said]) -> None:
        """``A goes to X and is inspected, except when …``: how much is excepted?"""
        spans = sorted((min(s.tokens), max(s.tokens)) for s in said if s.tokens)
        between = [(one[1], two[0]) for one, two in itertools.pairwise(spans)]
        joined = any("and" in {t.low for t in self.tokens[a:b]} for a, b in between)
        several = len({s.outcome.decision for s in said}) > 1
        after = bool(spans) and part.unless[0].start > spans[-1][1]
        if several and joined and after and _FOR_ALL not in self.message.answered.chosen:
            text = "Does the exception hold for all of this, or only for what was said last?"
            text += " Say each in a sentence of its own."
            raise Unclear(Question(text, (_FOR_ALL,), about="reading"))

    def _refuse_only_both(self, stretch: Sequence[Chunk], condition: Condition) -> None:
        """``Only residents and staff may …``: each of them, or who is both?"""
        said = {self.tokens[i].low for c in stretch for i in range(c.start, c.end)}
        by_noun = stretch[0].kind == "only" and stretch[0].body == stretch[0].start + 1
        if by_noun and "and" in said and isinstance(condition, And):
            text = "Must both hold at once, or is one of them enough? Say each in a sentence."
            raise Unclear(Question(text, about="reading"))

    def _refuse_but_only(self, stretch: Sequence[Chunk]) -> None:
        """``yes when A, but only at B``: what holds where A does not is not said."""
        only = next(n for n, c in enumerate(stretch) if c.kind == "only")
        before = self.tokens[max(0, stretch[only].start - 2) : stretch[only].start]
        if any(map(self._condition_in, stretch[:only])) and any(t.low == "but" for t in before):
            text = "What does `only` leave out? Say what holds for the others in a sentence."
            raise Unclear(Question(text, about="reading"))

    def _refuse_only_denied(
        self, stretch: Sequence[Chunk], part: Part, said: Sequence[Said]
    ) -> None:
        """``no loans on Sundays, and on Saturdays only before noon``: what `only` allows is said
        of a part alone.
        """
        denied = any(getattr(s.outcome, "value", None) is False for s in said)
        turned = self.tokens[stretch[0].start - 1].low in NEGATED
        if denied and stretch[0] in part.post and not turned:
            text = "What does `only` allow here, and when? Say it in a sentence of its own."
            raise Unclear(Question(text, about="reading"))

    def _mark_only(self, part: Part) -> None:
        """``may only be lent to …``: the `only` stands before the verb."""
        for c in part.main:
            at = next((i for i in range(c.start, c.end) if self.tokens[i].low == "only"), None)
            if at is not None:
                self._mark(range(at, at + 1), "sign: only")
        for c in (*part.pre, *part.post):
            said = [i for i in range(c.body, c.end) if self.tokens[i].is_word]
            if c.kind == "only" and said and self.tokens[said[-1]].low == "only":
                self._mark(range(said[-1], said[-1] + 1), "sign: only")

    def _mere_time(self, chunk: Chunk) -> bool:
        """``since …`` and ``after …`` say when, unless what follows is a fact of its own."""
        attributes = self.lexicon.ontology.attributes
        if self.tokens[chunk.start].low == "before":
            verbs = any(t.stem in PLAIN_VERBS for t in self.tokens[chunk.body : chunk.end + 1])
            return verbs and any(
                attributes[m.ref.path].type == "boolean"
                for m in self._inside([chunk])
                if m.ref.in_condition
            )
        if self.tokens[chunk.start].low not in ("after", "since"):
            return False
        facts = [attributes[m.ref.path] for m in self._inside([chunk]) if m.ref.in_condition]
        timed = any(a.unit and "since" in a.label.lower().split() for a in facts)
        stated = any(a.type in ("boolean", "enum", "set") for a in facts)
        return not timed and (not stated or self.tokens[chunk.start].low == "since")

    def _in_main_first(self, part: Part, deciding: Sequence[Mention]) -> list[Mention]:
        """Where the main part says an outcome, a value elsewhere is no second one."""
        if not any(self._complete_in(c) for c in part.main):
            return list(deciding)
        inside = [m for m in deciding if any(c.start <= m.start < c.end for c in part.main)]
        paths = {m.ref.path for m in inside}
        return [
            m
            for m in deciding
            if m.ref.kind != "choice" or m in inside or len(m.tokens) > 1 or m.ref.path in paths
        ]

    def _words_of(self, part: Part) -> str:
        chunks = part.chunks()
        start, end = min(c.start for c in chunks), max(c.end for c in chunks)
        return self.message.text[self.tokens[start].start : self.tokens[end - 1].end].strip()

    def _refuse_not_all(self, part: Part) -> None:
        """``not all guests``, ``not always``: says that it differs, not when."""
        for c in part.chunks():
            for i in range(c.start, min(c.end, len(self.tokens) - 1)):
                vague = self.tokens[i + 1].low in _VAGUE
                if self.tokens[i].low in ("not", "n't") and vague:
                    self._mark(range(i, i + 2), "unplaced")

    def _says_something(self, chunk: Chunk) -> bool:
        """A condition clause names a fact or an amount: ``if they don't`` alone does not."""
        inside = range(chunk.start, chunk.end)
        if self.message.phrases >= set(range(chunk.body, chunk.end)):
            return True
        if any(p.start in inside for p in self.message.past):
            return True
        words = {self.tokens[i].low for i in inside}
        if {"all", "these"} <= words and set(range(chunk.body, chunk.end)) <= self.message.phrases:
            return True
        return bool(self._inside([chunk])) or any(q.start in inside for q in self.message.quants)

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


def _refuse_interleaved(
    signs: Sequence[tuple[int, str]], part: Part, tokens: Sequence[Token]
) -> None:
    """``notify A about X and B about Y``, ``all bring A, and guests B``: which fact goes with
    which outcome?
    """
    begin = min((c.start for c in part.main), default=0)
    kinds = [kind for at, kind in sorted(signs) if at >= begin]
    runs = [k for n, k in enumerate(kinds) if n == 0 or kinds[n - 1] != k]
    inner = [at for at, kind in signs if kind == "fact" and at >= begin]
    anew = any(tokens[at - 1].low in ("and", "but", ",", ";") for at in inner)
    led = any(kind == "fact" and at < begin for at, kind in signs)
    elided = led and anew and runs[:3] == ["outcome", "fact", "outcome"]
    if elided or runs[:4] == ["outcome", "fact", "outcome", "fact"]:
        text = "Which of these goes with which? Say each outcome with its condition in a sentence."
        raise Unclear(Question(text, about="reading"))


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
