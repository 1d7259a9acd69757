"""A page that begins as a copy of another one has components of its own, with new ids."""

import secrets
from typing import Any

from chat_core.documents.patches.values import SAFE

# The members of a component that name others.
ONE, SEVERAL = "parentId", "children"


def with_new_ids(content: dict[str, Any]) -> dict[str, Any]:
    """A valid page with the same tree of components, each with a new id."""
    renamed = {key: secrets.randbelow(SAFE) + 1 for key in content["components"]}  # too many to meet twice

    def of(id_: float) -> int:
        return renamed[str(int(id_))]

    components: dict[str, Any] = {}
    for key, component in content["components"].items():
        copy = {**component, "id": renamed[key]}
        if copy.get(ONE) is not None:
            copy[ONE] = of(copy[ONE])
        if copy.get(SEVERAL):
            copy[SEVERAL] = [of(child) for child in copy[SEVERAL]]
        components[str(renamed[key])] = copy
    return {**content, "rootId": of(content["rootId"]), "components": components}
