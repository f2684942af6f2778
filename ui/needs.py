"""What Qt needs of the system to show a window, asked before Qt is: it would end the program without a sentence."""

import ctypes
import os
import sys
from collections.abc import Callable, Mapping

ALWAYS = {  # libraries and the Debian packages that bring them: to load Qt's modules at all
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libfontconfig.so.1": "libfontconfig1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libxkbcommon.so.0": "libxkbcommon0",
}
X11 = {  # for a window on X11
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
SCREENS = "DISPLAY", "WAYLAND_DISPLAY"


def check(offscreen: bool, environment: Mapping[str, str] = os.environ, system: str = sys.platform) -> None:
    """Raise OSError with what to do if Qt could not show a window. offscreen: none is to be shown."""
    if system != "linux":
        return
    platform = environment.get("QT_QPA_PLATFORM", "").partition(":")[0]
    screens = [name for name in SCREENS if environment.get(name)]
    if not (offscreen or platform or screens):
        raise OSError("there is no screen: neither DISPLAY nor WAYLAND_DISPLAY is set")
    on_x11 = not offscreen and (platform == "xcb" or (not platform and screens == ["DISPLAY"]))
    missing = lacking(ALWAYS | (X11 if on_x11 else {}))
    if missing:
        raise OSError(f"Qt needs {', '.join(missing)}: on Debian and Ubuntu, apt install {' '.join(missing)}")


def lacking(libraries: Mapping[str, str], load: Callable[[str], object] = ctypes.CDLL) -> list[str]:
    """The packages of those libraries that cannot be loaded."""
    missing = []
    for library, package in libraries.items():
        try:
            load(library)
        except OSError:
            missing.append(package)
    return missing
