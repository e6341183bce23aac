"""One message, looked at once: its words, amounts, phrases and the frame of each sentence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from data.ontology import Decision
from graph.drafters.grammar.account import KNOWN, openers, phrases
from graph.drafters.grammar.answers import Answered
from graph.drafters.grammar.atoms import is_count, none_value
from graph.drafters.grammar.cases import INDEFINITE
from graph.drafters.grammar.chunks import Chunk, find_chunks
from graph.drafters.grammar.combine import person_words
from graph.drafters.grammar.comparing import beside, comparisons
from graph.drafters.grammar.days import with_groups
from graph.drafters.grammar.english import DETERMINERS, PREPOSITIONS, REFUSALS
from graph.drafters.grammar.extras import (
    Quoted,
    mandatory_words,
    quotes,
    staff_words,
    told_when,
)
from graph.drafters.grammar.histories import Past, ReadRows, past
from graph.drafters.grammar.lexicon import (
    EMPTY_NAMES,
    NEGATED,
    NOT,
    STATE_ROOTS,
    Lexicon,
    Ref,
    content_root,
)
from graph.drafters.grammar.measures import fits
from graph.drafters.grammar.mentions import Mention, Spelling, find_mentions
from graph.drafters.grammar.quantities import Quant, find_quantities
from graph.drafters.grammar.recast import recast, unprefixed
from graph.drafters.grammar.select import Choice, select
from graph.drafters.grammar.verdicts import with_verdicts
from graph.drafters.grammar.words import Token, root, stem, tokenise

REFUSED = frozenset(stem(w) for w in REFUSALS)
GENERAL = frozenset(
    ["past", "current", "full", "present", "unknown", "uncertain", "none", "never", "other", "new",
     "old", "normal", "standard", "regular", "partial", "active"]
)  # fmt: skip
"""Words that say little unless the fact is named."""
AGREEING = frozenset(root(w) for w in ("allow", "permit", "accept", "approve", "grant"))
_ALLOWING = AGREEING | frozenset(root(w) for w in ("may", "can", "eligible"))
ALLOWED = frozenset(root(w) for w in ("allow", "permit", "accept"))


@dataclass(frozen=True)
class Sentence:
    start: int
    end: int
    asks: bool
    chunks: tuple[Chunk, ...]
    choices: tuple[Choice, ...]


class Message:
    """One message, looked at once; its readings are composed from it."""

    def __init__(
        self,
        text: str,
        lexicon: Lexicon,
        answered: Answered | None = None,
        read_rows: ReadRows | None = None,
    ) -> None:
        self.text, self.lexicon = text, lexicon
        self.answered = answered or Answered(text)
        self.tokens: tuple[Token, ...] = recast(unprefixed(tokenise(text), lexicon), lexicon)
        self.quants: tuple[Quant, ...] = find_quantities(self.tokens, lexicon.names_at(self.tokens))
        amounts = frozenset(i for q in self.quants for i in q.tokens)
        found = find_mentions(self.tokens, lexicon, KNOWN, amounts)
        self.tokens, self.mentions = with_verdicts(self.tokens, found[0], lexicon.ontology)
        self.mentions = with_groups(tuple(_longest(self.mentions)), self.tokens, lexicon.ontology)
        self.spellings: tuple[Spelling, ...] = found[1]
        self.quants = tuple(q for q in self.quants if not self._in_name(q))
        self.mentions = tuple(m for m in self.mentions if not self._in_amount(m))
        self.quants = tuple(self._beside_name(q) for q in self.quants)
        amounts = frozenset(i for q in self.quants for i in q.tokens)
        self.solid = amounts | frozenset(
            i
            for m in self.mentions
            if m.exact and m.end - m.start > 1
            for i in range(m.start + 1, m.end)
        )
        said = quotes(self.tokens, text, lexicon.ontology)
        self.quotes: tuple[Quoted, ...] = tuple(q for q in said if not self._names_choice(q))
        hidden = frozenset(i for q in self.quotes for i in range(q.start, q.end))
        self.told_when = told_when(self.quotes, self.mentions, self.tokens)
        hidden |= staff_words(self.tokens, 0, len(self.tokens))
        self.past: tuple[Past, ...] = ()
        if read_rows:
            self.past = past(self.tokens, self.quants, lexicon, read_rows)
        hidden |= frozenset(i for p in self.past for i in range(p.start, p.end))
        self.mentions = tuple(m for m in self.mentions if not m.tokens & hidden)
        self.quants = tuple(q for q in self.quants if not q.tokens & hidden)
        self.indifferent = {
            i: m.ref.path for m in self.mentions if self._at_any(m) for i in m.tokens
        }
        """Names of facts that are said not to matter, and of which fact each word is."""
        self.hidden = hidden
        """Tokens of texts, hand-overs and tests of history."""
        self.comparisons = comparisons(self.tokens, self.quants)
        self.mandatory = mandatory_words(self.tokens, lexicon.entity_words)
        self.phrases = frozenset(phrases(self.tokens))
        self.mentions = tuple(m for m in self.mentions if m.exact or not m.tokens <= self.phrases)
        opening = openers(self.tokens)
        self.mentions = tuple(m for m in self.mentions if not m.tokens <= opening)
        self.exceptions = frozenset(i + 1 for i in _exception_signs(self.tokens))
        self.solid |= hidden | self.mandatory | self.phrases
        self.solid |= frozenset(i for i, t in enumerate(self.tokens) if self._lists(i, t))
        self.refusals = self._refusals()
        self.persons = person_words(lexicon.entity_roots, self.tokens)
        self.sentences = tuple(self._sentence(a, b) for a, b in self._bounds())

    def _names_choice(self, told: Quoted) -> bool:
        """``tell them to use the lift``: words that name a value of another decision, or follow
        that decision's own name, are no text of the author's.
        """
        decisions = self.lexicon.ontology.decisions
        inside = [
            m
            for m in self.mentions
            if m.ref.kind in ("choice", "decision") and decisions[m.ref.path].type != "text"
        ]
        named = any(
            m.ref.kind == "choice"
            and told.start <= m.start < m.end <= told.end
            and (m.exact or len(m.tokens) > 1)
            for m in inside
        )
        verb = any(
            m.ref.kind == "decision" and m.end in (told.start, told.start - 1) for m in inside
        )
        return not told.marked and (named or verb)

    def _refusals(self) -> frozenset[int]:
        """Places of verbs that refuse, where a decision says what is allowed."""
        if not any(allows(d) for d in self.lexicon.ontology.decisions.values()):
            return frozenset()
        named = frozenset(i for m in self.mentions for i in m.tokens) | self.solid
        verbs = (i for i, t in enumerate(self.tokens) if t.stem in REFUSED)
        return frozenset(i for i in verbs if i not in named)

    def _in_name(self, quant: Quant) -> bool:
        """Whether an amount is part of a name said word for word: `north-3`, `within 24 hours`."""
        said = {i for i in quant.tokens if self.tokens[i].low not in DETERMINERS}
        return any(
            m.exact and m.ref.kind in ("value", "choice", "attribute") and said < m.tokens
            for m in self.mentions
        )

    def _lists(self, i: int, colon: Token) -> bool:
        """``… leave a deposit: $20 for books``: a colon between a decision and its values; or
        before the conditions of ``one of these is true: …``.
        """
        if colon.low != ":":
            return False
        if i - 1 in self.phrases and self.tokens[i - 1].low in _POINTING:
            return True
        ends = (k for k, t in enumerate(self.tokens) if t.low in (".", "?", "!", "\n"))
        begin, end = 0, len(self.tokens)
        for k in ends:
            begin, end = (k, end) if k < i else (begin, min(end, k))
        left = [m for m in self.mentions if begin <= m.start and m.end <= i]
        named = {m.ref.path for m in left if m.ref.kind == "decision"}
        decisions = self.lexicon.ontology.decisions
        valued = any(begin <= q.start < i and q.op == "eq" for q in self.quants)
        if valued or len(named) != 1 or any(m.ref.kind in ("choice", "code") for m in left):
            return False
        decision = decisions[next(iter(named))]
        amounts = [q for q in self.quants if i < q.start < end and q.op == "eq"]
        return decision.type in ("integer", "decimal") and any(fits(q, decision) for q in amounts)

    def _beside_name(self, quant: Quant) -> Quant:
        """``liable up to 100``: words of a decision's own name compare nothing."""
        for m in self.mentions:
            own = m.ref.kind == "decision" and m.exact and quant.start in m.tokens
            if own and m.end < quant.end and quant.op != "eq":
                rest = frozenset(i for i in quant.tokens if i not in m.tokens)
                return replace(quant, tokens=rest, start=m.end, op="eq")
        return quant

    def _in_amount(self, m: Mention) -> bool:
        """Whether a value's word is part of an amount: the `business` of `five business days`; or
        any word of a name is part of a date: the `may` of ``borrowed before 1 May 2027``.
        """
        dated = (q.tokens for q in self.quants if q.kind == "date")
        if any(m.tokens & words and not words <= m.tokens for words in dated):
            return True
        return m.ref.kind in ("value", "choice") and any(m.tokens < q.tokens for q in self.quants)

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
            ends = i == len(self.tokens) or self._ends(i)
            if ends and any(t.is_word for t in self.tokens[start:i]):
                yield start, min(i + 1, len(self.tokens))
                start = i + 1

    def _ends(self, i: int) -> bool:
        token = self.tokens[i]
        if i + 1 in self.exceptions:
            return True
        if i in self.solid or token.low not in (".", "?", "!", "\n", ";"):
            return False
        follows = self.tokens[i + 1].low if i + 1 < len(self.tokens) else ""
        if token.low == ";" and follows in ("if", "when", "unless", "otherwise"):
            return True
        if token.low != ";" or self.decides(i, len(self.tokens)) or self.decides(0, i):
            return True
        return min(self.refusals, default=i) < i < max(self.refusals, default=i)

    def decides(self, start: int, end: int) -> bool:
        """Whether a stretch names a decision and no attribute with the same words."""
        return any(
            m.start >= start and m.end <= end and not m.ref.in_condition
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
        before += [q.end for q in self.quants if start <= q.start and q.end <= first and before]
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
        inside = [m for m in inside if not (self._time_phrase(m) or self._out_of_place(m))]
        inside = [m for m in inside if not self._entity_topic(m, chunks)]
        inside = [m for m in inside if not self._head_of_value(m, inside)]
        inside = [m for m in inside if not self._refusing_verb(m)]
        inside = [m for m in inside if not self._noun_of_verb(m, inside, chunks)]
        inside = [m for m in inside if not self._describing(m)]
        choices = select(inside, lambda i: zones.get(i, "condition"), self._bonus)
        return Sentence(start, stop, last == "?", chunks, choices)

    def _head_of_value(self, m: Mention, others: Sequence[Mention]) -> bool:
        """``booking an FDOPA scan``: the noun of a value, where something else is decided."""
        if m.ref.kind != "topic" or len(m.tokens) != 1:
            return False
        valued = any(n.ref.kind == "value" and n.exact and n.end == m.start for n in others)
        return valued and any(
            n.ref.kind == "topic" and n.ref.path != m.ref.path and n.end <= m.start for n in others
        )

    def _entity_topic(self, m: Mention, chunks: Sequence[Chunk]) -> bool:
        """An entity's name (`loan`) speaks of the decision about it only with `allowed` or
        `refused`.
        """
        words = self.lexicon.entity_words
        if m.ref.kind != "topic" or not all(
            self.tokens[i].low.removesuffix("s") in words for i in m.tokens
        ):
            return False
        if any(self._nothing_but(m, c) for c in chunks):
            return False
        main = [t for c in chunks if c.kind == "main" for t in self.tokens[c.start : c.end]]
        return not any(t.stem in REFUSED or t.root in ALLOWED for t in main)

    def _nothing_but(self, m: Mention, chunk: Chunk) -> bool:
        """``No laptop loan if …``: the thing at the end of a main part that only denies it."""
        begins = self.tokens[chunk.body].low == "no" and chunk.kind == "main"
        return begins and m.end == chunk.end and m.start > chunk.body

    def _describing(self, m: Mention) -> bool:
        """``anyone booked through …``: the verb says who is meant, not what is decided."""
        last, before = self.tokens[m.end - 1].low, self.tokens[max(0, m.start - 1)].low
        after = self.tokens[m.end].low if m.end < len(self.tokens) else ""
        alone = m.ref.kind == "topic" and len(m.tokens) == 1 and last.endswith("ed")
        return alone and m.start > 0 and before in INDEFINITE and after in PREPOSITIONS

    def _noun_of_verb(self, m: Mention, others: Sequence[Mention], chunks: Sequence[Chunk]) -> bool:
        """``scans can't be booked``: what is decided stands in the main part, the subject is a
        noun.
        """
        small = EMPTY_NAMES | {None}
        nouns = [i for i in m.tokens if content_root(self.tokens[i]) not in small]
        plural = len(nouns) == 1 and self.tokens[nouns[0]].low.endswith("s")
        if len(nouns) != 1 or (m.ref.kind != "topic" and not (m.ref.kind == "decision" and plural)):
            return False
        own = next((c for c in chunks if c.start <= m.start < c.end), None)
        if own is None or own.kind != "subject":
            return False
        valued = (n for n in others if n.ref.kind == "choice" and n.ref.path == m.ref.path)
        if any(own.start <= n.start < own.end for n in valued):
            return False
        main = [c for c in chunks if c.kind == "main"]
        return any(
            n.ref.kind in ("decision", "topic")
            and n.ref.path != m.ref.path
            and c.start <= n.start < c.end
            for n in others
            for c in main
        )

    def _out_of_place(self, m: Mention) -> bool:
        """A value like `past` or `full` counts only near a word of the fact it is a value of, or
        beside another of its values.

        A word that stands for a number decided counts only right before an amount in its unit.
        """
        if m.ref.kind == "decision" and len(m.tokens) == 1 and self._amount_word(m):
            decision = self.lexicon.ontology.decisions[m.ref.path]
            return not any(
                0 <= q.start - m.end <= 2 and q.unit and q.op == "eq" and fits(q, decision)
                for q in self.quants
            )
        if (
            self._torn_denial(m)
            or self._other_than(m)
            or self._denied_value(m)
            or self._at_any(m)
            or self._rate(m)
        ):
            return True
        subject = self.tokens[m.start].low.removesuffix("s") in self.lexicon.entity_words
        general = len(m.tokens) == 1 and (self.tokens[m.start].low in GENERAL or subject)
        if m.ref.kind != "value" or not (general or self._says_state(m)):
            return False
        listed = 3 if subject else len(self.tokens)
        if any(
            n.ref.path == m.ref.path
            and n.ref.value != m.ref.value
            and max(n.start - m.end, m.start - n.end) < listed
            for n in self.mentions
        ):
            return False
        own = self.lexicon.vocab.get(Ref("attribute", m.ref.path), set[str]())
        own = own - self.lexicon.entity_roots
        near = range(max(0, m.start - 6), min(len(self.tokens), m.end + 6))
        return not any(i not in m.tokens and self.tokens[i].root in own for i in near)

    def _torn_denial(self, m: Mention) -> bool:
        """``no contrast allergy`` denies the allergy; it is not `no contrast` and an allergy."""
        first = min(m.tokens)
        rest = m.tokens - {first}
        return self.tokens[first].low in ("no", "not") and any(
            n.exact and rest < n.tokens and n.start == first + 1 for n in self.mentions
        )

    def _rate(self, m: Mention) -> bool:
        """``105 mL/min``: the end of a unit is no name of something decided."""
        before = self.tokens[m.start - 1] if m.start else None
        glued = len(m.tokens) == 1 and self.tokens[m.start].glued
        return glued and before is not None and before.low == "/" and m.ref.kind == "decision"

    def _other_than(self, m: Mention) -> bool:
        """``other than X`` excepts; it is no value called `other`."""
        lows = [t.low for t in self.tokens[m.start : m.end + 1]]
        return m.ref.kind == "value" and lows == ["other", "than"]

    def _denied_value(self, m: Mention) -> bool:
        """``isn't a smoker`` denies one value; it does not say another (`non-smoker`)."""
        verbal = {i for i in m.tokens if self.tokens[i].low in ("not", "n't")}
        rest = m.tokens - verbal
        return (
            bool(verbal)
            and not self._names_value(m)
            and any(
                n.tokens == rest
                and n.ref.path == m.ref.path
                and (n.ref.value != m.ref.value or (n.exact and not m.exact))
                for n in self.mentions
                if n.ref.kind == "value" == m.ref.kind
            )
        )

    def _names_value(self, m: Mention) -> bool:
        """``the status is not pregnant``: the value's own words, right beside the fact's name."""
        said = [self.tokens[i].text.lower() for i in sorted(m.tokens)]
        named = any(
            n.ref.kind == "attribute"
            and n.ref.path == m.ref.path
            and (m.start - n.end in (1, 2) or n.start - m.end in (1, 2))
            for n in self.mentions
        )
        return named and said == m.ref.value.lower().split()

    def _at_any(self, m: Mention) -> bool:
        """``at any age``, ``for every species``: the name of a fact, said not to matter."""
        attribute = self.lexicon.ontology.attributes.get(m.ref.path)
        before = tuple(t.low for t in self.tokens[max(0, m.start - 2) : m.start])
        if m.ref.kind != "attribute" or attribute is None:
            return False
        kinds = attribute.type == "enum" and before in (("for", "every"), ("for", "any"))
        number = attribute.type in ("integer", "decimal") and before == ("at", "any")
        after = self.tokens[m.end].low if m.end < len(self.tokens) else "."
        return number or (kinds and not after.isalpha())

    def _says_state(self, m: Mention) -> bool:
        """``isn't known``: words that say of any fact how much is known of it."""
        said = {r for i in m.tokens if (r := content_root(self.tokens[i]))}
        return NOT in said and said <= STATE_ROOTS | EMPTY_NAMES

    def _refusing_verb(self, m: Mention) -> bool:
        """``is waived``: a verb that refuses is no fact of the same root (`waiver`)."""
        token = self.tokens[m.start]
        passive = m.start > 0 and self.tokens[m.start - 1].stem == "be"
        return len(m.tokens) == 1 and m.ref.in_condition and passive and token.stem in REFUSED

    def _amount_word(self, m: Mention) -> bool:
        return self.lexicon.amount_words.get(self.tokens[m.start].root) == m.ref.path

    def _time_phrase(self, m: Mention) -> bool:
        """``in the past`` is the attribute's `past` only beside the attribute's other words."""
        low = [t.low for t in self.tokens[max(0, m.start - 2) : m.end]]
        if low not in (["in", "the", "past"], ["in", "the", "present"], ["in", "the", "current"]):
            return False
        own = self.lexicon.words_of([m.ref])
        return not any(t.root in own for t in self.tokens[max(0, m.start - 5) : m.start])

    def _another_choice(self, m: Mention) -> bool:
        """``a red tube for A, a light blue tube for B``: said in full, as another was before."""
        whole = m.ref.kind == "choice" and m.exact and len(m.tokens) > 1
        return whole and not any(
            n.ref.in_condition and n.tokens >= m.tokens for n in self.mentions
        ) and any(
            n.ref.kind == "choice" and n.exact and n.ref.path == m.ref.path and n.end <= m.start
            for n in self.mentions
        )  # fmt: skip

    def _bonus(self, m: Mention) -> float:
        """A number's name counts only with an amount near."""
        if self._another_choice(m):
            return 1.2
        attribute = (
            self.lexicon.ontology.attributes.get(m.ref.path) if m.ref.kind == "attribute" else None
        )
        if attribute and attribute.type in ("integer", "decimal", "date", "time"):
            if beside(m, self.comparisons, self.tokens, self.lexicon):
                return 0.2
            near = any(
                q.start - m.end <= 8 and m.start - q.end <= 8 and fits(q, attribute)
                for q in self.quants
            )
            counted = m.start and self.tokens[m.start - 1].low in ("after", "since") and near
            if counted and len(m.tokens) > 1 and "since" in attribute.label.lower().split():
                return 1.0
            named = m.exact or len(m.tokens) > 1
            return 0.2 if near else 0.0 if is_count(attribute) and named else -1.0
        decision = (
            self.lexicon.ontology.decisions.get(m.ref.path) if m.ref.kind == "decision" else None
        )
        if decision and decision.type == "enum" and none_value(decision) is None:
            said = any(
                n.ref.kind == "choice" and n.ref.path == decision.name for n in self.mentions
            )
            return 0.0 if said else -1.5
        if decision and decision.type in ("integer", "decimal"):
            denied = any(t.low in NEGATED for t in self.tokens[max(0, m.start - 8) : m.start])
            return 0.2 if self.quants else 0.0 if denied else -1.5
        return 0.0


_POINTING = frozenset(["true", "hold", "holds", "apply", "applies", "met"])


def _longest(mentions: Sequence[Mention]) -> Iterator[Mention]:
    """``the eye surgeon`` names one value, although `eye` and `surgeon` may name others."""
    whole = [
        m
        for m in mentions
        if m.exact and m.end - m.start == len(m.tokens) > 1 and not m.negated_name
    ]
    for m in mentions:
        within = (n for n in whole if m.tokens < n.tokens)
        if m.ref.kind not in ("value", "choice") or not any(
            (n.ref.kind, n.ref.path) == (m.ref.kind, m.ref.path) for n in within
        ):
            yield m


def allows(decision: Decision) -> bool:
    """A yes-or-no decision about whether something is allowed."""
    words = {t.root for text in (decision.label, *decision.synonyms) for t in tokenise(text)}
    return decision.type == "boolean" and bool(words & _ALLOWING)


def _exception_signs(tokens: Sequence[Token]) -> Iterator[int]:
    """Where ``Exception:`` begins a sentence; the index of its colon."""
    for i in range(1, len(tokens) - 1):
        if (
            tokens[i].low == ":"
            and tokens[i - 1].stem == "exception"
            and (i == 1 or not tokens[i - 2].is_word)
        ):
            yield i


def mentions_in(words: str, lexicon: Lexicon) -> tuple[Mention, ...]:
    """Terms that a few words name."""
    tokens = tokenise(words)
    return find_mentions(tokens, lexicon, KNOWN, frozenset())[0]
