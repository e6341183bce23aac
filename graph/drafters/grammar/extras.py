"""Outcomes that are not names of the ontology: quoted and free text, hand-overs, reasons,
modifiers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from data.ontology import CodeSets, Decision, Ontology
from data.rulelang.ast import Concept, Contribute, Decide, Include, LeaveToStaff, Modify, Outcome
from graph.drafters.base import Question
from graph.drafters.grammar.atoms import Unclear
from graph.drafters.grammar.english import DETERMINERS, PREPOSITIONS, PRONOUNS
from graph.drafters.grammar.given import option
from graph.drafters.grammar.mentions import Mention
from graph.drafters.grammar.outcomes import Said
from graph.drafters.grammar.quantities import Quant
from graph.drafters.grammar.words import Token, stem

TELL = frozenset(stem(w) for w in ["tell", "remind", "instruct", "inform", "ask", "advise", "warn"])
_ADD = frozenset(
    stem(w)
    for w in [
        "add",
        "append",
        "attach",
        "put",
        "get",
        "carry",
        "receive",
        "have",
        "need",
        "use",
        "take",
        "include",
        "with",
        "plus",
    ]
)
_DROP = frozenset(stem(w) for w in ["drop", "remove", "omit", "delete", "lose", "skip"])
_MORE = frozenset(["add", "extra", "more", "additional", "longer", "plus"])
_FOLK = frozenset(["people", "women", "men", "children"])
_CHANGE = frozenset(["change", "override", "overrule", "alter"])
_TURNS = frozenset(["to", "that", "not", "if", "when", "unless", "who", "about"])
MANDATORY = (
    ("by", "law"),
    ("no", "exceptions"),
    ("without", "exception"),
    ("without", "exceptions"),
)


@dataclass(frozen=True, slots=True)
class Quoted:
    """A text of the author's own: in quotes, or what somebody is to be told."""

    start: int
    end: int
    text: str
    marked: bool = False
    """It stands in quotes."""


def quotes(tokens: Sequence[Token], text: str, ontology: Ontology) -> tuple[Quoted, ...]:
    """Texts of the message; none where no decision holds text."""
    if not texts_of(ontology):
        return ()
    marked = tuple(_marked(tokens, text))
    return marked or tuple(_told(tokens, text))


def texts_of(ontology: Ontology) -> tuple[Decision, ...]:
    """The decisions whose values are texts."""
    return tuple(d for d in ontology.decisions.values() if d.type == "text")


_MARKS = ('"', "“", "”")


def _marked(tokens: Sequence[Token], text: str) -> Iterator[Quoted]:
    opened: int | None = None
    for i, token in enumerate(tokens):
        if token.low not in _MARKS:
            continue
        if opened is None:
            opened = i
        else:
            inner = text[tokens[opened].end : token.start].strip()
            if inner:
                yield Quoted(opened, i + 1, inner, marked=True)
            opened = None


def _told(tokens: Sequence[Token], text: str) -> Iterator[Quoted]:
    """``tell them to bring the form``: the words after `to` or `that`, up to the next condition."""
    for i, token in enumerate(tokens):
        if token.stem not in TELL:
            continue
        k = i + 1
        while k < min(len(tokens), i + 6) and tokens[k].is_word and tokens[k].low not in _TURNS:
            k += 1
        if k >= len(tokens) or tokens[k].low not in ("to", "that", "not"):
            continue
        begin = k + 1 if tokens[k].low != "not" else k
        end = next(
            (
                j
                for j in range(begin, len(tokens))
                if tokens[j].low in ("if", "when", "unless", "otherwise", ".", ";", "?", "\n")
                or _others_told(tokens, j)
            ),
            len(tokens),
        )
        if tokens[end - 1].low == ",":
            end -= 1
        if end - begin >= 1:
            said = text[tokens[begin].start : tokens[end - 1].end]
            said = re.sub(r"^not to ", "Do not ", said)
            yield Quoted(k, end, said[:1].upper() + said[1:] + ".")
        return


_WHEN = frozenset(["before", "after", "for", "at", "in", "on", "during", "with", "ahead", "prior"])


def told_when(said: Sequence[Quoted], mentions: Sequence[Mention], tokens: Sequence[Token]) -> str:
    """``tell them to drink water before a scan of the neck``: the end of what is told, where it
    may say when they are told. In quotes it never does.
    """
    for q in said:
        for m in mentions:
            at = m.start - 1
            while at > q.start and tokens[at].low in DETERMINERS:
                at -= 1
            ends = m.end == q.end and q.start < at and tokens[at].low in _WHEN
            if ends and m.ref.kind == "value" and tokens[q.start].low not in _MARKS:
                return " ".join(t.text for t in tokens[at : m.end])
    return ""


def _others_told(tokens: Sequence[Token], j: int) -> bool:
    """``tell A that X, and those with B that Y``: what follows is told to others.

    Raises :class:`Unclear` where the others are named: ``tell A to X and guests to Y``.
    """
    lows = [t.low for t in tokens[j : j + 6]]
    if lows[:1] == [","] and lows[1:2] in (["others"], ["everyone"], ["everybody"]):
        return True
    if len(lows) < 2 or lows[0] not in ("and", "but"):
        return False
    to = lows.index("to") if "to" in lows else 0
    plural = to > 1 and (lows[to - 1].endswith("s") or lows[to - 1] in _FOLK)
    verb = to + 1 < len(lows) and lows[to + 1] not in DETERMINERS | PREPOSITIONS | PRONOUNS
    if plural and verb and not {",", "or"} & set(lows[:to]):
        text = "Who is told what? Say each in a sentence of its own."
        raise Unclear(Question(text, about="reading"))
    return lows[1] in ("those", "others", "not")


def _concept(quoted: Quoted, tokens: Sequence[Token], code_sets: CodeSets) -> str | None:
    """``the code for "screening mammogram"``: what a code stands for, in every code set."""
    before = tuple(t.low for t in tokens[max(0, quoted.start - 2) : quoted.start])
    if before != ("code", "for"):
        return None
    concepts = {c.concept for s in code_sets.values() for c in s.codes.values() if c.concept}
    return next((c for c in concepts if c.casefold() == quoted.text.casefold()), None)


def text_said(
    quoted: Quoted,
    named: Sequence[Mention],
    tokens: Sequence[Token],
    ontology: Ontology,
    code_sets: CodeSets,
) -> Said:
    """The text as a decision's value."""
    concept = _concept(quoted, tokens, code_sets)
    coded = [d for d in ontology.decisions.values() if d.type == "code"]
    if concept and len(coded) == 1:
        return Said(
            Decide(coded[0].name, Concept(concept)),
            frozenset(range(quoted.start - 2, quoted.end)),
            frozenset([coded[0].name]),
        )
    decisions = [d for d in texts_of(ontology) if any(n.ref.path == d.name for n in named)] or list(
        texts_of(ontology)
    )
    if len(decisions) != 1:
        labels = tuple(d.label for d in decisions)
        text = f"Is `{quoted.text}` meant as {' or '.join(labels)}?"
        asked = Question(text, labels, about="reading")
        decisions = [d for d in decisions if d.label == option(asked)]
    decision = decisions[0]
    outcome: Outcome = (
        Include(decision.name, quoted.text)
        if decision.hit == "collect"
        else Decide(decision.name, quoted.text)
    )
    label = frozenset(i for n in named if n.ref.path == decision.name for i in n.tokens)
    return Said(
        outcome, frozenset(range(quoted.start, quoted.end)) | label, frozenset([decision.name])
    )


_HANDING = frozenset(["leav", "go", "hand", "refer", "rout", "send"])
_STAFF = frozenset(["staff", "human", "person"])


def staff_words(tokens: Sequence[Token], start: int, end: int) -> frozenset[int]:
    """Words that hand a decision over: ``leave it to staff``, ``left to the staff``, ``staff
    decides``.
    """
    for i in range(start, end):
        if tokens[i].stem in _HANDING:
            near = (
                j
                for j in range(i + 1, min(i + 13, end))
                if tokens[j].low == "to" and any(t.low in _STAFF for t in tokens[j : j + 4])
            )
            to = max(near, default=None)
            if to is not None and not any(t.stem in _HANDING for t in tokens[i + 1 : to]):
                who = next(
                    (j for j in range(to + 1, min(to + 4, end)) if tokens[j].low in _STAFF), None
                )
                if who is not None:
                    return frozenset([i, *range(to, who + 1)])
        if tokens[i].low == "staff" and any(
            t.stem == "decid" for t in tokens[i + 1 : min(i + 4, end)]
        ):
            decides = next(j for j in range(i + 1, end) if tokens[j].stem == "decid")
            return frozenset(range(i, decides + 1))
    return frozenset()


def staff_said(words: frozenset[int], named: Sequence[Mention], ontology: Ontology) -> Said:
    """The hand-over of the decision named, or of the one that must be made."""
    paths = list(dict.fromkeys(n.ref.path for n in named))
    required = [d.name for d in ontology.decisions.values() if d.required]
    fitting = paths or (required if len(required) == 1 else [])
    if len(fitting) != 1:
        labels = {d.label: d.name for d in ontology.decisions.values() if d.hit == "single"}
        asked = Question("Which decision is left to staff?", tuple(labels)[:6], about="missing")
        fitting = [labels[option(asked)]]
    label = frozenset(i for n in named for i in n.tokens)
    return Said(LeaveToStaff(fitting[0]), words | label, frozenset(fitting))


def modifier_said(
    mentions: Sequence[Mention], zone: frozenset[int], tokens: Sequence[Token], ontology: Ontology
) -> list[Said]:
    """``get the WA modifier``, ``drop the BI``."""
    out: list[Said] = []
    stems = {tokens[i].stem for i in zone}
    negated = bool({tokens[i].low for i in zone} & {"no", "not", "n't", "without", "never"})
    for m in mentions:
        adds, drops = bool(stems & _ADD), bool(stems & _DROP) or negated
        if adds == drops and not negated and not drops:
            text = f"Should `{m.ref.value}` be added or dropped?"
            drops = option(Question(text, ("added", "dropped"), about="reading")) == "dropped"
        signs = frozenset(
            i
            for i in zone
            if tokens[i].stem in _ADD | _DROP or tokens[i].low in ("modifier", "no", "not", "n't")
        )
        decision = ontology.decisions[m.ref.path]
        out.append(
            Said(
                Modify(decision.name, m.ref.value, not drops),
                m.tokens | signs,
                frozenset([decision.name]),
            )
        )
    return out


def added_said(
    quants: Sequence[Quant], zone: frozenset[int], tokens: Sequence[Token], ontology: Ontology
) -> list[tuple[Said, Quant]]:
    """``add 15 minutes``: an amount for the only sum in that unit."""
    more = frozenset(i for i in zone if tokens[i].low in _MORE or tokens[i].stem == "add")
    if not more:
        return []
    sums = [d for d in ontology.decisions.values() if d.hit == "sum" and d.unit]
    out: list[tuple[Said, Quant]] = []
    for q in quants:
        fitting = [d for d in sums if d.unit == q.unit]
        amount = q.amounts[0]
        if (
            len(fitting) == 1
            and q.op == "eq"
            and q.kind == "number"
            and isinstance(amount, Decimal)
        ):
            number = int(amount) if amount == amount.to_integral_value() else amount
            said = Said(
                Contribute(fitting[0].name, number), q.tokens | more, frozenset([fitting[0].name])
            )
            out.append((said, q))
    return out


def mandatory_words(tokens: Sequence[Token], entities: frozenset[str]) -> frozenset[int]:
    """Words that put the rule above all others: ``by law``, ``no clinic may change that``."""
    for i in range(len(tokens)):
        low = tuple(t.low for t in tokens[i : i + 5])
        if (
            len(low) == 5
            and low[0] == "no"
            and low[1] in entities
            and low[2] in ("may", "can")
            and low[3] in _CHANGE
            and low[4] in ("this", "that", "it")
        ):
            begin = i - 1 if i and tokens[i - 1].low in ("and", ";") else i
            return frozenset(range(begin, i + 5))
        for words in MANDATORY:
            if tuple(t.low for t in tokens[i : i + len(words)]) == words:
                return frozenset(range(i, i + len(words)))
    return frozenset()
