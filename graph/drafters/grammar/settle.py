"""The ways to settle phrases that stand for several terms."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from graph.drafters.grammar.english import IMPERATIVES
from graph.drafters.grammar.lexicon import Lexicon
from graph.drafters.grammar.mentions import Mention
from graph.drafters.grammar.message import Message
from graph.drafters.grammar.select import Choice
from graph.drafters.grammar.words import Token, stem

MOST_WAYS = 24


def assignments(
    message: Message, conditions_only: bool = False
) -> Iterator[dict[frozenset[int], tuple[Mention, ...]]]:
    """Every way to settle phrases that stand for several terms, few at most."""
    choices = [c for s in message.sentences for c in s.choices]
    ways: list[list[tuple[Mention, ...]]] = []
    for c in choices:
        conditions = [(m,) for m in c.options if m.ref.in_condition]
        outcomes = tuple(m for m in c.options if not m.ref.in_condition)
        zone = zone_of(message, c)
        if conditions_only:
            ways.append(conditions or [()])
            continue
        told = _object_of_order(message, c) or _given(message, c) or _subject_of_code(message, c)
        if conditions and outcomes and told:
            conditions = []
        elif (conditions and outcomes and zone in ("if", "unless", "only", "near")) or (
            conditions and outcomes and _decided_elsewhere(message, c, outcomes)
        ):
            outcomes = ()
        elif conditions and outcomes and zone == "main":
            conditions = []
        options = [
            *([outcomes] if outcomes and not c.options[0].ref.in_condition else []),
            *conditions,
        ]
        if outcomes and c.options[0].ref.in_condition:
            options.append(outcomes)
        ways.append(options)
    for n, picked in enumerate(itertools.product(*ways)):
        if n >= MOST_WAYS:
            return
        yield {c.tokens: p for c, p in zip(choices, picked, strict=True)}


def _decided_elsewhere(message: Message, choice: Choice, outcomes: Sequence[Mention]) -> bool:
    """Another phrase of the same sentence says the outcome, and none names this value's
    decision.
    """
    sentence = next(s for s in message.sentences if s.start <= choice.start < s.end)
    paths = {m.ref.path for m in outcomes}
    certain = [
        m
        for c in sentence.choices
        if c is not choice and not any(o.ref.in_condition for o in c.options)
        for m in c.options
        if not any(
            k.kind in ("if", "unless", "only") and k.start <= m.start < k.end
            for k in sentence.chunks
        )
    ]
    certain = [m for m in certain if not is_thing(m, message.tokens, message.lexicon)]
    return bool(certain) and not any(m.ref.path in paths for m in certain)


def is_thing(m: Mention, tokens: Sequence[Token], lexicon: Lexicon) -> bool:
    """Its words are a general noun of this ontology, such as `exam`."""
    return all(
        tokens[i].low.removesuffix("s") in lexicon.thing_words
        or tokens[i].low in lexicon.thing_words
        for i in m.tokens
    )


def zone_of(message: Message, choice: Choice) -> str:
    """The kind of stretch a phrase stands in."""
    sentence = next(s for s in message.sentences if s.start <= choice.start < s.end)
    return next((c.kind for c in sentence.chunks if c.start <= choice.start < c.end), "subject")


_GIVING = frozenset(
    stem(w) for w in ("recommend", "offer", "give", "get", "receive", "have", "suggest", "provide")
)


def _given(message: Message, choice: Choice) -> bool:
    """``should be offered X``: what somebody gets is decided, whatever else is decided too."""
    if zone_of(message, choice) != "main":
        return False
    at = choice.start - 1
    while at > 0 and message.tokens[at].low in ("a", "an", "the", "their", "her", "his"):
        at -= 1
    verb = message.tokens[at]
    named = any(at in m.tokens and not m.ref.in_condition for m in message.mentions)
    return verb.stem in _GIVING and not named


def _subject_of_code(message: Message, choice: Choice) -> bool:
    """``the order code is A12``, with nothing else said to happen: the code is what it decides."""
    sentence = next(s for s in message.sentences if s.start <= choice.start < s.end)
    at = next((n for n, c in enumerate(sentence.chunks) if c.start <= choice.start < c.end), 0)
    follows = sentence.chunks[at + 1 : at + 2]
    if sentence.chunks[at].kind != "subject" or not follows or follows[0].kind != "main":
        return False
    main = follows[0]
    told = [c for c in sentence.choices if main.start <= c.start < main.end]
    verb = message.tokens[main.body].stem in ("be", "should", "must", "shall", "will")
    coded = all(m.ref.kind == "code" for c in told for m in c.options)
    return verb and len(told) == 1 and coded and main.end - main.body <= 4


def _object_of_order(message: Message, choice: Choice) -> bool:
    """``do it with X``: X hangs on an order that says nothing else."""
    sentence = next(s for s in message.sentences if s.start <= choice.start < s.end)
    at = next((n for n, c in enumerate(sentence.chunks) if c.start <= choice.start < c.end), 0)
    if at == 0 or sentence.chunks[at].kind != "near" or sentence.chunks[at - 1].kind != "main":
        return False
    order = sentence.chunks[at - 1]
    words = [t.low for t in message.tokens[order.body : order.end] if t.is_word]
    return (
        0 < len(words) <= 3
        and words[-1] in ("it", "this", "that", "them", "these")
        and words[0] in IMPERATIVES
    )
