"""The served chat as a program meets it: headers, origins, sockets, forged presses."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import socketio

from app import wording
from tests.app import payloads
from tests.app.fake import PASSWORD
from tests.e2e.browser import LOCAL, SPY, Server, free_port, looked_up, served


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("web")


@pytest.fixture(scope="module")
def server(var: Path) -> Iterator[Server]:
    port = free_port()
    spying = {"PYTHONPATH": str(SPY), "SPY_FILE": str(var / "looked-up")}
    made = Server(["-m", "tests.app.fake", str(var), str(port)], port, var / "log", spying)
    with served(made):
        yield made


@dataclass
class Program:
    """Somebody without a browser."""

    http: httpx.AsyncClient
    url: str
    session: str = field(default_factory=lambda: str(uuid.uuid4()))
    heard: list[tuple[str, Any]] = field(default_factory=list[tuple[str, Any]])

    async def sign_in(self, login: str) -> httpx.Response:
        form = {"username": login, "password": PASSWORD}
        return await self.http.post("/login", data=form)

    @asynccontextmanager
    async def connected(
        self, thread: str = "", origin: str | None = None
    ) -> AsyncIterator[socketio.AsyncClient]:
        client = socketio.AsyncClient(reconnection=False)

        async def hear(event: str, *data: Any) -> None:
            self.heard.append((event, data[0] if data else None))

        client.on("*", hear)
        cookies = "; ".join(f"{c.name}={c.value}" for c in self.http.cookies.jar)
        auth = {
            "sessionId": self.session, "clientType": "webapp", "userEnv": "{}",
            "chatProfile": "Author", "threadId": thread or None,
        }  # fmt: skip
        headers = {"Cookie": cookies} | ({"Origin": origin} if origin else {})
        await client.connect(
            self.url, socketio_path="/ws/socket.io", auth=auth, headers=headers,
            transports=["websocket"], wait_timeout=15,
        )  # fmt: skip
        try:
            await client.emit("connection_successful")
            yield client
        finally:
            await client.disconnect()

    async def say(self, client: socketio.AsyncClient, text: str) -> None:
        message = {
            "id": str(uuid.uuid4()), "threadId": "", "name": "ann", "type": "user_message",
            "output": text, "createdAt": "2026-01-01T00:00:00Z",
        }  # fmt: skip
        await client.emit("client_message", {"message": message, "fileReferences": []})

    async def heard_of(self, event: str, **wanted: Any) -> Any:
        """The first event of this name with these fields; waits for it."""
        for _ in range(200):
            for name, data in self.heard:
                if name == event and all(data.get(k) == v for k, v in wanted.items()):
                    return data
            await asyncio.sleep(0.05)
        raise AssertionError(f"no {event} in {[n for n, _ in self.heard]}")

    async def press(self, name: str, payload: dict[str, Any]) -> httpx.Response:
        action = {"id": "x", "name": name, "payload": payload, "label": "", "tooltip": ""}
        body = {"sessionId": self.session, "action": action}
        return await self.http.post("/project/action", json=body)


@pytest.fixture
async def program(server: Server) -> AsyncIterator[Program]:
    async with httpx.AsyncClient(base_url=server.url, timeout=20) as http:
        yield Program(http, server.url)


async def test_the_page_asks_no_other_host_and_may_not_be_framed(program: Program) -> None:
    page = await program.http.get("/", headers={"accept": "text/html"})
    assert "https://" not in page.text and "http://" not in page.text
    policy = page.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy and "default-src 'self'" in policy
    assert page.headers["x-frame-options"] == "DENY"


async def test_the_cookie_ends_the_same_day_and_no_script_reads_it(program: Program) -> None:
    cookie = (await program.sign_in("ann")).headers["set-cookie"]
    assert "Max-Age=43200" in cookie and "HttpOnly" in cookie and "SameSite=lax" in cookie


async def test_health_tells_of_the_parts(program: Program) -> None:
    assert (await program.http.get("/health")).json()["status"] == "ok"
    assert (await program.http.get("/ready")).json() == {"parts": {"conversations": True}}


async def test_another_site_can_neither_sign_in_nor_open_a_socket(program: Program) -> None:
    form = {"username": "ann", "password": PASSWORD}
    answer = await program.http.post("/login", data=form, headers={"origin": "https://evil.test"})
    assert answer.status_code == 403
    await program.sign_in("ann")
    with pytest.raises(socketio.exceptions.ConnectionError):
        async with program.connected(origin="https://evil.test"):
            pass


async def test_nobody_talks_without_signing_in(program: Program) -> None:
    with pytest.raises(socketio.exceptions.ConnectionError):
        async with program.connected():
            pass
    assert (await program.http.get("/project/settings")).status_code == 401


async def test_another_persons_conversation_cannot_be_opened(
    program: Program, server: Server
) -> None:
    await program.sign_in("ann")
    async with program.connected() as client:
        await program.say(client, "What changed?")
        thread = (await program.heard_of("first_interaction"))["thread_id"]
        await program.heard_of("new_message", type="assistant_message")
    async with httpx.AsyncClient(base_url=server.url) as http:
        ben = Program(http, server.url)
        await ben.sign_in("ben")
        for wanted in (thread, "') UNION SELECT 1 --"):
            with pytest.raises(socketio.exceptions.ConnectionError):
                async with ben.connected(thread=wanted):
                    pass
        assert (await http.get(f"/project/thread/{thread}")).status_code == 401


async def test_a_forged_press_does_nothing(program: Program, var: Path) -> None:
    await program.sign_in("ann")
    async with program.connected() as client:
        await program.say(client, payloads.SENTENCE)
        card = (await program.heard_of("element", type="custom"))["props"]
        saved = var / "saved"
        forged: list[tuple[dict[str, Any], str]] = [
            ({"interrupt_id": "i-0", "action": "confirm"}, wording.ALREADY_DECIDED),
            (
                {"interrupt_id": card["interrupt_id"], "action": "promote"},
                wording.UNREADABLE_ACTION,
            ),
            ({"interrupt_id": 3, "action": ["confirm"]}, wording.UNREADABLE_ACTION),
            ({"interrupt_id": card["interrupt_id"], "action": "change"}, wording.EMPTY_MESSAGE),
            ({}, wording.UNREADABLE_ACTION),
        ]
        for payload, told in forged:
            answer = (await program.press("card", payload)).json()["response"]
            assert answer == {"ok": False, "message": told}
        for payload in ({"card_id": "x", "number": 0}, {"number": -1}, {}):
            answer = (await program.press("button", payload)).json()["response"]
            assert answer["ok"] is False
        assert not saved.exists()


async def test_a_page_that_is_not_connected_yet_is_asked_to_try_again(program: Program) -> None:
    await program.sign_in("ann")
    answer = (await program.press("card", {"interrupt_id": "i-1", "action": "confirm"})).json()
    assert answer["response"]["again"] and not answer["response"]["ok"]


async def test_a_session_serves_only_its_own_person(program: Program, server: Server) -> None:
    await program.sign_in("ann")
    async with program.connected() as client:
        await program.say(client, payloads.SENTENCE)
        card = (await program.heard_of("element", type="custom"))["props"]
        async with httpx.AsyncClient(base_url=server.url) as http:
            eve = Program(http, server.url, session=program.session)
            await eve.sign_in("cleo")
            pressed = {"interrupt_id": card["interrupt_id"], "action": "confirm"}
            assert (await eve.press("card", pressed)).status_code == 401


async def test_the_server_looks_up_no_name_but_its_own(program: Program, var: Path) -> None:
    await program.sign_in("ann")
    async with program.connected() as client:
        await program.say(client, payloads.SENTENCE)
        await program.heard_of("element", type="custom")
    assert looked_up(var / "looked-up") <= LOCAL
