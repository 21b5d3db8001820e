"""Who holds a task, and how it changes hands."""

from app import clock
from app.db import Database, Tx
from app.errors import Refusal, ScanAgain
from app.work import tasks


def never(warning: ScanAgain) -> None:
    raise warning


def always(warning: ScanAgain) -> None:
    return


def say(database: Database, work: object) -> str:
    try:
        database.do(work)  # type: ignore[arg-type]
    except Refusal as refusal:
        return refusal.sentence
    return ""


def test_the_most_urgent_comes_first_and_a_begun_one_before_it(database: Database) -> None:
    def story(tx: Tx) -> None:
        tasks.add(tx, "pick", id="late", priority=5, due=200)
        tasks.add(tx, "pick", id="soon", priority=5, due=100)
        tasks.add(tx, "pick", id="urgent", priority=1, due=900)
        tasks.add(tx, "count", id="other", priority=1)
        assert [task.id for task in tasks.queue(tx, "pick")] == ["urgent", "soon", "late"]
        assert tasks.waiting(tx, "pick") == 3
        tasks.take(tx, "late", "mara", "HH-01", never)
        assert [getattr(tasks.best(tx, "pick", who), "id", "") for who in ("mara", "ben")] == ["late", "urgent"]
        tasks.finish(tx, "late")
        tasks.finish(tx, "late")
        tasks.cancel(tx, "late")
        assert getattr(tasks.find(tx, "late"), "state", "") == "done", "ending twice is harmless"
        assert tasks.mine(tx, "pick", "mara") is None

    database.do(story)


def test_a_task_under_way_is_taken_over_only_by_saying_so_twice(database: Database) -> None:
    database.do(lambda tx: tasks.add(tx, "pick", id="cart"))
    database.do(lambda tx: tasks.take(tx, "cart", "mara", "HH-01", never))
    assert say(database, lambda tx: tasks.take(tx, "cart", "mara", "HH-02", never)) == "", "her own, elsewhere"
    assert say(database, lambda tx: tasks.take(tx, "cart", "ben", "HH-03", never)) == "mara has this task on HH-02."
    database.do(lambda tx: tasks.keep(tx, "cart", "mara", "HH-02"))
    database.do(lambda tx: tasks.take(tx, "cart", "ben", "HH-03", always))
    assert say(database, lambda tx: tasks.keep(tx, "cart", "mara", "HH-02")) == "ben has taken this task over."
    database.do(lambda tx: tasks.give_back(tx, "cart"))
    database.do(lambda tx: tasks.take(tx, "cart", "mara", "HH-02", never))
    database.do(lambda tx: tasks.cancel(tx, "cart"))
    assert say(database, lambda tx: tasks.keep(tx, "cart", "mara", "HH-02")) == "This task is cancelled already."


def test_a_lease_lasts_while_scans_come_and_is_free_a_quarter_of_an_hour_after_the_last(database: Database) -> None:
    start = clock.now()
    with clock.frozen(start):
        database.do(lambda tx: tasks.add(tx, "pick", id="cart"))
        database.do(lambda tx: tasks.take(tx, "cart", "mara", "HH-01", never))
    with clock.frozen(start + 10 * clock.MINUTE):
        database.do(lambda tx: tasks.keep(tx, "cart", "mara", "HH-01"))
    with clock.frozen(start + 20 * clock.MINUTE), database.reading() as tx:
        assert tasks.waiting(tx, "pick") == 0, "the heartbeat extended it"
    with clock.frozen(start + 26 * clock.MINUTE):
        with database.reading() as tx:
            assert tasks.waiting(tx, "pick") == 1
        database.do(lambda tx: tasks.keep(tx, "cart", "mara", "HH-01"))
        database.do(lambda tx: tasks.take(tx, "cart", "ben", "HH-02", always))
