"""The host's MIDI output into another program, on one JACK server: prints its name, and what arrives, and when."""

import json
import time

import rtmidi

from rtengine.midi.out import MidiOut

LEAD, BEAT = 0.3, 0.25  # seconds until the note, and of a beat at 240 a minute

daw = rtmidi.MidiIn(rtapi=rtmidi.API_UNIX_JACK, name="daw")
daw.ignore_types(timing=False)
daw.open_virtual_port("in")
heard: list[tuple[float, list[int]]] = []
daw.set_callback(lambda event, data: heard.append((time.monotonic(), event[0])))
out = MidiOut("DAW")
print(out.name)
begin = time.monotonic() + LEAD
out.note(begin, begin + BEAT, 3, 60, 0.5)
out.note(begin + BEAT, begin + 60, 3, 64, 1.0)  # sounds when all is stopped
out.beats(begin, 60 / BEAT)
time.sleep(LEAD + 2 * BEAT)
out.stop()
time.sleep(0.2)
out.close()
print(json.dumps([(at - begin, message) for at, message in heard]))
