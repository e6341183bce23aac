"""Where a sentence opens with a place, what else of the message holds at that place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from data.rulelang.ast import Condition, all_of, attributes_of, conjuncts
from graph.drafters.base import Question
from graph.drafters.grammar.atoms import Atom, Unclear
from graph.drafters.grammar.bench import Read
from graph.drafters.grammar.framing import Part
from graph.drafters.grammar.leaning import Leaner
from graph.drafters.grammar.logic import negation
from graph.drafters.grammar.opening import opened_with, places_of

_EVERYWHERE = frozenset(["everywhere", "elsewhere", "anywhere", "else"])
_TOO, _ALONE = "there, too", "everywhere"


class Placed(Leaner):
    """Carries the place a sentence opens with to the rest of the sentence; asks beyond it."""

    def _opened(self, part: Part, atoms: Sequence[Atom]) -> Condition | None:
        """The place before the first comma of the part's sentence, where the part begins it."""
        first = min(atoms, key=lambda a: a.start, default=None)
        start = self._sentence_of(part)
        begins = min((c.start for c in part.chunks()), default=-1) == start
        if first is None or not begins or first.path not in places_of(self.lexicon.ontology):
            return None
        set_off = first.end < len(self.tokens) and self.tokens[first.end].low == ","
        return first.condition if set_off and opened_with(first, self.tokens, start) else None

    def _heading(
        self, part: Part, conditions: Sequence[Condition], atoms: Sequence[Atom]
    ) -> tuple[Condition, ...]:
        """``fee for a tandem: 20 euros at A, …``: the conditions before the colon."""
        start = self._sentence_of(part)
        end = max(c.end for c in part.chunks())
        colon = next((i for i in range(start, end) if self.tokens[i].low == ":"), start)
        before = [a for a in atoms if start <= a.start < a.end <= colon]
        after = {a.path for a in atoms if a not in before}
        said = {a.path for a in before}
        own = {a.condition for a in before}
        inside = (q for c in conditions for q in conjuncts(c))
        facts = ((q, set(attributes_of(q, self.lexicon.ontology))) for q in inside)
        held = (q for q, about in facts if about <= said and (q in own or not about & after))
        return tuple(dict.fromkeys(held))

    def _in_frame(self, part: Part, read: Read, done: Sequence[Read]) -> Read:
        """The part at the place its sentence opened with; asks about a sentence of its own."""
        before = done[-1] if done else None
        frame = before.frame if before else None
        if before is None or frame is None or self._says_where(part, read):
            return read
        within = read.sentence == before.sentence or self.tokens[read.sentence - 1].low == ";"
        chosen = self.message.answered.chosen
        told = frame in [q for c in read.conditions for q in conjuncts(c)]
        if not told and not within and _TOO not in chosen:
            if _ALONE in chosen:
                return read
            text = "Does the later sentence hold at the place said first, or everywhere?"
            raise Unclear(Question(text, (_TOO, _ALONE), about="scope"))
        conditions = read.conditions
        if not told and part.otherwise:
            rest = [q for c in before.conditions for q in conjuncts(c) if q != frame]
            conditions = (negation(all_of(*rest)),) if rest else conditions
        return replace(read, conditions=tuple(dict.fromkeys((frame, *conditions))), frame=frame)

    def _under_heading(self, part: Part, read: Read, done: Sequence[Read]) -> Read:
        """``guests: a card for all of them; a list if they are over 65``: what comes before the
        colon holds for each item, but for the facts of which an item says something itself.
        """
        heading = done[-1].heading if done else ()
        goes_on = bool(read.sentence) and self.tokens[read.sentence - 1].low == ";"
        start = read.sentence
        end = max(c.end for c in part.chunks())
        own_colon = any(t.low == ":" for t in self.tokens[start:end])
        if not heading or not goes_on or own_colon or part.otherwise or part.exception:
            return read
        ontology = self.lexicon.ontology
        said = {p for c in read.conditions for p in attributes_of(c, ontology)}
        held = tuple(c for c in heading if not said & set(attributes_of(c, ontology)))
        every = tuple(dict.fromkeys((*held, *read.conditions)))
        return replace(read, conditions=every, heading=held)

    def _says_where(self, part: Part, read: Read) -> bool:
        ontology = self.lexicon.ontology
        own = () if part.otherwise else read.conditions
        said = {p for c in own for p in attributes_of(c, ontology)}
        chunks = part.chunks()
        lows = {self.tokens[i].low for c in chunks for i in range(c.start, c.end)}
        return bool(said & places_of(ontology) or lows & _EVERYWHERE)
