"""app.yaml as it is in the repository: every setting with its default, its docstring above it and its bounds.

`make app-yaml` generates it, and a test compares the two.
"""

import inspect
import sys
import textwrap
from collections.abc import Mapping
from typing import Any

import yaml
from pydantic import BaseModel

from chat_core.settings.model import Settings

HEADER = """\
Every setting of Fechatter, with its default. Both servers and the `fechatter` command read this file.

It is read from $CHAT_CONFIG if that is set, else from ./app.yaml, else from /etc/config/app.yaml.
Environment variables take precedence: FECHATTER_SERVER__PORT=7000 is server.port, lists are comma-separated.
A missing key has the default shown here; an unknown key is an error.
`fechatter doctor` checks the result.

`make app-yaml` writes this file from chat_core/settings.
"""
WIDTH = 120


def text() -> str:
    """The whole file."""
    lines = [f"# {line}".rstrip() for line in HEADER.splitlines()]
    for name, field in Settings.model_fields.items():
        lines.append("")
        default = field.default
        if isinstance(default, BaseModel):
            lines += [*_comment(type(default).__doc__ or "", ""), f"{name}:", *_keys(default, "  ")]
        else:
            lines += _key(name, default, Settings.model_json_schema()["properties"][name], "")
    return "\n".join(lines) + "\n"


def _keys(section: BaseModel, indent: str) -> list[str]:
    properties = type(section).model_json_schema()["properties"]
    return [line for name, value in section for line in _key(name, value, properties[name], indent)]


def _key(name: str, value: object, schema: Mapping[str, Any], indent: str) -> list[str]:
    shown = value if value is None or isinstance(value, bool | int | float | list | dict) else str(value)
    if isinstance(shown, list):
        line = f"{name}: {yaml.safe_dump(shown, allow_unicode=True, width=1000, default_flow_style=True).strip()}"
    else:
        line = yaml.safe_dump({name: shown}, allow_unicode=True, width=1000).strip()
    return [*_comment(f"{schema['description']}{_bounds(schema)}", indent), f"{indent}{line}"]


def _bounds(schema: Mapping[str, Any]) -> str:
    """ " (1–65535)", for numbers only: a setting's description covers other bounds."""
    if "maximum" not in schema:
        return ""
    if "minimum" in schema:
        return f" ({schema['minimum']:.0f}–{schema['maximum']:.0f})"
    return f" (above {schema['exclusiveMinimum']:.0f}, up to {schema['maximum']:.0f})"


def _comment(description: str, indent: str) -> list[str]:
    """Wraps paragraphs; an indented one is a command and stays as it is."""
    lines: list[str] = []
    for paragraph in inspect.cleandoc(description).split("\n\n"):
        kept = paragraph.startswith(" ")
        lines += paragraph.splitlines() if kept else _wrap(paragraph, WIDTH - len(indent) - len("# "))
    return [f"{indent}# {line}".rstrip() for line in lines]


def _wrap(paragraph: str, width: int) -> list[str]:
    return textwrap.wrap(paragraph, width, break_long_words=False, break_on_hyphens=False)


if __name__ == "__main__":
    sys.stdout.write(text())
