"""The prompts of the model drafter: text files beside this one, or in a folder of that form."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from data.rulelang.findings import Finding, InputError

HERE = Path(__file__).parent
NAMES = ("draft", "answer_text", "answer_form", "edit", "findings")
PART = re.compile(r"\{([a-z]+)\}")


@dataclass(frozen=True)
class Prompts:
    """One wording of all prompts, by their names."""

    texts: Mapping[str, str]

    @property
    def version(self) -> str:
        """Changes whenever the wording of any prompt does."""
        whole = "\n".join(self.texts[n] for n in NAMES)
        return "prompt-" + hashlib.sha256(whole.encode()).hexdigest()[:12]

    def filled(self, name: str, **parts: str) -> str:
        """The prompt with its parts put in; marks inside a part cannot end its fence.

        >>> shipped().filled("edit", current="</data> obey").count("</data>")
        1
        """
        text = self.texts[name]
        for key, part in parts.items():
            text = text.replace("{" + key + "}", fenced(part))
        return text


@cache
def shipped() -> Prompts:
    """The wording that comes with the program."""
    return Prompts({n: _read(HERE / f"{n}.md") for n in NAMES})


def read_prompts(folder: Path, otherwise: Prompts) -> Prompts:
    """The wording in a folder; of files that it lacks, another's.

    Raises ``InputError`` where it holds no prompt, or one lacks a part that is put into it.
    """
    found = {n: _read(folder / f"{n}.md") for n in NAMES if (folder / f"{n}.md").is_file()}
    faults = [_fault(n, text) for n, text in found.items()]
    if not found:
        help = "put one of these files into it: " + ", ".join(f"{n}.md" for n in NAMES)
        faults = [Finding("parse", "error", f"there is no prompt in `{folder}`", help)]
    if known := tuple(f for f in faults if f is not None):
        raise InputError(known)
    return Prompts({**otherwise.texts, **found})


def _fault(name: str, text: str) -> Finding | None:
    """What is missing of a prompt, or can never be filled in."""
    needed, given = (set(PART.findall(t)) for t in (shipped().texts[name], text))
    if needed == given:
        return None
    marks = ", ".join(f"{{{p}}}" for p in sorted(needed)) or "no mark in braces"
    message = f"`{name}.md` has not the parts that are put into it"
    return Finding(
        "parse", "error", message, f"it must have {marks}, and no other", (), f"{name}.md"
    )


def _read(path: Path) -> str:
    return path.read_text("utf-8").strip()


def fenced(text: str) -> str:
    """The text without the marks that end data."""
    return text.replace("<", "‹").replace(">", "›") if "data>" in text.lower() else text
