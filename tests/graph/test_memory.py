"""What is kept of versions between turns is bounded by their size."""

from __future__ import annotations

from graph.context import LEAST_RULES, Memory

LARGE = 10 * LEAST_RULES


def test_large_versions_give_way_to_each_other_and_small_ones_stay() -> None:
    memory, made = Memory(most=3 * LARGE), list[str]()

    def asked(name: str, rules: int) -> str:
        def make() -> str:
            made.append(name)
            return name

        return memory.once((name,), make, lambda _: rules)

    for name in ("a", "b", "c"):
        asked(name, LARGE)
    asked("a", LARGE)
    assert made == ["a", "b", "c"]
    asked("d", LARGE)
    assert [asked(n, LARGE) for n in ("a", "c", "d")] == ["a", "c", "d"]
    assert made == ["a", "b", "c", "d"], "the one that was not asked for longest gave way"
    for n in range(20):
        asked(f"small {n}", 1)
    asked("small 0", 1)
    assert made.count("small 0") == 1


def test_one_version_larger_than_all_that_may_be_kept_is_kept_alone() -> None:
    memory, made = Memory(most=LEAST_RULES), list[int]()
    for _ in range(2):
        memory.once(("large",), lambda: made.append(1), lambda _: LARGE)
    assert made == [1]
    memory.once(("other",), lambda: None, lambda _: 1)
    memory.once(("large",), lambda: made.append(2), lambda _: LARGE)
    assert made == [1, 2]
