"""Slack's Web API, judged by slack-sdk's WebClient."""

import re
import time
from pathlib import Path

import pytest

from chat_server.integrations.slack.ids import slack_id
from chat_server.integrations.slack.methods import METHODS
from tests.chat_server.integrations.slack.team import SCOPES, call, refused, team_with_bot, web_client
from tests.chat_server.people import ChatServer, ok

pytestmark = pytest.mark.chat_server(features={"enable_bot_messages": True})
# All of a team's requests come from one address, and most of these ask a lot.
NOWHERE = slack_id("C", 999_999)


async def test_messages_are_posted_edited_read_and_deleted(chat_server: ChatServer) -> None:
    team = await team_with_bot(chat_server)
    slack, channel, chat = team.slack, team.channel, team.chat
    me = await call(slack.auth_test)
    assert (me["user_id"], me["bot_id"], me["user"]) == (slack_id("U", team.bot), slack_id("B", team.bot), "builds")
    assert me["team_id"] == slack_id("T", team.ada.workspace)

    # What is said: Slack's marks, and a mention by its id.
    text = f"*green* &lt;3 <@{slack_id('U', team.ada.id)}> <https://ci.example/7|build 7> <!here>"
    posted = await call(slack.chat_postMessage, channel=channel, text=text, username="ci", icon_emoji=":gear:")
    message = await team.newest()
    assert message["content"] == "**green** <3 @ada [build 7](https://ci.example/7) @here"
    assert (message["sender_id"], message["mentions"]) == (team.bot, [team.ada.id])
    assert message["metadata"] == {"username": "ci", "icon_emoji": ":gear:"}
    assert posted["message"]["text"] == text
    assert posted["ts"] == posted["message"]["ts"]
    assert posted["channel"] == channel

    # A thread, with its first message.
    reply = await call(slack.chat_postMessage, channel=channel, text="took 3 s", thread_ts=posted["ts"])
    assert reply["message"]["thread_ts"] == posted["ts"]
    assert (await team.newest())["reply_to"] == message["id"]
    thread = await call(slack.conversations_replies, channel=channel, ts=posted["ts"])
    assert [one["ts"] for one in thread["messages"]] == [posted["ts"], reply["ts"]]
    assert (thread["messages"][0]["reply_count"], thread["messages"][0]["latest_reply"]) == (1, reply["ts"])

    edited = await call(slack.chat_update, channel=channel, ts=reply["ts"], text="took ~3~ 4 s")
    assert edited["text"] == "took ~3~ 4 s"
    assert (await team.newest())["content"] == "took ~~3~~ 4 s"
    own = await team.ada.say(chat, "what `<b>` & https://a.example/x?y=1 say")
    history = await call(slack.conversations_history, channel=channel)
    assert [one["text"] for one in history["messages"]] == [
        "what `&lt;b&gt;` &amp; <https://a.example/x?y=1> say",
        "took ~3~ 4 s",
        text,
    ]
    assert "edited" in history["messages"][1]
    ts = history["messages"][0]["ts"]
    link = await call(slack.chat_getPermalink, channel=channel, message_ts=ts)
    assert link["permalink"].endswith(f"/chat/{chat}/{own['id']}")
    assert await refused(slack.chat_update, channel=channel, ts=ts, text="mine") == "restricted_action"
    assert await refused(slack.chat_delete, channel=channel, ts=ts) == "restricted_action"
    await call(slack.chat_delete, channel=channel, ts=reply["ts"])
    assert await refused(slack.chat_delete, channel=channel, ts=reply["ts"]) == "message_not_found"
    assert await refused(slack.chat_update, channel=channel, ts=reply["ts"], text="x") == "message_not_found"
    assert len((await call(slack.conversations_history, channel=channel))["messages"]) == 2
    await call(slack.chat_meMessage, channel=channel, text="waves")
    assert (await team.newest())["content"] == "_waves_"

    user = {"type": "user", "user_id": slack_id("U", team.ada.id)}
    rich = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [user]}]}
    await call(slack.chat_postMessage, channel=channel, text="for notifications", blocks=[rich])
    assert (await team.newest())["mentions"] == [team.ada.id]


async def test_history_is_read_by_pages_and_by_times(chat_server: ChatServer) -> None:
    team = await team_with_bot(chat_server)
    slack, channel = team.slack, team.channel
    said = [await call(slack.chat_postMessage, channel=channel, text=f"{number}") for number in range(5)]
    first, second, third, fourth, fifth = (one["ts"] for one in said)
    found: list[list[str]] = []
    cursor = None
    while True:
        page = await call(slack.conversations_history, channel=channel, limit=2, cursor=cursor)
        found.append([one["ts"] for one in page["messages"]])
        cursor = page["response_metadata"]["next_cursor"]
        assert page["has_more"] == bool(cursor)
        if not cursor:
            break
    assert found == [[fifth, fourth], [third, second], [first]]

    async def between(**bounds: object) -> list[str]:
        answer = await call(slack.conversations_history, channel=channel, **bounds)
        return [one["ts"] for one in answer["messages"]]

    assert await between(oldest=second, latest=fourth) == [third]
    assert await between(oldest=second, latest=fourth, inclusive=True) == [fourth, third, second]
    # A time is no message's, though its fraction may look like one's.
    assert await between(oldest=str(time.time() - 3600)) == [fifth, fourth, third, second, first]
    assert await between(latest=str(time.time() - 3600)) == []
    assert await refused(slack.conversations_history, channel=channel, oldest="yesterday") == "invalid_ts_oldest"
    assert await refused(slack.conversations_history, channel=channel, cursor="x") == "invalid_cursor"
    assert await refused(slack.conversations_history, channel=channel, limit=-1) == "invalid_limit"
    marked = await call(slack.conversations_mark, channel=channel, ts=fifth)
    assert marked["ok"]


async def test_chats_are_listed_joined_and_changed(chat_server: ChatServer) -> None:
    team = await team_with_bot(chat_server)
    slack, ada, grace = team.slack, team.ada, slack_id("U", team.grace.id)
    public = await ada.chat(type="PublicChannel", name="news")
    listed = await call(slack.conversations_list, types="public_channel,mpim")
    assert [one["id"] for one in listed["channels"]] == [team.channel]
    assert listed["channels"][0]["is_mpim"]
    cursor = listed["response_metadata"]["next_cursor"]
    joinable = await call(slack.conversations_list, types="public_channel,mpim", cursor=cursor)
    (news,) = joinable["channels"]
    assert (news["name"], news["is_channel"], news["is_member"]) == ("news", True, False)
    assert not joinable["response_metadata"]["next_cursor"]
    assert await refused(slack.chat_postMessage, channel=news["id"], text="x") == "restricted_action"
    joined = await call(slack.conversations_join, channel=news["id"])
    assert joined["channel"]["is_member"]
    by_name = await call(slack.chat_postMessage, channel="#news", text="by its name")
    assert by_name["channel"] == news["id"] == slack_id("C", public)
    assert (await call(slack.conversations_info, channel=news["id"]))["channel"]["num_members"] == 2
    own = await call(slack.users_conversations, types="public_channel")
    assert [one["id"] for one in own["channels"]] == [news["id"]]
    # Of what it does not run, a member changes nothing; as an admin it does.
    assert await refused(slack.conversations_rename, channel=news["id"], name="x") == "restricted_action"
    assert await refused(slack.conversations_invite, channel=news["id"], users=grace) == "restricted_action"
    ok(await ada.api.patch(f"/api/chats/{public}/members/{team.bot}", json={"role": "admin"}))
    await call(slack.conversations_invite, channel=news["id"], users=[grace])
    members = await call(slack.conversations_members, channel=news["id"])
    assert set(members["members"]) == {slack_id("U", one) for one in (ada.id, team.grace.id, team.bot)}
    again = await refused(slack.conversations_invite, channel=news["id"], users=grace)
    assert again == "already_in_channel"
    assert (await call(slack.conversations_rename, channel=news["id"], name="new"))["channel"]["name"] == "new"
    await call(slack.conversations_setTopic, channel=news["id"], topic="what is new")
    assert ok(await ada.api.get(f"/api/chats/{public}"))["description"] == "what is new"
    purpose = await call(slack.conversations_setPurpose, channel=news["id"], purpose="all of it")
    assert purpose["purpose"] == "all of it"
    await call(slack.conversations_kick, channel=news["id"], user=grace)
    assert await refused(slack.conversations_kick, channel=news["id"], user=grace) == "not_in_channel"
    await call(slack.conversations_leave, channel=news["id"])
    assert not (await call(slack.conversations_info, channel=news["id"]))["channel"]["is_member"]
    # A bot owns nothing, and so makes no channel; a person's token does.
    assert await refused(slack.conversations_create, name="mine") == "restricted_action"
    wish = {"name": "cli", "scopes": SCOPES, "days": 1, "workspace_id": ada.workspace}
    person = web_client(chat_server, ok(await ada.api.post("/api/auth/tokens", json=wish), 201)["token"])
    made = (await call(person.conversations_create, name="ops", is_private=True))["channel"]
    assert (made["name"], made["is_group"]) == ("ops", True)
    await call(person.conversations_archive, channel=made["id"])
    assert (await call(person.conversations_info, channel=made["id"]))["channel"]["is_archived"]
    assert await refused(person.chat_postMessage, channel=made["id"], text="x") == "is_archived"
    await call(person.conversations_unarchive, channel=made["id"])
    assert "bot_id" not in await call(person.auth_test)


async def test_people_are_found_and_written_to(chat_server: ChatServer) -> None:
    team = await team_with_bot(chat_server)
    slack, grace = team.slack, slack_id("U", team.grace.id)
    users = {one["id"]: one for one in (await call(slack.users_list))["members"]}
    assert users[grace]["real_name"] == "Grace"
    assert users[slack_id("U", team.bot)]["is_bot"]
    assert not users[grace]["is_bot"]
    assert (await call(slack.users_info, user=grace))["user"]["name"] == users[grace]["name"]
    found = await call(slack.users_lookupByEmail, email=team.grace.email)
    assert found["user"]["id"] == grace
    assert await refused(slack.users_lookupByEmail, email="nobody@example.com") == "users_not_found"
    assert await refused(slack.users_info, user=slack_id("U", 999_999)) == "user_not_found"
    assert (await call(slack.users_getPresence, user=grace))["presence"] == "away"
    profile = {"status_text": "building", "status_emoji": ":gear:", "status_expiration": int(time.time()) + 60}
    changed = (await call(slack.users_profile_set, profile=profile))["profile"]
    assert {key: changed[key] for key in profile} == profile
    assert (await call(slack.users_profile_get))["profile"]["status_text"] == "building"
    assert await refused(slack.users_profile_set, profile={"title": "x"}) == "invalid_profile"
    await call(slack.users_setPresence, presence="away")
    assert await refused(slack.users_setPresence, presence="x") == "invalid_presence"
    bot = await call(slack.bots_info, bot=slack_id("B", team.bot))
    assert (bot["bot"]["name"], bot["bot"]["user_id"]) == ("Build Reports", slack_id("U", team.bot))
    assert await refused(slack.bots_info, bot=slack_id("B", team.ada.id)) == "bot_not_found"

    direct = await call(slack.conversations_open, users=[grace], return_im=True)
    assert direct["channel"]["is_im"]
    posted = await call(slack.chat_postMessage, channel=grace, text="between us")
    assert posted["channel"] == direct["channel"]["id"]
    chats = ok(await team.grace.api.get("/api/chats"))
    assert [one["last_message"]["content"] for one in chats if one["type"] == "Single"] == ["between us"]


async def test_reactions_pins_files_and_what_a_workspace_has(chat_server: ChatServer) -> None:
    team = await team_with_bot(chat_server)
    slack, channel = team.slack, team.channel
    message = {"channel": channel, "timestamp": (await call(slack.chat_postMessage, channel=channel, text="x"))["ts"]}
    await call(slack.reactions_add, **message, name="tada")
    await call(slack.reactions_add, **message, name="wave::skin-tone-3")
    assert {one["emoji"] for one in (await team.newest())["reactions"]} == {"🎉", "👋🏼"}
    assert await refused(slack.reactions_add, **message, name="tada") == "already_reacted"
    reacted = (await call(slack.reactions_get, **message))["message"]["reactions"]
    assert {(one["name"], *one["users"]) for one in reacted} == {
        ("tada", slack_id("U", team.bot)),
        ("wave::skin-tone-3", slack_id("U", team.bot)),
    }
    await call(slack.reactions_remove, **message, name="tada")
    assert await refused(slack.reactions_remove, **message, name="tada") == "no_reaction"
    assert await refused(slack.pins_remove, **message) == "no_pin"
    ok(await team.ada.api.patch(f"/api/chats/{team.chat}/members/{team.bot}", json={"role": "admin"}))
    await call(slack.pins_add, **message)
    assert await refused(slack.pins_add, **message) == "already_pinned"
    (pin,) = (await call(slack.pins_list, channel=channel))["items"]
    assert pin["message"]["ts"] == message["timestamp"]
    await call(slack.pins_remove, **message)
    assert (await call(slack.pins_list, channel=channel))["items"] == []

    uploaded = await call(
        slack.files_upload_v2, channel=channel, content="one,two\n", filename="a.csv", initial_comment="the numbers"
    )
    posted = await team.newest()
    assert (posted["content"], posted["files"][0]["name"]) == ("the numbers", "a.csv")
    file = slack_id("F", posted["files"][0]["id"])
    assert uploaded["file"]["id"] == file
    info = (await call(slack.files_info, file=file))["file"]
    assert (info["name"], info["size"], info["mimetype"]) == ("a.csv", 8, posted["files"][0]["type"])
    assert info["url_private"].startswith(chat_server.url)
    headers = {"Authorization": f"Bearer {slack.token}"}
    fetched = await chat_server.anybody.get(info["url_private"], headers=headers)
    assert fetched.content == b"one,two\n"
    assert [one["id"] for one in (await call(slack.files_list))["files"]] == [file]
    unshared = await call(slack.files_getUploadURLExternal, filename="b.txt", length=3)
    missing = await refused(slack.files_completeUploadExternal, files=[{"id": unshared["file_id"]}])
    assert missing == "file_update_failed"
    path = unshared["upload_url"]
    assert (await chat_server.anybody.post(f"{path}x", content=b"abc")).status_code == 404
    assert (await chat_server.anybody.post(path, content=b"abc")).status_code == 200
    (done,) = (await call(slack.files_completeUploadExternal, files=[{"id": unshared["file_id"]}]))["files"]
    await call(slack.files_delete, file=done["id"])
    assert await refused(slack.files_info, file=done["id"]) == "file_not_found"

    assert (await call(slack.team_info))["team"]["id"] == slack_id("T", team.ada.workspace)
    assert (await call(slack.emoji_list))["emoji"] == {}
    await team.ada.say(team.chat, "the quarterly numbers")
    found = (await call(slack.search_messages, query="quarterly"))["messages"]
    assert [one["text"] for one in found["matches"]] == ["the quarterly numbers"]
    assert found["matches"][0]["channel"]["id"] == channel


async def test_what_is_refused_is_said_in_slacks_words(chat_server: ChatServer) -> None:
    team = await team_with_bot(chat_server, scopes=["messages:write"])
    slack = team.slack
    assert (await call(slack.api_test, foo="bar"))["args"] == {"foo": "bar"}
    assert await refused(slack.api_test, error="my_error") == "my_error"
    assert await refused(slack.chat_postMessage, channel=NOWHERE, text="x") == "channel_not_found"
    assert await refused(slack.chat_postMessage, channel="general", text="x") == "missing_scope"
    nothing = {"channel": team.channel, "text": " "}
    assert await refused(slack.api_call, api_method="chat.postMessage", json=nothing) == "no_text"
    assert await refused(slack.conversations_history, channel=team.channel) == "missing_scope"
    assert await refused(slack.chat_update, channel=team.channel, ts="x", text="x") == "message_not_found"
    assert await refused(slack.chat_postMessage, channel=team.channel, text="x", thread_ts="1") == "thread_not_found"
    assert await refused(slack.api_call, api_method="no.such") == "unknown_method"
    blocks = [{"type": "actions", "elements": [{"type": "button", "value": "x" * 5000}]}]
    assert await refused(slack.chat_postMessage, channel=team.channel, text="x", blocks=blocks) == "msg_blocks_too_long"
    assert await refused(web_client(chat_server, "xoxb-1").auth_test) == "invalid_auth"
    assert await refused(web_client(chat_server, f"{slack.token}x").auth_test) == "invalid_auth"
    path = "/slack/api/auth.test"
    answer = await chat_server.anybody.post(path)
    assert answer.json() == {"ok": False, "error": "not_authed"}
    assert (await chat_server.anybody.post(path, data={"token": slack.token})).json()["ok"]
    headers = {"Authorization": f"Bearer {slack.token}"}
    for body, word in ((b"{", "invalid_json"), (b"[]", "json_not_object")):
        sent = {**headers, "Content-Type": "application/json"}
        assert (await chat_server.anybody.post(path, content=body, headers=sent)).json()["error"] == word


def test_the_table_lists_the_methods() -> None:
    table = (Path(__file__).parents[4] / "docs" / "integrations" / "slack.md").read_text()
    listed = re.findall(r"^\| `([a-z]+\.[\w.]+)` \|", table, re.MULTILINE)
    assert listed == sorted(METHODS)
    assert len(METHODS) >= 40


@pytest.mark.chat_server(features={"enable_bot_messages": True}, limits={"messages": 2})
async def test_a_limit_is_answered_as_slack_does(chat_server: ChatServer) -> None:
    team = await team_with_bot(chat_server)
    for _ in range(2):
        await call(team.slack.chat_postMessage, channel=team.channel, text="x")
    answer = await chat_server.anybody.post(
        "/slack/api/chat.postMessage",
        json={"channel": team.channel, "text": "x"},
        headers={"Authorization": f"Bearer {team.slack.token}"},
    )
    assert (answer.status_code, answer.json()) == (429, {"ok": False, "error": "ratelimited"})
    assert 1 <= int(answer.headers["retry-after"]) <= 60


@pytest.mark.chat_server(features={"enable_bot_messages": False})
async def test_switched_off_there_is_nothing(chat_server: ChatServer) -> None:
    answer = await chat_server.anybody.post("/slack/api/api.test")
    assert (answer.status_code, answer.json()["code"]) == (404, "feature_off")
