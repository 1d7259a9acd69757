"""The page by which somebody stops mails about messages, from the mail itself: no session, no cookie.

A mail client that knows RFC 8058 posts to its address; a browser that is led there gets a page that asks first, since
others open links, too.
"""

import html
from string import Template
from typing import Annotated

from litestar import MediaType, Response, get, post
from litestar.params import PathParameter

from chat_core.database.queries import query
from chat_core.languages import language_of
from chat_server.http.api_request import ApiRequest
from chat_server.http.steps.authentication import PUBLIC
from chat_server.mail.links import user_of_stop_token
from chat_server.mail.notice_texts import WORDS, Words

MAILS_STOP = query("mails_stop", "user")

Token = Annotated[str, PathParameter(max_length=100)]

_PAGE = Template("""\
<!DOCTYPE html>
<html lang="$language">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>$title</title>
<link rel="icon" href="/pages/lib/icon.svg">
<link rel="stylesheet" href="/pages/lib/style.css">
</head>
<body class="door">
<main>
  <form class="card" method="post">
    <img src="/pages/lib/icon.svg" alt="" width="40" height="40">
    <h1>$title</h1>
    <p>$said</p>
    $button
  </form>
</main>
</body>
</html>
""")
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
}


@get("/unsubscribe/{token:str}", include_in_schema=False, opt=PUBLIC)
async def ask_to_stop(request: ApiRequest, token: Token) -> Response[str]:
    """It changes nothing: scanners of mail open links."""
    if user_of_stop_token(request.parts.signer, token) is None:
        return _page(request, "wrong")
    return _page(request, "asked")


@post("/unsubscribe/{token:str}", include_in_schema=False, opt=PUBLIC, status_code=200)
async def stop(request: ApiRequest, token: Token) -> Response[str]:
    """The body does not matter: RFC 8058 has it say List-Unsubscribe=One-Click."""
    user_id = user_of_stop_token(request.parts.signer, token)
    if user_id is None:
        return _page(request, "wrong")
    async with request.transaction() as connection:
        await MAILS_STOP.row(connection, user=user_id)
    return _page(request, "stopped")


def _page(request: ApiRequest, what: str) -> Response[str]:
    language = language_of(request.headers.get("accept-language", ""))
    words: Words = WORDS[language]
    said = {"asked": words.stop_asked, "stopped": words.stopped, "wrong": words.wrong_link}[what]
    title = words.stopped_title if what == "stopped" else words.stop_act
    button = f'<button class="primary">{html.escape(words.stop_act)}</button>' if what == "asked" else ""
    page = _PAGE.substitute(language=language, title=html.escape(title), said=html.escape(said), button=button)
    status = 404 if what == "wrong" else 200
    return Response(page, status_code=status, media_type=MediaType.HTML, headers=_HEADERS)


HTML_HANDLERS = [ask_to_stop, stop]
