"""Every call: typed, paged, repeated where that is safe, and with its errors."""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import httpx
import pyotp
import pytest
from fechatter_client import FOR_GOOD, Board, Chat, Client, Message, Page, Problem, SignInNeeded, Unreachable

from tests.client.conftest import People
from tests.end_to_end.system import PASSWORD, System
from tests.sql.world import until
from tests.support.clients.plain_http import NO_TLS, plain_http
from tests.support.identity.authenticator import Authenticator
from tests.support.openapi import Contract


class Losing(httpx.AsyncHTTPTransport):
    """Loses so many answers, after the server has given them."""

    def __init__(self, answers: int) -> None:
        super().__init__(verify=NO_TLS, trust_env=False)
        self.answers, self.lost = answers, list[httpx.Response]()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await super().handle_async_request(request)
        aside = request.url.path.startswith(("/api/auth", "/api/invitations"))
        if request.method == "GET" or aside or len(self.lost) == self.answers:
            return response
        await response.aread()
        self.lost.append(response)
        raise httpx.ReadError("lost", request=request)


class Busy(httpx.AsyncHTTPTransport):
    """Answers as a server that is starting does, so many times."""

    def __init__(self, times: int, **headers: str) -> None:
        super().__init__(verify=NO_TLS, trust_env=False)
        self.times, self.headers = times, headers

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.startswith("/api/auth") or self.times == 0:
            return await super().handle_async_request(request)
        self.times -= 1
        return httpx.Response(503, headers=self.headers, request=request)


async def test_every_operation_of_the_document_has_a_method_that_fits(people: People, system: System) -> None:
    async with plain_http() as anybody:
        document = (await anybody.get(f"{system.chat.url}/docs/openapi.json")).json()
    contract, done = Contract(document), set[tuple[str, str]]()

    async def note(response: httpx.Response) -> None:
        await contract.check(response)
        if response.status_code == 403 and response.json()["code"].startswith("second_factor_"):
            return
        assert response.is_success or response.status_code in (304, 409), response.text
        path = re.sub(
            r"(?<=/features/).+|(?<=/invites/)[\w-]{43}|(?<=/reactions/).+|(?<=/emoji/).+|(?<=/uploads/)[\w-]{36}|(?<=/published/)(?!cookie)[\w-]+|\d+",
            "{}",
            response.request.url.path,
        )
        done.add((response.request.method, path))

    ada = await people.sign_up("Ada", http=plain_http(event_hooks={"response": [note]}))

    async def note_invitations(response: httpx.Response) -> None:
        if any(noun in response.request.url.path for noun in ("/invitation", "/cases/")):
            await note(response)

    grace = await people.sign_up("Grace", http=plain_http(event_hooks={"response": [note_invitations]}))
    mary = await people.sign_up("Mary")
    await people.invite(mary, ada)  # so ada may add her
    await _organization(ada, mary, system, people.users[ada].id, people.users[mary].id)
    await _every_call(ada, system, grace, people.users[grace].id, people.users[mary].email)
    leaver = await people.sign_up("Leaver", http=plain_http(event_hooks={"response": [note]}))
    await _switch(leaver, system, "enable_advanced_admin", on=True)
    assert (await leaver.users.export_me()).startswith(b"PK")
    assert "sessions and tokens" in [part.what for part in await leaver.users.preview_my_deletion()]
    deleted = await people.sign_up("Deleted", http=plain_http(event_hooks={"response": [note]}))
    await deleted.users.delete_me()
    await _switch(leaver, system, "enable_advanced_admin", on=False)
    await leaver.users.deactivate_me(PASSWORD)
    again = await people.client(http=plain_http(event_hooks={"response": [note]}))
    await again.sign_in(people.users[ada].email, "another battery")
    assert again.refresh_token
    await again.resume(again.refresh_token)
    another = await people.client()
    await another.sign_in(people.users[ada].email, "another battery")
    [other] = [device.id async for device in again.devices.list() if not device.current]
    await again.devices.end(other)
    async with system.sql() as sql:
        await sql.execute(
            "SELECT add_identity(id, 'acme', 'https://id.acme.example', '1', NULL, false) FROM users WHERE email = $1",
            people.users[ada].email,
        )
    [identity] = [identity.id async for identity in again.devices.identities()]
    await again.devices.unlink(identity)
    made = await again.tokens.create("bot", ["profile:read"], days=7)
    bot = await people.client(token=made.token)
    assert (await bot.users.me()).id == people.users[ada].id
    with pytest.raises(Problem, match="scope"):
        await bot.sync()
    assert [token.id async for token in again.tokens.list()] == [made.id]
    await again.tokens.end(made.id)
    with pytest.raises(SignInNeeded):
        await bot.users.me()
    await _second_factor(again, system, people.users[ada].email, "another battery")
    await _passkey(again, people.users[ada].email, "another battery", system.chat.url.replace("127.0.0.1", "localhost"))
    await again.log_out_everywhere()
    async with system.sql() as sql:
        link: str = await sql.fetchval("SELECT link FROM ops.reset_password($1)", people.users[ada].email)
    await again.forgot_password(people.users[ada].email)
    await again.reset_password(link.partition("#")[2], PASSWORD)
    documented = {
        (method.upper(), re.sub(r"\{[^}]*\}", "{}", path))
        for path, item in document["paths"].items()
        for method in item
    }
    for_browsers = {
        ("POST", "/api/files/cookie"),
        ("POST", "/api/published/cookie"),
        ("GET", "/api/linked/files/{}"),
        ("GET", "/api/auth/providers"),
        ("POST", "/api/auth/provider-session"),
        ("POST", "/api/auth/oidc/{}/link"),
        ("POST", "/api/auth/oidc/{}/reauthenticate"),
        ("POST", "/api/auth/ldap/{}/sign-in"),
        ("POST", "/api/auth/ldap/{}/link"),
        ("POST", "/api/auth/saml/{}/link"),
        ("POST", "/api/auth/clerk/session"),
        ("POST", "/api/auth/clerk/link"),
        ("GET", "/api/auth/provider-logout"),
        *(("POST", f"/api/auth/address/{what}") for what in ("verification", "link", "confirm", "refuse")),
    }
    for_providers = {("POST", "/api/auth/oidc/{}/backchannel-logout"), ("POST", "/api/webhooks/clerk")}
    elsewhere = {
        ("GET", "/api/files/{}/previews/{}"),  # once the file is ready: tests/end_to_end/files
        # With a bot that answers: tests/chat_server/integrations/slack/test_bolt.py
        ("POST", "/api/chats/{}/commands"),
        ("POST", "/api/chats/{}/messages/{}/actions"),
        ("POST", "/api/dialogs"),
        ("PUT", "/api/dialogs"),
        ("POST", "/api/dialogs/{}/submission"),
        ("POST", "/api/dialogs/{}/actions"),
        ("DELETE", "/api/dialogs/{}"),
        ("POST", "/api/chats/{}/private-answers"),
        # With a push service: tests/delivery_server/pushes
        ("PUT", "/api/push/subscription"),
        ("DELETE", "/api/push/subscription"),
    }
    # There is no provider here: refused below, and required in tests/chat_server/workspaces.
    of_a_provider = {("GET", "/api/workspaces/{}/required-provider"), ("PUT", "/api/workspaces/{}/required-provider")}
    assert done == documented - for_browsers - for_providers - elsewhere - of_a_provider


async def _second_factor(ada: Client, system: System, email: str, password: str) -> None:
    begun = await ada.factors.begin_totp()
    codes = await ada.factors.confirm_totp(pyotp.TOTP(begun.secret).now())
    assert codes is not None
    shown = await ada.factors.get()
    assert (shown.totp is not None, shown.recovery_codes_left) == (True, len(codes))
    codes = await ada.factors.renew_recovery_codes()
    with pytest.raises(Problem) as refused:
        await ada.sign_in(email, password)
    assert refused.value.extra["factors"] == ["totp", "recovery_code"]
    await ada.complete_sign_in(refused.value.extra["factor_token"], recovery_code=codes[0])
    await ada.reauthenticate(password, recovery_code=codes[1])
    await ada.factors.remove_totp()
    space = (await ada.workspaces.create("Vault")).id
    async with system.sql() as sql:
        await sql.execute("SELECT ops.let_demand($1)", space)
    demand = await ada.workspaces.require_second_factor(space)  # which ends this session
    with pytest.raises(Problem, match="second_factor_enrolment_required") as refused:
        await ada.sign_in(email, password)
    token = refused.value.extra["factor_token"]
    assert (await ada.new_passkey_options_at_sign_in(token))["challenge"]
    secret = (await ada.enrol_at_sign_in(token)).secret
    await ada.complete_sign_in(token, code=pyotp.TOTP(secret).now())
    assert await ada.workspaces.required_second_factor(space) == demand
    await ada.workspaces.require_no_second_factor(space)
    await ada.factors.remove_totp()


async def _passkey(ada: Client, email: str, password: str, origin: str) -> None:
    authenticator = Authenticator(origin)
    made = await ada.factors.add_passkey("laptop", authenticator.create(await ada.factors.passkey_options()))
    assert made.recovery_codes
    with pytest.raises(Problem, match="second_factor_required") as refused:
        await ada.sign_in(email, password)
    token = refused.value.extra["factor_token"]
    options = await ada.passkey_options_at_sign_in(token)
    await ada.complete_sign_in(token, passkey=authenticator.get(options))
    await ada.sign_in_by_passkey(authenticator.get(await ada.passkey_options_at_sign_in()))
    await ada.reauthenticate(passkey=authenticator.get(await ada.passkey_options_again()))
    assert [passkey.id for passkey in (await ada.factors.get()).passkeys] == [made.passkey.id]
    await ada.factors.remove_passkey(made.passkey.id)


async def _rooms(ada: Client, grace: Client, channel: int, grace_id: int, mary_id: int) -> None:
    assert (await ada.chats.silence(channel, grace_id, 60)).silenced_until
    await ada.chats.end_silence(channel, grace_id)
    assert (await ada.chats.ban(channel, grace_id, reason="noise", seconds=60)).expires_at
    assert [ban.reason async for ban in ada.chats.bans(channel)] == ["noise"]
    await ada.chats.lift_ban(channel, grace_id)
    invite = await ada.chats.create_invite(channel, max_uses=1)
    assert (await grace.invites.show(invite.token)).chat_id == channel
    assert (await ada.invites.show(invite.token)).joined
    joined = await grace.invites.accept(invite.token)
    assert isinstance(joined, Chat)
    assert joined.role == "member"
    assert (await ada.invites.accept(invite.token)).role == "owner"
    assert [i.uses async for i in ada.chats.invites(channel)] == [1]
    await ada.chats.revoke_invite(channel, invite.id)
    assert (await ada.chats.archive(channel)).archived_at
    assert (await ada.chats.unarchive(channel)).archived_at is None
    vault = await ada.chats.create(
        "PrivateChannel", [mary_id], name="vault", workspace_id=(await ada.chats.get(channel)).workspace_id
    )
    await ada.chats.set_password(vault.id, "open sesame")
    assert [chat.id async for chat in grace.chats.joinable(search="VAU")] == [vault.id]
    assert (await grace.chats.join(vault.id, "open sesame")).has_password
    await ada.chats.set_password(vault.id, None)
    assert (await ada.chats.transfer(vault.id, mary_id)).role == "admin"
    await ada.chats.leave(vault.id)


async def _pages(ada: Client, grace: Client, workspace: int, grace_id: int) -> None:
    page = await ada.pages.create(workspace, "Landing", is_template=True)
    assert [p async for p in ada.pages.list(workspace, template=True, search="AND")] == [page]
    assert await ada.pages.update(page.id, name="Home") == await ada.pages.get(page.id)
    invite = await ada.pages.create_invite(page.id, "editor", max_uses=1)
    assert (await grace.invites.show(invite.token)).page_id == page.id
    joined = await grace.invites.accept(invite.token)
    assert isinstance(joined, Page)
    assert [i.uses async for i in ada.pages.invites(page.id)] == [1]
    await ada.pages.revoke_invite(page.id, invite.id)
    assert (await ada.pages.set_role(page.id, grace_id, "viewer")).role == "viewer"
    assert (await ada.pages.transfer(page.id, grace_id)).role == "editor"
    assert (await grace.pages.transfer(page.id, (await ada.users.me()).id)).role == "editor"
    await ada.pages.remove_member(page.id, grace_id)
    assert (await ada.pages.add_member(page.id, grace_id)).role == "viewer"
    assert [m.role async for m in ada.pages.members(page.id, page_size=1)] == ["owner", "viewer"]
    picture = b"\xff\xd8\xff picture"
    assert (await ada.pages.set_thumbnail(page.id, picture)).bytes == len(picture)
    assert await ada.pages.thumbnail(page.id) == picture
    await ada.pages.remove_thumbnail(page.id)
    plan = await ada.files.upload_bytes(page.workspace_id, b"plan", "plan.txt")
    assert (await ada.pages.attach(page.id, plan.id)).id == plan.id
    assert [file.id async for file in ada.pages.files(page.id)] == [plan.id]
    await ada.pages.detach(page.id, plan.id)
    first = await ada.pages.content(page.id)
    assert (first.version, first.content["rootId"]) == (1, 1)
    assert await ada.pages.content_unless(page.id, 1) is None
    text = {"id": 2, "name": "Text", "props": {"text": "hi"}, "parentId": 1}
    patch = [{"op": "add", "path": "/components/2", "value": text}]
    stored = await ada.pages.patch(page.id, patch, version=1, exact=True, operation_id="a")
    assert (stored.id, stored.version) == ("a", 2)
    assert await ada.pages.patch(page.id, patch, version=1, exact=True, operation_id="a") == stored
    with pytest.raises(Problem) as stale:
        await ada.pages.patch(page.id, patch, version=1)
    assert (stale.value.code, stale.value.extra["operations"][0]["id"]) == ("version_conflict", "a")
    newer = await ada.pages.content_unless(page.id, 1)
    assert newer == await ada.pages.content(page.id, 2)
    assert await ada.pages.export(page.id) == newer.content
    assert [edit.summary async for edit in ada.pages.history(page.id)] == ["Added Text “hi”."]
    assert (await ada.pages.diff(page.id, 1)).patch == patch
    version = await ada.pages.create_version(page.id, "first", version=1)
    renamed = await ada.pages.rename_version(page.id, version.id, "one")
    assert [v async for v in ada.pages.versions(page.id)] == [renamed] == [await ada.pages.version(page.id, version.id)]
    assert await ada.pages.export(page.id, version.id) == first.content
    assert (await ada.pages.restore_version(page.id, version.id)).version == 3
    assert (await ada.pages.restore_content(page.id, 2)).version == 4
    await ada.pages.delete_version(page.id, version.id)
    copy = await ada.pages.create(workspace, "Copy", template=page.id)
    assert (copy.version, copy.is_template) == (1, False)
    published = await ada.pages.publish(page.id, "public", slug=f"page-{page.id}")
    assert await ada.pages.publication(page.id) == published
    assert (await ada.pages.published(published.slug)).content == newer.content
    await ada.pages.unpublish(page.id)
    comment = await ada.pages.add_comment(page.id, "2", "Louder?")
    await ada.pages.reply(page.id, comment.id, "No.")
    assert (await ada.pages.resolve(page.id, comment.id)).resolved_at is not None
    assert await ada.pages.edit_comment(page.id, comment.id, "Loud?") == await ada.pages.comment(page.id, comment.id)
    assert [c.content async for c in ada.pages.comments(page.id, component_id="2", resolved=True)] == ["Loud?", "No."]
    await ada.pages.delete_comment(page.id, comment.id)
    await ada.pages.delete(page.id)
    assert [p.id async for p in ada.pages.list(workspace, deleted=True)] == [page.id]
    assert (await ada.pages.restore(page.id)).id == page.id


async def _boards(ada: Client, grace: Client, workspace: int, grace_id: int) -> None:
    board = await ada.boards.create(workspace, "plans")
    assert [b async for b in ada.boards.list(workspace, search="LAN")] == [board]
    assert await ada.boards.rename(board.id, "blueprints") == await ada.boards.get(board.id)
    invite = await ada.boards.create_invite(board.id, "editor", max_uses=1)
    assert (await ada.invites.preview(invite.token)).role == "editor"
    shown = await grace.invites.show(invite.token)
    assert (shown.board_id, shown.name, shown.role) == (board.id, "blueprints", "editor")
    joined = await grace.invites.accept(invite.token)
    assert isinstance(joined, Board)
    assert joined.role == "editor"
    assert [i.uses async for i in ada.boards.invites(board.id)] == [1]
    await ada.boards.revoke_invite(board.id, invite.id)
    assert (await ada.boards.set_role(board.id, grace_id, "viewer")).role == "viewer"
    assert (await ada.boards.transfer(board.id, grace_id)).role == "editor"
    assert (await grace.boards.transfer(board.id, (await ada.users.me()).id)).role == "editor"
    await ada.boards.remove_member(board.id, grace_id)
    assert (await ada.boards.add_member(board.id, grace_id)).role == "viewer"
    assert [m.role async for m in ada.boards.members(board.id, page_size=1)] == ["owner", "viewer"]
    picture = b"\xff\xd8\xff picture"
    thumbnail = await ada.boards.set_thumbnail(board.id, picture)
    assert (thumbnail.media_type, thumbnail.bytes) == ("image/jpeg", len(picture))
    assert await ada.boards.thumbnail(board.id) == picture
    assert (await ada.boards.get(board.id)).thumbnail == thumbnail
    await ada.boards.remove_thumbnail(board.id)
    plan = await ada.files.upload_bytes(workspace, b"plan", "plan.txt")
    assert (await ada.boards.attach(board.id, plan.id)).id == plan.id
    assert [file.id async for file in ada.boards.files(board.id)] == [plan.id]
    await ada.boards.detach(board.id, plan.id)
    assert await ada.boards.export(board.id) == {}
    assert await ada.boards.state(board.id) == b"\x00\x00"
    assert [update async for update in ada.boards.quarantine(board.id)] == []
    version = await ada.boards.create_version(board.id, "first")
    renamed = await ada.boards.rename_version(board.id, version.id, "one")
    assert renamed == await ada.boards.version(board.id, version.id)
    assert [v async for v in ada.boards.versions(board.id)] == [renamed]
    assert await ada.boards.export(board.id, version.id) == {}
    assert await ada.boards.state(board.id, version.id) == b"\x00\x00"
    compared = await ada.boards.compare(board.id, version.id)
    assert (compared.before.version_id, compared.after.seq, compared.changes) == (version.id, 0, [])
    assert (await ada.boards.restore_version(board.id, version.id)).before is None
    await ada.boards.delete_version(board.id, version.id)
    await ada.boards.delete(board.id)
    assert [b.id async for b in ada.boards.list(workspace, deleted=True)] == [board.id]
    restored = await ada.boards.restore(board.id)
    assert [b async for b in ada.boards.list(workspace)] == [restored]


PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)


async def _invitations(ada: Client, grace: Client, grace_id: int, space: int) -> None:
    assert (await ada.workspaces.update(space, show_emails=False)).show_emails is False
    assert (await ada.workspaces.update(space, link_previews=False)).link_previews is False
    assert (await ada.workspaces.update(space, public_publishing=False)).public_publishing is False
    await ada.workspaces.update(space, public_publishing=True)
    made = await ada.workspaces.invite(space, user_id=grace_id)
    assert [i async for i in ada.workspaces.invitations(space)] == [i async for i in grace.invitations.list()] == [made]
    assert [person.id for person in await ada.users.by_ids([grace_id, 2**40])] == []
    assert (await grace.sync()).invitations == [made] == (await grace.sync("lean")).invitations
    await ada.workspaces.withdraw_invitation(space, grace_id)
    await ada.workspaces.invite(space, user_id=grace_id)
    await grace.invitations.decline(space, block="workspace")
    [block] = [b async for b in grace.invitations.blocks()]
    assert block.workspace_id == space
    await grace.invitations.lift_block(block.id)
    await ada.workspaces.invite(space, user_id=grace_id)
    assert (await grace.invitations.accept(space)).role == "member"


async def _links(ada: Client, system: System, chat_id: int, message_id: int) -> None:
    [link] = await ada.links.resolve([f"{system.chat.url}/chat/{chat_id}/{message_id}"])
    assert (link.kind, link.id, link.chat_id, link.title, link.excerpt) == (
        *("message", message_id, chat_id, "Ada L", "hello all"),
    )
    async with system.sql() as sql:  # as if a website had answered
        shown = await sql.fetchval(
            "INSERT INTO link_previews (url_sha256, shown, expires_at, key, store, sealed_key, size) "
            "SELECT sha256('x'), '{}', now(), key, store, sealed_key, size FROM blobs WHERE size = $1 LIMIT 1 "
            "RETURNING id",
            len(PNG),
        )
        await sql.execute("INSERT INTO link_uses VALUES ($1, $2)", message_id, shown)
    message = await ada.messages.get(chat_id, message_id)
    assert await ada.messages.find(message_id) == message
    assert await ada.links.fetch_image(message, shown) == PNG
    assert (await ada.links.remove(chat_id, message_id)).links == []
    async with system.sql() as sql:
        assert not await sql.fetchval("SELECT EXISTS (SELECT FROM link_previews WHERE id = $1)", shown)
        # The bytes are the other file's, too.
        await sql.execute("DELETE FROM blob_deletions WHERE key IN (SELECT key FROM blobs)")


async def _switch(ada: Client, system: System, feature: str, *, on: bool) -> None:
    async with system.sql() as sql:
        switch = "INSERT INTO features VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET enabled = excluded.enabled"
        await sql.execute(switch, feature, on)

    async def switched() -> bool:
        return getattr((await ada.organizations.features()).features, feature) is on

    await until(switched, "the servers have heard of it")


async def _delegations(ada: Client, grace: Client, system: System, grace_id: int) -> None:
    await _switch(ada, system, "enable_proxy_system", on=True)
    ends = datetime.now(UTC) + timedelta(days=1)
    ada_id = (await ada.users.me()).id
    offered = await grace.delegations.offer(ada_id, ["chat.see", "chat.read_messages"], ends, reason="on leave")
    accepted = await ada.delegations.accept(offered.id)
    mine = await ada.delegations.offer(grace_id, ["chat.post_message"], ends, starts_at=ends - timedelta(hours=1))
    assert await ada.delegations.list() == (await ada.sync()).delegations == [accepted, mine]
    async for chat in ada.acting_for(grace_id).chats.list():
        assert chat.type != "Single"
    await ada.delegations.revoke(accepted.id)
    await ada.delegations.revoke(mine.id)
    await _switch(ada, system, "enable_proxy_system", on=False)


async def _compliance(ada: Client, grace: Client, system: System, space: int, grace_id: int) -> None:
    await _switch(ada, system, "enable_advanced_admin", on=True)
    await ada.workspaces.set_role(space, grace_id, "owner")
    hold = await ada.compliance.place_hold(space, "a case", user_id=grace_id)
    assert [hold] == [h async for h in ada.compliance.holds(space, released=False)]
    async with system.sql() as sql:
        await sql.execute("SELECT ops.let_export_cases($1)", space)
    case = await ada.compliance.ask_for_case(space, hold.id, "for the court")
    assert (await grace.compliance.approve_case(space, case.id)).status == "approved"
    assert b'"records":' in await ada.compliance.export_case(space, case.id)
    assert (await ada.compliance.get_case(space, case.id)).exported_at
    other = await ada.compliance.ask_for_case(space, hold.id, "for the court")
    assert (await ada.compliance.decline_case(space, other.id)).status == "declined"
    assert [other.id, case.id] == [c.id async for c in ada.compliance.cases(space)]
    released = await ada.compliance.release_hold(space, hold.id, "settled")
    assert await ada.compliance.get_hold(space, hold.id) == released
    async with system.sql() as sql:  # a week later, so that the workspace can be deleted
        await sql.execute("CREATE OR REPLACE FUNCTION hold_keeps_on() RETURNS interval RETURN interval '0'")
        await sql.execute("UPDATE steady_clock SET reached_at = now()")
        assert await sql.fetchval("SELECT let_go_of_released()") == hold.id
    await ada.workspaces.set_role(space, grace_id, "member")
    rule = await ada.compliance.add_dlp_rule(space, "projects", "words", "block", words=["falcon"])
    room = await ada.chats.create("Group", [grace_id], name="projects", workspace_id=space)
    for said in ("falcon", "the falcon"):
        with pytest.raises(Problem, match="said_is_blocked"):
            await grace.messages.post(room.id, said)
    second, first = [held async for held in ada.compliance.held_messages(space, status="open")]
    assert (await ada.compliance.release_held_message(space, first.id)).message_id
    assert (await ada.compliance.dismiss_held_message(space, second.id)).status == "dismissed"
    changed = await ada.compliance.change_dlp_rule(space, rule.id, action="flag")
    assert await ada.compliance.dlp_rules(space) == [changed]
    await ada.compliance.remove_dlp_rule(space, rule.id)
    await ada.chats.delete(room.id)
    await _switch(ada, system, "enable_advanced_admin", on=False)


async def _apps(ada: Client, system: System, space: int) -> None:
    app = await ada.apps.create(space, "Calendar", ["https://app.example/cb"], ["chats:read"])
    assert (await ada.apps.update(app.id, name="Diary")).name == "Diary"
    replaced = await ada.apps.replace_secret(app.id)
    assert replaced.client_secret != app.client_secret
    assert [app.id] == [a.id async for a in ada.apps.list(space)]
    request = urlencode(
        {
            "client_id": app.client_id,
            "redirect_uri": "https://app.example/cb",
            "response_type": "code",
            "code_challenge": "c" * 43,
            "code_challenge_method": "S256",
        }
    )
    asked = await ada.apps.asked(request)
    assert asked.app.name == "Diary"
    answer = await ada.apps.connect(request, asked.scopes, workspace_id=space)
    assert answer.startswith("https://app.example/cb?code=")
    assert [a async for a in ada.apps.connected()] == []  # it has not fetched its tokens
    async with system.sql() as sql:
        await sql.execute(
            "INSERT INTO sessions (user_id, expires_at, provider, app_id, scopes) "
            "VALUES ($1, now() + interval '1 day', 'app', $2, '{chats:read}')",
            app.owner_id,
            app.id,
        )
    assert [a.name async for a in ada.apps.connected()] == ["Diary"]
    await ada.apps.disconnect(app.id)
    await ada.apps.delete(app.id)


async def _bots(ada: Client, system: System, space: int, chat_id: int) -> None:
    await _switch(ada, system, "enable_bot_messages", on=True)
    await _apps(ada, system, space)
    bot = await ada.bots.create(space, "builds", "Build Reports")
    assert (await ada.bots.update(bot.id, description="Says what was built.")).description == "Says what was built."
    assert [bot.id] == [b.id async for b in ada.bots.list(space)]
    token = await ada.bots.create_token(bot.id, "ci", ["messages:write"], days=1)
    assert [token.id] == [t.id async for t in ada.bots.tokens(bot.id)]
    await ada.bots.end_token(bot.id, token.id)
    await ada.chats.add_member(chat_id, bot.id)
    webhook = await ada.bots.create_webhook(bot.id, chat_id, "ci")
    assert [webhook.id] == [w.id async for w in ada.bots.webhooks(bot.id)]
    posted = await ada.bots.post_by_webhook(webhook.id, webhook.token, "green", metadata={"username": "ci"})
    assert (posted.sender_id, posted.metadata) == (bot.id, {"username": "ci"})
    await ada.bots.delete_webhook(bot.id, webhook.id)
    assert (await ada.bots.set_endpoint(bot.id, "https://bot.example/asked")).secret.startswith("whsec_")
    assert (await ada.bots.endpoint(bot.id)).url == "https://bot.example/asked"
    assert (await ada.bots.set_endpoint_events(bot.id, [])).events == []
    assert (await ada.dialogs.shown()).dialog is None
    command = await ada.bots.create_command(bot.id, "deploy", "Deploys a branch.", usage="[branch]")
    assert [command] == [c async for c in ada.bots.commands(space)]
    assert [a async for a in ada.bots.private_answers()] == []
    await ada.bots.delete_command(bot.id, command.id)
    await ada.bots.remove_endpoint(bot.id)
    made = await ada.bots.subscribe(bot.id, "ci", "https://ci.example.com/hook", kinds=["NewMessage"])
    assert made.key.startswith("whsec_")
    assert (await ada.bots.update_subscription(bot.id, made.id, kinds=[], cursor=made.cursor)).kinds is None
    assert [made.id] == [s.id async for s in ada.bots.subscriptions(bot.id)]
    assert (await ada.bots.subscription(bot.id, made.id)).cursor == made.cursor
    assert (await ada.bots.replace_key(bot.id, made.id, scheme="v1a")).key.startswith("whpk_")
    async with system.sql() as sql:
        await sql.execute(
            "INSERT INTO deliveries (subscription_id, position, kind, attempts, error) "
            "SELECT $1, position, 'x', 9, 'x' FROM generate_series(0, 2) position",
            made.id,
        )
    failed = [d.position async for d in ada.bots.failed_deliveries(bot.id, made.id, page_size=2)]
    assert failed == [0, 1, 2], "each once, over several pages; a failed reset is at position 0"
    assert (await ada.bots.deliver_again(bot.id, made.id, 1)).attempts == 0
    assert [a async for a in ada.bots.attempts(bot.id, made.id)] == []
    await ada.bots.unsubscribe(bot.id, made.id)
    await ada.bots.delete(bot.id)
    await _switch(ada, system, "enable_bot_messages", on=False)


async def _every_call(ada: Client, system: System, grace: Client, grace_id: int, mary_email: str) -> None:
    assert (await ada.users.update_me(username="ada.l", fullname="Ada L", avatar="a.png")).username == "ada.l"
    assert (await ada.users.update_me(avatar=None)).avatar is None
    assert (await ada.users.me()).fullname == "Ada L"
    assert (await ada.add_ticket()).ticket
    await ada.reauthenticate(PASSWORD)
    space = await ada.workspaces.create("Engines")
    assert (await ada.workspaces.update(space.id, description="Analytical")).name == "Engines"
    assert (await ada.workspaces.get(space.id)).description == "Analytical"
    assert [w.id async for w in ada.workspaces.list()][-1] == space.id
    assert (await ada.workspaces.storage(space.id)).yours.bytes == 0
    await _invitations(ada, grace, grace_id, space.id)
    with pytest.raises(Problem, match="provider"):
        await grace.workspaces.require_provider(space.id, "unknown here")
    with pytest.raises(Problem, match="404 not_found"):
        await grace.workspaces.required_provider(1_000_000)
    await ada.workspaces.require_no_provider(space.id)
    mary = await ada.workspaces.add_member(space.id, email=mary_email, role="admin")
    assert (await ada.workspaces.set_role(space.id, mary.user_id, "member")).role == "member"
    assert [m.user_id async for m in ada.workspaces.members(space.id)] == sorted(
        {m.id async for m in ada.users.list(space.id)}
    )
    channel = await ada.chats.create("PublicChannel", name="news", workspace_id=space.id)
    assert [c.id async for c in grace.chats.joinable(workspace_id=space.id)] == [channel.id]
    assert (await grace.chats.join(channel.id)).role == "member"
    assert (await ada.chats.join(channel.id)).role == "owner"
    await ada.chats.add_member(channel.id, mary.user_id)
    assert (await ada.chats.set_role(channel.id, mary.user_id, "owner")).role == "owner"
    assert (await ada.chats.update(channel.id, description="new")).description == "new"
    assert [m.role async for m in ada.chats.members(channel.id)].count("owner") == 2
    assert [m.user_id for m in await ada.chats.members_named(channel.id, "grac")] == [(await grace.users.me()).id]
    await _threads(ada, channel.id)
    assert (await ada.workspaces.update(space.id, retention_days=30)).retention_days == 30
    assert (await ada.chats.update(channel.id, retention_days=7)).retention_days == 7
    assert (await ada.chats.update(channel.id, retention_days=None)).retention_days is None
    file = await ada.files.upload_bytes(space.id, b"notes", "notes.txt")
    assert await ada.files.get(file.id) == file
    await ada.files.discard(file.id)
    file = await ada.files.upload_bytes(space.id, b"notes", "notes.txt")
    assert (await ada.messages.post(channel.id, files=[file.id])).files == [file]
    assert await ada.files.fetch(file.id) == b"notes"
    [uploaded] = [uploaded async for uploaded in ada.files.list_own(space.id)]
    assert (uploaded.file, uploaded.workspace_id, uploaded.uses) == (file, space.id, 1)
    assert (await ada.files.link(file.id)).url.startswith(f"/api/linked/files/{file.id}?")
    picture = await ada.files.upload_bytes(space.id, PNG, "ada.png")
    assert (await ada.users.update_me(avatar_file_id=picture.id)).avatar == f"/api/files/{picture.id}/picture"
    icon = (await ada.workspaces.update(space.id, icon_file_id=picture.id)).icon
    assert icon is not None
    assert icon.id == picture.id  # which may have been looked at meanwhile
    assert await ada.files.picture(picture.id) == PNG
    emoji = await ada.workspaces.add_emoji(space.id, "ada", picture.id)
    assert [emoji] == [one async for one in ada.workspaces.emoji(space.id)] == (await ada.sync()).emoji
    await ada.workspaces.remove_emoji(space.id, "ada")
    await _compliance(ada, grace, system, space.id, grace_id)
    await _delegations(ada, grace, system, grace_id)
    await _bots(ada, system, space.id, channel.id)
    begun = await ada.files.begin(space.id, 5, "more.txt")
    assert (await ada.files.append(begun, b"no")).received == (await ada.files.state(begun.id)).received == 2
    await ada.files.end(begun.id)
    message = await ada.messages.post(channel.id, "hello")
    assert (await anext(ada.messages.newest(channel.id))) == message
    edited = await ada.messages.edit(channel.id, message.id, "hello all", metadata={"mood": "good"})
    assert (await ada.messages.edit(channel.id, message.id, metadata=None)).metadata is None
    assert [e.content async for e in ada.messages.edits(channel.id, message.id)] == [edited.content, message.content]
    await _links(ada, system, channel.id, message.id)
    copy = await ada.messages.forward(message.id, channel.id)
    assert copy.forwarded_from is not None
    await ada.messages.delete(channel.id, copy.id)
    gone = await ada.messages.get(channel.id, copy.id)
    assert (gone.content, gone.forwarded_from, gone.deleted_by) == ("", None, message.sender_id)
    message = await ada.messages.post(channel.id, "a.png", type="image", metadata={"width": 4}, reply_to=message.id)
    assert message.thread_id is not None
    await _reading(ada, channel.id, message.thread_id, message.seq)
    assert await grace.reading.draft(channel.id) is None
    await _search(ada)
    assert (await ada.chats.get(channel.id)).last_message == message
    await _marks(ada, channel.id, message)
    assert [c.id async for c in ada.chats.list(workspace_id=space.id)] == [channel.id]
    assert (await ada.sync()).chats[0].messages[-1] == message
    await ada.chats.tell_typing(channel.id)
    assert [p.presence async for p in ada.users.presence(space.id, [grace_id])] == ["offline"]
    assert (await ada.users.choose_presence("dnd")).presence_mode == "dnd"
    status = (await ada.users.set_status("Lunch", until=datetime.now(UTC) + timedelta(hours=1))).custom_status
    assert status is not None
    assert status.text == "Lunch"
    await ada.users.report_activity(idle=True)
    report = await grace.moderation.report(channel.id, message.id, "other", "rude")
    assert (await ada.moderation.report(channel.id, message.id, "spam")).status == "open"
    assert [r.id async for r in ada.moderation.reports(space.id, page_size=1)] == [report.id + 1, report.id]
    shown = await ada.moderation.get_report(space.id, report.id)
    assert (shown.reporter_id, shown.message) == (grace_id, {**(shown.message or {}), "content": "a.png"})
    handled = await ada.moderation.handle_report(space.id, report.id, status="resolved", note="done")
    assert (handled.status, handled.note, handled.handled_by) == ("resolved", "done", (await ada.users.me()).id)
    assert [r.id async for r in ada.moderation.reports(space.id, status="open")] == [report.id + 1]
    await _rooms(ada, grace, channel.id, grace_id, mary.user_id)
    await _boards(ada, grace, space.id, grace_id)
    await _pages(ada, grace, space.id, grace_id)
    await ada.chats.remove_member(channel.id, grace_id)
    await ada.chats.leave(channel.id)
    own = await ada.chats.create("PrivateChannel", name="own", workspace_id=space.id)
    await ada.chats.delete(own.id)
    await ada.workspaces.remove_member(space.id, grace_id)
    acts = [entry async for entry in ada.moderation.audit(space.id, since=space.created_at, page_size=3)]
    assert (acts[0].action, acts[0].target_id, acts[0].before) == (
        "workspace_member_removed",
        grace_id,
        {"role": "member"},
    )
    assert acts[-1].action == "workspace_created"
    await ada.workspaces.delete(space.id)
    await ada.users.change_password(PASSWORD, "another battery")
    await ada.log_out()


async def _marks(ada: Client, chat: int, message: Message) -> None:
    for emoji in ("👍", "#️⃣"):
        counted = await ada.reactions.add(chat, message.id, emoji)
    assert [(r.emoji, r.count, r.user_ids) for r in counted.reactions] == [
        ("👍", 1, [message.sender_id]),
        ("#️⃣", 1, [message.sender_id]),
    ]
    assert [r.emoji async for r in ada.reactions.list(chat, message.id, page_size=1)] == ["👍", "#️⃣"]
    assert [r.fullname async for r in ada.reactions.list(chat, message.id, emoji="#️⃣")] == ["Ada L"]
    for emoji in ("👍", "#️⃣"):
        await ada.reactions.remove(chat, message.id, emoji)
    pin = await ada.pins.add(chat, message.id)
    assert [(p.message, p.pinned_by, p.pinned_at) async for p in ada.pins.list(chat)] == [
        (message, pin.pinned_by, pin.pinned_at)
    ]
    await ada.pins.remove(chat, message.id)


async def _threads(ada: Client, chat: int) -> None:
    root = await ada.messages.post(chat, "root")
    replies = [await ada.messages.post(chat, text, reply_to=root.id) for text in ("one", "two", "three")]
    assert [m async for m in ada.threads.newest(chat, root.id, page_size=2)] == replies[::-1]
    assert [m async for m in ada.threads.after(chat, root.id, root.id, page_size=2)] == replies
    followed = [thread async for thread in ada.threads.followed(page_size=1) if thread.thread_id == root.id]
    assert followed[0].message.thread is not None
    assert (followed[0].message.thread.reply_count, followed[0].unread) == (3, 0)
    await ada.threads.unfollow(chat, root.id)
    assert (await ada.threads.follow(chat, root.id)).last_read_seq == 3
    assert (await ada.threads.move_read_marker(chat, root.id, 3)).unread == 0
    for message in (*replies, root):
        await ada.messages.delete(chat, message.id)


async def _search(ada: Client) -> None:
    [page] = [page async for page in ada.search.messages("from:me -nonsense", page_size=100)]
    assert page.complete
    assert {found.message.sender_id for found in page.items} == {(await ada.users.me()).id}
    assert (await ada.search.most_relevant("nonsense", amount=5)).items == []
    assert [found async for found in ada.search.files("no such name")] == []
    assert [chat async for chat in ada.search.chats("no such name")] == []
    assert [board async for board in ada.search.boards("no such name")] == []
    assert [page async for page in ada.search.pages("no such name")] == []
    assert [person.fullname async for person in ada.search.people("ada")]


async def _reading(ada: Client, chat: int, thread: int, seq: int) -> None:
    assert [m async for m in ada.reading.mentions()] == []
    assert (await ada.reading.mark_unread(chat, seq)).unread == 1
    assert (await ada.reading.move_marker(chat, seq)).unread == 0
    assert max([reader.last_read_seq async for reader in ada.reading.readers(chat)]) == seq
    assert (await ada.reading.set_notifications(chat, level="mentions", muted_until=FOR_GOOD)).muted_until == FOR_GOOD
    changed = await ada.reading.set_notifications(chat, muted_until=None)
    assert (changed.notification_level, changed.muted_until) == ("mentions", None)
    wanted = await ada.notifications.change(push="personal", time_zone="Europe/Berlin")
    assert await ada.notifications.settings() == wanted
    assert (await ada.notifications.push()).public_key is None
    assert (await ada.notifications.be_quiet("22:00", "07:00")).quiet_until == "07:00"
    begun = await ada.reading.save_draft(chat, "Dear")
    assert (await ada.reading.save_draft(chat, "Dear Grace", replaces=begun)).content == "Dear Grace"
    draft = await ada.reading.draft(chat)
    assert draft == (await ada.sync()).chats[0].draft
    await ada.reading.drop_draft(chat, draft)
    reply = await ada.reading.save_draft(chat, "No", thread_id=thread)
    reply = await ada.reading.save_draft(chat, "Yes", thread_id=thread, replaces=reply)
    assert reply.thread_id == thread
    assert [await ada.reading.draft(chat, thread_id=thread)] == (await ada.sync()).thread_drafts == [reply]
    await ada.reading.drop_draft(chat, reply, thread_id=thread)


async def _heard(stranger: Client, organization_id: int) -> None:
    """Until the server has heard that the feature is on in an organisation, in which the stranger is not."""
    async with asyncio.timeout(60):
        while True:
            with pytest.raises(Problem) as raised:
                await stranger.organizations.get(organization_id)
            if raised.value.code != "feature_off":
                return


async def _administration(ada: Client, system: System, organization: int, space: int, other_id: int) -> None:
    calls = ada.administration
    async with system.sql() as sql:
        await sql.execute("INSERT INTO organization_features VALUES ($1, 'enable_advanced_admin', true)", organization)
        await sql.execute("SELECT ops.keep_accounts($1)", organization)

    async def switched() -> bool:
        flags = (await ada.organizations.features()).organizations
        return "enable_advanced_admin" in flags.get(str(organization), {})

    await until(switched, "the servers have heard of it")
    assert (await calls.overview(organization)).people.active == 2
    assert [act.action async for act in calls.audit(organization, action="organization_created")]
    assert (await calls.export_audit(organization_id=organization)).startswith(b"id,at,")
    assert (await calls.export_audit(workspace_id=space, format="jsonl")).startswith(b'{"id"')
    [session, *_] = [one async for one in calls.sessions(organization, user_id=other_id)]
    await calls.end_session(organization, session.id)
    await calls.suspend(organization, other_id)
    [suspended] = [one async for one in ada.organizations.members(organization, kind="member") if one.is_suspended_here]
    assert suspended.user_id == other_id
    await calls.reinstate(organization, other_id)
    compared = await ada.organizations.import_list(organization, "email,department\nada@example.net,Works\n")
    assert (compared.applied, compared.amount) == (False, len(compared.acts))
    assert (await calls.export_person(organization, other_id)).startswith(b"PK")
    assert await calls.preview_deletion(organization, other_id)
    async with system.sql() as sql:
        leaver = await sql.fetchval("SELECT id FROM create_user('Leaver', 'leaver@example.net')")
        await sql.execute(
            "INSERT INTO organization_members (organization_id, user_id) VALUES ($1, $2)", organization, leaver
        )
        await sql.execute("SELECT ops.keep_accounts($1)", organization)
    await calls.delete_person(organization, leaver)
    assert [one.user_id async for one in calls.deletions(organization)] == [leaver]
    async with system.sql() as sql:  # as maintenance does within a minute
        while not await sql.fetchval("SELECT erase_person($1, 100)", leaver):
            pass
    [gone] = [one async for one in calls.deletions(organization, done=True)]
    assert (gone.user_id, gone.state, gone.percent, gone.kept, gone.holds) == (leaver, "done", 100, 0, [])
    await _switch(ada, system, "enable_online_statistics", on=True)
    assert (await ada.statistics.own_online_time()).user_id
    async with system.sql() as sql:
        await sql.execute(
            "INSERT INTO online_days (user_id, day, shown) "
            "SELECT user_id, current_date, tstzmultirange(tstzrange(now() - interval '1 hour', now())) "
            "FROM organization_members WHERE organization_id = $1",
            organization,
        )
    [everyone] = [one async for one in ada.statistics.online_time(organization, "all")]
    assert everyone.people == 2
    assert (await ada.statistics.export_online_time(organization)).startswith(b"user_id,")
    await ada.statistics.set_time_zone("Asia/Shanghai")
    await _switch(ada, system, "enable_online_statistics", on=False)
    assert [one.workspace_id async for one in calls.storage(organization)] == [space]


async def _has_roles(admin: Client, organization: int) -> bool:
    try:
        return bool([one async for one in admin.roles.list(organization)])
    except Problem:
        return False


async def _roles(ada: Client, organization: int, space: int, other_id: int) -> None:
    calls = ada.roles
    assert {one.name: one.bindable for one in await calls.permissions()}["chat.pin"]
    role = await calls.create(organization, "Helper", ["chat.pin"])
    role = await calls.change(organization, role.id, permissions=["chat.pin", "workspace.rename"])
    assert [one.name async for one in calls.list(organization, page_size=3)][-1] == role.name
    bound = await calls.bind(organization, role.id, user_id=other_id, workspace_id=space)
    bound = await calls.end_binding(organization, bound.id, datetime.now(UTC) + timedelta(days=1))
    assert [one async for one in calls.bindings(organization, role_id=role.id, user_id=other_id)] == [bound]
    explained = await calls.explain("workspace.rename", workspace_id=space)
    assert (explained.allowed, [one.role for one in explained.sources]) == (True, ["owner"])
    await calls.unbind(organization, bound.id)
    await calls.delete(organization, role.id)


async def _organization(ada: Client, stranger: Client, system: System, own_id: int, other_id: int) -> None:
    calls = ada.organizations
    async with system.sql() as sql:  # an operator tries the feature out
        tried = await sql.fetchval("SELECT (create_organization($1, 'Tried') ->> 'id')::bigint", own_id)
        await sql.execute("INSERT INTO organization_features VALUES ($1, 'enable_organizations', true)", tried)
    await _heard(stranger, tried)
    made = await calls.create("Engines")
    assert (await calls.features()).organizations == {str(tried): {"enable_organizations": True}}
    async with system.sql() as sql:
        await sql.execute("INSERT INTO organization_features VALUES ($1, 'enable_organizations', true)", made.id)
    await _heard(stranger, made.id)
    assert await calls.get(made.id) == made
    assert [one.id async for one in calls.list(page_size=1)] == [tried, made.id]
    assert (await calls.rename(made.id, "Analytical")).name == "Analytical"
    await calls.switch_feature(made.id, "enable_user_roles", False)
    space = await ada.workspaces.create("Works")
    await calls.put_workspace(made.id, space.id)
    assert [one.workspace_id async for one in calls.workspaces(made.id)] == [space.id]
    await calls.add_member(made.id, other_id)
    changed = await calls.change_member(made.id, other_id, role="admin", manager_id=own_id)
    await _switch(ada, system, "enable_user_roles", on=True)
    await calls.switch_feature(made.id, "enable_user_roles", None)
    await until(lambda: _has_roles(stranger, made.id), "the servers have heard of it")
    await _roles(ada, made.id, space.id, other_id)
    await _switch(ada, system, "enable_user_roles", on=False)
    await _administration(ada, system, made.id, space.id, other_id)
    listed = [one async for one in calls.members(made.id, page_size=1)][1]
    assert (listed.user_id, listed.manager_fullname, listed.joined_at) == (changed.user_id, "Ada", changed.joined_at)

    works = await calls.create_department(made.id, "Works")
    mill = await calls.create_department(made.id, "Mill", parent_id=works.id, place=1)
    mill = await calls.change_department(made.id, mill.id, hidden=True)
    assert [one async for one in calls.departments(made.id, page_size=1)] == [works, mill]
    engineer = await calls.create_position(made.id, "Engineer")
    engineer = await calls.rename_position(made.id, engineer.id, "Engineers")
    assert [one async for one in calls.positions(made.id)] == [engineer]
    held = await calls.appoint(made.id, other_id, mill.id, position_id=engineer.id)
    held = await calls.change_appointment(made.id, held.id, position_id=engineer.id, is_head=True)
    assert [one async for one in calls.appointments(made.id, works.id, below=True)] == [held]
    assert [one.appointments async for one in calls.people(made.id, "mill engineers")] == [[held]]
    rule = await calls.narrow(made.id, department_id=mill.id, hidden_fields=["position"])
    assert [one async for one in calls.visibility_rules(made.id)] == [rule]
    await calls.widen(made.id, rule.id)
    chat = await ada.chats.create("Group", name="Mill", workspace_id=space.id)
    assert (await calls.follow_department(made.id, mill.id, chat.id)).with_below
    assert [one.chat_id async for one in calls.department_chats(made.id)] == [chat.id]
    await calls.leave_department(made.id, mill.id, chat.id)
    await calls.take_workspace(made.id, space.id)
    await ada.workspaces.delete(space.id)
    await calls.end_appointment(made.id, held.id)
    await calls.delete_position(made.id, engineer.id)
    await calls.delete_department(made.id, mill.id)
    group = await calls.create_group(made.id, "on-call")
    group = await calls.change_group(made.id, group.id, description="Whoever is awake")
    assert [one async for one in calls.groups(made.id)] == [group]
    await calls.put_group_member(made.id, group.id, other_id)
    assert [one.user_id async for one in calls.group_members(made.id, group.id)] == [other_id]
    await calls.take_group_member(made.id, group.id, other_id)
    await _announcements(ada, made.id, group.id)
    await calls.delete_group(made.id, group.id)
    await calls.remove_member(made.id, other_id)
    await calls.delete(made.id)
    async with system.sql() as sql:
        await sql.execute("DELETE FROM organization_features")


async def _announcements(ada: Client, organization: int, group: int) -> None:
    calls = ada.announcements
    every = await calls.publish(organization, "Move", "On Monday.", acknowledgement_required=True)
    some = await calls.publish(organization, "Rota", "See the wall.", group_ids=[group])
    assert every.recipient_count >= 2  # and whoever is being deleted
    assert some.recipient_count == 0
    every = await calls.change(organization, every.id, content="On Tuesday.", ask_again=True)
    assert [one.id async for one in calls.published(organization, page_size=1)] == [some.id, every.id]
    assert (await calls.get(every.id)).content == "On Tuesday."
    assert [one.id for one in (await ada.sync()).announcements] == [every.id]
    await calls.acknowledge(every.id)
    assert [one.id async for one in calls.list(acknowledged=True)] == [every.id]
    left = [one.acknowledged_at async for one in calls.recipients(organization, every.id, acknowledged=False)]
    assert set(left) == {None}
    assert (await calls.get_published(organization, every.id)).acknowledged_count == 1
    await calls.withdraw(organization, every.id)


async def test_lists_follow_their_pages(people: People) -> None:
    ada = await people.sign_up("Ada")
    chat = await people.chat(ada)
    posted = [await ada.messages.post(chat.id, str(number)) for number in range(7)]
    assert [m async for m in ada.messages.newest(chat.id, page_size=3)] == posted[::-1]
    assert [m async for m in ada.messages.newest(chat.id, before_id=posted[5].id, page_size=2)] == posted[4::-1]
    assert await ada.messages.around(chat.id, posted[2].id, amount=3) == posted[3:0:-1]
    assert [m async for m in ada.messages.after(chat.id, posted[1].id, page_size=2)] == posted[2:]
    chats = [await ada.chats.create("PrivateChannel", name=f"c{number}") for number in range(4)]
    assert [c.id async for c in ada.chats.list(page_size=2)] == [chat.id, *(c.id for c in chats)]


async def test_a_message_whose_answer_was_lost_is_posted_once(people: People) -> None:
    wire = Losing(2)
    ada, grace = await people.sign_up("Ada"), await people.sign_up("Grace", http=httpx.AsyncClient(transport=wire))
    chat = await people.chat(ada, grace)
    message = await grace.messages.post(chat.id, "once")
    assert [response.status_code for response in wire.lost] == [201, 200]
    assert [m async for m in ada.messages.newest(chat.id)] == [message]


async def test_what_is_created_is_created_once_where_the_answer_was_lost(people: People) -> None:
    wire = Losing(2)
    ada = await people.sign_up("Ada", http=httpx.AsyncClient(transport=wire))
    made = await ada.workspaces.create("Engines")
    assert [response.status_code for response in wire.lost] == [201, 200]
    assert [w async for w in ada.workspaces.list()][1:] == [made]
    assert await ada.chats.create("Group", idempotency_key="c") == await ada.chats.create("Group", idempotency_key="c")


async def test_a_change_without_a_key_is_not_repeated(people: People) -> None:
    wire = Losing(1)
    ada = await people.sign_up("Ada", http=httpx.AsyncClient(transport=wire))
    with pytest.raises(Unreachable, match="ReadError"):
        await ada.users.update_me(fullname="Twice?")
    assert len(wire.lost) == 1


async def test_a_busy_server_is_asked_again(people: People) -> None:
    ada = await people.sign_up("Ada", http=httpx.AsyncClient(transport=Busy(2, **{"retry-after": "1"})))
    assert (await ada.sync()).user == people.users[ada]


async def test_a_server_that_asks_for_much_patience_is_not_waited_for(people: People) -> None:
    ada = await people.sign_up("Ada", http=httpx.AsyncClient(transport=Busy(1, **{"retry-after": "900"})))
    with pytest.raises(Problem) as raised:
        await ada.sync()
    assert (raised.value.status, raised.value.code, raised.value.retry_after_seconds) == (503, "unknown", 900)


@pytest.mark.system
async def test_posting_waits_for_a_server_that_is_started_again(people: People, system: System) -> None:
    ada = await people.sign_up("Ada")
    chat = await people.chat(ada)
    await system.chat.kill()
    posting = asyncio.ensure_future(ada.messages.post(chat.id, "patient"))
    await system.chat.start()
    assert (await posting).content == "patient"
    assert [m.content async for m in ada.messages.newest(chat.id)] == ["patient"]


async def test_a_problem_says_what_is_wrong(people: People) -> None:
    ada = await people.sign_up("Ada")
    chat = await people.chat(ada)
    with pytest.raises(Problem) as raised:
        await ada.messages.post(chat.id, "")
    problem = raised.value
    assert (problem.status, problem.code) == (422, "validation_failed")
    assert [(error.path, error.expected) for error in problem.errors] == [
        ("content", "a string of at least 1 character")
    ]
    assert problem.detail == "content: expected a string of at least 1 character."
    with pytest.raises(Problem, match="404 not_found"):
        await ada.chats.get(2**62)
    with pytest.raises(Problem, match="401 wrong_credentials"):
        await ada.sign_in(people.users[ada].email, "wrong")
    assert (await ada.users.me()).id == people.users[ada].id  # the session stands
