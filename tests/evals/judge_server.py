"""How a judging model on localhost answers: well, in pieces, both ways, late."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from itertools import count
from typing import Any

from tests.graph.model_server import Answer

OURS = "You judge one turn of an assistant"
"""How every rubric's prompt begins; any other prompt is one of Ragas'."""
SAID = "What do wheelchair patients at Northstar get?"


def good(prompt: str) -> Answer:
    """Yes to every claim, and a right form for every metric."""
    return verdict("yes") if OURS in prompt else Answer(json.dumps(_filled(_schema(prompt))))


def verdict(word: str) -> Answer:
    return Answer(json.dumps({"rationale": "each phrase has its clause", "result": word}))


def malformed(prompt: str) -> Answer:
    return Answer("Well, I would say it is mostly fine")


def off_the_scale(prompt: str) -> Answer:
    return verdict("eleven") if OURS in prompt else Answer("{}")


def contradictory() -> Callable[[str], Answer]:
    """The first word of the scale, whatever it is: yes, and then `cannot tell`."""

    def answer(prompt: str) -> Answer:
        if OURS not in prompt:
            return good(prompt)
        listed = re.findall(r"^- (yes|no|cannot tell): ", prompt, re.MULTILINE)
        return verdict(listed[0])

    return answer


def wavering() -> Callable[[str], Answer]:
    """Fails the first time it is asked anything, then answers well."""
    numbers = count()
    return lambda prompt: Answer(status=503) if next(numbers) == 0 else good(prompt)


def slow(seconds: float) -> Callable[[str], Answer]:
    def answer(prompt: str) -> Answer:
        made = good(prompt)
        return Answer(made.content, seconds=seconds)

    return answer


def _schema(prompt: str) -> Mapping[str, Any]:
    """The last of the outermost JSON objects of the prompt that is a schema."""
    decoder, found, at = json.JSONDecoder(), {}, 0
    while (start := prompt.find("{", at)) >= 0:
        try:
            value, at = decoder.raw_decode(prompt, start)
        except ValueError:
            at = start + 1
            continue
        found = value if "properties" in value else found
    return found


def _filled(schema: Mapping[str, Any]) -> Any:
    defs = schema.get("$defs", {})

    def one(of: Mapping[str, Any]) -> Any:
        if "$ref" in of:
            return one(defs[of["$ref"].rpartition("/")[2]])
        match of.get("type"):
            case "object":
                return {name: one(part) for name, part in of.get("properties", {}).items()}
            case "array":
                return [one(of["items"])]
            case "integer":
                return 0 if of.get("title") == "Noncommittal" else 1
            case "number":
                return 1
            case "boolean":
                return True
            case _:
                return SAID

    return one(schema)
