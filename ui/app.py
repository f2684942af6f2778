"""The program: a host, found or started, and a window on it."""

import argparse
import os
import signal
import sys
from contextlib import ExitStack, closing
from pathlib import Path

from pyqtgraph.util.garbage_collector import GarbageCollector
from PySide6.QtCore import QLocale, QSettings, QTimer, QTranslator
from PySide6.QtWidgets import QApplication

from rtengine.files.folders import default
from rtengine.native.cache import cache_directory
from ui.host.client import Client
from ui.host.client_host import Host, free_ports, is_running
from ui.look import theme
from ui.window import Window

TRANSLATIONS = Path(__file__).parent / "translations"
BAD_INPUT = 2  # exit status
PICTURE_AT = 5.0  # seconds
PICTURE = 1280, 720  # pixels of one
SETTINGS = "rtengine", "window"
CORNERS, MICROPHONE = "corners", "microphone"  # names of settings
NONE = "null"  # no input
LOOPBACK = ("127.", "localhost", "::1")


def run(options: argparse.Namespace) -> int:
    """Show the window until it is closed; the exit status. Raises OSError if a picture cannot be written."""
    if options.screenshot and not options.screenshot.absolute().parent.is_dir():
        raise OSError(f"{options.screenshot.absolute().parent} is no folder")
    application = dressed(options)
    with ExitStack() as stack:
        demo = None
        if options.demo:
            from ui.demo import Demo

            demo = stack.enter_context(closing(Demo(options.demo)))
        client, host = reached(options, demo.arguments() if demo else [])
        collector = GarbageCollector()  # in this thread: Qt crashes if the client's comes upon a window's remains
        stack.callback(collector.timer.stop)
        window = Window(client, default("clips"), default("songs"), client.host.startswith(LOOPBACK))
        if demo:
            demo.attach(window)
        else:
            remember(window)
        window.is_ours = host is not None
        window.show_absent()
        if host:
            window.restarted.connect(host.again)
            stack.enter_context(closing(host))
            host.said.connect(window.log.say)
            host.failed.connect(window.show_failed)
            if options.screenshot:
                host.failed.connect(fail)
            client.connected.connect(lambda on: host.reached() if on else None)
            if is_muted(options):
                greet_once(window)
            host.start()
        stack.enter_context(closing(client))
        client.open()
        if options.screenshot:
            window.resize(*PICTURE)
        window.showFullScreen() if options.full_screen else window.show()
        if options.screenshot or options.seconds is not None:
            leave_after(PICTURE_AT if options.seconds is None else options.seconds, window, options.screenshot)
        let_signals_close(window)
        return int(application.exec())


def dressed(options: argparse.Namespace) -> QApplication:
    """Qt, in our colours and in the player's language."""
    if sys.platform == "linux" and options.screenshot and not {"DISPLAY", "WAYLAND_DISPLAY"} & os.environ.keys():
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = QApplication(sys.argv[:1])
    application.setApplicationName("rtengine")
    theme.apply(application)
    locale = QLocale(options.language) if options.language else QLocale.system()
    translator = QTranslator(application)
    if translator.load(locale, "rtengine", "_", str(TRANSLATIONS)):
        application.installTranslator(translator)
    return application


def reached(options: argparse.Namespace, demo: list[str]) -> tuple[Client, Host | None]:
    """A client of the host that was named, that runs already, or that we are to start."""
    if options.connect:
        return Client(*options.connect), None
    if not (demo or options.host) and is_running():
        return Client(), None
    osc_port, port = free_ports(options.host)
    log = cache_directory() / f"host-{port}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    muted = ["--input", NONE] if is_muted(options) else []
    return Client(port=port), Host([*muted, *demo, *options.host], osc_port, port, log)


def is_muted(options: argparse.Namespace) -> bool:
    """Whether the host that is to be started leaves the microphone out: until the player, who is new, lets it in."""
    named = any(word.startswith(("--input", "--device")) for word in options.host)
    return not (options.demo or options.connect or named or QSettings(*SETTINGS).value(MICROPHONE, False, bool))


def remember(window: Window) -> None:
    """Keep the corners of the morph pad from one time to the next."""
    settings = QSettings(*SETTINGS)
    kept = settings.value(CORNERS, [])
    window.desk.corners = [str(name) for name in kept] if isinstance(kept, list) else []
    window.desk.pinned.connect(lambda: settings.setValue(CORNERS, window.desk.corners))
    window.unmuted.connect(lambda: settings.setValue(MICROPHONE, True))


def greet_once(window: Window) -> None:
    """When the host is there for the first time, say what can be done."""

    def greet(on: bool) -> None:
        if on:
            window.client.connected.disconnect(greet)
            window.greet(muted=True)

    window.client.connected.connect(greet)


def leave_after(seconds: float, window: Window, picture: Path | None) -> None:
    """Take the picture if one is wanted, and close, so long after the host was found."""
    timer = QTimer(window)
    timer.setSingleShot(True)
    timer.setInterval(round(1000 * seconds))
    timer.timeout.connect(lambda: leave(window, picture))
    window.client.connected.connect(lambda on: timer.start() if on and not timer.isActive() else None)


def let_signals_close(window: Window) -> None:
    """Close on Ctrl-C and SIGTERM; Python sees a signal only when it runs, so it runs now and then."""
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda number, frame: window.close())
    alive = QTimer(window)
    alive.timeout.connect(lambda: None)
    alive.start(200)


def fail(sentence: str) -> None:
    """Leave with bad input: nobody sees the window who could read the sentence there."""
    print(f"ui: {sentence}", file=sys.stderr)  # noqa: T201
    QApplication.exit(BAD_INPUT)


def leave(window: Window, picture: Path | None) -> None:
    """Take the picture, and close."""
    if picture:
        window.grab().save(str(picture))
    window.close()
