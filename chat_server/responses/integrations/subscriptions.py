"""Subscriptions, and what became of the events that were sent."""

from typing import Literal

import msgspec

from chat_core.outgoing.signing import Scheme
from chat_server.http.fields import Id, Time


class Subscription(msgspec.Struct):
    """What a bot sees, sent to another system at `url`. Everything up to `cursor` has been dealt with. `scheme` is how
    it is signed. `waiting` events are tried again, `dead` ones are not."""

    id: Id
    bot_id: Id
    name: str
    url: str
    kinds: list[str] | None
    chat_ids: list[Id] | None
    ordered: bool
    cursor: str
    scheme: Scheme | None
    created_by: Id | None
    created_at: Time
    delivered_at: Time | None
    failing_since: Time | None
    disabled_at: Time | None
    disabled_because: Literal["failing", "gone", "owner"] | None
    waiting: int
    dead: int


class NewSubscription(Subscription):
    """`key` verifies what is sent: a secret (`whsec_…`), which is shown this once, or a public key (`whpk_…`)."""

    key: str


class SubscriptionKey(msgspec.Struct):
    """`key` verifies what is sent: a secret (`whsec_…`), which is shown this once, or a public key (`whpk_…`)."""

    scheme: Scheme
    key: str


class FailedDelivery(msgspec.Struct):
    """An event whose delivery has failed. `due_at`: when it is tried again; null: it is a dead letter."""

    position: int
    kind: str
    attempts: int
    failed_at: Time
    due_at: Time | None
    error: str


class DeliveryAttempt(msgspec.Struct):
    """`status` is that of the answer, null if none came; `error` why it failed, null if it was delivered."""

    id: Id
    position: int
    kind: str
    attempted_at: Time
    milliseconds: int
    status: int | None
    error: str | None
