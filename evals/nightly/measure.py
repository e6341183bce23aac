"""What each step did with one item: one value from 0 to 1 a measure, or no verdict.

Intents by accuracy (precision and recall of each are worked out over the run), retrieval by recall
and reciprocal rank, drafts by execution accuracy (the same requests get the same outcomes),
findings by the codes that the accepted run had, tests and answers by the deterministic scorers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from data.packs.load import Pack
from data.rulelang.analyse.difference import difference
from data.rulelang.ast import Rule, RuleSet
from data.rulelang.parse import parse
from data.rulelang.render import render
from data.rulelang.version import Version, make_version
from evals.facts import draft_facts, reference_of
from evals.nightly.results import Step, Value
from evals.nightly.sets import Item
from evals.online import own_words, score_told
from evals.retrieval import NOT_TERMS
from evals.score import Score
from evals.scorers import nothing_identifying, plain_language
from graph.drafters.score import Outcome, Text, scored

Json = Mapping[str, Any]
STEP_OF: Mapping[str, Step] = {
    "parses": "draft",
    "grounded": "draft",
    "accounted": "draft",
    "reproduced": "test",
}
"""Scorers of the draft → the step whose work they look at."""


@dataclass(frozen=True)
class Measuring:
    """What the values of one organisation are measured with."""

    organisation: str
    pack: Pack
    version: Version
    """What the drafts would follow."""
    accepted: Mapping[str, str]
    """Item → codes of the findings in the accepted run."""
    chance: bool
    """A model drafts: from the draft on, nothing is exact."""

    def values(self, item: Item, outcome: Json) -> list[Value]:
        """Every value of the item. A turn that broke failed in each of its steps."""
        make = _Maker(item.id, self.organisation, self.chance)
        made = [self._routed(item, outcome, make)]
        if item.intent == "draft":
            made += self._retrieved(item, outcome, make)
            made += self._drafted(item, outcome, make)
            made.append(self._findings(item, outcome, make))
            made += self._scores(outcome, make)
        return made + self._answered(outcome, make)

    def scenarios(self, ids: Mapping[str, str], outcome: Json) -> list[Value]:
        """A value for each saved scenario, from the pipeline's answer to `list the scenarios`."""
        wrong: dict[str, str] = {}
        for row in outcome["rows"]:
            if row.get("holds") == "no":
                wrong[row["scenario"]] = f"{row['decision']}: {row['expected']}, is {row['now']}"
        told = {row.get("scenario") for row in outcome["rows"]}
        return [
            Value(
                ids[name], self.organisation, "test", "scenarios",
                float(name in told and name not in wrong), detail=wrong.get(name, ""),
            )
            for name in ids
        ]  # fmt: skip

    def _routed(self, item: Item, outcome: Json, make: _Maker) -> Value:
        """No verdict where the turn broke after it was routed: nobody was told where to."""
        intent = outcome.get("intent", "")
        if not intent and any(s["name"] == "route" for s in outcome["steps"]):
            return make("route", INTENT, None, "the turn broke later")
        made = make("route", INTENT, float(intent == item.intent), intent)
        return replace(made, expected=item.intent)

    def _retrieved(self, item: Item, outcome: Json, make: _Maker) -> list[Value]:
        """Recall among what was looked up, and one over the rank of the first that was needed."""
        needed = self._needed(item)
        if not needed:
            return []
        found = [i for i in outcome.get("retrieved", ()) if not i.startswith(NOT_TERMS)]
        hits = needed & set(found)
        missed = f"not found: {', '.join(sorted(needed - hits))}" if needed - hits else ""
        rank = next((n for n, id in enumerate(found, 1) if id in needed), 0)
        return [
            make("retrieve", "recall", len(hits) / len(needed), missed),
            make("retrieve", "reciprocal rank", 1 / rank if rank else 0.0, f"first at {rank}"),
        ]

    def _needed(self, item: Item) -> frozenset[str]:
        if item.terms is not None:
            return frozenset(item.terms)
        rules = self._rules(item.rules or "")
        return reference_of(rules, self.pack.ontology, self.pack.code_sets)

    def _drafted(self, item: Item, outcome: Json, make: _Maker) -> list[Value]:
        right, why = self._right(item, outcome)
        if right is None:
            return []
        return [make("draft", "execution accuracy", float(right), why)]

    def _right(self, item: Item, outcome: Json) -> tuple[bool | None, str]:
        asked = outcome.get("question") or ""
        if item.asks and asked:
            return True, ""
        if not outcome.get("rules"):
            return False, asked or "; ".join(outcome["answer"]) or outcome["broke"]
        rules = self._rules("\n\n".join(outcome["rules"]))
        if item.examples:
            text = Text({"id": item.id, "sentence": item.sentence, **_examples(item)}, "sentence")
            verdict = scored(text, self.pack, Outcome("drafted", rules), 0.0)
            return verdict.verdict == "right", verdict.detail
        if item.rules is None:
            return None, ""
        return self._means(self._rules(item.rules), rules)

    def _means(self, wanted: Sequence[Rule], got: Sequence[Rule]) -> tuple[bool, str]:
        """Whether two sets of rules, each alone, decide every request alike."""
        found = difference(self._alone(wanted), self._alone(got))
        if not found.changes and not found.uncompared and not found.unlisted:
            return True, ""
        text = "\n\n".join(render(r, self.pack.ontology) for r in got)
        same = sorted(map(_untitled, wanted), key=repr) == sorted(map(_untitled, got), key=repr)
        return same, "" if same else text

    def _alone(self, rules: Sequence[Rule]) -> Version:
        pack = self.pack
        only = RuleSet(tuple(rules), defines=pack.rule_set.defines)
        return make_version(pack.ontology, pack.code_sets, pack.scope_rows, only)

    def _rules(self, text: str) -> tuple[Rule, ...]:
        pack = self.pack
        return parse(text, pack.ontology, pack.code_sets, "", pack.rule_set.defines).rule_set.rules

    def _findings(self, item: Item, outcome: Json, make: _Maker) -> Value:
        """Held against what is expected, else against the accepted run; the first run is right."""
        codes = ", ".join(sorted(f["code"] for f in outcome.get("findings", ())))
        wanted = self.accepted.get(item.id)
        if item.findings is not None:
            wanted = ", ".join(sorted(item.findings))
        same = not outcome["broke"] and wanted in (None, codes)
        return make("validate", FINDINGS, float(same), codes)

    def _scores(self, outcome: Json, make: _Maker) -> Iterable[Value]:
        for score in score_told(outcome, self.version):
            if score.name in STEP_OF:
                yield make.of(STEP_OF[score.name], score)

    def _answered(self, outcome: Json, make: _Maker) -> list[Value]:
        """What a person reads: the card's sentences, a question, a reply."""
        told = {
            **outcome,
            "rules": (),
            "sentences": (*outcome.get("sentences", ()), *outcome["answer"]),
        }
        facts = draft_facts(told, self.pack.ontology, self.pack.code_sets, own_words(self.version))
        scores = plain_language.score(facts), nothing_identifying.score(facts)
        broke = [make("answer", "answered", float(not outcome["broke"]), outcome["broke"])]
        return broke + [make.of("answer", s) for s in scores]


FINDINGS, INTENT = "findings", "intent"


def findings_of(values: Iterable[Value]) -> dict[str, str]:
    """Item → the codes that a run's validation gave."""
    return {v.item: v.detail for v in values if v.measure == FINDINGS}


@dataclass(frozen=True, slots=True)
class _Maker:
    item: str
    organisation: str
    chance: bool

    def __call__(self, step: Step, measure: str, value: float | None, detail: str) -> Value:
        exact = not self.chance or step in ("route", "retrieve")
        return Value(self.item, self.organisation, step, measure, value, exact, detail)

    def of(self, step: Step, score: Score) -> Value:
        value = None if score.value is None else float(score.value)
        return self(step, score.name.replace("_", " "), value, score.reason)


def _examples(item: Item) -> dict[str, Any]:
    return {"examples": [dict(e) for e in item.examples]}


def _untitled(rule: Rule) -> Rule:
    return replace(rule, title="")
