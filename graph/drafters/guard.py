"""What a change of a draft must not do in silence: take clauses away that nobody spoke of."""

from __future__ import annotations

from collections.abc import Sequence

from data.index.words import content_words
from data.ontology import Ontology
from data.rulelang.ast import (
    Compare,
    CompareFacts,
    Condition,
    Count,
    Derived,
    Exists,
    Known,
    Not,
    Rule,
    Since,
)
from graph.drafters.base import Placed, Question, Reading, Task
from graph.words import label

REPLACE = "yes, replace the rule"
KEEP = "no, keep the rule as it is"
BESIDE = "add it as a second rule"
_REPLACING = "This would replace the rule"
CHANGED = "change of the draft"
"""Where the words of a change go that was applied to the draft itself."""


def replacing(message: str, reading: Reading, task: Task) -> Question | None:
    """A question where the reading lacks clauses of the draft that the words do not name.

    ``None`` where it lacks none, where it is the draft with a change applied to it, or where
    the author has said that the draft may go or that both are meant.
    """
    if not task.current or is_change(reading.placed):
        return None
    said = " ".join([message, *(a.text for a in task.answers)])
    lost = _lost(task.current, reading.rules, said, task.ontology)
    if not lost:
        return None
    titles = ", ".join(f"“{r.title}”" for r in task.current)
    text = (
        f"{_REPLACING} {titles}: nothing would be said of {_listed(lost)} any more."
        " Is that what you want?"
    )
    if any(gave_way(a.question, a.text) or stands_beside(a.question, a.text) for a in task.answers):
        return None
    return Question(text, (REPLACE, BESIDE, KEEP), about="replace")


def gave_way(question: str, answer: str) -> bool:
    """Whether the author let the draft go when asked."""
    return question.startswith(_REPLACING) and agreed(answer)


def stands_beside(question: str, answer: str) -> bool:
    """Whether the author wants the new rule besides the draft."""
    return question.startswith(_REPLACING) and answer.strip().lower() == BESIDE


def agreed(answer: str) -> bool:
    """Whether the author lets the draft go."""
    return answer.strip().lower().startswith(("yes", "replace", "ok", "sure"))


def declined(answer: str) -> bool:
    """Whether the author wants the draft as it stands."""
    said = answer.strip().lower().rstrip(".!")
    return said in ("no", "no thanks", "keep the rule", "keep it", KEEP) or said.startswith("no,")


def is_change(placed: Sequence[Placed]) -> bool:
    """Whether every word went into a change of the draft."""
    return bool(placed) and all(p.place == CHANGED for p in placed)


def _lost(
    before: Sequence[Rule], after: Sequence[Rule], said: str, ontology: Ontology
) -> list[str]:
    words = set(content_words(said)) - {w for e in ontology.entities for w in content_words(e)}
    kept = {name for rule in after for name, _, _ in _clauses(rule, ontology)}
    every = [c for rule in before for c in _clauses(rule, ontology)]
    gone = [
        label
        for name, label, values in every
        if name not in kept and not words & {w for t in (label, *values) for w in content_words(t)}
    ]
    return list(dict.fromkeys(gone))


def _clauses(rule: Rule, ontology: Ontology) -> list[tuple[str, str, tuple[str, ...]]]:
    """What the rule speaks of: a name to compare, its label, and the values it demands."""
    found = [(o.decision, ontology.decisions[o.decision].label, ()) for o in rule.then]
    clauses: list[tuple[str, str, tuple[str, ...]]] = list(found)
    if rule.scope and ontology.scopes:
        path = ontology.scopes.path(rule.scope.level)
        clauses.append((path, ontology.attributes[path].label, rule.scope.values))
    for path, values in _facts(rule.when):
        clauses.append((path, label(path, ontology), values))
    if rule.start or rule.until:
        clauses.append(("dates", "the dates it holds", ("from", "until")))
    if rule.mandatory:
        clauses.append(("mandatory", "that it is mandatory", ()))
    return clauses


def _facts(condition: Condition | None) -> list[tuple[str, tuple[str, ...]]]:
    match condition:
        case None:
            return []
        case Compare(path, _, value):
            values = value if isinstance(value, tuple) else (value,)
            return [(path, tuple(str(v) for v in values if not isinstance(v, bool)))]
        case Known(path):
            return [(path, ())]
        case CompareFacts(path, _, other):
            return [(path, ()), (other, ())]
        case Exists(rows) | Count(rows) | Since(rows):
            return [(rows.relation, ())]
        case Derived(name):
            return [(name, ())]
        case Not(part):
            return _facts(part)
        case _:
            return [f for part in condition.parts for f in _facts(part)]


def _listed(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
