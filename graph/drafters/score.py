"""Scores what sentences become on a set whose requests and outcomes are known.

``rulewright eval drafting FOLDER`` scores the whole pipeline, :func:`score` a drafter alone.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from data.ontology.values import json_value
from data.packs.load import Pack, load_pack
from data.rulelang.ast import Rule, RuleSet
from data.rulelang.evaluate import decide
from data.rulelang.findings import Finding, InputError
from data.rulelang.parse import parse
from data.rulelang.render import render
from data.rulelang.request import read_request
from data.rulelang.result import Result
from data.rulelang.version import Version, make_version
from graph.drafters.base import Draft, Drafter, Task

Verdict = Literal["right", "asked", "wrong", "refused"]
TextKind = Literal["sentence", "paraphrase"]
VERDICTS: tuple[Verdict, ...] = ("right", "asked", "wrong", "refused")
FORM = (
    '{"items": [{"id": …, "sentence": …, "examples": [{"given": {…}, "expect": {"decision": …}}]}]}'
)
"""The least that `items.json` holds."""
UNCLEAR = frozenset(["ambiguous", "underspecified"])


@dataclass(frozen=True, slots=True)
class Text:
    """One text of a set."""

    item: Mapping[str, Any]
    kind: TextKind

    @property
    def words(self) -> str:
        return str(self.item[self.kind])


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a text: rules, or the question or message in words."""

    status: Literal["drafted", "question", "refused"]
    rules: tuple[Rule, ...] = ()
    words: str = ""


@dataclass(frozen=True, slots=True)
class Scored:
    """One text and what became of it."""

    id: str
    kind: TextKind
    clarity: str
    text: str
    verdict: Verdict
    detail: str
    """The question, or the failing request and both outcomes."""
    rules: tuple[str, ...]
    open_kept: int
    open_all: int
    """Requests that lack a needed fact: how many stayed open, of how many (drafted only)."""
    seconds: float

    @property
    def apart(self) -> bool:
        """Asking is right here: reported apart."""
        return self.clarity in UNCLEAR


@dataclass(frozen=True, slots=True)
class Scores:
    """All scored texts of a set."""

    scored: tuple[Scored, ...]

    def share(self, verdict: Verdict, kind: TextKind | None = None) -> float:
        """Share of the clear texts with this verdict."""
        among = [s for s in self.scored if not s.apart and kind in (None, s.kind)]
        return sum(s.verdict == verdict for s in among) / len(among) if among else 0.0

    def count(self, verdict: Verdict, kind: TextKind, apart: bool = False) -> int:
        return sum(
            s.verdict == verdict and s.kind == kind and s.apart == apart for s in self.scored
        )

    def slowest(self, share: float = 0.95) -> float:
        """Seconds within which this share of the texts was read."""
        times = sorted(s.seconds for s in self.scored)
        return times[min(len(times) - 1, int(share * len(times)))] if times else 0.0

    def wrong(self) -> tuple[Scored, ...]:
        return tuple(s for s in self.scored if s.verdict == "wrong")


def read_set(folder: str | Path) -> tuple[Pack, tuple[Text, ...]]:
    """The set's organisation, without rules, and its texts. Raises ``InputError``."""
    pack = load_pack(folder, rules=False)
    file = Path(folder) / "items.json"
    try:
        items: list[dict[str, Any]] = json.loads(file.read_text("utf-8"))["items"]
        texts = (Text(i, kind) for i in items for kind in get_args(TextKind) if i.get(kind))
        return pack, tuple(texts)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        message = f"`{file.name}` is missing, or holds no set of sentences"
        suggestion = f"write it as `{FORM}`"
        raise InputError((Finding("parse", "error", message, suggestion),)) from error


def score(folder: str | Path, drafter: Drafter) -> Scores:
    """Drafts every text of ``folder`` into an empty rule set and tries its requests.

    The drafter is given the text alone: never the reading, the decisions or the examples.
    """
    pack, texts = read_set(folder)
    task = Task(pack.ontology, pack.code_sets, RuleSet(), scope_rows=pack.scope_rows)

    def one(text: Text) -> Scored:
        began = time.perf_counter()
        draft = drafter.draft(text.words, task)
        return scored(text, pack, _outcome(draft), time.perf_counter() - began)

    return Scores(tuple(map(one, texts)))


def _outcome(draft: Draft) -> Outcome:
    match draft.status:
        case "question":
            return Outcome("question", (), draft.question.text if draft.question else "")
        case "refused":
            return Outcome("refused", (), draft.message)
        case "drafted":
            return Outcome("drafted", draft.readings[0].rules)


def scored(text: Text, pack: Pack, outcome: Outcome, seconds: float) -> Scored:
    """The text's verdict; ``seconds`` is how long it took to read."""
    verdict, detail, kept, every = _verdict(outcome, text.item, pack)
    return Scored(
        id=str(text.item["id"]),
        kind=text.kind,
        clarity=str(text.item.get("clarity", "clear")),
        text=text.words,
        verdict=verdict,
        detail=detail,
        rules=tuple(render(r, pack.ontology) for r in outcome.rules),
        open_kept=kept,
        open_all=every,
        seconds=seconds,
    )


def _verdict(
    outcome: Outcome, item: Mapping[str, Any], pack: Pack
) -> tuple[Verdict, str, int, int]:
    if outcome.status != "drafted":
        return ("asked" if outcome.status == "question" else "refused"), outcome.words, 0, 0
    unreadable = unreadable_rule(outcome.rules, pack)
    if unreadable:
        return "wrong", unreadable, 0, 0
    rules = RuleSet(outcome.rules)
    version = make_version(pack.ontology, pack.code_sets, pack.scope_rows, rules)
    for example in item["examples"]:
        failure = why_not(version, example)
        if failure:
            return "wrong", failure, 0, 0
    unknown: Sequence[Mapping[str, Any]] = item.get("unknown_examples", ())
    kept = sum(why_not(version, e) is None for e in unknown)
    return "right", "", kept, len(unknown)


def unreadable_rule(rules: Sequence[Rule], pack: Pack) -> str:
    """Why the text of a rule does not read back as the same rule; empty where all do."""
    text = "\n\n".join(render(r, pack.ontology) for r in rules)
    parsed = parse(text, pack.ontology, pack.code_sets, "", pack.rule_set.defines)
    if any(f.severity == "error" for f in parsed.findings):
        return "; ".join(f.message for f in parsed.findings)
    if sorted(parsed.rule_set.rules, key=_title) != sorted(rules, key=_title):
        return "the rule text reads back differently"
    return ""


def _title(rule: Rule) -> str:
    return rule.title


def why_not(version: Version, example: Mapping[str, Any]) -> str | None:
    """How the version fails an example; ``None`` where it gives what is expected."""
    results = decide(version, read_request(version.ontology, example["given"]))
    for decision, expected in example["expect"].items():
        got = _value(results[decision])
        if not _same(got, expected):
            return f"{json.dumps(example['given'])}: {decision} should be {expected!r}, is {got!r}"
    return None


def _value(result: Result) -> Any:
    """The decided value as plain JSON; ``None`` for anything open and for an empty list."""
    if result.status != "decided" or result.value is None:
        return None
    if isinstance(result.value, tuple):
        return [json_value(v) for v in result.value] or None
    return json_value(result.value)


def _same(got: Any, expected: Any) -> bool:
    if isinstance(expected, list):
        return isinstance(got, list) and set(map(str, got)) == set(map(str, expected))  # type: ignore[arg-type]
    if expected is None or got is None:
        return got is expected
    return got == expected


def table(scores: Scores) -> str:
    """The scores as a Markdown table, clear texts first, unclear ones apart."""
    lines = ["| | " + " | ".join(VERDICTS) + " | of |", "| --- |" + " ---: |" * (len(VERDICTS) + 1)]
    for apart in (False, True):
        for kind in ("sentence", "paraphrase"):
            counts = [scores.count(v, kind, apart) for v in VERDICTS]
            name = f"{kind}, ambiguous" if apart else kind
            of = sum(counts)
            cells = [f"{c} ({c / of:.0%})" if of else "0" for c in counts]
            lines.append(f"| {name} | {' | '.join(cells)} | {of} |")
    kept = sum(s.open_kept for s in scores.scored)
    every = sum(s.open_all for s in scores.scored)
    lines += ["", f"Requests that lack a fact, over right drafts: {kept} of {every} stayed open."]
    lines.append(f"Time for one text: 95 % within {scores.slowest() * 1000:.0f} ms.")
    differ = Counter(s.id for s in scores.scored if s.verdict == "right")
    lines.append(f"Right in one wording only: {sum(n == 1 for n in differ.values())} items.")
    return "\n".join(lines)


def report(scores: Scores, *, asked: bool = False) -> str:
    """The table, and every wrong text in full; with ``asked`` the others too."""
    parts = [table(scores)]
    for s in scores.wrong():
        rules = "\n".join(s.rules)
        parts.append(f"wrong: {s.id} ({s.kind})\n{s.text}\n{rules}\n{s.detail}")
    if asked:
        rest = (s for s in scores.scored if s.verdict != "wrong")
        parts += [f"{s.verdict}: {s.id} ({s.kind}) {s.text}\n    {s.detail}" for s in rest]
    return "\n\n".join(parts)
