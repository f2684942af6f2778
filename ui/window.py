"""The window: everything in its place, and wired to the host through the desk."""

from pathlib import Path

from PySide6.QtCore import QRect, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QFrame,
    QLabel,
    QLayout,
    QLineEdit,
    QMainWindow,
    QTabWidget,
    QWidget,
)

from rtengine.osc.packet import Argument
from ui.host.address import of_this_computer
from ui.host.client import Client
from ui.host.client_host import is_running
from ui.host.desk import Desk
from ui.host.files_of_host import Folder
from ui.host.undo import Undo
from ui.look import theme, words
from ui.look.layout import button, card, column, grid, row, title
from ui.pages import Pages
from ui.parts.banner import Banner
from ui.parts.compare import Compare
from ui.parts.controls import Fader
from ui.parts.controls_list import ControlList
from ui.parts.device import DeviceChoice
from ui.parts.keys import Sheet, bind
from ui.parts.log import Log
from ui.parts.phone import Phone
from ui.parts.quality import Quality
from ui.parts.record import Record
from ui.parts.scenes import Scenes
from ui.parts.status import NONE, Status, pairs
from ui.parts.veil import Veils
from ui.parts.welcome import Welcome
from ui.textures.blend import heard, picture
from ui.textures.closer import Closer
from ui.textures.gallery import Gallery
from ui.textures.morph import Morph
from ui.textures.tiles import Tiles, choose
from ui.views.files import Files
from ui.views.job import Job
from ui.views.load import Load
from ui.views.meters import Meters
from ui.views.patch import PatchPage
from ui.views.spectrogram import Spectrograms
from ui.views.waveform import Waveform
from ui.window_files import watch, wire
from ui.window_keys import table

LEFT, RIGHT, FOOT = (372, 600), (250, 340), 148  # pixels: widths of the columns at the sides, height of the lowest row
SHARES = 0.29, 0.19  # of the width, for the columns at the sides
FIRST = 1600, 900  # pixels, of the window at first, where the screen has room
FRAME = 16, 40  # pixels that the window's frame takes, at most
LOWEST = 104  # pixels, of the lowest row
USUAL = 720  # pixels, height of a window in which everything has its usual size
TALL = 860  # pixels, of a window that has room for the pictures and all controls
ASK = 1000  # milliseconds between two questions for what the host does not tell by itself
AGAIN = 4  # of them between two requests for pictures of the sound, which are granted for ten seconds
CALM = 100  # milliseconds between two looks at what is heard
LISTS = "/scene/list", "/clip/list", "/clip/closer/list", "/learn/list"  # asked for as well
DEMO = "demo.wav"  # among the songs
MIX, QUALITY = "/mix/amount", "quality"  # what is prominent, if the host has it: an address, and a name


def first_size() -> tuple[int, int]:
    """Of the window, within its frame on this screen."""
    screen = QApplication.primaryScreen()
    room = screen.availableGeometry() if screen else QRect(0, 0, 1280, 720)
    return min(FIRST[0], room.width() - FRAME[0]), min(FIRST[1], room.height() - FRAME[1])


class Window(QMainWindow):
    """clips: the folder of sounds that may become textures. here: whether the host runs on this computer.

    unmuted: the player has let the microphone in. restarted: the host is to play with other options.
    """

    unmuted = Signal()
    restarted = Signal(object)

    def __init__(self, client: Client, clips: Path, songs: Path, here: bool = True) -> None:
        super().__init__()
        self.client = client
        self.clips, self.songs = Folder(clips, here, self), Folder(songs, here, self)
        self.desk = Desk(self)
        self.gallery = Gallery(clips, self)
        self.undo = Undo(self.desk)
        self.keys = table(self)
        self._heard: object = None
        self._standing = ""  # what is wrong with the device
        self.is_ours = False  # whether the host was started here, and can be again
        self.is_muted = False  # the microphone, until the player lets it in
        self._was_there, self._asked = False, 0
        self._make()
        self._lay_out()
        self._wire()
        self.setWindowTitle("rtengine")
        self.resize(*first_size())
        self.show_connected(False)

    def _make(self) -> None:
        self.link, self.banner = QLabel(), Banner()
        self.back = button(self.tr("Undo"), tip=self.tr("Take back what was turned last: Ctrl+Z. Again: Ctrl+Shift+Z"))
        self.record = Record(self.desk)
        self.learn = button(self.tr("Learn MIDI"), "warm", checkable=True)
        self.compare = Compare(self.desk)
        self.bypass = button(self.tr("Bypass"), "warm", checkable=True)
        self.panic = button(self.tr("Panic"), "stop")
        self.phone = button(self.tr("Phone"), tip=self.tr("Play it from a phone"))
        self.help = button("?", tip=self.tr("All keys"))
        self.tiles, self.closer, self.morph = Tiles(self.desk, self.gallery), Closer(self.desk), Morph(self.desk)
        self.mix: Fader | None = None
        self.quality: Quality | None = None
        self.list = ControlList(self.desk)
        self.scenes, self.log, self.status = Scenes(self.desk), Log(), Status(self.desk)
        self.patch = PatchPage(self.desk)
        self.meters, self.spectrograms, self.waveform, self.load = Meters(), Spectrograms(), Waveform(), Load()
        self.files = Files()
        self.tabs = QTabWidget()
        self.pages = Pages(self.desk, self.tabs)
        self.sheet, self.welcome = Sheet(self, self.keys, self.tr("Keys")), Welcome(self.tabs)
        self.veils = Veils(
            self,
            {
                self.tiles: self.tr("Drop a sound here: it becomes a texture"),
                self.tabs: self.tr("Drop a song here: it is played, and can be rendered"),
            },
        )

    def _lay_out(self) -> None:
        self.prominent = column(spacing=theme.GAP)
        texture = column(title(self.tr("Texture")), self.tiles, self.closer, (self.morph, 1), self.prominent)
        self.live = QWidget()
        self.live.setLayout(column((self.spectrograms, 4), (self.waveform, 1), spacing=theme.GAP))
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setDrawBase(False)
        self.tabs.addTab(self.live, self.tr("Live"))
        self.tabs.addTab(self.files, self.tr("Files"))
        scenes, log = self._card(self.tr("Scenes"), self.scenes), self._card(self.tr("Log"), self.log)
        self._low = scenes, log
        self._left = card(texture), scenes
        self._places = places = grid()
        self._middle = card(column((self.tabs, 1), self.list))
        places.addWidget(self._left[0], 0, 0)
        places.addWidget(self._middle, 0, 1)
        places.addWidget(self._side(), 0, 2, 2, 1)
        places.addWidget(scenes, 1, 0)
        places.addWidget(log, 1, 1)
        places.setColumnStretch(1, 1)
        places.setRowStretch(0, 1)
        self.ground = QWidget()
        self.ground.setLayout(places)
        whole = QWidget()
        whole.setObjectName("ground")
        layout = column(self._bar(), self.banner, (self.ground, 1), spacing=theme.GAP)
        layout.setContentsMargins(theme.GAP, theme.GAP, theme.GAP, theme.GAP)
        whole.setLayout(layout)
        self.setCentralWidget(whole)

    def _bar(self) -> QLayout:
        bar = row(self.link)
        bar.addStretch(1)
        for widget in (
            self.record,
            self.phone,
            self.learn,
            self.back,
            self.compare,
            self.bypass,
            self.panic,
            self.help,
        ):
            bar.addWidget(widget)
        return bar

    def _side(self) -> QWidget:
        cards = [
            self._card(self.tr("Level"), self.meters),
            self._card(self.tr("Load"), self.load),
            self._card(self.tr("Host"), self.status),
        ]
        self._right = QWidget()
        self._right.setLayout(column((cards[0], 1), *cards[1:], spacing=theme.GAP))
        return self._right

    def _card(self, heading: str, content: QWidget) -> QFrame:
        return card(column(title(heading), (content, 1)))

    def _wire(self) -> None:
        client, desk = self.client, self.desk
        client.namespace.connect(desk.offer)
        client.message.connect(desk.hear)
        client.connected.connect(self.show_connected)
        desk.ask.connect(self._ask)
        desk.move.connect(client.send_together)
        desk.said.connect(self.log.say)
        desk.rebuilt.connect(self.rebuild)
        desk.learning.connect(self.show_learning)
        self.learn.toggled.connect(desk.learn)
        self.bypass.clicked.connect(lambda on: desk.ask.emit("/bypass", (on,)))
        self.panic.clicked.connect(self.stop)
        self.help.clicked.connect(self.sheet.toggle)
        self.phone.clicked.connect(self.show_phone)
        self.back.clicked.connect(self.undo.back)
        self.undo.changed.connect(lambda: self.back.setEnabled(self.undo.can_go_back))
        self.list.fold.toggled.connect(lambda out: self.fit())
        self.welcome.demo.connect(self.play_demo)
        self.welcome.song.connect(self.files.choose.click)
        self.welcome.device.connect(self.choose_device)
        self.welcome.microphone.connect(self.let_in)
        self.files.played.connect(lambda file: self.welcome.hide())
        self.files.opened.connect(self.show_files)
        self.tiles.dropped.connect(self.add_texture)
        self.gallery.ready.connect(lambda name: self.show_heard(again=True))
        wire(self.files, desk, self.songs)
        for folder in (self.clips, self.songs):
            folder.failed.connect(self.log.say)
        self.status.choose.clicked.connect(self.choose_device)
        self.status.lost.connect(self.show_device_lost)
        self._demo = Job(self)
        self._demo.done.connect(lambda said: self._demo_made())
        self._demo.failed.connect(self.show_failed)
        self._calm = QTimer(self)
        self._calm.setSingleShot(True)
        self._calm.setInterval(CALM)
        self._calm.timeout.connect(self.show_heard)
        self._timer = QTimer(self)
        self._timer.setInterval(ASK)
        self._timer.timeout.connect(self.ask)
        bind(self, self.keys)

    def rebuild(self) -> None:
        """Show what is prominent among the controls that there are now, and watch what the host tells."""
        while item := self.prominent.takeAt(0):
            if widget := item.widget():
                widget.deleteLater()
        controls = self.desk.controls
        self.mix = Fader(self.desk, controls[MIX], self.tr("Mix"), 40) if MIX in controls else None
        named = [c for c in controls.values() if c.name == QUALITY and c.choices]
        self.quality = Quality(self.desk, named[0]) if named else None
        for widget in (self.mix, self.quality):
            if widget:
                self.prominent.addWidget(widget)
        self.pages.rebuild()
        self.show_page(bool(self.desk.shares()))
        self.fit()
        self.watch()

    def show_page(self, has_textures: bool) -> None:
        """The page of textures, or where there are none, that of any patch, which takes its place."""
        self._left[0].setVisible(has_textures or not self.desk.controls)
        at, across = (1, 1) if has_textures or not self.desk.controls else (0, 2)
        self._places.addWidget(self._middle, 0, at, 1, across)
        there = self.tabs.indexOf(self.patch)
        if across == 2 and there < 0:
            at = self.tabs.insertTab(len(self.pages.there), self.patch, self.tr("Patch"))
            self.tabs.setCurrentIndex(0 if self.pages.there else at)  # an instrument's own page comes first
        elif across == 1 and there >= 0:
            self.tabs.removeTab(there)

    def watch(self) -> None:
        """Hear what is no control."""
        desk = self.desk
        self.status.watch()
        self.closer.watch()
        desk.watch("/bypass", self.show_bypass)
        desk.watch("/engine/latency", lambda samples: self.show_latency())
        desk.watch("/engine/sample_rate", lambda rate: self.show_latency())
        desk.watch("/status.reply", self.show_status)
        desk.watch("/learn/list.reply", desk.show_learned)
        desk.watch("/scene/list.reply", lambda *names: self.scenes.show_names(names))
        for address in ("/log", "/error"):
            desk.watch(address, lambda *parts: self.log.say(str(parts[-1])))  # /error ADDRESS SENTENCE
        for view in (self.meters, self.spectrograms, self.waveform, self.load, self.files):
            for address, feed in view.hears().items():
                if callable(feed):
                    desk.watch(address, feed)
        watch(self.files, desk)
        for tile in self.tiles.tiles.values():
            desk.watch(tile.control.address, lambda value: self._calm.isActive() or self._calm.start())
        self._calm.start()
        self.status.choose.setEnabled("/device/select" in desk.addresses)
        self.tiles.add.setEnabled("/clip/add" in desk.addresses)

    def _ask(self, address: str, arguments: tuple[Argument, ...]) -> None:
        self.desk.flush()
        self.client.send(address, *arguments)

    def ask(self) -> None:
        """Ask for what the host does not tell by itself."""
        if self.client.is_connected:
            self.client.send("/status")
            if self._asked % AGAIN == 0:
                self.client.send("/scope", 1)
            self._asked += 1
            for address in LISTS:
                if address in self.desk.addresses:
                    self.client.send(address)

    def show_connected(self, on: bool) -> None:
        """The host was found, or lost."""
        where = f"{self.client.host}:{self.client.port}"
        colour, state = (theme.GOOD, where) if on else (theme.STOP, self.tr("no host"))
        self.link.setText(f'<b>rtengine</b> &nbsp; <span style="color:{colour}">●</span> {state}')
        self.show_usable(on)
        self.back.setEnabled(on and self.undo.can_go_back)
        if on:
            if not self._was_there:
                self.morph.setFocus()
            self._was_there = True
            self.show_banner("")
            self.log.say(self.tr("Host found at {}").format(where))
            self._timer.start()
            self._asked = 0
            self.ask()
            return
        self._timer.stop()
        self._standing = ""
        self.desk.learn(False)
        self.show_midi(False)
        views = (
            self.meters,
            self.load,
            self.spectrograms,
            self.waveform,
            self.status,
            self.record,
            self.closer,
            self.patch,
            self.pages,
        )
        for view in views:
            view.forget()
        if self._was_there:
            self.log.say(self.tr("Host lost"))
        self.show_absent()

    def show_usable(self, on: bool) -> None:
        """Without a host its controls rest; files are rendered all the same, and the log can be read."""
        pages = [page for at in range(self.tabs.count()) if (page := self.tabs.widget(at)) and page is not self.files]
        of_host = (*self._left, self._right, self.list, *pages)
        for widget in (*of_host, self.phone, self.compare, self.bypass, self.panic):
            widget.setEnabled(on)
        self.files.show_host(on)

    def show_absent(self) -> None:
        """There is no host: say whose turn it is."""
        where = f"{self.client.host}:{self.client.port}"
        if self._was_there and self.is_ours:
            self.show_banner(self.tr("Host lost: looking for it at {}").format(where))
        elif self._was_there:
            ended = self.tr("The host at {} is gone. It was not started here: start it again, and the window joins it")
            self.show_banner(ended.format(where))
        elif self.is_ours:
            waiting = self.tr("Waiting for the host; the very first start takes up to half a minute")
            self.show_banner(waiting, mild=True)
        else:
            self.show_banner(self.tr("No host at {} yet: start it, and the window joins it").format(where), mild=True)

    def show_failed(self, sentence: str) -> None:
        """There will be no host."""
        self.show_banner(sentence)
        self.log.say(sentence)

    def show_device_lost(self, lost: bool, name: str) -> None:
        """The host plays on without its device; the log has it from the host."""
        words = self.tr("Device lost: {}. The host plays on and looks for it").format(name)
        if name == NONE:
            words = self.tr("There is no sound card: nothing is heard until there is one, all else works")
        self._standing = words if lost else ""
        self.show_banner("")

    def show_banner(self, text: str, mild: bool = False) -> None:
        """A sentence that nobody can miss; "" for none but what is still wrong with the device."""
        self.banner.say(text or self._standing, mild and bool(text))
        self.fit()

    def show_learning(self, on: bool) -> None:
        """Each control waits for a click."""
        self.learn.setChecked(on)
        request = self.tr("Click a control, then move a knob of your MIDI controller")
        if on or self.banner.property("mild"):
            self.show_banner(request if on else "", mild=True)

    def show_bypass(self, on: object, *more: object) -> None:
        """Whether the sound passes untouched."""
        self.bypass.setChecked(bool(on))

    def show_latency(self) -> None:
        """What each quality means."""
        if self.quality and self.status.sample_rate:
            self.quality.show_latency(self.status.latency / self.status.sample_rate)

    def show_heard(self, again: bool = False) -> None:
        """The picture of what is heard, a texture or a blend, beside the spectrograms."""
        tiles = self.tiles.tiles.values()
        blend = heard({tile: tile.control.position(self.desk.values[tile.control.address]) for tile in tiles})
        told = [(tile.control.address, round(share, 2)) for tile, share in blend]
        if again or told != self._heard:
            self._heard = told
            self.closer.show_heard(blend[0][0].control.name if blend else "")
            names = [words.name(tile.control) for tile, share in blend]
            if len(blend) > 1:
                names = [f"{name} {100 * share:.0f}" for name, (tile, share) in zip(names, blend, strict=True)]
            self.spectrograms.show_texture("\n".join(names), picture((tile.picture, share) for tile, share in blend))

    def show_midi(self, there: bool) -> None:
        """Whether there is a MIDI input whose knobs could be learnt."""
        self.learn.setEnabled(there and "/learn" in self.desk.addresses)
        there_is = self.tr("Click a control, then move a knob of your MIDI controller")
        none = self.tr("There is no MIDI input: choose one under Device …")
        self.learn.setToolTip(there_is if there else none)

    def show_status(self, *arguments: object) -> None:
        """The answer to /status."""
        status = pairs(arguments)
        if "/device" not in self.desk.readings and isinstance(status.get("device"), str):
            self.status.show_device("", str(status["device"]))
        self.show_midi(bool(status.get("midi", True)))
        self.record.show_status(status)
        load = self.status.recent_load(status)
        if load is not None and self.quality:
            self.quality.show_load(load)

    def add_texture(self, file: Path) -> None:
        """Let a sound become a texture: the host takes it from its own folder."""
        if name := self.clips.take(file):
            self.desk.ask.emit("/clip/add", (name,))
            self.log.say(self.tr("{} becomes a texture").format(name))

    def greet(self, muted: bool) -> None:
        """Say what can be done, to somebody who is here for the first time. muted: whether the microphone is off."""
        self.is_muted = muted
        self.welcome.open(muted)

    def play_demo(self) -> None:
        """Make the demo music, if it is not there, and play it as the input."""
        self.welcome.hide()
        self.morph.setFocus()
        self.show_banner(self.tr("Making the demo music …"), mild=True)
        self._demo.start("ui.demo_music", [str(self.songs.path / DEMO)])

    def _demo_made(self) -> None:
        self.show_banner("")
        self.files.open(self.songs.path / DEMO)
        self.files.played.emit(self.songs.path / DEMO)
        self.tabs.setCurrentWidget(self.live)

    def let_in(self) -> None:
        """Let the microphone in."""
        self.desk.ask.emit("/device/select", ("", ""))
        self.is_muted = False
        self.log.say(self.tr("The microphone is on. If it howls: Esc, then headphones"))
        self.welcome.hide()
        self.unmuted.emit()

    def show_files(self) -> None:
        """The page of songs."""
        self.welcome.hide()
        self.tabs.setCurrentWidget(self.files)

    def escape(self) -> None:
        """Close what is on top; if nothing is, silence."""
        focus = QApplication.focusWidget()
        if self.sheet.isVisible():
            self.sheet.hide()
        elif self.welcome.isVisible():
            self.welcome.hide()
        elif self.desk.is_learning:
            self.desk.learn(False)
        elif isinstance(focus, QLineEdit | QAbstractSpinBox):
            self.morph.setFocus()
        else:
            self.stop()

    def fit(self) -> None:
        """Share out the room: on a large screen tiles, pad and meters grow; open controls take the pictures' place."""
        said = self.banner.sizeHint().height() + theme.GAP if self.banner.sentence else 0
        height = self.height() - said
        left, right = (
            min(max(round(share * self.width()), low), high)
            for share, (low, high) in zip(SHARES, (LEFT, RIGHT), strict=True)
        )
        for part in self._left:
            part.setFixedWidth(left)
        self._right.setFixedWidth(right)
        self.tiles.scale(min(left / LEFT[0], height / USUAL))
        for part in self._low:
            part.setFixedHeight(round(min(max(FOOT + (height - USUAL) / 2, LOWEST), 1.3 * FOOT)))
        self.tabs.setVisible(not self.list.fold.isChecked() or height >= TALL)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """A song, wherever it falls but on the tiles."""
        self.files.dropEvent(event)

    def stop(self) -> None:
        """Silence at once."""
        self.desk.ask.emit("/panic", ())
        self.log.say(self.tr("Panic"))

    def choose_texture(self, number: int) -> None:
        """The texture of this number, from 0, alone."""
        tiles = list(self.tiles.tiles.values())
        if number < len(tiles):
            choose(self.desk, tiles[number].control)

    def try_texture(self) -> None:
        """Hear what the loudest texture was made of."""
        tiles = self.tiles.tiles.values()
        if tiles:
            loudest = max(tiles, key=lambda tile: self.desk.values[tile.control.address])
            self.tiles.hear(loudest.control.name)

    def nudge_mix(self, way: float) -> None:
        """A little more or less."""
        if self.mix:
            self.mix.nudge(way)

    def next_quality(self) -> None:
        """The next step, after the highest the lowest."""
        if self.quality:
            control = self.quality.control
            step = round(self.desk.values[control.address] - control.low) + 1
            self.desk.turn(control.address, control.low + step % len(control.choices))

    def next_tab(self) -> None:
        """Live, files."""
        self.tabs.setCurrentIndex((self.tabs.currentIndex() + 1) % self.tabs.count())

    def choose_device(self) -> None:
        """Ask for another device."""
        if "/device/select" in self.desk.addresses:
            page = DeviceChoice(self.desk, self.songs, self.is_ours, self)
            page.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            page.restarted.connect(self.restarted)
            page.accepted.connect(self.welcome.hide)
            page.open()

    def phone_url(self) -> str:
        """Where a phone finds the host's page; "" if the network cannot reach it."""
        host = of_this_computer() if self.songs.here else self.client.host
        return f"http://{host}:{self.client.port}/" if host and is_running(host, self.client.port) else ""

    def show_phone(self) -> None:
        """The address of the page for phones."""
        page = Phone(self.phone_url(), self.is_ours, self)
        page.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        page.restarted.connect(self.restarted)
        page.open()

    def full_screen(self) -> None:
        """All of the screen, or a window."""
        self.showNormal() if self.isFullScreen() else self.showFullScreen()

    def closeEvent(self, event: QCloseEvent) -> None:
        self._timer.stop()
        self.client.close()
        self.gallery.close()
        self.tiles.tryout.stop()
        self._demo.close()
        self.files.close_all()
        super().closeEvent(event)
