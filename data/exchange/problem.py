"""What is wrong with a file that people bring, said as findings."""

from __future__ import annotations

from typing import NoReturn

from data.rulelang.findings import Finding, FindingCode, InputError


def problem(
    message: str, suggestion: str = "", place: str = "", code: FindingCode = "parse"
) -> Finding:
    """An error in the file, where it stands, and what to try."""
    return Finding(code, "error", message, suggestion, place=place)


def refuse(message: str, suggestion: str = "", place: str = "") -> NoReturn:
    """The file as a whole cannot be used."""
    raise InputError((problem(message, suggestion, place),))


class NotSayable(Exception):
    """Rules cannot say this; the text is the reason, in the user's words."""
