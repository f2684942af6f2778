"""The files view on the host: songs that are played as the input, and results that are heard beside it."""

from pathlib import Path

from ui.host.desk import Desk
from ui.host.files_of_host import Folder
from ui.textures.tryout import Tryout
from ui.views.files import Files

MIX = "/mix/amount"


def wire(files: Files, desk: Desk, songs: Folder) -> None:
    """Let the view speak to the host. songs: the host's folder of them."""
    ask = desk.ask.emit
    tryout = Tryout(files)

    def play(file: Path) -> None:
        if name := songs.take(file):
            ask("/input/file", (name,))

    files.played.connect(play)
    files.stopped.connect(lambda: ask("/input/file", ("",)))
    files.paused.connect(lambda on: ask("/input/play", (not on,)))
    files.looped.connect(lambda begin, end: ask("/input/loop", (begin, end)))
    files.sought.connect(lambda seconds: ask("/input/seek", (seconds,)))
    files.heard.connect(tryout.play)
    files.hushed.connect(tryout.stop)
    tryout.ended.connect(lambda: files.hear.setChecked(False))
    tryout.failed.connect(desk.said)


def watch(files: Files, desk: Desk) -> None:
    """Let the view know what is played now, after each change of the controls."""
    shares = next(iter(desk.shares().values()), [])
    files.show_textures(control.name for control in shares)

    def show_blend(value: float) -> None:
        files.show_blend({c.name: c.position(desk.values[c.address]) for c in shares})

    for control in shares:
        desk.watch(control.address, show_blend)
    desk.watch(MIX, files.show_mix)
