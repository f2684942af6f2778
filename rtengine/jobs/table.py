"""The table of jobs: one SQLite file, its form by number, and how an older form becomes the newest.

Written ahead (WAL), so that readers never wait, and synced at every commit, so that what was answered is kept when the
power goes. Progress alone is not worth a sync: `connect` with durable=False leaves it to the next commit that is.
"""

import sqlite3
from pathlib import Path

BUSY = 10.0  # seconds for which a writer waits for another
FORMS = (  # each makes the form of its number, counted from 1, out of the one before
    """
    CREATE TABLE clock (now INTEGER NOT NULL);  -- counts all changes of all jobs, and never goes back
    INSERT INTO clock VALUES (0);
    CREATE TABLE job (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        client TEXT NOT NULL,
        kind TEXT NOT NULL,                     -- what its rate is measured by, as "texture hifi"
        spec TEXT NOT NULL,                     -- JSON, for whoever performs it
        song TEXT NOT NULL,                     -- what it reads, and must not be deleted before it ends
        seconds REAL NOT NULL,                  -- of sound
        long INTEGER NOT NULL,
        state TEXT NOT NULL DEFAULT 'queued',   -- queued, running, done, failed, cancelled
        attempts INTEGER NOT NULL DEFAULT 0,
        owner TEXT,
        lease REAL,                             -- until when it is the owner's
        made REAL NOT NULL, started REAL, ended REAL,
        progress REAL NOT NULL DEFAULT 0,       -- 0 to 1
        remaining REAL,                         -- seconds
        result TEXT,
        size INTEGER NOT NULL DEFAULT 0,        -- bytes of the result
        error TEXT,
        changed INTEGER NOT NULL DEFAULT 0      -- what the clock said
    );
    CREATE INDEX job_open ON job (client, seq) WHERE state IN ('queued', 'running');
    CREATE INDEX job_started ON job (client, started);
    CREATE INDEX job_changed ON job (changed);
    CREATE INDEX job_ended ON job (kind, ended);
    CREATE INDEX job_song ON job (song);
    CREATE TRIGGER job_made AFTER INSERT ON job BEGIN
        UPDATE clock SET now = now + 1;
        UPDATE job SET changed = (SELECT now FROM clock) WHERE seq = NEW.seq;
    END;
    CREATE TRIGGER job_told AFTER UPDATE OF state, owner, progress ON job BEGIN
        UPDATE clock SET now = now + 1;
        UPDATE job SET changed = (SELECT now FROM clock) WHERE seq = NEW.seq;
    END;
    CREATE TABLE upload (                       -- what somebody sent, or is sending; many may be of one song
        id TEXT PRIMARY KEY,
        client TEXT NOT NULL,
        name TEXT NOT NULL,                     -- what he calls it
        size INTEGER NOT NULL,                  -- bytes when all have come
        song TEXT,                              -- their SHA-256, then
        made REAL NOT NULL,
        expires REAL NOT NULL
    );
    CREATE INDEX upload_song ON upload (song);
    """,
    """
    DROP INDEX job_open;                        -- of 10,000 jobs that wait, each claim had to look at all
    CREATE INDEX job_queued ON job (client, seq) WHERE state = 'queued';
    CREATE INDEX job_running ON job (client, lease) WHERE state = 'running';
    """,
    """
    ALTER TABLE job ADD COLUMN doing TEXT NOT NULL DEFAULT '';  -- what the progress is of, where it is not the job
    """,
)


def connect(file: Path, durable: bool = True, forms: tuple[str, ...] = FORMS) -> sqlite3.Connection:
    """Open the file, made or brought to the newest form if need be; for the calling thread only.

    Raises ValueError if it is of a newer form than this program knows, or is no such file.
    """
    table = sqlite3.connect(file, BUSY, isolation_level=None)
    table.row_factory = sqlite3.Row
    try:
        table.execute("PRAGMA journal_mode = WAL")
        table.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
        _bring_up(table, file, forms)
    except sqlite3.DatabaseError as error:
        table.close()
        raise ValueError(f"{file} is no table of jobs: {error}") from None
    except ValueError:
        table.close()
        raise
    return table


def form(table: sqlite3.Connection) -> int:
    """The number of its form."""
    return int(table.execute("PRAGMA user_version").fetchone()[0])


def _bring_up(table: sqlite3.Connection, file: Path, forms: tuple[str, ...]) -> None:
    if form(table) < len(forms):
        table.execute("BEGIN IMMEDIATE")  # and look again: another process may have been here first
        try:
            for number in range(form(table) + 1, len(forms) + 1):
                for statement in _statements(forms[number - 1]):
                    table.execute(statement)
                table.execute(f"PRAGMA user_version = {number}")
        except BaseException:
            table.execute("ROLLBACK")
            raise
        table.execute("COMMIT")
    if form(table) > len(forms):
        raise ValueError(f"{file} has form {form(table)}, and this program knows up to {len(forms)}: it is too old")


def _statements(script: str) -> list[str]:
    """The single statements: executescript would end the transaction."""
    found, rest = [], ""
    for piece in script.split(";")[:-1]:
        rest += piece + ";"
        if sqlite3.complete_statement(rest):
            found.append(rest)
            rest = ""
    return found
