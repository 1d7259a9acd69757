"""Writes `client-js/src/event_types.d.ts`: the events as a union by `kind`, from the models of the Python client."""

from pathlib import Path
from typing import Any, Final

import msgspec
from fechatter_client.models.events import EPHEMERAL, KINDS

FILE: Final = Path(__file__).parents[1] / "src" / "event_types.d.ts"
_PLAIN: Final = {"integer": "number", "number": "number", "string": "string", "boolean": "boolean", "null": "null"}


def text() -> str:
    kinds = {**KINDS, **EPHEMERAL}
    _, components = msgspec.json.schema_components(kinds.values(), ref_template="{name}")
    types = "\n".join(f"export type {name} = {_type(schema)};" for name, schema in sorted(components.items()))
    stored = "\n".join(
        f'  | {{ kind: "{kind}"; data: {model.__name__}; cursor: string }}' for kind, model in KINDS.items()
    )
    passing = "\n".join(
        f'  | {{ kind: "{kind}"; data: {model.__name__}; cursor: null }}' for kind, model in EPHEMERAL.items()
    )
    return (
        "// Made from the Python client's models by client-js/openapi/event_types.py.\n"
        f"{types}\n\n/** What is stored in the log. */\nexport type LogEvent =\n{stored};\n\n"
        f"/** What is delivered once. */\nexport type EphemeralEvent =\n{passing};\n"
    )


def _type(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"])
    if "anyOf" in schema:
        return " | ".join(_type(each) for each in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(msgspec.json.encode(value).decode() for value in schema["enum"])
    if schema.get("type") == "array":
        return f"({_type(schema.get('items', {}))})[]"
    if "properties" in schema:
        required = schema.get("required", [])
        fields = (
            f"{name}{'' if name in required else '?'}: {_type(each)}" for name, each in schema["properties"].items()
        )
        return "{ " + "; ".join(fields) + " }"
    if schema.get("type") == "object":
        return "Record<string, unknown>"
    return _PLAIN.get(schema.get("type", ""), "unknown")


if __name__ == "__main__":
    FILE.write_text(text())
