"""The parts of a message: each outcome with what stands before, in and after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from graph.drafters.base import Question
from graph.drafters.grammar.atoms import (
    Unclear,
)
from graph.drafters.grammar.bench import Bench
from graph.drafters.grammar.chunks import Chunk
from graph.drafters.grammar.english import CLAUSE_WORDS, EVERYONE, PREPOSITIONS
from graph.drafters.grammar.glue import negates
from graph.drafters.grammar.lexicon import DENYING
from graph.drafters.grammar.message import Sentence

OTHER_CASE = "in every other case"
"""The place of the words `otherwise`, `everyone else`."""


_GOING_ON = ("with", "without", "who", "whose", "that", "of", "having")


@dataclass
class Part:
    """One outcome with its conditions: what stands before, in and after the main part."""

    pre: list[Chunk] = field(default_factory=list[Chunk])
    main: list[Chunk] = field(default_factory=list[Chunk])
    post: list[Chunk] = field(default_factory=list[Chunk])
    unless: list[Chunk] = field(default_factory=list[Chunk])
    aside: list[Chunk] = field(default_factory=list[Chunk])
    asks: bool = False
    """Its sentence ends in a question mark: it states the case for what follows."""
    otherwise: bool = False
    waited: bool = False
    """Its outcome came before the word `otherwise`."""
    sweeping: bool = False
    """Its `otherwise` says outright that nothing is left out: `everything else`."""
    people: bool = False
    """Its `otherwise` speaks of other people: `everyone else`."""
    elsewhere: bool = False
    """It was said by `elsewhere`: not in the place of the part before."""
    turned: bool = False
    """It was said by `when they don't`: the opposite of one condition said before."""
    only: bool = False
    exception: bool = False
    """It is an exception to the part before it and shares that one's conditions."""

    shares: bool = False
    """Its opening conditions are those of the part before it."""
    beside: bool = False
    """It speaks of all others: what the parts before it do not cover."""

    decides: str = ""
    """The decision of which it says one of several values."""
    echo: bool = False
    """It says that the same holds for others: `nor are explosives`."""
    contrast: bool = False
    """It takes over what the part before says of other facts."""

    closing: Chunk | None = None
    """The `otherwise` at its end: its last value is for every other case."""

    def chunks(self) -> list[Chunk]:
        return [*self.pre, *self.main, *self.post, *self.unless]


class Framer(Bench):
    """Divides sentences into parts."""

    def _parts(self) -> list[Part]:
        parts: list[Part] = []
        for sentence in self.message.sentences:
            self._refuse_denied_heading(sentence)
            parts += self._parts_of(sentence)
        return parts

    def _refuse_denied_heading(self, sentence: Sentence) -> None:
        """``Don't give A to B: leave it to staff``, ``no A for B: C``: what stands before the colon
        says what must not happen, and may say as well when the rest holds.
        """
        first, *rest = sentence.chunks or (None,)
        if first is None or first.kind != "if" or first.body > first.start or not rest:
            return
        lows = [t.low for t in self.tokens[first.start : first.end]]
        ordered = lows[:2] in (["do", "n't"], ["do", "not"]) or lows[:1] == ["never"]
        if ordered or (lows[:1] == ["no"] and {"for", "to", "in"} & set(lows)):
            text = "Does the rest hold for what is denied first? Say it as `when …, …`."
            raise Unclear(Question(text, about="reading"))

    def _parts_of(self, sentence: Sentence) -> list[Part]:
        parts = [Part(exception=sentence.start in self.message.exceptions, asks=sentence.asks)]
        for n, chunk in enumerate(sentence.chunks):
            part = parts[-1]
            turned = self.tokens[chunk.start].low in ("when", "where") or self._has_not(chunk)
            if chunk.kind == "otherwise" and self._waits(part, len(parts)):
                part.otherwise, part.turned, part.waited = True, turned, True
                part.sweeping, part.people = self._sweeps(chunk), self._of_people(chunk)
                self._mark(range(chunk.start, chunk.end), OTHER_CASE)
            elif chunk.kind == "otherwise" and chunk is sentence.chunks[-1] and part.chunks():
                part.closing = chunk
                self._mark(range(chunk.start, chunk.end), OTHER_CASE)
            elif chunk.kind == "otherwise":
                self._divide(part)
                sweeping = self._sweeps(chunk)
                where = self.tokens[chunk.start].low in ("elsewhere", "everywhere")
                parts.append(
                    Part(
                        otherwise=True,
                        turned=turned,
                        sweeping=sweeping,
                        elsewhere=where,
                        people=self._of_people(chunk),
                    )
                )
                self._mark(range(chunk.start, chunk.end), OTHER_CASE)
            elif chunk.kind == "reason":
                self.reason = (
                    self.message.text[
                        self.tokens[chunk.body].start : self.tokens[chunk.end - 1].end
                    ].strip('"“” ')
                    if chunk.body < chunk.end
                    else None
                )
                self._mark(range(chunk.start, chunk.end), "reason")
            elif chunk.kind == "aside":
                part.aside.append(chunk)
                self.asides.update(range(chunk.start, chunk.end))
            elif chunk.kind == "unless" and self._local(chunk):
                (part.post if part.main else part.pre).append(replace(chunk, kind="near"))
            elif (
                chunk.kind == "unless"
                and self.tokens[chunk.body - 1].low == "that"
                and not self._outcome_in(chunk)
            ):
                raise Unclear(Question("What should happen in the exception?", about="missing"))
            elif chunk.kind == "unless" and not part.main and (cut := self._after_place(chunk)):
                part.unless.append(replace(chunk, end=cut))
                self.apart.update(range(chunk.start, cut))
                part.pre.append(Chunk("subject", cut, cut, chunk.end))
            elif chunk.kind == "unless" and (at := self._told_after(chunk, part.main)):
                part.unless.append(replace(chunk, end=at))
                part.main.append(Chunk("main", at, at, chunk.end))
            elif chunk.kind == "unless" and self._outcome_in(chunk):
                parts.append(Part(main=[chunk], exception=True))
            elif chunk.kind == "unless":
                part.unless.append(chunk)
            elif self._but_alone(chunk) and part.main:
                parts.append(Part(pre=list(part.pre), shares=bool(part.pre)))
            elif chunk.kind == "main":
                self._add_main(parts, chunk)
            elif self._tells_of(part.unless, chunk):
                parts.append(self._told_exception(part, chunk))
            elif (
                part.unless and chunk.start == part.unless[-1].end and chunk.kind in ("near", "if")
            ):
                part.unless.append(chunk)
            elif self._next_case(part, chunk, sentence.chunks[n + 1 :]):
                parts.append(Part(pre=[chunk]))
            elif part.main:
                part.post.append(chunk)
                part.only = part.only or chunk.kind == "only"
            else:
                part.pre.append(chunk)
                part.only = part.only or chunk.kind == "only"
        return [p for p in parts if p.chunks()]

    def _next_case(self, part: Part, chunk: Chunk, following: Sequence[Chunk]) -> bool:
        """``if A, O, and if B, P``: the second if-clause belongs to what comes after it."""
        cases = [c for c in part.pre if c.kind == "if"]
        paused = self.tokens[chunk.start - 1].low in (",", ";", "and", "but")
        if not (chunk.kind == "if" and cases and part.main and not part.post and paused):
            return False
        told = bool(following) and following[0].kind == "main" and self._outcome_in(following[0])
        return told and self._outcome_in(part.main[0])

    def _after_place(self, chunk: Chunk) -> int | None:
        """``not at Coast films take 5 days``: after the place comes whom the rule is about."""
        scopes = self.lexicon.ontology.scopes
        if scopes is None or self.tokens[chunk.body - 1].low not in ("at", "in", "for"):
            return None
        places = {scopes.path(level) for level in scopes.levels}
        facts = sorted(self._inside([chunk]), key=lambda m: m.start)
        first = next((m for m in facts if m.ref.path not in places), None)
        ahead = bool(facts) and facts[0].ref.path in places
        return first.start if first and ahead else None

    def _tells_of(self, unless: Sequence[Chunk], chunk: Chunk) -> bool:
        """``…, except in Lindau, where it is the partner``: the clause says what holds there."""
        follows = len(unless) == 1 and chunk.start == unless[0].end
        opens = self.tokens[chunk.start].low in ("where", "when", "who", "which")
        return follows and opens and self._condition_in(unless[0]) and self._outcome_in(chunk)

    def _told_exception(self, part: Part, chunk: Chunk) -> Part:
        """The exception of a part as a part of its own, with the outcome that the chunk says."""
        case = part.unless.pop()
        self._mark(range(case.start, case.body), "sign: exception")
        own = Chunk("near", case.body, case.body, case.end)
        return Part(pre=[own], main=[replace(chunk, kind="main")], exception=True)

    def _but_alone(self, chunk: Chunk) -> bool:
        """``…, but for others the fee is 5``: what follows is a rule of its own."""
        return (
            chunk.kind == "main"
            and chunk.end - chunk.start == 1
            and (self.tokens[chunk.start].low == "but")
        )

    def _of_people(self, chunk: Chunk) -> bool:
        lows = {t.low for t in self.tokens[chunk.start : chunk.end]}
        return bool(lows & {"everyone", "everybody", "anyone", "anybody"})

    def _sweeps(self, chunk: Chunk) -> bool:
        """Whether it leaves nothing out; ``results of A on B …, on everyone else …`` may keep A."""
        if chunk.start and self.tokens[chunk.start - 1].low in PREPOSITIONS:
            return False
        lows = {t.low for t in self.tokens[chunk.start : chunk.end]}
        return not lows & {"otherwise", "else", "elsewhere"} or bool(
            lows & (EVERYONE | {"anyone", "anything"})
        )

    def _divide(self, part: Part) -> None:
        """``DVDs go out for 7 days if they are rare, otherwise …``: without a main part, too, the
        if-clause says when and what comes before it whom it is about.
        """
        cut = next((n for n, c in enumerate(part.pre) if c.kind in ("if", "only")), 0)
        if not part.main and not part.post and any(map(self._condition_in, part.pre[:cut])):
            part.pre, part.post = part.pre[:cut], part.pre[cut:]

    def _has_not(self, chunk: Chunk) -> bool:
        """``if they don't``: a denial with its own subject, unlike ``if not``."""
        inside = self.tokens[chunk.start : chunk.end]
        return len(inside) > 2 and inside[-1].low in ("not", "n't", "missing", "absent")

    def _waits(self, part: Part, count: int) -> bool:
        """``…, 48 hours for everybody else``: the outcome came first."""
        bare = not ((part.pre and not part.shares) or part.post or part.unless)
        return count > 1 and bare and bool(part.main) and not part.otherwise

    def _local(self, chunk: Chunk) -> bool:
        """``any region except …``, ``anything other than …``: the exception belongs to the word
        before. Only words that deny what follows stand so; `unless` and `apart from` never do.
        """
        opener = [t.low for t in self.tokens[chunk.start : chunk.body]]
        denies = any(negates(opener, n) for n in range(len(opener)))
        if not denies or opener[-1] in CLAUSE_WORDS:
            return False
        before = [self.tokens[i].low for i in range(max(0, chunk.start - 3), chunk.start)]
        if before and before[-1] in (
            "anything",
            "anyone",
            "anybody",
            "everything",
            "everyone",
            "somewhere",
            "something",
        ):
            return self.message.mentions != () and before[-1].endswith("thing")
        return bool({"any", "every"} & set(before[-3:-1]))

    def _told_after(self, chunk: Chunk, before: Sequence[Chunk]) -> int | None:
        """Where the outcome begins after an exception without a verb the drafter knows: ``claims
        other than theft go to the office``; ``None`` where no condition comes before it, or the
        outcome was said before the exception.
        """
        if any(not m.ref.in_condition and m.ref.kind != "topic" for m in self._inside(before)):
            return None
        said = self._inside([chunk])
        told = min((m.start for m in said if not m.ref.in_condition), default=chunk.end)
        ends = [m.end for m in said if m.ref.in_condition and m.end <= told]
        ends += [q.end for q in self._quants([chunk]) if q.end <= told]
        return max(ends, default=None) if told < chunk.end else None

    def _add_main(self, parts: list[Part], chunk: Chunk) -> None:
        part = parts[-1]
        which = self.tokens[chunk.body - 1].low in ("case", "cases") and chunk.body > chunk.start
        told = which or (not part.main and any(self._complete_in(c) for c in part.pre))
        if part.unless and told and self._outcome_in(chunk):
            parts.append(Part(main=[chunk]))
            return
        but = self.tokens[chunk.start].low == "but"
        anew = (
            bool(part.main)
            and (bool(part.post or part.unless) or but)
            and (self._outcome_in(chunk) or self._amount_alone(chunk) or self._refuses(chunk))
        )
        same = self._decided_in([chunk]) <= self._decided_in(part.main)
        joined = self.tokens[chunk.start - 1].low in (",", ";", "and") or but
        joined = joined or self.tokens[chunk.start].low == "and"
        if same and not joined and not self._amount_alone(chunk):
            anew = anew and not self._yes_or_no([*part.main, chunk])
        told = [*part.main, *(c for c in part.pre if c.kind == "subject")]
        if anew and any(self._complete_in(c) or self._refuses(c) for c in told):
            opening = [c for c in part.pre if not (self._chosen_in(c) or self._names_yes_or_no(c))]
            parts.append(Part(pre=opening, main=[chunk], shares=True))
        else:
            part.main.append(chunk)

    def _refuses(self, chunk: Chunk) -> bool:
        """A verb stands in it that says by itself that something is refused."""
        return any(chunk.start <= i < chunk.end for i in self.message.refusals)

    def _names_yes_or_no(self, chunk: Chunk) -> bool:
        """``The check isn't required if A and …``: the stretch names what is decided there."""
        return chunk.kind == "subject" and self._complete_in(chunk)

    def _chosen_in(self, chunk: Chunk) -> bool:
        """``A red tube is needed for …``: the stretch says a value of what is decided."""
        return any(m.ref.kind in ("choice", "code") for m in self._inside([chunk]))

    def _decided_in(self, chunks: Sequence[Chunk]) -> frozenset[str]:
        return frozenset(m.ref.path for m in self._inside(chunks) if not m.ref.in_condition)

    def _yes_or_no(self, chunks: Sequence[Chunk]) -> bool:
        """``Loans of newspapers are not allowed``: the decision's name and its verb stand apart."""
        decisions = self.lexicon.ontology.decisions
        paths = self._decided_in(chunks)
        return bool(paths) and all(p in decisions and decisions[p].type == "boolean" for p in paths)

    def _beside(self, part: Part) -> frozenset[int]:
        """``for all other X``, ``every other X``: what the rule before does not cover."""
        out: set[int] = set()
        for c in part.chunks():
            for i in range(c.start, c.end - 1):
                if (
                    self.tokens[i].low in ("all", "every", "any", "the")
                    and self.tokens[i + 1].low == "other"
                ):
                    out |= {i, i + 1}
            opens = c is part.pre[0] if part.pre else False
            if self.tokens[c.start].low == "other" and (part.shares or opens):
                out.add(c.start)
        return frozenset(out)

    def _none_of_those(self, part: Part) -> frozenset[int]:
        """``without any of those``, ``none of these``: what the cases before do not cover."""
        for c in part.chunks():
            for i in range(c.start, c.end):
                if self.tokens[i].low not in ("without", "none", "no"):
                    continue
                k = i + 1
                while k < c.end and self.tokens[k].low in ("any", "of", "all"):
                    k += 1
                bare = k + 1 >= len(self.tokens) or not any(
                    k + 1 in m.tokens for m in self.message.mentions if m.ref.in_condition
                )
                if k < c.end and self.tokens[k].low in ("those", "these", "them") and bare:
                    return frozenset(range(i, k + 1))
        return frozenset()

    def _stretches(self, part: Part) -> list[list[Chunk]]:
        """What is read as one condition each; ``… to guests with a card`` goes on after the main
        part.
        """
        mains = [[c] for c in part.main]
        said = (i for c in part.main for i in range(c.start, c.end))
        denied = any(self.tokens[i].low in DENYING for i in said)
        posts = self._split_clauses(part.post, denied)
        if (
            mains
            and posts
            and posts[0][0].start == mains[-1][-1].end
            and self._condition_in(mains[-1][-1])
        ):
            first = self.tokens[posts[0][0].start].low
            if first in _GOING_ON and not (denied and first == "without"):
                mains[-1] = [*mains[-1], *posts[0]]
                posts = posts[1:]
        if any(c.kind == "main" for c in part.pre):
            led = [c for c in part.pre if c.kind != "main"]
            return [led, *([c] for c in part.pre if c.kind == "main"), *mains, *posts]
        return [part.pre, *mains, *posts]

    def _split_clauses(self, chunks: Sequence[Chunk], denied: bool) -> list[list[Chunk]]:
        """An if-clause after other conditions is a condition of its own, unless `and` or `or`
        joins it. After a denial, so is what begins with `without`: ``not in A or B without C``.
        """
        groups: list[list[Chunk]] = []
        for c in chunks:
            joint = self.tokens[c.start - 1].low if c.start else ""
            apart = bool(groups) and c.start != groups[-1][-1].end
            apart = apart or (denied and self.tokens[c.start].low == "without")
            if (
                groups
                and not apart
                and not (c.kind in ("if", "only") and joint not in ("and", "or", "nor"))
            ):
                groups[-1].append(c)
            else:
                groups.append([c])
        return groups
