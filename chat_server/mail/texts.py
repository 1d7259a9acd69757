"""What mails say, in each language. `{name}` is the account's full name, `{server}` is mail.sender_name."""

from dataclasses import dataclass
from typing import Literal

Language = Literal["en", "zh"]


@dataclass(frozen=True, slots=True)
class Text:
    """`said` are paragraphs, `act` is on the link, which stands between them and the paragraphs that `end`."""

    subject: str
    said: tuple[str, ...]
    act: str | None
    end: tuple[str, ...]


# With a name, and without one.
GREETING: dict[Language, tuple[str, str]] = {"en": ("Hello {name},", "Hello,"), "zh": ("{name}，您好：", "您好：")}

TEXTS: dict[str, dict[Language, Text]] = {
    "password_reset": {
        "en": Text(
            "A new password for {server}",
            ("Somebody has asked for a new password for your account at {server}, {recipient}.",),
            "Set a new password",
            (
                "The link is good once, within an hour.",
                "If it was not you, ignore this mail: your password stays as it is.",
            ),
        ),
        "zh": Text(
            "重设 {server} 的密码",
            ("有人请求为您在 {server} 的账号 {recipient} 设置新密码。",),
            "设置新密码",
            ("此链接一小时内有效，且只能使用一次。", "如果这不是您本人的操作，请忽略此邮件：您的密码不会改变。"),
        ),
    },
}


def language_of(accepted: str) -> Language:
    """The language for somebody whose browser accepts these (Accept-Language, RFC 9110, 12.5.4)."""
    wanted = [_weighed(part, place) for place, part in enumerate(accepted[:200].lower().split(","))]
    for weight, _, tag in sorted(wanted):
        if weight and tag.startswith("zh"):
            return "zh"
        if weight and tag.startswith("en"):
            return "en"
    return "en"


def _weighed(part: str, place: int) -> tuple[float, int, str]:
    """Sorts by weight, then by place."""
    tag, _, weight = part.strip().partition(";q=")
    try:
        return -float(weight or 1), place, tag
    except ValueError:
        return 0.0, place, tag
