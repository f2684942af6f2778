"""Another program's knobs, and the host's controllers, on one JACK server: prints what arrives."""

import time

import rtmidi
from support.controls import Controls

from rtengine.midi.controllers import Controllers
from rtengine.midi.port import Midi

PATIENCE = 20  # seconds

knobs = rtmidi.MidiOut(rtapi=rtmidi.API_UNIX_JACK, name="knobs")
knobs.open_virtual_port("out")
controls, told, heard = Controls(), [], []
controllers = Controllers(controls, lambda *event: told.append(event))
controllers.open = True


def turn(channel: int, controller: int, value: int) -> None:
    heard.append(value)
    controllers.turn(channel, controller, value)


with Midi("KNOBS", turn, print) as midi:
    print(midi.name)
    controllers.learn("/mix/amount")
    end = time.monotonic() + PATIENCE
    while controls["/mix/amount"] > 0.3 and time.monotonic() < end:
        for position in (127, 32):
            knobs.send_message([0xB2, 7, position])
        time.sleep(0.05)
    amount = controls["/mix/amount"]
    heard.clear()
    for position in range(120):  # 3 s, in which it is looked three times whether the input is there
        knobs.send_message([0xB2, 7, position])
        time.sleep(0.025)
    time.sleep(1)
print(told[0])
print(f"{amount:.5f}")
print(*heard)
