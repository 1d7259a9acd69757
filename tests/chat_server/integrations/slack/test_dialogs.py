"""Dialogs of an unmodified Bolt app: opened, corrected, changed, laid on top of each other, and closed."""

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from chat_server.integrations.slack.interactions import triggers
from tests.chat_server.integrations.slack.team import call, refused
from tests.chat_server.integrations.slack.test_bolt import Bot
from tests.chat_server.integrations.slack.test_bolt import bot as bot
from tests.chat_server.people import Json, Person, ok, problem
from tests.sql.world import until


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def option(value: str) -> Json:
    return {"text": plain(value.title()), "value": value}


def field(block: str, label: str, element: Json, **more: Any) -> Json:
    return {
        "type": "input",
        "block_id": block,
        "label": plain(label),
        "element": {"action_id": block, **element},
        **more,
    }


REFRESH = {
    "type": "actions",
    "elements": [{"type": "button", "action_id": "more", "text": plain("More"), "value": "x"}],
}
DEPLOY: dict[str, Any] = {
    "type": "modal",
    "callback_id": "deploy",
    "private_metadata": "kept",
    "external_id": "deploys",
    "notify_on_close": True,
    "title": plain("Deploy"),
    "submit": plain("Go"),
    "blocks": [
        {"type": "section", "text": {"type": "mrkdwn", "text": "*What* is to be deployed?"}},
        {"type": "context", "elements": [plain("*Not* bold &amp; plain")]},
        field("branch", "Branch", {"type": "plain_text_input", "max_length": 20}),
        field("stage", "Stage", {"type": "static_select", "options": [option("test"), option("live")]}),
        field("who", "Who", {"type": "users_select"}, optional=True),
        field("day", "Day", {"type": "datepicker"}, optional=True),
        field("parts", "Parts", {"type": "checkboxes", "options": [option("web"), option("api")]}, optional=True),
        field("times", "Times", {"type": "number_input"}, optional=True),
        REFRESH,
    ],
}
DONE = {"type": "modal", "title": plain("Deployed"), "blocks": [{"type": "section", "text": plain("It is there.")}]}


def entered(**values: list[str] | str) -> Json:
    return {
        "entered": [
            {"block_id": block, "values": [value] if isinstance(value, str) else value}
            for block, value in values.items()
        ]
    }


async def shown(person: Person) -> Any:
    return ok(await person.api.get("/api/dialogs"))["dialog"]


@pytest.fixture(autouse=True)
def _slowly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(triggers, "VALID_SECONDS", 60.0)  # this machine may be slower than people are


async def test_a_bolt_app_asks_by_a_dialog(bot: Bot) -> None:
    team, told = bot.team, list[Json]()
    grace = team.grace

    @bot.app.command("/deploy")
    def deploy(ack: Any, client: Any, command: Json) -> None:
        ack()
        try:
            told.append(client.views_open(trigger_id=command["trigger_id"], view=DEPLOY).data)
        except SlackApiError as error:
            told.append(error.response.data)
        told.append({"trigger_id": command["trigger_id"]})

    @bot.app.action("more")
    def more(ack: Any, client: Any, body: Json) -> None:
        ack()
        told.append(body)
        client.views_push(trigger_id=body["trigger_id"], view=DONE)

    @bot.app.view("deploy")
    def submitted(ack: Any, view: Json, body: Json) -> None:
        told.append(body)
        match view["state"]["values"]["branch"]["branch"]["value"]:
            case "none":
                ack(response_action="errors", errors={"branch": "There is no such branch."})
            case "again":
                ack(response_action="update", view={**DEPLOY, "title": plain("Once more")})
            case "all":
                ack(response_action="clear")
            case "more":
                ack(response_action="push", view=DONE)
            case _:
                ack()

    @bot.app.view_closed("deploy")
    def closed(ack: Any, body: Json) -> None:
        ack()
        told.append(body)

    async def open_it(person: Person = grace) -> Json:
        told.clear()
        command = {"name": "deploy", "text": ""}
        ok(await person.api.post(f"/api/chats/{team.chat}/commands", json=command))

        async def is_open() -> bool:
            return len(told) == 2

        await until(is_open, "the app has opened its dialog")
        dialog: Json = await shown(person)
        return dialog

    async def submit(**values: list[str] | str) -> Any:
        dialog = await shown(grace)
        return await grace.api.post(f"/api/dialogs/{dialog['id']}/submission", json=entered(**values))

    with bot.running():
        dialog = await open_it()
        assert (dialog["bot_id"], dialog["chat_id"], dialog["version"]) == (team.bot, team.chat, 1)
        view = dialog["view"]
        assert (view["title"], view["submit"]) == (plain("Deploy"), plain("Go"))
        assert "private_metadata" not in view, "what the program keeps for itself"
        assert view["blocks"][0]["text"] == {"type": "markdown", "text": "**What** is to be deployed?"}
        assert view["blocks"][1]["elements"] == [plain("*Not* bold & plain")]
        assert told[0]["view"]["private_metadata"] == "kept"
        assert told[0]["view"]["blocks"][0]["text"] == DEPLOY["blocks"][0]["text"], "as the program has written it"
        assert await shown(team.ada) is None, "it is for one person alone"
        trigger = told[1]["trigger_id"]
        assert await refused(team.slack.views_open, trigger_id=trigger, view=DEPLOY) == "exchanged_trigger_id"
        assert await refused(team.slack.views_push, trigger_id="1.2.3", view=DEPLOY) == "invalid_trigger_id"

        assert await open_it(team.ada) is None
        assert told[0]["error"] == "duplicate_external_id", "the program's name for it means one person's"
        path = f"/api/dialogs/{dialog['id']}"
        for wrong in (
            entered(branch="main"),
            entered(branch="main", stage="production"),
            entered(branch="x" * 21, stage="test"),
            entered(branch="main", stage="test", day="tomorrow"),
            entered(branch="main", stage="test", day="2026-99-99"),
            entered(branch="main", stage="test", who="Grace"),
            entered(branch="main", stage="test", parts=["web", "x"]),
            entered(branch="main", stage="test", times="many"),
            entered(branch="x" * 3001, stage="test"),
            entered(branch="main", stage="test", parts=["web"] * 101),
        ):
            problem(await grace.api.post(f"{path}/submission", json=wrong), 422, "validation_failed")
        problem(await team.ada.api.post(f"{path}/submission", json=entered(branch="x")), 404, "not_found")
        assert len(told) == 2, "the app hears of none of these"

        answer = ok(await submit(branch="none", stage="test"))
        assert answer["errors"] == {"branch": "There is no such branch."}
        assert answer["dialog"]["id"] == dialog["id"]
        answer = ok(
            await submit(branch="again", stage="live", who=str(grace.id), day="2026-11-30", parts=["api"], times="2")
        )
        assert (answer["dialog"]["view"]["title"], answer["dialog"]["version"]) == (plain("Once more"), 2)
        values = told[-1]["view"]["state"]["values"]
        assert values["stage"]["stage"]["selected_option"] == option("live")
        assert values["who"]["who"]["selected_user"] == told[-1]["user"]["id"]
        assert values["parts"]["parts"]["selected_options"] == [option("api")]
        assert (values["day"]["day"]["selected_date"], values["times"]["times"]["value"]) == ("2026-11-30", "2")
        assert told[-1]["view"]["private_metadata"] == "kept"

        # By its program, later; by an old version not.
        name = {"external_id": "deploys", "view": {**DEPLOY, "title": plain("Changed")}}
        assert await refused(team.slack.views_update, hash="1", **name) == "hash_conflict"
        changed = await call(team.slack.views_update, hash="2", **name)
        assert changed["view"]["hash"] == "3"
        assert (await shown(grace))["view"]["title"] == plain("Changed")
        assert await refused(team.slack.views_update, view_id="V99999", view=DONE) == "not_found"

        answer = ok(await grace.api.post(f"{path}/actions", json={"action_id": "more", **entered(branch="main")}))
        assert told[-1]["container"] == {"type": "view", "view_id": f"V{dialog['id']}"}
        assert told[-1]["view"]["state"]["values"]["branch"]["branch"]["value"] == "main"

        async def on_top() -> bool:
            return bool((await shown(grace))["view"]["title"] == plain("Deployed"))

        await until(on_top, "another one lies on top")
        problem(await grace.api.post(f"{path}/submission", json=entered(branch="x", stage="test")), 404, "not_found")
        top = await shown(grace)
        assert ok(await grace.api.delete(f"/api/dialogs/{top['id']}"))["dialog"]["id"] == dialog["id"]
        pushed = ok(await submit(branch="more", stage="test"))["dialog"]
        assert pushed["view"]["title"] == plain("Deployed")
        assert ok(await grace.api.delete(f"/api/dialogs/{pushed['id']}"))["dialog"]["id"] == dialog["id"]
        assert ok(await submit(branch="main", stage="test"))["dialog"] is None

        dialog = await open_it()
        assert ok(await submit(branch="all", stage="test"))["dialog"] is None
        dialog = await open_it()
        closing = await grace.api.delete(f"/api/dialogs/{dialog['id']}", params={"all_of_them": True})
        assert ok(closing)["dialog"] is None
        assert (told[-1]["type"], told[-1]["is_cleared"]) == ("view_closed", True)
        problem(await grace.api.delete(f"/api/dialogs/{dialog['id']}"), 404, "not_found")

        # Somebody who has left the chat is asked nothing any more, and their answers go nowhere.
        dialog = await open_it()
        ok(await team.ada.api.delete(f"/api/chats/{team.chat}/members/{grace.id}"), 204)
        assert await shown(grace) is None
        path, heard = f"/api/dialogs/{dialog['id']}", len(told)
        problem(await grace.api.post(f"{path}/submission", json=entered(branch="x", stage="test")), 404, "not_found")
        problem(await grace.api.post(f"{path}/actions", json={"action_id": "more"}), 404, "not_found")
        problem(await grace.api.delete(path), 404, "not_found")
        assert await refused(team.slack.views_update, **name) == "not_found"
        assert len(told) == heard

    assert ok(await team.ada.api.get(f"/api/chats/{team.chat}/messages")) == [], "no dialog is a message"


async def test_a_trigger_holds_for_three_seconds_and_for_its_bot(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    team, given = bot.team, list[str]()

    @bot.app.command("/deploy")
    def deploy(ack: Any, command: Json) -> None:
        given.append(command["trigger_id"])
        ack()

    with bot.running():
        monkeypatch.setattr(triggers, "VALID_SECONDS", -0.001)
        ok(await bot.command("deploy"))
    assert await refused(team.slack.views_open, trigger_id=given[0], view=DEPLOY) == "expired_trigger_id"
    forged = given[0].split(".")
    forged[2] = str(team.ada.id)
    assert await refused(team.slack.views_open, trigger_id=".".join(forged), view=DEPLOY) == "invalid_trigger_id"
    for wrong in (
        {**DEPLOY, "type": "home"},
        {**DEPLOY, "title": plain("x" * 25)},
        {**DEPLOY, "blocks": [field("x", "X", {"type": "file_input"})]},
        {**DEPLOY, "submit": None},
        {**DEPLOY, "blocks": [REFRESH] * 101},
    ):
        assert await refused(team.slack.views_open, trigger_id="x", view=wrong) == "invalid_arguments"
    problem(await team.ada.api.post("/api/dialogs", json={"trigger_id": "x", "view": "{}"}), 403, "forbidden")
    problem(await team.server.anybody.get("/api/dialogs"), 401, "unauthorized")
