"""What a later part of a message takes over from the one before: otherwise, then, by contrast."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from data.rulelang.ast import Compare, Condition, Or, all_of, attributes_of, conjuncts
from graph.drafters.base import Question
from graph.drafters.grammar.atoms import Unclear
from graph.drafters.grammar.bench import Read
from graph.drafters.grammar.conditions import Conditioner
from graph.drafters.grammar.english import LARGER, SMALLER
from graph.drafters.grammar.framing import Part
from graph.drafters.grammar.logic import negation
from graph.drafters.grammar.others import beyond, chain_of, in_contrast
from graph.drafters.grammar.outcomes import Said
from graph.drafters.grammar.words import root

_PERSONS = frozenset(["they", "them", "he", "she"])
_ADDING = frozenset(["also", "too", "additionally"])
_ADDING_PAIRS = frozenset([("as", "well"), ("in", "addition")])
_SAME_CASE, _ANYWAY = "only under those", "in every case"


class Leaner(Conditioner):
    """Reads parts that say only what differs from the part before."""

    def _leaning(self, part: Part, read: Read, done: Sequence[Read]) -> tuple[Condition, ...]:
        """What holds for the part besides its own conditions; asks where that is open."""
        if not done or part.otherwise or part.exception:
            return ()
        shared = self._restated(read, done) or self._of_the_exception(part, read, done)
        before = done[-1]
        smaller = self._comparative(part) if not read.conditions else frozenset[int]()
        if smaller:
            self._mark(smaller, "sign: those beyond the limit before")
            return beyond(before, self.tokens[min(smaller)].low)
        if part.shares and not part.contrast and set(read.conditions) < set(before.conditions):
            return self._more(part, read, before)
        added = self._added(part, read, before)
        if added is not None:
            return added
        if part.echo:
            return tuple(c for c in before.conditions if c not in before.subject)
        if shared or not (part.contrast or read.elliptic or self._leans(part)):
            return shared
        contrast = in_contrast(read, before, self.lexicon.ontology)
        if contrast is not None:
            return contrast
        if self.ranged and self._same_facts(read, before):
            return ()
        whole = before.conditions == before.subject
        if whole and read.conditions and self._of_persons(part) and not self._own_subject(part):
            return before.conditions
        raise Unclear(
            Question(
                "Does the later sentence hold only under the conditions of the one before? "
                "Say each rule in full.",
                about="reading",
            )
        )

    def _more(self, part: Part, read: Read, before: Read) -> tuple[Condition, ...]:
        """``A need X for B, and Y as well``: Y is needed for B, too."""
        chunks = part.chunks()
        lows = [self.tokens[i].low for c in chunks for i in range(c.start, c.end)]
        rest = tuple(c for c in before.conditions if c not in read.conditions)
        if _ADDING & set(lows) or _ADDING_PAIRS & set(itertools.pairwise(lows)):
            return rest
        text = "Does what comes last hold only in the case said just before it? Say it in full."
        raise Unclear(Question(text, about="reading"))

    def _same_facts(self, read: Read, before: Read) -> bool:
        """The part before speaks of no fact that this one leaves out."""
        ontology = self.lexicon.ontology
        own, said = (
            {p for c in r.conditions for p in attributes_of(c, ontology)} for r in (read, before)
        )
        return said <= own

    def _mattering(self, read: Read, shared: tuple[Condition, ...]) -> tuple[Condition, ...]:
        """What is taken over, less what the part says of facts that do not matter to it."""
        about = [set(attributes_of(c, self.lexicon.ontology)) for c in shared]
        if any(a & read.whatever and a - read.whatever for a in about):
            text = "Which of the conditions said before matter here? Say each rule in full."
            raise Unclear(Question(text, about="reading"))
        return tuple(c for c, a in zip(shared, about, strict=True) if not a & read.whatever)

    def _added(self, part: Part, read: Read, before: Read) -> tuple[Condition, ...] | None:
        """``For A bring X. Guests also bring Y``: what comes on top holds in the case before, or
        in any; ``None`` where nothing is added to what the part before says.
        """
        ontology = self.lexicon.ontology
        chunks = part.chunks()
        lows = [self.tokens[i].low for c in chunks for i in range(c.start, c.end)]
        pairs = set(itertools.pairwise(lows))
        if not (_ADDING & set(lows) or _ADDING_PAIRS & pairs) or not read.conditions:
            return None
        both = {s.outcome.decision for s in read.said} & {s.outcome.decision for s in before.said}
        if not any(ontology.decisions[d].hit == "collect" for d in both):
            return None
        if before.heading and self.tokens[read.sentence - 1].low == ";":
            return ()
        own = {p for c in read.conditions for p in attributes_of(c, ontology)}
        said = {p for c in before.conditions for p in attributes_of(c, ontology)}
        chosen = self.message.answered.chosen
        if own & said or _ANYWAY in chosen:
            return ()
        if _SAME_CASE in chosen:
            return before.conditions
        text = "Does the later one hold only under the conditions of the one before?"
        raise Unclear(Question(text, (_SAME_CASE, _ANYWAY), about="reading"))

    def _refuse_other_facts(self, part: Part, read: Read, done: Sequence[Read]) -> None:
        """``A takes 5 days but those at B 7``: does the second hold for A alone, or for all?"""
        begin = min(c.start for c in part.chunks())
        lows = {t.low for t in self.tokens[max(0, begin - 1) : begin + 2]}
        if not done or not lows & {"but", "those"} or part.otherwise or part.exception:
            return
        if self._beside(part):
            return
        before = done[-1]
        told = {s.outcome.decision: s.outcome for s in before.said}
        other = any(told.get(s.outcome.decision, s.outcome) != s.outcome for s in read.said)
        narrower = {*before.conditions} <= {*read.conditions}
        contrast = in_contrast(read, before, self.lexicon.ontology) is not None
        if other and read.conditions and not (narrower or contrast):
            text = (
                "Does the last part hold only for what was said first, or for all? Say it in full."
            )
            raise Unclear(Question(text, about="reading"))

    def _of_the_exception(
        self, part: Part, read: Read, done: Sequence[Read]
    ) -> tuple[Condition, ...]:
        """``isn't covered unless B. Then it is covered``: under B, what held before is turned."""
        before = done[-1]
        if read.conditions or before.unless is None or not self._says_then(part):
            return ()
        if {s.outcome for s in read.said} & {s.outcome for s in before.said}:
            return ()
        decided, told = ({s.outcome.decision for s in r.said} for r in (read, before))
        if decided != told and read.sentence != before.sentence:
            text = "Does `then` mean in the exception, or in what was said before it?"
            raise Unclear(Question(text + " Say it in full.", about="reading"))
        rest = (c for c in before.conditions if c != negation(before.unless))  # type: ignore[arg-type]
        return (*rest, before.unless)

    def _comparative(self, part: Part) -> frozenset[int]:
        """``lighter ones``, ``the smaller``: those on the other side of a limit."""
        for c in part.chunks():
            for i in range(c.start, c.end - 1):
                if self.tokens[i].low in SMALLER | LARGER and self.tokens[i + 1].low == "ones":
                    return frozenset([i, i + 1])
        return frozenset()

    def _says_instead(self, part: Part) -> bool:
        """``over 5 kg it is the back room instead``."""
        at = max((c.end for c in part.chunks()), default=0) - 1
        if at < 1 or self.tokens[at].low != "instead":
            return False
        self._mark(range(at, at + 1), "sign: instead")
        return True

    def _own_subject(self, part: Part) -> bool:
        """It says itself whom it is about, before any if-clause."""
        return any(c.start == c.body and self._condition_in(c) for c in part.pre)

    def _of_persons(self, part: Part) -> bool:
        chunks = part.chunks()
        return any(self.tokens[i].low in _PERSONS for c in chunks for i in range(c.start, c.end))

    def _restated(self, read: Read, done: Sequence[Read]) -> tuple[Condition, ...]:
        """``A unless B; with B it's C``: the later part holds where the first would but for B."""
        if done[-1].unless is None or read.conditions != (done[-1].unless,):
            return ()
        decided = {s.outcome.decision for s in read.said}
        if decided != {s.outcome.decision for s in done[-1].said}:
            return ()
        return tuple(c for c in done[-1].conditions if c != negation(read.conditions[0]))

    def _besides_all(
        self, part: Part, own: Sequence[Condition], said: Sequence[Said], done: Sequence[Read]
    ) -> list[Condition]:
        """``to A by sea, to B by rail, to all others by road``: none of those before."""
        chain = chain_of(done, {s.outcome.decision for s in said}, self._sentence_of(part))
        others = [c for read in chain for c in self._all_others(part, own, read)]
        return list(dict.fromkeys(others))

    def _sentence_of(self, part: Part) -> int:
        at = min((c.start for c in part.chunks()), default=0)
        return max((s.start for s in self.message.sentences if s.start <= at), default=0)

    def _all_others(self, part: Part, own: Sequence[Condition], before: Read) -> list[Condition]:
        """``every other book``: books but those before; ``at all other branches``: not the branch
        before, the rest as before.
        """
        said = [q for c in before.conditions for q in conjuncts(c)]
        of_kind = self._others_of(part, said)
        if of_kind is not None and not own:
            return [negation(c) if c == of_kind else c for c in said]
        mine = [q for c in own for q in conjuncts(c)]
        rest = [c for c in said if c not in mine]
        return [*own, negation(all_of(*rest))] if rest and own else list(own)

    def _others_of(self, part: Part, said: Sequence[Condition]) -> Condition | None:
        """The condition before about the one fact that `other` names without a value."""
        beside = self._beside(part)
        after = max(beside, default=-1) + 1
        named = {
            m.ref.path
            for m in self._inside(part.chunks())
            if m.ref.kind == "attribute" and after in m.tokens
        }
        thing = self.tokens[after] if 0 < after < len(self.tokens) else None
        labels = {p: a.label for p, a in self.lexicon.ontology.attributes.items()}
        fitting = [
            c
            for c in said
            if isinstance(c, Compare)
            and (
                c.attribute in named
                or (thing and thing.root in {root(w) for w in labels[c.attribute].lower().split()})
            )
        ]
        return fitting[0] if len(fitting) == 1 else None

    def _none_of(self, read: Read) -> Condition:
        """What a list of alternatives said before does not cover."""
        if len(read.conditions) == 1:
            match read.conditions[0]:
                case Or() | Compare(_, "is one of"):
                    return negation(read.conditions[0])
                case _:
                    pass
        raise Unclear(Question("None of which? Say the conditions again.", about="missing"))

    def _refuse_many(self, read: Read) -> None:
        """``when they don't`` turns round one thing said, not several and nothing denied."""
        rest = [c for c in read.conditions if c not in read.subject]
        plain = (
            len(rest) == 1
            and isinstance(rest[0], Compare)
            and rest[0].value is not False
            and rest[0].op not in ("is not", "is none of")
        )
        if not plain:
            raise Unclear(
                Question("When exactly is that? Say the condition again.", about="missing")
            )
