"""What somebody has written themselves in a reply: without what their mail client quotes, in English, German and
Chinese, and without their signature."""

import re
from collections.abc import Sequence
from typing import Final

# Stands at the top of each notification. What is below it in a reply is quoted, whatever the client calls it.
MARKERS: Final = {"en": "## Reply above this line ##", "zh": "## 请在此行上方回复 ##"}

_QUOTED: Final = re.compile(r"\s{0,3}>")
# Above a quote; a client may break it into three lines.
_ATTRIBUTION_LINES: Final = 3
_LONGEST_ATTRIBUTION: Final = 600
_ADDRESS: Final = re.compile(r"<[^<>\s@]{1,64}@[^<>\s]{1,190}>")
# Below these everything is quoted, with or without a mark at each line.
_ORIGINAL: Final = re.compile(
    r"\s*[-_—]{2,}\s*(?:Original Message|Original Appointment|Forwarded message|Ursprüngliche Nachricht|"
    r"Originalnachricht|Weitergeleitete Nachricht|原始邮件|原邮件|转发邮件|回复的原邮件)\s*[-_—]{2,}\s*",
    re.IGNORECASE,
)
_FIRST_HEADER: Final = re.compile(r"\s*\*?(?:From|Von|发件人|寄件人|寄件者)\*?\s*[:：].{1,500}", re.IGNORECASE)
_NEXT_HEADER: Final = re.compile(
    r"\s*\*?(?:Sent|Date|To|Subject|Gesendet|Datum|An|Betreff|发送时间|日期|时间|收件人|主题|寄件日期|收件者|主旨)\*?\s*[:：].{0,500}",
    re.IGNORECASE,
)
_RULE: Final = re.compile(r"\s*_{10,}\s*")
_SENT_FROM: Final = re.compile(
    r"\s*(?:Sent from (?:my|Outlook|Mail|Yahoo|Proton)\b.{0,80}|Get Outlook for .{1,80}"
    r"|Von meinem .{1,60} gesendet\.?|Gesendet (?:von|mit) .{1,80}"
    r"|发自我的.{0,60}|来自我的.{0,60}|从我的.{1,40}发送)\s*",
    re.IGNORECASE,
)


def own_words(text: str) -> str:
    """May be empty."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u00a0", " ").split("\n")
    lines = _above_the_marker(lines)
    lines = _without_quotes(lines)
    lines = _without_signature(lines)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in lines)).strip()


def _above_the_marker(lines: Sequence[str]) -> list[str]:
    """A marker that is itself quoted line by line says nothing of what is below the quote."""
    for place, line in enumerate(lines):
        if not _QUOTED.match(line) and any(marker in line for marker in MARKERS.values()):
            return _without_attribution(list(lines[:place]))
    return list(lines)


def _without_attribution(lines: list[str]) -> list[str]:
    """Takes away the attribution that ends these lines, if one does: best one that stands alone."""
    while lines and not lines[-1].strip():
        lines.pop()
    amounts = range(1, min(_ATTRIBUTION_LINES, len(lines)) + 1)
    alone = [amount for amount in amounts if amount == len(lines) or not lines[-amount - 1].strip()]
    for amount in (*alone, *amounts):
        part = lines[-amount:]
        if all(map(str.strip, part)) and _is_attribution(part):
            del lines[-amount:]
            break
    return lines


def _is_attribution(lines: Sequence[str]) -> bool:
    """Who wrote, when: "On … wrote:", "Am … schrieb …:", "在 … 写道：", or a name and an address before a colon."""
    text = " ".join(line.strip() for line in lines).lower()
    if len(text) > _LONGEST_ATTRIBUTION or not text.endswith((":", "：")):
        return False
    said = text[:-1].rstrip()
    return (
        (text.startswith("on ") and said.endswith("wrote") and any(map(str.isdecimal, said)))
        or (text.startswith("am ") and " schrieb" in said and any(map(str.isdecimal, said)))
        or " schrieb am " in said
        or said.endswith("写道")
        or (_ADDRESS.search(said) is not None and said.endswith((">", "wrote", "schrieb")))
    )


def _without_quotes(lines: Sequence[str]) -> list[str]:
    own: list[str] = []
    place = 0
    last = max((number for number, line in enumerate(lines) if line.strip()), default=-1)
    while place < len(lines):
        line = lines[place]
        if not line.strip():
            own.append(line)
            place += 1
            continue
        if _QUOTED.match(line):
            own = _without_attribution(own)
            while place < len(lines) and _QUOTED.match(lines[place]):
                place += 1
            own.append("")
            continue
        if _begins_the_original(lines, place):
            break
        amount = _attribution_at(lines, place)
        if amount and place + amount <= last and not _quotes_follow(lines, place + amount):
            break  # the client marks no lines
        own.append(line)
        place += 1
    return own


def _begins_the_original(lines: Sequence[str], place: int) -> bool:
    if _ORIGINAL.fullmatch(lines[place]):
        return True
    first = place + 1 if _RULE.fullmatch(lines[place]) else place
    following = [line for line in lines[first : first + 8] if line.strip()]
    return (
        len(following) >= 3
        and _FIRST_HEADER.fullmatch(following[0]) is not None
        and sum(_NEXT_HEADER.fullmatch(line) is not None for line in following[1:5]) >= 2
    )


def _attribution_at(lines: Sequence[str], place: int) -> int:
    """How many lines an attribution takes that begins here; 0: none does. It stands alone."""
    if not lines[place].strip() or (place and lines[place - 1].strip()):
        return 0
    for amount in range(1, _ATTRIBUTION_LINES + 1):
        part = [line.strip() for line in lines[place : place + amount]]
        if len(part) < amount or not part[-1]:
            return 0
        if _is_attribution(part):
            return amount
    return 0


def _quotes_follow(lines: Sequence[str], place: int) -> bool:
    return any(_QUOTED.match(line) for line in [line for line in lines[place : place + 4] if line.strip()][:1])


def _without_signature(lines: list[str]) -> list[str]:
    for place, line in enumerate(lines):
        if line in ("-- ", "--"):
            lines = lines[:place]
            break
    while lines and (not lines[-1].strip() or _SENT_FROM.fullmatch(lines[-1])):
        lines.pop()
    return lines
