"""A bot made with Slack's Bolt: `python bot_deploys.py CHAT_URL PORT`.

It answers /deploy with a question that has a button, the button, and mentions. Its token is in $BOT_TOKEN, the
`slack_secret` of its endpoint (http…:PORT/slack/events) in $BOT_SECRET. It needs slack-bolt.
"""

import os
import sys
from typing import Any

from slack_bolt import App
from slack_sdk import WebClient

chat_url, port = sys.argv[1:]
slack = WebClient(os.environ["BOT_TOKEN"], base_url=f"{chat_url}/slack/api/")
app = App(client=slack, signing_secret=os.environ["BOT_SECRET"])


@app.command("/deploy")
def deploy(ack: Any, respond: Any, command: dict[str, str]) -> None:
    branch = command["text"] or "main"
    label = {"type": "plain_text", "text": "Deploy"}
    button = {"type": "button", "action_id": "approve", "text": label, "value": branch}
    question = {"type": "section", "text": {"type": "mrkdwn", "text": f"Deploy `{branch}`?"}}
    ack()
    respond(
        response_type="in_channel",
        text=f"Deploy {branch}?",
        blocks=[question, {"type": "actions", "elements": [button]}],
    )


@app.action("approve")
def approve(ack: Any, respond: Any, action: dict[str, str], body: dict[str, Any]) -> None:
    ack()
    respond(replace_original=True, text=f"`{action['value']}` is deployed for <@{body['user']['id']}>")


@app.event("app_mention")
def mentioned(event: dict[str, str], say: Any) -> None:
    say(text="Type `/deploy BRANCH`.", thread_ts=event["ts"])


app.start(int(port))
