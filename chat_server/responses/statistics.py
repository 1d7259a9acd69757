"""Statistics."""

import msgspec

from chat_server.http.fields import Id


class OnlineDay(msgspec.Struct):
    """`day` is one of the person's time zone."""

    day: str
    people: int
    seconds: int


class OnlineTime(msgspec.Struct):
    """Of a person, of the people of a department, or of all people; those without a department have null. `people`: the
    most on one of the days."""

    user_id: Id | None
    department_id: Id | None
    name: str | None
    people: int
    seconds: int
    days: list[OnlineDay]
