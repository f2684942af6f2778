"""At random through all that a device can do: chosen, lost, back, two at once, a JACK server that is killed."""

import os
import random
import shutil
import sys
import threading
import time

import numpy as np
import pytest
from support.card import scale
from support.jack_server import Server

from rtengine.devices import stream
from rtengine.live.engine import Engine

SECONDS = float(os.environ.get("WALK_SECONDS", "25"))  # 600 by hand: WALK_SECONDS=600 pytest tests/live/test_walk.py
SILENT = 8.0  # seconds without a callback: longer than it takes to find that a device does not answer
TARGETS = [("JACK", "JACK"), ("null", "null"), ("JACK", "null"), ("null", "JACK"), ("nope", "nope"), (None, None)]

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="JACK is tested on Linux"),
    pytest.mark.skipif(not shutil.which("jackd"), reason="needs the Debian package jackd2"),
    pytest.mark.skipif(stream.sounddevice is None, reason="needs sounddevice and the Debian package libportaudio2"),
]


def test_no_order_of_choosing_losing_and_return_stops_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    server, chance = Server("rtengine-walk"), random.Random(1)
    for name in ("JACK_DEFAULT_SERVER", "JACK_NO_AUDIO_RESERVATION"):
        monkeypatch.setenv(name, server.environment[name])
    crashed: list[object] = []
    monkeypatch.setattr(threading, "excepthook", crashed.append)
    said: list[str] = []
    server.start()
    loop = np.full((64, 2), 0.25, np.float32)
    try:
        with Engine(scale(), "JACK", "JACK", loop=loop, say=said.append) as engine:
            end, count, changed = time.monotonic() + SECONDS, -1, time.monotonic()
            due, deaths = 0.0, 0
            while time.monotonic() < end:
                now, callbacks = time.monotonic(), engine.status()["callbacks"]
                if callbacks != count:
                    count, changed = callbacks, now
                assert now - changed < SILENT, f"nobody plays: {said[-5:]}"
                if now > due:
                    due = now + chance.choice((0.05, 0.5, 1.5, 3.0))
                    if chance.random() < 0.3:
                        server.kill()
                        deaths += 1
                    elif chance.random() < 0.4:
                        server.start()
                    else:
                        engine.select_device(*chance.choice(TARGETS))
                time.sleep(0.02)
            server.start()
            engine.select_device("JACK", "JACK")
            while engine.status()["device_state"] != "connected" or engine.memory["level"][0] < 1:
                assert time.monotonic() < end + 30, f"it does not come back: {said[-5:]}"
                time.sleep(0.05)
            assert deaths >= 2
    finally:
        server.stop()
    assert not crashed
    assert not [sentence for sentence in said if "has failed" in sentence]
