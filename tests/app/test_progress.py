"""The line that says how far a command is."""

from __future__ import annotations

import io

from app.progress import ProgressLine


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_is_told_and_left_as_it_was() -> None:
    terminal = Terminal()
    line = ProgressLine(terminal, silent=0)
    line.looking_for("conflicts", 0.25)
    assert terminal.getvalue() == "\r 25%  looking for conflicts"
    line.clear()
    *_, last = terminal.getvalue().split("\r")[:-1]
    assert last == " " * len(" 25%  looking for conflicts")


def test_a_shorter_line_covers_a_longer_one() -> None:
    terminal = Terminal()
    line = ProgressLine(terminal, silent=0)
    line.looking_for("conflicts", 0.25)
    line._next = 0
    assert list(line.counted(["a"], "tried")) == ["a"]
    shown = terminal.getvalue().split("\r")
    assert shown[-1].rstrip() == "tried: 0 of 1"
    assert len(shown[-1]) == len(shown[-2])


def test_nothing_is_said_of_what_is_over_at_once_or_where_nobody_reads() -> None:
    for stream, silent in ((Terminal(), 60), (io.StringIO(), 0)):
        line = ProgressLine(stream, silent)
        with line.while_waiting("reading"):
            line.looking_for("conflicts", 0.5)
            assert [*line.counted([1, 2], "tried")] == [1, 2]
        line.clear()
        assert stream.getvalue() == ""


def test_what_takes_its_time_is_told_while_it_lasts() -> None:
    terminal = Terminal()
    line = ProgressLine(terminal, silent=0)
    with line.while_waiting("reading the pack"):
        assert line._waiting is not None
        line._waiting.join()
    assert terminal.getvalue() == "\rreading the pack"
