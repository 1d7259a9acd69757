"""What other systems send, in words. The samples have the shapes of these systems' own documentation."""

from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from chat_server.integrations.templates import TEMPLATES
from tests.chat_server.integrations.test_bots import bot_of, chat_with
from tests.chat_server.people import ChatServer, ok
from tests.support.clients.plain_http import plain_http

REPOSITORY = {"full_name": "acme/api", "html_url": "https://github.com/acme/api"}
PROJECT = {"path_with_namespace": "acme/api", "web_url": "https://gitlab.example/acme/api"}
IN_REPOSITORY = {"repository": REPOSITORY, "sender": {"login": "ada"}}
IN_PROJECT = {"project": PROJECT, "user": {"name": "Ada", "username": "ada"}}
GITHUB, GITLAB = "[acme/api](https://github.com/acme/api)", "[acme/api](https://gitlab.example/acme/api)"
PULL = {"number": 7, "title": "Faster [start]", "html_url": "https://github.com/acme/api/pull/7", "merged": True}
COMMIT = {"id": "0123456789abcdef", "url": "https://github.com/acme/api/commit/0123456", "message": "Mend it\n\nAll."}

Sample = tuple[str, Mapping[str, str], dict[str, Any], str]
SAMPLES: list[Sample] = [
    (
        "github",
        {"x-github-event": "push"},
        {
            **IN_REPOSITORY,
            "ref": "refs/heads/main",
            "compare": "https://github.com/acme/api/compare/a...b",
            "pusher": {"name": "ada"},
            "commits": [COMMIT] * 7,
        },
        f"{GITHUB}: ada pushed [7 commits](https://github.com/acme/api/compare/a...b) to `main`\n"
        + 5 * "- [`0123456`](https://github.com/acme/api/commit/0123456) Mend it\n"
        + "- and 2 more",
    ),
    (
        "github",
        {"x-github-event": "pull_request"},
        {**IN_REPOSITORY, "action": "closed", "pull_request": PULL},
        f"{GITHUB}: ada merged the pull request [#7 Faster (start)](https://github.com/acme/api/pull/7)",
    ),
    (
        "github",
        {"x-github-event": "pull_request_review"},
        {
            **IN_REPOSITORY,
            "action": "submitted",
            "pull_request": PULL,
            "review": {"state": "changes_requested", "body": "@all see `x`"},
        },
        f"{GITHUB}: ada reviewed [#7 Faster (start)](https://github.com/acme/api/pull/7): changes requested\n"
        "> @\u2060all see 'x'",
    ),
    (
        "github",
        {"x-github-event": "issues"},
        {**IN_REPOSITORY, "action": "opened", "issue": {"number": 8, "title": "Slow", "html_url": "javascript:x"}},
        f"{GITHUB}: ada opened the issue #8 Slow",
    ),
    (
        "github",
        {"x-github-event": "issue_comment"},
        {**IN_REPOSITORY, "action": "created", "issue": {"number": 8, "title": "Slow"}, "comment": {"body": "It is."}},
        f"{GITHUB}: ada commented on #8 Slow\n> It is.",
    ),
    (
        "github",
        {"x-github-event": "release"},
        {**IN_REPOSITORY, "action": "published", "release": {"tag_name": "v2", "html_url": "https://github.com/r"}},
        f"{GITHUB}: ada released [v2](https://github.com/r)",
    ),
    (
        "github",
        {"x-github-event": "workflow_run"},
        {
            **IN_REPOSITORY,
            "action": "completed",
            "workflow_run": {
                "name": "ci",
                "html_url": "https://github.com/w",
                "head_branch": "main",
                "conclusion": "failure",
            },
        },
        f"{GITHUB}: [ci](https://github.com/w) on `main`: **failure**",
    ),
    (
        "github",
        {"x-github-event": "ping"},
        {**IN_REPOSITORY, "zen": "Keep it."},
        f"{GITHUB}: the webhook is set up. Keep it.",
    ),
    ("github", {"x-github-event": "issues"}, {**IN_REPOSITORY, "action": "labeled"}, ""),
    ("github", {"x-github-event": "push"}, {**IN_REPOSITORY, "commits": []}, ""),
    ("github", {"x-github-event": "star"}, IN_REPOSITORY, ""),
    (
        "gitlab",
        {},
        {
            **IN_PROJECT,
            "object_kind": "push",
            "user_name": "Ada",
            "ref": "refs/heads/main",
            "total_commits_count": 1,
            "commits": [{**COMMIT, "url": "https://gitlab.example/c"}],
        },
        f"{GITLAB}: Ada pushed 1 commit to `main`\n- [`0123456`](https://gitlab.example/c) Mend it",
    ),
    (
        "gitlab",
        {},
        {
            **IN_PROJECT,
            "object_kind": "merge_request",
            "object_attributes": {"iid": 3, "title": "Faster", "url": "https://gitlab.example/m/3", "action": "merge"},
        },
        f"{GITLAB}: Ada merged the merge request [!3 Faster](https://gitlab.example/m/3)",
    ),
    (
        "gitlab",
        {},
        {**IN_PROJECT, "object_kind": "issue", "object_attributes": {"iid": 4, "title": "Slow", "action": "close"}},
        f"{GITLAB}: Ada closed the issue #4 Slow",
    ),
    (
        "gitlab",
        {},
        {
            **IN_PROJECT,
            "object_kind": "note",
            "object_attributes": {"note": "Why?", "url": "https://gitlab.example/n"},
            "issue": {"title": "Slow"},
        },
        f"{GITLAB}: Ada [commented](https://gitlab.example/n) on Slow\n> Why?",
    ),
    (
        "gitlab",
        {},
        {**IN_PROJECT, "object_kind": "pipeline", "object_attributes": {"id": 9, "ref": "main", "status": "failed"}},
        f"{GITLAB}: [pipeline 9](https://gitlab.example/acme/api/-/pipelines/9) on `main`: **failed**",
    ),
    (
        "gitlab",
        {},
        {**IN_PROJECT, "object_kind": "tag_push", "ref": "refs/tags/v2"},
        f"{GITLAB}: Ada pushed the tag `v2`",
    ),
    ("gitlab", {}, {**IN_PROJECT, "object_kind": "pipeline", "object_attributes": {"status": "running"}}, ""),
    (
        "alertmanager",
        {},
        {
            "version": "4",
            "status": "firing",
            "externalURL": "https://alerts.example",
            "commonLabels": {"alertname": "DiskFull"},
            "alerts": [
                {
                    "labels": {"instance": "db-1", "severity": "critical"},
                    "annotations": {"summary": "4 % are free"},
                    "generatorURL": "https://prometheus.example/g",
                }
            ],
        },
        "**FIRING** [DiskFull](https://alerts.example): 1 alert\n"
        "- [db-1 (critical)](https://prometheus.example/g): 4 % are free",
    ),
    ("alertmanager", {}, {"status": "resolved", "alerts": []}, ""),
    (
        "grafana",
        {},
        {
            "title": "Latency",
            "status": "resolved",
            "externalURL": "https://grafana.example",
            "alerts": [
                {
                    "status": "resolved",
                    "labels": {"alertname": "p99"},
                    "annotations": {"summary": "below 1 s"},
                    "panelURL": "https://grafana.example/p",
                }
            ],
        },
        "**RESOLVED** [Latency](https://grafana.example)\n- [p99](https://grafana.example/p) resolved: below 1 s",
    ),
    (
        "grafana",
        {},
        {"title": "Latency", "state": "alerting", "ruleUrl": "https://grafana.example/r", "message": "above 1 s"},
        "**ALERTING** [Latency](https://grafana.example/r)\nabove 1 s",
    ),
    (
        "sentry",
        {"sentry-hook-resource": "issue"},
        {
            "action": "created",
            "data": {
                "issue": {
                    "title": "KeyError: 'x'",
                    "culprit": "app.views in show",
                    "level": "error",
                    "web_url": "https://sentry.example/i/1",
                    "project": {"name": "api"},
                }
            },
        },
        "**api**: issue created: [KeyError: 'x'](https://sentry.example/i/1) (error)\n`app.views in show`",
    ),
    (
        "sentry",
        {"sentry-hook-resource": "event_alert"},
        {
            "action": "triggered",
            "data": {"triggered_rule": "Often", "event": {"title": "Boom", "web_url": "https://sentry.example/e"}},
        },
        "**Often**: [Boom](https://sentry.example/e)",
    ),
    (
        "sentry",
        {"sentry-hook-resource": "metric_alert"},
        {
            "action": "critical",
            "data": {
                "description_title": "Errors",
                "description_text": "900 in 10 minutes",
                "web_url": "https://sentry.example/m",
            },
        },
        "**CRITICAL** [Errors](https://sentry.example/m)\n900 in 10 minutes",
    ),
    ("sentry", {"sentry-hook-resource": "installation"}, {"action": "created"}, ""),
    (
        "jira",
        {},
        {
            "webhookEvent": "jira:issue_updated",
            "user": {"displayName": "Ada"},
            "issue": {
                "key": "API-7",
                "self": "https://jira.example/rest/api/2/issue/10",
                "fields": {"summary": "Faster"},
            },
            "changelog": {"items": [{"field": "status", "fromString": "Open", "toString": "Done"}]},
        },
        "Ada updated [API-7](https://jira.example/browse/API-7) Faster\n- status: Open → **Done**",
    ),
    (
        "jira",
        {},
        {
            "webhookEvent": "comment_created",
            "comment": {"author": {"displayName": "Grace"}, "body": "It is."},
            "issue": {"key": "API-7", "fields": {"summary": "Faster"}},
        },
        "Grace commented on API-7 Faster\n> It is.",
    ),
    ("jira", {}, {"webhookEvent": "sprint_started"}, ""),
    (
        "jenkins",
        {},
        {
            "name": "api",
            "build": {
                "number": 12,
                "phase": "COMPLETED",
                "status": "FAILURE",
                "full_url": "https://jenkins.example/job/api/12/",
                "scm": {"branch": "origin/main", "commit": "0123456789abcdef"},
            },
        },
        "[api #12](https://jenkins.example/job/api/12/) on `origin/main`: **FAILURE**\ncommit `0123456789`",
    ),
    ("jenkins", {}, {"name": "api", "build": {"number": 12, "phase": "QUEUED"}}, ""),
]


@pytest.mark.parametrize(
    ("template", "headers", "payload", "words"), SAMPLES, ids=[f"{one[0]}-{at}" for at, one in enumerate(SAMPLES)]
)
def test_a_sample_in_words(template: str, headers: Mapping[str, str], payload: dict[str, Any], words: str) -> None:
    assert TEMPLATES[template](payload, headers) == words


def test_every_template_has_samples_and_fails_at_none_of_the_others() -> None:
    assert {sample[0] for sample in SAMPLES} == TEMPLATES.keys()
    for render in TEMPLATES.values():
        for _, headers, payload, _ in SAMPLES:
            for damaged in (payload, {}, dict.fromkeys(payload, 7), {key: [payload] for key in payload}):
                assert isinstance(render(damaged, headers), str)


@pytest.mark.chat_server(features={"enable_bot_messages": True})
async def test_a_webhook_posts_by_a_template(chat_server: ChatServer) -> None:
    ada, grace = await chat_server.team("Ada", "Grace")
    bot = (await bot_of(ada))["id"]
    chat = await chat_with(bot, ada, grace)
    made = ok(await ada.api.post(f"/api/bots/{bot}/webhooks", json={"chat_id": chat, "name": "ci"}), 201)
    template, headers, payload, words = SAMPLES[0]
    async with plain_http() as github:
        address = f"{made['slack_url']}/{template}"
        answer = await github.post(address, json=payload, headers=headers)
        assert (answer.status_code, answer.text) == (200, "ok")
        (message,) = ok(await ada.api.get(f"/api/chats/{chat}/messages"))
        assert (message["sender_id"], message["content"]) == (bot, words)
        ignored = await github.post(address, json=payload, headers={"X-GitHub-Event": "star"})
        assert (ignored.status_code, ignored.text) == (200, "ignored")
        for url, body, status, word in (
            (f"{made['slack_url']}/x", "{}", 404, "no_template"),
            (address, "[", 400, "invalid_payload"),
            (f"{made['slack_url']}x/{template}", httpx.Response(200, json=payload).text, 404, "no_service"),
        ):
            refused = await github.post(url, content=body, headers=headers)
            assert (refused.status_code, refused.text) == (status, word)
    assert len(ok(await ada.api.get(f"/api/chats/{chat}/messages"))) == 1
