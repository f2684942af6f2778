"""The library's pages in Debian's Chromium, with sound that really plays."""

import json
import re
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from support.desk_browser import CHROMIUM, browser, page
from support.pieces import PIECES, RATE, SECONDS, noise
from support.services import Service

import ui

__all__ = ["browser", "page"]

SCRIPTS = Path(next(iter(ui.__path__))) / "web" / "library"
SLOW = 60_000  # milliseconds
expect.set_options(timeout=20_000)
GAP = 0.010  # seconds, at most
NAMES = ("player", "search", "library", "genre", "map", "discover", "liked", "recent", "live")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs the Debian package chromium")

RECORD = """async () => {  // what the player's last gain gives, mixed to mono, sample by sample
  const { deck } = await import("/library/queue.js");
  deck.open();
  await deck.context.audioWorklet.addModule("/library/tap.js");
  const node = new AudioWorkletNode(deck.context, "tap", { numberOfOutputs: 0 });
  deck.level.connect(node);
  window.heard = [];
  node.port.onmessage = event => window.heard.push(...event.data);
}"""


def visit(page: Page, service: Service, name: str = "player") -> None:
    page.goto(f"{service.url}/library/index.html#{name}")
    page.wait_for_selector("body[data-ready]", timeout=SLOW)


def show(page: Page, name: str) -> None:
    page.evaluate("name => { location.hash = name; }", name)
    page.wait_for_selector(f"#page[data-shown='#{name}']", timeout=SLOW)


def until(page: Page, script: str, seconds: float = 40.0) -> Any:
    end = time.monotonic() + seconds
    while not (found := page.evaluate(script)):
        assert time.monotonic() < end, script
        time.sleep(0.05)
    return found


def found_at(part: np.ndarray, whole: np.ndarray) -> int:
    """Where a part is in the whole, by correlation."""
    size = 1 << (len(part) + len(whole)).bit_length()
    r = np.fft.irfft(np.fft.rfft(whole, size) * np.conj(np.fft.rfft(part, size)))
    return int(np.argmax(r[: len(whole)]))


def textured(service: Service, path: str) -> bytes:
    """What the service makes, for which code may have to be compiled."""
    for _ in range(20):
        with suppress(TimeoutError):
            status, _, data = service.ask("GET", path)
            if status == 200:
                return data
    raise AssertionError(path)


def test_pieces_follow_each_other_without_a_gap_and_the_queue_survives(page: Page, service: Service) -> None:
    visit(page, service, "library")
    page.evaluate(RECORD)
    rate = page.evaluate("import('/library/queue.js').then(m => m.deck.rate)")
    for piece in service.json("GET", "/music/pieces")[1]:  # all is decoded: what is heard depends on no other program
        assert service.ask("GET", f"/music/pieces/{piece['id']}/samples?rate={rate}&count=1000000")[0] == 200
    page.locator(".piece .start").first.click()
    until(page, "document.querySelector('#bar .title')?.textContent === 'Piece 1'", 60)
    page.evaluate("import('/library/queue.js').then(m => m.set('repeat', 'one'))")  # what follows takes its time
    before = page.evaluate("window.heard.length")
    until(page, f"window.heard.length >= {before + 3 * RATE}")
    heard = np.array(page.evaluate("window.heard"))
    places: list[int] = []
    for n in (0, 1):
        x = noise(n).mean(axis=1)
        if rate != RATE:
            from rtengine.files.source import resampled

            x = np.concatenate([*resampled(iter([x[None].astype(np.float32)]), RATE, rate, 1)], axis=1)[0]
        part = x[:20_000] if n else x[-20_000:]
        end = places[0] + round((SECONDS + 1) * rate) if n else len(heard)  # before it comes again
        places.append(found_at(part - part.mean(), heard[:end]) - (len(x) - 20_000) * (n == 0))
    gap = (places[1] - places[0]) / rate - SECONDS
    assert abs(gap) <= 1.5 / rate, f"a gap of {1000 * gap:.2f} ms"  # which is far below GAP
    assert page.evaluate("import('/library/queue.js').then(m => m.deck.late || 0)") == 0

    page.evaluate("import('/library/queue.js').then(m => m.deck.toggle())")
    at = page.evaluate("import('/library/queue.js').then(m => m.deck.position)")
    page.reload()
    page.wait_for_selector("body[data-ready]", timeout=SLOW)
    expect(page.locator("#bar .title")).to_have_text("Piece 1")
    show(page, "player")
    expect(page.locator(".queue .piece")).to_have_count(PIECES)
    assert page.evaluate("import('/library/queue.js').then(m => m.deck.position)") == pytest.approx(at, abs=0.3)
    page.locator("#bar .toggle").click()
    until(page, f"import('/library/queue.js').then(m => Math.abs(m.deck.position - {at}) > 0.2)")
    assert service.json("GET", "/music/pieces?list=recent")[1][0]["title"] == "Piece 0", "it was heard to its end"


def test_a_radio_of_water_is_what_was_made_without_a_gap(page: Page, service: Service) -> None:
    visit(page, service, "library")
    page.evaluate(RECORD)
    rate = page.evaluate("import('/library/queue.js').then(m => m.deck.rate)")
    made = []
    for piece in sorted(service.json("GET", "/music/pieces")[1], key=lambda piece: piece["title"])[:2]:
        query = f"rate={rate}&count=1000000&textures=water&mix=1"
        data = textured(service, f"/music/pieces/{piece['id']}/samples?{query}")
        made.append(np.frombuffer(data, "<i2").reshape(-1, 2).mean(axis=1) / 32768)
    page.evaluate("import('/library/queue.js').then(m => { m.set('texture', 'water'); m.set('repeat', 'one'); })")
    page.locator(".piece .start").first.click()
    until(page, "import('/library/queue.js').then(m => new Set(m.deck.spans.map(span => span.lap)).size > 1)")
    page.evaluate("import('/library/queue.js').then(m => m.set('repeat', 'off'))")  # while it is laid out once more
    until(page, "import('/library/queue.js').then(m => m.deck.piece?.title === 'Piece 1' && m.deck.position > 2)")
    until(page, f"window.heard.length > {2 * rate}")
    time.sleep(2.1)  # what the worklet holds comes every two seconds
    heard, whole = np.array(page.evaluate("window.heard")), np.concatenate(made)
    middle = len(made[0])
    part = whole[middle - rate : middle + rate]  # from the last second of one into the first of the next
    at = found_at(part, heard)
    assert np.abs(heard[at : at + len(part)] - part).max() < 1e-4
    assert page.evaluate("import('/library/queue.js').then(m => m.deck.late || 0)") == 0


def test_the_queue_is_reordered_liked_and_skipped_by_keys(page: Page, service: Service) -> None:
    visit(page, service, "library")
    page.locator(".piece .start").nth(2).click()
    show(page, "player")
    titles = page.locator(".queue .title")
    expect(titles.nth(2)).to_have_text("Piece 2")
    page.get_by_role("button", name="Move Piece 4 up").focus()
    page.keyboard.press("Enter")
    expect(titles.nth(3)).to_have_text("Piece 4")
    expect(page.get_by_role("button", name="Move Piece 4 up")).to_be_focused()
    page.locator(".queue .piece").nth(5).drag_to(page.locator(".queue .piece").nth(3))
    expect(titles.nth(3)).to_have_text("Piece 5")
    page.get_by_role("button", name="Remove Piece 0").click()
    expect(titles).to_have_count(PIECES - 1)
    until(page, "import('/library/queue.js').then(m => m.deck.position > 0.1)")
    page.locator("h1").click()
    show(page, "player")
    page.locator("#page").focus()
    page.keyboard.press("l")
    expect(page.locator("#bar .like")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("n")
    expect(page.locator("#bar .title")).to_have_text("Piece 5")
    end = time.monotonic() + 10
    while not (piece := service.json("GET", "/music/pieces?words=Piece+2")[1][0])["skips"]:
        assert time.monotonic() < end, "what is left before its middle was skipped"
    assert piece["rating"] == 1
    page.keyboard.press(" ")
    until(page, "import('/library/queue.js').then(m => !m.deck.playing)")
    assert page.evaluate("navigator.mediaSession.metadata.title") == "Piece 5"
    assert page.evaluate("navigator.mediaSession.playbackState") == "paused"


def test_a_radio_fills_its_queue_and_says_why(page: Page, service: Service) -> None:
    visit(page, service, "search")
    page.get_by_role("searchbox").fill("piece 3")
    expect(page.locator(".piece")).to_have_count(1)
    page.get_by_role("button", name="Radio from Piece 3").click()
    show(page, "player")
    expect(page.locator(".queue .title").first).to_have_text("Piece 3")
    expect(page.locator(".queue .chip").first).to_have_text(re.compile("close|farther"))
    assert page.locator(".queue .piece").count() == 21
    page.evaluate("import('/library/queue.js').then(m => m.go(18))")
    until(page, "document.querySelectorAll('.queue .piece').length > 30")


def test_every_page_in_both_languages_at_both_sizes(page: Page, service: Service) -> None:
    names = [*NAMES, f"track/{service.json('GET', '/music/pieces')[1][0]['id']}", "genre/tag:rock", "search/xyzzy"]
    visit(page, service)
    for width, height in ((1180, 900), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        for _ in ("English", "Chinese"):
            for name in names:
                show(page, name)
                assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (name, width)
                nameless = page.evaluate(
                    "[...document.querySelectorAll('button, input, select, canvas')].filter(e => e.offsetParent && !("
                    "e.getAttribute('aria-label') || e.textContent.trim() || e.labels?.length)).map(e => e.outerHTML)"
                )
                assert nameless == [], name
                expect(page.locator("#trouble")).to_be_hidden()
            page.click("#language")
    show(page, "library")
    assert page.evaluate("document.documentElement.lang") == "en"


def test_every_word_is_there_in_chinese() -> None:
    keys = {k for f in SCRIPTS.glob("*.js") for k in re.findall(r'\bt\("([^"]+)"', f.read_text("utf-8"))}
    keys |= set(re.findall(r'\["\w+", "([^"]+)"\]', (SCRIPTS / "library.js").read_text("utf-8")))
    known = "".join(f.read_text("utf-8") for f in (SCRIPTS / "words.js", SCRIPTS.parent / "words.js"))
    assert [k for k in sorted(keys) if f'"{k}":' not in known] == []


def test_what_cannot_be_read_is_listed_and_tried_again(page: Page, service: Service, heard: Path) -> None:
    visit(page, service, "library")
    expect(page.locator(".errors li")).to_have_count(1)
    expect(page.locator(".errors li")).to_contain_text("broken.mp3")
    page.get_by_role("button", name="Try broken files again").click()
    expect(page.locator("#page")).to_contain_text("0 heard, 6 known, 0 moved, 1 failed", timeout=SLOW)
    field = page.get_by_role("textbox", name="Another folder of music, with its whole path")
    field.fill("/nowhere")
    field.press("Enter")
    expect(page.locator("#trouble")).to_have_text("/nowhere is no folder of this computer; write its whole path")


def test_a_piece_shows_how_it_goes_and_what_is_like_it(page: Page, service: Service) -> None:
    piece = service.json("GET", "/music/pieces")[1][1]["id"]
    visit(page, service, f"track/{piece}")
    canvas = page.locator("canvas.course")
    expect(canvas).to_be_visible(timeout=SLOW)
    until(page, "document.querySelector('canvas.course').width > 300")
    colours = canvas.evaluate(
        "e => new Set(new Uint32Array(e.getContext('2d').getImageData(0, 0, e.width, e.height).data.buffer)).size"
    )
    assert colours > 20
    expect(page.locator(".piece .chip").first).to_be_visible()
    canvas.click(position={"x": 600, "y": 40})
    until(page, "import('/library/queue.js').then(m => m.deck.playing && m.deck.position > 1)")


def test_fifty_thousand_points_are_drawn_at_once(page: Page, service: Service) -> None:
    rng = np.random.default_rng(0)
    known = service.json("GET", "/music/map")[1]
    count = 50_000
    many = {
        "ids": known["ids"] * (count // PIECES), "groups": ["a", "b", "c"],
        "x": rng.integers(0, 65_535, count // PIECES * PIECES).tolist(),
        "y": rng.integers(0, 65_535, count // PIECES * PIECES).tolist(),
        "group": rng.integers(0, 4, count // PIECES * PIECES).tolist(),
    }  # fmt: skip
    page.route("**/music/map", lambda route: route.fulfill(body=json.dumps(many), content_type="application/json"))
    visit(page, service, "map")
    page.wait_for_selector("canvas.map[data-draw]", timeout=SLOW)
    canvas = page.locator("canvas.map")
    canvas.focus()
    for key in ("+", "ArrowLeft", "ArrowDown", "-", "+", "+"):
        page.keyboard.press(key)
        page.evaluate("new Promise(requestAnimationFrame)")
    assert float(canvas.get_attribute("data-draw") or 1e9) < 100, (
        "milliseconds, on a machine that does other things too"
    )
    expect(page.locator("#page .piece")).to_have_count(8)
    page.keyboard.press("Enter")
    until(page, "import('/library/queue.js').then(m => m.deck.piece)")


def test_what_plays_is_heard_and_compared(page: Page, service: Service) -> None:
    visit(page, service, "library")
    page.evaluate("import('/library/queue.js').then(m => m.set('repeat', 'one'))")
    page.locator(".piece .start").nth(1).click()
    show(page, "live")
    page.get_by_role("button", name="Listen to this player").click()
    expect(page.locator(".bar-row").first).to_be_visible(timeout=SLOW)
    expect(page.locator(".piece").first).to_be_visible()
    expect(page.locator(".facts")).to_contain_text("unsure")


def test_the_page_of_what_the_host_hears_outlives_the_host(page: Page, service: Service) -> None:
    """He plays, goes, and is back; what was heard before he went is not shown as if it were heard now."""
    heard = {"windows": 9, "tags": {"jazz": 0.5, "soul": 0.1}, "genre": "", "sureness": 0.2, "tempo": 99.0, "key": "",
             "like": service.json("GET", "/music/pieces")[1][:2]}  # fmt: skip
    told: dict[str, Any] = {"status": 200, "json": heard}
    page.route("**/music/heard/host", lambda route: route.fulfill(**told))
    visit(page, service, "live")
    page.get_by_role("button", name="What the host hears").click()
    expect(page.locator(".bar-row")).to_have_count(2)
    expect(page.locator("#page .piece")).to_have_count(2)
    assert page.locator("[aria-pressed=true]").all_text_contents() == ["What the host hears"]
    assert page.locator(".row-of button.strong").count() == 0, "nothing else looks pressed"
    told |= {"status": 404, "json": {"detail": "no host plays here", "code": "no-host"}}
    expect(page.get_by_text("No host plays on the service's computer")).to_be_visible()
    expect(page.locator(".bar-row")).to_have_count(0)
    expect(page.locator("#page .piece")).to_have_count(0)
    expect(page.locator(".past li")).to_have_count(1)
    told |= {"status": 200, "json": heard}
    expect(page.locator(".bar-row")).to_have_count(2)
    page.get_by_role("button", name="What the host hears").click()
    expect(page.locator(".bar-row")).to_have_count(0)


def test_a_phone_shows_where_one_is(page: Page, service: Service) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    visit(page, service, "live")
    for here in page.locator("nav [aria-current]").all():
        box = here.bounding_box()
        assert box
        assert 0 <= box["x"] <= 390 - box["width"], here.text_content()


def test_a_piece_that_names_nobody_tells_its_folder(page: Page, service: Service) -> None:
    pieces = service.json("GET", "/music/pieces")[1]
    nameless = [{**p, "artist": "", "album": ""} for p in pieces]
    page.route("**/music/pieces?**", lambda r: r.fulfill(json=nameless if "first=0" in r.request.url else []))
    visit(page, service, "library")
    expect(page.locator(".piece .by").first).to_have_text("unknown artist, in music")


def test_the_first_page_leads_to_the_library(page: Page, service: Service) -> None:
    page.goto(service.url)
    page.get_by_role("link", name="Music library").click(timeout=SLOW)
    page.wait_for_selector("body[data-ready]", timeout=SLOW)
    expect(page.locator("#link")).to_have_text("connected")
