"""Pictures as they come: of a camera of this system or of the network, of a pipe, or of a film."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av

from rtengine.film.reader import Picture, open_film, picture_stream, small, standing

NAME = "camera"  # camera, camera:1: the system's first, its second
NETWORK = re.compile(r"^(https?|rtsp|rtmp|srt|tcp|udp):/+")  # a Path has but one of the strokes
PATIENCE = 5.0  # seconds that a network camera may be silent
DOORS = {"linux": ("v4l2", "/dev/video{}"), "darwin": ("avfoundation", "{}:none"), "win32": ("dshow", "video={}")}


def is_camera(source: Path) -> bool:
    """Whether a name means a camera: camera, camera:1, a device of the system, a pipe, or http://phone:8080/video."""
    name, _, number = str(source).partition(":")
    own = name == NAME and (not number or number.isalnum())
    return own or bool(NETWORK.match(str(source))) or source.is_char_device() or source.is_fifo()


def frames(source: Path) -> Iterator[Picture]:
    """Decode as it comes; times count from the source's own start. OSError or ValueError in a sentence."""
    if not is_camera(source):
        yield from open_film(source).pictures()
        return
    seen = False
    try:
        with _opened(source) as container:
            stream = picture_stream(container)
            if stream is None:
                raise ValueError(f"{source} gives no picture")
            size = standing(stream.codec_context.width, stream.codec_context.height)
            for n, frame in enumerate(container.decode(stream)):
                seen = True
                yield small(frame, n / 25 if frame.time is None else frame.time, *size)
    except av.FFmpegError as error:
        what = f"camera {address(source)} is gone" if seen else f"there is no camera {address(source)}"
        raise OSError(f"{what} ({error.strerror})") from None


def _opened(source: Path) -> Any:
    if NETWORK.match(str(source)):
        return av.open(address(source), timeout=PATIENCE, options={"fflags": "nobuffer"})
    if source.is_fifo():
        return av.open(str(source))
    door, place = DOORS.get(sys.platform, DOORS["linux"])
    name = str(source) if source.is_char_device() else place.format(str(source).partition(":")[2] or "0")
    return av.open(name, format=door, options={"framerate": "25"} if door != "v4l2" else {})


def address(source: Path) -> str:
    """The name of a camera as it was given."""
    return NETWORK.sub(r"\1://", str(source))
