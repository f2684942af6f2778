"""The device page: what it offers, what it tells the host, and when the host is started again."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from support.windows import Stage, stage

from rtengine.osc.packet import Argument
from ui.host.client_host import port_of, with_options
from ui.parts import test_tone
from ui.parts.device import DeviceChoice
from ui.parts.input_level import InputLevel

__all__ = ["stage"]


def page(stage: Stage, ours: bool = True) -> DeviceChoice:
    window = stage.window
    window.is_ours = ours
    window.desk.addresses |= {"/device/select"}
    window.choose_device()
    (found,) = window.findChildren(DeviceChoice)
    return found


def asked(stage: Stage) -> list[tuple[str, tuple[Argument, ...]]]:
    heard: list[tuple[str, tuple[Argument, ...]]] = []
    stage.window.desk.ask.connect(lambda address, arguments: heard.append((address, arguments)))
    return heard


def test_devices_are_chosen_while_the_host_plays(stage: Stage) -> None:
    shown, heard = page(stage), asked(stage)
    shown.fill("input", "USB Mic", "output", "Speakers")
    assert [shown.input.itemText(i) for i in range(2)] == ["USB Mic", "null"]
    shown.input.setEditText("USB Mic")
    shown.output.setEditText("")
    shown.accept()
    assert ("/device/select", ("USB Mic", "")) in heard


def test_it_opens_with_what_the_host_plays_on(stage: Stage) -> None:
    """So that Play on these, after a look at the rest, does not go to the system's microphone."""
    shown, heard = page(stage), asked(stage)
    shown.show_status("input", "null", "output", "Speakers")
    shown.fill("input", "USB Mic", "output", "Speakers", "output", "Headphones")
    shown.output.setEditText("Headphones")
    shown.show_status("input", "null", "output", "Speakers")
    shown.accept()
    assert ("/device/select", ("null", "Headphones")) in heard


def test_another_block_starts_the_host_again(stage: Stage) -> None:
    shown, heard, options = page(stage), asked(stage), []
    stage.window.restarted.connect(options.append)
    stage.until(lambda: shown.midi.count() == 3)  # none, and those of the host
    shown.show_status("block_size", 256)
    assert shown.block.currentData() == "256"
    shown.block.setCurrentIndex(shown.block.findData("64"))
    shown.midi.setCurrentIndex(1)
    shown.output.setEditText("Speakers")
    shown.accept()
    assert options == [{"--block-size": "64", "--midi": "nano", "--output": "Speakers"}]
    assert "/device/select" not in [address for address, _ in heard]


def test_a_host_of_others_keeps_its_rate(stage: Stage) -> None:
    shown = page(stage, ours=False)
    assert not any(box.isEnabled() for box in (shown.rate, shown.block, shown.midi))
    assert shown.input.isEnabled()


def test_a_test_tone_passes_the_effect_and_leaves_all_as_it_was(stage: Stage) -> None:
    stage.window.desk.readings |= {"/input/file": ("song.wav",), "/bypass": (False,)}
    shown, heard = page(stage), asked(stage)
    stage.qtbot.mouseClick(shown.test, Qt.MouseButton.LeftButton)
    assert (stage.window.songs.path / test_tone.NAME).is_file()
    assert heard[-2:] == [("/input/file", (test_tone.NAME,)), ("/bypass", (True,))]
    shown.reject()
    assert heard[-2:] == [("/bypass", (False,)), ("/input/file", ("song.wav",))]


def test_the_tone_is_left_then_right_then_both_at_minus_18_dbfs() -> None:
    parts = np.split(test_tone.tone(), 3)
    loud = [20 * np.log10(np.maximum(np.abs(part).max(axis=0), 1e-9)) for part in parts]
    assert np.allclose(np.maximum(loud, -100), [[-18, -100], [-100, -18], [-18, -18]], atol=0.1)
    assert np.abs(np.diff(test_tone.tone(), axis=0)).max() < 2 * np.pi * 660 / test_tone.RATE * test_tone.LEVEL * 1.1


@pytest.mark.parametrize(
    ("peak", "words"), [(-90, "Nothing"), (-40, "Soft"), (-12, "Good"), (-3, "Loud"), (0, "Too loud")]
)
def test_the_level_says_what_to_do(stage: Stage, peak: float, words: str) -> None:
    level = InputLevel(stage.window.desk)
    stage.qtbot.addWidget(level)
    level.feed(0, b"", b"", -20.0, -20.0, peak, peak - 10, peak, -90.0, -90.0, -90.0)
    assert level.words.text().startswith(words)


def test_options_of_a_host_that_is_started_again() -> None:
    before = ["--device", "USB", "--mix", "0.7", "--block-size=128"]
    assert with_options(before, {"--block-size": "64", "--midi": "nano"}) == [
        *("--mix", "0.7"), *("--input", "USB"), *("--output", "USB"), *("--block-size", "64"), *("--midi", "nano"),
    ]  # fmt: skip
    assert with_options(["--input", "null"], {"--input": "Mic", "--sample-rate": ""}) == ["--input", "Mic"]


def test_the_window_follows_the_ports_of_its_host() -> None:
    assert port_of(["--oscquery-port", "9333"], "--oscquery-port", 9001) == 9333
    assert port_of(["--mix", "1", "--oscquery-port=9444"], "--oscquery-port", 9001) == 9444
    assert port_of(["--oscquery-port"], "--oscquery-port", 9001) == 9001
