"""What would have had to be different, in short sentences with a table of the facts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from data.ontology.model import Value
from data.rulelang.analyse.smallest import RowChange, WhyNot
from data.rulelang.ast import (
    Contribute,
    Decide,
    History,
    Include,
    LeaveToStaff,
    Modify,
    Narrow,
    Outcome,
    Prefer,
    Rule,
)
from data.rulelang.codes import resolve
from data.rulelang.evaluate import with_defaults
from data.rulelang.request import Request
from data.rulelang.version import Version
from data.rulelang.wish import Wish
from graph.describe import rows_words
from graph.explain import all_instead, unit_of, why_not_chosen
from graph.words import because_words, joined, label, result_words, value_words

MOST_RULES = 3


def why_not_words(version: Version, found: WhyNot, request: Request) -> list[str]:
    """What it is now, what stands in the way, and whether other facts would have given the wish."""
    wish, now = found.wish, found.now
    called, wanted = label(wish.decision, version.ontology), wish_words(wish)
    given = result_words(now.to_json())
    if found.change is not None and not found.change.facts:
        by = f" by “{now.rule}”" if now.rule else ""
        return [f"It does get it: {called} is {given}{by}."]
    by = f" by “{now.rule}”" if now.rule else ""
    lines = [f"{called[:1].upper()}{called[1:]} is **{given}**{by}, not {wanted}."]
    aside = why_not_chosen(wanted, now)
    if aside is not None:
        lines.append(aside)
    else:
        lines += [_in_the_way(version, r, found, request) for r in _rules(version, found, request)]
    return [*lines, _what_would_do(version, found, wanted)]


def change_rows(
    version: Version, found: WhyNot, request: Request, *, several: bool
) -> list[dict[str, Any]]:
    """Each fact that would be another, as it is and as it would be; for which wish, of several."""
    if found.change is None:
        return []
    now, ontology = facts_before(version, found.wish, request), version.ontology
    which = {"for": label(found.wish.decision, ontology)} if several else {}
    return [
        {
            **which,
            "fact": _fact_words(version, found.wish, path),
            "now": value_words(now[path], unit_of(version, path)) if path in now else "not known",
            "instead": value_words(value, unit_of(version, path)) or "none",
        }
        for path, value in found.change.facts.items()
        if now.get(path) != value
    ] + [
        {**which, "fact": ontology.relations[name].many, "now": now_words, "instead": instead}
        for name, change in found.change.rows.items()
        for now_words, instead in _row_words(version, name, change)
    ]


def _row_words(version: Version, name: str, change: RowChange) -> Iterator[tuple[str, str]]:
    """What is there now and what would be: rows that come, and rows that go."""
    if change.added or not change.known:
        more = rows_words(version.ontology, name, change.added)
        yield ("as they are", f"{more} more") if change.known else ("not known", more)
    if change.removed:
        yield rows_words(version.ontology, name, change.removed), "none of these"


def facts_before(version: Version, wish: Wish, request: Request) -> dict[str, Value]:
    """What is known of the request and, of a choice, of the candidate who was wished for."""
    now, plan = with_defaults(version, request), version.plans[wish.decision]
    if plan.decision.type != "choice":
        return now
    rows = request.rows.get(plan.candidates.name, ())
    usual = version.ontology.row_defaults[plan.candidates.entity]
    for row in (row for row in rows if str(row[plan.key]) == wish.said):
        now |= {**usual, **row}
    return now


def _fact_words(version: Version, wish: Wish, path: str) -> str:
    """What the fact is called; a candidate's own with their name."""
    plan, called = version.plans[wish.decision], label(path, version.ontology)
    own = plan.decision.type == "choice" and path.startswith(plan.own)
    return f"{called} of {wish.said}" if own else called


def wish_words(wish: Wish) -> str:
    """What was wished for, as the end of `not …`."""
    match wish.kind:
        case "status":
            return result_words({"status": str(wish.said)})
        case "member":
            return f"with “{wish.said}”"
        case "modifier":
            return f"with {wish.said}"
        case "value":
            return value_words(wish.said)


def _what_would_do(version: Version, found: WhyNot, wanted: str) -> str:
    scopes = version.ontology.scopes
    left = joined([version.ontology.relations[name].many for name in found.fixed])
    plain = f" I left the {left} as they are." if left else ""
    if not found.complete:
        return "Too much is open to look at every other request: tell more facts, and ask again."
    if found.change is None:
        elsewhere = f", here or at another {scopes.entity}" if scopes else ""
        what = "facts or rows" if _counted(found) else "facts"
        return f"No change of {what} gives {wanted}{elsewhere}.{plain}"
    levels = {scopes.path(level) for level in scopes.levels} if scopes else set[str]()
    others = [p for p in found.change.facts if p not in levels]
    away = scopes is not None and len(others) < len(found.change.facts)
    ways = [f"at another {scopes.entity}"] if away and scopes else []
    if others:
        ways.append("with this fact" if len(others) == 1 else f"with these {len(others)} facts")
    lists = [version.ontology.relations[name].many for name in found.change.rows]
    ways += [f"with other {joined(lists)}"] if lists else []
    return f"It would be {wanted} {' and '.join(ways)}.{plain}"


def _counted(found: WhyNot) -> bool:
    """Whether rows were among what was tried."""
    relations = {t.rows.relation for t in found.tests if isinstance(t, History)}
    return not relations <= {*found.fixed}


def _in_the_way(version: Version, rule: Rule, found: WhyNot, request: Request) -> str:
    short = all_instead(version, rule, request)
    if short:
        return f"“{rule.title}” would give it, but {short}."
    beaten = next((b for b in found.now.beats if b.rule == rule.title), None)
    if beaten is not None:
        reason = because_words(beaten.because)
        return f"“{rule.title}” applies, but “{found.now.rule}” beats it, because {reason}."
    return f"“{rule.title}” applies, and is not enough."


def _rules(version: Version, found: WhyNot, request: Request) -> list[Rule]:
    """The rules that give the wish: once its facts are changed, or at all where none would do."""
    if found.change is None:
        return [r for r in version.rule_set.rules if _gives(version, r, found.wish, request)][
            :MOST_RULES
        ]
    result, now = found.change.result, found.now
    switched = dict(result.modifiers).get(str(found.wish.said))
    titles = [switched] if switched else [result.rule, *result.rules]
    new = (t for t in dict.fromkeys(titles) if t and t not in (now.rule, *now.rules))
    return [r for t in new if (r := version.rule_set.rule(t))][:MOST_RULES]


def _gives(version: Version, rule: Rule, wish: Wish, request: Request) -> bool:
    return any(o.decision == wish.decision and _says(version, o, wish, request) for o in rule.then)


def _says(version: Version, outcome: Outcome, wish: Wish, request: Request) -> bool:
    """Whether the outcome is the wish, or has a part in it."""
    match outcome:
        case LeaveToStaff():
            return wish.said == "left_to_staff" and wish.kind == "status"
        case Include() | Contribute():
            return wish.said == getattr(outcome, "value", None)
        case Modify():
            return outcome.adds and outcome.modifier == wish.said and wish.kind == "modifier"
        case Decide():
            return wish.kind == "value" and wish.said in _texts(version, outcome, request)
        case Narrow() | Prefer():
            return False


def _texts(version: Version, outcome: Decide, request: Request) -> Iterable[object]:
    decision = version.ontology.decisions[outcome.decision]
    if decision.type != "code":
        return (outcome.value,)
    here: Mapping[str, Any] = with_defaults(version, request)
    code_set = version.code_sets.get(str(here.get(decision.code_set or "")))
    said: Any = outcome.value
    code = resolve(decision, said, code_set) if code_set else None
    return (code.text,) if code else ()
