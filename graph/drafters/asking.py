"""What a model is asked: the prompts, filled with the words that were retrieved."""

from __future__ import annotations

from dataclasses import replace

from data.ontology.model import CodeSet, Ontology
from data.rulelang.ast import RuleSet, attributes_of
from data.rulelang.grammar import grammar_text
from data.rulelang.render import render, render_set
from graph.drafters.base import Task
from graph.prompts import Prompts, fenced


def prompt_for(message: str, task: Task, prompts: Prompts) -> list[tuple[str, str]]:
    """What a model is told where its answer is held to no form, a pair of role and text each."""
    system = system_prompt(task, words_slice(task), "answer_text", prompts)
    return [("system", system), ("human", human_prompt(message, task, prompts))]


def words_slice(task: Task) -> Ontology:
    """The ontology with only the words that were retrieved, nothing identifying among them."""
    ids = {i.partition("=")[0] for i in task.retrieved}
    current = {a for r in task.current for a in attributes_of(r.when, task.ontology)}
    places = _levels(task.ontology)
    kept = {
        p: a
        for p, a in task.ontology.attributes.items()
        if (p in ids or p in current or p in places) and a.sensitive != "identifying"
    }
    return replace(task.ontology, attributes=kept, relations={}, candidates={})


def _levels(ontology: Ontology) -> frozenset[str]:
    scopes = ontology.scopes
    return frozenset(scopes.path(v) for v in scopes.levels) if scopes else frozenset()


def codes_slice(task: Task) -> dict[str, CodeSet]:
    """The codes that were retrieved, by code set."""
    wanted = {i.removeprefix("code:") for i in task.retrieved if i.startswith("code:")}
    kept: dict[str, CodeSet] = {}
    for name, code_set in task.code_sets.items():
        codes = {c: row for c, row in code_set.codes.items() if f"{name}/{c}" in wanted}
        if codes:
            kept[name] = CodeSet(name, codes)
    return kept


def system_prompt(task: Task, ontology: Ontology, answer: str, prompts: Prompts) -> str:
    titles = {i.removeprefix("rule:") for i in task.retrieved if i.startswith("rule:")}
    near = RuleSet(tuple(r for r in task.rule_set.rules if r.title in titles))
    examples = "\n\n".join(f"Sentence: {s}\n{rules}" for s, rules in task.examples)
    return prompts.filled(
        "draft",
        answer=prompts.texts[answer],
        grammar=grammar_text(ontology, codes_slice(task)),
        words="\n".join(_word_lines(ontology, task)),
        rules=render_set(near, task.ontology) or "none",
        examples=examples or "none",
    )


def _word_lines(ontology: Ontology, task: Task) -> list[str]:
    lines = [
        f"- {a.label} ({a.type}{', ' + a.unit if a.unit else ''}); also: {', '.join(a.synonyms)}"
        + (f"; values: {', '.join(a.values)}" if a.values else "")
        for a in ontology.attributes.values()
    ]
    lines += [f"- decision {d.label} ({d.type})" for d in ontology.decisions.values()]
    for name, code_set in codes_slice(task).items():
        lines += [f"- code {c.code} of {name}: {c.title}" for c in code_set.codes.values()]
    return lines


def human_prompt(message: str, task: Task, prompts: Prompts) -> str:
    parts: list[str] = []
    if task.current:
        current = "\n\n".join(render(r, task.ontology) for r in task.current)
        parts.append(prompts.filled("edit", current=current))
    wrong = [*(f"{f.message}: {f.suggestion}" for f in task.findings), *task.faults]
    if wrong:
        told = "\n".join(f"- {w}" for w in wrong)
        parts.append(prompts.filled("findings", findings=told))
    for a in task.answers:
        parts.append(f"Asked: {fenced(a.question)}\nAnswered: {fenced(a.text)}")
    parts.append(f"The sentence:\n\n<data>\n{fenced(message)}\n</data>")
    return "\n\n".join(parts)
