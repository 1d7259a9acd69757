"""Holds answers against an OpenAPI document: the status is one of the operation's, and the body fits its schema."""

import re
from typing import Any

import httpx
from jsonschema_rs import Draft202012Validator

Json = dict[str, Any]


class Contract:
    """A field that the document does not name is a mistake too, so no object may have others than its own."""

    def __init__(self, document: Json) -> None:
        self._components = document["components"]
        for schema in self._components["schemas"].values():
            if "properties" in schema:
                schema.setdefault("additionalProperties", False)
        self._operations = [
            (re.compile(re.sub(r"\{[^}]*\}", "[^/]+", path) + r"\Z"), method.upper(), operation)
            for path, item in document["paths"].items()
            for method, operation in item.items()
        ]
        self._validators: dict[str, Draft202012Validator] = {}

    async def check(self, response: httpx.Response) -> None:
        """An httpx event hook. AssertionError or jsonschema_rs.ValidationError for an answer that does not fit."""
        await response.aread()
        path, method = response.request.url.path, response.request.method
        if not path.startswith("/api/") or method in ("OPTIONS", "HEAD"):
            return
        operation = self._operation(method, path)
        if operation is None:
            assert response.status_code in (404, 405), f"{method} {path} is not in the document"
            return
        if response.status_code == 500:  # our own fault, which no page promises; the test that wants one says so
            return
        answer = operation["responses"].get(str(response.status_code))
        assert answer is not None, f"{method} {path}: {response.status_code} is not in the document"
        content = answer.get("content")
        if not content:
            assert response.content == b""
            return
        media_type = response.headers["content-type"]
        assert media_type in content, f"{method} {path}: {media_type}"
        if media_type.endswith(("/json", "+json")):
            self._validator(content[media_type]["schema"]).validate(response.json())

    def _validator(self, schema: Json) -> Draft202012Validator:
        name = repr(schema)
        if name not in self._validators:
            whole = {**schema, "components": self._components}
            self._validators[name] = Draft202012Validator(whole, validate_formats=True)
        return self._validators[name]

    def _operation(self, method: str, path: str) -> Json | None:
        # A path without a parameter goes before one with: /users/me before /users/{id}.
        found = [
            (template.pattern.count("[^/]+"), operation)
            for template, verb, operation in self._operations
            if verb == method and template.match(path)
        ]
        return min(found, key=lambda match: match[0])[1] if found else None
