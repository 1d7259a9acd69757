"""Documents that are pages, and that are not, with the reason."""

from typing import Any, Final


def page(*components: dict[str, Any], root: Any = 1) -> dict[str, Any]:
    return {"rootId": root, "components": {str(one.get("id")): one for one in ({"id": 1}, *components)}}


VALID_PAGES: Final[list[Any]] = [
    page({"id": 2, "parentId": 1, "order": 1.5, "props": {}, "name": "Text", "desc": "", "locked": True}),
    page({"id": 2, "parentId": 3}, {"id": 3, "parentId": 1}),
    {**page(), "title": "kept"},
    page({"id": 2, "parentId": 1, "children": [3]}, {"id": 3}),
    page({"id": 2, "parentId": 1, "children": [3]}, {"id": 3, "parentId": 2}, {"id": 4, "parentId": 2}),
    {"rootId": 2, "components": {"2": {"id": 2, "parentId": None, "children": [1]}, "1": {"id": 1}}},
    {"rootId": 1.0, "components": {"1": {"id": 1.0}}},
    {"rootId": 0, "components": {"0": {"id": 0}}},
]

INVALID_PAGES: Final[list[tuple[Any, str]]] = [
    ([], "a page is an object"),
    ({"rootId": 1}, "components is an object"),
    ({"components": {"1": {"id": 1}}}, "rootId names no component"),
    (page(root=2), "rootId names no component"),
    (page(root="1"), "rootId names no component"),
    (page(root=True), "rootId names no component"),
    ({"rootId": 1, "components": {"1": []}}, "component 1 is an object"),
    ({"rootId": 1, "components": {"1": {"id": 2}}}, "component 1 has another id"),
    ({"rootId": 1, "components": {"1": {"id": "1"}}}, "component 1 has another id"),
    ({"rootId": 1, "components": {"1": {}}}, "component 1 has another id"),
    ({"rootId": 1, "components": {"1": {"id": 1}, "01": {"id": 1}}}, "component 01 has another id"),
    (page({"id": 2, "parentId": 1, "props": []}), "props of component 2 has the wrong type"),
    (page({"id": 2, "parentId": 1, "name": None}), "name of component 2 has the wrong type"),
    (page({"id": 2, "parentId": 1, "order": True}), "order of component 2 has the wrong type"),
    (page({"id": 2, "parentId": 1, "children": {}}), "children of component 2 has the wrong type"),
    (page({"id": 2}), "component 2 has no parent"),
    (page({"id": 2, "parentId": 9}), "the parent of component 2 does not exist"),
    (page({"id": 2, "parentId": "1"}), "the parent of component 2 does not exist"),
    (page({"id": 2, "parentId": 2}), "component 2 is below itself"),
    (page({"id": 2, "parentId": 3}, {"id": 3, "parentId": 2}), "component 2 is below itself"),
    (page({"id": 2, "parentId": 3}, {"id": 3, "children": [2]}), "component 3 has no parent"),
    (page({"id": 1, "parentId": 2}, {"id": 2, "parentId": 1}), "the root component has no parent"),
    (page({"id": 2, "parentId": 1, "children": [1]}), "the root component has no parent"),
    (page({"id": 2, "parentId": 1, "children": [9]}), "a child of component 2 does not exist"),
    (page({"id": 2, "parentId": 1, "children": [[]]}), "a child of component 2 does not exist"),
    (page({"id": 2, "parentId": 1, "children": [3, 3]}, {"id": 3}), "component 2 has a child twice"),
    (
        page({"id": 2, "parentId": 1, "children": [3]}, {"id": 3, "parentId": 1}),
        "component 3 is a child of 2 and says that its parent is 1",
    ),
    (
        page({"id": 2, "parentId": 1, "children": [4]}, {"id": 3, "parentId": 1, "children": [4]}, {"id": 4}),
        "component 4 is a child of 3 and of 2",
    ),
]
