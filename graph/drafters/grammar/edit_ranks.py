"""Which rule wins, said of the draft: ``this rule should beat …``, ``the new one wins``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from rapidfuzz import process

from data.index.words import content_words
from data.rulelang.ast import Rule
from data.rulelang.check import draft_findings
from data.rulelang.version import make_version
from graph.drafters.base import Question, Task
from graph.drafters.grammar.clashing import clash
from graph.drafters.grammar.given import option

_RANK = re.compile(
    r"(?:no|ok|okay|yes|well|please|and|but|then|so)?[\s,:-]*(?:let\s+|make\s+)?(?P<winner>.+?)\s+"
    r"(?:(?:should|must|shall|will|does|has to|needs to|is to|always)\s+)*"
    r"(?:beats?|wins?|overrides?|overrules?|outranks?|trumps?|prevails?|(?:goes|comes|go|come)\s+"
    r"(?:first|before)|(?:takes?|has|have|gets?)\s+(?:the\s+)?(?:precedence|priority|preference))"
    r"(?:\s+(?:over|against|here|then|there))?(?:\s+(?P<loser>.+))?",
    re.IGNORECASE,
)
_MINE = re.compile(
    r"(?:it|mine|ours|this|that|(?:this|the|my|our|that)\s+(?:new |drafted |last |latest )?"
    r"(?:rule|one|draft))",
    re.IGNORECASE,
)
_OLD = re.compile(
    r"(?:it|them|(?:all\s+)?(?:the\s+)?(?:others?|rest)(?:\s+(?:rules?|ones?))?"
    r"|(?:the\s+)?(?:old|older|existing|standing|earlier)\s+(?:rules?|ones?))",
    re.IGNORECASE,
)
_FILLER = frozenset(["rule", "rules"])
MOST_OFFERED = 4


def says_rank(text: str) -> bool:
    """Whether the words say that the draft wins, or loses."""
    match = _RANK.fullmatch(" ".join(text.split()).rstrip(" .!"))
    sides = (match["winner"], match["loser"] or "") if match else ()
    return any(_MINE.fullmatch(s) for s in sides)


def ranked(text: str, task: Task) -> tuple[Rule, ...] | None:
    """The draft once it says which rule wins; ``None`` where the words say nothing of the kind.

    Raises ``Unclear`` where the other rule cannot be told.
    """
    match = _RANK.fullmatch(" ".join(text.split()).rstrip(" .!"))
    if match is None or not task.current:
        return None
    winner, loser = match["winner"], match["loser"] or ""
    if _MINE.fullmatch(winner) and not (loser and _MINE.fullmatch(loser) and loser != "it"):
        others = _others(loser, task)
        return tuple(_over(r, _met_by(r, others, task)) for r in task.current)
    if loser and not _MINE.fullmatch(loser) and not _OLD.fullmatch(loser):
        return None
    if not _called(winner, task) and not _OLD.fullmatch(winner):
        return None
    others = _others(winner, task)
    return (*task.current, *(_over(o, _met_by(o, task.current, task)) for o in others))


def _others(said: str, task: Task) -> tuple[Rule, ...]:
    """The standing rules that are meant: by their title, else those the draft conflicts with."""
    named = bool(said) and _OLD.fullmatch(said) is None
    found = _called(said, task) if named else _rivals(task)
    if (named and len(found) == 1) or (not named and found):
        return found
    near = [r.title for r in found or _rivals(task)] or (_near(said, task) if said else [])
    asked = Question("Which rule do you mean?", tuple(near[:MOST_OFFERED]), about="reading")
    chosen = option(asked)
    return tuple(r for r in _standing(task) if r.title == chosen)


def _called(said: str, task: Task) -> tuple[Rule, ...]:
    """The standing rule of this title, else those whose title holds each of the words."""
    plain = re.sub(r"(?i)^(?:the|our|my)\s+(?:rules?\s+)?|\s+(?:rules?|one)$", "", said).strip(
        " “”\"'`"
    )
    exact = [r for r in _standing(task) if r.title.casefold() == plain.casefold()]
    words = set(content_words(plain)) - _FILLER
    holding = [r for r in _standing(task) if words and words <= set(content_words(r.title))]
    decided = {o.decision for r in task.current for o in r.then}
    alike = [r for r in holding if decided & {o.decision for o in r.then}]
    return tuple(exact or alike or holding)


def _standing(task: Task) -> list[Rule]:
    mine = {r.title for r in task.current}
    return [r for r in task.rule_set.rules if r.title not in mine]


def _rivals(task: Task) -> tuple[Rule, ...]:
    """The standing rules that conflict with the draft on some request."""
    found = tuple(o for o in _standing(task) if any(clash(r, o, task) for r in task.current))
    return found or _conflicting(task)


def _conflicting(task: Task) -> tuple[Rule, ...]:
    """The same by the whole analysis, which sees what a few requests that are tried miss."""
    standing, mine = _standing(task), {r.title for r in task.current}
    before, after = (
        make_version(
            task.ontology, task.code_sets, task.scope_rows, replace(task.rule_set, rules=rules)
        )
        for rules in (task.rule_set.rules, (*standing, *task.current))
    )
    found = (f for f in draft_findings(before, after, ()) if f.code == "conflict")
    named = {title for f in found if mine & {*f.rules} for title in f.rules}
    return tuple(r for r in standing if r.title in named)


def _near(said: str, task: Task) -> list[str]:
    titles = [r.title for r in _standing(task)]
    return [title for title, _, _ in process.extract(said, titles, limit=MOST_OFFERED)]


def _met_by(rule: Rule, others: Sequence[Rule], task: Task) -> Sequence[Rule]:
    """Those of the others that it conflicts with; all of them where it conflicts with none."""
    return [o for o in others if clash(rule, o, task)] or others


def _over(winner: Rule, losers: Sequence[Rule]) -> Rule:
    titles = dict.fromkeys((*winner.overrides, *(r.title for r in losers)))
    return replace(winner, overrides=tuple(titles))
