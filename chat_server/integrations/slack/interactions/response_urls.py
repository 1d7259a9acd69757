"""A `response_url`: where a bot sends what it answers later. It names what the answer belongs to, and is signed, so
nothing is stored. It is valid for half an hour, as Slack's are."""

import hmac
import time
from dataclasses import dataclass
from typing import Final

from chat_core.tokens import Signer

PATH: Final = "/slack/responses"
VALID_SECONDS: Final = 1800


@dataclass(frozen=True, slots=True)
class Occasion:
    """A bot was asked by a user in a chat; `message_id` is the message in which they pressed something, or 0."""

    bot_id: int
    chat_id: int
    user_id: int
    message_id: int

    def url(self, signer: Signer, origin: str) -> str:
        ends = int(time.time()) + VALID_SECONDS
        named = f"{self.bot_id}/{self.chat_id}/{self.user_id}/{self.message_id}/{ends}"
        return f"{origin}{PATH}/{named}/{self._secret(signer, ends)}"

    def is_proved_by(self, signer: Signer, ends: int, secret: str) -> bool:
        return hmac.compare_digest(secret.encode(), self._secret(signer, ends).encode()) and ends > time.time()

    def _secret(self, signer: Signer, ends: int) -> str:
        named = (self.bot_id, self.chat_id, self.user_id, self.message_id, ends)
        return signer.secret_of(f"slack response {' '.join(map(str, named))}")
