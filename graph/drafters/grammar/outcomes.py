"""What a part of a message says shall happen."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from decimal import Decimal

from data.ontology import Decision, Ontology, Value
from data.rulelang.ast import (
    Contribute,
    Decide,
    Include,
    LeaveToStaff,
    Modify,
    Narrow,
    Outcome,
    Prefer,
)
from graph.drafters.base import Question
from graph.drafters.grammar.atoms import Unclear, none_value
from graph.drafters.grammar.english import (
    DETERMINERS,
    MONTH_COUNT,
    PREDICATE_WORDS,
    REFUSALS,
    REPEATS,
    SECONDS,
    STRONG,
    WEAK,
)
from graph.drafters.grammar.given import certain, option
from graph.drafters.grammar.lexicon import DENYING, NEGATED, Lexicon
from graph.drafters.grammar.measures import fits, scale, typed
from graph.drafters.grammar.mentions import Mention
from graph.drafters.grammar.quantities import Quant
from graph.drafters.grammar.words import Token, root, stem, tokenise

_REFUSE = frozenset(stem(w) for w in REFUSALS)
_WEAK = frozenset(stem(w) for w in WEAK)
_ALLOW = frozenset(stem(w) for w in ("allow", "permit", "permitted", "allowed", "possible"))
_STRONG = frozenset(stem(w) for w in STRONG if w not in ("have", "get"))
_NEED = frozenset(["need", "requir"])
_PERHAPS = frozenset(stem(w) for w in ("may", "might", "could", "perhaps", "possibly"))
_MUST = frozenset(["must", "should", "shall", "need", "requir", "have"])


@dataclass(frozen=True, slots=True)
class Said:
    """An outcome and the words it stands on."""

    outcome: Outcome
    tokens: frozenset[int]
    ref_paths: frozenset[str]


@dataclass(frozen=True, slots=True)
class Zone:
    """The words among which an outcome was found: its negations and modals."""

    tokens: frozenset[int]


def outcomes_of(
    mentions: Sequence[Mention], quants: Sequence[Quant], zone: frozenset[int],
    tokens: Sequence[Token], lexicon: Lexicon,
) -> tuple[tuple[Said, ...], frozenset[Quant], tuple[Mention, ...]]:  # fmt: skip
    """Outcomes, the amounts they use, and mentions of decisions that got no value."""
    ontology = lexicon.ontology
    named = [m for m in mentions if m.ref.kind in ("decision", "topic")]
    choices = [m for m in mentions if m.ref.kind == "choice"]
    codes = [m for m in mentions if m.ref.kind == "code"]
    said: list[Said] = []
    used: set[Quant] = set()
    idle: list[Mention] = []
    choices, named = _one_meaning(choices, named, zone, tokens)
    groups, besides = _without_contrast(_by_value(choices), zone, tokens, ontology)
    for group in groups:
        chosen = _chosen(group, named, zone, tokens, ontology)
        denied = frozenset[int]().union(*(b for p, b in besides if p in chosen.ref_paths))
        said.append(replace(chosen, tokens=chosen.tokens | denied))
    for m in codes:
        said.append(_coded(m, named, ontology, lexicon, zone, tokens))
    _refuse_tangle([m for m in named if ontology.decisions[m.ref.path].type == "boolean"], tokens)
    _refuse_either(named, zone, tokens)
    taken = {s.outcome.decision for s in said}
    for m in named:
        decision = ontology.decisions[m.ref.path]
        if decision.name in taken:
            said = [_with_name(s, m) for s in said]
        elif decision.type == "boolean":
            names = frozenset(i for n in mentions if n is not m for i in n.tokens)
            said.append(_boolean(m, named, zone, names, tokens, ontology))
            taken.add(decision.name)
        else:
            found = _valued(m, decision, quants, used, zone, tokens)
            if found is None:
                idle.append(m)
            else:
                _refuse_perhaps(decision.label, {tokens[i].stem for i in zone})
                said.append(found[0])
                used |= found[1]
                taken.add(decision.name)
    for quant in quants:
        if quant not in used and quant.kind == "often":
            repeat = _repeats(ontology)
            if len(repeat) == 1 and repeat[0].name not in taken:
                said.append(amount_said(repeat[0], quant, quant.tokens))
                used.add(quant)
    return tuple(said), frozenset(used), tuple(idle)


def _one_meaning(
    choices: list[Mention], named: list[Mention], zone: frozenset[int], tokens: Sequence[Token]
) -> tuple[list[Mention], list[Mention]]:
    """One word says one thing: ``may ship`` speaks of being allowed, not of a ship."""
    modal = bool({tokens[i].low for i in zone} & {"may", "can", "must", "cannot"})
    both = [
        c for c in choices if any(n.tokens == c.tokens and n.ref.path != c.ref.path for n in named)
    ]
    if not both:
        return choices, named
    if modal:
        return [c for c in choices if c not in both], named
    words = " ".join(tokens[i].text for i in sorted(both[0].tokens))
    raise Unclear(Question(f"What does `{words}` stand for here?", about="reading"))


def _refuse_tangle(named: Sequence[Mention], tokens: Sequence[Token]) -> None:
    """Two yes-or-no decisions side by side without `and` or a comma: one of them is misread."""
    ordered = sorted(named, key=lambda m: m.start)
    for a, b in itertools.pairwise(ordered):
        between = {t.low for t in tokens[a.end : b.start]}
        if a.ref.path != b.ref.path and not between & {"and", "but", ",", ";", ".", "or"}:
            words = " ".join(t.text for t in tokens[a.start : b.end])
            raise Unclear(
                Question(
                    f"What should happen: which decision does `{words}` speak of?", about="reading"
                )
            )


def _refuse_either(named: Sequence[Mention], zone: frozenset[int], tokens: Sequence[Token]) -> None:
    """``a deposit or a card is required``: which of the two is open."""
    if any(tokens[i].low in NEGATED or tokens[i].stem in _REFUSE for i in zone):
        return
    for a, b in itertools.pairwise(sorted(named, key=lambda m: m.start)):
        if a.ref.path != b.ref.path and any(t.low == "or" for t in tokens[a.end : b.start]):
            raise Unclear(Question("Is that both, or one of the two? Which?", about="reading"))


def _by_value(choices: Sequence[Mention]) -> list[list[Mention]]:
    groups: dict[frozenset[int], list[Mention]] = {}
    for m in choices:
        groups.setdefault(m.tokens, []).append(m)
    return list(groups.values())


def _without_contrast(
    groups: list[list[Mention]], zone: frozenset[int], tokens: Sequence[Token], ontology: Ontology
) -> tuple[list[list[Mention]], list[tuple[str, frozenset[int]]]]:
    """``goes to A, not to B``: a value denied beside another one of a single value adds nothing.

    The groups that are left, and the decision and words of those that add nothing.
    """
    kept: list[list[Mention]] = []
    besides: list[tuple[str, frozenset[int]]] = []
    for group in groups:
        m = group[0]
        single = len(group) == 1 and ontology.decisions[m.ref.path].hit == "single"
        others = [g[0] for g in groups if g is not group and len(g) == 1]
        others = [o for o in others if o.ref.path == m.ref.path and not _negated(o, zone, tokens)]
        before = any(o.end <= m.start for o in others)
        denial = next((i for i in range(m.start - 1, -1, -1) if tokens[i].low in NEGATED), 0)
        if single and before and _negated(m, zone, tokens):
            besides.append((m.ref.path, m.tokens | {denial}))
        else:
            kept.append(group)
    return kept, besides


def _with_name(said: Said, m: Mention) -> Said:
    if said.outcome.decision != m.ref.path:
        return said
    return Said(said.outcome, said.tokens | m.tokens, said.ref_paths)


def _chosen(
    group: Sequence[Mention],
    named: Sequence[Mention],
    zone: frozenset[int],
    tokens: Sequence[Token],
    ontology: Ontology,
) -> Said:
    fitting = [m for m in group if any(n.ref.path == m.ref.path for n in named)] or list(group)
    if len({m.ref.path for m in fitting}) > 1:
        fitting = _by_strength(fitting, zone, tokens, ontology)
    paths = {m.ref.path for m in fitting}
    if len(paths) > 1:
        labels = {ontology.decisions[p].label: p for p in sorted(paths)}
        text = f"Is `{_text(group[0], tokens)}` meant as {_or(tuple(labels))}?"
        path = labels[option(Question(text, tuple(labels), about="reading"))]
        fitting = [m for m in fitting if m.ref.path == path]
    m = fitting[0]
    decision = ontology.decisions[m.ref.path]
    if _negated(m, zone, tokens):
        raise Unclear(
            Question(
                f"What should happen instead of `{m.ref.value}`?",
                tuple(decision.values),
                about="missing",
            )
        )
    stems = {tokens[i].stem for i in zone}
    _refuse_perhaps(m.ref.value, stems)
    if decision.hit == "single" and stems & {"can", "may", "could"} and not stems & _MUST:
        text = f"Is {decision.label} always `{m.ref.value}` then, or is that only possible?"
        certain(Question(text, ("always", "only possible"), about="reading"))
    return Said(_of_value(decision, m.ref.value), m.tokens, frozenset([decision.name]))


def _refuse_perhaps(said: str, stems: Set[str]) -> None:
    """``may need X``, ``might require X``: not said to be so."""
    if stems & _PERHAPS and stems & _NEED:
        text = f"Is `{said}` certain then, or only possible?"
        certain(Question(text, ("certain", "only possible"), about="reading"))


def _of_value(decision: Decision, value: str) -> Outcome:
    collects = decision.hit == "collect"
    return Include(decision.name, value) if collects else Decide(decision.name, value)


def _by_strength(
    group: Sequence[Mention], zone: frozenset[int], tokens: Sequence[Token], ontology: Ontology
) -> list[Mention]:
    """`may have X` speaks of a decision of options, `must have X` of the others."""
    said = {tokens[i].stem for i in zone}
    weak, strong = bool(said & _WEAK), bool(said & _STRONG)
    soft = {m.ref.path for m in group if _soft(ontology.decisions[m.ref.path])}
    if weak and not (said & _MUST):
        return [m for m in group if m.ref.path in soft] or list(group)
    if strong or not weak:
        return [m for m in group if m.ref.path not in soft] or list(group)
    return list(group)


def _soft(decision: Decision) -> bool:
    words = {t.stem for text in (decision.label, *decision.synonyms) for t in tokenise(text)}
    return bool(words & _WEAK) and not words & _STRONG


def gives_options(decision: Decision) -> bool:
    """Its values are what is open to choose: `permitted contrast`, `options to consider`."""
    words = {t.stem for text in (decision.label, *decision.synonyms) for t in tokenise(text)}
    offered = words & (_WEAK | _ALLOW) and not words & _STRONG
    return decision.hit == "collect" and bool(offered)


def _coded(
    m: Mention,
    named: Sequence[Mention],
    ontology: Ontology,
    lexicon: Lexicon,
    zone: frozenset[int],
    tokens: Sequence[Token],
) -> Said:
    coded = [d for d in ontology.decisions.values() if d.type == "code"]
    fitting = [d for d in coded if any(n.ref.path == d.name for n in named)] or coded
    if len(fitting) > 1:
        fitting = _by_prefix(m.ref.value, fitting, coded, lexicon)
    if len(fitting) > 1:
        words = {tokens[i].root for i in (*zone, *range(max(0, m.start - 3), m.start))}
        words.add(root("".join(itertools.takewhile(str.isalpha, m.ref.value.lower()))))
        by_word = [d for d in fitting if words & _own_words(d, coded)]
        anywhere = {t.root for t in tokens}
        fitting = by_word or [d for d in fitting if anywhere & _own_words(d, coded)] or fitting
    if len(fitting) != 1:
        labels = tuple(d.label for d in coded)
        asked = Question(f"Is `{m.ref.value}` the {_or(labels)}?", labels, about="reading")
        fitting = [d for d in coded if d.label == option(asked)]
    if _negated(m, zone, tokens):
        raise Unclear(
            Question(f"Which code should it be instead of `{m.ref.value}`?", about="missing")
        )
    decision = fitting[0]
    label = frozenset(i for n in named if n.ref.path == decision.name for i in n.tokens)
    return Said(Decide(decision.name, m.ref.value), m.tokens | label, frozenset([decision.name]))


def _by_prefix(
    code: str, fitting: Sequence[Decision], coded: Sequence[Decision], lexicon: Lexicon
) -> list[Decision]:
    """A decision named after the letters its codes begin with takes no other codes."""
    begins = {_letters(c) for s in lexicon.code_sets.values() for c in s.codes} - {""}
    kept = [
        d for d in fitting if not (own := _own_words(d, coded) & begins) or _letters(code) in own
    ]
    return kept or list(fitting)


def _letters(code: str) -> str:
    return root("".join(itertools.takewhile(str.isalpha, code.lower())))


def _own_words(decision: Decision, others: Sequence[Decision]) -> frozenset[str]:
    """Words of its names that no other decision's names have."""

    def words(d: Decision) -> set[str]:
        return {t.root for text in (d.label, *d.synonyms) for t in tokenise(text)}

    shared = {w for d in others if d.name != decision.name for w in words(d)}
    return frozenset(words(decision) - shared)


def _negated(m: Mention, zone: frozenset[int], tokens: Sequence[Token]) -> bool:
    """A `not` right before the value: ``not MM123``, ``don't use X``."""
    near = [i for i in range(max(0, m.start - 4), m.start) if i in zone and i not in m.tokens]
    return any(tokens[i].low in NEGATED for i in near)


def _boolean(
    m: Mention,
    named: Sequence[Mention],
    zone: frozenset[int],
    names: frozenset[int],
    tokens: Sequence[Token],
    ontology: Ontology,
) -> Said:
    """``names`` are the tokens of all else that is named: a `not` in a name denies nothing."""
    decision = ontology.decisions[m.ref.path]
    area = _area(m, named, zone, tokens) - names
    words = [tokens[i] for i in sorted(area - m.tokens)]
    negations = sum(1 for t in words if t.low in DENYING)
    refusals = sum(1 for t in words if t.stem in _REFUSE)
    stems = {t.stem for t in words}
    _refuse_necessary(m, decision, zone, tokens)
    if stems & _VAGUE:
        text = f"Is it certain: {decision.label}?"
        certain(Question(text, ("yes", "no"), about="reading"))
    needs = (stems | {tokens[i].stem for i in m.tokens}) & {"need", "requir"}
    if stems & {"might", "perhap", "possibl"} or (stems & {"may", "could"} and needs):
        text = f"Is it certain, or only possible: {decision.label}?"
        certain(Question(text, ("yes, always", "only possible"), about="reading"))
    if negations and _not_without(m, decision, tokens):
        denials = frozenset(i for i in area if tokens[i].low in DENYING)
        return Said(Decide(decision.name, True), m.tokens | denials, frozenset([decision.name]))
    said = _of_another_kind(decision, words, negations)
    value = (negations + refusals + bool(m.denied)) % 2 == 0 if said is None else said
    signs = frozenset(i for i in area if tokens[i].low in DENYING or tokens[i].stem in _REFUSE)
    return Said(Decide(decision.name, value), m.tokens | signs, frozenset([decision.name]))


_VAGUE = frozenset(
    stem(w) for w in ["optional", "consider", "suggest", "offer", "prefer", "preferably", "ideally"]
)


_NEEDED = frozenset(["must", "need", "requir", "should"])


def _refuse_necessary(
    m: Mention, decision: Decision, zone: frozenset[int], tokens: Sequence[Token]
) -> None:
    """``must have X to borrow``: X is needed for it, which does not say that X is enough."""
    before = [tokens[i].stem for i in sorted(zone) if i < m.start]
    if "to" in [tokens[i].low for i in sorted(zone) if i < m.start - 1] and "hav" in before:
        before.append("must")
    to = m.start - 1 - (tokens[m.start - 1].low == "be")
    needs = [i for i in sorted(zone) if i < m.start and tokens[i].stem in _NEEDED]
    denied = bool({"not", "n't", "no"} & {tokens[i].low for i in zone})
    between = bool(needs) and any(i not in zone for i in range(needs[0], to))
    opening = to == 0 or not tokens[to - 1].is_word
    opening = opening and bool(_NEEDED & {t.stem for t in tokens[m.end :]})
    needed = _NEEDED & set(before) and (between or not denied)
    names = {t.root for text in (decision.label, *decision.synonyms) for t in tokenise(text)}
    modal = to > 0 and tokens[to - 1].stem in _NEEDED | {"hav"} and bool(names & _REQUIRING)
    if m.start and tokens[to].low == "to" and (needed or opening) and not modal:
        text = f"Is {decision.label} always yes then, or is that only one of the things it takes?"
        certain(Question(text, ("always yes", "only one of the things"), about="reading"))


_REQUIRING = frozenset(root(w) for w in ("required", "needed", "necessary", "must"))
_ALLOWING = frozenset(root(w) for w in ("allowed", "permitted", "may", "can"))


def _not_without(m: Mention, decision: Decision, tokens: Sequence[Token]) -> bool:
    """``we can't … without X``, ``no … without X``: X is required."""
    names = {t.root for text in (decision.label, *decision.synonyms) for t in tokenise(text)}
    at = m.start - 1
    while at > 0 and tokens[at].low in ("a", "an", "the", "any", "prior", "valid"):
        at -= 1
    return at > 0 and tokens[at].low == "without" and bool(names & _REQUIRING)


def _of_another_kind(decision: Decision, words: Sequence[Token], negations: int) -> bool | None:
    """``need not`` says nothing about what is allowed, ``can't`` nothing about what is required:
    the author says which it is.
    """
    names = {t.root for text in (decision.label, *decision.synonyms) for t in tokenise(text)}
    requiring, allowing = bool(names & _REQUIRING), bool(names & _ALLOWING)
    said = {t.root for t in words}
    stems = [t.stem for t in words]
    forbids = any(a.low == "must" and b.low in NEGATED for a, b in itertools.pairwise(words))
    needs = bool(said & _REQUIRING) or ("have" in stems and "to" in [t.low for t in words])
    may = bool({"can", "may", "allow"} & {t.root for t in words})
    refused = any(s in _REFUSE for s in stems)
    if (allowing and not requiring and negations and needs and not forbids) or (
        requiring and not allowing and negations and may and not refused and not needs
    ):
        text = f"Do you mean that `{decision.label}` is yes, or no?"
        return option(Question(text, ("yes", "no"), about="reading")) == "yes"
    return None


def _area(
    m: Mention, named: Sequence[Mention], zone: frozenset[int], tokens: Sequence[Token]
) -> frozenset[int]:
    """The words around one decision up to the joint with the next.

    ``Loans and renewals are refused``: what is said of decisions in a row is said of each.
    """
    row = _row(m, named, tokens)
    others = [n for n in named if n.ref.path not in row and n.tokens <= zone]
    low = max((n.end for n in others if n.end <= m.start), default=-1)
    high = min((n.start for n in others if n.start >= m.end), default=len(tokens))
    joints = [i for i in range(m.end, high) if tokens[i].low in ("and", "but", ",", ";")]
    stop = joints[-1] if joints and high < len(tokens) else high
    begin = next(
        (
            i
            for i in range(max(low, 0), m.start)
            if low >= 0 and tokens[i].low in ("and", "but", ",", ";")
        ),
        low,
    )
    return frozenset(i for i in zone if begin < i < stop)


def _row(m: Mention, named: Sequence[Mention], tokens: Sequence[Token]) -> frozenset[str]:
    """The decisions named in one row with this one, with nothing but a joint between them."""
    paths = [m.ref.path]
    ordered = sorted(named, key=lambda n: n.start)
    pairs = [*itertools.pairwise(ordered)]
    for a, b in (*pairs, *reversed(pairs)):
        between = [t.low for t in tokens[a.end : b.start]]
        told = any(tokens[i].stem == "be" for i in range(max(0, a.start - 2), a.end))
        joined = between and not told and set(between) <= DETERMINERS | {"and", "or", ","}
        if joined and {a.ref.path, b.ref.path} & set(paths):
            paths += [a.ref.path, b.ref.path]
    return frozenset(paths)


def _valued(
    m: Mention,
    decision: Decision,
    quants: Sequence[Quant],
    used: set[Quant],
    zone: frozenset[int],
    tokens: Sequence[Token],
) -> tuple[Said, set[Quant]] | None:
    if decision.type in ("integer", "decimal"):
        near = [
            q
            for q in quants
            if q not in used
            and (fits(q, decision) or (q.kind == "often" and _often_fits(q, decision)))
        ]
        near = [q for q in near if q.op in ("eq", _limiting(decision), _BOUND.get(decision.hit))]
        if near and any(tokens[i].low in NEGATED for i in zone):
            raise Unclear(
                Question(f"What should the {decision.label} be instead?", about="missing")
            )
        zero = decision.min == 0 and decision.hit == "single" and not near
        signs = _denied_at(m, zone, tokens)
        if zero and signs:
            none = Decide(decision.name, Decimal(0) if decision.type == "decimal" else 0)
            return Said(none, m.tokens | signs, frozenset([decision.name])), set()
        if len(near) != 1:
            return None
        return amount_said(decision, near[0], m.tokens | near[0].tokens), {near[0]}
    if decision.type == "enum" and any(tokens[i].low in NEGATED for i in zone if i < m.end):
        none = none_value(decision)
        if none is not None and decision.hit == "single":
            signs = frozenset(i for i in zone if tokens[i].low in NEGATED)
            return Said(
                Decide(decision.name, none), m.tokens | signs, frozenset([decision.name])
            ), set()
    return None


_PAYING = frozenset(stem(w) for w in ("pay", "leave", "charge", "get", "have", "receive", "need"))


_BOUND = {"max": "ge", "min": "le"}
"""Where the largest amount counts, each is ``at least`` that much; where the smallest, at most."""


def _denied_at(m: Mention, zone: frozenset[int], tokens: Sequence[Token]) -> frozenset[int]:
    """``no deposit``, ``does not have to pay a deposit``: the denial right before the amount."""
    at = m.start - 1
    while at in zone and tokens[at].low not in NEGATED:
        small = tokens[at].low in ("a", "an", "the", "any", "to", "be")
        if not (small or tokens[at].stem in _PAYING):
            return frozenset()
        at -= 1
    return frozenset([at]) if at in zone else frozenset()


def _limiting(decision: Decision) -> str:
    """The comparison that its name says already: ``liable up to 100``, ``a maximum of 5``."""
    words = {t.low for text in (decision.label, *decision.synonyms) for t in tokenise(text)}
    if words & {"limit", "maximum", "max", "cap", "most", "up", "latest"}:
        return "le"
    return "ge" if words & {"minimum", "min", "least", "earliest"} else "eq"


def _repeats(ontology: Ontology) -> list[Decision]:
    return [
        d
        for d in ontology.decisions.values()
        if d.type in ("integer", "decimal")
        and {t.root for text in (d.label, *d.synonyms) for t in tokenise(text)} & REPEATS
    ]


def _often_fits(quant: Quant, decision: Decision) -> bool:
    return decision.unit in SECONDS or decision.unit in MONTH_COUNT


def amount_said(decision: Decision, quant: Quant, tokens: frozenset[int]) -> Said:
    factor = scale(quant, decision)
    amount = quant.amounts[0]
    if factor is None or not isinstance(amount, Decimal) or _fraction(decision, amount * factor):
        raise Unclear(
            Question(
                f"How many {decision.unit or ''} is the {decision.label}?".replace("  ", " "),
                about="value",
            )
        )
    value: Value = typed(amount, decision, factor)
    if decision.type == "decimal" and isinstance(value, int):
        value = Decimal(value)
    if decision.hit in ("sum", "min", "max"):
        assert isinstance(value, int | Decimal)
        return Said(Contribute(decision.name, value), tokens, frozenset([decision.name]))
    return Said(Decide(decision.name, value), tokens, frozenset([decision.name]))


def _fraction(decision: Decision, amount: Decimal) -> bool:
    return decision.type == "integer" and amount != amount.to_integral_value()


def _text(m: Mention, tokens: Sequence[Token]) -> str:
    return " ".join(tokens[i].text for i in sorted(m.tokens))


def _or(labels: Sequence[str]) -> str:
    return " or ".join(labels)


def opposite(outcome: Outcome) -> Outcome | None:
    """``not X`` of a yes-or-no decision."""
    match outcome:
        case Decide(decision, bool(value)):
            return Decide(decision, not value)
        case _:
            return None


def value_of(outcome: Outcome) -> str:
    """What a title calls it."""
    match outcome:
        case Decide(_, bool(value)):
            return "" if value else "no"
        case Decide(_, value) | Include(_, value):
            return str(getattr(value, "name", value))
        case Modify(_, modifier, adds):
            return f"{'add' if adds else 'drop'} {modifier}"
        case Contribute(_, amount):
            return str(amount)
        case LeaveToStaff():
            return "left to staff"
        case Narrow(_, _, keep):
            return "only" if keep else "no"
        case Prefer():
            return "prefer"


PREDICATES = frozenset(root(w) for w in PREDICATE_WORDS)
Labels = Mapping[str, str]
