"""Which of the overlapping mentions a sentence means, given what each stretch is for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from graph.drafters.grammar.mentions import Mention

Zone = str
"""``condition``, ``outcome`` or ``open`` (either)."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One phrase with all it may stand for here, best reading first."""

    tokens: frozenset[int]
    start: int
    end: int
    options: tuple[Mention, ...]


def select(
    mentions: Sequence[Mention], zone: Callable[[int], Zone], bonus: Callable[[Mention], float]
) -> tuple[Choice, ...]:
    """The set of phrases that together cover most; phrases that cover the same words stay
    together.
    """
    groups: dict[frozenset[int], list[tuple[float, Mention]]] = {}
    for m in mentions:
        score = m.weight + _fit(m, zone(m.start)) + bonus(m)
        if score > 0:
            groups.setdefault(m.tokens, []).append((score, m))
    groups = {tokens: _surest(group) for tokens, group in groups.items()}
    scored = [(max(s for s, _ in g), tokens, g) for tokens, g in groups.items()]
    best = _cover(sorted(scored, key=lambda x: (max(x[1]), min(x[1]))))
    return tuple(
        Choice(tokens, min(tokens), max(tokens) + 1, _tied(group))
        for tokens, group in sorted(best, key=lambda b: min(b[0]))
    )


def _surest(group: list[tuple[float, Mention]]) -> list[tuple[float, Mention]]:
    """A word that is a name as written is not taken for one with another ending."""
    if any(len(m.tokens) > 1 for _, m in group):
        return group
    sure = [x for x in group if x[1].exact] or group
    named = {m.ref.kind for _, m in sure if m.written and m.ref.kind == "value"}
    return [x for x in sure if not (named and x[1].ref.in_condition and not x[1].written)]


def _fit(m: Mention, zone: Zone) -> float:
    decides = not m.ref.in_condition
    if zone == "condition":
        return -1.6 if decides and m.ref.kind != "code" else 0.0
    if zone == "outcome":
        return 0.35 if decides else -0.35
    return 0.0


def _tied(group: list[tuple[float, Mention]]) -> tuple[Mention, ...]:
    top = max(s for s, _ in group)
    kept: list[tuple[float, Mention]] = []
    for side in (True, False):
        same = [x for x in group if x[1].ref.in_condition == side]
        best = max((s for s, _ in same), default=0.0)
        if best >= top - 0.8:
            kept += [x for x in same if x[0] >= best - 0.15]
    paths = {m.ref.path for _, m in kept if m.ref.kind == "value"}
    kept = [
        x for x in kept if not (x[1].ref.kind == "attribute" and x[1].ref.path in paths)
    ] or kept
    return tuple(m for _, m in sorted(kept, key=lambda x: -x[0]))


_Scored = tuple[float, frozenset[int], list[tuple[float, Mention]]]


def _cover(groups: list[_Scored]) -> list[tuple[frozenset[int], list[tuple[float, Mention]]]]:
    """Beam search over phrases in order of their last word: no token twice, highest total.

    Longer phrases win over their parts: each phrase pays a little for being one more.
    """
    beam: list[tuple[float, frozenset[int], tuple[int, ...]]] = [(0.0, frozenset(), ())]
    for n, (score, tokens, _) in enumerate(groups):
        longer = [
            (total + score - 0.3, used | tokens, (*taken, n))
            for total, used, taken in beam
            if not used & tokens
        ]
        beam = sorted([*beam, *longer], key=lambda b: -b[0])[:24]
    return [(groups[n][1], groups[n][2]) for n in beam[0][2]]
