"""What a patch did to a page, for people: which components were added, removed, moved or changed, and a sentence."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["added", "removed", "moved", "changed"]
# A component's place in the tree.
PLACE = ("parentId", "order", "children")
# The texts by which people recognise a component.
LABELS = ("text", "title", "label", "name")
LABEL_CHARACTERS = 40
MOST_NAMED = 3


@dataclass(slots=True)
class Touch:
    """A component that a patch touched. `name` is its kind, `label` what it says, null if unknown; `members` are
    those that it changed, such as `props.text`. Without a component: other parts of the content."""

    component_id: str | None
    change: Kind
    name: str | None = None
    label: str | None = None
    members: list[str] = field(default_factory=list)


def touched(patch: list[Any], inverse: list[Any] | None, now: Any) -> list[Touch]:
    """By component, in the order of the patch. `inverse` knows what it removed; `now` is the page's content today, from
    which the names of other components are."""
    found: dict[str | None, Touch] = {}
    for operation in patch:
        kind = operation.get("op")
        if kind == "test":
            continue
        if kind == "move":
            _note(found, _tokens(operation.get("from")), "remove", None)
        _note(
            found, _tokens(operation.get("path")), "add" if kind in ("move", "copy") else kind, operation.get("value")
        )
    removed = _components(inverse or ())
    here = now.get("components") if isinstance(now, dict) else None
    for id_, touch in found.items():
        if touch.name is None and id_ is not None:
            known = removed.get(id_) if touch.change == "removed" else None
            _name(touch, known or (here.get(id_) if isinstance(here, dict) else None))
    return list(found.values())


def in_words(touches: list[Touch]) -> str:
    """One sentence, such as "Changed Button “Buy” and Text “Hello”, removed Card.\""""
    said = []
    for kind in ("added", "removed", "moved", "changed"):
        names = [_called(touch) for touch in touches if touch.change == kind]
        if names:
            shown = names[:MOST_NAMED] + ([f"{len(names) - MOST_NAMED} more"] if len(names) > MOST_NAMED else [])
            said.append(f"{kind} {' and '.join(filter(None, (', '.join(shown[:-1]), shown[-1])))}")
    sentence = ", ".join(said) or "changed nothing"
    return f"{sentence[0].upper()}{sentence[1:]}."


def _note(found: dict[str | None, Touch], tokens: list[str], op: str | None, value: Any) -> None:
    if tokens[:1] != ["components"] or len(tokens) == 1:
        path = ".".join(tokens)
        _add(found, None, "changed", path)
        if tokens == ["components"] or not tokens:  # all of them
            for id_, component in _components([{"path": "/components" if tokens else "", "value": value}]).items():
                _name(_add(found, id_, "changed"), component)
        return
    id_, inner = tokens[1], tokens[2:]
    if not inner:
        change: Kind = {"add": "added", "remove": "removed"}.get(op or "", "changed")  # type: ignore[assignment]
        before = found.get(id_)
        if before is not None and {before.change, change} == {"added", "removed"}:
            change = "changed"
            before.change = change
        _name(_add(found, id_, change), value)
    else:
        _add(found, id_, "moved" if inner[0] in PLACE else "changed", ".".join(inner[:3]))


def _add(found: dict[str | None, Touch], id_: str | None, change: Kind, member: str = "") -> Touch:
    touch = found.setdefault(id_, Touch(id_, change))
    if change in ("added", "removed") or (touch.change == "moved" and change == "changed"):
        touch.change = change
    if member and member not in touch.members:
        touch.members.append(member)
    return touch


def _components(operations: Iterable[Any]) -> dict[str, Any]:
    """The whole components that operations write."""
    found: dict[str, Any] = {}
    for operation in operations:
        tokens, value = _tokens(operation.get("path")), operation.get("value")
        if not tokens and isinstance(value, dict):
            tokens, value = ["components"], value.get("components")
        if tokens == ["components"] and isinstance(value, dict):
            found.update(value)
        elif len(tokens) == 2 and tokens[0] == "components":
            found[tokens[1]] = value
    return found


def _tokens(pointer: Any) -> list[str]:
    if not isinstance(pointer, str) or not pointer:
        return []
    return [token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]]


def _name(touch: Touch, component: Any) -> None:
    if not isinstance(component, dict):
        return
    name = component.get("name")
    touch.name = name[:LABEL_CHARACTERS] if isinstance(name, str) else touch.name
    props = component.get("props")
    said = (props.get(label) for label in LABELS) if isinstance(props, dict) else ()
    label = next((text for text in said if isinstance(text, str) and text.strip()), component.get("desc"))
    if isinstance(label, str) and label.strip():
        short = " ".join(label.split())
        touch.label = short if len(short) <= LABEL_CHARACTERS else f"{short[: LABEL_CHARACTERS - 1]}…"


def _called(touch: Touch) -> str:
    if touch.component_id is None:
        return "the page itself" if touch.members in ([], [""], ["components"]) else ", ".join(touch.members)
    name = touch.name or f"component {touch.component_id}"
    return f"{name} “{touch.label}”" if touch.label else name
