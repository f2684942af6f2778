"""A phone's browser for tests: headless Chromium, spoken to by its own protocol."""

import asyncio
import json
import shutil
import subprocess
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0")
PHONE = 390, 844  # CSS pixels
CONNECTED = "document.body && document.body.classList.contains('on')"  # the host's page to the host
LONG = 60  # seconds for all that a test does with the page


class Page:
    """The page that is open."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket, self._number = socket, 0

    async def command(self, method: str, **parameters: object) -> dict[str, Any]:
        self._number += 1
        await self._socket.send_json({"id": self._number, "method": method, "params": parameters})
        while (answer := await self._socket.receive_json()).get("id") != self._number:
            pass
        return answer["result"]

    async def evaluate(self, script: str) -> Any:
        answer = await self.command("Runtime.evaluate", expression=script, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    async def until(self, script: str) -> None:
        for _ in range(200):
            if await self.evaluate(script):
                return
            await asyncio.sleep(0.05)
        raise AssertionError(script)

    async def press(self, script: str, x: float, y: float, x2: float, y2: float) -> None:
        """Go with the mouse from one place of an element to another; shares of its size."""
        box = json.loads(await self.evaluate(f"JSON.stringify(({script}).getBoundingClientRect())"))
        spots = [(box["x"] + a * box["width"], box["y"] + b * box["height"]) for a, b in ((x, y), (x2, y2))]
        for kind, i in (("mousePressed", 0), ("mouseMoved", 1), ("mouseReleased", 1)):
            spot = {"x": spots[i][0], "y": spots[i][1], "button": "left", "buttons": 1, "clickCount": 1}
            await self.command("Input.dispatchMouseEvent", type=kind, **spot)


def browse(
    url: str,
    profile: Path,
    perform: Callable[[Page], Awaitable[None]],
    *,
    screen: tuple[int, int] = PHONE,
    ready: str = CONNECTED,
    flags: Sequence[str] = (),
) -> None:
    """Open a page on a phone with a touch screen of this size, wait until it is ready, and do this with it."""
    command = [str(CHROMIUM), *FLAGS, *flags, f"--user-data-dir={profile}", "about:blank"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as chromium:
        try:
            assert chromium.stderr
            while "DevTools listening on " not in (line := chromium.stderr.readline()):
                assert line, "Chromium ended"
            port = urlsplit(line.split()[-1]).port
            asyncio.run(asyncio.wait_for(_visit(f"http://127.0.0.1:{port}/json", url, perform, screen, ready), LONG))
        finally:
            chromium.terminate()
            chromium.communicate()


async def _visit(
    browser: str, url: str, perform: Callable[[Page], Awaitable[None]], screen: tuple[int, int], ready: str
) -> None:
    size = {"width": screen[0], "height": screen[1], "deviceScaleFactor": 2, "mobile": True}
    async with aiohttp.ClientSession() as session:
        targets = await (await session.get(browser)).json()
        target = next(t["webSocketDebuggerUrl"] for t in targets if t["type"] == "page")
        async with session.ws_connect(target, max_msg_size=0) as socket:
            page = Page(socket)
            await page.command("Emulation.setDeviceMetricsOverride", **size)
            await page.command("Emulation.setTouchEmulationEnabled", enabled=True)
            await page.command("Page.navigate", url=url)
            await page.until(ready)
            await perform(page)
