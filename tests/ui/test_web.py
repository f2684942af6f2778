"""The web client in Debian's Chromium, against a real service that renders."""

import io
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from playwright.sync_api import Browser, Page, expect
from support.desk_browser import CHROMIUM, browser, page
from support.services import Service

import ui
from rtengine.web.guards import guard

__all__ = ["browser", "page"]

PAGES = Path(next(iter(ui.__path__))) / "web"
RATE = 44_100
SLOW = 240_000  # milliseconds: the first render compiles
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs the Debian package chromium")


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("song") / "a song.wav"
    n = np.arange(3 * RATE) / RATE
    x = 0.3 * np.sin(2 * np.pi * 330 * n) * np.exp(-3 * (n % 0.5))
    soundfile.write(file, np.column_stack((x, 0.5 * x)), RATE, subtype="PCM_16")
    return file


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("service")
    with Service(folder, performer="rtengine.jobs.sounds:perform", pages=PAGES) as service:
        yield service


def visit(page: Page, service: Service) -> None:
    page.goto(service.url)
    page.wait_for_selector("body[data-ready]", timeout=20_000)


def load(page: Page, song: Path) -> None:
    page.set_input_files("#file", song)
    page.wait_for_selector("#loaded:not([hidden])", timeout=SLOW)


def test_a_song_is_cut_rendered_compared_and_saved(page: Page, service: Service, song: Path, tmp_path: Path) -> None:
    visit(page, service)
    expect(page.locator("#link")).to_have_text("connected")
    load(page, song)
    expect(page.locator("#length")).to_have_text("0:03.0")
    page.wait_for_selector(".tile[data-name=laser]", timeout=SLOW)
    page.click(".tile[data-name=laser]", position={"x": 20, "y": 60})
    page.click("#quality [data-value=lofi]")
    page.fill("#from", "0:00.5")
    page.fill("#to", "2")
    page.press("#to", "Tab")
    page.click("#render")
    page.wait_for_selector(".job.done", timeout=SLOW)
    job = service.ended(str(page.get_attribute(".job", "data-id")))
    request = job["request"]
    assert (request["start"], request["duration"], request["quality"]) == (0.5, 1.5, "lofi")
    assert request["textures"] == {"laser": 1}

    both, rate = soundfile.read(io.BytesIO(service.ask("GET", job["files"]["compare"])[2]), dtype="int16")
    source = soundfile.read(song, dtype="int16")[0]
    assert (rate, both.shape) == (RATE, (round(1.5 * RATE), 4))
    assert np.abs(both[:, :2].astype(int) - source[RATE // 2 : RATE // 2 + len(both)]).max() <= 2, "dithered, aligned"
    after = soundfile.read(io.BytesIO(service.ask("GET", job["files"]["result"])[2]))[0]
    assert np.abs(both[:, 2:] / 32768 - after).max() < 1e-4

    card = page.locator(".job")
    card.get_by_role("button", name="Play").click()
    expect(card.get_by_role("button", name="Pause")).to_be_visible()
    end = time.monotonic() + 20
    while not page.evaluate("document.querySelector('.views b').style.getPropertyValue('--at') > 0.05"):
        assert time.monotonic() < end, "it plays"
    expect(card.locator("figure.heard figcaption")).to_have_text("after")
    page.keyboard.press("b")
    expect(card.locator("figure.heard figcaption")).to_have_text("before")
    card.get_by_role("button", name="After").click()
    expect(card.get_by_role("button", name="After")).to_have_attribute("aria-pressed", "true")
    for picture in card.locator("img").all():
        assert picture.evaluate("e => e.naturalHeight") == 320

    card.get_by_label("Save as").last.select_option("wav 16")
    with page.expect_download(timeout=SLOW) as download:
        card.get_by_role("button", name="Save as").click()
    download.value.save_as(tmp_path / "saved.wav")
    assert download.value.suggested_filename == "a song-laser.wav"
    assert soundfile.info(tmp_path / "saved.wav").frames == round(1.5 * RATE)

    page.reload()
    page.wait_for_selector("body[data-ready]")
    expect(page.locator(".job.done")).to_have_count(1)
    expect(page.locator("#name")).to_have_text("a song.wav")
    expect(page.locator("#from")).to_have_value("0:00.5")

    page.on("dialog", lambda dialog: dialog.accept())
    page.click("#forget")
    expect(page.locator("#drop")).to_be_visible()
    expect(page.locator(".job")).to_have_count(0)
    assert service.json("GET", f"/songs/{request['song']}")[0] == 404
    assert service.json("GET", f"/jobs/{job['id']}")[0] == 404


def test_a_song_is_dropped_and_what_is_none_is_refused_in_a_sentence(page: Page, service: Service) -> None:
    visit(page, service)
    page.set_input_files("#file", {"name": "x.mp3", "mimeType": "audio/mpeg", "buffer": b"#EXTM3U\n/etc/passwd\n"})
    expect(page.locator("#trouble")).to_contain_text("no sound file that can be read", timeout=SLOW)
    short = io.BytesIO()
    soundfile.write(short, np.ones(RATE // 5) / 8, RATE, format="WAV", subtype="PCM_U8")
    data = list(short.getvalue())
    transfer = page.evaluate_handle(
        "data => { const t = new DataTransfer(), bytes = new Uint8Array(data);"
        "t.items.add(new File([bytes], 'dropped.wav')); return t; }",
        data,
    )
    page.dispatch_event("body", "drop", {"dataTransfer": transfer})
    expect(page.locator("#name")).to_have_text("dropped.wav", timeout=SLOW)
    expect(page.locator("#trouble")).to_be_hidden()


def test_the_microphone_is_recorded(page: Page, service: Service) -> None:
    visit(page, service)
    page.click("#record")
    expect(page.locator("#record")).to_have_text("Stop")
    time.sleep(1.5)
    page.click("#record")
    expect(page.locator("#name")).to_contain_text("recording-", timeout=SLOW)


def test_textures_by_key_by_drag_and_on_the_pad(page: Page, service: Service) -> None:
    visit(page, service)
    page.wait_for_selector(".tile[data-name=fire]", timeout=SLOW)
    tile = page.locator(".tile[data-name=fire]")
    expect(tile).to_have_attribute("aria-valuenow", "0")
    tile.focus()
    for _ in range(3):
        page.keyboard.press("Shift+ArrowUp")
    expect(tile).to_have_attribute("aria-valuenow", "30")
    water = page.locator(".tile[data-name=water]")
    expect(water).to_have_attribute("aria-valuenow", "100")
    box = tile.bounding_box()
    assert box
    page.mouse.move(box["x"] + 20, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 20 + box["width"] / 4, box["y"] + 60, steps=4)
    page.mouse.up()
    expect(tile).to_have_attribute("aria-valuenow", re.compile("5[4-7]"))
    page.keyboard.press("Enter")
    expect(tile).to_have_attribute("aria-valuenow", "100")
    expect(water).to_have_attribute("aria-valuenow", "0")
    page.click("#blend summary")
    page.locator("#pad svg").focus()
    page.keyboard.press("Home")
    shares = json.loads(page.evaluate("localStorage.getItem('state')"))["shares"]
    assert sum(shares.values()) == pytest.approx(1, abs=0.01)
    assert sorted(v for v in shares.values() if v > 0) == pytest.approx([0.25] * 4, abs=0.01)


def test_a_lost_connection_is_told_and_found_again(page: Page, tmp_path: Path) -> None:
    settings: dict[str, Any] = {"pages": PAGES}
    with Service(tmp_path, **settings) as service:
        visit(page, service)
        expect(page.locator("#link")).to_have_text("connected")
        port = service.port
    expect(page.locator("#link")).to_have_text("not connected", timeout=15_000)
    expect(page.locator("#retry")).to_be_visible()
    with Service(tmp_path, port=port, **settings):
        page.evaluate("document.getElementById('retry').click()")  # unless it has found it by itself meanwhile
        expect(page.locator("#link")).to_have_text("connected", timeout=15_000)


def test_the_token_is_asked_for(page: Page, tmp_path: Path) -> None:
    token = "correct-horse-battery"
    with Service(tmp_path, guard=guard("127.0.0.1", token=token), pages=PAGES) as service:
        page.goto(service.url)
        page.fill("#token", "wrong-horse-battery-staple")
        page.keyboard.press("Enter")
        expect(page.locator("#ask label")).to_have_text("That is not its token. Try again:")
        expect(page.locator("#token")).to_have_value("")
        page.fill("#token", token)
        page.keyboard.press("Enter")
        page.wait_for_selector("body[data-ready]")
        page.goto(f"{service.url}/#token=wrong-horse-battery-staple")
        page.reload()
        expect(page.locator("#ask")).to_be_visible()
        page.goto("about:blank")
        page.goto(f"{service.url}/#token={token}")
        page.wait_for_selector("body[data-ready]")
        assert "token" not in page.url


@pytest.mark.parametrize("width", [320, 390, 820, 1600])
def test_it_fits_every_screen_in_both_languages(browser: Browser, service: Service, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800}, locale="zh-CN")
    page = context.new_page()
    visit(page, service)
    page.wait_for_selector(".tile[data-name=water]", timeout=SLOW)
    expect(page.locator("#link")).to_have_text("已连接")
    assert page.evaluate("document.documentElement.lang") == "zh-CN"
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.click("#language")
    expect(page.locator("#link")).to_have_text("connected")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    small = page.evaluate(
        "[...document.querySelectorAll('button, select')].filter(e => e.offsetParent && e.offsetHeight < 32)"
        ".map(e => e.textContent)"
    )
    assert not small, "fingers are wide"
    context.close()


def test_every_control_has_a_name(page: Page, service: Service, song: Path) -> None:
    visit(page, service)
    load(page, song)
    unnamed = page.evaluate(
        "[...document.querySelectorAll('button, select, input:not([type=file]), [role=slider], [role=application]')]"
        ".filter(e => e.offsetParent && !(e.getAttribute('aria-label') || e.labels?.length || e.textContent.trim()))"
        ".map(e => e.outerHTML)"
    )
    assert not unnamed


def test_every_word_has_its_chinese() -> None:
    words = (PAGES / "words.js").read_text()
    known = set(re.findall(r'"((?:[^"\\]|\\.)*)": "', words))
    used = set(re.findall(r'data-t="([^"]+)"', (PAGES / "index.html").read_text()))
    for file in PAGES.glob("*.js"):
        used |= set(re.findall(r'\bt\("([^"]+)"', file.read_text()))
    assert used - known == set()


def test_nothing_comes_from_outside() -> None:
    for file in (*PAGES.glob("*.js"), *PAGES.glob("*.html"), *PAGES.glob("*.css")):
        text = file.read_text().replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?://|//[a-z]+\.[a-z]", re.sub(r"// .*|/\*.*?\*/", "", text)), file.name
        assert "innerHTML" not in text


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service that makes all there is, at once and of nothing."""
    with Service(tmp_path_factory.mktemp("all"), pages=PAGES, places=("mix", "film")) as service:
        yield service


def test_stems_are_mixed_and_a_film_is_scored_on_a_phone(everything: Service, browser: Browser, song: Path) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN")
    page = context.new_page()
    page.goto(everything.url)
    page.locator("#places").get_by_text("混音").click()
    page.wait_for_url("**/mix.html")  # the page that is left has a place for files as well
    drums = song.with_name("drums.wav")
    drums.write_bytes(b"x" * 5000)
    page.set_input_files("#files", [song, drums])
    expect(page.get_by_role("button", name=re.compile("^移除"))).to_have_count(2)
    page.get_by_role("button", name="移除: drums.wav").click()
    expect(page.get_by_role("button", name=re.compile("^移除"))).to_have_count(1)
    page.locator("#mix").click()
    expect(page.locator(".job.done")).to_have_count(1)
    expect(page.locator(".job strong").first).to_have_text("a song")
    page.locator("#places").get_by_text("电影配乐").click()
    page.wait_for_url("**/film.html")
    page.wait_for_selector("body[data-ready]")
    page.locator("#score").click()
    expect(page.locator("#trouble")).to_have_text("请先选择电影。")
    page.set_input_files("#files", {"name": "film.mp4", "mimeType": "video/mp4", "buffer": b"y" * 5000})
    expect(page.get_by_role("button", name="移除: film.mp4")).to_be_visible()
    page.locator("#mood button").nth(4).click()
    page.locator("#score").click()
    expect(page.locator(".job.done video")).to_be_visible()
    expect(page.locator(".job .quiet").first).to_have_text("平静")
    expect(page.locator("#link")).to_have_text("已连接")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.reload()
    expect(page.locator(".job.done video")).to_be_visible()
    page.get_by_role("button", name="删除", exact=True).click()
    expect(page.locator(".job")).to_have_count(0)
    context.close()


def test_a_render_that_is_asked_for_while_the_service_is_away_is_done_once(tmp_path: Path, browser: Browser) -> None:
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    with Service(tmp_path, pages=PAGES) as first:
        page.goto(first.url)
        page.set_input_files("#file", {"name": "a.wav", "mimeType": "audio/wav", "buffer": b"z" * 5000})
        expect(page.locator("#loaded")).to_be_visible()
        port = first.port
    page.locator("#render").click()
    expect(page.locator("#render")).to_be_disabled()
    expect(page.locator("#link")).to_have_text("not connected", timeout=15_000)
    with Service(tmp_path, pages=PAGES, port=port):
        expect(page.locator(".job.done")).to_have_count(1, timeout=20_000)
        expect(page.locator("#link")).to_have_text("connected")
        context.close()


def noise(seconds: float, seed: int) -> dict[str, Any]:
    """A file that no other test has, for Playwright to choose."""
    file = io.BytesIO()
    x = np.random.default_rng(seed).uniform(-0.2, 0.2, (round(seconds * RATE), 2))
    soundfile.write(file, x, RATE, format="WAV", subtype="PCM_16")
    return {"name": f"noise {seed}.wav", "mimeType": "audio/wav", "buffer": file.getvalue()}


def test_a_job_is_followed_through_a_restart(tmp_path: Path, page: Page) -> None:
    with Service(tmp_path, pages=PAGES) as first:
        visit(page, first)
        page.set_input_files("#file", {"name": "a.wav", "mimeType": "audio/wav", "buffer": b"z" * 5000})
        expect(page.locator("#loaded")).to_be_visible()
        page.fill("#to", "8")
        page.press("#to", "Tab")
        page.locator("#render").click()
        expect(page.locator(".job.running")).to_be_visible(timeout=15_000)
        port = first.port
        first.state.crew._stop.set()  # so that what runs is not finished first
    with Service(tmp_path, pages=PAGES, port=port):
        expect(page.locator(".job.done")).to_be_visible(timeout=30_000)


def test_a_song_that_was_sent_twice_is_deleted_whole(page: Page, everything: Service) -> None:
    page.on("dialog", lambda dialog: dialog.accept())
    visit(page, everything)
    file = {"name": "twice.wav", "mimeType": "audio/wav", "buffer": b"twice" * 1000}
    for n in range(2):
        page.set_input_files("#file", file)
        expect(page.locator("#loaded")).to_be_visible()
        if not n:
            page.click("#other")
    song = json.loads(page.evaluate("localStorage.getItem('state')"))["song"]["song"]
    page.click("#forget")
    expect(page.locator("#drop")).to_be_visible()
    assert everything.json("GET", f"/songs/{song}")[0] == 404


def test_a_song_is_cut_by_dragging_and_saved_as_what_has_other_rates(page: Page, service: Service) -> None:
    visit(page, service)
    page.set_input_files("#file", noise(4, 1))
    page.wait_for_selector("#loaded:not([hidden])", timeout=SLOW)
    box = page.locator("#wave").bounding_box()
    assert box

    def drag(begin: float, end: float) -> tuple[float, float]:
        assert box
        y = box["y"] + box["height"] / 2
        page.mouse.move(box["x"] + begin * box["width"], y)
        page.mouse.down()
        page.mouse.move(box["x"] + end * box["width"], y, steps=8)
        page.mouse.up()
        return float(page.input_value("#from")[2:]), float(page.input_value("#to")[2:])

    assert drag(0.25, 0.5) == pytest.approx((1, 2), abs=0.15)
    assert drag(0.375, 0.625) == pytest.approx((2, 3), abs=0.15), "and moved"
    assert drag(0.75, 0.95) == pytest.approx((2, 3.8), abs=0.2), "and taken by its edge"
    page.click("#try")
    page.wait_for_selector(".job.done", timeout=SLOW)
    page.locator(".job").get_by_label("Save as").last.select_option("opus")
    with page.expect_download(timeout=SLOW) as download:
        page.locator(".job").get_by_role("button", name="Save as").click()
    assert download.value.suggested_filename == "noise 1-water.opus"


def test_what_is_no_sound_becomes_no_texture(page: Page, service: Service) -> None:
    visit(page, service)
    page.wait_for_selector(".tile[data-name=water]", timeout=SLOW)
    page.set_input_files("#own", {"name": "letter.docx", "mimeType": "audio/wav", "buffer": b"Dear Sir " * 100})
    expect(page.locator("#trouble")).to_contain_text("no sound file that can be read", timeout=SLOW)
    page.set_input_files("#own", noise(1, 2))
    expect(page.get_by_label("Share of noise 2")).to_have_attribute("aria-valuenow", "100", timeout=SLOW)
    page.get_by_role("button", name="Remove noise 2").click()
    expect(page.get_by_label("Share of noise 2")).to_have_count(0)


def test_keys_keep_the_focus(page: Page, everything: Service) -> None:
    visit(page, everything)
    page.set_input_files("#file", {"name": "a.wav", "mimeType": "audio/wav", "buffer": b"keys" * 1000})
    expect(page.locator("#loaded")).to_be_visible()
    for control in ("#quality [data-value=hifi]", "#render"):
        page.focus(control)
        page.keyboard.press("Enter")
        expect(page.locator(control)).to_be_focused()
    page.goto(f"{everything.url}/film.html")
    page.wait_for_selector("body[data-ready]")
    page.focus("#mood [data-value=sad]")
    page.keyboard.press("Enter")
    expect(page.locator("#mood [data-value=sad]")).to_be_focused()
    expect(page.locator("#mood [data-value=sad]")).to_have_attribute("aria-pressed", "true")


def test_what_scrolls_never_plays(browser: Browser, service: Service) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    page = context.new_page()
    visit(page, service)
    page.wait_for_selector(".tile[data-name=fire]", timeout=SLOW)
    page.locator("#blend summary").tap()
    finger = context.new_cdp_session(page)

    def swipe(selector: str, right: float, down: float) -> float:
        page.locator(selector).scroll_into_view_if_needed()
        box, before = page.locator(selector).bounding_box(), float(page.evaluate("scrollY"))
        assert box
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        for n in range(11):
            at = {"x": x + right * n / 10, "y": y + down * n / 10}
            kind = "touchMove" if n else "touchStart"
            finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [at]})
        finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        page.wait_for_timeout(300)
        return abs(float(page.evaluate("scrollY")) - before)

    def chosen() -> Any:
        return json.loads(page.evaluate("localStorage.getItem('state')") or "{}")

    for selector in (".tile[data-name=fire]", "#pad svg", "#mix"):
        page.evaluate("scrollTo(0, 400)")
        assert swipe(selector, 2, 150) > 50, selector
        assert chosen().get("shares", {"water": 1}) == {"water": 1}
    assert float(page.input_value("#mix")) == 1
    swipe(".tile[data-name=fire]", 60, 0)
    assert 0.2 < chosen()["shares"]["fire"] < 0.8
    context.close()


def test_trouble_is_seen_wherever_one_is(page: Page, everything: Service) -> None:
    page.set_viewport_size({"width": 360, "height": 500})
    visit(page, everything)
    page.locator("#render").scroll_into_view_if_needed()
    page.click("#render")
    expect(page.locator("#trouble")).to_have_text("Choose a song first.")
    expect(page.locator("#trouble")).to_be_in_viewport()
    page.click("#trouble")
    expect(page.locator("#trouble")).to_be_hidden()


def test_sentences_of_the_service_have_their_chinese(page: Page, everything: Service) -> None:
    visit(page, everything)
    said = page.evaluate(
        "sentences => import('/words.js').then(({ change, said }) => { change(); return sentences.map(said); })",
        [
            "the song is no sound file that can be read (wav, flac, ...)",
            "2000 MB are more than the 1000 that are taken",
            "the disk of the service is full",
            "a sentence that nobody knows",
        ],
    )
    assert said == [
        "歌曲不是可以读取的声音文件",
        "2000 MB 超过了允许的 1000 MB",
        "服务器的磁盘已满：请删除歌曲，或稍后再试",
        "a sentence that nobody knows",
    ]
