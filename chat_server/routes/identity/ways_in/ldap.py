"""Signing in by the user name and password of a directory, and linking it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import msgspec
import structlog
from litestar import Response, post
from litestar.params import JSONBody
from msgspec import Meta

from chat_core.database.queries import query
from chat_core.problems import Problem
from chat_core.tokens import hash_secret
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import ANY_TEXT, GivenPassword, PathWayIn, Secret
from chat_server.http.steps import limits
from chat_server.http.steps.authentication import PUBLIC, unauthorized
from chat_server.identity.ldap.entries import DirectoryPerson, DirectoryUnavailable
from chat_server.responses.auth import SignedIn
from chat_server.sign_in import people, profiles
from chat_server.sign_in.beginning import Beginning, Device, begin_session, refusals_counted
from chat_server.sign_in.freshness import require_fresh
from chat_server.sign_in.verification import wrong_password

DIRECTORY_FOLLOW = query("directory_follow", "source", "user", "identity", "fullname", "email")

DirectoryLogin = Annotated[str, Meta(min_length=1, max_length=254, pattern=ANY_TEXT)]

_log = structlog.get_logger()


class DirectorySignIn(msgspec.Struct, forbid_unknown_fields=True):
    """`username` is whatever the directory's people sign in with, such as a user name or an address. `device_token` is
    from an earlier sign-in on this device, to any account. `invite` lets a newcomer in, where `auth.signup` is
    invited."""

    username: DirectoryLogin
    password: GivenPassword
    device_token: Secret | None = None
    invite: Secret | None = None


class DirectoryLink(msgspec.Struct, forbid_unknown_fields=True):
    username: DirectoryLogin
    password: GivenPassword


@post("/auth/ldap/{directory:str}/sign-in", status_code=200, opt={**PUBLIC, "problems": [401, 403]})
async def sign_in_at_directory(
    request: ApiRequest, directory: PathWayIn, data: JSONBody[DirectorySignIn]
) -> Response[SignedIn]:
    """Sign in by a directory's user name and password. Failed attempts are limited as those of passwords are."""
    settings = request.parts.directories.named(directory).settings
    with refusals_counted(request, directory):
        device = Device(data.device_token)
        refusal = unauthorized("The user name or the password is wrong.", "wrong_credentials")
        async with _proved(request, directory, data.username, data.password, device.presented_hash, refusal) as person:
            described = profiles.of_directory(directory, settings, person)
            found = await people.admitted_by(
                request, described, settings, hash_secret(data.invite) if data.invite else None
            )
            async with request.transaction() as connection:
                await DIRECTORY_FOLLOW.row(
                    connection,
                    source=directory,
                    user=found.user_id,
                    identity=found.identity_id,
                    fullname=described.fullname,
                    email=described.email if described.email_verified else None,
                )
        # The password was right, so it does not count as a guess, whether or not a second factor is owed.
        beginning = Beginning(directory, ("pwd",), identity_id=found.identity_id)
        return await begin_session(request, found.user_id, beginning, device)


@post("/auth/ldap/{directory:str}/link", status_code=204, opt={"problems": [403, 409]})
async def link_directory(request: ApiRequest, directory: PathWayIn, data: JSONBody[DirectoryLink]) -> None:
    """Let the caller sign in by a directory too. Needs a fresh sign-in, and the password there."""
    await require_fresh(request)
    settings = request.parts.directories.named(directory).settings
    async with _proved(request, directory, data.username, data.password, None, wrong_password()) as person:
        await people.link(request, profiles.of_directory(directory, settings, person))


@asynccontextmanager
async def _proved(
    request: ApiRequest, name: str, username: str, password: str, device: bytes | None, refusal: Problem
) -> AsyncIterator[DirectoryPerson]:
    """Who this is at the directory; the attempt counts as a guess unless the block ends well. Raises `refusal` for a
    wrong name or password, and Problem 503 where the directory cannot be asked."""
    directory = request.parts.directories.named(name)
    charged: limits.Charged = []
    try:
        async with directory.turn(request.asker):
            person = await directory.find(username)
            charged = await limits.charge_directory_sign_in(
                request, name, person.subject if person is not None else username, device
            )
            proved = await directory.proves(person, password)
            if person is not None and proved:
                person = await directory.with_groups(person)
    except DirectoryUnavailable as error:
        if charged:
            await limits.refund(request, charged)
        _log.warning("directory unavailable", directory=name, reason=str(error))
        detail = f"{directory.title} cannot be asked right now; try again shortly."
        raise Problem(503, "provider_unavailable", detail, headers={"Retry-After": "10"}) from None
    if person is None or not proved:
        raise refusal
    if person.is_disabled:
        raise Problem(403, "not_admitted", f"Your account at {directory.title} is disabled.")
    yield person
    await limits.refund(request, charged)


SCOPES = scopes.SESSION_ONLY
HANDLERS = [sign_in_at_directory, link_directory]
