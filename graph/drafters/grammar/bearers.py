"""Whose age or amount it is: ``customers whose policy is five years old`` speaks of the policy,
``claims over 500 euros`` of the claim.
"""

from __future__ import annotations

from collections.abc import Sequence

from data.ontology import Attribute
from graph.drafters.base import Question
from graph.drafters.grammar.amounts import unit_of
from graph.drafters.grammar.atoms import Unclear, is_age
from graph.drafters.grammar.english import (
    AUXILIARIES,
    MONTH_COUNT,
    PERSONS,
    PREPOSITIONS,
    SECONDS,
)
from graph.drafters.grammar.lexicon import NEGATED, Lexicon, Ref
from graph.drafters.grammar.measures import fits, scale
from graph.drafters.grammar.mentions import Mention
from graph.drafters.grammar.quantities import Quant
from graph.drafters.grammar.words import Token, root, tokenise

_BE = frozenset(["is", "are", "was", "were", "be", "been", "being", "has", "have", "had"])
_PASSED = (
    _BE | NEGATED | {"that", "which", "running", "old", "older", "younger", "aged"}
    | {"already", "now", "still", "currently", "also", "just"}
)  # fmt: skip
"""Words between a thing and its age."""
_WHOSE = frozenset(["whose", "'s", "his", "her", "their", "its"])
_PEOPLE = PERSONS - {"item", "thing", "object", "request", "case"}
_NO_NOUN = (
    PREPOSITIONS | AUXILIARIES
    | {"who", "and", "or", "but", "if", "when", "age", "he", "she", "they", "it", "you", "one"}
)  # fmt: skip


def by_bearer(
    mentions: Sequence[Mention], quants: Sequence[Quant], tokens: Sequence[Token],
    lexicon: Lexicon, chosen: Sequence[str] = (),
) -> list[Mention]:  # fmt: skip
    """The mentions, each age that the words say of a thing turned to the fact of that thing.

    Raises :class:`Unclear` where the thing has no such fact: it is nobody's age.
    """
    out = list(mentions)
    for q in quants:
        if (not q.unit or q.unit in MONTH_COUNT) and q.kind == "number" and not q.of_age:
            out = _turned(out, q, tokens, lexicon, chosen)
    return out


def _turned(
    mentions: list[Mention], quant: Quant, tokens: Sequence[Token], lexicon: Lexicon,
    chosen: Sequence[str],
) -> list[Mention]:  # fmt: skip
    ages = [m for m in mentions if _beside(m, quant, tokens, lexicon)]
    at = _noun(tokens, min([quant.start, *(m.start for m in ages)]))
    others = [m for m in mentions if m not in ages]
    if at is None or any(_measured(m, lexicon) and at in m.tokens for m in others):
        return mentions
    facts = lexicon.ontology.facts
    own = [a for a in _time_facts(quant, lexicon) if _named(a, tokens[at])]
    known = [a for a in facts if is_age(a, lexicon)]
    if not known or not (ages or quant.unit) or {a.path for a in own} == {m.ref.path for m in ages}:
        return mentions
    if len(own) != 1:
        if not own and (
            _lives(tokens[at], known) or not _foreign(tokens, at, quant, others, known, lexicon)
        ):
            return mentions
        own = _asked(tokens[at], quant, own, lexicon, chosen)
    elif not ages and _lives(tokens[at], known):
        return mentions
    words = frozenset([at, *(i for m in ages for i in m.tokens - quant.tokens)])
    ref = Ref("attribute", own[0].path)
    made = Mention(words, min(words), max(words) + 1, ref, 1.0, exact=True, label=True)
    kept = [m for m in others if at not in m.tokens]
    return sorted([*kept, made], key=lambda m: m.start)


def _beside(m: Mention, quant: Quant, tokens: Sequence[Token], lexicon: Lexicon) -> bool:
    """An age said by `old` or `aged` at the amount itself."""
    attribute = lexicon.ontology.attributes.get(m.ref.path)
    near = m.start <= max(quant.tokens) + 1 and quant.start <= m.end
    alone = all(tokens[i].root == root("age") for i in m.tokens - quant.tokens)
    aged = bool(attribute and is_age(attribute, lexicon))
    return m.ref.kind == "attribute" and aged and near and alone


def _noun(tokens: Sequence[Token], at: int) -> int | None:
    """The noun right before the amount, past a verb: what is so old."""
    at -= 1
    while at > 0 and tokens[at].low in _PASSED:
        at -= 1
    found = tokens[at] if at >= 0 else None
    if found is None or not found.is_word or found.low in _NO_NOUN or unit_of(found):
        return None
    return at


def _time_facts(quant: Quant, lexicon: Lexicon) -> list[Attribute]:
    facts = lexicon.ontology.facts
    return [a for a in facts if a.unit in MONTH_COUNT and fits(quant, a)]


def _measured(m: Mention, lexicon: Lexicon) -> bool:
    """The words name a time fact themselves: ``policy age``."""
    attribute = lexicon.ontology.attributes.get(m.ref.path)
    return m.ref.kind == "attribute" and bool(attribute and attribute.unit in MONTH_COUNT)


def _named(a: Attribute, noun: Token) -> bool:
    """Its names hold the noun together with a word for how long there has been one."""
    texts = [{t.root for t in tokenise(text)} for text in (a.label, *a.synonyms)]
    return any(noun.root in words and words & {root("age"), root("since")} for words in texts)


def _lives(noun: Token, known: Sequence[Attribute]) -> bool:
    """The noun is a word for who has such an age."""
    entities = {a.entity for a in known}
    return noun.stem in _PEOPLE or noun.low in _PEOPLE or noun.low.removesuffix("s") in entities


def _foreign(
    tokens: Sequence[Token], at: int, quant: Quant, mentions: Sequence[Mention],
    known: Sequence[Attribute], lexicon: Lexicon,
) -> bool:  # fmt: skip
    """The noun is surely not who has such an age: owned, counted, or a thing of another entity."""
    if _WHOSE & {t.low for t in tokens[max(0, at - 2) : at]}:
        return True
    others = lexicon.entity_words - {a.entity for a in known}
    if tokens[at].low.removesuffix("s") in others or tokens[at].stem in PERSONS - _PEOPLE:
        return True
    facts = lexicon.ontology.attributes
    about = [facts[m.ref.path] for m in mentions if at in m.tokens and m.ref.path in facts]
    verb = bool(_BE & {t.low for t in tokens[at + 1 : quant.start]})
    entities = {a.entity for a in known}
    return any(
        a.type == "integer"
        or (a.type == "boolean" and verb)
        or (a.type == "enum" and a.entity not in entities)
        for a in about
    )


def _asked(
    noun: Token, quant: Quant, own: Sequence[Attribute], lexicon: Lexicon, chosen: Sequence[str]
) -> list[Attribute]:
    """The fact the author chose; asks for it."""
    offered = own or _time_facts(quant, lexicon)
    said = [a for a in offered if a.label in chosen]
    if said:
        return said[:1]
    text = f"How old `{noun.text}` is I know no fact for. Which do you mean?"
    if own:
        text = f"Which time of `{noun.text}` do you mean?"
    raise Unclear(Question(text, tuple(a.label for a in offered), about="value"))


_SUMS = frozenset(
    map(root, ("amount", "value", "sum", "total", "price", "cost", "worth", "size", "weight"))
)
_LINKING = PREPOSITIONS | _BE | {"worth", "valued", "costing"}


def of_thing(
    quant: Quant, tokens: Sequence[Token], lexicon: Lexicon, chosen: Sequence[str] = ()
) -> Attribute | None:
    """``claims over 500 euros``: the amount of the thing named right before; ``None`` for other
    amounts. Raises :class:`Unclear` where several facts are told in that unit and none is meant.
    """
    timed = quant.unit is None or quant.unit in MONTH_COUNT or quant.unit in SECONDS
    if timed or quant.op == "eq" or quant.kind != "number":
        return None
    facts = (a for a in lexicon.ontology.facts if a.unit and a.type in ("integer", "decimal"))
    fitting = [a for a in facts if fits(quant, a) and scale(quant, a) == 1]
    if len(fitting) < 2:
        return None
    noun = _thing(tokens, quant.start)
    own = [a for a in fitting if a.label in chosen] or [a for a in fitting if _sum_of(a, noun)]
    if len(own) == 1:
        return own[0]
    words = " ".join(tokens[i].text for i in sorted(quant.tokens))
    labels = tuple(a.label for a in fitting)
    raise Unclear(Question(f"Which amount is meant by `{words}`?", labels[:6], about="value"))


def _thing(tokens: Sequence[Token], at: int) -> Token | None:
    at -= 1
    while at > 0 and tokens[at].low in _LINKING:
        at -= 1
    return tokens[at] if at >= 0 else None


def _sum_of(a: Attribute, noun: Token | None) -> bool:
    """``claim amount`` says how much a `claim` is about."""
    named = {t.root for t in tokenise(a.label)}
    return bool(noun and named & _SUMS and (noun.root in named or noun.root == root(a.entity)))
