"""What the listener says, in the window: now, and over the last minutes."""

from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from ui.host.desk import Desk
from ui.host.namespace import Reading
from ui.listen.page import BLOCK, ListenPage, is_there
from ui.listen.past import SECONDS, Moment, Past, moment
from ui.look import theme
from ui.pages import PAGES

TAGS = ("rock", "pop", "jazz", "blues")


def desk_of_a_listener() -> Desk:
    desk = Desk()
    desk.shown = {
        f"{BLOCK}/tags": Reading(f"{BLOCK}/tags", 0, 1, count=len(TAGS)),
        f"{BLOCK}/tag": Reading(f"{BLOCK}/tag", 0, 3, choices=TAGS),
    }
    return desk


def hear(desk: Desk, tags: tuple[float, ...], genre: str, tempo: float = 120.0) -> None:
    told = {"tags": tags, "genre": (genre,), "sureness": (0.9,), "tempo": (tempo,), "key": ("F minor",),
            "loudness": (-14.2,)}  # fmt: skip
    for name, values in told.items():
        desk.hear(f"{BLOCK}/{name}", values)


def test_it_is_there_while_the_host_listens() -> None:
    assert not is_there(Desk())
    assert is_there(desk_of_a_listener())
    assert any(page.shows(desk_of_a_listener()) for page in PAGES)


def test_it_says_what_is_heard_and_that_it_is_unsure(qtbot: QtBot) -> None:
    desk = desk_of_a_listener()
    page = ListenPage(desk)
    qtbot.addWidget(page)
    assert page.now.text() == "Listening …"
    hear(desk, (0.1, 0.2, 0.7, 0.3), "jazz")
    page.look()
    assert page.now.text() == "jazz, blues, pop"
    assert page.about.text() == "genre: jazz  ·  120 beats a minute  ·  key: F minor  ·  −14 LUFS"
    hear(desk, (0.1, 0.2, 0.7, 0.3), "unsure", tempo=0.0)
    page.look()
    assert page.about.text().startswith("genre: unsure  ·  no steady beat")
    page.forget()
    assert page.now.text() == "–"
    assert page.past.moments[-1] is None


def test_the_past_is_five_minutes_and_no_longer() -> None:
    past = Past()
    for n in range(SECONDS + 50):
        past.moments.append(Moment((n % 2, 0.0, 0.6, 0.001), "jazz" if n >= SECONDS else "unsure", key="C major"))
    assert len(past.moments) == SECONDS
    assert [name for name, _ in past.lanes(TAGS)] == ["jazz", "rock"]
    assert past.runs("genre") == [(0, SECONDS - 50, "unsure"), (SECONDS - 50, SECONDS, "jazz")]
    past.moments.append(None)
    assert past.runs("key") == [(0, SECONDS - 1, "C major")], "a hole is a hole"
    assert past.numbers("tempo")[-1] is None
    assert moment({"tags": ("x",), "tempo": ("fast",), "genre": (3,)}) == Moment(), "a strange host is not believed"


def test_the_newest_is_at_the_right_and_what_is_sure_has_a_colour(qtbot: QtBot) -> None:
    desk = desk_of_a_listener()
    page = ListenPage(desk)
    qtbot.addWidget(page)
    page.resize(800, 420)
    for n in range(60):
        hear(desk, (0.9, 0.1, 0.1, 0.1), "unsure" if n < 30 else "rock")
        page.look()
    line = page.timeline
    picture = line.grab().toImage()

    def colours(image: QImage, first: int, end: int) -> set[str]:
        y = int(theme.GAP + 4)
        xs = range(int(line.across(first)) + 2, int(line.across(end)) - 2)
        return {QColor(image.pixel(x, y)).name() for x in xs}

    count = len(line.past.moments)
    assert theme.RAISED in colours(picture, count - 60, count - 30)
    sure = colours(picture, count - 30, count)
    assert theme.RAISED not in sure
    assert line.across(count) > line.width() - 20
