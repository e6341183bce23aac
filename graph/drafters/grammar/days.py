"""Several days of the week in a few words: ``on weekdays``, ``Monday to Friday``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from data.ontology import Attribute, Ontology
from graph.drafters.grammar.atoms import Atom, days_atom
from graph.drafters.grammar.lexicon import Ref
from graph.drafters.grammar.mentions import Mention
from graph.drafters.grammar.words import Token

WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_GROUPS = {"weekdays": WEEK[:5], "weekday": WEEK[:5], "weekend": WEEK[5:], "weekends": WEEK[5:]}
_WHEN = frozenset(["on", "at", "in", "during", "the", "or", "and", "but", "only", "except", ","])
_TO = frozenset(["to", "-", "–", "through", "thru", "till", "until"])


def with_groups(
    mentions: Sequence[Mention], tokens: Sequence[Token], ontology: Ontology
) -> tuple[Mention, ...]:
    """The mentions, with ``weekdays`` and ``a weekend`` as days of the one fact that holds them."""
    week = [a for a in ontology.facts if set(_days(a)) == set(WEEK)]
    if len(week) != 1:
        return tuple(mentions)
    groups = list(_groups(tokens, week[0], mentions))
    taken = frozenset(i for m in groups for i in m.tokens)
    return (*(m for m in mentions if not m.tokens & taken), *groups)


def _days(attribute: Attribute) -> Mapping[str, str]:
    return {v.lower(): v for v in attribute.values}


def _groups(
    tokens: Sequence[Token], fact: Attribute, mentions: Sequence[Mention]
) -> Iterator[Mention]:
    for i, token in enumerate(tokens):
        if token.low not in _GROUPS or any(_other(m, i, fact) for m in mentions):
            continue
        before = tokens[i - 1].low if i else ""
        article = before in ("a", "any", "every", "each")
        if (token.low == "weekday" and not article) or not (article or before in _WHEN):
            continue
        said = "|".join(_days(fact)[d] for d in _GROUPS[token.low])
        at = frozenset([i])
        yield Mention(at, i, i + 1, Ref("value", fact.path, said), 1.0, True, False)


def _other(m: Mention, i: int, fact: Attribute) -> bool:
    """A name holds the word that is not the fact's own: a fact or value called `weekend`."""
    own = m.ref == Ref("attribute", fact.path)
    return i in m.tokens and m.exact and not own


def ranged(atoms: Sequence[Atom], tokens: Sequence[Token], ontology: Ontology) -> tuple[Atom, ...]:
    """The atoms, with ``Monday to Friday`` as all the days from the one to the other."""
    out: list[Atom] = []
    for atom in atoms:
        last = out[-1] if out else None
        span = _span(last, atom, tokens, ontology) if last else None
        out[-1:] = [span] if span else [*out[-1:], atom]
    return tuple(out)


def _span(a: Atom, b: Atom, tokens: Sequence[Token], ontology: Ontology) -> Atom | None:
    between = [t.low for t in tokens[a.end : b.start]]
    ranging = len(between) == 1 and between[0] in _TO
    opened = between == ["and"] and a.start > 0 and tokens[a.start - 1].low == "between"
    if a.path != b.path or not (ranging or opened) or {len(a.values), len(b.values)} != {1}:
        return None
    fact = ontology.attributes[a.path]
    one, two = (WEEK.index(v.lower()) if v.lower() in WEEK else -1 for v in (*a.values, *b.values))
    if one < 0 or two <= one or not set(WEEK[one : two + 1]) <= set(_days(fact)):
        return None
    values = [_days(fact)[d] for d in WEEK[one : two + 1]]
    start = a.start - 1 if opened else a.start
    return days_atom(fact, values, frozenset(range(start, b.end)))
