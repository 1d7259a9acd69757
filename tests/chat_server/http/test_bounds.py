"""Nothing that is sent or listed is without a bound: read off the OpenAPI page."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from chat_server.http.fields import ANY_TEXT, END, VISIBLE_TEXT
from tests.chat_server.people import ChatServer, Json

# Its largest size is in bytes, and so is the largest of its operations.
PATCH = "application/json-patch+json"
# A pattern that says how long a text may be.
BOUNDED = re.compile(r"\{\d+,\d+\}\$")


class Page:
    def __init__(self, document: Json) -> None:
        self.document = document

    def operations(self) -> Iterator[tuple[str, Json]]:
        for path, item in self.document["paths"].items():
            for method, operation in item.items():
                yield f"{method.upper()} {path}", operation

    def schemas(self, schema: Json, where: str) -> Iterator[tuple[str, Json]]:
        """A schema and all that it is made of, each with where it is."""
        if "$ref" in schema:
            schema = self.document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        yield where, schema
        for name, inner in schema.get("properties", {}).items():
            yield from self.schemas(inner, f"{where}.{name}")
        for kind in ("items", "additionalProperties"):
            if isinstance(schema.get(kind), dict):
                yield from self.schemas(schema[kind], f"{where}[]")
        siblings = {name: value for name, value in schema.items() if name in ("maxLength", "maxItems", "pattern")}
        for kind in ("anyOf", "oneOf", "allOf"):
            for inner in schema.get(kind, ()):
                yield from self.schemas({**siblings, **inner}, where)

    def requests(self) -> Iterator[tuple[str, Json]]:
        """Every schema of what a client sends."""
        for label, operation in self.operations():
            for parameter in operation.get("parameters", ()):
                yield from self.schemas(parameter["schema"], f"{label} {parameter['in']} {parameter['name']}")
            for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
                if media_type == PATCH:
                    continue
                for where, schema in self.schemas(content["schema"], f"{label} body"):
                    if not where.endswith(".metadata"):  # it has a largest size in bytes
                        yield where, schema


def unbounded(schema: Json) -> bool:
    """Objects are: their fields are known, or their number is bounded."""
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if "enum" in schema or "const" in schema:
        return False
    return (
        (
            "string" in kinds
            and not ({"maxLength", "format"} & schema.keys() or BOUNDED.search(schema.get("pattern", "")))
        )
        or ("array" in kinds and "maxItems" not in schema)
        or ("object" in kinds and schema.get("additionalProperties") is not False and "maxProperties" not in schema)
    )


@pytest.fixture
async def page(chat_server: ChatServer) -> Page:
    return Page((await chat_server.anybody.get("/docs/openapi.json")).json())


# The server bounds these (tests/chat_server/compliance/test_dlp.py, organization/test_roles.py,
# integrations/test_apps.py and slack/test_dialogs.py): Litestar leaves out what is said of a list's strings.
UNSAID = {
    "POST /api/dialogs/{dialog_id}/submission body.entered[].values[]",
    "POST /api/dialogs/{dialog_id}/actions body.entered[].values[]",
    "POST /api/workspaces/{workspace_id}/apps body.redirect_uris[]",
    "PATCH /api/apps/{app_id} body.redirect_uris[]",
    "POST /api/workspaces/{workspace_id}/dlp-rules body.words[]",
    "PATCH /api/workspaces/{workspace_id}/dlp-rules/{rule_id} body.words[]",
    "POST /api/bots/{bot_id}/subscriptions body.kinds[]",
    "PATCH /api/bots/{bot_id}/subscriptions/{subscription_id} body.kinds[]",
    "POST /api/organizations/{organization_id}/roles body.permissions[]",
    "PATCH /api/organizations/{organization_id}/roles/{role_id} body.permissions[]",
}


async def test_all_that_is_sent_is_bounded(page: Page) -> None:
    sent = list(page.requests())
    assert len(sent) > 50
    assert {where for where, schema in sent if unbounded(schema)} == UNSAID


@pytest.mark.parametrize("key", ["maxLength", "maxItems", "additionalProperties"])
async def test_a_missing_bound_is_noticed(page: Page, key: str) -> None:
    def without(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: without(inner) for name, inner in value.items() if name != key}
        return [without(inner) for inner in value] if isinstance(value, list) else value

    assert any(unbounded(schema) for _, schema in Page(without(page.document)).requests())


async def test_patterns_mean_the_same_to_others(page: Page) -> None:
    pythonic = r"\\[AZzGhHRQEaU]|\(\?([P#i]|<(?![=!]))"  # ECMA has looked behind since 2018
    for where, schema in page.requests():
        assert not re.search(pythonic, schema.get("pattern", "")), f"{where}: Python's own syntax"


async def test_only_free_text_may_end_with_a_line_end(page: Page) -> None:
    """Python's $ also matches before one."""
    for where, schema in page.requests():
        pattern = schema.get("pattern", END)
        assert pattern.endswith(END) or pattern in (ANY_TEXT, VISIBLE_TEXT), f"{where}: {pattern}"


# What is known by its name, what an operator has written into the settings, what a workspace has at most 500 of or a
# user or a bot at most 100, and as many as were asked about.
FEW = {
    "GET /api/bots/{bot_id}/webhooks",
    "GET /api/bots/{bot_id}/subscriptions",
    "GET /api/workspaces/{workspace_id}/dlp-rules",
    "GET /api/auth/providers",
    "GET /api/workspaces/{workspace_id}/emoji",
    "GET /api/delegations",
    "GET /api/permissions",
    "GET /api/users/me/deletion",
    "GET /api/organizations/{organization_id}/members/{user_id}/deletion",
    "GET /api/private-answers",
    "POST /api/links/resolve",
}


async def test_every_list_is_paged(page: Page) -> None:
    lists = 0
    for label, operation in page.operations():
        answer = operation["responses"].get("200", {}).get("content", {}).get("application/json", {}).get("schema", {})
        if answer.get("type") == "array" and label not in FEW:
            lists += 1
            limits = [p["schema"] for p in operation.get("parameters", ()) if p["name"] == "limit"]
            assert limits, f"{label} has no limit"
            assert limits[0]["maximum"] <= 500, label
    assert lists >= 6
