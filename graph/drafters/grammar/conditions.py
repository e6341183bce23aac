"""One stretch of a message as a condition, and what became of its words."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from data.rulelang.ast import Condition, Exists, Not, Since, any_of
from graph.drafters.base import Question
from graph.drafters.grammar.atoms import Atom, Stretch, Unclear, amount_atom, atoms_of
from graph.drafters.grammar.bearers import by_bearer, of_thing
from graph.drafters.grammar.chunks import PLAIN_VERBS, Chunk
from graph.drafters.grammar.combine import combine
from graph.drafters.grammar.comparing import compared
from graph.drafters.grammar.days import ranged
from graph.drafters.grammar.english import DETERMINERS, PRONOUNS
from graph.drafters.grammar.events import event_atom
from graph.drafters.grammar.glue import ALL
from graph.drafters.grammar.histories import Past
from graph.drafters.grammar.implied import Implier
from graph.drafters.grammar.joints import NOBODY, between
from graph.drafters.grammar.lexicon import DENYING, NEGATED, Ref
from graph.drafters.grammar.measures import fits, unit_words
from graph.drafters.grammar.mentions import Mention
from graph.drafters.grammar.opening import days_of, opened_with, places_of, with_place
from graph.drafters.grammar.quantities import Quant
from graph.drafters.grammar.unknown import open_at, open_atom
from graph.drafters.grammar.words import prefix_of

_ABOUT = frozenset(["from", "for", "to", "by", "of", "on", "at", "with"])
"""Prepositions after which a bare plural names a thing: ``from accounts whose …``."""


_OPENS_RANGE = frozenset(["and", "but", "for", "from", "if", "when", "with", "aged", "at", "then"])
_HOLDS, _FAILS = "it holds then, too", "it does not hold then"


class Conditioner(Implier):
    """Reads conditions."""

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
        left_open = self._left_open(chunks, mentions)
        if left_open:
            mentions = [m for m in mentions if m is not left_open[1]]
        facing = compared(mentions, self.message.comparisons, self.tokens, self.lexicon)
        spoken = [a.tokens for a, _ in facing]
        mentions = [
            m
            for m in mentions
            if not any(m in used for _, used in facing) and not any(m.tokens <= s for s in spoken)
        ]
        quants = [q for q in self._quants_of(chunks) if q in self.compared or q not in self.spent]
        chosen = self.message.answered.chosen
        mentions = by_bearer(mentions, quants, self.tokens, self.lexicon, chosen)
        found, spare, unused = atoms_of(
            Stretch(tuple(mentions), tuple(quants)), self.tokens, self.lexicon
        )
        found = ranged(found, self.tokens, self.lexicon.ontology)
        named = [*found, *([left_open[0]] if left_open else []), *(a for a, _ in facing)]
        self._set_aside_names(unused)
        found = tuple(sorted([*named, *self._unnamed(spare, chunks)], key=lambda a: a.start))
        used = {q for q in quants if any(q.tokens <= a.tokens for a in found)}
        self.spent |= used
        self.compared |= used
        self.limits += [
            (a.path, q) for a in found for q in self._quants_of(chunks) if q.tokens <= a.tokens
        ]
        self.ranged = self.ranged or any(self._goes_on(a, quants) for a in found)
        for atom in found:
            self._place_atom(atom, found, mentions)
        found = self._with_past(found, chunks)
        if not found:
            return None, ()
        self._refuse_torn(found)
        self._refuse_other_kind(found)
        self._refuse_bare_number(found)
        start, end = min(c.start for c in chunks), max(c.end for c in chunks)
        if chunks[0].kind == "main":
            self._refuse_denied(found, chunks[0].body)
            self._refuse_later_denial(found, chunks[0])
            opened = self._all_but(chunks[0])
            start = chunks[0].start - 1 if opened else found[0].start
            end = end if chunks[-1].kind != "main" else found[-1].end
            elsewhere = self._of_outcomes(range(start, end))
        else:
            start = chunks[0].body if chunks[0].kind in ("unless",) else start
            start = start - 1 if self._all_but(chunks[0]) else start
            elsewhere = self._denying_outcomes(chunks) | self._of_outcomes(range(start, end))
        elsewhere |= self.message.hidden | self.apart.difference(
            range(chunks[0].body, chunks[0].end)
        )
        elsewhere = elsewhere.union(*map(self._units_near, found))
        condition = combine(
            found,
            self.tokens,
            start,
            end,
            self.message.persons,
            self.message.answered.chosen,
            elsewhere,
        )
        opened = opened_with(found[0], self.tokens, start)
        ontology = self.lexicon.ontology
        condition = with_place(condition, places_of(ontology), days_of(ontology), opened)
        self.joined |= between(found)
        self._mark_denials(range(start, end), elsewhere)
        return condition, found

    def _unnamed(self, spare: Sequence[Quant], chunks: Sequence[Chunk]) -> list[Atom]:
        """Conditions of amounts that name no fact; a date that is left is the rule's."""
        out: list[Atom] = []
        for q in spare:
            atom = self._happened(q, chunks) or self._next_range(q) or self._same_limit(q)
            atom = atom or self._of_thing(q)
            if atom is not None:
                out.append(atom)
            elif q.kind == "date":
                self.dates.append(q)
                self.spent.add(q)
                self._mark(q.tokens, "effective date")
        return out

    def _place_atom(self, atom: Atom, found: Sequence[Atom], mentions: Sequence[Mention]) -> None:
        """Marks the words of a condition and those that go with it."""
        self._mark(atom.tokens, self._atom_words(atom))
        for m in mentions:
            if m.ref.kind == "attribute" and m.ref.path == atom.path and atom.values:
                self._mark(m.tokens, self._atom_words(atom))
        self._mark(self._units_near(atom), self._atom_words(atom))
        self._mark_other(atom, found)
        self._mark_since(atom)
        prefix = prefix_of(self.tokens, atom.start)
        if prefix is not None:
            self._mark(range(prefix, atom.start), self._atom_words(atom))
        self.refs += [(atom.tokens, Ref("attribute", atom.path))]
        self.refs += [(atom.tokens, Ref("value", atom.path, v)) for v in atom.values]

    def _all_but(self, chunk: Chunk) -> bool:
        """``everything but X``, ``no one but X``: the chunk begins with this `but`."""
        before = self.tokens[chunk.start - 1].low if chunk.start else ""
        return self.tokens[chunk.start].low == "but" and before in ALL | NOBODY

    def _refuse_bare_number(self, found: Sequence[Atom]) -> None:
        """``…, those in wheelchairs 30``: beside an amount decided, a number alone may be one."""
        amounts = [q for q in self.message.quants if q.op == "eq" and q.kind == "number"]
        decided = any(
            self.placed.get(i, "").startswith("outcome") for q in amounts for i in q.tokens
        )
        for atom in found:
            own = [q for q in amounts if q.tokens <= atom.tokens and not q.unit and not q.firm]
            named = atom.tokens - frozenset(i for q in own for i in q.tokens)
            if decided and own and not any(abs(i - own[0].start) <= 2 for i in named):
                text = f"What is `{self.tokens[own[0].start].text}` here? Say it in full."
                raise Unclear(Question(text, about="reading"))

    def _of_outcomes(self, span: range) -> frozenset[int]:
        """Negations that an outcome has taken: they deny no condition as well."""
        said = (i for i in span if self.placed.get(i, "").startswith("outcome"))
        return frozenset(i for i in said if self.tokens[i].low in DENYING)

    def _refuse_denied(self, found: Sequence[Atom], start: int) -> None:
        """``…, has no card needs X``: the denial stands before a fact, not before what happens."""
        said = [i for i, p in self.placed.items() if p.startswith("outcome") and i >= start]
        named = [i for i in said if self.tokens[i].low not in DENYING]
        for atom in found:
            at = atom.start - 1
            while at > start and self.tokens[at].low in DETERMINERS:
                at -= 1
            being = self.tokens[at].low == "being"
            at -= being
            if (
                at > start - being
                and at in said
                and at not in named
                and min(named, default=0) > atom.end
            ):
                words = " ".join(t.text for t in self.tokens[at : atom.end])
                text = f"Is `{words}` a condition, or does it say what must not happen?"
                raise Unclear(Question(text, about="reading"))

    def _refuse_later_denial(self, found: Sequence[Atom], chunk: Chunk) -> None:
        """``may borrow books, but no films``: what is denied is not what was allowed."""
        inside = [i for i in range(chunk.start, chunk.end) if i in self.placed]
        said = [i for i in inside if self.placed[i].startswith("outcome")]
        named = min((i for i in said if self.tokens[i].low not in DENYING), default=chunk.end)
        starts = {a.start for a in found} | {chunk.end}
        denials = [i for i in said if self.tokens[i].low in DENYING and i > named]
        denials = [i for i in denials if i + 1 in starts or not self.tokens[i + 1].is_word]
        if any(a.end <= i for i in denials for a in found):
            text = "Which of these is allowed, and which is not? Say each in a sentence of its own."
            raise Unclear(Question(text, about="reading"))

    def _mark_denials(self, span: range, elsewhere: frozenset[int]) -> None:
        """Once a stretch is read, each of its negations has turned a condition round."""
        for i in span:
            if self.tokens[i].low in NEGATED and i not in elsewhere:
                self._mark(range(i, i + 1), "sign: negation")

    def _with_past(self, found: tuple[Atom, ...], chunks: Sequence[Chunk]) -> tuple[Atom, ...]:
        """The conditions of a stretch together with its tests of history."""
        out = list(found)
        for p in self.message.past:
            if any(c.start <= p.start < c.end for c in chunks):
                words = frozenset(range(p.start, p.end))
                label = self.lexicon.ontology.relations[p.relation].label
                self._mark(words, f"condition: {label}")
                out.append(Atom(self._without_rows(p), words, p.relation))
        return tuple(sorted(out, key=lambda a: a.start))

    def _without_rows(self, p: Past) -> Condition:
        """A span since the last row says nothing where there was none: the author does."""
        if not isinstance(p.condition, Since) or p.condition.op in ("is less than", "is at most"):
            return p.condition
        label = self.lexicon.ontology.relations[p.relation].label
        if _HOLDS in self.message.answered.chosen:
            return any_of(p.condition, Not(Exists(p.condition.rows)))
        if _FAILS in self.message.answered.chosen:
            return p.condition
        text = f"And where there is no such {label} yet: does this hold, too?"
        raise Unclear(Question(text, (_HOLDS, _FAILS), about="reading"))

    def _happened(self, quant: Quant, chunks: Sequence[Chunk]) -> Atom | None:
        """A date that the words before it say something happened on."""
        start = next(c.start for c in chunks if c.start <= quant.start < c.end)
        told = frozenset(
            i for m in self._inside(chunks) if not m.ref.in_condition for i in m.tokens
        )
        chosen = self.message.answered.chosen
        return event_atom(quant, self.tokens, start, told, self.lexicon, chosen)

    def _same_limit(self, quant: Quant) -> Atom | None:
        """``before noon …; from noon on``: a limit said before of a fact is its limit again."""
        if quant.op in ("eq", "between"):
            return None
        paths = {p for p, q in self.limits if set(q.amounts) & set(quant.amounts)}
        attributes = self.lexicon.ontology.attributes
        fitting = [attributes[p] for p in paths if fits(quant, attributes[p])]
        return amount_atom(fitting[0], quant, quant.tokens) if len(fitting) == 1 else None

    def _next_range(self, quant: Quant) -> Atom | None:
        """``score below 30: A. 30 to 69: B``: a range without a name goes on with the only number
        that the parts before set limits to.
        """
        paths = {p for p, _ in self.earlier}
        attribute = self.lexicon.ontology.attributes.get(min(paths)) if len(paths) == 1 else None
        last = self.earlier[-1][1] if self.earlier else quant
        same = quant.unit in (None, last.unit) and quant.kind == last.kind
        if attribute is None or not same or quant.op == "eq" or not fits(quant, attribute):
            return None
        if not self._stands_alone(quant):
            return None
        return amount_atom(attribute, quant, quant.tokens)

    def _of_thing(self, quant: Quant) -> Atom | None:
        """``claims over 500 euros``."""
        about = of_thing(quant, self.tokens, self.lexicon, self.message.answered.chosen)
        return amount_atom(about, quant, quant.tokens) if about else None

    def _goes_on(self, atom: Atom, quants: Sequence[Quant]) -> bool:
        """The condition is an amount alone, of the fact that the parts before set limits to."""
        amount = next((q for q in quants if atom.tokens == q.tokens), None)
        before = any(p == atom.path for p, _ in self.earlier)
        return amount is not None and before and self._stands_alone(amount)

    def _stands_alone(self, quant: Quant) -> bool:
        """No word beside the amount says what it counts."""
        end = max(quant.tokens) + 1
        after = self.tokens[end] if end < len(self.tokens) else None
        before = self.tokens[quant.start - 1] if quant.start else None
        told = {m.start for m in self.message.mentions if not m.ref.in_condition}
        told |= {q.start for q in self.message.quants}
        ends = (
            after is None
            or not after.is_word
            or end in told
            or after.stem in PLAIN_VERBS
            or after.low in DETERMINERS | PRONOUNS
        )
        begins = before is None or not before.is_word or before.low in _OPENS_RANGE
        return ends and (begins or quant.start - 1 in self.placed)

    def _denying_outcomes(self, chunks: Sequence[Chunk]) -> frozenset[int]:
        """Negations right before something decided: ``without a deposit in summer``."""
        out: set[int] = set()
        for m in self._inside(chunks):
            at = m.start - 1
            while at > 0 and self.tokens[at].low in ("a", "an", "the", "any", "prior"):
                at -= 1
            if not m.ref.in_condition and at >= 0 and self.tokens[at].low in NEGATED:
                out.add(at)
        return frozenset(out)

    def _mark_since(self, atom: Atom) -> None:
        """``8 years after X`` of a fact that counts the years since X."""
        attribute = self.lexicon.ontology.attributes[atom.path]
        if attribute.unit and "since" in attribute.label.lower().split():
            inside = (i for i in range(atom.start, atom.end) if self.tokens[i].low == "after")
            self._mark(frozenset(inside), self._atom_words(atom))

    def _left_open(
        self, chunks: Sequence[Chunk], mentions: Sequence[Mention]
    ) -> tuple[Atom, Mention] | None:
        """``it is not known whether X``."""
        begin, end = min(c.start for c in chunks), max(c.end for c in chunks)
        said = open_at(self.tokens, begin, end)
        facts = [m for m in mentions if m.ref.in_condition]
        if said is None:
            return None
        attributes = self.lexicon.ontology.attributes
        return open_atom(said, facts, self.tokens, attributes, self.lexicon.entity_words, end)

    def _mark_other(self, atom: Atom, found: Sequence[Atom]) -> None:
        """``welders and other metal workers``: the last of a list of one thing."""
        at = atom.start - 1
        listed = (
            at > 0 and self.tokens[at].low == "other" and self.tokens[at - 1].low in ("and", "or")
        )
        if listed and any(a.path == atom.path and a.end <= at for a in found):
            self._mark(range(at, at + 1), "sign: the last of a list")

    def _refuse_torn(self, found: Sequence[Atom]) -> None:
        """``converted screenings``: a word of one fact's name right beside it is no other fact."""
        facts = self.lexicon.ontology.attributes
        for a, b in itertools.permutations(found, 2):
            known = a.path in facts and b.path in facts
            apart = known and a.path != b.path and (a.end == b.start or b.end == a.start)
            if not apart or not b.values or len(b.tokens) > 1 or a.values:
                continue
            own = self.lexicon.vocab.get(Ref("attribute", a.path), set[str]())
            if self.tokens[b.start].root in own:
                label = self.lexicon.ontology.attributes[a.path].label
                other = self.lexicon.ontology.attributes[b.path].label
                text = f"Is `{self.tokens[b.start].text}` part of {label}, or is it the {other}?"
                raise Unclear(Question(text, (label, other), about="reading"))

    def _refuse_other_kind(self, found: Sequence[Atom]) -> None:
        """``hip MRI`` where the hip is known in `hip x-ray` alone: no value is matched beside a
        word that only other values of its fact hold.
        """
        facts = self.lexicon.ontology.attributes
        for a, b in itertools.pairwise(found):
            one = len(a.values) == 1 and len(a.tokens) == 1 and a.end == b.start
            if not one or a.path == b.path or a.path not in facts or len(b.tokens) > 1:
                continue
            said = self.tokens[b.start].root
            names = {v: self.lexicon.vocab.get(Ref("value", a.path, v), set[str]())
                     for v in facts[a.path].values}  # fmt: skip
            holding = tuple(v for v, words in names.items() if said in words)
            if holding and not set(holding) & a.values:
                words = " ".join(t.text for t in self.tokens[a.start : b.end])
                text = f"What do you mean by `{words}`?"
                raise Unclear(Question(text, (*sorted(a.values), *holding)[:4], about="reading"))

    def _units_near(self, atom: Atom) -> frozenset[int]:
        """Words of the attribute's unit right beside its amount: ``200 mg/dL``."""
        attribute = self.lexicon.ontology.attributes.get(atom.path)
        words = unit_words(attribute) if attribute else frozenset[str]()
        near = range(max(0, atom.start - 2), min(len(self.tokens), atom.end + 6))
        said = frozenset(i for i in near if self.tokens[i].low in words)
        marks = (i for i in near if self.tokens[i].low == "/" and {i - 1, i + 1} <= said)
        return said | frozenset(marks)

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
                or (before in _ABOUT and self.tokens[m.start].low.endswith("s"))
                or any(m.start - 1 in other.tokens for p in self.assignment.values() for other in p)
            )
            if attribute.type in ("enum", "set", "text", "code") and len(m.tokens) == 1 and general:
                self._mark(m.tokens, "set aside: names a thing, not which")
