"""What a page must look like: a tree of components, `{"rootId": 1, "components": {"1": {"id": 1, "name": "Page", …}}}`.

A component has an `id` (an integer from 0 to 2^53 - 1), under which as text it stands in `components`. Optional are
`name` and `desc` (strings), `props` (an object), `parentId` (the id of a component), `order` (a number or a string,
which places it among its siblings), and `children` (an array of ids). Its parent is the component that `parentId`
names, or the one whose `children` names it; if both do, they agree. Every component but the root has a parent, and the
root is above them all. Other members are kept as they are, in a component and in the page.
"""

from collections.abc import Iterable
from typing import Any, Final

from .effects import Effect, structure
from .values import SAFE

PAGE: Final = "page"
FREE: Final = "free"


def new_page() -> dict[str, Any]:
    """The content of a new page."""
    return {"rootId": 1, "components": {"1": {"id": 1, "name": "Page", "desc": "页面根节点"}}}


def problem(document: Any, schema: str = PAGE, effects: Iterable[Effect] | None = None) -> str | None:
    """Why a document is not valid under a schema, None if it is. Under `free` every document is.

    With the effects of a patch that was applied to a valid document, only what they may have broken is looked at: for
    most patches nothing, where the whole of a page of 200 KB takes a millisecond.
    """
    if schema == FREE or (effects is not None and _still_valid(document, [*structure(effects)])):
        return None
    if type(document) is not dict:
        return "a page is an object"
    components = document.get("components")
    if type(components) is not dict:
        return "components is an object"
    root = _key(document.get("rootId"))
    if root is None or root not in components:
        return "rootId names no component"
    parents: dict[str, str] = {}
    for key, component in components.items():
        found = _component_problem(key, component, components, parents)
        if found is not None:
            return found
    if root in parents:
        return "the root component has no parent"
    return _tree_problem(root, components, parents)


def _still_valid(document: Any, written: list[list[str]]) -> bool:
    """Whether a document surely is valid after a patch that wrote at these paths, since it was before.

    Most pages say by `parentId` alone where a component belongs. There it is enough that each component that was
    written has a way up to the root, and that none that is gone has children. What is not as simple is left to the
    caller.
    """
    if not written:
        return True
    if any(len(parts) < 2 or parts[0] != "components" or "~" in parts[1] for parts in written):
        return False
    components, root = document["components"], _key(document["rootId"])
    changed = {parts[1] for parts in written}
    if root is None or root not in components:
        return False
    for key in changed & components.keys():
        if _component_problem(key, components[key], components, {}) is not None:
            return False
    if all(len(parts) > 2 and parts[2] in _PLAIN for parts in written):
        return True
    gone = changed - components.keys()
    for key, component in components.items():
        parent = component.get("parentId")
        if "children" in component or (parent is None) is not (key == root) or (gone and _key(parent) in gone):
            return False
    reached = {root}
    return all(_leads_up(key, components, reached) for key in changed - gone)


def _leads_up(key: str, components: dict[str, Any], reached: set[str]) -> bool:
    """Whether the parents of a component lead to one of those that are reached, which they are then, too."""
    way: list[str] = []
    while key not in reached:
        way.append(key)
        above = _key(components[key].get("parentId"))
        if above is None or len(way) > len(components):
            return False
        key = above
    reached.update(way)
    return True


def _component_problem(key: str, component: Any, components: dict[str, Any], parents: dict[str, str]) -> str | None:
    """What is wrong with a component by itself; notes in `parents` what it says of itself and its children."""
    if type(component) is not dict:
        return f"component {_shown(key)} is an object"
    if _key(component.get("id")) != key:
        return f"component {_shown(key)} has another id"
    for member, value in component.items():
        accepted = _TYPES.get(member)
        if accepted is not None and type(value) not in accepted:
            return f"{member} of component {key} has the wrong type"
    parent = component.get("parentId")
    if parent is not None:
        above = _key(parent)
        if above is None or above not in components:
            return f"the parent of component {key} does not exist"
        if parents.setdefault(key, above) != above:
            return f"component {key} is a child of {parents[key]} and says that its parent is {above}"
    for child in component.get("children") or ():
        below = _key(child)
        if below is None or below not in components:
            return f"a child of component {key} does not exist"
        if parents.setdefault(below, key) != key:
            return f"component {below} is a child of {key} and of {parents[below]}"
    if "children" in component and len(set(component["children"])) < len(component["children"]):
        return f"component {key} has a child twice"
    return None


def _tree_problem(root: str, components: dict[str, Any], parents: dict[str, str]) -> str | None:
    """Whether the root is above every component."""
    reached = {root}
    for key in components:
        way: list[str] = []
        above = key
        while above not in reached:
            way.append(above)
            if above not in parents:
                return f"component {above} has no parent"
            above = parents[above]
            if len(way) > len(components):
                return f"component {key} is below itself"
        reached.update(way)
    return None


def _key(component_id: Any) -> str | None:
    """The text of an id. 1.0 is 1, which JavaScript cannot tell apart."""
    if type(component_id) is float and component_id.is_integer():
        component_id = int(component_id)
    if type(component_id) is not int or not 0 <= component_id <= SAFE:
        return None
    return str(component_id)


def _shown(key: str) -> str:
    return key if len(key) <= 20 else f"{key[:20]}…"


# Members that say nothing of where a component belongs.
_PLAIN: Final = frozenset({"name", "desc", "props", "order"})

_TYPES: Final[dict[str, frozenset[type]]] = {
    "name": frozenset({str}),
    "desc": frozenset({str}),
    "props": frozenset({dict}),
    "order": frozenset({int, float, str}),
    "children": frozenset({list}),
}
