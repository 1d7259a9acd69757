"""Statistics."""

from . import Model


class OnlineDay(Model):
    """`day` is one of the person's time zone, such as 2026-11-29."""

    day: str
    people: int
    seconds: int


class OnlineTime(Model):
    """Of a person, of the people of a department, or of all people; those without a department have None."""

    user_id: int | None
    department_id: int | None
    name: str | None
    people: int
    seconds: int
    days: list[OnlineDay]
