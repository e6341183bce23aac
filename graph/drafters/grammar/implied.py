"""Outcomes whose decision is not named: known by its unit, or by a verb that refuses."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from data.ontology import Decision
from data.rulelang.ast import Decide, Include
from graph.drafters.base import Question
from graph.drafters.grammar.atoms import Unclear
from graph.drafters.grammar.bench import Read
from graph.drafters.grammar.chunks import PLAIN_VERBS
from graph.drafters.grammar.deciding import DUE, Decider, name_words
from graph.drafters.grammar.english import PREPOSITIONS
from graph.drafters.grammar.framing import Part
from graph.drafters.grammar.lexicon import DENYING, Ref
from graph.drafters.grammar.measures import fits
from graph.drafters.grammar.mentions import Mention
from graph.drafters.grammar.message import AGREEING, REFUSED, allows
from graph.drafters.grammar.outcomes import Said, amount_said
from graph.drafters.grammar.quantities import Quant
from graph.drafters.grammar.words import root, stem

_TAKING = frozenset(stem(w) for w in ("get", "have", "take", "use", "receive"))
_GIVING = frozenset(stem(w) for w in ("get", "require", "need", "receive", "order", "provide"))
_BESIDE_VERB = DENYING | {"only", "also", "always", "still"}
_IT = frozenset(["one", "it", "them"])
_NEEDING = frozenset(stem(w) for w in ("need", "require"))


class Implier(Decider):
    """Reads outcomes that do not name what they decide."""

    def _implied(self, part: Part, done: Sequence[Read]) -> tuple[Said, ...]:
        """What is decided by an amount in the one fitting unit, or by a verb that refuses."""
        return self._by_unit(part) or self._by_verb(part, done) or self._by_thing(part, done)

    def _by_unit(self, part: Part) -> tuple[Said, ...]:
        """``books go out for 28 days``: the only number decided that is told in days."""
        open_chunks = (*part.post, *part.pre) if not part.main else part.post
        chunks = [*part.main, *(c for c in open_chunks if c.kind in ("subject", "near"))]
        spoken = [q for q in self._quants(chunks) if q.op == "eq" and q.unit]
        if len(spoken) != 1 or not isinstance(spoken[0].amounts[0], Decimal):
            return ()
        quant = spoken[0]
        ontology = self.lexicon.ontology
        decided = [d for d in ontology.decisions.values() if d.unit and fits(quant, d)]
        facts = (
            ontology.attributes[m.ref.path] for m in self._inside(chunks) if m.ref.in_condition
        )
        decided = self._spoken_of(decided, quant) if len(decided) > 1 else decided
        if len(decided) != 1 or any(a.unit and fits(quant, a) for a in facts):
            return ()
        self.spent.add(quant)
        return (amount_said(decided[0], quant, quant.tokens),)

    def _spoken_of(self, decided: Sequence[Decision], quant: Quant) -> list[Decision]:
        """Those of which a name has a word right after the amount: ``30 minutes early``; after
        `within`, those that say by when.
        """
        following = self.tokens[max(quant.tokens) + 1 : max(quant.tokens) + 3]
        after = {t.root for t in following if t.low not in PREPOSITIONS}
        named = [d for d in decided if after & {root(w) for w in name_words(d)}]
        if named or self.tokens[quant.start - 1].low != "within":
            return named
        return [d for d in decided if DUE & name_words(d)]

    def _not_units(self, deciding: Sequence[Mention], part: Part) -> list[Mention]:
        """``30 minutes early``: `minutes` names no decision where the word after names another."""
        decisions = self.lexicon.ontology.decisions.values()
        spent: set[int] = set()
        for q in self._quants(part.main or part.pre):
            others = self._spoken_of([d for d in decisions if d.unit and fits(q, d)], q)
            spent |= q.tokens if len(others) == 1 else set()
        return [m for m in deciding if m.ref.kind != "decision" or not m.tokens <= spent]

    def _by_verb(self, part: Part, done: Sequence[Read]) -> tuple[Said, ...]:
        """``dogs are refused``, ``bikes are not accepted``: the one decision about allowing."""
        zone = [i for c in part.main for i in range(c.body, c.end) if i not in self.placed]
        refusals = [i for i in zone if self.tokens[i].stem in REFUSED]
        verbs = refusals or [i for i in zone if self.tokens[i].root in AGREEING]
        if len(verbs) != 1 or any(verbs[0] in ts for ts in self.assignment):
            return ()
        denials = [i for i in zone if self.tokens[i].low in DENYING]
        value = (len(denials) + len(refusals)) % 2 == 0
        if name := self._refused_name(part):
            signs = frozenset([*verbs, *denials])
            return (Said(Decide(name, value), signs, frozenset([name])),)
        return self._about_allowing(value, frozenset([*verbs, *denials]), verbs[0], done)

    def _refused_name(self, part: Part) -> str:
        """``A test that is due can be dropped``: the yes or no that is named inside the words of
        the fact it begins with (`test due`); empty where there is none, or several.
        """
        facts = [m for m in self._inside(part.pre) if m.ref.kind == "attribute"]
        decisions = self.lexicon.ontology.decisions
        inside = {
            m.ref.path
            for m in self.message.mentions
            if m.ref.kind == "topic" and any(m.tokens < f.tokens for f in facts)
        }
        name = next(iter(inside)) if len(inside) == 1 else ""
        return name if name and decisions[name].type == "boolean" else ""

    def _about_allowing(
        self, value: bool, signs: frozenset[int], at: int, done: Sequence[Read]
    ) -> tuple[Said, ...]:
        """The one decision about allowing; asks which where there are several."""
        allowing = [d for d in self.lexicon.ontology.decisions.values() if allows(d)]
        said = {a.lower() for a in self.message.answered.chosen}
        allowing = [d for d in allowing if d.label.lower() in said] or allowing
        before = {s.outcome.decision for s in done[-1].said} if done else set[str]()
        allowing = [d for d in allowing if d.name in before] or allowing
        if not allowing:
            return ()
        if len(allowing) > 1:
            labels = tuple(d.label for d in allowing)
            word = self.tokens[at].text
            raise Unclear(Question(f"What is `{word}` here?", labels, about="reading"))
        name = allowing[0].name
        return (Said(Decide(name, value), signs, frozenset([name])),)

    def _by_thing(self, part: Part, done: Sequence[Read]) -> tuple[Said, ...]:
        """``Guests may take films``, ``No films for guests``: a thing is allowed, or it is not."""
        values = [m for m in self._inside(part.main) if m.ref.kind == "value"]
        if not values or not part.main:
            return ()
        free = [i for c in part.main for i in range(c.body, c.end) if self._free(i)]
        verb = next((i for i in free if self._takes(i, values)), None)
        denials = [i for i in free if self.tokens[i].low in DENYING]
        if verb is not None:
            if any(self.tokens[c.start].low == "but" for c in part.unless):
                text = "Which of these is allowed, and which is not? Say each in a sentence."
                raise Unclear(Question(text, about="reading"))
            signs = frozenset([verb, *denials])
            return self._about_allowing(len(denials) % 2 == 0, signs, verb, done)
        first = part.main[0].body
        bars = denials == [first] and self.tokens[first].low == "no"
        spoken = any(self.tokens[i].stem in PLAIN_VERBS for i in free)
        if not bars or spoken or min(m.start for m in values) > first + 2:
            return ()
        if done and not (part.pre or part.post or part.asks):
            text = "Does the last part hold only under the conditions said before? Say it in full."
            raise Unclear(Question(text, about="reading"))
        return self._about_allowing(False, frozenset(denials), first, done)

    def _free(self, i: int) -> bool:
        """A word that no name and no other clause has taken."""
        return i not in self.placed and not any(i in tokens for tokens in self.assignment)

    def _takes(self, i: int, values: Sequence[Mention]) -> bool:
        """``can get X``, ``may not take X``: a verb of getting after a modal, before a thing."""
        said = [t.low for t in self.tokens[max(0, i - 3) : i] if t.low not in _BESIDE_VERB]
        modal = said[-1:] == ["can"] or (said[-1:] == ["may"] and self.tokens[i].low != "have")
        near = any(0 < m.start - i <= 3 for m in values)
        return modal and near and self.tokens[i].stem in _TAKING

    def _by_pronoun(self, part: Part) -> tuple[Said, ...]:
        """``whoever asks for a guide gets one``: what was named last and can be decided."""
        for c in part.main:
            for i in range(c.body, c.end - 1):
                given = self.tokens[i].stem in _GIVING and self.tokens[i + 1].text.lower() in _IT
                ends = i + 2 >= len(self.tokens) or not self.tokens[i + 2].is_word
                if not (given and ends):
                    continue
                before = [m for m in self.message.mentions if m.end <= i and not m.ref.in_condition]
                last = max((m.start for m in before), default=-1)
                refs = {m.ref for m in before if m.start == last}
                if len({(r.path, r.value) for r in refs}) == 1:
                    denials = [k for k in range(c.body, i) if self.tokens[k].low in DENYING]
                    words = frozenset([i, i + 1, *denials])
                    said = self._named(next(iter(refs)), words, not denials)
                    return (said,) if said else ()
        return ()

    def _named(self, ref: Ref, tokens: frozenset[int], gives: bool) -> Said | None:
        """The outcome that gives what a name stands for, or does not."""
        decision = self.lexicon.ontology.decisions.get(ref.path)
        if decision is None:
            return None
        if ref.kind == "choice" and decision.hit == "collect" and gives:
            return Said(Include(ref.path, ref.value), tokens, frozenset([ref.path]))
        if ref.kind in ("decision", "topic") and decision.type == "boolean":
            return Said(Decide(ref.path, gives), tokens, frozenset([ref.path]))
        return None

    def _refuse_subjects(self, said: Sequence[Said], part: Part) -> None:
        """``Air shipments need a permit``: whom a verb of need speaks of is not what happens."""
        for c in part.main:
            verbs = [i for i in range(c.body, c.end) if self.tokens[i].stem in _NEEDING]
            facts = [m for m in self._inside([c]) if m.ref.in_condition]
            if not verbs or not any(m.start > verbs[0] for m in facts):
                continue
            for s in said:
                before = s.tokens and max(s.tokens) < verbs[0] and min(s.tokens) >= c.start
                if before and not isinstance(getattr(s.outcome, "value", None), bool):
                    words = " ".join(self.tokens[i].text for i in sorted(s.tokens))
                    text = f"What should happen with `{words}`? Say what is decided."
                    raise Unclear(Question(text, self._decision_labels(), about="missing"))
