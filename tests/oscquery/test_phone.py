"""The page under a finger, in a real browser: what scrolls does not play, and what plays is in reach.

Chromium itself tells a swipe from a tap and a drag: the gestures are those of its touch screen.
"""

import asyncio
import json
import math
import re
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import numpy as np
import pytest
from support.browser import CHROMIUM, Page, browse
from support.controls import Controls

from rtengine.block import Parameter
from rtengine.osc.commands import COMMANDS, Command
from rtengine.osc.packet import encode
from rtengine.osc.server import Server
from rtengine.oscquery import gallery, pictures
from rtengine.oscquery.address import code_svg, code_text, page_address
from rtengine.oscquery.page import page
from rtengine.oscquery.server import QueryServer

PHONES = [(320, 568), (390, 844), (844, 390)]  # CSS pixels; the last lies on its side
NAMES = ["water", "laser", "future", "rain", "fire", "wind", "glass", "metal", "bells", "static", "birds", "waves"]

chromium = pytest.mark.skipif(not CHROMIUM, reason="needs the Debian package chromium")


class Stage(Controls):
    """Twelve textures, as the instrument that is shipped has."""

    def __init__(self) -> None:
        super().__init__()
        shares = {f"/texture/{n}": Parameter(float(n == "water"), 0, 1, share=True) for n in NAMES}
        self.parameters = shares | {a: p for a, p in self.parameters.items() if not p.share}
        self.values = {address: float(np.float32(p.default)) for address, p in self.parameters.items()}


@pytest.fixture
def controls() -> Stage:
    return Stage()


@pytest.fixture
def query(controls: Stage, monkeypatch: pytest.MonkeyPatch) -> Iterator[QueryServer]:
    async def none(source: str, file: Path) -> bool:
        return False

    monkeypatch.setattr(gallery, "make", none)
    with Server(controls, port=0) as server, QueryServer(server, port=0) as query:
        yield query


async def spot(page: Page, element: str) -> tuple[float, float]:
    """Where the middle of an element is on the screen."""
    script = (
        f"(e => {{ const b = e.getBoundingClientRect(); return [b.x + b.width / 2, b.y + b.height / 2] }})({element})"
    )
    x, y = json.loads(await page.evaluate(f"JSON.stringify({script})"))
    return x, y


async def touch(page: Page, *places: tuple[float, float]) -> None:
    """A finger goes down at the first place, along the others, and up at the last."""
    for i, (x, y) in enumerate(places):
        kind = "touchMove" if i else "touchStart"
        await page.command("Input.dispatchTouchEvent", type=kind, touchPoints=[{"x": x, "y": y}])
        await asyncio.sleep(0.02)
    await page.command("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])
    await asyncio.sleep(0.05)


async def tap(page: Page, element: str, fact: Callable[[], bool], beside: tuple[float, float] = (0, 0)) -> None:
    """Tap until it has come to pass: where the machine is busy, a tap may have become a long press."""
    for _ in range(5):
        x, y = await spot(page, element)
        await touch(page, (x + beside[0], y + beside[1]))
        for _ in range(40):
            if fact():
                return
            await asyncio.sleep(0.05)
    raise AssertionError(element)


def line(x: float, y: float, dx: float, dy: float, steps: int = 8) -> list[tuple[float, float]]:
    return [(x + dx * i / steps, y + dy * i / steps) for i in range(steps + 1)]


def of(address: str, inner: str = "") -> str:
    return f"document.querySelector('[data-address=\"{address}\"]{inner}')"


async def until_true(fact: Callable[[], bool]) -> None:
    for _ in range(200):
        if fact():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it did not come to pass")


def on(query: QueryServer, folder: Path, screen: tuple[int, int], perform: Callable[[Page], Awaitable[None]]) -> None:
    browse(f"http://127.0.0.1:{query.port}/", folder, perform, screen=screen)


@chromium
@pytest.mark.parametrize("screen", PHONES, ids=str)
def test_a_swipe_scrolls_and_never_plays(
    query: QueryServer, controls: Stage, tmp_path: Path, screen: tuple[int, int]
) -> None:
    async def perform(page: Page) -> None:
        before, swiped = dict(controls.values), 0
        starts = [of("/texture/laser"), of("/texture/fire"), "document.querySelector('.pad')", of("/texture/quality")]
        starts += [of(a, inner) for a in ("/texture/strength", "/output/gain") for inner in ("", " .handle")]
        for start in starts:
            for way in (-1, 1):
                await page.evaluate(f"{start}.scrollIntoView({{ block: 'center', behavior: 'instant' }})")
                await asyncio.sleep(0.05)
                x, y = await spot(page, start)
                here = await page.evaluate("scrollY")
                await touch(page, *line(x, y, 2, way * 0.25 * screen[1]))
                await asyncio.sleep(0.1)
                swiped += await page.evaluate("scrollY") != here
                assert controls.values == before, (start, way)
        assert swiped >= len(starts), "each could scroll one way at least"
        assert query.server.counts["refused"] == 0, query.server.refusal
        assert not await page.evaluate("document.documentElement.scrollWidth > innerWidth"), "it fits"

    on(query, tmp_path, screen, perform)


@chromium
def test_a_sound_of_ones_own_is_listened_to_closer(
    query: QueryServer, controls: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[object, ...]] = []
    closely: list[str] = []
    progress = ["", 0.0, -1.0]
    plain, song = controls.status, {"file": "", "length": 0.0, "position": 0.0}
    monkeypatch.setattr(controls, "status", lambda: plain() | {"song": song, "closer": tuple(progress)})

    def lists(address: str, names: list[str]) -> Command:
        return Command("I", "", lambda host, arguments: encode(f"{address}.reply", *names))

    def asks(address: str) -> Command:
        return Command("s", "", lambda host, arguments: asked.append((address, *arguments)))

    for address, names in (("/clip/list", ["fire", "rain"]), ("/clip/closer/list", closely), ("/clip/files", [])):
        monkeypatch.setitem(COMMANDS, address, lists(address, names))
    for address in ("/clip/add", "/clip/closer", "/clip/closer/stop"):
        monkeypatch.setitem(COMMANDS, address, asks(address))

    def named(words: str) -> str:
        return f"[...document.querySelectorAll('button')].find(b => b.textContent === '{words}')"

    async def seen(page: Page, fact: str) -> None:
        for _ in range(100):
            if await page.evaluate(fact):
                return
            await asyncio.sleep(0.05)
        raise AssertionError(fact)

    async def perform(page: Page) -> None:
        await seen(page, f"!!{named('Listen closer to rain')}")
        await page.evaluate(
            f"{named('Listen closer to rain')}.scrollIntoView({{ block: 'center', behavior: 'instant' }})"
        )
        await tap(page, named("Listen closer to rain"), lambda: ("/clip/closer", "rain") in asked)
        progress[:] = ["rain", 0.4, 12.4]
        await seen(
            page, "/rain.*12 s left/.test(document.querySelector('.files .meter').innerText.replace(/\\n/g, ' '))"
        )
        assert not await page.evaluate(f"!!{named('Listen closer to fire')}"), "one at a time"
        await tap(page, named("Stop"), lambda: ("/clip/closer/stop",) in asked)
        closely.append("rain")
        progress[:] = ["", 0.0, -1.0]
        await seen(page, f"!!{named('Listen closer to fire')} && !{named('Listen closer to rain')}")
        assert await page.evaluate("document.querySelector('.files .meter').hidden")

    on(query, tmp_path, PHONES[1], perform)


@chromium
@pytest.mark.parametrize("screen", PHONES, ids=str)
def test_what_a_performance_needs_stays_in_reach(
    query: QueryServer, controls: Stage, tmp_path: Path, screen: tuple[int, int]
) -> None:
    async def perform(page: Page) -> None:
        for bottom in (False, True):
            await page.evaluate(f"scrollTo(0, {'document.body.scrollHeight' if bottom else 0})")
            await asyncio.sleep(0.1)
            for element in (of("/mix/amount"), "document.querySelector('.bypass')", "document.querySelector('.panic')"):
                x, y = await spot(page, element)
                assert 0 < x < screen[0]
                assert 0 < y < screen[1]
                assert await page.evaluate(f"{element}.contains(document.elementFromPoint({x}, {y}))"), "not covered"
                assert await page.evaluate(f"{element}.offsetHeight") >= 44, "a finger's breadth"
            x, y = await spot(page, "document.getElementById('engine')")
            assert 0 < y < 60
        controls["/mix/amount"] = 0.5
        await page.until(f"{of('/mix/amount')}.getAttribute('aria-valuenow') === '0.5'")
        x, y = await spot(page, of("/mix/amount", " .handle"))
        width = await page.evaluate(f"{of('/mix/amount')}.clientWidth - 44")
        await touch(page, *line(x, y, 0.25 * width, 3))
        await until_true(lambda: abs(controls["/mix/amount"] - 0.75) < 0.03)
        await tap(page, "document.querySelector('.bypass')", lambda: ("bypass", True) in controls.asked)
        await tap(page, "document.querySelector('.panic')", lambda: ("panic",) in controls.asked)

    on(query, tmp_path, screen, perform)


@chromium
def test_a_tap_chooses_and_the_pad_blends(query: QueryServer, controls: Stage, tmp_path: Path) -> None:
    async def perform(page: Page) -> None:
        laser = lambda: (controls["/texture/water"], controls["/texture/laser"]) == (0, 1)  # noqa: E731
        await tap(page, of("/texture/laser"), laser)
        await page.evaluate("document.querySelector('.pad').scrollIntoView({ block: 'center', behavior: 'instant' })")
        await asyncio.sleep(0.2)  # the knob follows
        knob, middle = (
            await spot(page, "document.querySelector('.knob')"),
            await spot(page, "document.querySelector('.pad')"),
        )
        await touch(page, *line(*knob, middle[0] - knob[0], middle[1] - knob[1]))
        await until_true(lambda: all(abs(controls[f"/texture/{n}"] - 1 / 12) < 0.02 for n in NAMES))
        radius = await page.evaluate(
            "Math.min(...['clientWidth', 'clientHeight'].map(s => document.querySelector('.pad')[s])) / 2.9"
        )
        glass = lambda: controls["/texture/glass"] > 0.9  # noqa: E731
        await tap(page, "document.querySelector('.pad')", glass, (0, 0.99 * radius))  # at the corner of the seventh
        assert sum(controls[f"/texture/{n}"] for n in NAMES) == pytest.approx(1, abs=1e-3)
        assert query.server.counts["refused"] == 0, query.server.refusal

    on(query, tmp_path, (390, 844), perform)


@chromium
def test_places_and_values_are_those_of_a_parameter(query: QueryServer, controls: Stage, tmp_path: Path) -> None:
    """The page has the mapping of rtengine.block.Parameter in a language of its own."""
    controls.parameters["/odd/steps"] = Parameter(3, 3, 9, "", "step")
    controls.parameters["/odd/alone"] = Parameter(2, 2, 2)
    controls.values |= {"/odd/steps": 3, "/odd/alone": 2}
    places = [-0.1, *np.linspace(0, 1, 21).tolist(), 1.1]

    async def perform(page: Page) -> None:
        nodes = "methods(await (await fetch('/')).json()).filter(n => tagged(n, 'parameter'))"
        values = f"Object.fromEntries(({nodes}).map(n => [n.FULL_PATH, {places}.map(x => scale(n).value(x))]))"
        back = "Object.fromEntries(Object.entries(v).map(([a, vs]) => [a, vs.map(v => scale(by[a]).at(v))]))"
        script = f"(async () => {{ const v = {values}, by = Object.fromEntries(({nodes}).map(n => [n.FULL_PATH, n])); "
        told, ats = json.loads(await page.evaluate(script + f"return JSON.stringify([v, {back}]) }})()"))
        assert list(told) == list(controls.parameters)
        for address, p in controls.parameters.items():
            assert told[address] == pytest.approx([p.value(x) for x in places], abs=1e-9), address
            assert ats[address] == pytest.approx([p.position(v) for v in told[address]], abs=1e-9), address

    on(query, tmp_path, (390, 844), perform)


@chromium
def test_without_its_host_no_meter_shows_what_was_and_nothing_can_be_turned(controls: Stage, tmp_path: Path) -> None:
    with ExitStack() as stack:
        server = stack.enter_context(Server(controls, port=0))
        query = QueryServer(server, port=0)
        host = stack.enter_context(ExitStack())
        host.enter_context(query)

        async def perform(page: Page) -> None:
            bar = "document.querySelector('#levels .bar b')"
            await page.evaluate("document.getElementById('levels').replaceChildren(ends({ FULL_PATH: '/meter/out' }))")
            await page.evaluate("set('/meter/out', [0, -6])")
            assert await page.evaluate(f"{bar}.offsetWidth < {bar}.parentNode.offsetWidth / 4"), "it shows a level"
            await asyncio.to_thread(host.close)
            await page.until("!document.body.classList.contains('on')")
            assert await page.evaluate(f"{bar}.offsetWidth === {bar}.parentNode.offsetWidth"), "empty"
            style = "getComputedStyle(document.querySelector('{}')).{}"
            assert await page.evaluate(style.format("#levels output", "visibility")) == "hidden"
            assert await page.evaluate(style.format("footer", "pointerEvents")) == "none"

        browse(f"http://127.0.0.1:{query.port}/", tmp_path, perform)


def test_the_page_is_whole() -> None:
    assert not re.findall(r"/\* \w+\.(?:css|js) \*/", page())
    assert "function weights" in page()


# Pictures, and the way to the page


def test_pictures_are_made_once_and_only_of_shares(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []

    async def make(source: str, file: Path) -> bool:
        made.append(source)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"a picture")
        return True

    monkeypatch.setattr(gallery, "make", make)
    monkeypatch.setenv("RTENGINE_CACHE", str(tmp_path))

    async def ask() -> None:
        shown = gallery.Gallery(Stage())
        assert shown.picture("/texture/water") is None
        assert shown.picture("/texture/water") is None
        await asyncio.sleep(0.05)
        file = shown.picture("/texture/water")
        assert file
        assert file.read_bytes() == b"a picture"
        assert file.is_relative_to(tmp_path)
        for address in ("/mix/amount", "/nothing", "/texture", "/texture/../../etc/passwd", ""):
            assert shown.picture(address) is None
        await asyncio.sleep(0.05)

    asyncio.run(ask())
    assert made == ["water"]


def test_a_picture_is_a_png_in_which_a_sine_is_a_line(tmp_path: Path) -> None:
    from PIL import Image

    x = np.sin(2 * np.pi * 1000 * np.arange(80_000) / 44_100).astype(np.float32)
    grey = pictures.spectrogram(x, 44_100)
    (tmp_path / "sine.png").write_bytes(pictures.png(grey))
    with Image.open(tmp_path / "sine.png") as image:
        assert np.array_equal(np.asarray(image), grey)
    row = int(grey.mean(axis=1).argmax())
    hertz = math.exp(np.interp(row, [0, pictures.HEIGHT], np.log([pictures.HIGHEST, pictures.LOWEST])))
    assert abs(math.log2(hertz / 1000)) < 1 / 12
    assert pictures.main("no such texture", str(tmp_path / "none.png")) == 2


def test_a_phone_finds_the_page(controls: Stage) -> None:
    assert page_address("127.0.0.1", 9001) == page_address("localhost", 9001) == ""
    assert page_address("192.168.1.7", 9001) == "http://192.168.1.7:9001/"
    assert page_address("fd00::7", 9001) == "http://[fd00::7]:9001/"
    assert code_svg("http://192.168.1.7:9001/").startswith(b"<?xml")
    assert len(code_text("http://192.168.1.7:9001/").splitlines()) < 22
    with Server(controls, port=0) as server, QueryServer(server, "127.0.0.1", 0) as query:
        root = f"http://127.0.0.1:{query.port}/"
        with urlopen(root + "?HOST_INFO") as answer:
            assert "PAGE" not in json.load(answer)
        with urlopen(root + "?QR") as answer:
            assert answer.status == 204
        with pytest.raises(HTTPError, match="404"):
            urlopen(root + "nothing?PICTURE")


def test_the_code_leads_to_the_address(controls: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rtengine.oscquery.address.own_address", lambda: "192.168.1.7")
    with Server(controls, port=0) as server, QueryServer(server, "0.0.0.0", 0) as query:
        root = f"http://127.0.0.1:{query.port}/"
        with urlopen(root + "?HOST_INFO") as answer:
            assert json.load(answer)["PAGE"] == f"http://192.168.1.7:{query.port}/"
        with urlopen(root + "?QR") as answer:
            assert answer.headers["Content-Type"] == "image/svg+xml"
            assert answer.read() == code_svg(f"http://192.168.1.7:{query.port}/")
