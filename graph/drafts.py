"""A draft as plain JSON, and the rule set it would make.

A draft's JSON: ``id``, ``kind`` (``rule``, ``retire``, ``pause``, ``resume``), ``rules`` (rule
texts), ``retire`` (titles), ``placed`` and ``unplaced`` (the account of the words), ``drafter``,
``note`` (one sentence: why another drafter took over), ``words`` (each text that made the draft,
oldest first: the message, its answers, each change; with the places of its own words), ``learnt``
(words that answers explained by a term, see ``graph.teaching``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from data.ontology.model import CodeSets, Ontology
from data.rulelang.ast import Define, Rule, RuleSet
from data.rulelang.change import changed
from data.rulelang.findings import Finding, InputError
from data.rulelang.parse import parse
from data.rulelang.render import render
from data.rulelang.version import Version
from graph.context import Services, size_of
from graph.drafters.base import Placed, Reading
from graph.state import Json, Turn
from graph.words import rule_words

Kind = Literal["rule", "retire", "pause", "resume"]


def draft_json(
    draft_id: str,
    kind: Kind,
    ontology: Ontology,
    reading: Reading,
    *,
    drafter: str,
    prompt: str = "",
    note: str = "",
) -> Json:
    """A reading as it travels through the pipeline."""
    return {
        "id": draft_id,
        "kind": kind,
        "rules": [render(r, ontology) for r in reading.rules],
        "titles": [r.title for r in reading.rules],
        "retire": list(reading.retire),
        "placed": [placed_json(p) for p in reading.placed],
        "unplaced": [],
        "drafter": drafter,
        "prompt": prompt,
        "note": note,
    }


def placed_json(placed: Placed) -> Json:
    return {"text": placed.text, "place": placed.place, "start": placed.start, "end": placed.end}


def words_json(message: str, answers: Sequence[str], placed: Sequence[Placed]) -> list[Json]:
    """The texts that made a reading, each with those of its words that stand in it.

    Answers are worked into the message before it is read, so words are looked for in their order.
    """
    texts = [message, *answers]
    at = [0] * len(texts)
    found: list[list[Json]] = [[] for _ in texts]
    for word in placed:
        for n, text in enumerate(texts):
            start = _stands(word.text, text, at[n])
            if start >= 0:
                at[n] = start + len(word.text)
                told = placed_json(word)
                found[n].append({**told, "start": start, "end": at[n]})
                break
    return [{"text": t, "placed": p} for t, p in zip(texts, found, strict=True)]


def _stands(word: str, text: str, start: int) -> int:
    """Where the whole word stands next; -1 where it does not."""
    edge = r"(?<!\w)" if word[:1].isalnum() else ""
    end = r"(?!\w)" if word[-1:].isalnum() else ""
    match = re.compile(edge + re.escape(word) + end).search(text, start)
    return match.start() if match and word else -1


JOINT = " → "
"""Between the texts that made a draft, as they are shown."""


def spoken(draft: Json, message: str) -> tuple[str, list[Json]]:
    """All that made the draft as one text, and where in it each word stands."""
    texts: list[Json] = draft.get("words") or [{"text": message, "placed": draft.get("placed", [])}]
    placed: list[Json] = []
    at = 0
    for said in texts:
        placed += [{**p, "start": p["start"] + at, "end": p["end"] + at} for p in said["placed"]]
        at += len(said["text"]) + len(JOINT)
    return JOINT.join(s["text"] for s in texts), placed


def said_of(state: Turn) -> list[str]:
    """Messages, changes and answers that made the draft, oldest first."""
    words: list[Json] = (state["draft"] or {}).get("words", [])
    return [str(w["text"]) for w in words] or state["said"]


def rules_in(
    texts: Sequence[str],
    ontology: Ontology,
    code_sets: CodeSets,
    defines: Iterable[Define],
) -> tuple[Rule, ...]:
    """The rules of the texts. Raises ``InputError``: they do not fit the words."""
    parsed = parse("\n\n".join(texts), ontology, code_sets, "", defines)
    if any(f.severity == "error" for f in parsed.findings):
        raise InputError(tuple(parsed.findings))
    return tuple(parsed.rule_set.rules)


def joined(rule_set: RuleSet, rules: Iterable[Rule], retired: Iterable[str]) -> RuleSet:
    """The rule set with these rules, each in place of one of its title, and without others."""
    come = {r.title: r for r in rules}
    gone = {*retired, *come}
    kept = (r for r in rule_set.rules if r.title not in gone)
    return replace(rule_set, rules=(*kept, *come.values()))


def base_of(state: Turn, services: Services) -> Version:
    """The version the draft would follow."""
    return services.version(state["who"]["org_id"], str(state["base_version"]))


def candidate(state: Turn, services: Services) -> Version:
    """The version that confirming would save."""
    base, draft = base_of(state, services), state["draft"] or {}
    texts, retired = draft.get("rules", []), draft.get("retire", [])
    key = ("candidate", base.id, "\n\n".join(texts), "\n".join(retired))
    return services.memory.once(key, lambda: version_with(base, texts, retired), size_of)


def version_with(base: Version, texts: Sequence[str], retired: Sequence[str]) -> Version:
    """The version after these rules join the base and those titles leave it."""
    rules = rules_in(texts, base.ontology, base.code_sets, base.rule_set.defines)
    rule_set = joined(base.rule_set, rules, retired)
    if frozenset(rule_set.rules) == frozenset(base.rule_set.rules):
        return base
    return changed(base, rule_set)


def drafted_rules(state: Turn, version: Version) -> tuple[Rule, ...]:
    """The draft's own rules, as the candidate holds them."""
    titles = (state["draft"] or {}).get("titles", [])
    return tuple(r for t in titles if (r := version.rule_set.rule(t)) is not None)


def changes_json(base: Version, after: Version, draft: Json) -> list[Json]:
    """Each rule the draft touches, in words and as text, before and after."""
    changed = [_change(base, after, t) for t in draft.get("titles", [])]
    retired = [_retired(base, t) for t in draft.get("retire", []) if base.rule_set.rule(t)]
    return [c for c in changed if c is not None] + retired


def _change(base: Version, after: Version, title: str) -> Json | None:
    rule, before = after.rule_set.rule(title), base.rule_set.rule(title)
    if rule is None:
        return None
    return {
        "title": title,
        "text": render(rule, after.ontology),
        "words": list(rule_words(rule, after.ontology)),
        "change": "changed" if before else "new",
        "before_text": render(before, base.ontology) if before else None,
    }


def _retired(base: Version, title: str) -> Json:
    rule = base.rule_set.rule(title)
    assert rule is not None  # asked for by the caller
    text = render(rule, base.ontology)
    words = list(rule_words(rule, base.ontology))
    return {
        "title": title, "text": text, "words": words, "change": "retired", "before_text": text,
    }  # fmt: skip


def finding_from(found: Mapping[str, Any]) -> Finding:
    """The finding that ``Finding.to_json`` wrote."""
    return Finding(
        found["code"],
        found["severity"],
        found["message"],
        found["suggestion"],
        tuple(found["rules"]),
        found["place"],
        found["witness"],
    )
