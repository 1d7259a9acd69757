"""What Okta and Entra send that the RFCs do not say. scim2-models takes most of it (`op: "Replace"`, `"False"`, dotted
keys, a value beside `remove`); the rest is put into the RFCs' words here."""

from typing import Any

import msgspec
from scim2_models import (
    ComplexAttribute,
    Context,
    InvalidPathException,
    InvalidValueException,
    Path,
    Resource,
)

from chat_server.identity.scim.schemas import Group

MOST_OPERATIONS = 500
LONGEST_PATH = 1000
_WHOLE = (Context.RESOURCE_CREATION_REQUEST, Context.RESOURCE_REPLACEMENT_REQUEST)


def normalized(body: bytes, context: Context, resource: type[Resource[Any]]) -> bytes:
    """The body of a request about such a resource. One that is not JSON stays as it is, for the library to refuse.
    Raises SCIMException for a PATCH with more than MOST_OPERATIONS or too long a path."""
    try:
        payload = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return body
    if not isinstance(payload, dict):
        return body
    if context in _WHOLE:
        payload = _given(payload)
    elif context is Context.RESOURCE_PATCH_REQUEST:
        for key, operations in payload.items():
            if key.lower() == "operations" and isinstance(operations, list):
                if len(operations) > MOST_OPERATIONS:
                    raise InvalidValueException(detail=f"Operations: expected at most {MOST_OPERATIONS}")
                payload[key] = [_operation(each, resource) for each in operations]
    return msgspec.json.encode(payload)


def _given(payload: dict[str, Any]) -> dict[str, Any]:
    """Okta sends a random password with each new user: it is never taken, not even to refuse it. Entra sends attributes
    that may be unknown here as empty lists, which say nothing (RFC 7643, section 2.5)."""
    return {key: value for key, value in payload.items() if key.lower() != "password" and value not in (None, [])}


def _operation(operation: Any, resource: type[Resource[Any]]) -> Any:
    if not isinstance(operation, dict):
        return operation
    cleaned = {key: _without_nulls(value, resource) if key == "value" else value for key, value in operation.items()}
    path, value = cleaned.get("path"), cleaned.get("value")
    if not isinstance(path, str):
        return cleaned
    if len(path) > LONGEST_PATH:
        raise InvalidPathException(detail=f"path: expected at most {LONGEST_PATH} characters")
    binding = _binding(path, resource)
    if binding is None or binding.target_is_multivalued:
        return cleaned
    match value:
        case [{"value": only, **others}] if not others:
            return {**cleaned, "value": only}
        case str() if isinstance(binding.target_type, type) and issubclass(binding.target_type, ComplexAttribute):
            return {**cleaned, "value": {"value": value}}
    return cleaned


def _without_nulls(value: Any, resource: type[Resource[Any]]) -> Any:
    """Entra names what it does not give ({"$ref": null, "value": "7"}), which would select nobody. Both send names of
    members, which are read-only: these are ignored, as RFC 7644, section 3.5.1, has it."""
    match value:
        case list():
            return [_named(each, resource) if isinstance(each, dict) else each for each in value]
        case {"members": list(members)}:
            return {**value, "members": _without_nulls(members, resource)}
    return value


def _named(entry: dict[str, Any], resource: type[Resource[Any]]) -> dict[str, Any]:
    ignored = {"display"} if resource is Group else set()
    return {key: value for key, value in entry.items() if value is not None and key not in ignored}


def _binding(path: str, resource: type[Resource[Any]]) -> Any:
    """The attribute at this path; None if there is none."""
    try:
        return Path[resource](path).resolve()  # type: ignore[valid-type]
    except InvalidPathException:
        return None
