"""Documents and patches by chance, which name what is there often and what is not sometimes."""

import copy
import random
from typing import Any

NAMES = ["a", "b", "0", "1", "", "~", "/", "é", "constructor", "\U0001f600", "\uffff"]
SCALARS: list[Any] = [None, True, False, 0, 1, 1.0, -0.0, 2.5, 1e-7, 2**53 - 1, "", "a", "\u0000", "\u2028", "😀", "1"]
# What is no index of an array, though a careless parser takes it for one.
NO_INDEX = ["-", "-1", "01", "+1", "1_0", "1e0", " 1", "٣", "1.0", "length", "9" * 5000]
BAD_PATHS = ["a", "/~2", "/a~", "/__proto__", "/a/__proto__/b", "/constructor/prototype"]


def value(chance: random.Random, levels: int = 3) -> Any:
    kind = chance.random()
    if levels and kind < 0.25:
        return {chance.choice(NAMES): value(chance, levels - 1) for _ in range(chance.randrange(4))}
    if levels and kind < 0.5:
        return [value(chance, levels - 1) for _ in range(chance.randrange(4))]
    return chance.choice(SCALARS)


def document(chance: random.Random) -> Any:
    """Any JSON: an object mostly."""
    if chance.random() < 0.1:
        return value(chance)
    return {name: value(chance, 4) for name in chance.sample(NAMES, chance.randrange(1, 6))}


def page(chance: random.Random, components: int = 6) -> dict[str, Any]:
    """A valid page; the parent of each component is an older one."""
    made: dict[str, Any] = {"1": {"id": 1, "name": "Page", "desc": "the root"}}
    for number in range(2, components + 2):
        made[str(number)] = {
            "id": number,
            "name": chance.choice(["Text", "Button", "Card"]),
            "desc": "",
            "props": {
                "text": f"text {number}",
                "style": {"width": number, "colors": ["red", "blue"]},
                "items": [1, 2, 3],
            },
            "parentId": chance.randrange(1, number),
            "order": f"a{number}",
        }
    return {"rootId": 1, "components": made}


def pointers(inside: Any, path: str = "") -> list[str]:
    """The paths of all values."""
    found = [path]
    if isinstance(inside, dict):
        for name, item in inside.items():
            found += pointers(item, f"{path}/{name.replace('~', '~0').replace('/', '~1')}")
    elif isinstance(inside, list):
        for at, item in enumerate(inside):
            found += pointers(item, f"{path}/{at}")
    return found


def operation(chance: random.Random, inside: Any) -> dict[str, Any]:
    """One operation on a document, which fails in about a quarter of cases."""
    paths = pointers(inside)
    there = chance.choice(paths)
    kind = chance.random()
    if kind < 0.03:
        there = chance.choice(BAD_PATHS)
    elif kind < 0.1:
        there = f"{there}/{chance.choice(NO_INDEX)}"
    new = there
    if chance.random() < 0.4:
        lists = [path for path in paths if isinstance(at(inside, path), list)]
        if lists and chance.random() < 0.6:
            array = chance.choice(lists)
            new = f"{array}/{chance.choice(['-', '-', str(len(at(inside, array))), '0', '9'])}"
        else:
            new = f"{there}/{chance.choice(['x', 'y', '~1', '0'])}"
    match chance.choice(["add", "add", "remove", "replace", "replace", "move", "copy", "test"]):
        case "add":
            return {"op": "add", "path": new, "value": value(chance, 2)}
        case "remove":
            return {"op": "remove", "path": there}
        case "replace":
            return {"op": "replace", "path": there, "value": value(chance, 2)}
        case "test":
            same = there in paths and chance.random() < 0.8
            return {
                "op": "test",
                "path": there,
                "value": copy.deepcopy(at(inside, there)) if same else value(chance, 1),
            }
        case other:
            return {"op": other, "from": chance.choice(paths), "path": chance.choice([new, there])}


def operation_on_a_page(chance: random.Random, inside: Any) -> dict[str, Any]:
    """One operation, mostly on what makes a page a tree."""
    ids = [int(key) for key in inside["components"]]
    one, other, new = chance.choice(ids), chance.choice(ids), max(ids) + 1
    return chance.choice(
        [
            operation(chance, inside),
            {"op": "remove", "path": f"/components/{one}"},
            {
                "op": "replace",
                "path": f"/components/{one}/parentId",
                "value": chance.choice([other, new, float(other), None]),
            },
            {"op": "add", "path": f"/components/{new}", "value": {"id": new, "parentId": other}},
            {"op": "add", "path": f"/components/{one}", "value": {"id": one, "parentId": other, "children": [other]}},
            {"op": "add", "path": f"/components/{one}/children", "value": [other]},
            {"op": "add", "path": f"/components/{one}/order", "value": "b"},
            {"op": "replace", "path": "/rootId", "value": other},
        ]
    )


def at(inside: Any, path: str) -> Any:
    """The value at a path that `pointers` has found."""
    for name in path.split("/")[1:]:
        inside = inside[int(name)] if isinstance(inside, list) else inside[name.replace("~1", "/").replace("~0", "~")]
    return inside


def value_at_a_name(chance: random.Random) -> dict[str, Any]:
    """An operation that every object takes."""
    name = chance.choice(NAMES).replace("~", "~0").replace("/", "~1")
    return {"op": "add", "path": f"/{name}", "value": value(chance)}
