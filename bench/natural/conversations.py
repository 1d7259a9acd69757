"""Messages in chats, as a company has them: few chats have most of the messages, each has its language, and what is
said in one follows a subject for a while."""

import itertools
import random
from collections.abc import Iterator, Mapping, Sequence

from bench.natural.texts import Document

# Of a hundred chats.
LANGUAGES = {"en": 45, "zh": 17, "de": 12, "ja": 10, "ko": 6, "code": 10}
# How often a message is in another language than its chat's, and how often it takes up another subject.
_FOREIGN, _OTHER_SUBJECT = 0.1, 0.15
# A message has one sentence, two or three.
_SENTENCES = (1, 1, 1, 2, 2, 3)


def shares(chats: int) -> list[float]:
    """Of all messages, how many each chat has."""
    weights = [1 / (rank + 10) ** 0.9 for rank in range(chats)]
    total = sum(weights)
    return [weight / total for weight in weights]


def conversations(
    texts: Mapping[str, Sequence[Document]], chats: int, amount: int, seed: int
) -> Iterator[tuple[int, str]]:
    """As many messages in the order in which they are sent, each with the number of its chat, from 0. The same for the
    same seed."""
    chance = random.Random(seed)
    names = [name for name in LANGUAGES if name in texts]
    languages = chance.choices(names, [LANGUAGES[name] for name in names], k=chats)
    subjects = [_Subject(texts[language], chance) for language in languages]
    weights = list(itertools.accumulate(shares(chats)))
    for left in range(amount, 0, -1000):
        for chat in chance.choices(range(chats), cum_weights=weights, k=min(1000, left)):
            if chance.random() < _FOREIGN:
                yield chat, _Subject(texts[chance.choice(names)], chance).next()
            else:
                yield chat, subjects[chat].next()


class _Subject:
    """Where in which document somebody reads."""

    def __init__(self, documents: Sequence[Document], chance: random.Random) -> None:
        self._documents, self._chance = documents, chance
        self._document: Document = []
        self._at = 0

    def next(self) -> str:
        if self._at >= len(self._document) or self._chance.random() < _OTHER_SUBJECT:
            self._document = self._chance.choice(self._documents)
            self._at = self._chance.randrange(len(self._document))
        begin, self._at = self._at, self._at + self._chance.choice(_SENTENCES)
        return " ".join(self._document[begin : self._at])
