"""A stand-in for an Engine: parameters and no sound, with all that a surface may ask for."""

import numpy as np

from rtengine.block import Parameter


class Controls:
    """Remembers what it was asked for."""

    def __init__(self) -> None:
        share = [Parameter(float(i == 0), 0, 1, doc="share", share=True) for i in range(3)]
        self.parameters = {
            "/texture/water": share[0],
            "/texture/laser": share[1],
            "/texture/future": share[2],
            "/texture/strength": Parameter(0.8, 0, 1, "", "linear", "how much"),
            "/texture/quality": Parameter(1, 0, 2, "", "step", "how well", ("lofi", "standard", "hifi")),
            "/mix/amount": Parameter(1, 0, 1, "", "linear", "0 is dry, 1 is wet"),
            "/output/gain": Parameter(0, -60, 24, "dB", "linear", "-60 is silence"),
            "/limiter/ceiling": Parameter(-1, -20, 0, "dBTP", "linear", "true peak"),
            "/limiter/release": Parameter(100, 10, 1000, "ms", "log", "time constant"),
        }
        self.values = {address: float(np.float32(p.default)) for address, p in self.parameters.items()}
        self.sample_rate, self.clock = 48_000, 0
        self.timed: list[tuple[int, str, float]] = []
        self.asked: list[tuple[object, ...]] = []
        self.kept: dict[str, dict[str, float]] = {}

    def __getitem__(self, address: str) -> float:
        return self.values[address]

    def __setitem__(self, address: str, value: float) -> None:
        self.values[address] = float(np.float32(self.parameters[address].check(address, value)))

    def at(self, sample_time: int, address: str, value: float) -> None:
        self.timed.append((sample_time, address, self.parameters[address].check(address, value)))

    def status(self) -> dict[str, object]:
        return {
            "latency": 1839,
            "sample_rate": 48_000.0,
            "load": 0.25,
            "xruns": 0,
            "late": 0,
            "bypass": False,
            "peak_in": [-6.0, -9.0],
        }

    def bypass(self, on: bool) -> None:
        self.asked.append(("bypass", on))

    def panic(self) -> None:
        self.asked.append(("panic",))

    def scene_store(self, name: str) -> None:
        self.kept[name] = dict(self.values)

    def scene_recall(self, name: str, seconds: float) -> None:
        self.asked.append(("recall", name, seconds))
        self.values.update(self.kept[name])

    def midi_inputs(self) -> list[str]:
        return ["nano", "keys"]

    def scene_rename(self, name: str, to: str) -> None:
        self.kept[to] = self.kept.pop(name)

    def scene_delete(self, name: str) -> None:
        del self.kept[name]

    def scenes(self) -> list[str]:
        return sorted(self.kept)
