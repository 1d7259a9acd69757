"""Comparisons take turns: A B A B, so that a noisy moment of the machine affects all alike."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

from fechatter.progress import say

T = TypeVar("T")


async def take_turns(rounds: int, measures: Mapping[str, Callable[[], Awaitable[T]]]) -> dict[str, list[T]]:
    """The result of each measure, round by round. Progress is reported under the measures' names."""
    answers: dict[str, list[T]] = {name: [] for name in measures}
    for number in range(1, rounds + 1):
        for name, measure in measures.items():
            say(f"round {number} of {rounds}: {name}")
            answers[name].append(await measure())
    return answers
