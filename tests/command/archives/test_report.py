"""What had no place, counted: as lines for people, and as the records of an archive."""

from fechatter.archives.records import Lost
from fechatter.archives.report import NAMED, Report
from fechatter.converters.converting import lost_of


def test_of_each_loss_the_first_places_are_named() -> None:
    report = Report()
    for number in range(NAMED + 2):
        report.lose("reminders", f"line {number}")
    report.lose("people without an id", amount=3)
    report.lose("messages without a time", "day 1", 0)
    named = [f"line {number}" for number in range(NAMED)]
    assert list(report.lines()) == [
        f"no place for reminders: {NAMED + 2} ({', '.join(named)} …)",
        "no place for people without an id: 3",
    ]
    assert list(lost_of(report)) == [
        *(Lost(what="reminders", where=place) for place in named),
        Lost(what="reminders", amount=2),
        Lost(what="people without an id", amount=3),
    ]


def test_lost_records_are_within_their_limits() -> None:
    report = Report()
    report.lose("w" * 100, "p" * 2000, 2)
    assert list(lost_of(report)) == [Lost(what="w" * 80, where="p" * 1000), Lost(what="w" * 80, amount=1)]
