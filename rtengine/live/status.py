"""How the engine is, as plain values."""

from typing import Any

from rtengine.graph import Graph
from rtengine.live import host
from rtengine.live.player import Player
from rtengine.native.clock import SECOND


def of_player(player: Player) -> dict[str, Any]:
    """What plays; latencies in seconds. input, output: what was chosen, "" for the system's own."""
    source, sink = player.target
    return {
        "device": player.device,
        "input": source or "",
        "output": sink or "",
        "device_state": player.state,
        "device_latency": player.latency,
        "device_latency_measured": player.measured,
        "bridge": player.bridge,
    }


def of_host(record: Any) -> dict[str, Any]:
    """Counters; loads, 1 is all the time there is; peaks in dBFS. record: of rtengine.live.host."""
    played = int(record["played"])
    peaks = [record["meters"][end]["readings"]["peak"].tolist() for end in ("input", "output")]
    return {
        "clock": int(record["clock"]),
        "callbacks": int(record["callbacks"]),
        "block_sizes": (int(record["smallest"]), int(record["largest"])),
        "xruns": int(record["xruns"].sum()),
        "xruns_by_kind": dict(zip(host.XRUNS, record["xruns"].tolist(), strict=True)),
        "load": float(record["busy"]) * float(record["sample_rate"]) / (SECOND * played) if played else 0.0,
        "load_worst": float(record["worst"]),
        "load_histogram": record["histogram"].tolist(),
        "peak_in": peaks[0],
        "peak_out": peaks[1],
        "bypass": bool(record["bypass"]),
        "alarms": int(record["alarms"]),
        "bad_in": int(record["bad_in"]),
        "unrecorded": int(record["unrecorded"]),
    }


def of_graph(graph: Graph) -> dict[str, Any]:
    """Latency in samples; worked: seconds for which the threads of its slow parts have worked since they started."""
    return {"sample_rate": graph.sample_rate, "latency": graph.latency, "worked": graph.worked}
