import sqlite3
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from rtengine.jobs import queue as module
from rtengine.jobs.queue import ATTEMPTS, LEASE, Queue
from rtengine.jobs.store import Store
from rtengine.jobs.table import FORMS, connect, form


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[Queue]:
    with Queue(tmp_path / "jobs.db") as queue:
        yield queue


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds by which the queue's clock is ahead."""
    ahead = [0.0]
    real = time.time
    monkeypatch.setattr(module.time, "time", lambda: real() + ahead[0])
    return ahead


def test_a_job_goes_its_way(queue: Queue) -> None:
    assert queue.put("a", "me", "render", "{}", seconds=10).state == "queued"
    job = queue.claim("w")
    assert job
    assert (job.id, job.state, job.owner, job.attempts) == ("a", "running", "w", 1)
    assert queue.claim("v") is None
    assert queue.renew("a", "w", 0.5, 3.0)
    assert (queue.get("a").progress, queue.get("a").remaining) == (0.5, 3.0)
    assert queue.finish("a", "w", "a-1", 99)
    job = queue.get("a")
    assert (job.state, job.result, job.size, job.progress, job.owner) == ("done", "a-1", 99, 1.0, None)
    assert job.started
    assert job.ended
    assert job.made <= job.started <= job.ended


def test_the_same_words_again_are_the_same_job(queue: Queue) -> None:
    queue.put("a", "me", "render", "{}")
    queue.claim("w")
    assert queue.put("a", "me", "render", "{}").state == "running"
    with pytest.raises(ValueError, match="there is another job a"):
        queue.put("a", "me", "render", '{"mix": 0}')
    with pytest.raises(KeyError, match="there is no job b"):
        queue.get("b")


def test_a_lost_lease_is_another_s_and_cannot_be_used(queue: Queue, later: list[float]) -> None:
    queue.put("a", "me", "render", "{}")
    queue.claim("slow")
    later[0] = LEASE - 1
    assert queue.claim("other") is None
    assert queue.renew("a", "slow", 0.1)
    later[0] = 2 * LEASE - 2
    assert queue.claim("other") is None, "renewed"
    later[0] = 2 * LEASE
    assert queue.waiting() == 1
    job = queue.claim("other")
    assert job
    assert job.attempts == 2
    assert not queue.renew("a", "slow", 0.9)
    assert not queue.finish("a", "slow", "a-1", 1)
    assert not queue.fail("a", "slow", "no")
    assert queue.get("a").state == "running"
    assert queue.finish("a", "other", "a-2", 1)
    assert not queue.finish("a", "other", "a-2", 1)


def test_who_kills_eight_workers_is_given_up(queue: Queue, later: list[float]) -> None:
    queue.put("a", "me", "render", "{}")
    for n in range(ATTEMPTS):
        later[0] = n * (LEASE + 1)
        assert queue.claim("w")
        assert queue.give_up() == 0
    later[0] += LEASE + 1
    assert queue.claim("w") is None
    assert queue.give_up() == 1
    assert queue.get("a").state == "failed"
    assert "8 times" in (queue.get("a").error or "")


def test_cancelled_whether_it_waits_or_runs(queue: Queue) -> None:
    for id in "ab":
        queue.put(id, "me", "render", "{}")
    queue.claim("w")
    assert queue.cancel("a").state == queue.cancel("b").state == "cancelled"
    assert not queue.renew("a", "w", 0.5)
    assert not queue.finish("a", "w", "a-1", 1)
    assert queue.claim("w") is None
    assert queue.cancel("a").state == "cancelled"


def test_a_crowd_delays_another_by_one_job(queue: Queue) -> None:
    for n in range(100):
        queue.put(f"crowd-{n}", "crowd", "render", "{}")
    first = queue.claim("w")
    queue.put("one", "guest", "render", "{}")
    assert queue.before(queue.get("one")) == 0
    assert first
    queue.finish(first.id, "w", "r", 1)
    second = queue.claim("w")
    assert second
    assert second.id == "one"


def test_clients_take_turns(queue: Queue, later: list[float]) -> None:
    for client, count in (("a", 9), ("b", 3), ("c", 3)):
        for n in range(count):
            queue.put(f"{client}{n}", client, "render", "{}")
    order = []
    for n in range(15):
        later[0] = n * 0.01
        job = queue.claim("w")
        assert job
        queue.finish(job.id, "w", "r", 1)
        order.append(job.id)
    assert Counter(id[0] for id in order[:9]) == {"a": 3, "b": 3, "c": 3}
    assert [id for id in order if id[0] == "a"] == [f"a{n}" for n in range(9)], "in order for each"


def test_who_has_one_running_comes_after_who_has_none(queue: Queue) -> None:
    for id in ("a1", "a2", "b1"):
        queue.put(id, id[0], "render", "{}")
    claimed = [queue.claim(w) for w in "uvw"]
    assert [job.id for job in claimed if job] == ["a1", "b1", "a2"]


def test_a_worker_for_short_jobs_leaves_long_ones(queue: Queue) -> None:
    queue.put("long", "a", "render", "{}", seconds=3600, long=True)
    assert queue.claim("short", long=False) is None
    queue.put("little", "a", "render", "{}", seconds=5)
    job = queue.claim("short", long=False)
    assert job
    assert job.id == "little"
    job = queue.claim("any")
    assert job
    assert job.id == "long"


def test_how_long_one_waits(queue: Queue) -> None:
    for n in range(5):
        queue.put(f"a{n}", "a", "render", "{}", seconds=10)
    queue.put("b0", "b", "render", "{}", seconds=7)
    assert queue.before(queue.get("b0")) == 10, "one of the other's"
    assert queue.before(queue.get("a2")) == 2 * 10 + 7


def test_the_clock_tells_what_changed(queue: Queue) -> None:
    queue.put("a", "me", "render", "{}")
    queue.put("b", "me", "render", "{}")
    clock = queue.clock()
    assert queue.changes(clock) == []
    queue.claim("w")
    queue.renew("a", "w", 0.5)
    changed = queue.changes(clock)
    assert [job.id for job in changed] == ["a"], "the last state alone"
    assert changed[0].progress == 0.5
    assert changed[0].changed == queue.clock() > clock
    queue.cancel("a")
    queue.forget("a")
    assert queue.clock() > clock, "and it never goes back"


def test_the_rate_is_measured(queue: Queue, later: list[float]) -> None:
    assert queue.rate("render") is None
    for n in range(3):
        queue.put(f"{n}", "me", "render", "{}", seconds=10)
        later[0] = 2 * n
        queue.claim("w")
        later[0] = 2 * n + 2
        queue.finish(f"{n}", "w", "r", 1)
    assert queue.rate("render") == pytest.approx(0.2, rel=0.01)
    assert queue.took() == pytest.approx(2, rel=0.01)


def test_what_ended_long_ago_is_forgotten(queue: Queue) -> None:
    for id in "abc":
        queue.put(id, "me", "render", "{}")
    queue.claim("w")
    queue.cancel("b")
    assert queue.ended_before(time.time() + 1) == ["b"]
    for id in "abc":
        queue.forget(id)
    assert queue.counts() == {"running": 1, "queued": 1}, "nothing that has not ended"


def test_a_trial_counts_until_there_are_real_jobs(queue: Queue, later: list[float]) -> None:
    for client, took in (("service", 40), ("me", 5), ("you", 3)):
        queue.put(client, client, "render", "{}", seconds=10)
        queue.claim("w")
        later[0] += took
        queue.finish(client, "w", "r", 1)
        assert queue.rate("render", trial="service") == pytest.approx({40: 4.0, 5: 0.5, 3: 0.4}[took], rel=0.01)


def test_kinds_compare_as_they_did_when_they_were_tried(queue: Queue, later: list[float]) -> None:
    def done(client: str, kind: str, seconds: float, took: float) -> None:
        id = f"{client} {kind}"
        queue.put(id, client, kind, "{}", seconds=seconds)
        queue.claim("w")
        later[0] += took
        queue.finish(id, "w", "r", 1)

    done("service", "lofi", 4, 0.4)
    done("service", "hifi", 4, 0.8)
    done("me", "lofi", 6, 2.4)  # a short one, at a busy time
    assert queue.rate("lofi", trial="service") == pytest.approx(0.4, rel=0.01)
    assert queue.rate("hifi", trial="service") == pytest.approx(0.8, rel=0.01)
    done("you", "hifi", 54, 10.8)  # and a long one, when it was quiet
    assert queue.rate("hifi", trial="service") == pytest.approx(0.2 * 13.2 / (0.6 + 10.8), rel=0.01)
    assert queue.rate("lofi", trial="service") == pytest.approx(0.1 * 13.2 / (0.6 + 10.8), rel=0.01)


def test_the_rate_is_of_the_length_that_a_job_proved_to_have(queue: Queue, later: list[float]) -> None:
    queue.put("a", "me", "render", "{}", seconds=110)
    queue.claim("w")
    later[0] += 5
    queue.finish("a", "w", "r", 1, 10.0)
    assert queue.rate("render") == pytest.approx(0.5, rel=0.01)


def test_a_sweep_spares_what_is_recorded_or_running(queue: Queue, tmp_path: Path) -> None:
    store = Store(tmp_path / "results")
    for id in "ab":
        queue.put(id, "me", "render", "{}")
        queue.claim(f"w{id}")
    queue.finish("a", "wa", "a-1", 1)
    for name in ("a-1", "a-2", "b-1", ".b-1.part", ".b-0.part", ".gone-1.part", "gone-1"):
        (store.folder / name).mkdir()
    (store.folder / "stray").touch()
    assert set(store.sweep(queue)) == {"a-2", ".b-0.part", ".gone-1.part", "gone-1", "stray"}
    assert {entry.name for entry in store.folder.iterdir()} == {"a-1", "b-1", ".b-1.part"}


def test_an_older_table_is_brought_up(tmp_path: Path) -> None:
    file = tmp_path / "jobs.db"
    with Queue(file) as queue:
        queue.put("a", "me", "render", "{}")
    newer = (*FORMS, "ALTER TABLE job ADD COLUMN note TEXT; UPDATE job SET note = 'kept';")
    table = connect(file, forms=newer)
    assert (form(table), table.execute("SELECT note FROM job").fetchone()[0]) == (len(newer), "kept")
    table.close()
    with pytest.raises(ValueError, match=f"has form {len(newer)}, and this program knows up to {len(FORMS)}"):
        Queue(file)


def test_a_migration_happens_whole_or_not_at_all(tmp_path: Path) -> None:
    file = tmp_path / "jobs.db"
    Queue(file).close()
    with pytest.raises(ValueError, match="is no table of jobs"):
        connect(file, forms=(*FORMS, "ALTER TABLE job ADD COLUMN note TEXT; SELECT nonsense;"))
    table = connect(file)
    assert form(table) == len(FORMS)
    with pytest.raises(sqlite3.OperationalError, match="no such column"):
        table.execute("SELECT note FROM job")
    table.close()


def test_what_is_no_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "jobs.db").write_bytes(b"no database at all, " * 99)
    with pytest.raises(ValueError, match="is no table of jobs"):
        Queue(tmp_path / "jobs.db")


def test_ten_thousand_jobs_are_claimed_in_no_time(queue: Queue) -> None:
    rows = [(str(uuid.uuid4()), f"client {n % 200}", "render", "{}", "", 10.0, 0, 0.0) for n in range(10_000)]
    queue._table.executemany(
        "INSERT INTO job (id, client, kind, spec, song, seconds, long, made) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows[:1]
    )
    queue._table.execute("BEGIN")
    queue._table.executemany(
        "INSERT INTO job (id, client, kind, spec, song, seconds, long, made) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows[1:]
    )
    queue._table.execute("COMMIT")
    took = []
    for n in range(20):
        began = time.process_time()
        assert queue.claim(f"w{n}")
        took.append(time.process_time() - began)
    assert sorted(took)[10] < 0.05
