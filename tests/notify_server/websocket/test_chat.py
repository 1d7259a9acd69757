"""What becomes of chat_server's answers, and of none."""

import json

import httpx
import pytest

from chat_core.problems import Problem
from notify_server.websocket.chat import ChatServerClient


async def asked(client: ChatServerClient) -> bytes:
    return await client.call("POST", "/api/chats/1/read", b"{}", token="t", address="::1", idempotency_key="k")


async def refusal(answer: httpx.Response | httpx.HTTPError) -> tuple[int, str]:
    client = answering(answer)
    with pytest.raises(Problem) as refused:
        await asked(client)
    await client.close()
    return refused.value.status, json.loads(refused.value.body())["code"]


def answering(answer: httpx.Response | httpx.HTTPError) -> ChatServerClient:
    def handle(request: httpx.Request) -> httpx.Response:
        assert request.headers["authorization"] == "Bearer t"
        assert request.headers["idempotency-key"] == "k"
        assert request.headers["x-forwarded-for"] == "::1"
        if isinstance(answer, httpx.HTTPError):
            raise answer
        return answer

    client = ChatServerClient("http://chat")
    client._client = httpx.AsyncClient(base_url="http://chat", transport=httpx.MockTransport(handle))
    return client


async def test_answers_and_problems_pass_as_they_are() -> None:
    assert await asked(answering(httpx.Response(200, content=b'{"a":1}'))) == b'{"a":1}'
    assert await asked(answering(httpx.Response(204))) == b"{}"
    problem = {"status": 429, "code": "rate_limited", "detail": "…", "own": "member"}
    headers = {"Content-Type": "application/problem+json", "Retry-After": "9"}
    client = answering(httpx.Response(429, json=problem, headers=headers))
    with pytest.raises(Problem) as refused:
        await asked(client)
    assert json.loads(refused.value.body()) == problem
    assert refused.value.headers == {"Retry-After": "9"}


async def test_no_chat_server_and_one_that_is_none() -> None:
    with pytest.raises(Problem, match="no_chat_server"):
        await asked(ChatServerClient(None))
    assert await refusal(httpx.ConnectError("no")) == (503, "chat_server_unavailable")
    assert await refusal(httpx.ReadTimeout("late")) == (503, "chat_server_unavailable")
    assert await refusal(httpx.Response(502, html="<h1>Bad gateway</h1>")) == (502, "bad_gateway")
    odd = httpx.Response(500, content=b"{", headers={"Content-Type": "application/problem+json"})
    assert await refusal(odd) == (502, "bad_gateway")
