"""``rulewright import`` and ``rulewright export``: rules in the forms that people have already."""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.exchange.pack_text import write_files
from data.exchange.problem import refuse
from data.rulelang.findings import Finding, InputError

if TYPE_CHECKING:
    from data.rulelang.version import Version

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
        rules = counted(len(made.rule_set.rules), "rule")
        decisions = counted(len(made.ontology.decisions), "decision")
        print(f"{rules} for {decisions} written to {said.out}")
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


def _print_json(*, findings: Sequence[Finding], **rest: Any) -> None:
    shown = {**rest, "findings": [f.to_json() for f in findings]}
    json.dump(shown, sys.stdout, ensure_ascii=False)
    print()


def import_table(said: argparse.Namespace, show: Show) -> int:
    """A decision table as rules of a pack, with what they would bring into it; all or nothing."""
    from data.exchange.table.read import Words, read_tables
    from data.packs import load_pack
    from data.rulelang.change import changed
    from data.rulelang.check import check, draft_findings
    from data.rulelang.render import render
    from data.rulelang.version import make_version

    pack = load_pack(said.pack)
    titles = frozenset(r.title for r in pack.rule_set.rules)
    words = Words(pack.ontology, pack.code_sets, titles)
    read = read_tables(said.file, content_of(said.file), words, said.decision, said.hit, _progress)
    if read.problems:
        raise InputError(read.problems)
    come = frozenset(r.title for r in read.rules)
    kept = (r for r in pack.rule_set.rules if r.title not in come)
    before = make_version(pack.ontology, pack.code_sets, pack.scope_rows, pack.rule_set)
    after = changed(before, replace(pack.rule_set, rules=(*kept, *read.rules)))
    brought = [
        replace(f, place=next((read.places[t] for t in f.rules if t in read.places), f.place))
        for f in draft_findings(before, after, check(before))
    ]
    texts = [render(r, pack.ontology) for r in read.rules]
    if said.json:
        _print_json(rules=texts, replaces=sorted(come & titles), findings=brought)
    else:
        print("\n\n".join(texts))
        show(brought)
    return 1 if any(f.severity == "error" for f in brought) else 0


def export_dmn(said: argparse.Namespace, show: Show) -> int:
    """The pack's decisions as a DMN model, on standard output or in a file."""
    from data.exchange.dmn.write import dmn_bytes

    return _export_model(said, show, dmn_bytes, "a DMN model")


def export_jdm(said: argparse.Namespace, show: Show) -> int:
    """The pack's decisions as a JDM graph, on standard output or in a file."""
    from data.exchange.jdm.write import jdm_bytes

    return _export_model(said, show, jdm_bytes, "a JDM graph")


def _export_model(
    said: argparse.Namespace,
    show: Show,
    write: Callable[[Version], tuple[bytes, Sequence[Finding]]],
    what: str,
) -> int:
    from data.packs import load_pack
    from data.rulelang.version import make_version

    pack = load_pack(said.pack)
    version = make_version(pack.ontology, pack.code_sets, pack.scope_rows, pack.rule_set)
    content, left_out = write(version)
    _written(said.out, content, what, left_out, show)
    return 0


def export_table(said: argparse.Namespace, show: Show) -> int:
    """The pack's rules as decision tables: CSV on standard output, CSV or XLSX in a file."""
    from data.exchange.table.write import csv_bytes, grids, xlsx_bytes
    from data.packs import load_pack

    pack = load_pack(said.pack)
    book = bool(said.out) and said.out.lower().endswith(".xlsx")
    made, left_out = grids(pack.ontology, pack.rule_set, together=not book)
    if not made:
        refuse("no rule of the pack fits into a table", "see what is said of each", said.pack)
    content = xlsx_bytes(made) if book else csv_bytes(made[0])
    _written(said.out, content, counted(sum(len(g.rows) for g in made), "rule"), left_out, show)
    return 0


def _written(
    out: str | None, content: bytes, what: str, left_out: Sequence[Finding], show: Show
) -> None:
    """To a file, told on standard output; or to standard output, told on standard error."""
    if out is None:
        sys.stdout.buffer.write(content)
        with contextlib.redirect_stdout(sys.stderr):
            show(left_out)
        return
    try:
        Path(out).write_bytes(content)
    except OSError as error:
        refuse(f"`{out}` cannot be written: {error.strerror}", "name another file")
    print(f"{what} written to {out}")
    show(left_out)


def counted(number: int, what: str) -> str:
    return f"{number:,} {what}" + ("" if number == 1 else "s")


def _progress(done: int, of: int) -> None:
    print(f"{done:,} of {of:,} rows read", file=sys.stderr)
