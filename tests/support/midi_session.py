"""Another program's knobs, and the host's controllers, on one JACK server: prints what arrives."""

import time

import rtmidi
from support.controls import Controls

from rtengine.midi.controllers import Controllers
from rtengine.midi.port import Midi

PATIENCE = 20  # seconds

knobs = rtmidi.MidiOut(rtapi=rtmidi.API_UNIX_JACK, name="knobs")
knobs.open_virtual_port("out")
controls, told = Controls(), []
controllers = Controllers(controls, lambda *event: told.append(event))
controllers.open = True
with Midi("KNOBS", controllers.turn, print) as midi:
    print(midi.name)
    controllers.learn("/mix/amount")
    end = time.monotonic() + PATIENCE
    while controls["/mix/amount"] > 0.3 and time.monotonic() < end:
        for position in (127, 32):
            knobs.send_message([0xB2, 7, position])
        time.sleep(0.05)
print(told[0])
print(f"{controls['/mix/amount']:.5f}")
