"""What browsers show: the chats, administration, signing in, boards, a board, pages, a page, an invite. These are
public static files; everything they do uses REST and WebSockets, with tokens that they hold.

The files are the repository's `web/`. `chat_server/web/` has a link to each folder that is served, and a build packages
the files themselves (ADR 25). Nothing else of `web/` is served or shipped.

Pages load nothing from other hosts, and only our own files run or style them; the policy enforces this in the browser.
The only other host that a page may connect to is notify_server, for its sockets.
"""

import html
import re
from functools import cache
from pathlib import Path
from string import Template
from typing import Annotated, Any, cast
from urllib.parse import urlsplit

from litestar import MediaType, Request, Response, Router, get
from litestar.datastructures import CacheControlHeader
from litestar.params import PathParameter
from litestar.static_files import create_static_files_router

from chat_server.http.api_request import ApiRequest
from chat_server.http.assets import with_bundles
from chat_server.http.fields import PathId
from chat_server.identity.factors.relying_party import relying_party

WEB = Path(__file__).parent.parent / "web"

# What a policy may contain: a Host header can hold anything.
_HOST = re.compile(r"([A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(:[0-9]{1,5})?")

_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src {images}",
        "media-src 'self' blob:",
        "connect-src 'self' {sockets}",
        "worker-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action {forms}",
        "frame-ancestors {framed_by}",
        "require-trusted-types-for 'script'",
        # The one policy by which a page names the script of its worker; nothing else makes a trusted type.
        "trusted-types fechatter",
    )
)


def not_found(request: Request[Any, Any, Any]) -> Response[str] | None:
    """The page for a browser at an unknown address; None for clients of the REST interface and for files."""
    path = request.url.path
    wants_page = "text/html" in request.headers.get("accept", "") and request.method in ("GET", "HEAD")
    if not wants_page or path == "/api" or path.startswith("/api/"):
        return None
    return _page(cast("ApiRequest", request), "errors/not-found", status=404)


_PICTURES = "'self' blob:"
# What people put into a page: pictures over https, as in published pages, or in the page itself.
_PICTURES_OF_PAGES = "'self' blob: data: https:"


# Boards and pages beside a chat (ADR 67).
_FRAMES = "; frame-src 'self'"

# Headers of every HTML response, unless it sets them itself.
HTML_HEADERS = (
    (b"content-security-policy", b"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"referrer-policy", b"no-referrer"),
)


@get("/", include_in_schema=False)
async def home(request: ApiRequest) -> Response[str]:
    return _page(request, "chat/chat", frames=_FRAMES)


@get("/chat/{chat_id:int}", include_in_schema=False)
async def chat(request: ApiRequest, chat_id: PathId) -> Response[str]:
    return _page(request, "chat/chat", frames=_FRAMES)


@get("/chat/{chat_id:int}/{message_id:int}", include_in_schema=False)
async def message(request: ApiRequest, chat_id: PathId, message_id: PathId) -> Response[str]:
    return _page(request, "chat/chat", frames=_FRAMES)


@get(["/admin", "/admin/{section:str}"], include_in_schema=False)
async def admin(request: ApiRequest, section: Annotated[str, PathParameter(max_length=100)] = "") -> Response[str]:
    """The page itself says that there is no such section, or that it is for others."""
    return _page(request, "admin/admin")


@get("/signin", include_in_schema=False)
async def sign_in(request: ApiRequest) -> Response[str]:
    return _page(request, "signin/signin")


@get("/oauth/authorize", include_in_schema=False)
async def authorize(request: ApiRequest) -> Response[str]:
    """Where an app sends people to be let in. What it asks for the page sends to REST, as it stands in the address."""
    return _page(request, "signin/authorize")


@get("/reset", include_in_schema=False)
async def reset(request: ApiRequest) -> Response[str]:
    return _page(request, "signin/reset")


@get("/address", include_in_schema=False)
async def address(request: ApiRequest) -> Response[str]:
    return _page(request, "signin/address")


@get("/boards", include_in_schema=False)
async def boards(request: ApiRequest) -> Response[str]:
    return _page(request, "documents/shelf", kind="board", title="Boards")


@get("/board/{board_id:int}", include_in_schema=False)
async def board(request: ApiRequest, board_id: PathId) -> Response[str]:
    return _page(request, "boards/board", framed_by="'self'")


@get("/pages", include_in_schema=False)
async def pages(request: ApiRequest) -> Response[str]:
    return _page(request, "documents/shelf", kind="page", title="Pages")


@get("/page/{page_id:int}", include_in_schema=False)
async def page(request: ApiRequest, page_id: PathId) -> Response[str]:
    return _page(request, "pages/page", images=_PICTURES_OF_PAGES, framed_by="'self'")


def nothing_published(request: ApiRequest, *, may_sign_in: bool) -> Response[str]:
    """For an address at which there is nothing for this visitor, who may be signed in without its page's knowing it."""
    script = '<script type="module" src="/pages/published/members.js"></script>' if may_sign_in else ""
    return _page(request, "published/nothing", status=404, script=script)


@get("/invite/{token:str}", include_in_schema=False)
async def invite(request: ApiRequest, token: Annotated[str, PathParameter(max_length=100)]) -> Response[str]:
    return _page(request, "invite/invite")


def static_files() -> list[Router]:
    """The files of the pages, at `/pages/<folder>/…`."""
    # They belong together: a new page must not run with old modules.
    fresh = CacheControlHeader(no_cache=True)
    return [
        create_static_files_router(f"/pages/{folder.name}", [folder], name=f"pages-{folder.name}", cache_control=fresh)
        for folder in sorted(WEB.iterdir())
    ]


def carrying_page(action: str, fields: dict[str, str]) -> Response[str]:
    """A page that posts these fields to `action`, which is ours or a provider's, as soon as it is shown."""
    parts = urlsplit(action)
    forms = f"{parts.scheme}://{parts.netloc}" if parts.netloc else "'self'"
    inputs = "\n    ".join(
        f'<input type="hidden" name="{html.escape(name)}" value="{html.escape(value)}">'
        for name, value in fields.items()
    )
    content = _template("signin/carry").substitute(action=html.escape(action), fields=inputs)
    headers = {
        "Content-Security-Policy": _POLICY.format(sockets="", forms=forms, images=_PICTURES, framed_by="'none'"),
        "Cache-Control": "no-store",
    }
    return Response(content, status_code=200, media_type=MediaType.HTML, headers=headers)


def _page(
    request: ApiRequest,
    name: str,
    status: int = 200,
    images: str = _PICTURES,
    frames: str = "",
    framed_by: str = "'none'",
    **words: str,
) -> Response[str]:
    sockets = socket_origin(request)
    policy = _POLICY.format(sockets=sockets, forms="'none'", images=images, framed_by=framed_by)
    headers = {
        "Content-Security-Policy": policy + frames,
        "Cache-Control": "no-cache",
    }
    content = _template(name).substitute(
        sockets=html.escape(sockets),
        signup=request.parts.settings.auth.signup,
        passkeys=html.escape(_passkeys_at(request)),
        mail="on" if request.parts.outbox.is_on else "off",
        share=_template("documents/share").template,
        **words,
    )
    return Response(content, status_code=status, media_type=MediaType.HTML, headers=headers)


def _passkeys_at(request: ApiRequest) -> str:
    """The origin of the pages on which passkeys work; empty: none."""
    party = relying_party(request.parts.providers.public_url, request.parts.settings.auth.issuer)
    return party.origin if party else ""


def socket_origin(request: ApiRequest) -> str:
    """Where the page's sockets connect: notify.public_url, or else notify_server's port on the host of the request."""
    notify = request.parts.settings.notify
    if notify.public_url is not None:
        return notify.public_url.replace("http", "ws", 1)
    asked = _HOST.fullmatch(request.headers.get("host", ""))
    return f"ws://{asked[1] if asked else '127.0.0.1'}:{notify.port}"


@cache
def _template(name: str) -> Template:
    return Template(with_bundles((WEB / f"{name}.html").read_text()))


HANDLERS = [home, chat, message, admin, sign_in, authorize, reset, address, boards, board, pages, page, invite]
