"""Forgotten passwords: a link by mail or from the operator, and the new password that it sets."""

import msgspec
from litestar import Response, post
from litestar.params import JSONBody

from chat_core.database.queries import query
from chat_core.tokens import hash_secret
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import Email, Password, Secret
from chat_server.http.steps import limits
from chat_server.http.steps.authentication import PUBLIC, unauthorized
from chat_server.identity.names import canonical_address
from chat_server.mail.links import seed_of
from chat_server.sign_in import addresses
from chat_server.sign_in.new_passwords import hash_new

MAIL_LINK_ACCOUNT = query("mail_link_account", "seed", "kinds")
PASSWORD_FORGET = query("password_forget", "email", "language", "client", "per_client", "per_recipient")
PASSWORD_RESET = query("password_reset", "hash", "new_hash")
PASSWORD_RESET_ACCOUNT = query("password_reset_account", "hash")
PASSWORD_RESET_BY_MAIL = query("password_reset_by_mail", "seed", "new_hash")


class Forgotten(msgspec.Struct, forbid_unknown_fields=True):
    email: Email

    def __post_init__(self) -> None:
        self.email = canonical_address(self.email)


class Reset(msgspec.Struct, forbid_unknown_fields=True):
    """`token` is the part after the # of the link, from a mail or from the operator."""

    token: Secret
    password: Password


@post("/auth/password/forgotten", status_code=202, opt={**PUBLIC, "problems": [403]})
async def forget_password(request: ApiRequest, data: JSONBody[Forgotten]) -> Response[None]:
    """Ask for a link that sets a new password, by mail. The answer is the same whether there is an account with this
    address or not; each client may ask a few times an hour."""
    request.parts.outbox.require()
    mail = request.parts.settings.mail
    async with request.transaction() as connection:
        seconds = await PASSWORD_FORGET.value(
            connection,
            email=data.email,
            language=addresses.language(request),
            client=request.address,
            per_client=mail.links_per_client,
            per_recipient=mail.links_per_recipient,
        )
    limits.refuse_attempt(request, "forgotten", seconds)
    request.parts.outbox.wake()
    return Response(None, status_code=202)


@post("/auth/reset", status_code=204, opt={**PUBLIC, "problems": [401]})
async def reset_password(request: ApiRequest, data: JSONBody[Reset]) -> None:
    """Set a new password by a link, once. This ends all sessions and links. A link by mail also shows that the address
    is the user's: whatever else let somebody in to an account whose address nobody had confirmed ends too."""
    seed = seed_of(request.parts.signer, data.token)
    hashed = hash_secret(data.token)
    user = None
    async with request.parts.passwords.turn(request.asker) as turn:
        if seed:
            account = await MAIL_LINK_ACCOUNT.row(request.pool, seed=seed, kinds=["password_reset"])
        else:
            account = await PASSWORD_RESET_ACCOUNT.row(request.pool, hash=hashed)
        new_hash = await hash_new(turn, "password", data.password, *account) if account else None
    if new_hash is not None:
        async with request.transaction() as connection:
            if seed:
                user = await PASSWORD_RESET_BY_MAIL.value(connection, seed=seed, new_hash=new_hash)
            else:
                user = await PASSWORD_RESET.value(connection, hash=hashed, new_hash=new_hash)
    if user is None:
        raise unauthorized("This link has expired, or was used before; ask for a new one.", "invalid_reset_token")
    request.parts.sessions.forget(user)


SCOPES = scopes.SESSION_ONLY
HANDLERS = [forget_password, reset_password]
