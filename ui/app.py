"""The program: a host, found or started, and a window on it."""

import argparse
import os
import signal
import sys
from pathlib import Path

from PySide6.QtCore import QLocale, QStandardPaths, QTimer, QTranslator
from PySide6.QtWidgets import QApplication

from rtengine.arguments import OSCQUERY_PORT
from ui import theme
from ui.client import Client
from ui.client_host import HERE, Host, free_ports, is_running
from ui.window import Window

TRANSLATIONS = Path(__file__).parent / "translations"
PICTURE_AT = 5.0  # seconds
LOOPBACK = ("127.", "localhost", "::1")


def run(options: argparse.Namespace) -> int:
    """Show the window until it is closed; the exit status. Raises OSError if a picture cannot be written."""
    if options.screenshot and not options.screenshot.absolute().parent.is_dir():
        raise OSError(f"{options.screenshot.absolute().parent} is no folder")
    if sys.platform == "linux" and options.screenshot and not {"DISPLAY", "WAYLAND_DISPLAY"} & os.environ.keys():
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = QApplication(sys.argv[:1])
    application.setApplicationName("rtengine")
    theme.apply(application)
    translator = translated(options.language)
    if translator:
        application.installTranslator(translator)
    host, where, port, demo = None, HERE, OSCQUERY_PORT, None
    if options.connect:
        where, port = options.connect
    elif options.demo or options.host or not is_running():
        arguments = list(options.host)
        if options.demo:
            from ui.demo import Demo

            demo = Demo(options.demo)
            arguments = [*demo.arguments(), *arguments]
        osc_port, port = free_ports()
        host = Host(arguments, osc_port, port, log_file(port), application)
    client = Client(where, port)
    folder = Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.GenericDataLocation)) / "rtengine"
    window = Window(client, folder / "clips", folder / "songs", where.startswith(LOOPBACK))
    if host:
        host.said.connect(window.log.say)
        client.connected.connect(lambda on: host.reached() if on else None)
        host.start()
    if demo:
        demo.attach(window, host)
    client.open()
    window.showFullScreen() if options.full_screen else window.show()
    timers = []
    if options.screenshot or options.seconds is not None:
        seconds = PICTURE_AT if options.seconds is None else options.seconds
        timers.append(QTimer(application))
        timers[0].setSingleShot(True)
        timers[0].setInterval(round(1000 * seconds))
        timers[0].timeout.connect(lambda: leave(window, options.screenshot))
        client.connected.connect(lambda on: timers[0].start() if on and not timers[0].isActive() else None)
    alive = QTimer(application)
    alive.timeout.connect(lambda: None)  # lets Python see a signal
    alive.start(200)
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda number, frame: window.close())
    status = application.exec()
    client.close()
    if host:
        host.close()
    return int(status)


def leave(window: Window, picture: Path | None) -> None:
    """Take the picture, and close."""
    if picture:
        window.grab().save(str(picture))
    window.close()


def translated(language: str | None) -> QTranslator | None:
    """The texts in a language, by default that of the system; None for English."""
    locale = QLocale(language) if language else QLocale.system()
    translator = QTranslator()
    return translator if translator.load(locale, "rtengine", "_", str(TRANSLATIONS)) else None


def log_file(port: int) -> Path:
    """Where a host that we start writes what it says."""
    from rtengine.cache import cache_directory

    cache_directory().mkdir(parents=True, exist_ok=True)
    return cache_directory() / f"host-{port}.log"
