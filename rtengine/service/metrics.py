"""How the service is: a word for load balancers, and figures for Prometheus.

Source: Prometheus, "Exposition formats", text format 0.0.4.
"""

import resource
import sys
import time

from aiohttp import web

from rtengine.service.events import HUB
from rtengine.service.limits import room
from rtengine.service.state import STATE, State


def routes() -> list[web.RouteDef]:
    """Where it is told."""
    return [web.get("/health", health), web.get("/metrics", metrics)]


async def health(request: web.Request) -> web.Response:
    """200 if jobs are done here, else 503 and why not."""
    state = request.app[STATE]
    reason = "it is stopping" if state.stopping.is_set() else "there are no workers" if not state.crew.processes else ""
    if room(state.settings.folder, 0) < state.settings.reserve // 2:
        reason = "the disk is full"
    body = {"healthy": not reason, "reason": reason}
    return web.json_response(body, status=503 if reason else 200, headers={"Cache-Control": "no-store"})


async def metrics(request: web.Request) -> web.Response:
    """All figures."""
    lines: list[str] = []
    for name, kind, doc, values in figures(request.app[STATE], len(request.app[HUB])):
        lines += [f"# HELP rtengine_{name} {doc}", f"# TYPE rtengine_{name} {kind}"]
        lines += [f"rtengine_{name}{labels} {value:g}" for labels, value in values]
    return web.Response(text="\n".join(lines) + "\n", headers={"Content-Type": "text/plain; version=0.0.4"})


def figures(state: State, streams: int) -> list[tuple[str, str, str, list[tuple[str, float]]]]:
    """Name, kind, what it is, and the values by labels."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    largest = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    counted = dict.fromkeys(("begun", "known", "complete"), 0.0)
    counted |= {key[1]: float(n) for key, n in state.counts.items() if key[0] == "uploads"}
    answers = [(f'{{status="{key[1]}"}}', float(n)) for key, n in sorted(state.counts.items()) if key[0] == "answers"]
    jobs = dict.fromkeys(("queued", "running", "done", "failed", "cancelled"), 0) | state.queue.counts()
    rates = [(f'{{quality="{q}"}}', state.work(f"render {q}")) for q in ("lofi", "standard", "hifi")]
    free = room(state.settings.folder, state.settings.reserve)
    return [
        ("jobs", "gauge", "Jobs by state.", [(f'{{state="{name}"}}', n) for name, n in jobs.items()]),
        ("render_seconds", "gauge", "Seconds of work for a second of sound.", rates),
        ("workers", "gauge", "Worker processes.", [("", len(state.crew.processes))]),
        ("workers_died_total", "counter", "Worker processes that ended.", [("", state.crew.died)]),
        ("streams", "gauge", "Streams of events that are open.", [("", streams)]),
        ("uploads_total", "counter", "Uploads.", [(f'{{what="{name}"}}', n) for name, n in counted.items()]),
        ("received_bytes_total", "counter", "Bytes of songs.", [("", state.counts["bytes", "received"])]),
        ("answers_total", "counter", "Answers by status.", answers),
        ("disk_free_bytes", "gauge", "Free beyond the reserve.", [("", free)]),
        ("resident_bytes", "gauge", "Largest size of the server's process so far.", [("", largest)]),
        ("processor_seconds_total", "counter", "Of the server's process.", [("", usage.ru_utime + usage.ru_stime)]),
        ("uptime_seconds", "gauge", "Since the start.", [("", time.time() - state.began)]),
    ]  # fmt: skip
