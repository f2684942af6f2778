"""render --remote: the same render on a service, and its result here. Broken off and begun again, it goes on."""

import argparse
import os
import uuid
from collections.abc import Callable
from pathlib import Path

from offline.progress import progress
from rtengine.files.sink import beside, check_format, check_path
from rtengine.native.cache import cache_directory
from rtengine.service.remote import Job, RefusedError, Remote, Request

HERE_ONLY = ("picture", "overview", "model", "automation", "models", "clips")  # options that a service does not take
STEPS = 1000  # of the bar
AGAIN = uuid.UUID("0d2c5a60-53a5-4a0f-8a0b-9b3f5d5b6a11")  # the namespace of jobs that the same words find again


def run(options: argparse.Namespace) -> None:
    """Render as the options say; ValueError or OSError in one sentence if the service cannot."""
    for name in HERE_ONLY:
        if getattr(options, name):
            raise ValueError(f"--{name} and --remote exclude each other")
    blend = options.texture or {"water": 1.0}
    done = "-".join(Path(name).stem for name in blend)
    output = options.output or options.input.with_name(f"{options.input.stem}-{done}.wav")
    check_format(output.suffix, None, options.bit_depth)
    check_path(output, options.force)
    remote = Remote(options.remote, os.environ.get("RTENGINE_TOKEN", ""), cache_directory() / "uploads.json")
    with progress(output.name, options.progress) as tell:
        request = asked(options, blend, remote, lambda done: tell(round(0.2 * STEPS * done), STEPS))
        job = rendered(remote, request, lambda job: tell(round(STEPS * (0.2 + 0.7 * job.progress)), STEPS))
        if output.suffix.lower() != ".flac" or options.bit_depth == "16":
            job = converted(remote, job, output.suffix.lower()[1:], options.bit_depth)
        with beside(output, options.force) as whole:
            whole.unlink()
            remote.save(job, whole, progress=lambda done: tell(round(STEPS * (0.9 + 0.1 * done)), STEPS))


def asked(
    options: argparse.Namespace, blend: dict[str, float], remote: Remote, sent: Callable[[float], None]
) -> Request:
    """What the options ask for; songs and sounds are sent."""
    textures = {(remote.upload(Path(name)) if Path(name).is_file() else name): w for name, w in blend.items()}
    if not options.input.is_file():
        raise OSError(f"{options.input} does not exist")
    song = remote.upload(options.input, sent)
    try:
        values = {address: float(text) for address, text in options.set}
    except ValueError as error:
        raise ValueError(f"--set with --remote takes numbers: {error}") from None
    return Request(
        song, textures, 1.0 if options.mix is None else options.mix, options.quality or "standard", options.start,
        options.duration, options.loudness, options.seed, values,
    )  # fmt: skip


def rendered(remote: Remote, request: Request, tell: Callable[[Job], None]) -> Job:
    """The job of this request when it has ended: that which was begun before, if it still goes well."""
    for number in range(100):
        id = str(uuid.uuid5(AGAIN, f"{remote.url} {request} {number}"))
        try:
            job = remote.render(request, id)
        except RefusedError as error:
            if error.status == 409:
                continue
            raise
        if job.state == "cancelled" or (job.state == "failed" and number < 1):
            continue
        job = remote.wait(job, tell)
        if job.state != "done":
            raise OSError(job.error or f"the job is {job.state}")
        return job
    raise OSError("this render was cancelled a hundred times")


def converted(remote: Remote, job: Job, format: str, bit_depth: str | None) -> Job:
    """A result in another format."""
    id = str(uuid.uuid5(AGAIN, f"{job.id} {format} {bit_depth}"))
    made = remote.wait(remote.convert(job, format, bit_depth, id))
    if made.state != "done":
        raise OSError(made.error or f"the job is {made.state}")
    return made
