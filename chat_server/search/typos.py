"""Other spellings of a query's words, where these find hardly anything.

Words come from all messages. Those that the asker's own messages do not have are dropped first, before any are counted
or limited, and none is suggested unless a search finds it: nothing depends on what others write.
"""

from dataclasses import replace

from chat_core.database.pool import Source
from chat_core.database.queries import query
from chat_server.search.analysis import fold
from chat_server.search.query_language import ParsedQuery
from chat_server.search.scope import Scope
from chat_server.search.search import END, find
from chat_server.search.terms import Term

# Letters from which on a word may have one typo, and two.
ONE_TYPO, TWO_TYPOS = 5, 9
SIMILAR = 1000
MOST_TRIED = 6

SEARCH_SIMILAR_TOKENS = query("search_similar_tokens", "word", "amount")
SEARCH_TOKENS_OF_CHATS = query("search_tokens_of_chats", "user", "chats", "words")


async def suggestion(source: Source, text: str, parsed: ParsedQuery, scope: Scope) -> str | None:
    """The query with one word spelt in another way, if that finds something."""
    tried = 0
    for number, (term, place) in enumerate(zip(parsed.terms, parsed.places, strict=True)):
        word = fold(text[place[0] : place[1]])
        if [unit.texts for unit in term.units] != [(word,)] or len(word) < ONE_TYPO or not word.isalpha():
            continue
        for other in await _others(source, word, scope):
            if tried == MOST_TRIED:
                return None
            tried += 1
            terms = [*parsed.terms[:number], Term.of(other), *parsed.terms[number + 1 :]]
            if (await find(source, replace(parsed, terms=terms), scope, END, 1)).found:
                return text[: place[0]] + other + text[place[1] :]
    return None


async def _others(source: Source, word: str, scope: Scope) -> list[str]:
    """Words of the asker's messages that differ by as many typos as are forgiven, the nearest first."""
    rows = await SEARCH_SIMILAR_TOKENS.rows(source, word=word, amount=SIMILAR)
    most = 2 if len(word) >= TWO_TYPOS else 1
    alike = [row["token"] for row in rows if row["token"].isalpha() and abs(len(row["token"]) - len(word)) <= most]
    near = sorted((typos, token) for token in alike if 0 < (typos := distance(word, token)) <= most)
    words = [token for _, token in near]
    seen = await SEARCH_TOKENS_OF_CHATS.rows(source, user=scope.user_id, chats=scope.chats, words=words)
    own = {row["word"] for row in seen}
    return [token for token in words if token in own]


def distance(one: str, other: str) -> int:
    """Insertions, deletions, replacements and swaps of neighbours between two words (optimal string alignment)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for at, letter in enumerate(one):
        before, row, last = row, [at + 1], before
        for there, wanted in enumerate(other):
            cost = min(before[there] + (letter != wanted), before[there + 1] + 1, row[there] + 1)
            if at and there and letter == other[there - 1] and one[at - 1] == wanted:
                cost = min(cost, last[there - 1] + 1)
            row.append(cost)
    return row[-1]
