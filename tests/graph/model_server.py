"""A server on localhost that speaks the OpenAI chat protocol and answers as a test tells it to."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Answer:
    """One HTTP answer; ``content`` becomes the assistant's message."""

    content: str | None = None
    status: int = 200
    refusal: str | None = None
    raw: str | None = None
    code: str = ""
    """Of an error, as the protocol names it."""
    seconds: float = 0.0


@dataclass
class Model:
    """The running server: what it was asked, and what it is to answer, in turn."""

    base_url: str
    answers: list[Answer | Callable[[str], Answer]] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    """Under which keys it was asked."""

    def will(self, *answers: Answer | Callable[[str], Answer]) -> None:
        """The last answer repeats."""
        self.answers[:] = answers

    def prompt(self, number: int = -1) -> str:
        """All the text of one request."""
        return "\n\n".join(m["content"] for m in self.asked[number]["messages"])

    def _next(self, request: dict[str, Any]) -> Answer:
        self.asked.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return answer(self.prompt()) if callable(answer) else answer


@contextmanager
def serving() -> Iterator[Model]:
    """The server for as long as the ``with`` lasts, on a free port."""
    model = Model("")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            model.keys.add(self.headers["Authorization"].removeprefix("Bearer "))
            length = int(self.headers["Content-Length"])
            answer = model._next(json.loads(self.rfile.read(length)))
            time.sleep(answer.seconds)
            body = (answer.raw or json.dumps(_body(answer))).encode()
            try:
                self.send_response(answer.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            except BrokenPipeError:
                return  # the caller did not wait: that is what a time-out test is about

        def log_message(self, format: str, *args: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    model.base_url = f"http://127.0.0.1:{server.server_port}/v1"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield model
    finally:
        server.shutdown()
        server.server_close()


def _body(answer: Answer) -> dict[str, Any]:
    if answer.status >= 400:
        return {"error": {"message": "no", "type": "error", "code": answer.code or "error"}}
    message = {"role": "assistant", "content": answer.content, "refusal": answer.refusal}
    return {
        "id": "1",
        "object": "chat.completion",
        "created": 1,
        "model": "stub",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
    }


def readings(*rules: str) -> Answer:
    return Answer(json.dumps({"readings": [{"rules": r} for r in rules]}))
