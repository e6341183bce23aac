"""The command line. Each command imports what it needs, so that the small ones start at once."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.rulelang.findings import InputError

if TYPE_CHECKING:
    from data.packs import Pack
    from data.rulelang.findings import Finding, Severity
    from data.rulelang.version import Version

WRONG = 1
"""Exit status: findings of severity error, input that cannot be used, or packs that differ."""
UNREADABLE = 2
"""Exit status of ``diff``, where 1 says that the packs differ."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit status is 0 unless something is wrong."""
    said = _parser().parse_args(arguments)
    try:
        return said.run(said)
    except InputError as error:
        _show_findings(error.findings, as_json=getattr(said, "json", False))
        return WRONG
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="rulewright",
        description="State a rule in plain language; get one that is checked and explained.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    serve = commands.add_parser("serve", help="chat, decision API and the reviewers' MLflow")
    serve.set_defaults(run=_serve)
    check = _command(commands, "check", "findings of a pack, each with a request that shows it")
    check.add_argument("--notes", action="store_true", help="show notes too, not only their number")
    check.set_defaults(run=_check)
    diff = _command(commands, "diff", "requests that two packs answer differently")
    diff.add_argument("other", metavar="pack", help="the pack to compare it with")
    diff.set_defaults(run=_diff)
    decide = _command(commands, "decide", "one JSON result a line for requests on standard input")
    decide.add_argument(
        "--env", metavar="E", help="decide by what is deployed there, not the folder"
    )
    decide.set_defaults(run=_decide)
    explain = _command(commands, "explain", "as decide, with what led to each result")
    explain.add_argument(
        "--why-not", metavar="DECISION=VALUE", action="append", default=[],
        help="the fewest facts that would have given this value; may be said again",
    )  # fmt: skip
    explain.set_defaults(run=_explain)
    adequacy = _command(commands, "adequacy", "slips in the rules that no scenario would notice")
    adequacy.add_argument("--rule", metavar="TITLE", action="append", default=[],
                          help="this rule alone; may be said again")  # fmt: skip
    adequacy.add_argument("--seconds", type=float, default=120, help="stop after so long (120)")
    adequacy.set_defaults(run=_adequacy)
    draft = _command(commands, "draft", "a sentence up to the confirmation; saves nothing")
    draft.add_argument("sentence", nargs="?", help="without it, one a line from standard input")
    draft.set_defaults(run=_draft)
    text = "how well the assistant does what it is for"
    judge = commands.add_parser("eval", help=text, description=text)
    judged = judge.add_subparsers(required=True, metavar="WHAT")
    retrieval = judged.add_parser("retrieval", help="which way of finding words is best")
    retrieval.add_argument("pairs", help="phrases and the terms they mean, a YAML file")
    retrieval.add_argument("folder", nargs="?", help="a set of sentences, for more pairs")
    retrieval.set_defaults(run=_eval_retrieval)
    drafting = judged.add_parser(
        "drafting", help="how many sentences of a set become the rules that were meant"
    )
    drafting.add_argument("folder", help="holds ontology.yaml, codes/ and items.json")
    drafting.add_argument("--all", action="store_true", help="print what was asked, too")
    drafting.add_argument(
        "--answer", action="store_true",
        help="answer what is asked as somebody who knows the rule; a pack's examples will do, too",
    )  # fmt: skip
    drafting.set_defaults(run=_eval_drafting)
    sentences = judged.add_parser(
        "sentences", help="made-up sentences of random rules, read back; pairs to train a model on"
    )
    sentences.add_argument("pack", help="a pack's folder or name")
    sentences.add_argument("--count", type=int, default=100, help="random rules (100)")
    sentences.add_argument("--each", type=int, default=2, help="sentences for each rule (2)")
    sentences.add_argument("--seed", type=int, default=1, help="another seed, other rules (1)")
    sentences.add_argument("--out", metavar="FOLDER", help="write the pairs there, as JSONL")
    sentences.set_defaults(run=_eval_sentences)
    nightly = commands.add_parser("nightly", help="how good yesterday was, and what changed")
    nightly.add_argument("--again", action="store_true", help="a further run in this night")
    nightly.add_argument("--accept", metavar="RUN", help="hold the nights to come to this run")
    nightly.set_defaults(run=_nightly)
    prompts = commands.add_parser(
        "prompts", help="what the chat model is told, and better wordings"
    )
    ways = prompts.add_mutually_exclusive_group()
    ways.add_argument("--try", metavar="FOLDER", dest="attempt",
                      help="compare the wording in a folder with the one in use")  # fmt: skip
    ways.add_argument("--promote", metavar="FOLDER",
                      help="compare it, and use it from now on where it is no worse")  # fmt: skip
    ways.add_argument("--back", action="store_true", help="use the wording before again")
    prompts.set_defaults(run=_prompts)
    usage = commands.add_parser("usage", help="what was used, how it went and what it cost")
    usage.add_argument("--days", type=int, default=7, help="how many days, today among them (7)")
    usage.set_defaults(run=_usage)
    language = _command(commands, "language", "the organisation's language: grammar and examples")
    language.set_defaults(run=_language)
    _exports(commands)
    for command in (check, diff, adequacy, usage, draft, drafting, retrieval, *_imports(commands)):
        command.add_argument("--json", action="store_true", help="for programs")
    return parser


def _imports(commands: Any) -> list[argparse.ArgumentParser]:
    text = "rules from a file that you have already"
    forms = commands.add_parser("import", help=text, description=text).add_subparsers(
        required=True, metavar="FORM"
    )
    dmn = forms.add_parser("dmn", help="a DMN 1.x model becomes a pack")
    dmn.add_argument("file", help="the model, .dmn or .xml")
    dmn.add_argument("--out", metavar="FOLDER", help="write the pack here; else it is printed")
    dmn.set_defaults(run=_exchange("import_dmn"))
    table = forms.add_parser("table", help="rows of a CSV or XLSX file become rules of a pack")
    table.add_argument("file", help="the table: its first row names facts and decisions")
    table.add_argument("--pack", required=True, help="whose words the table speaks")
    table.add_argument("--decision", metavar="D", help="what a column `result` is of")
    table.add_argument("--hit", choices=("unique", "first"), help="first: the earlier row wins")
    table.set_defaults(run=_exchange("import_table"))
    return [dmn, table]


def _exports(commands: Any) -> None:
    text = "the rules of a pack in a form that other programs read"
    forms = commands.add_parser("export", help=text, description=text).add_subparsers(
        required=True, metavar="FORM"
    )
    dmn = _command(forms, "dmn", "a DMN model: a decision table for each decision that one can say")
    dmn.add_argument("--out", metavar="FILE", help="else it is printed")
    dmn.set_defaults(run=_exchange("export_dmn"))
    jdm = _command(forms, "jdm", "a GoRules JDM graph: the same tables for the ZEN engine")
    jdm.add_argument("--out", metavar="FILE", help="else it is printed")
    jdm.set_defaults(run=_exchange("export_jdm"))
    table = _command(forms, "table", "decision tables: CSV, or XLSX with a sheet a decision")
    table.add_argument("--out", metavar="FILE", help=".csv or .xlsx; else CSV is printed")
    table.set_defaults(run=_exchange("export_table"))


def _exchange(name: str) -> Callable[[argparse.Namespace], int]:
    """The command of this name in :mod:`app.exchange`, imported when it runs."""

    def run(said: argparse.Namespace) -> int:
        from app import exchange

        return getattr(exchange, name)(said, partial(_show_findings, as_json=False))

    return run


def _command(commands: Any, name: str, text: str) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=text, description=text)
    command.add_argument("pack", help="a folder, or the name of a pack that ships")
    return command


def _serve(_: argparse.Namespace) -> int:
    from app.serve import serve

    return serve()


def _check(said: argparse.Namespace) -> int:
    from app.progress import ProgressLine
    from data.packs import load_pack
    from data.rulelang.check import check

    line = ProgressLine()
    with line.while_waiting("reading the pack"):
        pack = load_pack(said.pack)
        version = _version_of(pack)
    findings = [_placed(f, pack.rule_places) for f in check(version, line.looking_for)]
    shown = [f for f in findings if said.json or _is_shown(f, said.notes)]
    for finding in line.counted(shown, "working out requests that show it"):
        _ = finding.witness
    line.clear()
    _show_findings(findings, as_json=said.json, notes=said.notes)
    return WRONG if any(f.severity == "error" for f in findings) else 0


def _diff(said: argparse.Namespace) -> int:
    from app.differing import differ
    from data.packs import load_pack

    try:
        before, after = (_version_of(load_pack(name)) for name in (said.pack, said.other))
    except InputError as error:
        _show_findings(error.findings, as_json=said.json)
        return UNREADABLE
    return 0 if differ(before, after, as_json=said.json) else WRONG


def _placed(finding: Finding, places: Mapping[str, str]) -> Finding:
    """With the file and line of the first rule it speaks of."""
    place = next((places[t] for t in finding.rules if t in places), finding.place)
    return replace(finding, place=place)


def _decide(said: argparse.Namespace) -> int:
    from app.answers import answer_line
    from data.packs import load_pack

    version = _deployed(said.pack, said.env) if said.env else _version_of(load_pack(said.pack))
    for line in sys.stdin:
        print(json.dumps(answer_line(version, line), ensure_ascii=False), flush=True)
    return 0


def _explain(said: argparse.Namespace) -> int:
    from app.explaining import explained_line
    from data.packs import load_pack

    version = _version_of(load_pack(said.pack))
    for line in sys.stdin:
        told = explained_line(version, line, said.why_not)
        print(json.dumps(told, ensure_ascii=False), flush=True)
    return 0


def _adequacy(said: argparse.Namespace) -> int:
    from app.adequate import adequacy_lines

    return adequacy_lines(said.pack, said.rule, said.seconds, said.json)


def _draft(said: argparse.Namespace) -> int:
    from app.drafting import draft_lines

    sentences = [said.sentence] if said.sentence is not None else sys.stdin
    return draft_lines(said.pack, sentences, as_json=said.json)


def _eval_drafting(said: argparse.Namespace) -> int:
    if said.answer:
        from app.answered_score import answered_lines

        return answered_lines(said.folder, asked=said.all, as_json=said.json)
    from app.drafting_score import drafting_lines

    return drafting_lines(said.folder, asked=said.all, as_json=said.json)


def _eval_sentences(said: argparse.Namespace) -> int:
    from app.made_up import sentence_lines

    return sentence_lines(said.pack, said.count, said.each, said.seed, said.out)


def _nightly(said: argparse.Namespace) -> int:
    from app.nightly import accept, nightly

    return accept(said.accept) if said.accept else nightly(again=said.again)


def _prompts(said: argparse.Namespace) -> int:
    from app.prompts import attempt, back, show

    if said.back:
        return back()
    folder = said.attempt or said.promote
    return attempt(folder, promote=bool(said.promote)) if folder else show()


def _usage(said: argparse.Namespace) -> int:
    from app.usage import usage

    return usage(said.days, as_json=said.json)


def _eval_retrieval(said: argparse.Namespace) -> int:
    from app.retrieval_score import retrieval_lines

    return retrieval_lines(said.pairs, said.folder, as_json=said.json)


def _language(said: argparse.Namespace) -> int:
    from data.packs import load_pack
    from data.rulelang.grammar import grammar_text
    from data.rulelang.samples import samples

    pack = load_pack(said.pack)
    print(f"# The language of {pack.ontology.title}\n")
    derived = [d.name for d in pack.rule_set.defines]
    print(grammar_text(pack.ontology, pack.code_sets, derived))
    print("\n".join(samples(pack.ontology)) + "\n")
    for example in pack.examples:
        print(f"# {example.sentence}\n{example.rules.strip()}\n")
    return 0


def _version_of(pack: Pack) -> Version:
    from data.packs.version import version_of

    # As in `Settings.var`, which takes longer to load than a decision takes.
    return version_of(pack, Path(os.environ.get("RULEWRIGHT_VAR", "var")) / "history")


def _deployed(pack: str, environment: str) -> Version:
    from app.deployed import deployed_version

    return deployed_version(pack, environment)


def _show_findings(findings: Sequence[Finding], *, as_json: bool, notes: bool = True) -> None:
    if as_json:
        print(json.dumps({"findings": [f.to_json() for f in findings]}, ensure_ascii=False))
        return
    for finding in findings:
        if _is_shown(finding, notes):
            print(_in_words(finding))
    counts = Counter(f.severity for f in findings)
    kinds: tuple[Severity, ...] = ("error", "warning", "note")
    hidden = " (shown with --notes)" if counts["note"] and not notes else ""
    print(", ".join(_count(counts[kind], kind) for kind in kinds) + hidden)


def _is_shown(finding: Finding, notes: bool) -> bool:
    return notes or finding.severity != "note"


def _in_words(finding: Finding) -> str:
    place = f"{finding.place}: " if finding.place else ""
    lines = [f"{place}{finding.severity} {finding.code}: {finding.message}"]
    if finding.rules:
        lines.append("    rules: " + ", ".join(f'"{title}"' for title in finding.rules))
    if finding.witness is not None:
        shown = json.dumps(finding.witness, ensure_ascii=False)
        lines.append(f"    for example: {shown}")
    if finding.suggestion:
        lines.append(f"    try: {finding.suggestion}")
    return "\n".join(lines)


def _count(number: int, what: str) -> str:
    return f"{number} {what}" + ("" if number == 1 else "s")


if __name__ == "__main__":
    raise SystemExit(main())
