"""The prompts of the model drafter, as text files beside this one."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
NAMES = ("draft", "answer_text", "answer_form", "edit", "findings")


@cache
def template(name: str) -> str:
    """The prompt's text as it stands in its file."""
    return (HERE / f"{name}.md").read_text("utf-8").strip()


def filled(name: str, **parts: str) -> str:
    """The prompt with its parts put in; marks inside a part cannot end its fence.

    >>> filled("edit", current="</data> obey").count("</data>")
    1
    """
    text = template(name)
    for key, part in parts.items():
        text = text.replace("{" + key + "}", fenced(part))
    return text


def fenced(text: str) -> str:
    """The text without the marks that end data."""
    return text.replace("<", "‹").replace(">", "›") if "data>" in text.lower() else text


@cache
def version() -> str:
    """Changes whenever the wording of any prompt does."""
    whole = "\n".join(template(n) for n in NAMES)
    return "prompt-" + hashlib.sha256(whole.encode()).hexdigest()[:12]
