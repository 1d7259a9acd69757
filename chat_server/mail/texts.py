"""What mails say, in each language. `{name}` is the account's full name, `{server}` is mail.sender_name."""

from dataclasses import dataclass

from chat_core.languages import Language


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
    "verify_address": {
        "en": Text(
            "Confirm your address for {server}",
            ("An account at {server} has been made with this address, {recipient}. If it is yours, confirm it:",),
            "Confirm the address",
            (
                "The link is good once, within a day; it asks for the account's password.",
                "If you have made no account, ignore this mail. You can have the account for yourself by asking for a "
                "new password.",
            ),
        ),
        "zh": Text(
            "确认您在 {server} 的邮箱地址",
            ("有人使用此地址 {recipient} 在 {server} 创建了账号。如果是您本人，请确认：",),
            "确认地址",
            (
                "此链接一天内有效，且只能使用一次；打开后需要输入账号密码。",
                "如果您没有创建账号，请忽略此邮件。您也可以通过“忘记密码”取得该账号。",
            ),
        ),
    },
    "new_address": {
        "en": Text(
            "Confirm your new address for {server}",
            ("{recipient} is to be the new address of an account at {server}. If it is yours, confirm it:",),
            "Confirm the new address",
            (
                "The link is good once, within a day; it asks for the account's password.",
                "If this account is not yours, refuse the change by the same link, or ignore this mail.",
            ),
        ),
        "zh": Text(
            "确认您在 {server} 的新邮箱地址",
            ("{server} 的一个账号将改用 {recipient} 作为新地址。如果是您本人，请确认：",),
            "确认新地址",
            (
                "此链接一天内有效，且只能使用一次；打开后需要输入账号密码。",
                "如果该账号不属于您，请通过同一链接拒绝，或忽略此邮件。",
            ),
        ),
    },
    "old_address": {
        "en": Text(
            "Your address for {server} is to change",
            ("Somebody has asked to change the address of your account at {server} from {recipient} to {new_email}.",),
            "Confirm or refuse the change",
            (
                "Nothing changes before both addresses have confirmed it, within a day.",
                "If it was not you, refuse the change by the link, which also signs your account out everywhere, and "
                "set a new password.",
            ),
        ),
        "zh": Text(
            "您在 {server} 的邮箱地址将被更改",
            ("有人请求将您在 {server} 的账号地址从 {recipient} 改为 {new_email}。",),
            "确认或拒绝更改",
            (
                "两个地址都在一天内确认之后，更改才会生效。",
                "如果这不是您本人的操作，请通过该链接拒绝（您的账号将在所有设备上退出登录），并设置新密码。",
            ),
        ),
    },
    "new_device": {
        "en": Text(
            "A new device has signed in to {server}",
            (
                "Your account at {server}, {recipient}, has been signed in to on a device that it was never used on.",
                "{time}, from {address}: {device}",
            ),
            None,
            ("If it was not you, set a new password, which ends all sessions.",),
        ),
        "zh": Text(
            "{server} 账号在新设备上登录",
            ("您在 {server} 的账号 {recipient} 在一台从未使用过的设备上登录。", "{time}，来自 {address}：{device}"),
            None,
            ("如果这不是您本人的操作，请设置新密码，这会结束所有会话。",),
        ),
    },
    "subscription_disabled": {
        "en": Text(
            "Nothing is sent to {subscription} any more",
            (
                "At {server}, what your bot {bot} sees was sent to {address} ({subscription}). That has ended, since "
                "the receiver does not take it.",
                "It said last: {cause}",
            ),
            None,
            ("Nothing is lost: once the receiver works, enable the subscription again, and it goes on where it was.",),
        ),
        "zh": Text(
            "已停止向 {subscription} 推送",
            (
                "在 {server}，机器人 {bot} 看到的事件曾推送到 {address}（{subscription}）。",
                "由于接收方不再接收，推送已停止。",
                "最后一次的结果：{cause}",
            ),
            None,
            ("没有事件丢失：接收方恢复后，请重新启用该订阅，推送将从停止处继续。",),
        ),
    },
}
