"""The drafter that asks a chat model, through any endpoint that speaks the OpenAI protocol.

The model proposes rule text, or fills in a form where the endpoint holds answers to a JSON schema
(``form``). The parser reads it, the account of the words (``spoken``) holds it
against what was said, and whatever does not fit becomes a question.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

from data.ontology.model import Ontology
from data.rulelang.ast import Rule
from data.rulelang.findings import Finding
from data.rulelang.parse import parse
from graph.drafters.asking import codes_slice, human_prompt, prompt_for, system_prompt, words_slice
from graph.drafters.base import (
    Draft,
    DrafterUnavailable,
    Effort,
    Question,
    Reading,
    Task,
    free_title,
)
from graph.drafters.form import Misfilled, answer_schema, rules_text
from graph.drafters.spoken import Account, account
from graph.prompts import Prompts, shipped

TRIES = 2
"""Answers the model may mend within one turn of the pipeline."""
LONGEST_ANSWER = 20_000
LONGEST_TITLE = 80
FENCE = re.compile(r"^```[a-z]*\s*|\s*```$", re.IGNORECASE)
LATE = "The model did not answer in time."
BUSY = "The model is busy."
SPENT = "The model's budget is spent."
AWAY = "The model cannot be reached."
GARBLED = "The model's answer could not be read."
DECLINED = "The model declined to answer."
FEWER = "It read the sentence {read} of {of} times."
WHICH = "Which of these do you mean?"


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """Where the model is asked. Handed in complete; nothing is read from the environment here."""

    base_url: str
    model: str
    api_key: str = field(repr=False)
    timeout: float = 20.0
    """Seconds for one answer."""
    input_price: float | None = None
    """US dollars for a million tokens read; ``None`` where nobody said."""
    output_price: float | None = None
    """US dollars for a million tokens written."""
    samples: int = 1
    """How often a sentence is read; samples that mean different things are asked about."""


VARIED = 0.7
"""Temperature of every sample after the first, which is the model's likeliest answer."""
PROMPT = "draft"
"""Name of the prompt that an answer is asked for with."""
MILLION = 1_000_000
LETTERS = 4
"""Characters of a token of English, about: for endpoints that do not count."""


@dataclass
class Spent:
    """Counts what one draft takes, asked for with one wording of the prompts."""

    prompts: Prompts
    tries: int = 0
    read: int = 0
    written: int = 0

    def add(
        self, usage: Mapping[str, int] | None, messages: Sequence[tuple[str, str]], answer: str
    ) -> None:
        """What the endpoint says it read and wrote; estimated where it says nothing."""
        if usage is None:
            asked = sum(len(text) for _, text in messages)
            usage = {"input_tokens": asked // LETTERS, "output_tokens": len(answer) // LETTERS}
        self.read += usage.get("input_tokens", 0)
        self.written += usage.get("output_tokens", 0)

    def effort(self, settings: ModelSettings) -> Effort:
        def cost(price: float | None, tokens: int) -> float | None:
            return None if price is None else price * tokens / MILLION

        return Effort(
            settings.model, PROMPT, self.prompts.version, self.tries, self.read, self.written,
            cost(settings.input_price, self.read), cost(settings.output_price, self.written),
        )  # fmt: skip


class Garbled(ValueError):
    """The answer is not of the form that was asked for."""


class ModelDrafter:
    """Asks the model, mends its answer once with the findings, and accounts for every word."""

    def __init__(self, settings: ModelSettings, prompts: Callable[[], Prompts] = shipped) -> None:
        """``prompts``: the wording in use, asked for at each draft."""
        self.name = settings.model
        self._settings = settings
        self._prompts = prompts
        self._client: Any = None
        self._holds_to_schema = True
        """Until the endpoint says otherwise."""

    def draft(self, message: str, task: Task) -> Draft:
        """Raises ``DrafterUnavailable`` where the model gives nothing that can be used."""
        spent, samples, note = Spent(self._prompts()), list[Draft](), ""
        for number in range(self._settings.samples):
            try:
                samples.append(self._draft(message, task, spent, VARIED if number else 0.0))
            except DrafterUnavailable as gone:
                if not samples:
                    raise DrafterUnavailable(str(gone), spent.effort(self._settings)) from None
                note = f"{gone} {FEWER.format(read=len(samples), of=self._settings.samples)}"
                break
        return replace(_together(samples), note=note, effort=spent.effort(self._settings))

    def _draft(self, message: str, task: Task, spent: Spent, temperature: float) -> Draft:
        words = words_slice(task)
        told: list[tuple[str, str]] = []
        for _ in range(TRIES):
            answer = self._answer(words, message, task, told, spent, temperature)
            try:
                draft, found = self._read(answer, message, task)
            except Garbled:
                raise DrafterUnavailable(GARBLED) from None
            if not found:
                return draft
            faults = "\n".join(f"- {f.message}: {f.suggestion}" for f in found)
            told = [("ai", answer), ("human", spent.prompts.filled("findings", findings=faults))]
        raise DrafterUnavailable(GARBLED)

    def _answer(
        self,
        words: Ontology,
        message: str,
        task: Task,
        told: Sequence[tuple[str, str]],
        spent: Spent,
        temperature: float,
    ) -> str:
        """The model's text, held to the form of the organisation's words where that can be."""
        import openai

        human = ("human", human_prompt(message, task, spent.prompts))
        if self._holds_to_schema:
            form = {
                "name": "draft",
                "strict": True,
                "schema": answer_schema(words, codes_slice(task)),
            }
            held = {"type": "json_schema", "json_schema": form}
            bound = {"response_format": held, "temperature": temperature}
            system = ("system", system_prompt(task, words, "answer_form", spent.prompts))
            try:
                return self._asked_once([system, human, *told], bound, spent)
            except (openai.BadRequestError, openai.UnprocessableEntityError):
                self._holds_to_schema = False
        try:
            messages = [*prompt_for(message, task, spent.prompts), *told]
            return self._asked_once(messages, {"temperature": temperature}, spent)
        except openai.OpenAIError:
            raise DrafterUnavailable(AWAY) from None

    def _asked_once(
        self, messages: list[tuple[str, str]], bound: Mapping[str, Any], spent: Spent
    ) -> str:
        """The library's errors become one sentence each, but for a request that is refused."""
        import openai

        spent.tries += 1
        try:
            reply = self._chat().invoke(messages, **bound)
        except openai.APITimeoutError:
            raise DrafterUnavailable(LATE) from None
        except openai.RateLimitError as error:
            raise DrafterUnavailable(SPENT if _is_spent(error) else BUSY) from None
        except (openai.BadRequestError, openai.UnprocessableEntityError):
            raise
        except openai.OpenAIError:
            raise DrafterUnavailable(AWAY) from None
        except (ValueError, TypeError, KeyError, AttributeError):
            raise DrafterUnavailable(GARBLED) from None
        spent.add(reply.usage_metadata, messages, str(reply.content))
        if reply.additional_kwargs.get("refusal"):
            raise DrafterUnavailable(DECLINED)
        if not isinstance(reply.content, str) or len(reply.content) > LONGEST_ANSWER:
            raise DrafterUnavailable(GARBLED)
        return reply.content

    def _chat(self) -> Any:
        """The client, made when it is first needed: importing it takes a second."""
        if self._client is None:
            from langchain_openai import ChatOpenAI
            from pydantic import SecretStr

            self._client = ChatOpenAI(
                base_url=self._settings.base_url,
                model=self._settings.model,
                api_key=SecretStr(self._settings.api_key or "none"),
                timeout=self._settings.timeout,
                max_retries=0,
            )
        return self._client

    def _read(self, answer: str, message: str, task: Task) -> tuple[Draft, tuple[Finding, ...]]:
        """The draft that the answer stands for, or the findings that keep it from being one."""
        said = _json(answer)
        if "refused" in said:
            text = "I could not read that as a rule. Say who it is for and what they get."
            return Draft("refused", self.name, message=text), ()
        if "readings" not in said:
            return self._asked(said), ()
        parsed = [_parsed(text, task) for text in _texts(said, task.ontology)]
        found = tuple(f for _, findings in parsed for f in findings)
        if found:
            return Draft("refused", self.name), found
        return self._weighed(message, [rules for rules, _ in parsed], task), ()

    def _asked(self, said: Mapping[str, Any]) -> Draft:
        """The model's own question; its options are shown as they came, and nothing follows."""
        text, options = said.get("question"), said.get("options", [])
        if not isinstance(text, str) or not text.strip() or not isinstance(options, list):
            raise Garbled
        told = tuple(str(o)[:80] for o in cast("list[object]", options)[:6])
        question = Question(" ".join(text.split())[:300], told)
        return Draft("question", self.name, question=question)

    def _weighed(self, message: str, readings: Sequence[tuple[Rule, ...]], task: Task) -> Draft:
        """Only what was said, and all that was said; anything else is asked."""
        accounts = [
            account(message, rules, (), task.ontology, task.code_sets, task.current, task.answers)
            for rules in readings
        ]
        kept = [
            Reading(rules, found.placed)
            for rules, found in zip(readings, accounts, strict=True)
            if not (found.unplaced or found.invented or found.doubts)
        ]
        if not kept:
            first = accounts[0]
            return Draft("question", self.name, question=_about(first), unplaced=first.unplaced)
        if len(kept) == 1:
            return Draft("drafted", self.name, (kept[0],))
        asked = Question(WHICH, about="reading")
        return Draft("question", self.name, tuple(kept), asked)


def _together(samples: Sequence[Draft]) -> Draft:
    """One draft of several samples: their readings side by side, each once.

    A sample with a place for every word goes before one that asks. Readings that mean the same
    are one, however they are written: whoever asked sees to that (``graph.nodes.draft``).
    """
    read = [d for d in samples if d.readings]
    if not read:
        return samples[0]
    readings: dict[frozenset[Rule], Reading] = {}
    for reading in (r for d in read for r in d.readings):
        readings.setdefault(frozenset(replace(r, title="") for r in reading.rules), reading)
    if len(readings) == 1:
        return next((d for d in read if d.status == "drafted"), read[0])
    asked = Question(WHICH, about="reading")
    return replace(read[0], status="question", readings=tuple(readings.values()), question=asked)


def _is_spent(error: Any) -> bool:
    return error.code in ("insufficient_quota", "budget_exceeded")


def _json(answer: str) -> Mapping[str, Any]:
    text = FENCE.sub("", answer.strip())
    try:
        said = json.loads(text)
    except ValueError:
        raise Garbled from None
    said = said.get("answer", said) if isinstance(said, dict) else said  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    if not isinstance(said, dict) or not {"readings", "question", "refused"} & said.keys():
        raise Garbled
    return cast("dict[str, Any]", said)


def _texts(said: Mapping[str, Any], ontology: Ontology) -> list[str]:
    readings = said["readings"]
    if not isinstance(readings, list) or not readings:
        raise Garbled
    return [_text(r, ontology) for r in cast("list[object]", readings)]


def _text(reading: object, ontology: Ontology) -> str:
    rules = cast("dict[str, object]", reading).get("rules") if isinstance(reading, dict) else None
    if isinstance(rules, list) and rules:
        try:
            return rules_text(cast("list[object]", rules), ontology)
        except Misfilled:
            raise Garbled from None
    if not isinstance(rules, str) or not rules.strip():
        raise Garbled
    return rules


def _parsed(text: str, task: Task) -> tuple[tuple[Rule, ...], tuple[Finding, ...]]:
    """The rules of one reading, with a title that no other rule has."""
    parsed = parse(text, task.ontology, task.code_sets, "", task.rule_set.defines)
    errors = tuple(f for f in parsed.findings if f.severity == "error")
    if errors:
        return (), errors
    if not parsed.rule_set.rules or parsed.rule_set.gaps:
        raise Garbled
    return tuple(_titled(r, task) for r in parsed.rule_set.rules), ()


def _titled(rule: Rule, task: Task) -> Rule:
    """The rule under a title of its own: a new rule never replaces another by name."""
    taken = {r.title for r in task.rule_set.rules} - {r.title for r in task.current}
    return replace(rule, title=free_title(rule.title[:LONGEST_TITLE], taken))


def _about(found: Account) -> Question:
    if found.unplaced:
        said = ", ".join(f"`{w}`" for w in dict.fromkeys(found.unplaced))
        text = f"I found no place for {said} in the rule. What should I do with it?"
        return Question(text, ("leave it out",), about="unplaced")
    if found.invented:
        said = ", ".join(f"`{w}`" for w in found.invented)
        return Question(
            f"The rule would need {said}, which you did not say. Is it meant?", ("yes",)
        )
    return Question(found.doubts[0] + " Please say it in other words.")
