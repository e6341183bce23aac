"""The outcomes of a part, and what is asked where they are not sure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from rapidfuzz import process

from data.ontology import Decision
from data.rulelang.ast import (
    Decide,
)
from graph.drafters.base import Question
from graph.drafters.grammar.atoms import Unclear
from graph.drafters.grammar.bench import Read
from graph.drafters.grammar.extras import (
    Quoted,
    added_said,
    modifier_said,
    staff_said,
    staff_words,
    text_said,
)
from graph.drafters.grammar.framing import Part
from graph.drafters.grammar.gapping import Gapper
from graph.drafters.grammar.lexicon import NEGATED, Ref
from graph.drafters.grammar.measures import fits, unit_words
from graph.drafters.grammar.mentions import Mention
from graph.drafters.grammar.outcomes import Said, amount_said, opposite
from graph.drafters.grammar.words import root, stem, tokenise

DUE = frozenset(["within", "due", "deadline", "turnaround"])
"""Words in the name of a number that say by when: ``within 3 days`` is its amount."""
REDUCED = frozenset(["discount", "reduction", "rebate", "off"])
"""Words in the name of a number by which a price is lower: ``20 percent off``."""
OBTAINING = frozenset(
    stem(w)
    for w in (
        "sign",
        "obtain",
        "provide",
        "submit",
        "complete",
        "present",
        "show",
        "undergo",
        "file",
    )
)
NEEDING = frozenset(stem(w) for w in ("to", "must", "should", "shall"))
EARLY = frozenset(["early", "earlier", "ahead", "before", "beforehand", "lead", "advance"])
BARE = frozenset(
    stem(w) for w in ("do", "can", "may", "must", "should", "will", "would", "could", "have", "be")
)
"""Verbs that stand for another one said before where nothing follows them."""
ENDS = frozenset([",", ";", ".", ":", ")", "and", "or", "but", "if", "when", "unless", "too",
                  "?", "!", "\n", "...", "…", "—", "–"])  # fmt: skip
_PRONOUNS = frozenset(["it", "they", "he", "she"])
_DESCRIBING = frozenset(["with", "without", "who", "whose", "under", "over", "aged", "having"])
_BARE_TURNS = frozenset(["be", "do"])
_THEN = (
    ("then",),
    ("in", "which", "case"),
    ("in", "which", "cases"),
    ("in", "that", "case"),
    ("in", "such", "a", "case"),
    ("in", "this", "case"),
)
_FOR = frozenset(["for", "to", "at", "in", "on", "by", "from"])
_NONE = frozenset(["neither", "no", "none", "nobody"])
REQUIRED = frozenset(root(w) for w in ("require", "need"))


class Decider(Gapper):
    """Reads outcomes."""

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
                self._refuse_when_told()
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

    def _refuse_when_told(self) -> None:
        """What is told may end in when it is told."""
        words = self.message.told_when
        if words:
            text = f"Is `{words}` part of what is told, or does it say when?"
            raise Unclear(Question(text + " Put what is told in quotes.", about="reading"))

    def _elliptic(self, part: Part, done: Sequence[Read]) -> tuple[Said, ...]:
        """``…, otherwise 28 days``, ``… and 0 hours if …``: the decision said before, with a new
        value.
        """
        if not done or not done[-1].said or not (part.main or part.otherwise):
            return ()
        decision = self.lexicon.ontology.decisions[done[-1].said[-1].outcome.decision]
        beside = [c for c in (*part.pre, *part.post) if c.kind == "near" and part.otherwise]
        chunks = [*part.main, *beside]
        quants = [q for q in self._quants(chunks) if fits(q, decision) and q.op == "eq"]
        if (
            decision.type in ("integer", "decimal")
            and len(quants) == 1
            and isinstance(quants[0].amounts[0], Decimal)
        ):
            self.spent.add(quants[0])
            return (amount_said(decision, quants[0], quants[0].tokens),)
        words = [i for c in part.main for i in range(c.body, c.end) if self._stands(i)]
        lows = [self.tokens[i].low for i in words]
        if decision.type != "boolean" or not self._bare(lows, part):
            return ()
        before = done[-1].said[-1]
        denied = any(self.tokens[i].low in NEGATED for i in before.tokens)
        turned = opposite(before.outcome)
        if turned is None or denied == bool(NEGATED & set(lows)):
            return ()
        return (Said(turned, frozenset(words), frozenset([decision.name])),)

    def _stands(self, i: int) -> bool:
        """Whether a token is a word that no number and no condition has taken."""
        return self.tokens[i].is_word and not any(
            i in ts for ts in (*self.assignment, *(q.tokens for q in self.message.quants))
        )

    def _bare(self, lows: Sequence[str], part: Part) -> bool:
        """``it is``, ``they don't``: a verb that stands for one said before; ``not`` alone."""
        if lows in (["not"], ["no"]):
            return part.otherwise
        said = [w for w in lows if w not in NEGATED]
        who = [w for w in said if w in _PRONOUNS]
        verbs = [w for w in said if stem(w) in _BARE_TURNS]
        return len(verbs) == 1 and len(who) <= 1 and len(who) + 1 == len(said)

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

    def _not_doers(self, deciding: Sequence[Mention]) -> list[Mention]:
        """``remind borrowers to X``: who does something is told something, not allowed it."""
        told = {m.ref.path for m in deciding if m.ref.kind in ("choice", "code")}

        def does(m: Mention) -> bool:
            last = self.tokens[m.end - 1].low
            if m.end < len(self.tokens) and self.tokens[m.end].stem == "be":
                return False
            return m.ref.kind == "topic" and last.endswith(("er", "ers", "or", "ors", "ing"))

        return [m for m in deciding if not (does(m) and told - {m.ref.path})]

    def _outcome_words(self, said: Said) -> str:
        decision = self.lexicon.ontology.decisions[said.outcome.decision]
        return f"outcome: {decision.label}"

    def _outcome_units(self, said: Said) -> frozenset[int]:
        """Words of the decision's unit beside its amount: ``5 working days``."""
        decision = self.lexicon.ontology.decisions[said.outcome.decision]
        words = unit_words(decision) if said.tokens else frozenset[str]()
        last = min(max(said.tokens, default=0) + 3, len(self.tokens))
        first = min(said.tokens, default=0)
        near = range(max(0, first - 2), last)
        due = DUE & name_words(decision) and self.tokens[first - 1].low == "within"
        words |= {"within"} if due else set[str]()
        words |= {"off", "cheaper"} if REDUCED & name_words(decision) else set[str]()
        return frozenset(i for i in near if self.tokens[i].low in words)

    def _refuse_objects(self, part: Part, told: frozenset[int]) -> None:
        """``we require it``, ``needs one``: what is required was said elsewhere and is not
        guessed.
        """
        for c in part.main:
            for i in range(c.body, c.end - 1):
                if i in told:
                    continue
                if self.tokens[i].root in REQUIRED and self.tokens[i + 1].low in (
                    "it",
                    "one",
                    "them",
                ):
                    self._mark(range(i, i + 2), "unplaced")

    def _mark_verbs_of_need(self, said: Sequence[Said], part: Part) -> None:
        """``must sign X``, ``have to provide X``: the verb says no more than that X is needed."""
        main = frozenset(i for c in part.main for i in range(c.start, c.end))
        for s in said:
            decision = self.lexicon.ontology.decisions[s.outcome.decision]
            named = {
                t.root for text in (decision.label, *decision.synonyms) for t in tokenise(text)
            }
            if decision.type != "boolean" or not named & REQUIRED:
                continue
            begins = min((i for i in s.tokens if self.tokens[i].low not in NEGATED), default=0)
            at = begins - 1
            while at > 0 and self.tokens[at].low in ("a", "an", "the", "any", "their", "your"):
                at -= 1
            must = {t.stem for t in self.tokens[max(0, at - 2) : at]}
            if at in main and self.tokens[at].stem in OBTAINING and must & NEEDING:
                self._mark(range(at, at + 1), self._outcome_words(s))

    def _refuse_echo(self, part: Part) -> None:
        """``…, and so do B``, ``…, none for B``: what holds for B leans on the words before."""
        for c in part.chunks():
            for i in range(c.start, min(c.end, len(self.tokens) - 1)):
                pair = self.tokens[i].low, self.tokens[i + 1]
                if pair[0] in ("so", "neither", "nor", "as") and pair[1].stem in BARE:
                    self._mark(range(i, i + 2), "unplaced")
                denied = any(t.low in NEGATED for t in self.tokens[:i])
                if pair[0] == "none" and pair[1].low == "for":
                    self._mark(range(i, i + 2), "sign: negation" if denied else "unplaced")

    def _mark_early(self, said: Sequence[Said]) -> None:
        """``30 minutes ahead`` of a decision that says how long before."""
        for s in said:
            decision = self.lexicon.ontology.decisions[s.outcome.decision]
            named = name_words(decision)
            after = max(s.tokens, default=-1) + 1
            if named & EARLY and 0 < after < len(self.tokens) and self.tokens[after].low in EARLY:
                self._mark(range(after, after + 1), self._outcome_words(s))

    def _mark_small(self, said: Sequence[Said]) -> None:
        """``is only 6 days``: `only` says that the amount decided is small."""
        amounts = {q.start for q in self.message.quants if q.op == "eq"}
        starts = {i for s in said for i in s.tokens} & amounts
        for i in starts:
            if i and self.tokens[i - 1].low == "only":
                self._mark(range(i - 1, i), "set aside: filler")

    def _refuse_for_none(self, part: Part, told: frozenset[int]) -> None:
        """``A is needed for neither X nor Y``: what is denied is what happens, not the fact."""
        for c in part.post:
            at = min(c.start + 1, c.end - 1)
            none = self.tokens[at].low in _NONE and at not in told and at not in self.message.solid
            if self.tokens[c.start].low in _FOR and none:
                text = f"`{self.tokens[c.start].text} {self.tokens[at].text}`: what should not"
                text += " happen, and when? Say it with `not`."
                raise Unclear(Question(text, about="reading"))

    def _refuse_ellipsis(self, part: Part, told: frozenset[int]) -> None:
        """``For films they do``, ``teachers may``: what they do was said before; not guessed."""
        named = {i for ms in self.assignment.values() for m in ms for i in m.tokens}
        for c in part.chunks():
            lows = {t.low for t in self.tokens[c.start : c.end]}
            if c.kind in ("if", "unless", "only") and lows & {"which", "what", "who", "how"}:
                continue
            for i in range(max(c.start, 1), c.end):
                after = i + 1 + (i + 1 < c.end and self.tokens[i + 1].low in ("n't", "not"))
                ends = after >= len(self.tokens) or self.tokens[after].low in ENDS
                who = self.tokens[i - 1]
                if (
                    self.tokens[i].stem in BARE
                    and self.tokens[i].low != "am"
                    and not (self.tokens[i].low == "done" and who.stem in ("be", "have"))
                    and ends
                    and i not in told
                    and i not in named
                    and who.is_word
                    and who.low not in ("to", "and", "or", "we", "you", "there")
                ):
                    self._mark(range(i, after), "unplaced")

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
                        f"`{words}` is something rules decide ({label}). Which fact should the "
                        f"condition look at?",
                        about="reading",
                    )
                )

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

    def _goes_with(self, part: Part, read: Read, done: Sequence[Read]) -> bool:
        """``…; tell them X``, ``…; in that case Y``: more for whom the part before spoke of."""
        if read.conditions or not done or part.otherwise:
            return False
        if done[-1].unless is not None and self._says_then(part):
            return False
        decided = {s.outcome.decision: s.outcome for s in done[-1].said}
        if any(
            isinstance(s.outcome, Decide)
            and decided.get(s.outcome.decision, s.outcome) != s.outcome
            for s in read.said
        ):
            return False
        words = {self.tokens[i].low for c in part.chunks() for i in range(c.start, c.end)}
        return bool(words & {"them", "they", "him", "her"}) or self._says_then(part)

    def _says_then(self, part: Part) -> bool:
        """``Then …``, ``in that case …``: under the conditions of the part before."""
        start = min(c.start for c in part.chunks())
        lows = tuple(t.low for t in self.tokens[max(0, start - 1) : start + 5])
        return any(lows[k : k + len(w)] == w for w in _THEN for k in (0, 1))

    def _leans(self, part: Part) -> bool:
        """A later sentence about `it` or `them` may or may not carry over the conditions said
        before.
        """
        if self._beside(part):
            return False
        lows = {t.low for c in part.chunks() for t in self.tokens[c.start : c.end]}
        if "ones" in lows or (part.decides and "those" in lows and not self._none_of_those(part)):
            return True
        if part.shares:
            return False
        words = {
            self.tokens[i].low
            for c in part.chunks()
            for i in range(c.start, c.end)
            if i not in self.placed
        }
        if "those" in words and self._described(part):
            words -= {"those"}
        if self._none_of_those(part):
            words -= {"those", "these", "them"}
        if any(self.tokens[q.end - 1].low == "that" for q in self._quants_of(part.chunks())):
            return True
        return bool(words & {"it", "they", "them", "these", "those", "there", "this", "that"})

    def _described(self, part: Part) -> bool:
        """``those with a card``, ``those who …``: people, not what was said before."""
        spans = (i for c in part.chunks() for i in range(c.start, c.end))
        after = {self.tokens[i + 1].low for i in spans if self.tokens[i].low == "those"}
        return bool(after) and after <= _DESCRIBING


def _rival(m: Mention, mentions: Sequence[Mention], chosen: set[str]) -> bool:
    """Another reading of the same words was chosen."""
    return any(n.tokens == m.tokens and n.ref.path in chosen for n in mentions)


def name_words(decision: Decision) -> set[str]:
    """The words of all its names."""
    return {t.low for text in (decision.label, *decision.synonyms) for t in tokenise(text)}
