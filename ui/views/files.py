"""Songs as files: drop one, play it as the input, choose a range, render it, see and hear and keep the result."""

import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QDoubleSpinBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from ui.look import theme
from ui.parts.box import Box
from ui.views.job import Job
from ui.views.plot import clock
from ui.views.song import SHORTEST, Song
from ui.views.still import Still
from ui.views.survey import Survey, load

SOUNDS = "*.wav *.flac *.aif *.aiff *.ogg *.mp3 *.m4a *.opus *.mp4"
QUALITIES = ("lofi", "standard", "hifi")  # of offline.arguments
BAR = QSize(190, 20)
EARLY = 0.02  # of the work: before, nobody knows how long it takes
SAME = 1e-3  # seconds; ranges that differ by less are one


@dataclass(frozen=True)
class Result:
    """A range that was rendered."""

    name: str
    file: Path
    begin: float
    end: float
    before: Survey | None = None  # known when it is done
    after: Survey | None = None


class Files(QWidget):
    """One song at a time, and all that was rendered of it.

    Signals for whoever speaks to the host. played: a file is to be the input; stopped: the device is again. paused: or
    goes on. looped: begin and end in seconds. sought: a time. heard: a file is to be played beside the host; hushed: no
    more. busy: whether something is rendered. opened: another song is shown.
    """

    played = Signal(Path)
    stopped = Signal()
    paused = Signal(bool)
    looped = Signal(float, float)
    sought = Signal(float)
    heard = Signal(Path)
    hushed = Signal()
    busy = Signal(bool)
    opened = Signal()

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self.now, self._began = now, 0.0  # seconds
        self.setAcceptDrops(True)
        self.file: Path | None = None
        self.results: list[Result] = []
        self._folder = tempfile.TemporaryDirectory(prefix="rtengine-", ignore_cleanup_errors=True)
        self._look, self._render, self._save = Job(self), Job(self), Job(self)
        self._pending: Result | None = None
        self._blend: dict[str, float] = {}
        self._mix: float | None = None
        self._at_input, self._goes = "", False
        self._has_host = False
        self._make()
        self._lay_out()
        self._wire()
        self._refresh()

    # What it shows

    def hears(self) -> dict[str, object]:
        """The addresses that it shows."""
        return {
            "/input/file": self.show_file,
            "/input/play": self.show_playing,
            "/input/position": self.show_position,
        }

    def show_file(self, name: str) -> None:
        """The song that is the input, "" for the device."""
        was_input, self._at_input = self.is_input, name
        if self.is_input and not was_input and self.loop.isChecked():
            self._loop(True)  # not before: it takes a moment until the host has decoded it
        self._refresh()

    def show_host(self, on: bool) -> None:
        """Whether there is a host to play a song; it is looked at and rendered without one."""
        self._has_host = on
        if not on:
            self._at_input = ""
            self.show_position(-1.0)
        self._refresh()

    def show_playing(self, on: object) -> None:
        """Whether the song goes on."""
        self._goes = bool(on)
        self._refresh()

    def show_position(self, seconds: float) -> None:
        """Where in the song the input is."""
        for picture in (self.song, self.before, self.after):
            picture.show_position(seconds if self.is_input else -1.0)

    def show_textures(self, names: Iterable[str]) -> None:
        """What can be rendered, beside the blend that is played."""
        chosen = self.texture.currentData()
        self.texture.clear()
        self.texture.addItem(self.tr("as played now"), "")
        for name in names:
            self.texture.addItem(name, name)
        self.texture.setCurrentIndex(max(self.texture.findData(chosen), 0))

    def show_blend(self, weights: Mapping[str, float]) -> None:
        """The blend that is played."""
        self._blend = {name: weight for name, weight in weights.items() if weight >= 0.005}

    def show_mix(self, mix: float) -> None:
        """How much of the effect is played: 0 to 1."""
        self._mix = mix

    @property
    def is_rendering(self) -> bool:
        """Whether a range is being rendered: the button that renders gives it up then."""
        return self._render.is_running

    @property
    def is_input(self) -> bool:
        """Whether this song is what the host plays."""
        return self.file is not None and self._at_input == self.file.name

    # What can be done

    def open(self, file: Path) -> None:
        """Look at another song; what was rendered of the last one is let go."""
        for job in (self._look, self._render):
            job.close()
            job.blockSignals(False)
        self.file, self._pending = file, None
        self.results.clear()
        self.result.clear()
        self.song.show_survey(None)
        self.before.show_survey(None, self.tr("Reading …"))
        self.after.show_survey(None)
        self.say("")
        self._look.start("ui.views.survey", [str(file), self._path("song.npz")])
        self._refresh()
        self.opened.emit()

    def render_range(self) -> None:
        """Render the range with the chosen texture and quality."""
        if self.file is None or not self.song.survey or self._render.is_running:
            return
        texture, mix = self.texture.currentData(), []
        name = texture or "+".join(self._blend)
        if not name:
            self.say(self.tr("No texture is heard: choose one"), wrong=True)
            return
        if not texture:
            texture = ",".join(f"{n}:{weight:.3f}" for n, weight in self._blend.items())
            mix = ["--mix", f"{self._mix:.4f}"] if self._mix is not None else []
        quality, begin, end = self.quality.currentData(), self.song.begin, self.song.end
        number = len(self.results)
        sound, overview = self._path(f"{number}.wav"), self._path(f"{number}.npz")
        self._pending = Result(f"{name} · {quality}", Path(sound), begin, end)
        arguments = ["render", str(self.file), sound, "--texture", texture, "--quality", quality, *mix]
        arguments += ["--start", f"{begin:.6f}", "--overview", overview, "--progress", "json", "--force"]
        if end < self.song.seconds - SAME:
            arguments += ["--duration", f"{end - begin:.6f}"]
        self.say("")
        self.after.show_survey(None, self.tr("Rendering …"))
        self._render.start("offline", arguments)
        self._refresh()

    def cancel(self) -> None:
        """Give up what is being rendered."""
        self._render.cancel()

    def save_as(self, to: Path) -> None:
        """Keep the chosen result."""
        if (result := self.chosen()) and not self._save.is_running:
            self._save.start("ui.views.save", [str(result.file), str(to)])
            self._saving = to

    def chosen(self) -> Result | None:
        """The result that is shown."""
        index = self.result.currentIndex()
        return self.results[index] if 0 <= index < len(self.results) else None

    def say(self, sentence: str, wrong: bool = False) -> None:
        """Tell the player."""
        self.message.setText(sentence)
        self.message.setToolTip(sentence)
        self.message.setStyleSheet(f"color: {theme.WARM if wrong else theme.QUIET};")

    def close_all(self) -> None:
        """End what is at work, and let go of what was not kept."""
        self.hushed.emit()
        for job in (self._look, self._render, self._save):
            job.close()
        self._folder.cleanup()

    # How it is made

    def _make(self) -> None:
        self.choose = QPushButton(self.tr("Open song …"))
        self.title = QLabel()
        self.title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.play = QPushButton()
        self.loop = QPushButton(self.tr("Loop"))
        self.loop.setCheckable(True)
        self.loop.setToolTip(self.tr("Go round in the range"))
        self.device = QPushButton(self.tr("Device input"))
        self.song = Song()
        self.begin, self.end = QDoubleSpinBox(), QDoubleSpinBox()
        for edge, words in ((self.begin, self.tr("Begin of the range")), (self.end, self.tr("End of the range"))):
            edge.setSuffix(self.tr(" s"))
            edge.setAccessibleName(words)
            edge.setToolTip(words)
            edge.setFixedWidth(80)
            edge.setKeyboardTracking(False)
        self.texture, self.quality, self.result = Box(), Box(), Box()
        self.texture.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.show_textures(())
        for name in QUALITIES:
            self.quality.addItem(name, name)
        self.quality.setCurrentIndex(1)
        self.start = QPushButton(self.tr("Render"))
        self.start.setMinimumWidth(84)
        self.bar = QProgressBar()
        self.bar.setFixedSize(BAR)
        self.before = Still(self.tr("BEFORE"), self.tr("Drop a song here"))
        self.after = Still(self.tr("AFTER"))
        self.after.setXLink(self.before)
        self.result.setFixedWidth(200)
        self.hear, self.keep = QPushButton(self.tr("Hear")), QPushButton(self.tr("Save …"))
        self.hear.setCheckable(True)
        self.message = QLabel()
        self.message.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, theme.GAP, 0, 0)
        layout.setSpacing(theme.GAP)
        layout.addLayout(row(self.choose, self.title, self.play, self.loop, self.device))
        layout.addWidget(self.song)
        heading = QLabel(self.tr("Range"))
        heading.setProperty("role", "quiet")
        layout.addLayout(row(heading, self.begin, self.end, self.texture, self.quality, self.start))
        layout.addWidget(self.before, 1)
        layout.addWidget(self.after, 1)
        layout.addLayout(row(self.result, self.hear, self.keep, self.message, self.bar))

    def _wire(self) -> None:
        self.choose.clicked.connect(self._ask_for_song)
        self.play.clicked.connect(self._play)
        self.device.clicked.connect(self.stopped)
        self.loop.toggled.connect(self._loop)
        self.song.selected.connect(self._select)
        self.song.sought.connect(lambda seconds: self.sought.emit(seconds) if self.is_input else None)
        self.begin.valueChanged.connect(lambda value: self.song.select(value, self.song.end))
        self.end.valueChanged.connect(lambda value: self.song.select(self.song.begin, value))
        self.start.clicked.connect(lambda: self.cancel() if self._render.is_running else self.render_range())
        self.result.activated.connect(self._show_result)
        self.hear.toggled.connect(self._hear)
        self.keep.clicked.connect(self._ask_where)
        self._look.done.connect(self._looked)
        self._look.failed.connect(self._not_looked)
        self._look.progress.connect(self._show_progress)
        self._render.done.connect(self._rendered)
        self._render.failed.connect(self._not_rendered)
        self._render.progress.connect(self._show_progress)
        self._save.done.connect(lambda said: self.say(self.tr("Saved as {}").format(self._saving)))
        self._save.failed.connect(lambda said: self.say(said, wrong=True))

    def _refresh(self) -> None:
        """Let every button say what it can do now."""
        ready, rendering = self.song.survey is not None, self._render.is_running
        self.title.setText(f"{self.file.name} · {length(self.song.seconds)}" if self.file and ready else "")
        going = self.tr("Pause") if self._goes else self.tr("Play")
        self.play.setText(going if self.is_input else self.tr("Play as input"))
        self.device.setEnabled(bool(self._at_input))
        for of_host in (self.play, self.loop):
            of_host.setEnabled(ready and self._has_host)
        for usable in (self.begin, self.end, self.start):
            usable.setEnabled(ready)
        self.start.setText(self.tr("Cancel") if rendering else self.tr("Render"))
        self.bar.setVisible(rendering or self._look.is_running)
        for shown in (self.result, self.hear, self.keep):
            shown.setVisible(bool(self.results))
        self.busy.emit(rendering)

    def _path(self, name: str) -> str:
        return str(Path(self._folder.name) / name)

    def _ask_for_song(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, self.tr("A song"), "", self.tr("Sounds ({})").format(SOUNDS))
        if name:
            self.open(Path(name))

    def _ask_where(self) -> None:
        if self.file and (result := self.chosen()):
            suggested = self.file.with_name(f"{self.file.stem}-{result.name.split(' ')[0]}.wav")
            kinds = self.tr("Sounds ({})").format("*.wav *.flac *.ogg *.mp3 *.opus")
            name, _ = QFileDialog.getSaveFileName(self, self.tr("Save the result"), str(suggested), kinds)
            if name:
                self.save_as(Path(name))

    def _play(self) -> None:
        if self.is_input:
            self.paused.emit(self._goes)
        elif self.file:
            self.played.emit(self.file)

    def _loop(self, on: bool) -> None:
        if self.is_input:
            begin, end = (self.song.begin, self.song.end) if on else (0.0, self.song.seconds)
            self.looped.emit(begin, end)
            if not begin <= self.song.position <= end:
                self.sought.emit(begin)

    def _hear(self, on: bool) -> None:
        result = self.chosen()
        if on and result:
            self.heard.emit(result.file)
        else:
            self.hushed.emit()

    def _select(self, begin: float, end: float) -> None:
        self._show_edges()
        self._show_range()
        if self.loop.isChecked():
            self._loop(True)

    def _show_edges(self) -> None:
        for edge, value in ((self.begin, self.song.begin), (self.end, self.song.end)):
            edge.blockSignals(True)
            edge.setRange(0.0, self.song.seconds)
            edge.setValue(value)
            edge.blockSignals(False)

    def _show_range(self) -> None:
        """Show the range: as it was rendered, if it was, else as far as the song was looked at."""
        begin, end, result = self.song.begin, self.song.end, self.chosen()
        if result and abs(result.begin - begin) < SAME and abs(result.end - end) < SAME:
            self.before.show_survey(result.before, begin=begin)
            self.after.show_survey(result.after, begin=begin)
        elif self.song.survey and end - begin >= SHORTEST / 2:
            self.before.show_survey(self.song.survey.part(begin, end), begin=begin)
            words = self.tr("Rendering …") if self._render.is_running else self.tr("Render to see what becomes of it")
            self.after.show_survey(None, words)

    def _show_result(self) -> None:
        if result := self.chosen():
            self.hear.setChecked(False)
            self.song.select(result.begin, result.end)
            self._show_range()

    def _show_progress(self, share: float) -> None:
        """How much is done, and after a moment how long the rest will take."""
        self.bar.setRange(0, 0 if share < 0 else 1000)
        self.bar.setValue(round(1000 * max(share, 0.0)))
        passed = self.now() - self._began
        if share < EARLY:
            self._began = self.now() if share < 0 else self._began
            self.bar.setFormat("%p %")
        else:
            left = self.tr("{} left").format(length(passed * (1 - share) / share))
            self.bar.setFormat(f"%p % · {left}")

    def _looked(self, said: str) -> None:
        try:
            survey = load(Path(self._path("song.npz")), "song")
        except (OSError, ValueError, KeyError) as error:
            self._not_looked(str(error))
            return
        self.song.show_survey(survey)
        self.say(said, wrong=bool(said))
        self._show_edges()
        self._show_range()
        self._refresh()

    def _not_looked(self, said: str) -> None:
        self.file = None
        self.before.show_survey(None, self.tr("Drop a song here"))
        self.say(said, wrong=True)
        self._refresh()

    def _rendered(self, said: str) -> None:
        pending, self._pending = self._pending, None
        if pending is None:
            return
        try:
            before, after = (load(pending.file.with_suffix(".npz"), name) for name in ("before", "after"))
        except (OSError, ValueError, KeyError) as error:
            self._not_rendered(str(error))
            return
        result = replace(pending, before=before, after=after)
        self.results.append(result)
        self.result.addItem(f"{result.name} · {length(result.end - result.begin)}")
        self.result.setCurrentIndex(len(self.results) - 1)
        self.say(said, wrong=bool(said))
        self._show_result()
        self._refresh()

    def _not_rendered(self, said: str) -> None:
        self._pending = None
        self.say(said or self.tr("Given up"), wrong=bool(said))
        self._show_range()
        self._refresh()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        files = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if files:
            event.acceptProposedAction()
            self.open(files[0])

    def closeEvent(self, event: QCloseEvent) -> None:
        self.close_all()
        super().closeEvent(event)


def length(seconds: float) -> str:
    """Of a sound, as people write it: 9.5 s, 3:42."""
    return f"{seconds:.1f} s" if seconds < 60 else clock(round(seconds))


def row(*widgets: QWidget) -> QHBoxLayout:
    """Side by side; what may have any width takes the room."""
    layout = QHBoxLayout()
    layout.setSpacing(theme.GAP)
    for widget in widgets:
        layout.addWidget(widget, 1 if widget.sizePolicy().horizontalPolicy() == QSizePolicy.Policy.Ignored else 0)
    layout.setAlignment(Qt.AlignmentFlag.AlignVCenter)
    return layout
