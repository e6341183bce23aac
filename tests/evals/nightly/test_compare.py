"""A drop of ten points in any one step is found and attributed; noise is not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest

from evals.nightly.bootstrap import simultaneous_intervals
from evals.nightly.compare import EVERYBODY, Comparison, compare
from evals.nightly.results import STEPS, Run, Step, Value

ORGANISATIONS = ("north", "south", "west")
EXACT: tuple[Step, ...] = ("route", "retrieve", "validate", "test")
Change = Callable[[Value, np.random.Generator], Value]


def a_run(id: str, seed: int, *, items: int = 150, noise: float = 0.05, **made_with: str) -> Run:
    """Exact steps are the same in every run; drafts and answers scatter as a model's do."""
    draw = np.random.default_rng(seed)
    fixed = np.random.default_rng(7)
    values: list[Value] = []
    for organisation in ORGANISATIONS:
        for n in range(items):
            base = fixed.random()
            for step in STEPS:
                exact = step in EXACT
                value = float(base < 0.9)
                if not exact and draw.random() < noise:
                    value = 1 - value
                values.append(Value(f"item-{n}", organisation, step, "right", value, exact))
            score = float(np.clip(0.8 + draw.normal(0, 0.2), 0, 1))
            said = None if draw.random() < 0.1 else score
            values.append(Value(f"item-{n}", organisation, "answer", "plain", said, False))
    return Run(id, {"code": "a1", "model": "m1", **made_with}, tuple(values))


def with_drop(run: Run, wanted: Callable[[Value], bool], points: float, seed: int = 1) -> Run:
    """The run with this share of the wanted values at 0."""
    draw = np.random.default_rng(seed)
    share = points / 0.9
    changed = (
        replace(v, value=0.0) if v.value and wanted(v) and draw.random() < share else v
        for v in run.values
    )
    return replace(run, values=tuple(changed))


def worse(found: Comparison) -> list[tuple[str, Step]]:
    return [(c.organisation, c.step) for c in found.cells if c.verdict == "worse"]


@pytest.mark.parametrize("step", STEPS)
def test_a_drop_of_ten_points_in_one_step_is_attributed_to_it(step: Step):
    before = a_run("monday", 1)
    after = with_drop(a_run("tuesday", 2), lambda v: v.step == step, 0.10)
    found = compare(before, after)
    assert found.alarm
    assert [c.step for c in found.causes] == [step]
    assert found.causes[0].organisations == ()
    assert found.causes[0].felt_in == ()
    assert found.causes[0].items


@pytest.mark.parametrize("step", STEPS)
def test_a_drop_that_is_felt_in_later_steps_is_the_first_ones(step: Step):
    later = STEPS[STEPS.index(step) :]
    after = with_drop(a_run("tuesday", 2), lambda v: v.step in later, 0.12)
    (cause,) = compare(a_run("monday", 1), after).causes
    assert cause.step == step
    assert cause.felt_in == later[1:]


@pytest.mark.parametrize("step", ("retrieve", "draft"))
def test_a_drop_of_one_organisation_is_its_own(step: Step):
    def theirs(value: Value) -> bool:
        return value.organisation == "south" and value.step == step

    found = compare(
        a_run("monday", 1, items=400), with_drop(a_run("t", 2, items=400), theirs, 0.12)
    )
    assert found.alarm
    (cause,) = found.causes
    assert (cause.step, cause.organisations) == (step, ("south",))


def test_those_that_lost_nothing_are_not_named_with_one_that_lost_much():
    """A large loss of one shows in the mean of all: the others are still not to blame."""
    for seed in range(2, 6):
        after = with_drop(
            a_run("t", seed),
            lambda v: v.organisation == "south" and v.step in ("retrieve", "draft"),
            0.25,
        )
        (cause,) = compare(a_run("monday", 1), after).causes
        assert (cause.step, cause.organisations) == ("retrieve", ("south",))
        assert cause.felt_in == ("draft",)


def test_two_organisations_with_drops_of_their_own_are_told_apart():
    after = with_drop(
        a_run("t", 2),
        lambda v: (v.organisation, v.step) in {("south", "retrieve"), ("west", "test")},
        0.15,
    )
    causes = compare(a_run("monday", 1), after).causes
    assert [(c.step, c.organisations) for c in causes] == [
        ("retrieve", ("south",)),
        ("test", ("west",)),
    ]


def test_ten_runs_without_a_change_raise_no_alarm():
    """Drafts that flip and judges that scatter, each night anew; half the nights on few items."""
    for items, noise in ((30, 0.15), (100, 0.1)):
        accepted = a_run("accepted", 100, items=items, noise=noise)
        for night in range(10):
            found = compare(accepted, a_run(f"night {night}", night, items=items, noise=noise))
            assert not found.alarm, worse(found)
            assert not found.causes


def test_three_of_thirty_examples_lost_for_certain_are_an_alarm():
    """Nothing in the grammar's reading is chance, so few items are enough."""
    before = [Value(f"i{n}", "one", "draft", "right", 1.0) for n in range(30)]
    after = [replace(v, value=0.0) if n < 3 else v for n, v in enumerate(before)]
    found = compare(Run("a", {}, tuple(before)), Run("b", {}, tuple(after)))
    assert worse(found) == [("one", "draft")]
    assert found.causes[0].items == ("i0", "i1", "i2")


def test_a_step_without_a_verdict_is_never_a_zero():
    before = a_run("monday", 1)
    silent = tuple(replace(v, value=None) if v.step == "answer" else v for v in before.values)
    found = compare(before, replace(before, id="tuesday", values=silent))
    assert not found.alarm
    answers = [c for c in found.cells if c.step == "answer"]
    assert answers and all(c.verdict == "too few" and c.lost and not c.pairs for c in answers)


def test_what_the_runs_were_made_with_is_named_where_it_differs():
    found = compare(a_run("a", 1, items=25), a_run("b", 1, items=25, model="m2"))
    assert found.changed == {"model": ("m1", "m2")}
    assert {c.difference for c in found.cells} == {0.0}


def test_items_that_only_one_run_has_are_counted_and_not_compared():
    whole = a_run("a", 1, items=30)
    some = replace(whole, values=tuple(v for v in whole.values if v.item != "item-3"))
    assert compare(whole, some).gone_items == len(ORGANISATIONS)
    assert compare(some, whole).new_items == len(ORGANISATIONS)
    assert not compare(some, whole).alarm


def test_a_gain_is_better_and_no_alarm():
    low = with_drop(a_run("a", 1), lambda v: v.step == "draft", 0.2)
    found = compare(low, a_run("b", 2))
    assert found.better and not found.alarm
    assert (EVERYBODY, "draft") in [
        (c.organisation, c.step) for c in found.cells if c.verdict == "better"
    ]


def test_the_intervals_hold_all_true_means_at_once():
    """Of 100 draws of five measures of the same items one in twenty may miss; one in 8 is wrong."""
    misses = 0
    draw = np.random.default_rng(3)
    for n in range(100):
        shared = draw.normal(0, 1, size=(60, 1))
        differences = 0.1 + 0.3 * (shared + draw.normal(0, 1, size=(60, 5)))
        low, high = simultaneous_intervals(differences, ["o"] * 60, 0.05, n)
        misses += bool(np.any((low > 0.1) | (high < 0.1)))
    assert 1 <= misses <= 12


def test_the_same_runs_give_the_same_comparison():
    runs: Sequence[Run] = (a_run("a", 1, items=40), a_run("b", 2, items=40))
    assert compare(*runs) == compare(*runs)
    assert Run.from_json(runs[0].to_json()) == runs[0]
