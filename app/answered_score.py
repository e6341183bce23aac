"""``rulewright eval drafting --answer``: a made-up author answers what is asked. Saves nothing."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import uuid
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from app.drafting import Desk, open_desk
from app.drafting_score import outcome_of
from app.environment import be_quiet
from data.packs.load import EXAMPLES, Pack, load_pack
from data.rulelang.ast import RuleSet
from data.rulelang.findings import Finding, InputError
from data.rulelang.render import render
from graph.drafters.author import MadeUpAuthor
from graph.drafters.intended import intended
from graph.drafters.reached import MOST_QUESTIONS, Reached, judged, report
from graph.drafters.score import Outcome, Text, read_set

Json = dict[str, Any]


def answered_lines(folder: str, *, asked: bool, as_json: bool) -> int:
    """Draft each text of a set, or each example of a pack, with somebody to answer, and print
    after how many questions the rule that is meant was reached. Raises ``InputError``."""
    be_quiet()
    pack, texts = _texts(folder)
    with tempfile.TemporaryDirectory(prefix="rulewright-") as place:
        found = asyncio.run(_all(pack, Path(place), texts))
    if as_json:
        print(json.dumps({"texts": [asdict(r) for r in found]}, ensure_ascii=False))
    else:
        print(report(found, everything=asked))
    return 0


def _texts(folder: str) -> tuple[Pack, list[tuple[Text, RuleSet]]]:
    """Each text with what it means; a pack's own examples where the folder is no set."""
    pack, texts = _examples(folder)
    if not texts:
        pack, texts = read_set(folder)
    try:
        known = [(t, rules) for t in texts if (rules := intended(t.item, pack)) is not None]
    except (KeyError, ValueError) as error:
        message = f"a `reading` does not fit the ontology: {error}"
        wrong = Finding("parse", "error", message, "write it in the ontology's names")
        raise InputError((wrong,)) from error
    if not known:
        message = f"`{folder}` does not say what its sentences mean"
        wrong = Finding("parse", "error", message, "give each item a `reading` or `rules`")
        raise InputError((wrong,))
    return pack, known


def _examples(name: str) -> tuple[Pack, Sequence[Text]]:
    """A pack without its rules, and its examples; none where it is a set of sentences."""
    if (Path(name) / "items.json").exists():
        return load_pack(name, rules=False), ()
    pack = load_pack(name)
    items: list[Json] = [
        {"id": f"{EXAMPLES}:{e.line}", "sentence": e.sentence, "rules": e.rules}
        for e in pack.examples
    ]
    alone = replace(pack, rule_set=RuleSet(defines=pack.rule_set.defines), scenarios=())
    return alone, [Text(item, "sentence") for item in items]


async def _all(pack: Pack, place: Path, texts: Sequence[tuple[Text, RuleSet]]) -> list[Reached]:
    found: list[Reached] = []
    # A pack's history was decided by its rules, which are left out here.
    async with open_desk(replace(pack, folder=place), place) as desk:
        for number, (text, rules) in enumerate(texts, 1):
            found.append(await _conversation(desk, pack, text, rules))
            if sys.stderr.isatty():
                end = "\n" if number == len(texts) else ""
                print(f"\r{number} of {len(texts)} sentences", end=end, file=sys.stderr, flush=True)
    return found


async def _conversation(desk: Desk, pack: Pack, text: Text, rules: RuleSet) -> Reached:
    author = MadeUpAuthor(pack, rules, _wordings(text))
    thread, said = str(uuid.uuid4()), [text.words]
    turns: list[tuple[str, str]] = []
    told = await desk.say(thread, text.words)
    while told["status"] == "question" and len(turns) < MOST_QUESTIONS:
        answer = author.answer(told["question"], said)
        turns.append((told["question"]["text"], answer or ""))
        if answer is None:
            break
        said.append(answer)
        told = await desk.say(thread, answer)
    return _reached(text, pack, rules, turns, outcome_of(told, pack))


def _reached(
    text: Text, pack: Pack, rules: RuleSet, turns: Sequence[tuple[str, str]], outcome: Outcome
) -> Reached:
    verdict, detail = judged(text, pack, rules, outcome)
    drafted = tuple(render(r, pack.ontology) for r in outcome.rules)
    clarity = str(text.item.get("clarity", "clear"))
    return Reached(
        str(text.item["id"]), text.kind, clarity, text.words, tuple(turns), verdict, detail, drafted
    )


def _wordings(text: Text) -> list[str]:
    """All ways in which the item says its rule."""
    return [str(text.item[k]) for k in ("sentence", "paraphrase") if text.item.get(k)]
