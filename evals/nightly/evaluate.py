"""Runs a regression set through the pipeline with ``mlflow.genai.evaluate``.

The set becomes an MLflow dataset named after its content, the evaluation a run that names what it
was made with. What each sentence came to is kept in a file as it comes, so that a night that was
killed goes on where it was; the run it left unfinished is taken away.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from threading import Lock
from typing import Any

from evals.nightly.classify import IntentScore, intent_scores, macro_f1
from evals.nightly.judged import Judging
from evals.nightly.measure import INTENT, Measuring
from evals.nightly.results import Value
from evals.nightly.sets import Item, RegressionSet
from evals.tracking import QUIET, first_opening, nights_artifacts, nights_name

Json = dict[str, Any]
Ask = Callable[[str], Json]
"""A sentence → what came of it (:func:`evals.nightly.hear.hear`)."""
SCENARIOS = Item("all scenarios", "list all scenarios", "list_scenarios")
NIGHT, ORGANISATION = "night", "organisation"
EVALUATING: Mapping[str, str] = {
    "MLFLOW_GENAI_EVAL_SKIP_TRACE_VALIDATION": "true",  # it would ask one sentence twice
    "MLFLOW_GENAI_EVAL_MAX_SCORER_WORKERS": "1",
    "MLFLOW_GENAI_EVAL_MAX_RETRIES": "0",
    "TQDM_DISABLE": "1",
}


@dataclass
class Outcomes:
    """What the sentences came to, on disk as they come."""

    path: Path
    _known: dict[str, Json] = field(default_factory=dict[str, Json])
    _lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        if self.path.is_file():
            for line in self.path.read_text("utf-8").splitlines():
                try:
                    read = json.loads(line)
                except ValueError:  # the last line of a process that was killed while it wrote
                    continue
                self._known[read["item"]] = read["outcome"]

    def of(self, item: Item, ask: Ask) -> Json:
        """From an earlier try of this night, or asked now."""
        if item.id not in self._known:
            outcome = ask(item.sentence)
            line = json.dumps(
                {"item": item.id, "outcome": outcome}, ensure_ascii=False, default=str
            )
            with self._lock:
                with self.path.open("a", encoding="utf-8") as file:
                    file.write(f"\n{line}")
                self._known[item.id] = json.loads(line)["outcome"]
        return self._known[item.id]


@dataclass(frozen=True)
class Place:
    """Where a night is written down in MLflow."""

    uri: str
    artifacts: Path
    """The server's artifact folder: what a run leaves beside its numbers."""
    night: str
    made_with: Mapping[str, str]
    workers: int = 1
    """Sentences asked at a time: more only where a model is waited for."""


def evaluate_set(
    regression: RegressionSet,
    measuring: Measuring,
    ask: Ask,
    place: Place,
    outcomes: Outcomes,
    judging: Judging | None = None,
    told: Callable[[int, int], None] = lambda done, of: None,
) -> list[Value]:
    """Every value of the set's items and of the saved scenarios.

    ``judging`` adds what judges say of an item's answer; ``told`` hears how many items are done.
    """
    import mlflow
    from mlflow import genai
    from mlflow.entities import Feedback
    from mlflow.genai.scorers import scorer

    items = {i.id: i for i in regression.items}
    values: dict[str, list[Value]] = {}

    @mlflow.trace(name="turn")
    def predict(item: str) -> Json:
        found = outcomes.of(items[item], ask)
        return {k: v for k, v in found.items() if k != "steps"}

    @scorer(name="steps")
    def steps(inputs: Json) -> list[Feedback]:
        item = items[inputs["item"]]
        outcome = outcomes.of(item, ask)
        found = measuring.values(item, outcome)
        if judging is not None:
            found += judging(item, outcome, regression.organisation)
        values[item.id] = found
        told(len(values), len(items))
        return [
            Feedback(name=f"{v.step}/{v.measure}", value=v.value, rationale=v.detail)
            for v in found
            if v.value is not None
        ]

    dataset = _dataset(regression, _open(place, regression.organisation))
    with mlflow.start_run(run_name=f"{place.night} {regression.organisation}"):
        mlflow.set_tags({NIGHT: place.night, ORGANISATION: regression.organisation})
        mlflow.log_params({**place.made_with, "data": regression.version})
        with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
            genai.evaluate(data=dataset, predict_fn=predict, scorers=[steps])
        made = [v for item in items for v in values.get(item, ())]
        if regression.scenarios:
            made += measuring.scenarios(regression.scenarios, outcomes.of(SCENARIOS, ask))
        mlflow.log_metrics(means(made) | _routing(made))
    return made


def _routing(values: Sequence[Value]) -> dict[str, float]:
    f1 = macro_f1(routed(values))
    return {} if f1 is None else {"route/macro F1": f1}


def routed(values: Sequence[Value]) -> list[IntentScore]:
    """Precision, recall and F1 of each intent that the messages had."""
    pairs = {
        f"{v.organisation} {v.item}": (v.expected, v.detail)
        for v in values
        if v.measure == INTENT and v.value is not None
    }
    return intent_scores(pairs)


def means(values: Sequence[Value]) -> dict[str, float]:
    """Mean of each measure, and how many items had no verdict."""
    grouped: dict[str, list[float | None]] = {}
    for value in values:
        grouped.setdefault(f"{value.step}/{value.measure}", []).append(value.value)
    found: dict[str, float] = {}
    for name, each in grouped.items():
        known = [v for v in each if v is not None]
        if known:
            found[name] = sum(known) / len(known)
        found[f"{name}/no verdict"] = float(len(each) - len(known))
    return found


def _dataset(regression: RegressionSet, experiment: str) -> Any:
    """The set as MLflow knows it: found by its name, which changes with its content."""
    from mlflow.genai import datasets

    name = f"{regression.organisation}-{regression.version}"
    for found in datasets.search_datasets(
        experiment_ids=[experiment], filter_string=f"name = '{name}'"
    ):
        return found
    made = datasets.create_dataset(name=name, experiment_id=[experiment])
    records = [
        {"inputs": {"item": i.id}, "expectations": _expected(i), "tags": {"kind": i.intent}}
        for i in regression.items
    ]
    return made.merge_records(records)


def _expected(item: Item) -> Json:
    said = {"sentence": item.sentence, "intent": item.intent, "rules": item.rules}
    return {k: v for k, v in {**said, "asks": item.asks or None}.items() if v is not None}


def _open(place: Place, organisation: str) -> str:
    """Makes the experiment MLflow's current one; takes away a run of it that was killed.

    It stays the current one: threads of an evaluation that ends early still write to it.
    """
    os.environ.update({**QUIET, **EVALUATING})
    os.environ["MLFLOW_GENAI_EVAL_MAX_WORKERS"] = str(place.workers)
    import mlflow

    with first_opening(place.uri):
        mlflow.set_tracking_uri(place.uri)
        experiment = _experiment(place, organisation)
    _clear_unfinished(place, organisation, experiment)
    mlflow.set_experiment(experiment_id=experiment)
    return experiment


def _experiment(place: Place, organisation: str) -> str:
    from mlflow import MlflowClient

    client, name = MlflowClient(place.uri), nights_name(organisation)
    found = client.get_experiment_by_name(name)
    if found is not None:
        return str(found.experiment_id)
    return client.create_experiment(name, nights_artifacts(place.artifacts, organisation))


def _clear_unfinished(place: Place, organisation: str, experiment: str) -> None:
    """Only one night runs at a time, so a run of it that is under way was killed."""
    from mlflow import MlflowClient

    client = MlflowClient(place.uri)
    mine = f"tags.{NIGHT} = '{place.night}' and tags.{ORGANISATION} = '{organisation}'"
    for run in client.search_runs([experiment], f"{mine} and attributes.status != 'FINISHED'"):
        client.delete_run(run.info.run_id)
