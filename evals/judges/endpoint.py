"""The model that judges, and what its silence is called."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from evals.allowed import code_of


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A model behind any endpoint that speaks the OpenAI protocol."""

    url: str
    """Up to and with ``/v1``."""
    model: str
    key: str = field(default="", repr=False)
    timeout: float = 30.0
    """Seconds that one judge gets, however often it asks."""


class Malformed(ValueError):
    """The answer is none of those that were asked for."""


class Contradiction(ValueError):
    """The same question got two answers."""


KINDS = {
    "Timeout": ("Timeout", "ReadTimeout", "ConnectTimeout", "APITimeoutError", "TimeoutError"),
    "Unreachable": ("ConnectionError", "APIConnectionError", "ConnectionRefusedError"),
    "Refused": (
        "ChatCompletionError", "APIStatusError", "BadRequestError", "InternalServerError",
        "RateLimitError", "AuthenticationError", "PermissionDeniedError", "NotFoundError", "NotNow",
    ),
    "Malformed": ("Malformed", "JSONDecodeError", "ValidationError", "KeyError"),
    "Contradiction": ("Contradiction",),
}  # fmt: skip
"""What a silence is called → kinds of exceptions of the libraries that ask."""


def kind_of(error: BaseException) -> str:
    """What kept a judge from answering: the first kind that is known, from the cause upwards."""
    names = [code_of(e) for e in _chain(error)]
    for name in reversed(names):
        for kind, known in KINDS.items():
            if name in known:
                return kind
    return names[0]


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The exception and what it came from, the cause last."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
