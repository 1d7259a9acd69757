"""Rooms end to end: what is done over REST reaches those who may see it, and nobody of another workspace."""

from tests.end_to_end.system import System


async def test_everything_about_a_room_is_told_to_its_members_and_to_nobody_else(system: System) -> None:
    ada, grace = await system.team("Ada", "Grace")
    mary = await system.sign_up("Mary")
    chat = int(
        (
            await ada.call(
                "POST",
                "/chats",
                {"type": "PrivateChannel", "name": "vault", "members": [], "workspace_id": ada.workspace},
            )
        )["id"]
    )
    path = f"/chats/{chat}"
    async with ada.stream() as to_ada, grace.stream() as to_grace, mary.stream() as to_mary:
        await ada.call("PUT", f"{path}/password", {"password": "open sesame"})
        await grace.call("POST", f"{path}/join", {"password": "open sesame"})
        await ada.call("PUT", f"{path}/members/{grace.id}/silence", {"seconds": 60})
        await ada.call("DELETE", f"{path}/members/{grace.id}/silence")
        await ada.call("POST", f"{path}/archive")
        await ada.call("POST", f"{path}/unarchive")
        await ada.call("PUT", f"{path}/bans/{grace.id}", {"reason": "noise"})
        await ada.call("DELETE", f"{path}/bans/{grace.id}")
        token = (await ada.call("POST", f"{path}/invites", {"max_uses": 1}))["token"]
        await grace.call("POST", f"/invites/{token}/accept")
        await ada.call("POST", f"{path}/transfer", {"user_id": grace.id})
        for person in (ada, grace, mary):
            await person.call("PATCH", "/users/me", {"fullname": "Done"})
        for stream, own in ((to_ada, ada), (to_grace, grace), (to_mary, mary)):
            await stream.until(lambda s, own=own: any(e.data["id"] == own.id for e in s.events("UserUpdated")))
        assert [kind for kind in to_ada.kinds() if kind != "UserUpdated"] == [
            "ChatUpdated",
            "UserJoinedChat",
            *["ChatMemberUpdated"] * 2,
            *["ChatUpdated"] * 2,
            *("UserLeftChat", "UserBanned", "UserUnbanned"),
            "ChatInviteUpdated",
            "ChatInviteUpdated",
            "UserJoinedChat",
            *["ChatMemberUpdated"] * 2,
        ]
        assert [kind for kind in to_grace.kinds() if kind != "UserUpdated"] == [
            *("NewChat", "UserJoinedChat"),
            *["ChatMemberUpdated"] * 2,
            *["ChatUpdated"] * 2,
            "UserLeftChat",
            *("NewChat", "UserJoinedChat"),
            *["ChatMemberUpdated"] * 2,
        ]
        assert to_mary.kinds() == ["UserUpdated"]
        silenced, heard = to_grace.events("ChatMemberUpdated")[:2]
        assert (silenced.data["silenced_until"] is None, heard.data["silenced_until"] is None) == (False, True)
        assert [event.data["archived_at"] is None for event in to_ada.events("ChatUpdated")] == [True, False, True]
        assert "noise" not in str([event.data for event in to_ada.events("UserBanned")])
    answer = await mary.api.get(f"/api{path}")
    assert answer.status_code == 404


async def test_a_deactivated_user_is_seen_as_such_and_their_streams_end(system: System) -> None:
    ada, grace = await system.team("Ada", "Grace")
    await system.group(ada, grace)
    async with ada.stream() as to_ada, grace.stream() as to_grace:
        await grace.call("POST", "/users/me/deactivate", {"current_password": "correct horse battery"})
        assert (await to_ada.until_kind("UserUpdated")).data["status"] == "inactive"
        await to_grace.until_ended()
        assert to_grace.events("SessionRevoked")[0].data["reason"] == "deactivated"
    members = (await ada.call("GET", "/sync"))["chats"][0]["members"]
    assert [member["status"] for member in members] == ["active", "inactive"]
