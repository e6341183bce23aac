"""What the store refuses, each told in a sentence a person understands."""

from __future__ import annotations


class StoreError(Exception):
    """The store cannot be used as asked. ``str(error)`` is meant for people."""


class NotFound(StoreError):
    """Nothing of that name or id in this organisation."""


class NameTaken(StoreError):
    """A name that must be unique is in use."""


class NotYours(StoreError):
    """It belongs to another person."""


class BaseChanged(StoreError):
    """Another change came first; ``current`` is the version that is there now."""

    def __init__(self, current: str | None) -> None:
        super().__init__("another change came first: look at it, then confirm again")
        self.current = current


class OwnChange(StoreError):
    """An approver may not promote a change, or approve a word, of their own."""


class AlreadySettled(StoreError):
    """Somebody decided it before."""


class NothingToRollBack(StoreError):
    """Nothing was deployed here before."""


class Damaged(StoreError):
    """Stored content does not match its own id."""


class TooManyTries(StoreError):
    """Sign-in is slowed down; ``seconds`` is how long to wait."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"too many tries: wait {seconds} seconds, then try again")
        self.seconds = seconds
