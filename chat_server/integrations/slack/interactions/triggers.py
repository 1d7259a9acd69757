"""`trigger_id`: a bot that was asked may open one dialog to the person who asked, at once. It says so itself, and is
signed; that it was used is remembered."""

import hmac
import secrets
import time
from dataclasses import dataclass
from typing import Final

from chat_core.problems import Problem
from chat_core.tokens import Signer
from chat_server.http.api_request import ApiRequest
from chat_server.sign_in.once import first_use

VALID_SECONDS: Final = 3.0


@dataclass(frozen=True, slots=True)
class Trigger:
    """A bot was asked by a user in a chat; `dialog_id` is the dialog in which they pressed or sent something, or 0,
    and `since` its beginning in milliseconds since 1970: what is opened by it is as old."""

    bot_id: int
    chat_id: int
    user_id: int
    dialog_id: int = 0
    since: int = 0

    def issued(self, signer: Signer) -> str:
        ends = int((time.time() + VALID_SECONDS) * 1000)
        said = (
            f"{self.bot_id}.{self.chat_id}.{self.user_id}.{self.dialog_id}.{self.since}.{ends}.{secrets.token_hex(8)}"
        )
        return f"{said}.{_seal(signer, said)}"


async def used(request: ApiRequest, given: str, bot_id: int) -> Trigger:
    """The trigger that this bot was given, which is used up now. Raises Problem 422."""
    said, _, seal = given.rpartition(".")
    if not hmac.compare_digest(seal.encode(), _seal(request.parts.signer, said).encode()):
        raise Problem(422, "invalid_trigger", "This is not a trigger_id that was given.")
    bot, chat, user, dialog, since, ends, _ = said.split(".")
    if int(bot) != bot_id:
        raise Problem(422, "invalid_trigger", "This trigger_id was given to another bot.")
    if int(ends) < time.time() * 1000:
        raise Problem(422, "expired_trigger", f"A trigger_id holds for {VALID_SECONDS:.0f} seconds.")
    if not await first_use(request, f"trigger {said}", 60):
        raise Problem(422, "used_trigger", "A trigger_id is good once.")
    return Trigger(bot_id, int(chat), int(user), int(dialog), int(since))


def _seal(signer: Signer, said: str) -> str:
    return signer.secret_of(f"slack trigger {said}")
