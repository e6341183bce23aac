"""Whole nights through the real pipeline: a drop that is sown is found, and laid at its step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from mlflow import MlflowClient

from data.index import Retrieved, Retriever
from data.packs.load import Pack
from evals.nightly.kept import Busy, Night
from evals.nightly.night import Found, settle
from evals.nightly.results import Step
from evals.nightly.summary import summary_of
from graph.context import Services
from graph.drafters.base import Draft, Task
from graph.drafters.grammar import GrammarDrafter
from tests.evals.nightly.conftest import Bed, Break


class Blind(Retriever):
    """Finds the last of what there is, whatever was said."""

    def retrieve(self, text: str, limit: int = 24) -> list[Retrieved]:
        return super().retrieve(text, 200)[-3:]


def blind(services: Services, pack: Pack) -> Services:
    make = services.make_retriever

    def worse(*given: Any) -> Retriever:
        made = make(*given)
        made.__class__ = Blind
        return made

    return replace(services, make_retriever=worse)


class Careless:
    """A model that reads every sentence as the one it read last: what a bad prompt or swap does."""

    name = "careless"

    def __init__(self) -> None:
        self._grammar = GrammarDrafter()
        self._last: Draft | None = None

    def draft(self, message: str, task: Task) -> Draft:
        now = self._grammar.draft(message, task)
        shown = self._last or now
        self._last = now if now.readings else self._last
        return shown


def careless(services: Services, pack: Pack) -> Services:
    return replace(services, drafters=(Careless(),))


def only(organisation: str, broken: Break) -> Break:
    def one(services: Services, pack: Pack) -> Services:
        return broken(services, pack) if pack.ontology.name == organisation else services

    return one


def blamed(found: Found) -> list[tuple[Step, tuple[str, ...]]]:
    assert found.comparison is not None
    return [(c.step, c.organisations) for c in found.comparison.causes]


def test_a_night_without_a_change_is_quiet(bed: Bed) -> None:
    found = bed.run("2026-11-02")
    assert found.comparison is not None
    assert not found.alarm
    assert {c.difference for c in found.comparison.cells} == {0.0}
    assert "held to the run 2026-11-01" in settle(bed.nights, found)


@pytest.mark.parametrize(
    ("name", "broken", "wanted"),
    [
        ("drafter", careless, ("draft", ())),
        ("one", only("others", blind), ("retrieve", ("others",))),
    ],
)
def test_what_was_broken_is_named(
    bed: Bed, name: str, broken: Break, wanted: tuple[Step, tuple[str, ...]]
) -> None:
    found = bed.run(f"2026-11-03-{name}", broken)
    assert found.alarm
    assert blamed(found)[0] == wanted
    summary = summary_of(found, settle(bed.nights, found))
    assert summary["alarm"] and "What to do" in "\n".join(summary["sentences"])
    assert bed.nights.accepted() is not None
    assert bed.nights.accepted().id == "2026-11-01", "a worse run is never what nights are held to"  # type: ignore[union-attr]


def test_mlflow_has_the_dataset_and_a_run_that_names_what_it_was_made_with(bed: Bed) -> None:
    client = MlflowClient(bed.uri)
    for regression in bed.sets:
        experiment = client.get_experiment_by_name(f"rulewright-nightly-{regression.organisation}")
        assert experiment is not None
        (run,) = client.search_runs([experiment.experiment_id], "tags.night = '2026-11-01'")
        wanted = {"code": "c1", "model": "grammar", "data": regression.version}
        assert wanted.items() <= run.data.params.items()
        assert run.data.metrics["draft/execution accuracy"] > 0.5
        assert 0 < run.data.metrics["route/macro F1"] <= 1
        traces = client.search_traces(
            locations=[experiment.experiment_id], run_id=run.info.run_id, max_results=100
        )
        assert len(traces) == len(regression.items)
        assert all(t.info.assessments for t in traces)


def test_a_killed_night_goes_on_where_it_was(bed: Bed) -> None:
    """Killed in its second set: what was answered is not asked again, no run is left half done."""

    def dies(item: object, outcome: Mapping[str, Any], organisation: str) -> Sequence[Any]:
        if organisation == "others" and item is bed.sets[1].items[3]:
            raise KeyboardInterrupt
        return ()

    asked: list[str] = []

    def counting(services: Services, pack: Pack) -> Services:
        asked.append(pack.ontology.name)
        return services

    night = bed.nights.night("2026-11-04")
    night.folder.mkdir(parents=True)
    with pytest.raises(KeyboardInterrupt):
        bed.run("2026-11-04", counting, judging=dies)
    assert not night.has(Night.RUN)
    found = bed.run("2026-11-04", counting)
    assert asked == [bed.sets[0].organisation, *[bed.sets[1].organisation] * 2]
    assert bed.caught_up.count("2026-11-04") == 1
    assert not found.alarm
    client = MlflowClient(bed.uri)
    experiments = [e.experiment_id for e in client.search_experiments()]
    runs = client.search_runs(experiments, "tags.night = '2026-11-04'")
    assert sorted(r.info.status for r in runs) == ["FINISHED", "FINISHED"]


def test_the_same_night_twice_changes_nothing(bed: Bed) -> None:
    before = {p: p.read_bytes() for p in bed.folder.glob("nightly/runs/2026-11-01/*.json*")}
    asked: list[str] = []

    def nobody(services: Services, pack: Pack) -> Services:
        asked.append(pack.ontology.name)
        return services

    bed.run("2026-11-01", nobody)
    assert asked == []
    assert before == {p: p.read_bytes() for p in before}


def test_one_night_at_a_time(bed: Bed) -> None:
    with bed.nights.alone(), pytest.raises(Busy):
        bed.run("2026-11-05")
