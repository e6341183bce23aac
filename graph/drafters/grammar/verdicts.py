"""``the pacemaker is no``, ``deposit required: yes``: a yes or a no said after a name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from data.ontology import Ontology
from graph.drafters.grammar.english import DETERMINERS
from graph.drafters.grammar.mentions import Mention
from graph.drafters.grammar.words import Token, root, stem

_YES = frozenset(["yes", "true", "present"])
_NO = frozenset(["no", "false", "absent"])
_LINK = frozenset([":", "="])
_AFTER = frozenset(
    ["and", "or", "but", "then", "if", "when", "whenever", "unless", "except", "otherwise", "while",
     "where", "provided", "as", "in", "for", "at", "on", "so", "too", "instead", "since", "because",
     "whereas", "once", "only", "plus", "nor", "the", "a", "an"]
)  # fmt: skip
"""Words before which a yes or a no ends what is said of a name."""
_SAID = 0.3
"""What the verdict adds to the weight of the name it is said of."""


def with_verdicts(
    tokens: Sequence[Token], mentions: Sequence[Mention], ontology: Ontology
) -> tuple[tuple[Token, ...], tuple[Mention, ...]]:
    """The verdict becomes part of the name's mention, and its word is no negation any more."""
    elsewhere = {i for m in mentions if m.ref.kind in ("value", "choice") for i in m.tokens}
    told = list(tokens)
    out: list[Mention] = []
    for m in mentions:
        found = _verdict(tokens, m.end, elsewhere) if _yes_or_no(m, ontology) else None
        if found is None:
            out.append(m)
            continue
        end, holds = found
        out.append(
            replace(
                m,
                tokens=m.tokens | frozenset(range(m.end, end)),
                end=end,
                weight=m.weight + _SAID,
                denied=not holds,
                exact=True,
            )
        )
        for i in range(m.end, end):
            if told[i].is_word and told[i].stem != "be":
                told[i] = replace(told[i], low="yes", stem=stem("yes"), root=root("yes"))
    return tuple(told), tuple(_longest(_shared(out, tokens)))


def _shared(mentions: Sequence[Mention], tokens: Sequence[Token]) -> list[Mention]:
    """``A and B are absent``: a no after a list is said of each of the list."""
    denied = {m.start for m in mentions if m.denied}
    out: list[Mention] = []
    for m in sorted(mentions, key=lambda m: -m.start):
        rest = [t.low for t in tokens[m.end : min((n for n in denied if n >= m.end), default=0)]]
        listed = bool(rest) and {"and", "or"} & set(rest) and set(rest) <= _LISTING
        at = m.start - 1
        while at >= 0 and tokens[at].low in DETERMINERS:
            at -= 1
        bare = at < 0 or tokens[at].low in _BEFORE
        if m.denied is None and m.ref.kind == "attribute" and listed and bare:
            out.append(replace(m, denied=True))
            denied.add(m.start)
        else:
            out.append(m)
    return out


_BEFORE = frozenset(["if", "when", "whenever", "where", "unless", "case", "that", "and", "or", ",",
                     "either", "both"])  # fmt: skip
"""Words right before a list of names, not a verb of their own."""
_LISTING = DETERMINERS | {"and", "or", ",", "either", "both"}


def _yes_or_no(m: Mention, ontology: Ontology) -> bool:
    if m.ref.kind == "attribute":
        return ontology.attributes[m.ref.path].type == "boolean"
    named = m.ref.kind in ("decision", "topic")
    return named and ontology.decisions[m.ref.path].type == "boolean"


def _verdict(tokens: Sequence[Token], at: int, elsewhere: Iterable[int]) -> tuple[int, bool] | None:
    """Where the verdict that begins at ``at`` ends, and whether it says yes."""
    words = tokens[at : at + 3]
    if not words or not (words[0].stem == "be" or words[0].low in _LINK):
        return None
    turned = len(words) == 3 and words[1].low in ("not", "n't")
    last = at + 1 + turned
    if last >= len(tokens) or last in elsewhere or tokens[last].low not in _YES | _NO:
        return None
    after = tokens[last + 1] if last + 1 < len(tokens) else None
    if after is not None and after.is_word and after.low not in _AFTER:
        return None
    says_no = tokens[last].low in _NO
    return None if turned and says_no else (last + 1, not (turned or says_no))


def _longest(mentions: Sequence[Mention]) -> Iterable[Mention]:
    """A name with its verdict, and not the same name in other words that end elsewhere."""
    said = [m for m in mentions if m.denied is not None]
    for m in mentions:
        if m.denied is not None or not any(m.ref == s.ref and m.tokens < s.tokens for s in said):
            yield m
