"""Messages about invalid settings: one line with the file or variable, the key and what was expected."""

import difflib
from collections.abc import Mapping
from pathlib import Path
from types import NoneType
from typing import Any, cast, get_args, get_origin

import yaml
from pydantic import BaseModel
from pydantic_core import ErrorDetails

try:
    from yaml import CSafeLoader as _Loader  # an app.yaml that is mostly comments takes it 1 ms instead of 20
except ImportError:  # PyYAML was built without libyaml
    from yaml import SafeLoader as _Loader  # type: ignore[assignment]

# Keys whose values are secrets, or hold one.
SECRETS = ("url", "s3_secret_key")


class SettingsError(Exception):
    """A setting is invalid, unknown or missing. The text is one line: where, which key, what was expected."""


class _UniqueKeyLoader(_Loader):
    """YAML in which a duplicate key is an error; PyYAML would silently keep the last one."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.MarkedYAMLError(problem=f"the key {key.value} occurs twice", problem_mark=key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def read_yaml(file: Path) -> dict[str, Any]:
    """The sections of an app.yaml; one without any key is left out. SettingsError if it cannot be read."""
    try:
        document = yaml.load(file.read_text("utf-8"), _UniqueKeyLoader)  # noqa: S506 - a SafeLoader
    except yaml.MarkedYAMLError as error:
        line = f":{error.problem_mark.line + 1}" if error.problem_mark else ""
        raise SettingsError(f"{file}{line}: expected YAML, but {error.problem}") from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SettingsError(f"{file}: expected a YAML file, but it cannot be read: {error}".splitlines()[0]) from None
    if document is None:
        return {}
    if not isinstance(document, dict):
        raise SettingsError(f"{file}: expected sections such as `server:`, got {_shown(document)}")
    return {str(key): value for key, value in document.items() if value is not None}


def leaf_keys(model: type[BaseModel]) -> list[str]:
    """Every key of a model, such as "mode" and "server.port", in the order of its definition."""
    found = []
    for name, field in model.model_fields.items():
        section = _section(field.annotation)
        found += [f"{name}.{key}" for key in section.model_fields] if section else [name]
    return found


def explain(error: ErrorDetails, model: type[BaseModel], source: str) -> str:
    """The line for one of pydantic's errors. `source` is the file or variable of the value."""
    path = key_of(error)
    key = ".".join(path)
    named = _section_by_name(path, model)
    if named and error["type"] != "dict_type" and error["loc"][2:]:
        return f"{source}: {key}.{_explain_named(error, named)}"
    optional = _optional_section(path, model)
    if optional and error["loc"][2:]:
        as_named = cast("ErrorDetails", {**error, "loc": (path[0], "", *error["loc"][1:])})
        return f"{source}: {path[0]}.{_explain_named(as_named, optional)}"
    if error["type"] in ("extra_forbidden", "invalid_key"):
        return f"{source}: {key}: unknown key{did_you_mean(key, leaf_keys(model))}"
    if error["type"] == "combination":
        return f"{source}: {key}.{error['msg']}"
    if path[-1] in SECRETS or (named and isinstance(error["input"], str)):
        return f"{source}: {key}: expected {expected(key, model)}, got something else (a secret, not shown)"
    return f"{source}: {key}: expected {expected(key, model)}, got {_shown(error['input'])}"


def _explain_named(error: ErrorDetails, section: type[BaseModel]) -> str:
    """What is wrong in one of the sections that have names of their own, such as a provider's. Values of secrets are
    not shown, nor a whole section, which may hold one."""
    name, *path = (str(part) for part in error["loc"][2:5])
    if error["type"] == "combination":
        return f"{name}.{error['msg']}"
    if path == ["[key]"]:
        return f"{name}: {error['ctx']['error']}"
    key = ".".join(path)
    if error["type"] == "extra_forbidden":
        return f"{name}.{key}: unknown key{did_you_mean(key, leaf_keys(section))}"
    if not key:
        return f"{name}: expected a section with the keys {', '.join(section.model_fields)}"
    if error["type"] == "missing":
        return f"{name}.{key}: missing; expected {expected(key, section)}"
    shown = "something else (a secret, not shown)" if "secret" in key else _shown(error["input"])
    return f"{name}.{key}: expected {expected(key, section)}, got {shown}"


def key_of(error: ErrorDetails) -> tuple[str, ...]:
    """("server", "port"): at most two levels, without the index of a list's item."""
    return tuple(str(part) for part in error["loc"][:2])


def expected(key: str, model: type[BaseModel]) -> str:
    """What a key expects, in words: "a whole number from 1 to 65535"."""
    name, _, rest = key.partition(".")
    field = model.model_fields[name]
    section = _section(field.annotation)
    if section and rest:
        return expected(rest, section)
    if section:
        return f"a section with the keys {', '.join(section.model_fields)}"
    schema = model.model_json_schema()["properties"][name]
    if "x-expected" in schema:
        return _in_words(schema)
    return _in_words(next((part for part in schema.get("anyOf", []) if part["type"] != "null"), schema))


def did_you_mean(key: str, known: list[str]) -> str:
    """ "; did you mean server.port?" for the nearest known key, also for a key in the wrong section."""
    last = key.rpartition(".")[2]
    namesakes = [candidate for candidate in known if candidate.rpartition(".")[2] == last]
    nearest = namesakes or difflib.get_close_matches(key, known, n=1, cutoff=0.7)
    if not nearest:
        sections = list(dict.fromkeys(candidate.partition(".")[0] for candidate in known))
        nearest = difflib.get_close_matches(key, sections, n=1, cutoff=0.7)
    return f"; did you mean {' or '.join(nearest)}?" if nearest else ""


def _section(annotation: object) -> type[BaseModel] | None:
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None


def _section_by_name(path: tuple[str, ...], model: type[BaseModel]) -> type[BaseModel] | None:
    """The type of the sections under a key that maps names to them."""
    annotation = _annotation(path, model)
    return _section(get_args(annotation)[-1]) if get_origin(annotation) is dict else None


def _optional_section(path: tuple[str, ...], model: type[BaseModel]) -> type[BaseModel] | None:
    """The type of a section under a key that may be null."""
    parts = get_args(_annotation(path, model))
    return _section(parts[0]) if len(parts) == 2 and parts[1] is NoneType else None


def _annotation(path: tuple[str, ...], model: type[BaseModel]) -> object:
    """The type of a key; None if there is none of two levels."""
    section = _section(model.model_fields[path[0]].annotation) if path[0] in model.model_fields else None
    if section is None or len(path) < 2 or path[1] not in section.model_fields:
        return None
    return section.model_fields[path[1]].annotation


def _in_words(schema: Mapping[str, Any]) -> str:
    if "x-expected" in schema:
        return str(schema["x-expected"])
    if "enum" in schema:
        return f"one of {', '.join(schema['enum'])}"
    if schema["type"] == "integer":
        return f"a whole number from {schema['minimum']} to {schema['maximum']}"
    if schema["type"] == "number" and "minimum" in schema:
        return f"a number from {schema['minimum']:g} to {schema['maximum']:g}"
    if schema["type"] == "number":
        return f"a number above {schema['exclusiveMinimum']}, up to {schema['maximum']:g}"
    return "a path" if schema.get("format") == "path" else "a non-empty text"


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
