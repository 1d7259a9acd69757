"""The oracle: what editors were told, compared with what is in page_ops."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import asyncpg

from chat_core.documents.patches.canonical import checksum
from chat_core.documents.patches.history import settle
from chat_core.documents.patches.schema import problem
from tests.end_to_end.pages.recovery.editors import PageEditor
from tests.end_to_end.system import Json


@dataclass
class Stored:
    """A page from its first version on. `contents[v - 1]` is what is at version v, as canonical text's checksum."""

    versions: list[int]
    ids: dict[str, int]
    patches: dict[int, list[Json]]
    checksums: list[int]
    content: Any
    invalid: list[int]


async def stored(sql: "asyncpg.Connection[asyncpg.Record]", page: int) -> Stored:
    """Read and folded anew from an empty page: all its patches have to be kept still."""
    content = json.loads(await sql.fetchval("SELECT new_page_content()"))
    rows = await sql.fetch("SELECT version, op_id, patch FROM page_ops WHERE page_id = $1 ORDER BY version", page)
    patches, checksums, invalid = {}, [checksum(content)], []
    for row in rows:
        settled = settle(content, row["patch"])
        content, patches[row["version"]] = settled.applied.document, settled.patch
        checksums.append(checksum(content))
        if problem(content, "page") is not None:
            invalid.append(row["version"])
    return Stored(
        [row["version"] for row in rows],
        {row["op_id"]: row["version"] for row in rows},
        patches,
        checksums,
        content,
        invalid,
    )


def faults(page: Stored, editors: Iterable[PageEditor], *, at_rest: bool = True) -> list[str]:
    """Every invariant that does not hold, in words. At rest all are connected, and nothing is on its way."""
    found = []
    if page.versions != list(range(2, len(page.versions) + 2)):
        found.append(f"versions have holes: {page.versions}")
    if len(page.ids) != len(page.versions):
        found.append("an id is stored twice")
    found += [f"version {version} is no valid page" for version in page.invalid]
    for editor in editors:
        told = editor.told
        found += [f"{editor.name}: {fault}" for fault in told.faults]
        for op, version in told.acknowledged.items():
            if page.ids.get(op) != version:
                found.append(f"{editor.name}: {op} was acknowledged as {version}, and is {page.ids.get(op, 'nowhere')}")
        for op in told.refused:
            if op in page.ids and page.patches[page.ids[op]] == editor.made[op].patch:
                found.append(f"{editor.name}: {op} was refused, and is there")
        for expected, (version, op, patch) in enumerate(told.heard, told.begun + 1):
            if version != expected or page.ids.get(op) != version or page.patches[version] != patch:
                found.append(f"{editor.name}: heard {op} as {version}, which is not what is there")
        if editor.version and checksum(editor.content) != page.checksums[editor.version - 1]:
            found.append(f"{editor.name}: has something else at version {editor.version}")
        if at_rest and editor.version != len(page.versions) + 1:
            found.append(f"{editor.name}: is at version {editor.version} of {len(page.versions) + 1}")
        if at_rest and editor.pending:
            found.append(f"{editor.name}: has not been told what became of {editor.pending}")
        lost = set(editor.made) - set(told.acknowledged) - set(told.refused) - set(editor.pending)
        found += [f"{editor.name}: nobody knows what became of {op}" for op in lost]
    return found
