"""``rulewright import`` and ``rulewright export``: rules in the forms that people have already."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from data.exchange.pack_text import write_files
from data.exchange.problem import refuse
from data.rulelang.findings import Finding

Show = Callable[[Sequence[Finding]], None]
"""Prints findings as the command line does."""


def import_dmn(said: argparse.Namespace, show: Show) -> int:
    """A DMN model as a pack; without a folder to write to, the pack is printed."""
    from data.exchange.dmn.load import load_dmn

    made = load_dmn(content_of(said.file))
    if said.out:
        write_files(Path(said.out), made.files)
    if said.json:
        _print_json(files=made.files, findings=made.findings, decisions=made.outputs)
        return 0
    if said.out:
        rules = len(made.rule_set.rules)
        decisions = len(made.ontology.decisions)
        print(f"{rules} rules for {decisions} decisions written to {said.out}")
    else:
        for name, text in made.files.items():
            print(f"# {name}\n{text}")
    show(made.findings)
    return 0


def content_of(file: str) -> bytes:
    """The bytes of a file. Raises ``InputError`` where it cannot be read."""
    path = Path(file)
    if not path.is_file():
        refuse(f"there is no file `{file}`", "check the name and the folder")
    return path.read_bytes()


def _print_json(*, findings: Sequence[Finding], **rest: Mapping[str, Any]) -> None:
    shown = {**rest, "findings": [f.to_json() for f in findings]}
    json.dump(shown, sys.stdout, ensure_ascii=False)
    print()
