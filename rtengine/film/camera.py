"""Pictures as they come: of a camera, by the system's own door to it, or of a film."""

import sys
from collections.abc import Iterator
from pathlib import Path

import av

from rtengine.film.reader import Picture, open_film, picture_stream, small, standing

NAME = "camera"  # camera, camera:1: the system's first, its second
DOORS = {"linux": ("v4l2", "/dev/video{}"), "darwin": ("avfoundation", "{}:none"), "win32": ("dshow", "video={}")}


def is_camera(source: Path) -> bool:
    """Whether a name means a camera: camera, camera:1, or a device of the system."""
    name, _, number = str(source).partition(":")
    return (name == NAME and (not number or number.isalnum())) or source.is_char_device()


def frames(source: Path) -> Iterator[Picture]:
    """Decode as it comes; times count from the source's own start. OSError or ValueError in a sentence."""
    if not is_camera(source):
        yield from open_film(source).pictures()
        return
    door, place = DOORS.get(sys.platform, DOORS["linux"])
    name = str(source) if source.is_char_device() else place.format(str(source).partition(":")[2] or "0")
    try:
        with av.open(name, format=door, options={"framerate": "25"} if door != "v4l2" else {}) as container:
            stream = picture_stream(container)
            if stream is None:
                raise ValueError(f"{name} gives no picture")
            size = standing(stream.codec_context.width, stream.codec_context.height)
            for n, frame in enumerate(container.decode(stream)):
                yield small(frame, n / 25 if frame.time is None else frame.time, *size)
    except av.FFmpegError as error:
        raise OSError(f"there is no camera {source} ({error.strerror})") from None
