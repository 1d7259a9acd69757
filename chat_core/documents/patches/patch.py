"""Applies a patch to a document in place, all of it or nothing, and says how to revert it and what it has touched."""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

import msgspec

from .effects import Effect
from .limits import Limits
from .pointers import index, shortened, tokens
from .refusals import PatchFailed, TooLarge
from .values import TooDeep, depth, equal, taken

_encode: Final = msgspec.json.Encoder().encode

# Steps of an undo log: (step, container, key, old value), or (_ORDER, object, None, the names of its members in order).
_SET, _ADDED, _REMOVED, _ORDER, _INSERTED, _DELETED, _ROOT = range(7)
_Step = tuple[int, Any, Any, Any]

Operation = dict[str, Any]


class Applied(NamedTuple):
    """What applying a patch has done.

    `document` is the result: the object that was given, unless the patch has replaced the whole document. `inverse` is
    the patch that takes the result back to what was there, up to the order of members. `growth` is by how many bytes
    the encoded document has grown. Pass it to `revert` before anything else has changed the document.
    """

    document: Any
    inverse: list[Operation]
    effects: list[Effect]
    growth: int
    undo: list[_Step]


def apply(document: Any, patch: Any, limits: Limits | None = None, size: int = 0) -> Applied:
    """Applies a patch to a document, in place. `size` is the document's length in bytes as msgspec encodes it, which is
    needed for the limit of the result alone.

    The document takes no part of the patch into itself, so both may be used further. Raises PatchFailed or TooLarge,
    having changed nothing, not even the order of members.
    """
    limits = limits or Limits()
    if type(patch) is not list:
        raise PatchFailed(None, "a patch is an array of operations")
    if len(patch) > limits.operations:
        raise TooLarge(None, "operations", limits.operations)
    run = _Run(document, limits)
    done = 0
    try:
        for operation in patch:
            run.step(operation)
            done += 1
        if run.growth > 0 and size + run.growth > limits.result:
            raise TooLarge(None, "result", limits.result)
    except Exception as error:
        _revert(run.root, run.undo)
        match error:
            case TooDeep() | RecursionError():
                raise TooLarge(done, "depth", limits.depth) from None
            case _Copied():
                raise TooLarge(done, "copied", limits.copied) from None
            case UnicodeEncodeError():
                raise PatchFailed(done, "half of a surrogate pair is not text", run.touched(patch[done])) from None
            case ValueError():
                raise PatchFailed(done, str(error), run.touched(patch[done])) from None
        raise
    run.inverse.reverse()
    return Applied(run.root, run.inverse, list(run.effects), run.growth, run.undo)


def revert(document: Any, applied: Applied) -> Any:
    """Takes a document back to what it was before `applied`, to the order of its members; returns it. What has been
    applied since must have been reverted before."""
    return _revert(document, applied.undo)


class _Copied(Exception):
    """The patch copies more than it may."""


class _Run:
    """A patch on its way through a document."""

    __slots__ = ("carried", "effects", "growth", "inverse", "limits", "ordered", "root", "undo")

    def __init__(self, document: Any, limits: Limits) -> None:
        self.root = document
        self.limits = limits
        self.undo: list[_Step] = []
        self.inverse: list[Operation] = []  # newest first while applying
        self.effects: dict[Effect, None] = {}
        self.growth = 0
        self.carried = 0
        self.ordered: set[int] = set()  # of the objects whose order of members is in the undo log

    def step(self, operation: Any) -> None:
        """Applies one operation. Raises ValueError with a reason, TooDeep or _Copied."""
        if type(operation) is not dict:
            raise ValueError("an operation is an object")
        act = _OPERATIONS.get(name) if type(name := operation.get("op")) is str else None
        if act is None:
            raise ValueError("op must be one of add, remove, replace, move, copy, test")
        act(self, operation, _text(operation, "path"))

    def touched(self, operation: Any) -> list[Effect]:
        """The effects until now, and a write to each path that the failing operation names; too deep ones are cut."""
        named = [operation.get(name) for name in ("from", "path")] if type(operation) is dict else []
        most = self.limits.depth + 1
        return [*self.effects, *(("W", "/".join(path.split("/", most)[:most])) for path in named if type(path) is str)]

    def add(self, operation: Operation, path: str) -> None:
        value = taken(_value(operation), self.limits.depth)
        self._put(path, value, len(_encode(value)))

    def remove(self, operation: Operation, path: str) -> None:
        old, _ = self._take(path)
        self.inverse.append({"op": "add", "path": path, "value": old})

    def replace(self, operation: Operation, path: str) -> None:
        value = taken(_value(operation), self.limits.depth)
        container, key = self._place(path)
        at: Any = key
        if type(container) is list:
            at = _existing(container, key, path)
        elif path and key not in container:
            raise ValueError(f"{shortened(path)} does not exist")
        self._set(container, at, path, value, len(_encode(value)))

    def move(self, operation: Operation, path: str) -> None:
        source = _text(operation, "from")
        if source == path:
            self._get(path)
            self.effects["R", path] = None
            return
        if path.startswith(f"{source}/"):
            raise ValueError("a value cannot be moved into itself")
        value, size = self._take(source)
        self._carry(size)
        before = len(self.inverse)
        self._put(path, value, size)
        there = self.inverse[before]["path"]
        if self.inverse[before]["op"] == "remove" and not source.startswith(f"{there}/"):
            self.inverse[before] = {"op": "move", "from": there, "path": source}
        else:
            # It replaced something, and once that is back, there is no value left to be moved; or the way back would
            # lead below the path where it is now, as from /0 to /0/a, which RFC 6902 does not allow.
            self.inverse.insert(before, {"op": "add", "path": source, "value": taken(value, self.limits.depth)})

    def copy(self, operation: Operation, path: str) -> None:
        source = _text(operation, "from")
        value = taken(self._get(source), self.limits.depth)
        size = len(_encode(value))
        self._carry(size)
        self.effects["R", source] = None
        self._put(path, value, size)

    def test(self, operation: Operation, path: str) -> None:
        if not equal(self._get(path), _value(operation)):
            raise ValueError(f"{shortened(path)} has another value")
        self.effects["R", path] = None

    def _put(self, path: str, value: Any, size: int) -> None:
        """What `add` does: inserts into an array, adds or replaces a member. `size` is the value's."""
        container, key = self._place(path)
        if not path or (type(container) is dict and key in container):
            self._set(container, key, path, value, size)
            return
        self._bound(path, value)
        self.growth += size + (1 if container else 0)  # with a comma
        if type(container) is dict:
            self.growth += len(_encode(key)) + 1
            self.undo.append((_ADDED, container, key, None))
            self.effects["W", path] = None
            container[key] = value
        else:
            array = path[: path.rfind("/")]
            if key == "-":
                at = len(container)
                self.effects["A", array] = None
                path = f"{array}/{at}"
            else:
                at = _index(key, len(container) + 1, path)
                self.effects["S", array] = None
            self._shift(container, at)
            self.undo.append((_INSERTED, container, at, None))
            container.insert(at, value)
        self.inverse.append({"op": "remove", "path": path})

    def _set(self, container: Any, key: Any, path: str, value: Any, size: int) -> None:
        """Replaces a member, an element or the whole document, which is there."""
        self._bound(path, value)
        if path:
            old = container[key]
            self.undo.append((_SET, container, key, old))
            container[key] = value
        else:
            old = self.root
            self.undo.append((_ROOT, None, None, old))
            self.root = value
        self.growth += size - len(_encode(old))
        self.effects["W", path] = None
        self.inverse.append({"op": "replace", "path": path, "value": old})

    def _take(self, path: str) -> tuple[Any, int]:
        """Removes and returns a member or an element, and its size."""
        if not path:
            raise ValueError("the whole document cannot be removed")
        container, key = self._place(path)
        if type(container) is dict:
            if key not in container:
                raise ValueError(f"{shortened(path)} does not exist")
            if id(container) not in self.ordered:  # so that a refusal leaves the order of members as it was
                self.ordered.add(id(container))
                self.undo.append((_ORDER, container, None, list(container)))
            old = container.pop(key)
            self.undo.append((_REMOVED, container, key, old))
            self.effects["W", path] = None
            self.growth -= len(_encode(key)) + 1
        else:
            at = _existing(container, key, path)
            self._shift(container, at)
            old = container.pop(at)
            self.undo.append((_DELETED, container, at, old))
            self.effects["S", path[: path.rfind("/")]] = None
        size = len(_encode(old))
        self.growth -= size + (1 if container else 0)
        return old, size

    def _carry(self, size: int) -> None:
        self.carried += size
        if self.carried > self.limits.copied:
            raise _Copied

    def _shift(self, array: list[Any], at: int) -> None:
        # Elements are moved by 8 bytes each, and much faster than values are copied.
        self._carry((len(array) - at) >> 4)

    def _bound(self, path: str, value: Any) -> None:
        if (kind := type(value)) is dict or kind is list:
            if path.count("/") + depth(value) > self.limits.depth:
                raise TooDeep
        elif path.count("/") > self.limits.depth:
            raise TooDeep

    def _place(self, path: str) -> tuple[Any, str]:
        """The object or array that a path leads into, and its last token; of the whole document, nothing."""
        found = tokens(path)
        if not found:
            return None, ""
        last = found.pop()
        node = self._walk(found, path)
        if type(node) is not dict and type(node) is not list:
            raise ValueError(f"{shortened(path)} is in neither an object nor an array")
        return node, last

    def _get(self, path: str) -> Any:
        return self._walk(tokens(path), path)

    def _walk(self, found: list[str], path: str) -> Any:
        node = self.root
        for name in found:
            if type(node) is dict:
                if name not in node:
                    raise ValueError(f"{shortened(path)} does not exist")
                node = node[name]
            elif type(node) is list:
                node = node[_existing(node, name, path)]
            else:
                raise ValueError(f"{shortened(path)} does not exist")
        return node


_OPERATIONS: Final[dict[str, Callable[[_Run, Operation, str], None]]] = {
    "add": _Run.add,
    "remove": _Run.remove,
    "replace": _Run.replace,
    "move": _Run.move,
    "copy": _Run.copy,
    "test": _Run.test,
}


def _text(operation: Operation, name: str) -> str:
    text = operation.get(name)
    if type(text) is not str:
        raise ValueError(f"{name} is a string")
    return text


def _value(operation: Operation) -> Any:
    if "value" not in operation:
        raise ValueError("value is missing")
    return operation["value"]


def _existing(array: list[Any], key: str, path: str) -> int:
    return _index(key, len(array), path)


def _index(key: str, below: int, path: str) -> int:
    at = index(key)
    if at is None:
        raise ValueError(f"{shortened(path)} names no element of its array")
    if at >= below:
        raise ValueError(f"{shortened(path)} is beyond the end of its array")
    return at


def _revert(root: Any, undo: list[_Step]) -> Any:
    for step, container, key, old in reversed(undo):
        if step in (_SET, _REMOVED):
            container[key] = old
        elif step in (_ADDED, _INSERTED):
            del container[key]
        elif step == _DELETED:
            container.insert(key, old)
        elif step == _ORDER:
            members = {name: container[name] for name in old}
            container.clear()
            container.update(members)
        else:
            root = old
    return root
