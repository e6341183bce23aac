"""What a waiting card shows: complete, plain JSON, built before the interrupt begins."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from data.rulelang.request import RequestError, read_request
from data.rulelang.version import Version
from graph.case import facts_of
from graph.describe import describe
from graph.drafts import changes_json, rules_in, said_of, spoken
from graph.nodes.several import part_of
from graph.state import Json, Turn
from graph.words import joined


def confirm_card(state: Turn, base: Version, after: Version) -> Json:
    """The card of a draft: the rule, whom it changes, what it beats, the tests."""
    draft = state["draft"] or {}
    message, placed = spoken(draft, state["message"])
    rules = changes_json(base, after, draft)
    errors = [f for f in state["findings"] if f["severity"] == "error"]
    blockers = [_sentence(f["message"], _advice(f)) for f in errors]
    blockers += [f"`{w}` has no place in the rule." for w in draft.get("unplaced", [])]
    return {
        "kind": "confirm",
        "draft_id": draft.get("id", ""),
        "draft_kind": draft.get("kind", "rule"),
        "message": message,
        "said": said_of(state),
        "base_version": base.id,
        "rules": rules,
        "placed": placed,
        "unplaced": draft.get("unplaced", []),
        "unread": draft.get("unread", []),
        "findings": [_told(f, after) for f in state["findings"]],
        "beats": state["beats"],
        "tests": state["tests"],
        "drafter": draft.get("drafter", ""),
        "notices": _notices([*part_of(state), *state["notices"]], draft, base),
        "can_confirm": not blockers,
        "blockers": blockers,
        "summary": summary(rules, state["tests"], blockers),
    }


def summary(rules: Sequence[Json], tests: Json, blockers: Sequence[str]) -> str:
    """One plain sentence: what the draft does and how many past requests it changes."""
    named = {v: [f"“{r['title']}”" for r in rules if r["change"] == v] for v in _VERB}
    what = joined([f"{_VERB[v]} {joined(t)}" for v, t in named.items() if t]) or "Changes nothing"
    history = tests["history"]
    if blockers:
        return f"{what}. It cannot be confirmed yet."
    if not history["run"]:
        return f"{what}. There is no history to try it on."
    return f"{what}. It changes {history['changed']:,} of {history['run']:,} past requests."


SAY_WHO_WINS = (
    "say which one wins, for example `the new one wins` or `“{title}” takes precedence`,"
    " or keep their conditions apart"
)


def _advice(finding: Json) -> str:
    """What the author can say about the finding."""
    if finding["code"] != "conflict" or not finding["rules"]:
        return str(finding["suggestion"])
    return SAY_WHO_WINS.format(title=finding["rules"][0])


def _told(finding: Json, version: Version) -> Json:
    """The finding in the author's words, its witness as people would tell of that request."""
    finding = {**finding, "suggestion": _advice(finding)}
    if finding.get("witness") is None:
        return finding
    try:
        request = read_request(version.ontology, finding["witness"])
    except RequestError:
        return finding
    return {**finding, "witness_words": describe(version.ontology, request.given, request.rows)}


ONE_CASE = (
    "This reads like one case, not like a rule: it holds for one exact number only. Say `keep it as"
    " a scenario` to keep it as a case instead."
)


def _is_one_case(texts: Sequence[str], version: Version) -> bool:
    """Whether the draft is one rule that names each fact exactly, a number among them."""
    rules = rules_in(texts, version.ontology, version.code_sets, version.rule_set.defines)
    facts = facts_of(rules[0], version) if len(rules) == 1 else None
    return any(type(v) in (int, Decimal) for v in (facts or {}).values())


def _notices(notices: Sequence[str], draft: Json, version: Version) -> list[str]:
    """What the author must see besides: what came before, who drafted, what is not used."""
    case = [ONE_CASE] if _is_one_case(draft.get("rules", []), version) else []
    left = [f"You said “{w}”; this rule does not use it." for w in draft.get("left_out", [])]
    return [*notices, *([draft["note"]] if draft.get("note") else []), *left, *case]


_VERB = {"new": "Adds", "changed": "Changes", "retired": "Takes out"}


def _sentence(message: str, suggestion: str) -> str:
    said = message[:1].upper() + message[1:]
    return f"{said}: {suggestion}." if suggestion else f"{said}."
