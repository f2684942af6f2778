"""A queue of jobs that no death of a process can lose or double.

    queued -> running (an owner's, while he renews his lease) -> done | failed
       ^---------'  the lease ran out, or the owner was seen dead          cancelled from either

A worker claims a job by one statement. What it makes is written beside, synced and renamed under a name of this
attempt's own, and counts only once `finish` has recorded it, which it does only for the job's present owner: a worker
that was thought dead and comes back changes nothing, and what it left is swept away.

Fair: of the clients that wait, the one with the fewest running jobs is next, and of these the one served longest ago. A
client with a hundred jobs so delays another by one at most. Long jobs are left alone by claims that say so, and a
worker kept for short ones is never behind an hour of music.

A Queue belongs to the thread that made it. Times are seconds since 1970, for they outlive processes.
"""

import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from rtengine.jobs.table import connect

LEASE = 5.0  # seconds; renewed 33 times in that
ATTEMPTS = 8  # after which a job that kills its workers is given up
FIELDS = """id, client, kind, spec, song, seconds, state, attempts, owner, made, started, ended, progress, remaining,
    result, size, error, changed, doing"""
CLAIM = f"""
    WITH RECURSIVE who (client) AS (  -- clients that wait, each found by the index, however many jobs they have
        SELECT min(client) FROM job WHERE state = 'queued'
        UNION ALL
        SELECT (SELECT min(client) FROM job WHERE state = 'queued' AND client > who.client)
        FROM who WHERE client IS NOT NULL
    ), first (client, seq) AS (
        SELECT client, (
            SELECT seq FROM job WHERE state = 'queued' AND client = who.client
                AND attempts < {ATTEMPTS} AND (NOT long OR :long) ORDER BY seq LIMIT 1
        ) FROM who WHERE client IS NOT NULL
        UNION ALL
        SELECT client, min(seq) FROM job WHERE state = 'running' AND lease < :now
            AND attempts < {ATTEMPTS} AND (NOT long OR :long) GROUP BY client
    )
    UPDATE job SET state = 'running', owner = :owner, attempts = attempts + 1, lease = :until, started = :now,
        progress = 0, remaining = NULL, doing = ''
    WHERE seq = (
        SELECT seq FROM first WHERE seq IS NOT NULL
        ORDER BY (SELECT count(*) FROM job WHERE client = first.client AND state = 'running' AND lease >= :now),
            (SELECT max(started) FROM job WHERE client = first.client), seq
        LIMIT 1
    ) RETURNING {FIELDS}"""
WAITS = """
    SELECT EXISTS (SELECT 1 FROM job WHERE state = 'queued') OR
        EXISTS (SELECT 1 FROM job WHERE state = 'running' AND lease < ?)"""


@dataclass(frozen=True)
class Job:
    """A job as the table has it; see there."""

    id: str
    client: str
    kind: str
    spec: str
    song: str
    seconds: float
    state: str
    attempts: int
    owner: str | None
    made: float
    started: float | None
    ended: float | None
    progress: float
    remaining: float | None
    result: str | None
    size: int
    error: str | None
    changed: int
    doing: str = ""

    @property
    def open(self) -> bool:
        """Whether it waits or runs."""
        return self.state in ("queued", "running")


class Queue:
    """The jobs of a file; see the module."""

    def __init__(self, file: Path) -> None:
        self._table = connect(file)
        self._quick = connect(file, durable=False)  # for progress

    def close(self) -> None:
        """Leave the file."""
        self._quick.close()
        self._table.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def put(
        self, id: str, client: str, kind: str, spec: str, song: str = "", seconds: float = 0.0, long: bool = False
    ) -> Job:
        """Add a job, or find the one that was added with the same words; ValueError if the id is another job's."""
        self._table.execute(
            "INSERT INTO job (id, client, kind, spec, song, seconds, long, made) VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (id) DO NOTHING",
            (id, client, kind, spec, song, seconds, long, time.time()),
        )
        job = self.get(id)
        if job.spec != spec:
            raise ValueError(f"there is another job {id}")
        return job

    def get(self, id: str) -> Job:
        """The job as it is now; KeyError if there is none."""
        row = self._table.execute(f"SELECT {FIELDS} FROM job WHERE id = ?", (id,)).fetchone()
        if row is None:
            raise KeyError(f"there is no job {id}")
        return Job(*row)

    def of(self, song: str, kind: str) -> list[Job]:
        """The jobs of a kind that read this song, or the result of the job of that name."""
        rows = self._table.execute(f"SELECT {FIELDS} FROM job WHERE song = ? AND kind = ?", (song, kind))
        return [Job(*row) for row in rows]

    def cancel(self, id: str) -> Job:
        """End a job that waits or runs; its worker sees at its next `renew` that it is nobody's."""
        self._table.execute(
            "UPDATE job SET state = 'cancelled', owner = NULL, ended = ? "
            "WHERE id = ? AND state IN ('queued', 'running')",
            (time.time(), id),
        )
        return self.get(id)

    def forget(self, id: str) -> None:
        """Delete a job that has ended; its result is swept away."""
        self._table.execute("DELETE FROM job WHERE id = ? AND state NOT IN ('queued', 'running')", (id,))

    def ended_before(self, moment: float) -> list[str]:
        """The ids of what ended before."""
        rows = self._table.execute(
            "SELECT id FROM job WHERE ended < ? AND state NOT IN ('queued', 'running')", (moment,)
        )
        return [row[0] for row in rows.fetchall()]

    def claim(self, owner: str, long: bool = True) -> Job | None:
        """The next job, now the owner's; None if nothing waits. long: whether a long one will do."""
        now = time.time()
        if not self._table.execute(WAITS, (now,)).fetchone()[0]:  # a look takes no lock
            return None
        row = self._table.execute(CLAIM, {"owner": owner, "now": now, "until": now + LEASE, "long": long}).fetchone()
        return Job(*row) if row else None

    def renew(self, id: str, owner: str, progress: float, remaining: float | None = None, doing: str = "") -> bool:
        """Keep a job for another LEASE and tell how far it is, 0 to 1; False if it is no longer the owner's.

        doing: what it is that is so far, if that is not the job itself: "compiling".
        """
        done = self._quick.execute(
            "UPDATE job SET lease = ?, progress = ?, remaining = ?, doing = ? "
            "WHERE id = ? AND owner = ? AND state = 'running'",
            (time.time() + LEASE, progress, remaining, doing, id, owner),
        )
        return done.rowcount == 1

    def finish(self, id: str, owner: str, result: str, size: int, seconds: float | None = None) -> bool:
        """Record a result that is whole and synced; False, and nothing, if the job is no longer the owner's.

        seconds: of sound, if that proved to be another length than was thought.
        """
        done = self._table.execute(
            "UPDATE job SET state = 'done', owner = NULL, progress = 1, remaining = 0, result = ?, size = ?, "
            "seconds = coalesce(?, seconds), ended = ? WHERE id = ? AND owner = ? AND state = 'running'",
            (result, size, seconds, time.time(), id, owner),
        )
        return done.rowcount == 1

    def fail(self, id: str, owner: str, error: str) -> bool:
        """Record, in a sentence, why there will be no result; False if the job is no longer the owner's."""
        done = self._table.execute(
            "UPDATE job SET state = 'failed', owner = NULL, error = ?, ended = ? "
            "WHERE id = ? AND owner = ? AND state = 'running'",
            (error, time.time(), id, owner),
        )
        return done.rowcount == 1

    def release(self, owner: str | None = None) -> int:
        """Let others have what a dead owner had, or all owners, if all are dead; returns how many jobs."""
        done = self._table.execute(
            "UPDATE job SET state = 'queued', owner = NULL WHERE state = 'running' AND owner = coalesce(?, owner)",
            (owner,),
        )
        return done.rowcount

    def held(self, owner: str) -> Job | None:
        """The job that an owner is at."""
        found = self._table.execute(f"SELECT {FIELDS} FROM job WHERE owner = ? AND state = 'running'", (owner,))
        row = found.fetchone()
        return Job(*row) if row else None

    def give_up(self) -> int:
        """Fail what has killed too many workers; returns how many."""
        now = time.time()
        done = self._table.execute(
            "UPDATE job SET state = 'failed', owner = NULL, ended = ?, error = ? WHERE attempts >= ? "
            "AND (state = 'queued' OR (state = 'running' AND lease < ?))",
            (now, f"it was tried {ATTEMPTS} times, and the worker died each time", ATTEMPTS, now),
        )
        return done.rowcount

    def waiting(self, client: str | None = None) -> int:
        """How many jobs wait or have lost their owner, of a client or of all."""
        found = self._table.execute(
            "SELECT (SELECT count(*) FROM job WHERE state = 'queued' AND client = coalesce(:client, client)) + "
            "(SELECT count(*) FROM job "
            "WHERE state = 'running' AND lease < :now AND client = coalesce(:client, client))",
            {"client": client, "now": time.time()},
        )
        return int(found.fetchone()[0])

    def alone(self, id: str) -> bool:
        """Whether no other job waits or runs, but such as look at a song, which is soon done."""
        found = self._table.execute(
            "SELECT 1 FROM job WHERE state IN ('queued', 'running') AND id != ? AND kind != 'look' LIMIT 1", (id,)
        )
        return found.fetchone() is None

    def before(self, job: Job) -> float:
        """Seconds of sound that come first: of each other client as many jobs as this one has up to this, in turn."""
        row = self._table.execute(
            """WITH waits AS (
                SELECT id, client, seconds, row_number() OVER (PARTITION BY client ORDER BY seq) AS place
                FROM job WHERE state = 'queued')
            SELECT coalesce(sum(seconds), 0) FROM waits WHERE id != :id
                AND place <= (SELECT place FROM waits WHERE id = :id)""",
            {"id": job.id},
        ).fetchone()
        return float(row[0])

    def counts(self) -> dict[str, int]:
        """How many jobs are in each state."""
        return {row[0]: row[1] for row in self._table.execute("SELECT state, count(*) FROM job GROUP BY state")}

    def results(self) -> set[str]:
        """The names that results may have now: those recorded, and those that a running attempt is about to record."""
        rows = self._table.execute("SELECT id, attempts, result FROM job WHERE result IS NOT NULL OR state = 'running'")
        return {row["result"] or attempt(row["id"], row["attempts"]) for row in rows}

    def songs(self) -> set[str]:
        """What the jobs that wait or run read."""
        return {row[0] for row in self._table.execute("SELECT song FROM job WHERE state IN ('queued', 'running')")}

    def rate(self, kind: str, among: int = 10, trial: str = "") -> float | None:
        """Seconds of work for a second of sound, by the last jobs of this kind; None if there were none.

        trial: a client that has tried some kinds. How they compare is told by that; how fast it goes now, by what the
        last jobs of others took beside it: short ones at a busy time make no kind seem dearer than a better one.
        """
        tried = self._tried(trial)
        if kind not in tried:
            took, seconds = self._lately(kind, among, trial)
            return took / seconds if seconds else None
        took = expected = 0.0
        for other, rate in tried.items():
            other_took, seconds = self._lately(other, among, trial)
            took, expected = took + other_took, expected + rate * seconds
        return tried[kind] * (took / expected if expected else 1.0)

    def _tried(self, client: str) -> dict[str, float]:
        """Seconds of work for a second of sound of the kinds that a client has tried."""
        rows = self._table.execute(
            "SELECT kind, (ended - started) / seconds FROM job WHERE client = ? AND state = 'done' AND seconds > 0 "
            "AND ended > started",
            (client,),
        )
        return {str(kind): float(rate) for kind, rate in rows}

    def _lately(self, kind: str, among: int, trial: str) -> tuple[float, float]:
        """Seconds of work and of sound of the last jobs of a kind that are no trials."""
        row = self._table.execute(
            "SELECT coalesce(sum(ended - started), 0), coalesce(sum(seconds), 0) FROM (SELECT ended, started, seconds "
            "FROM job WHERE kind = ? AND state = 'done' AND seconds > 0 AND client != ? ORDER BY ended DESC LIMIT ?)",
            (kind, trial, among),
        ).fetchone()
        return float(row[0]), float(row[1])

    def took(self, among: int = 50) -> float:
        """Seconds that a job took, on average of the last ones; 1 if there were none."""
        row = self._table.execute(
            "SELECT avg(ended - started) FROM (SELECT ended, started FROM job WHERE state IN ('done', 'failed') "
            "AND started IS NOT NULL ORDER BY ended DESC LIMIT ?)",
            (among,),
        ).fetchone()
        return 1.0 if row[0] is None else float(row[0])

    def changes(self, after: int) -> list[Job]:
        """The jobs that have changed since the clock said `after`, the last change last."""
        rows = self._table.execute(f"SELECT {FIELDS} FROM job WHERE changed > ? ORDER BY changed", (after,))
        return [Job(*row) for row in rows]

    def clock(self) -> int:
        """How many changes there were, ever."""
        return int(self._table.execute("SELECT now FROM clock").fetchone()[0])


def attempt(id: str, number: int) -> str:
    """The name of what an attempt makes."""
    return f"{id}-{number}"
