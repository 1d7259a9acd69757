"""A subscription has what its bot's own stream has, and in the same order: after random acts both begin at the same
cursor."""

import random

import pytest

from chat_core.settings import Settings
from delivery_server.app import Delivery
from tests.end_to_end.system import Person, System
from tests.support.clients.listener import listen
from tests.support.clients.plain_http import plain_http
from tests.support.services.receiver import receiver

ACTS = 80
SEED = 20_261_130
# What may happen around a bot and Ada, in a random chat and to its newest message.
JOIN = "INSERT INTO chat_members (chat_id, user_id) VALUES ({chat}, {bot}) ON CONFLICT DO NOTHING"
LEAVE = "DELETE FROM chat_members WHERE chat_id = {chat} AND user_id = {bot}"
SAY = "INSERT INTO messages (chat_id, sender_id, content) VALUES ({chat}, {ada}, 'said')"
NEWEST = "(SELECT max(id) FROM messages WHERE chat_id = {chat} AND deleted_at IS NULL)"
EVERYTHING = (
    *(JOIN, JOIN, LEAVE, SAY, SAY, SAY),
    f"UPDATE messages SET content = content || '!' WHERE id = {NEWEST}",
    f"UPDATE messages SET deleted_at = now() WHERE id = {NEWEST}",
    "INSERT INTO message_reactions (message_id, user_id, emoji) "
    f"SELECT id, {{ada}}, '👍' FROM messages WHERE id = {NEWEST} ON CONFLICT DO NOTHING",
    "UPDATE chats SET description = description || '.' WHERE id = {chat}",
    "UPDATE users SET fullname = fullname || '.' WHERE id = {ada}",
)


@pytest.mark.system(features__enable_bot_messages="true")
async def test_a_subscription_has_what_its_bots_stream_has(system: System) -> None:
    ada = await system.sign_up("Ada")
    bot = await ada.bots.create(ada.workspace, "builds", "Build Reports")
    token = await ada.bots.create_token(bot.id, "ci", ["events:read"], days=1)
    chats = [
        (await ada.chats.create("Group", [], name=f"group {number}", workspace_id=ada.workspace)).id
        for number in range(4)
    ]
    chance = random.Random(SEED)
    async with system.sql() as sql:
        epoch, began = await sql.fetchrow("SELECT epoch, log_head() FROM log_state")  # type: ignore[misc]
        for _ in range(ACTS):
            await sql.execute(chance.choice(EVERYTHING).format(bot=bot.id, ada=ada.id, chat=chance.choice(chats)))
        await sql.execute(JOIN.format(bot=bot.id, chat=chats[0]))
        await sql.execute(SAY.replace("said", "the end").format(ada=ada.id, chat=chats[0]))
        program = Person(system.chat.url, system.notify.url, token=token.token, retries=0, http=plain_http())
        async with program, listen(program.stream(f"{epoch}.{began}")) as heard:
            await heard.until(lambda heard: any(event.data.get("content") == "the end" for event in heard.events()))
        of_the_stream = [(event.cursor, event.kind) for event in heard.events()]

        async with receiver() as peer:
            subscribe = (
                "INSERT INTO subscriptions (bot_id, name, address, epoch, position) VALUES ($1, 'ci', $2, $3, $4)"
            )
            await sql.execute(subscribe, bot.id, peer.url, epoch, began)
            await sql.execute("SELECT add_secret(max(id), 'v1', sha256('x')) FROM subscriptions")
            settings = {
                "database": {"url": system.owner_url},
                "integrations": {"allow_hosts": [peer.authority]},
            }
            delivery = Delivery(Settings.model_validate(settings))
            async with delivery.running():
                await peer.until(lambda: "the end" in peer.contents())
                await delivery.drain()
        sent = [(event.json["cursor"], event.json["type"]) for event in peer.accepted]
    assert len({kind for _, kind in sent}) > 5
    assert sent == of_the_stream
