"""A mail about messages, or a digest of them: text, and the same as simple HTML. What people have written is text in
both, and begins no header."""

import html
from collections.abc import Sequence
from email.message import EmailMessage
from itertools import groupby

import msgspec

from chat_core.settings import Mail
from chat_core.tokens import Signer
from chat_server.mail import links, return_addresses
from chat_server.mail.inbound.quotes import MARKERS
from chat_server.mail.messages import Row, add_body, headed
from chat_server.mail.notice_texts import WORDS, Words

KINDS = ("notification", "digest")


class Told(msgspec.Struct, frozen=True):
    """A message, as its person may see it when the mail is sent. `written_at` is the time where they live."""

    message_id: int
    chat_id: int
    chat_type: str
    chat_name: str
    sender: str
    content: str
    files: int
    thread_id: int | None
    written_at: str


def notice(row: Row, told: Sequence[Told], settings: Mail, signer: Signer, public_url: str) -> EmailMessage:
    """`told` is not empty. All mails about a chat refer to one that does not exist, so that mail clients show them as
    one conversation."""
    words = WORDS[row.language]
    names = {"server": settings.sender_name, "recipient": row.recipient}
    stop = f"{public_url}/unsubscribe/{links.stop_token(signer, row.user_id)}"
    reply_to = _reply_to(row, told, settings, signer)
    first = told[0]
    names |= {"sender": _line(first.sender), "chat": _name(first)}
    subject = words.digest if row.kind == "digest" else words.direct if first.chat_type == "Single" else words.chat

    plain, rich = [], []
    if reply_to is not None:
        plain.append(MARKERS[row.language])
        rich.append(f'<p style="color: #777">{html.escape(MARKERS[row.language])}</p>')
    for chat_id, of_chat in groupby(told, key=lambda each: each.chat_id):
        link = f"{public_url}/chat/{chat_id}"
        _add_chat(plain, rich, list(of_chat), link, words)
    if more := row.details.get("more"):
        plain.append(words.more.format(amount=more))
        rich.append(f"<p>{html.escape(plain[-1])}</p>")
    end = [words.reply if reply_to else words.no_reply, words.why.format_map(names), words.settings]
    plain += ["\n".join([*end, words.stop.format(link=stop)])]
    rich.append(
        '<p style="color: #777; font-size: .85em">'
        + "<br>".join(map(html.escape, end))
        + f'<br><a href="{html.escape(stop)}">{html.escape(words.stop_act)}</a></p>'
    )

    name = f"{_line(first.sender)} ({settings.sender_name})" if _is_direct(row, first) else settings.sender_name
    composed = headed(row, settings, _line(subject.format_map(names)), name)
    domain = (settings.sender or "fechatter@localhost").rpartition("@")[2]
    if row.kind == "notification":
        root = f"<chat-{first.chat_id}.{row.user_id}@{domain}>"
        composed["In-Reply-To"] = root
        composed["References"] = root
        composed["List-Id"] = f"<chat-{first.chat_id}.{domain}>"
    if reply_to is not None:
        composed["Reply-To"] = reply_to
    composed["List-Unsubscribe"] = f"<{stop}>"
    composed["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    add_body(composed, row.language, "\n\n".join(plain), "\n".join(rich))
    return composed


def _add_chat(plain: list[str], rich: list[str], told: Sequence[Told], link: str, words: Words) -> None:
    title = words.with_person if told[0].chat_type == "Single" else words.in_chat
    title = title.format(sender=_line(told[0].sender), chat=_name(told[0]))
    plain.append(title)
    rich.append(f'<p style="color: #777">{html.escape(title)}</p>')
    for each in told:
        said = each.content.strip()
        if each.files:
            said = f"{said}\n{words.files.format(amount=each.files)}".strip()
        head = f"{_line(each.sender)}, {each.written_at}"
        plain.append(f"{head}\n{said}")
        lines = html.escape(said).replace("\n", "<br>")
        rich.append(f"<p><b>{html.escape(head)}</b><br>{lines}</p>")
    plain.append(f"{words.open}: {link}")
    rich.append(f'<p><a href="{html.escape(link)}">{html.escape(words.open)}</a></p>')


def _reply_to(row: Row, told: Sequence[Told], settings: Mail, signer: Signer) -> str | None:
    """Only what is about one chat can be answered: in the thread, if all of it is in one."""
    if settings.inbound_address is None or row.kind != "notification":
        return None
    threads = {each.thread_id for each in told}
    thread = threads.pop() if len(threads) == 1 else None
    base, user, chat = settings.inbound_address, row.user_id, told[0].chat_id
    return return_addresses.reply_address(signer, base, user, row.recipient, chat, thread or 0)


def _is_direct(row: Row, first: Told) -> bool:
    return row.kind == "notification" and first.chat_type == "Single"


def _name(told: Told) -> str:
    return f"#{_line(told.chat_name)}" if told.chat_name else _line(told.sender)


def _line(text: str) -> str:
    """What people call themselves and their chats begins no line of its own."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())
