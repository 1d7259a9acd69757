"""Whether mails can be sent: the SMTP server answers, its certificate is good, and it lets us in."""

from chat_core.settings import Settings
from chat_server.mail import transport
from fechatter.commands.doctor.finding import Finding


async def can_be_sent(settings: Settings) -> Finding:
    mail = settings.mail
    if mail.host is None:
        required = mail.verification == "required" and settings.mode == "production"
        problem = "mail.verification is required, and no mail can be sent: set mail.host" if required else None
        return Finding("mail", "off: set mail.host to send links for forgotten passwords", problem)
    if settings.server.public_url is None:
        return Finding("mail", "", "set server.public_url, which the links in mails lead to")
    server = f"{mail.host}:{mail.server_port}"
    try:
        async with transport.connected(mail):
            return Finding("mail", f"{server} takes mails from {mail.sender}")
    except transport.Unreachable as error:
        return Finding("mail", "", f"mail.host: {server}: {error}")
