"""What mails about messages say, in each language."""

from dataclasses import dataclass

from chat_core.languages import Language


@dataclass(frozen=True, slots=True)
class Words:
    """`direct` and `chat` are subjects; one chat has always the same, by which mail clients keep its mails together."""

    direct: str
    chat: str
    digest: str
    in_chat: str
    with_person: str
    files: str
    more: str
    open: str
    reply: str
    no_reply: str
    why: str
    stop: str
    stop_act: str
    settings: str
    stopped: str
    stopped_title: str
    stop_asked: str
    wrong_link: str


WORDS: dict[Language, Words] = {
    "en": Words(
        direct="{sender} wrote to you at {server}",
        chat="{chat} at {server}",
        digest="What you have not read at {server}",
        in_chat="In {chat}",
        with_person="From {sender}",
        files="[{amount} attached]",
        more="And {amount} more, which are only in the chat.",
        open="Open the chat",
        reply="Reply to this mail to answer in the chat.",
        no_reply="Nobody reads replies to this mail: answer in the chat.",
        why="You get this mail at {recipient} because you have not read these messages at {server}.",
        stop="No more of these mails: {link}",
        stop_act="No more of these mails",
        settings="How often you get them is in your settings.",
        stopped="You get no more mails about messages. You can change this in the settings of the chat.",
        stopped_title="No more mails",
        stop_asked="Shall no more mails about messages be sent to you?",
        wrong_link="This link is not complete, or not from here.",
    ),
    "zh": Words(
        direct="{sender} 在 {server} 给您发了消息",
        chat="{server}：{chat}",
        digest="您在 {server} 的未读消息",
        in_chat="在 {chat} 中",
        with_person="来自 {sender}",
        files="[{amount} 个附件]",
        more="另有 {amount} 条消息，请在聊天中查看。",
        open="打开聊天",
        reply="直接回复此邮件，即可在聊天中回答。",
        no_reply="对此邮件的回复不会有人看到，请在聊天中回答。",
        why="您在 {recipient} 收到此邮件，是因为您在 {server} 有未读消息。",
        stop="不再接收此类邮件：{link}",
        stop_act="不再接收此类邮件",
        settings="您可以在设置中选择接收的频率。",
        stopped="您将不再收到消息邮件。您可以在聊天的设置中更改。",
        stopped_title="已停止发送邮件",
        stop_asked="是否不再向您发送消息邮件？",
        wrong_link="此链接不完整或无效。",
    ),
}
