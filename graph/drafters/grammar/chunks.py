"""The frame of a sentence: which stretch says when, which says what happens, which is set aside."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from graph.drafters.grammar.amounts import unit_of
from graph.drafters.grammar.english import (
    CLAUSE_WORDS,
    COND_OPENERS,
    EVERYONE,
    FILLER,
    IMPERATIVES,
    IRRELEVANT,
    NUMBER_WORDS,
    OTHERWISE,
    PLAIN_VERB_WORDS,
    PREPOSITIONS,
    PRONOUNS,
    REASONS,
    STRONG_VERB_WORDS,
    UNLESS_OPENERS,
)
from graph.drafters.grammar.lexicon import NEGATED
from graph.drafters.grammar.words import Token, prefix_not, stem

ChunkKind = Literal[
    "subject", "if", "near", "unless", "only", "main", "otherwise", "aside", "reason"
]
"""``if``: a clause with its own verb; ``near``: a preposition or relative clause."""
PLAIN_VERBS = frozenset(stem(w) for w in PLAIN_VERB_WORDS)
STRONG_VERBS = frozenset(stem(w) for w in STRONG_VERB_WORDS)
SUBJECTS = frozenset(["we", "you", "they", "it", "he", "she", "i", "staff"])
LIMITED_TO = (*COND_OPENERS, ("to",))
ARROWS = frozenset(["->", "=>", "=", "→", ":"])
_CONTRACTED = PRONOUNS | frozenset(["where", "when", "how"])
"""Words after which `'s` is a verb; after others it says whose."""
ARTICLES = frozenset(["the", "a", "an", "no", "its", "their", "our"])
_THEN = (("in", "which", "case"), ("in", "which", "cases"))
_JOINTS = frozenset(
    ["and", "or", "nor", "of", "than", "that", "with", "for", "in", "on", "by", "at"]
)
_IF = frozenset(["if", "when", "whenever"])
_SKIPPED = FILLER | frozenset(["and", "but", "or", "then", "also", "please"])


@dataclass(frozen=True, slots=True)
class Chunk:
    """A stretch of tokens under one marker."""

    kind: ChunkKind
    start: int
    body: int
    """Where the stretch goes on after its marker."""
    end: int


def find_chunks(
    tokens: Sequence[Token], start: int, end: int, decides: Callable[[int, int], bool],
    may_decide: Callable[[int, int], bool], turns_at: Callable[[int, int], int | None],
    solid: frozenset[int] = frozenset(),
) -> tuple[Chunk, ...]:  # fmt: skip
    """Chunks of one sentence; ``decides`` says whether a stretch names only a decision.

    ``may_decide`` also where the same words name an attribute, ``turns_at`` where the words after
    a condition begin to speak of a decision. ``solid`` tokens lie inside a name or an
    amount and open nothing.
    """
    arrow = next((k for k in range(start, end) if k not in solid and tokens[k].low in ARROWS), None)
    if arrow is None or arrow == start or arrow == end - 1:
        chunks = _Maker(tokens, start, end, decides, turns_at, solid).run()
        if any(c.kind == "main" for c in chunks):
            return chunks
        return _Maker(tokens, start, end, may_decide, turns_at, solid).run()
    if decides(start, arrow) and not decides(arrow + 1, end):
        left = _Maker(tokens, start, arrow, decides, turns_at, solid, "main").run()
        return (*left, *_Maker(tokens, arrow + 1, end, decides, turns_at, solid, "if").run())
    left = _Maker(tokens, start, arrow, decides, turns_at, solid, "if").run()
    return (*left, *_Maker(tokens, arrow + 1, end, decides, turns_at, solid, "main").run())


class _Maker:
    def __init__(
        self, tokens: Sequence[Token], start: int, end: int, decides: Callable[[int, int], bool],
        turns_at: Callable[[int, int], int | None], solid: frozenset[int],
        kind: ChunkKind = "subject",
    ) -> None:  # fmt: skip
        self.tokens, self.end, self.decides, self.solid = tokens, end, decides, solid
        self.turns_at = turns_at
        self.chunks: list[Chunk] = []
        self.kind: ChunkKind = kind
        self.only_conditions = kind == "if"
        self.begin = self.body = start
        self.seen_main = kind == "main"
        self.by_noun = False
        """The stretch excepts or limits to a noun (`except guests`), and takes no verb."""
        self.main_verb = False
        """The main part has its verb."""
        self.relative = False
        """The stretch is a relative clause."""
        self.only_at = -1
        """Where what an `only` before the verb limits to begins."""
        self.clause_first = False
        """The sentence began with an if-clause, and its main part has not come yet."""

    def run(self) -> tuple[Chunk, ...]:
        i = self.begin
        if not self.only_conditions and self.kind == "subject" and self._starts_main(i):
            self._open("main", i, i)
        while i < self.end:
            i = self._step(i)
        self._close(self.end)
        return tuple(c for c in self.chunks if c.end > c.start)

    def _open(self, kind: ChunkKind, at: int, body: int) -> None:
        if kind == "main" and self.only_conditions:
            return
        self._close(at)
        self.kind, self.begin, self.body = kind, at, body
        self.seen_main = self.seen_main or kind == "main"
        if kind == "main":
            self.relative = self.clause_first = self.main_verb = False

    def _close(self, at: int) -> None:
        if at > self.begin:
            kind = "only" if self.kind == "near" and self._limits_to(at) else self.kind
            self.chunks.append(Chunk(kind, self.begin, min(self.body, at), at))

    def _limits_to(self, at: int) -> bool:
        """``to members only``: the `only` comes after what it limits to."""
        last = at - 1
        while last > self.body and not self.tokens[last].is_word:
            last -= 1
        after = self.seen_main and last > self.body and self.tokens[last - 1].low not in NEGATED
        return after and self.tokens[last].low == "only"

    def _step(self, i: int) -> int:
        token = self.tokens[i]
        if token.low == "only" and self.kind == "main" and not self._amount_at(i + 1):
            self.only_at = self._limited_to(i)
        if i in self.solid:
            return i + 1
        for phrases, kind in (
            (OTHERWISE, "otherwise"),
            (UNLESS_OPENERS, "unless"),
            (IRRELEVANT, "aside"),
            (REASONS, "reason"),
        ):
            n = self._phrase(i, phrases)
            n = n or (self._turned(i) if kind == "otherwise" else 0)
            if n and self._may_open(kind, i):
                self.by_noun = (
                    self.tokens[i].low != "unless"
                    and self.tokens[i + n - 1].low not in CLAUSE_WORDS
                )
                self._open(kind, i, i + n)  # type: ignore[arg-type]
                if kind == "otherwise":
                    self._open("main", i + n, i + n)
                return i + n
        if (
            token.low == "only"
            and i == self.begin
            and not self.chunks
            and self.kind == "subject"
            and not self._phrase(i + 1, COND_OPENERS)
        ):
            self._open("only", i, i + 1)
            self.kind, self.body, self.by_noun = "only", i + 1, True
            return i + 1
        if token.low == "only" and (n := self._phrase(i + 1, COND_OPENERS)):
            self._open("only", i, i + 1 + n)
            return i + 1 + n
        if i == self.only_at:
            n = self._phrase(i, LIMITED_TO)
            self._open("only", i, i + n)
            return i + n
        whole = i > 1 and self.tokens[i - 2].low in ("all", "every", "any", "each")
        if token.low == "but" and i > self.begin and (whole or self.tokens[i - 1].low in EVERYONE):
            self._open("unless", i, i + 1)
            self.by_noun = True
            return i + 1
        if token.low in ARROWS:
            self._open("main", i, i + 1)
            return i + 1
        if token.low == "then" or self._phrase(i, _THEN):
            after = i + (self._phrase(i, _THEN) or 1)
            self._open("main", i, after)
            return after
        if token.low == "but" and self.kind == "main" and self.decides(i, self.end):
            self._open("main", i, i + 1)
            return i + 1
        if token.low in (",", ";", "—", "–", "but", "so") or (token.low == "-" and not token.glued):
            return self._pause(i)
        if token.low == "and" and (self._short_main(i + 1) or self._second_main(i + 1)):
            self._open("main", i, i + 1)
            return i + 1
        n = self._phrase(i, COND_OPENERS)
        if n:
            return self._condition(i, n)
        return self._verb(i)

    def _amount_at(self, i: int) -> bool:
        """``only 6 days``: no more than a small amount."""
        low = self.tokens[i].low if i < self.end else ""
        return low[:1].isdigit() or low in NUMBER_WORDS

    def _limited_to(self, i: int) -> int:
        """Where, after ``only`` before a verb, what it limits to begins: ``only be lent to …``."""
        for k in range(i + 2, min(i + 5, self.end)):
            if self.tokens[k].low in (",", "and", "or"):
                break
            if k not in self.solid and self._phrase(k, LIMITED_TO):
                return k
        stop = self._next_pause(i)
        clauses = (k for k in range(i + 2, stop) if self.tokens[k].low in ("if", "when"))
        return next(clauses, -1)

    def _short_main(self, i: int) -> bool:
        """``…, zero if …``: a lone amount or value before the next condition is an outcome."""
        if self.kind not in ("if", "only", "near") or not self.seen_main:
            return False
        k = i
        while k < self.end and self.tokens[k].low in ("and", "but"):
            k += 1
        words = 0
        while k < self.end and words < 4:
            if self.tokens[k].low in ("if", "when", "for") and words:
                return (
                    self.tokens[i].low[0].isdigit()
                    or self.tokens[i].low in NUMBER_WORDS
                    or (words == 1 and self.decides(i, k))
                )
            words += 1
            k += 1
        return False

    def _second_main(self, i: int) -> bool:
        """``O if A and P if B``: what stands up to the next `if` is decided, with a verb."""
        if self.kind != "if" or not self.seen_main:
            return False
        last = next((k for k in range(i, self.end) if self.tokens[k].low in _IF), self.end)
        verb = any(self.tokens[k].stem in PLAIN_VERBS or self.tokens[k].low in IMPERATIVES
                   for k in range(i, last))  # fmt: skip
        return last < self.end and verb and self.decides(i, last)

    def _may_open(self, kind: str, i: int) -> bool:
        if kind == "unless" and self._limits(i):
            return False
        if kind == "reason" and (
            (i + 1 < self.end and self.tokens[i + 1].low == "of")
            or (i == self.begin and not self.chunks)
        ):
            return False
        if kind == "otherwise" and self.tokens[i].low in ("when", "where"):
            return self._ends(i + 2) or self._turned(i) > 0
        return not (kind == "otherwise" and i > self.begin and self.tokens[i].low == "else")

    def _ends(self, i: int) -> bool:
        """Whether a clause ends before ``i``."""
        return i >= self.end or not self.tokens[i].is_word

    def _limits(self, i: int) -> bool:
        """``but not until …``: a limit, not an exception."""
        words = [t.low for t in self.tokens[i : i + 3]]
        return words[:2] == ["but", "not"] and words[2:] in (["until"], ["till"], ["before"])

    def _turned(self, i: int) -> int:
        """Length of ``when they don't``, ``if it isn't`` at ``i``, where a clause ends; else 0."""
        stop = i + 4
        if stop > self.end or self.tokens[i].low not in ("if", "when", "where"):
            return 0
        who, verb, sign = self.tokens[i + 1 : stop]
        ends = stop == self.end or not self.tokens[stop].is_word
        pronoun = who.low in ("it", "they", "he", "she", "there")
        turns = verb.stem in PLAIN_VERBS and sign.low in ("not", "n't", "missing", "absent")
        return 4 if pronoun and turns and ends else 0

    def _phrase(self, i: int, phrases: Sequence[tuple[str, ...]]) -> int:
        """Length of the longest phrase that starts at ``i``; 0 for none."""
        best = 0
        for words in phrases:
            here = self.tokens[i : min(i + len(words), self.end)]
            if len(words) > best and tuple(t.low for t in here) == words:
                best = len(words)
        return best

    def _condition(self, i: int, n: int) -> int:
        word = self.tokens[i].low
        if word in ("after", "since") and i - 1 in self.solid and unit_of(self.tokens[i - 1]):
            return i + 1
        if word == "within" and i + 1 < self.end and not self.tokens[i + 1].low.isalpha():
            return i + 1
        if word in ("that", "which") and not self._relative(i):
            return i + 1
        if word == "provided" and n == 1 and i > 0 and self.tokens[i - 1].stem == "be":
            return i + 1
        last = self.tokens[i + n - 1].low
        if word == "if" and i > self.begin and self.tokens[i - 1].low == "as":
            return i + 1
        clause = word in CLAUSE_WORDS or (n > 1 and last not in ("of", "to"))
        if self.kind in ("if", "unless", "only") and not clause:
            return i + n
        kind: ChunkKind = "if" if clause else "near"
        if (self.kind in ("aside", "reason") and not clause) or (
            self.kind == "reason" and word not in ("if", "when", "unless")
        ):
            return i + n
        if clause and not self.seen_main and not self.chunks and i == self.begin:
            self.clause_first = True
        self._open(kind, i, i + n)
        self.relative = word in ("who", "that", "which", "whose")
        if word == "whose":
            return self._past_own_verb(i + n)
        return self._past_verb(i + n) if self.relative else i + n

    def _past_own_verb(self, i: int) -> int:
        """``whose last visit was …``: the first verb is that of the clause."""
        stop = self._next_pause(i)
        at = next((k for k in range(i, min(stop, i + 8)) if self._is_verb(k)), None)
        return i if at is None else self._past_verb(at)

    def _is_verb(self, i: int) -> bool:
        return self.tokens[i].stem in PLAIN_VERBS and not self._nominal(i)

    def _relative(self, i: int) -> bool:
        """``that`` opens a relative clause before a verb: ``any protocol that is old``."""
        following = self.tokens[i + 1 : min(i + 3, self.end)]
        return any(t.stem in PLAIN_VERBS or t.low.endswith("ed") for t in following)

    def _pause(self, i: int) -> int:
        """At a comma or `but`: does the main part begin after it?"""
        nxt = i + 1
        stop = self._next_pause(nxt)
        if [t.low for t in self.tokens[max(nxt, stop - 2) : stop]] == ["or", "not"]:
            self._open("aside", i, nxt)
            return stop
        if self.kind in ("if", "unless", "only", "near", "aside", "reason") and self._turns(
            nxt, stop
        ):
            at = nxt if self._starts_main(nxt) else self.turns_at(nxt, stop) or nxt
            if at > nxt and self._is_verb(at) and not self.seen_main:
                self._open("subject", nxt, nxt)
                return nxt
            self._open("main", at, at)
            return max(at, nxt)
        if self._short_main(nxt) or (self.kind == "subject" and self._starts_main(nxt)):
            self._open("main", nxt, nxt)
        elif self.kind == "aside":
            self._open("near" if self.seen_main else "subject", i, nxt)
        return nxt

    def _next_pause(self, i: int) -> int:
        return next((k for k in range(i, self.end) if self.tokens[k].low in (",", ";")), self.end)

    def _turns(self, i: int, stop: int) -> bool:
        if self._other_case(i) or self._in_list(i):
            return self.decides(i, stop)
        return self._starts_main(i) or self.decides(i, stop)

    def _in_list(self, i: int) -> bool:
        """``if all of these hold: A, no B``: a colon opened a list of conditions."""
        colons = (k for k in range(self.begin, min(i, self.end)) if self.tokens[k].low == ":")
        return self.kind in ("if", "unless", "only") and any(k in self.solid for k in colons)

    def _other_case(self, i: int) -> bool:
        """``if A, or he is B``: one more condition of the clause."""
        clause = self.kind in ("if", "unless", "only")
        return clause and i < self.end and self.tokens[i].low in ("or", "nor")

    def _starts_main(self, i: int) -> bool:
        """An order (`use …`), `we don't …`, `no …` of a decision, or a subject with a strong
        verb.
        """
        k = i
        while k < self.end and (
            self.tokens[k].low in _SKIPPED
            or (
                k in self.solid
                and k == i
                and self.tokens[k].low in ("make", "please", "do", "note", "remember")
            )
        ):
            k += 1
        if k >= self.end or (k + 1 >= self.end and self.tokens[k].low not in IMPERATIVES):
            return False
        if k not in self.solid and self.decides(k, min(k + 3, self.end)) and self._first_decides(k):
            return True
        k += 2 if self._either_pronoun(k) else 0
        low, after = self.tokens[k].low, self.tokens[k + 1] if k + 1 < self.end else None
        if low in ("nothing", "none"):
            return True
        if low in PRONOUNS | SUBJECTS and low not in ("those", "one", "who", "whose", "which"):
            return (
                bool(after)
                and (low in ("we", "you", "they", "it", "he", "she") or _strong(after))
                and _verblike(after)
            )
        if prefix_not(self.tokens, k):
            return False
        if low in NEGATED:
            return low in ("no", "never", "nobody") or self.decides(k, self._next_pause(k))
        if low == "do" and after and after.low in ("n't", "not"):
            return True
        return low in IMPERATIVES and not self._noun_use(k)

    def _either_pronoun(self, k: int) -> bool:
        """``she or he``: one person."""
        words = [t.low for t in self.tokens[k : min(k + 3, self.end)]]
        return len(words) == 3 and words[1] == "or" and {words[0], words[2]} <= SUBJECTS

    def _first_decides(self, k: int) -> bool:
        """The words at ``k`` themselves begin the name of a decision."""
        return any(
            self.decides(k, e) and not self.decides(k + 1, e)
            for e in range(k + 1, min(k + 4, self.end) + 1)
        )

    def _noun_use(self, k: int) -> bool:
        """``orders for …``, ``a call``: an order's first word is bare and not followed by a
        verb.
        """
        after = self.tokens[k + 1] if k + 1 < self.end else None
        return after is not None and after.stem in ("be", "must", "should", "of")

    def _verb(self, i: int) -> int:
        token = self.tokens[i]
        if token.low == "'s" and i and self.tokens[i - 1].low not in _CONTRACTED:
            return i + 1
        if (
            (
                token.low in IMPERATIVES
                and token.low not in NEGATED
                and self.kind in ("subject", "near")
                and not self.seen_main
                and i > self.begin
            )
            and not self._nominal(i)
            and not self.relative
            and (self._object_decides(i) or self._first_decides(i))
        ):
            self._open("main", i, i)
            self.main_verb = True
            return i + 1
        if token.stem not in PLAIN_VERBS or (
            token.low in ("need", "use", "call", "leave") and self._nominal(i)
        ):
            return i + 1
        if (
            self.kind in ("unless", "only")
            and self.by_noun
            and not self.seen_main
            and i > self.body
        ) or (self.kind == "subject" and i > self.begin):
            at = self._adverbs(i)
            self._open("main", at, at)
            self.main_verb = True
        elif self.kind == "main":
            self.main_verb = True
        elif (
            self.kind == "near"
            and not (self.seen_main and self.main_verb)
            and not self.clause_first
        ):
            before = self.tokens[i - 1].low
            if before in (",", "and", "or", "but") and any(c.kind == "near" for c in self.chunks):
                return i + 1
            if before in NEGATED and self.relative and self.tokens[i - 2].stem == "do":
                return i + 1
            if before in ("and", "or") and self.relative and self._verb_follows(i + 1):
                return self._past_verb(i)
            spoken = before in ("we", "they", "you", "it") or self._all_or_none(i - 1)
            at = i - 1 if spoken else self._adverbs(i)
            self._open("main", at, at)
            self.main_verb = True
        elif self.kind == "if" and self.clause_first:
            at = self._told_subject(i)
            if at is not None:
                self._open("main", at, at)
                self.main_verb = True
        return i + 1

    def _all_or_none(self, i: int) -> bool:
        """``without a card nobody can …``: a subject of its own, not what a preposition takes."""
        return self.tokens[i].low in EVERYONE and self.tokens[i - 1].low not in PREPOSITIONS

    def _verb_follows(self, i: int) -> bool:
        """Whether another verb comes before the next comma: `who are A and have B need …`."""
        return any(self._is_verb(k) for k in range(self._past_verb(i), self._next_pause(i)))

    def _adverbs(self, i: int) -> int:
        """The place before `never` or `always` that belong to the verb at ``i``."""
        while i > self.begin + 1 and self.tokens[i - 1].low in (
            "never",
            "always",
            "not",
            "also",
            "then",
            "usually",
        ):
            i -= 1
        if i > self.begin + 1 and [t.low for t in self.tokens[i - 2 : i]] == ["no", "longer"]:
            return i - 2
        return i

    def _told_subject(self, i: int) -> int | None:
        """Where, after an if-clause without a comma, the main part begins whose verb is at ``i``:
        at the pronoun of ``they must``, at a decision that is named right before the verb, as
        in ``if the load is heavy the fee is 20``, or at the noun of ``guests need a deposit``.
        """
        before = self.tokens[i - 1].low
        pronoun = before in ("they", "we", "you", "it", "he", "she") and i - 1 > self.body
        if pronoun and self.tokens[i].stem in STRONG_VERBS:
            return i - 1
        near = range(i - 1, max(self.body, i - 6), -1)
        at = next((k for k in near if self.decides(k, i)), None)
        who = at is None
        if at is None:
            at = self._noun_start(i) if self.decides(i, self._next_pause(i)) else None
        if at is None:
            return None
        article = self.tokens[at - 1].low in ARTICLES
        at -= article
        own_verb = any(t.stem in PLAIN_VERBS for t in self.tokens[self.body : at])
        joined = self.tokens[at - 1].low in _JOINTS
        own_verb = own_verb or (article and not who and at - self.body >= 4)
        return at if own_verb and not joined and at > self.body else None

    def _noun_start(self, i: int) -> int | None:
        """The plain plural right before the verb at ``i``: ``guests need``, ``teachers must``."""
        noun = self.tokens[i - 1]
        plural = noun.is_word and noun.low.endswith("s") and not noun.low.endswith("ss")
        return i - 1 if plural and noun.stem not in PLAIN_VERBS and i - 1 > self.body else None

    def _past_verb(self, i: int) -> int:
        """The end of a verb group: ``has not been``, ``do not``; not ``is due | can be``."""
        begin = i
        while i < self.end and (
            self.tokens[i].stem in PLAIN_VERBS
            or self.tokens[i].low in NEGATED
            or self.tokens[i].low in FILLER
        ):
            spoken = self.tokens[i - 1].stem in PLAIN_VERBS or self.tokens[i - 1].low in NEGATED
            if i > begin and self.tokens[i].stem in STRONG_VERBS and not spoken:
                break
            i += 1
        return i

    def _object_decides(self, i: int) -> bool:
        """The verb's object, right after it, is something decided."""
        k = i + 1
        while k < self.end and self.tokens[k].low in ("the", "a", "an", "code", "no", "any"):
            k += 1
        return self.decides(k, min(k + 4, self.end))

    def _nominal(self, i: int) -> bool:
        return i > 0 and self.tokens[i - 1].low in ("a", "an", "the", "to", "of", "no", "any")


def _strong(token: Token) -> bool:
    return token.stem in STRONG_VERBS


def _verblike(token: Token) -> bool:
    return (
        token.stem in PLAIN_VERBS or token.low in IMPERATIVES or token.stem in ("giv", "want", "do")
    )
