"""Bots in the chat client: an unmodified Bolt app's command, button, menu, words to one person alone, and dialog."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.async_api import Route, expect
from slack_bolt import App
from slack_bolt.app.app import SlackAppDevelopmentServer
from slack_sdk import WebClient

from tests.chat_server.integrations.slack.test_dialogs import DEPLOY, field, option, plain
from tests.end_to_end.system import PASSWORD, System
from tests.support.clients.accessibility import sound
from tests.support.clients.browser import NewWindow
from tests.support.clients.plain_http import plain_http
from tests.support.servers import free_port

PORT = free_port()
SCOPES = ["messages:read", "messages:write", "chats:read", "workspaces:read", "profile:read"]
BLOCKS = [
    {
        "type": "actions",
        "elements": [
            {"type": "button", "action_id": "approve", "text": plain("Approve"), "value": "main", "style": "primary"},
            {"type": "static_select", "action_id": "stage", "placeholder": plain("Stage"), "options": [option("test")]},
        ],
    }
]
NOTE = field("note", "Note", {"type": "plain_text_input", "multiline": True}, optional=True)
FORM = {**DEPLOY, "close": plain("Not now"), "blocks": [*DEPLOY["blocks"][:-1], NOTE]}


@contextmanager
def bolt_app(chat_url: str, token: str, secret: str) -> Iterator[None]:
    app = App(client=WebClient(token=token, base_url=f"{chat_url}/slack/api/"), signing_secret=secret)

    @app.command("/deploy")
    def deploy(ack: Any, say: Any, client: Any, command: Any) -> None:
        if not command["text"]:
            ack()
            client.views_open(
                trigger_id=command["trigger_id"], view={**FORM, "private_metadata": command["channel_id"]}
            )
            return
        ack(f"Deploying *{command['text']}*")
        say(text="Deploy main?", blocks=BLOCKS)

    @app.action("approve")
    def approve(ack: Any, respond: Any, action: Any) -> None:
        ack()
        respond(text=f"{action['value']} was approved", replace_original=False, response_type="ephemeral")

    @app.action("stage")
    def stage(ack: Any, say: Any, action: Any) -> None:
        ack()
        say(f"to {action['selected_option']['value']}")

    @app.view("deploy")
    def submitted(ack: Any, view: Any, client: Any) -> None:
        values = view["state"]["values"]
        branch = values["branch"]["branch"]["value"]
        if branch == "none":
            ack(response_action="errors", errors={"branch": "There is no such branch."})
            return
        ack()
        parts = [part["value"] for part in values["parts"]["parts"]["selected_options"]]
        told = f"{branch} {values['stage']['stage']['selected_option']['value']} {','.join(parts)}"
        client.chat_postMessage(channel=view["private_metadata"], text=told)

    server = SlackAppDevelopmentServer(PORT, "/slack/events", app, None, http_server_logger_enabled=False)
    running = threading.Thread(target=server._server.serve_forever, kwargs={"poll_interval": 0.02})
    running.start()
    try:
        yield
    finally:
        server._server.shutdown()
        running.join()
        server._server.server_close()


@pytest.mark.system(features__enable_bot_messages="true", integrations__allow_hosts=f"127.0.0.1:{PORT}")
async def test_a_bolt_app_is_used_by_keyboard_and_by_hand(system: System, window: NewWindow) -> None:
    ada, grace = await system.team("Ada", "Grace")
    chat = (await ada.chats.create("PublicChannel", [grace.id], name="releases", workspace_id=ada.workspace)).id
    bot = await ada.bots.create(ada.workspace, "builds", "Build Reports")
    await ada.chats.add_member(chat, bot.id)
    token = (await ada.bots.create_token(bot.id, "ci", SCOPES, days=1)).token
    secret = (await ada.bots.set_endpoint(bot.id, f"http://127.0.0.1:{PORT}/slack/events")).slack_secret
    await ada.bots.create_command(bot.id, "deploy", "Deploys a branch.", usage="[branch]")
    hers = await window(viewport={"width": 1280, "height": 900})
    page = (await hers.tab(f"/chat/{chat}", grace.email, PASSWORD)).page
    field_ = page.get_by_role("textbox", name="Message releases")
    await expect(field_).to_be_focused()
    # What a bot posts says that it is one.
    async with plain_http(headers={"Authorization": f"Bearer {token}"}) as of_bot:
        posted = await of_bot.post(f"{system.chat.url}/api/chats/{chat}/messages", json={"content": "All is green"})
    assert posted.status_code == 201, posted.text
    said = page.locator(".timeline article").filter(has_text="All is green")
    await expect(said.locator("small.bot")).to_have_text("Bot")
    # Bolt's constructor asks the server who it is.
    app = bolt_app(system.chat.url, token, secret)
    await asyncio.to_thread(app.__enter__)
    try:
        await page.keyboard.type("/dep")
        offered = page.get_by_role("option", name="/deploy [branch]")
        await expect(offered).to_contain_text("Deploys a branch.")
        await page.keyboard.press("Enter")
        await expect(field_).to_have_value("/deploy ")
        await page.keyboard.type("main")
        await page.keyboard.press("Enter")
        alone = page.get_by_role("log", name="What bots say to you alone")
        await expect(alone).to_contain_text("Build Reports, to you alone")
        await expect(alone).to_contain_text("Deploying main")
        await expect(field_).to_have_value("")

        await page.get_by_role("button", name="Approve").click()
        await expect(alone).to_contain_text("main was approved")
        await page.get_by_role("combobox", name="Stage").select_option("test")
        await expect(page.get_by_text("to test", exact=True)).to_be_visible()
        await alone.get_by_role("button", name="Dismiss").first.click()
        await expect(alone.get_by_role("listitem")).to_have_count(1)

        # The dialog, by keys alone.
        await field_.focus()
        await page.keyboard.type("/deploy")
        await page.keyboard.press("Escape")
        await page.keyboard.press("Enter")
        dialog = page.get_by_role("dialog", name="Deploy")
        await expect(dialog).to_be_visible()
        await expect(dialog.locator("strong").filter(has_text="What")).to_be_visible()
        await expect(dialog.get_by_text("*Not* bold & plain")).to_be_visible()
        await sound(page, "bot-dialog")
        branch = dialog.get_by_label("Branch")
        await branch.focus()
        await page.keyboard.type("none")
        await page.keyboard.press("Tab")
        await page.keyboard.type("Test")
        await dialog.get_by_role("button", name="Go").press("Enter")
        await expect(dialog.get_by_role("alert").filter(has_text="There is no such branch.")).to_be_visible()
        await expect(branch).to_be_focused()
        await expect(branch).to_have_attribute("aria-invalid", "true")
        await branch.fill("main")
        await dialog.get_by_label("Web").check()
        await dialog.get_by_role("button", name="Go").click()
        await expect(dialog).to_be_hidden()
        await expect(page.get_by_text("main test web", exact=True)).to_be_visible()

        # In Chinese, and written before the page knows of any bots; Escape closes it, and it is not open any more.
        typed = asyncio.Event()

        async def once_typed(route: Route) -> None:
            await typed.wait()
            await route.continue_()

        await page.route("**/api/features", once_typed)
        await page.evaluate("localStorage.setItem('fechatter.language', 'zh')")
        async with page.expect_request("**/api/features"):
            await page.reload()
            await page.get_by_role("textbox").first.fill("/deploy")
            await page.keyboard.press("Escape")
            await page.keyboard.press("Enter")
        typed.set()
        dialog = page.get_by_role("dialog", name="Deploy")
        await expect(dialog.get_by_label("Note（选填）")).to_be_visible()
        async with page.expect_response(lambda answer: answer.request.method == "DELETE"):
            await page.keyboard.press("Escape")
        await expect(dialog).to_be_hidden()
        assert (await grace.dialogs.shown()).dialog is None
    finally:
        await asyncio.to_thread(app.__exit__, None, None, None)
