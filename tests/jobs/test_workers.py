"""Real worker processes, with a performer that sleeps instead of rendering; and their deaths."""

import errno
import json
import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rtengine.jobs import sounds
from rtengine.jobs.crew import Crew
from rtengine.jobs.queue import Job, Queue
from rtengine.jobs.worker import RESULTS, TABLE, sentence

KILLS = int(os.environ.get("RTENGINE_KILLS", "5"))
PERFORMER = "support.performers:perform"


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[Queue]:
    with Queue(tmp_path / TABLE) as queue:
        yield queue


def put(queue: Queue, id: str, **spec: object) -> None:
    queue.put(id, "me", "test", json.dumps(spec))


def until(true: Callable[[], object], seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def ended(queue: Queue, id: str) -> Job:
    until(lambda: not queue.get(id).open)
    return queue.get(id)


def test_a_result_is_whole_and_recorded(queue: Queue, tmp_path: Path) -> None:
    put(queue, "a", text="hello ", steps=3)
    put(queue, "b", end="refuse")
    with Crew(tmp_path, PERFORMER, 1):
        done = ended(queue, "a")
        assert done.result
        assert (tmp_path / RESULTS / done.result / "result.txt").read_text() == "hello hello hello "
        assert done.size == 18
        refused = ended(queue, "b")
        assert (refused.state, refused.error) == ("failed", "there is no sound in it")
    assert [entry.name for entry in (tmp_path / RESULTS).iterdir()] == ["a-1"]


def test_a_job_says_that_it_waits_for_code_to_be_compiled(queue: Queue, tmp_path: Path) -> None:
    put(queue, "a", compile=True, steps=100)
    with Crew(tmp_path, PERFORMER, 1):
        until(lambda: queue.get("a").doing == "compiling" and queue.get("a").progress == 0.5)
        until(lambda: queue.get("a").progress == pytest.approx(0.1, abs=0.09) and queue.get("a").doing == "")
        assert ended(queue, "a").doing == ""


def test_progress_is_fresh_and_cancelling_is_quick(queue: Queue, tmp_path: Path) -> None:
    put(queue, "a", steps=500)
    put(queue, "b", steps=1)
    with Crew(tmp_path, PERFORMER, 1):
        until(lambda: queue.get("a").progress > 0)
        ages, last, changed = [], queue.get("a").progress, time.monotonic()
        end = changed + 1.5
        while time.monotonic() < end:
            now = queue.get("a").progress
            if now != last:
                ages.append(time.monotonic() - changed)
                last, changed = now, time.monotonic()
            time.sleep(0.005)
        assert sorted(ages)[len(ages) // 2] < 0.25
        job = queue.get("a")
        assert job.started
        assert job.remaining == pytest.approx((time.time() - job.started) * (1 - job.progress) / job.progress, rel=0.3)
        began = time.monotonic()
        assert queue.cancel("a").state == "cancelled"
        until(lambda: queue.get("b").state == "running" or not queue.get("b").open)
        assert time.monotonic() - began < 0.5, "the worker is free for another"
        ended(queue, "b")
        assert queue.get("a").state == "cancelled"
    assert [entry.name for entry in (tmp_path / RESULTS).iterdir()] == ["b-1"]


def test_what_crashes_hangs_or_eats_memory_is_failed_and_the_rest_goes_on(queue: Queue, tmp_path: Path) -> None:
    for id in ("crash", "hang", "spin", "memory"):
        put(queue, id, end=id)
    put(queue, "good")
    with Crew(tmp_path, PERFORMER, 1):
        assert ended(queue, "good").state == "done"
        assert "crash" in (ended(queue, "crash").error or "")
        assert queue.get("crash").attempts == 2
        assert "hung" in (ended(queue, "hang").error or "")
        assert "longer" in (ended(queue, "spin").error or "")
        assert queue.get("hang").attempts == 1
        assert "memory" in (ended(queue, "memory").error or "")
    assert [entry.name for entry in (tmp_path / RESULTS).iterdir()] == ["good-1"]


def test_killed_workers_lose_and_double_nothing(queue: Queue, tmp_path: Path) -> None:
    jobs = 12 * KILLS
    for n in range(jobs):
        put(queue, f"job{n}", text=f"{n} ", steps=4)
    chance, kills = random.Random(1), 0
    with Crew(tmp_path, PERFORMER, 2) as crew:
        until(lambda: queue.counts().get("done", 0) > 0)
        while kills < KILLS and queue.counts().get("done", 0) < jobs:
            time.sleep(chance.uniform(0.1, 0.5))
            if crew.processes:
                os.kill(chance.choice(crew.processes), signal.SIGKILL)
                kills += 1
        until(lambda: not queue.counts().keys() & {"queued", "running"}, 60 + 2 * KILLS)
    assert queue.counts() == {"done": jobs}
    assert kills >= min(KILLS, 3)
    for n in range(jobs):
        job = queue.get(f"job{n}")
        assert job.result
        assert (tmp_path / RESULTS / job.result / "result.txt").read_text() == f"{n} " * 4
    assert len(list((tmp_path / RESULTS).iterdir())) == jobs, "no strays"
    print(f"{kills} kills, {jobs} jobs, {sum(queue.get(f'job{n}').attempts for n in range(jobs))} attempts")


def test_a_stop_is_graceful_and_a_new_crew_goes_on(queue: Queue, tmp_path: Path) -> None:
    for n in range(4):
        put(queue, f"{n}", steps=25)
    with Crew(tmp_path, PERFORMER, 1):
        until(lambda: queue.get("0").progress > 0)
        began = time.monotonic()
    assert time.monotonic() - began < 3
    assert queue.get("0").state == "done", "what ran was finished"
    assert queue.counts() == {"done": 1, "queued": 3}
    with Crew(tmp_path, PERFORMER, 2):
        until(lambda: queue.counts() == {"done": 4})


def test_workers_that_cannot_begin_are_not_tried_all_the_time(queue: Queue, tmp_path: Path) -> None:
    put(queue, "a")
    with Crew(tmp_path, "support.performers:nothing_of_this_name", 1) as crew:
        until(lambda: crew.died >= 1)
        time.sleep(1.5)
        assert crew.died <= 2
    assert queue.get("a").state == "queued"


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "results/.a.part/before.png"),
        ValueError("results/.a.part/result.flac cannot be written: the disk at /srv/music is full"),
    ],
)
def test_a_full_disk_is_said_without_its_paths(error: Exception) -> None:
    assert sentence(error) == "the disk of the service is full"


def test_what_the_system_refuses_is_said_in_its_words(tmp_path: Path) -> None:
    spec = {"do": "convert", "song": str(tmp_path / "gone.flac"), "format": "wav", "bit_depth": None}
    with pytest.raises(ValueError, match=r"^[^/]*$"):
        sounds.perform(spec, tmp_path, lambda done: None, lambda: False)
