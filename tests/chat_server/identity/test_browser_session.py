"""The page's refresh token is in a cookie, which counts only with a header that no other site can send."""

from http.cookies import Morsel, SimpleCookie

import httpx
import pytest

from tests.chat_server.people import PASSWORD, ChatServer, Person, ok, problem

PAGE = {"Fechatter-Session": "cookie"}


def cookie_of(answer: httpx.Response) -> Morsel[str]:
    [cookie] = SimpleCookie(answer.headers["set-cookie"]).values()
    return cookie


async def sign_in(chat_server: ChatServer, person: Person) -> httpx.Response:
    """As the page does."""
    body = {"email": person.email, "password": PASSWORD}
    return await chat_server.anybody.post("/api/auth/signin", json=body, headers=PAGE)


async def refresh(chat_server: ChatServer, cookie: Morsel[str], headers: dict[str, str]) -> httpx.Response:
    headers = {**headers, "Cookie": f"{cookie.key}={cookie.value}"}
    return await chat_server.anybody.post("/api/auth/refresh", json={}, headers=headers)


async def test_the_page_goes_on_by_its_cookie_and_nobody_else_does(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    answer = await sign_in(chat_server, ada)
    assert ok(answer)["refresh_token"] is None
    first = cookie_of(answer)
    assert (first["httponly"], first["samesite"], first["path"]) == (True, "strict", "/")
    assert int(first["max-age"]) == 30 * 86_400
    problem(await refresh(chat_server, first, {}), 401, "no_refresh_token")  # another site's form, or its script
    answer = await refresh(chat_server, first, PAGE)
    assert ok(answer)["refresh_token"] is None
    second = cookie_of(answer)
    assert second.value != first.value
    api = await chat_server.client(answer.json()["token"])
    left = await api.post("/api/auth/logout", headers={"Cookie": f"{second.key}={second.value}"})
    assert ok(left, 204) is None
    assert (cookie_of(left).value, cookie_of(left)["max-age"]) == ("", "0")
    problem(await refresh(chat_server, second, PAGE), 401, "invalid_refresh_token")


async def test_a_client_without_cookies_has_its_refresh_token_in_the_answer(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    answer = await chat_server.sign_in(ada)
    assert ok(answer)["refresh_token"]
    assert "set-cookie" not in answer.headers
    problem(await chat_server.anybody.post("/api/auth/refresh", json={}), 401, "no_refresh_token")
    # One that it has already goes into the cookie.
    body = {"refresh_token": answer.json()["refresh_token"]}
    moved = await chat_server.anybody.post("/api/auth/refresh", json=body, headers=PAGE)
    assert ok(moved)["refresh_token"] is None
    ok(await refresh(chat_server, cookie_of(moved), PAGE))


@pytest.mark.chat_server(server={"public_url": "https://chat.example.com"})
async def test_over_tls_no_other_host_can_have_set_it(chat_server: ChatServer) -> None:
    cookie = cookie_of(await sign_in(chat_server, await chat_server.sign_up("Ada")))
    assert (cookie.key, cookie["secure"], cookie["domain"]) == ("__Host-fechatter_session", True, "")


@pytest.mark.chat_server(server={"public_url": "https://chat.example.com:8443"})
async def test_servers_on_one_host_have_a_cookie_each(chat_server: ChatServer) -> None:
    cookie = cookie_of(await sign_in(chat_server, await chat_server.sign_up("Ada")))
    assert cookie.key == "__Host-fechatter_session_8443"


@pytest.mark.chat_server(server={"cors_origins": ["https://other.example"]})
async def test_a_page_of_another_origin_may_not_send_the_header(chat_server: ChatServer) -> None:
    asks = {
        "Origin": "https://other.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "fechatter-session",
    }
    answer = await chat_server.anybody.options("/api/auth/refresh", headers=asks)
    assert "fechatter-session" not in answer.headers.get("access-control-allow-headers", "").lower()
    assert "access-control-allow-credentials" not in answer.headers
