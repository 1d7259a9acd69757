"""Every operation of the OpenAPI page, with data that fits it and data that does not, by somebody who is signed in.

Whatever is sent, the answer has a status that the page names, no 5xx among them, and the body and headers that the page
gives that status. It goes in rounds, in each of which every operation gets a few examples of each manner. `make test`
tries every fourth operation, in one manner and with the same example each time; `make fuzz MINUTES=10` makes rounds,
with others each time, until FUZZ_SECONDS are over.
"""

import asyncio
import itertools
import os
import random
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import requests
import schemathesis
from hypothesis.strategies import SearchStrategy
from hypothesis.strategies._internal import regex
from schemathesis import Case, GenerationMode
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.failures import FailureGroup
from schemathesis.schemas import APIOperation

from chat_server.parts.features import FEATURES
from tests.chat_server.people import ChatServer, Json, Person, chat_server_on, settings
from tests.support.postgres import Database

Operation = APIOperation[Any, Any, Any, Any]
AnyCase = Case[Any]

# Of each manner, for each operation, in a round.
EXAMPLES = 3 if "FUZZ_SECONDS" in os.environ else 1
SECONDS = float(os.environ.get("FUZZ_SECONDS") or 0)
FIRST_ROUND = int(os.environ.get("FUZZ_SEED") or 0)
load_all_checks()
# What tus calls the bytes of an upload.
schemathesis.serializer.alias("application/offset+octet-stream", "application/octet-stream")
HELD = CHECKS.get_by_names(
    [
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
    ]
)
# How data is made: with ids of what is there, with any ids, and so that something does not fit.
MANNERS = ("known", "any", "negative")


@dataclass(frozen=True)
class Fuzzed:
    server: ChatServer
    operations: list[Operation]


@pytest.fixture
async def fuzzed(database: Database, keys: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Fuzzed]:
    monkeypatch.setattr(regex, "base_regex_strategy", _once_a_pattern(regex.base_regex_strategy))
    unlimited = {"signups_per_address": 1_000_000_000, "signin_attempts_per_address": 1_000_000_000}
    configured = settings(
        database.chat_url, keys, auth=unlimited, limits={"window_seconds": 0}, features=dict.fromkeys(FEATURES, True)
    )
    async with chat_server_on(configured) as server:
        document = (await server.anybody.get("/docs/openapi.json")).json()
        for schema in document["components"]["schemas"].values():
            if "properties" in schema:  # a field that the page does not name is a mistake
                schema.setdefault("additionalProperties", False)
        found = [result.ok() for result in schemathesis.openapi.from_dict(document).get_all_operations()]  # type: ignore[union-attr]
        assert len(found) == sum(len(item) for item in document["paths"].values())
        yield Fuzzed(server, found)


def _once_a_pattern(make: Callable[..., SearchStrategy[str]]) -> Callable[..., SearchStrategy[str]]:
    """hypothesis makes a pattern's strategy anew for each draw, and one with a great part of Unicode takes tenths of a
    second. The page has nine patterns in fifty fields."""
    made: dict[tuple[object, ...], SearchStrategy[str]] = {}

    def cached(pattern: object, *, parsed: object = None, alphabet: object) -> SearchStrategy[str]:
        key = (pattern, repr(parsed), repr(alphabet))  # an alphabet is a strategy, and another object each time
        if key not in made:
            made[key] = make(pattern, parsed=parsed, alphabet=alphabet)
        return made[key]

    return cached


async def test_every_operation_answers_as_the_page_says(fuzzed: Fuzzed) -> None:
    ends = time.monotonic() + SECONDS
    for seed in itertools.count(FIRST_ROUND):
        failures, world = [], None
        # Not always the same ones are left out where the time is over.
        amount = len(fuzzed.operations) // (1 if SECONDS else 4)
        for number, operation in enumerate(random.Random(seed).sample(fuzzed.operations, amount)):
            if seed > FIRST_ROUND and time.monotonic() >= ends:
                break
            world = world or await _world(fuzzed.server)
            manners = MANNERS if SECONDS else MANNERS[number % len(MANNERS) :][:1]
            failures += await _try(operation, manners, seed, fuzzed.server, *world)
            # What only reads leaves a world as it was, and so does what has other ids, or does not fit.
            world = world if operation.method.upper() == "GET" or "known" not in manners else None
        assert not failures, "\n\n".join(failures)
        if time.monotonic() >= ends:
            break
    print(f"{seed - FIRST_ROUND + 1} rounds")


async def _try(
    operation: Operation, manners: Sequence[str], seed: int, server: ChatServer, person: Person, known: Json
) -> list[str]:
    """What is wrong with the answers to a round's examples of an operation."""
    failures = []
    for manner in manners:
        if manner == "negative" and _takes_nothing(operation):
            continue
        answers = asyncio.to_thread(_answers, operation, manner, known, seed, server.url, person.token)
        failures += [f"{operation.label}, {manner}, seed {seed}: {failure}" for failure in await answers]
    return failures


def _takes_nothing(operation: Operation) -> bool:
    """Whether no data can be wrong, not even a token."""
    raw = operation.definition.raw
    return not raw.get("parameters") and not raw.get("requestBody") and raw.get("security") == []


async def _world(server: ChatServer) -> tuple[Person, Json]:
    """A new person with a colleague, a workspace, chats and messages; and what there is by the names of its ids."""
    ada, bob = await server.team("", "")
    chat, channel = await ada.chat(bob), await ada.chat(type="PublicChannel", name="news")
    messages = [await ada.say(chat, text) for text in ("hello", "مرحبا 👋🏽", "e\u0301")]
    return ada, {
        "workspace_id": ada.workspace,
        "chat_id": chat,
        "user_id": bob.id,
        "members": [bob.id],
        "message_id": messages[0]["id"],
        "reply_to": messages[0]["id"],
        "thread_id": messages[0]["id"],
        "to_chat_id": channel,
    }


def _answers(operation: Operation, manner: str, known: Json, seed: int, url: str, token: str) -> list[str]:
    """What is wrong with the answers to EXAMPLES of a manner."""
    with requests.Session() as session:
        session.trust_env = False
        session.headers["Authorization"] = f"Bearer {token}"

        @hypothesis.seed(seed)
        @hypothesis.settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            phases=[hypothesis.Phase.generate],
            suppress_health_check=list(hypothesis.HealthCheck),
        )
        @hypothesis.given(case=_cases(operation, manner, known))
        def answers(case: AnyCase) -> None:
            response = case.call(base_url=url, session=session)
            case.validate_response(response, checks=HELD)  # type: ignore[arg-type]

        try:
            answers()
        except (Exception, FailureGroup) as error:  # the group is no Exception
            return [f"{type(error).__name__}: {error}"]
    return []


def _cases(operation: Operation, manner: str, known: Json) -> SearchStrategy[AnyCase]:
    if manner == "negative":
        return operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)
    cases = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    return cases.map(lambda case: _with_known(case, known)) if manner == "known" else cases


def _with_known(case: AnyCase, known: Json) -> AnyCase:
    for given in (case.path_parameters, case.query, case.body):
        if isinstance(given, dict):
            given.update({name: value for name, value in known.items() if name in given})
    return case
