"""One part of a message: what it says shall happen, when, and what it takes over."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from data.rulelang.ast import And, Condition, Or
from graph.drafters.base import Question
from graph.drafters.grammar.atoms import Atom, Unclear
from graph.drafters.grammar.bench import Read
from graph.drafters.grammar.chunks import PLAIN_VERBS, Chunk
from graph.drafters.grammar.clashing import Stress, stress_of
from graph.drafters.grammar.framed import Placed
from graph.drafters.grammar.framing import Part
from graph.drafters.grammar.lexicon import NEGATED, Ref
from graph.drafters.grammar.logic import negation, refuse_empty_exception
from graph.drafters.grammar.mentions import Mention
from graph.drafters.grammar.others import elsewhere, none_before
from graph.drafters.grammar.outcomes import Said, gives_options, opposite, outcomes_of, value_of
from graph.drafters.grammar.words import Token, prefix_not, stem

_CHOICES = frozenset(stem(w) for w in ("choices", "options", "possibilities", "alternatives"))
_FOR_ALL = "for all of it"
_VAGUE = frozenset(["all", "every", "always", "necessarily", "each", "only"])


@dataclass
class Seen:
    """What a part says of when."""

    conditions: list[Condition] = field(default_factory=list[Condition])
    subject: list[Condition] = field(default_factory=list[Condition])
    """Those it opens with, besides if-clauses."""
    under: list[Condition] = field(default_factory=list[Condition])
    """Those of its if-clauses."""
    atoms: list[Atom] = field(default_factory=list[Atom])
    only: Condition | None = None
    excepted: Condition | None = None


class Piecer(Placed):
    """Reads one part."""

    def _read(self, part: Part, done: list[Read]) -> Read:
        self.earlier, self.ranged = list(self.limits), False
        said, elliptic = self._outcomes_in(part, done)
        self._settle_words(part, said, elliptic)
        seen = self._conditions_in(part, said)
        conditions = self._beside_those(part, said, seen.conditions, done)
        leans = any(opposite(s.outcome) for s in elliptic) and not part.otherwise
        return Read(
            tuple(conditions),
            said,
            tuple(seen.atoms),
            seen.only,
            tuple(seen.subject),
            seen.excepted,
            leans or self.ranged,
            tuple(seen.under),
            self._whatever(part),
            self._sentence_of(part),
            self._opened(part, seen.atoms),
            self._stress_of(part),
            self._heading(part, conditions, seen.atoms),
        )

    def _outcomes_in(
        self, part: Part, done: Sequence[Read]
    ) -> tuple[tuple[Said, ...], tuple[Said, ...]]:
        """The outcomes of a part, and those of them that a verb alone says (`it is`)."""
        beside = [c for c in (*part.pre, *part.post) if c.kind in ("subject", "near")]
        open_chunks = [*part.main, *beside]
        deciding = self._deciding(part, open_chunks, done)
        self._refuse_decisions_in(part)
        zone = self._zone(part, deciding)
        extra = self._extra(part, deciding, zone)
        told = {p for s in extra for p in s.ref_paths}
        deciding = [
            m
            for m in deciding
            if m.ref.kind != "modifier"
            and not (m.ref.path in told and m.ref.kind in ("decision", "topic"))
        ]
        said: tuple[Said, ...] = ()
        if deciding or any(q.kind == "often" for q in self._quants(part.main)):
            said, used, idle = outcomes_of(
                self._as_answered(deciding), self._quants(open_chunks),
                zone - self._condition_tokens(part.main), self.tokens, self.lexicon,
            )  # fmt: skip
            self.spent |= used
            for m in idle:
                self._leave(m)
        said = (*extra, *said)
        elliptic = () if said else self._elliptic(part, done)
        if part.echo and done:
            said = tuple(replace(s, tokens=frozenset[int]()) for s in done[-1].said)
        said = (*said, *self._by_pronoun(part))
        return said or elliptic or self._implied(part, done), elliptic

    def _deciding(self, part: Part, chunks: Sequence[Chunk], done: Sequence[Read]) -> list[Mention]:
        """The names of decisions and their values that this part can mean."""
        deciding = [m for m in self._inside(chunks) if not m.ref.in_condition]
        if done:
            units = frozenset(i for q in self.message.quants for i in q.tokens)
            deciding = [m for m in deciding if not (m.ref.kind == "decision" and m.tokens <= units)]
        deciding = self._not_units(self._in_main_first(part, deciding), part)
        if part.decides:
            deciding = [m for m in deciding if m.ref.kind != "choice" or m.ref.path == part.decides]
        return self._not_doers(deciding)

    def _zone(self, part: Part, deciding: Sequence[Mention]) -> frozenset[int]:
        """The words among which an outcome finds its negations and modals."""
        subjects = [c for c in part.pre if c.kind == "subject" and not self._condition_in(c)]
        zone = frozenset(i for c in (*part.main, *subjects) for i in range(c.start, c.end))
        zone |= frozenset(i for m in deciding for i in range(m.start, m.end))
        zone -= self.message.mandatory | self.message.phrases
        limits = frozenset(i for q in self.message.quants for i in q.tokens)
        return frozenset(
            i
            for i in zone
            if not prefix_not(self.tokens, i)
            and not (i in limits and self.tokens[i].low in NEGATED)
        )

    def _settle_words(self, part: Part, said: Sequence[Said], elliptic: Sequence[Said]) -> None:
        """Gives the words of the outcomes and the openers of clauses their places."""
        told = frozenset(i for s in said for i in s.tokens)
        self._refuse_subjects(said, part)
        self._mark_verbs_of_need(said, part)
        self._mark_early(said)
        self._mark_counted(said)
        self._mark_small(said)
        self._refuse_echo(part)
        self._refuse_objects(part, told)
        if said:
            self._refuse_ellipsis(part, frozenset(i for s in elliptic for i in s.tokens))
        self._refuse_not_all(part)
        self._refuse_for_none(part, told)
        for s in said:
            self._mark(s.tokens | self._outcome_units(s), self._outcome_words(s))
            self.refs += [(s.tokens, Ref("decision", p)) for p in s.ref_paths]
            self.refs += [(s.tokens, Ref("choice", p, value_of(s.outcome))) for p in s.ref_paths]
        for c in part.chunks():
            if c.kind in ("if", "unless", "only") and not self._says_something(c):
                self._mark(range(c.start, c.end), "unplaced")
            if c.body > c.start and not self._mere_time(c):
                opener = " ".join(t.text for t in self.tokens[c.start : c.body])
                self._mark(range(c.start, c.body), f"sign: {opener}")

    def _conditions_in(self, part: Part, said: Sequence[Said]) -> Seen:
        """What the part says of when."""
        seen = Seen()
        signs = [(max(s.tokens), "outcome") for s in said if s.tokens]
        for stretch in self._stretches(part):
            condition, found = self._stretch(stretch)
            seen.atoms += found
            if condition is None:
                continue
            if any(c.kind == "only" for c in stretch):
                self._limit(stretch, condition, part, said, seen)
            seen.conditions.append(condition)
            if all(c.kind == "if" or self._only_if(c) for c in stretch):
                seen.under.append(condition)
            clauses = all(c.kind == "if" and c.body > c.start for c in stretch)
            if stretch is part.pre and not clauses:
                seen.subject.append(condition)
        facts = [(a.start, "fact") for a in seen.atoms]
        _refuse_interleaved([*signs, *facts], part, self.tokens)
        if part.unless:
            self._except(part, said, seen)
        return seen

    def _limit(
        self, stretch: Sequence[Chunk], condition: Condition, part: Part, said: Sequence[Said],
        seen: Seen,
    ) -> None:  # fmt: skip
        """What `only` limits the outcome to."""
        self._refuse_only_both(stretch, condition)
        self._refuse_but_only(stretch)
        self._refuse_only_denied(stretch, part, said)
        if seen.only is not None:
            text = "`Only` is said twice. What holds for all others? Say each in full."
            raise Unclear(Question(text, about="reading"))
        seen.only = condition
        self._mark_only(part)

    def _except(self, part: Part, said: Sequence[Said], seen: Seen) -> None:
        """What `unless` and `except` take out."""
        condition, found = self._stretch(part.unless)
        seen.atoms += found
        if condition is None:
            raise Unclear(Question("Unless what?", about="missing"), self._unknown(part.unless))
        refuse_empty_exception(condition, seen.conditions, self.lexicon)
        self._refuse_shared_exception(part, said)
        self._refuse_wide_exception(part.unless[0], condition)
        self._refuse_unless_again(part.unless)
        seen.conditions.append(negation(condition))
        seen.excepted = condition

    def _beside_those(
        self, part: Part, said: Sequence[Said], conditions: list[Condition], done: list[Read]
    ) -> list[Condition]:
        """The conditions of a part that speaks of what the parts before do not cover."""
        those, beside = self._none_of_those(part), self._beside(part)
        if those and done:
            conditions = [*conditions, self._none_of(done[-1])]
            self._mark(those, "sign: none of the cases before")
        if beside and done:
            self._mark(beside, "sign: all others")
            conditions = self._besides_all(part, conditions, said, done)
        if part.exception and not done:
            text = "What does the exception except? Say the rule for it in full."
            raise Unclear(Question(text, about="reading"))
        if part.exception:
            conditions = [*done[-1].conditions, *conditions]
        return self._otherwise(part, said, conditions, done) if part.otherwise else conditions

    def _otherwise(
        self, part: Part, said: Sequence[Said], conditions: list[Condition], done: list[Read]
    ) -> list[Condition]:
        """What is left by the parts before, together with the part's own conditions."""
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
        if {s.outcome.decision for s in done[-1].said} == {s.outcome.decision for s in said}:
            done[-1] = replace(done[-1], only=None)
        return list(dict.fromkeys((*other, *conditions)))

    def _whatever(self, part: Part) -> frozenset[str]:
        """Facts that the part says do not matter."""
        aside = frozenset(m.ref.path for m in self._inside(part.aside) if m.ref.in_condition)
        spans = [range(c.start, c.end) for c in part.chunks()]
        indifferent = self.message.indifferent.items()
        return aside | {path for i, path in indifferent if any(i in s for s in spans)}

    def _mark_counted(self, said: Sequence[Said]) -> None:
        """``leaves two choices: A or B``: says how many of them follow."""
        decisions = self.lexicon.ontology.decisions
        given = [s for s in said if gives_options(decisions[s.outcome.decision])]
        for q in self.message.quants:
            after = range(q.end, min(q.end + 3, len(self.tokens)))
            noun = next((i for i in after if self.tokens[i].stem in _CHOICES), None)
            if noun is not None and q.op == "eq" and q.amounts == (len(given),):
                self._mark(range(q.start, noun + 1), self._outcome_words(given[0]))

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

    def _refuse_unless_again(self, unless: Sequence[Chunk]) -> None:
        """``unless A, and unless B``: is one of them enough?"""
        again = [c for c in unless[1:] if c.kind == "unless" and c.body > c.start]
        if any(self.tokens[c.start - 1].low == "and" for c in again):
            text = "Is one of these exceptions enough, or must both hold? Say each in a sentence."
            raise Unclear(Question(text, about="reading"))

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
