"""Measure a model on songs that training never saw: python -m rtengine.models.evaluation [MODEL.onnx].

The model is run as the host runs it, frame by frame through onnxruntime, and eight Griffin-Lim iterations stand for the
host's phase reconstruction. Its peers in the same table: the content unchanged, the content equalised to the exemplar's
long-term spectrum, and the imprint, which needs no training.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from numpy.typing import NDArray

from rtengine.models import judge
from rtengine.models.bands import SAMPLE_RATE, loudness_weights
from rtengine.models.exemplars import exemplar
from rtengine.models.model import SHIPPED, Model, load_model
from rtengine.models.peers import equalised, imprint
from rtengine.models.songs import content_folder, levelled, settle, songs, stft

Samples = NDArray[np.float32]
System = Callable[[Samples, str], Samples]  # song (samples,) and texture, to (samples,)
SECONDS = 10
FAMILIES = {"envelopes": judge.envelopes, "rate-scale": judge.rate_scale}


def clips(folder: Path) -> dict[str, Samples]:
    """Ten seconds from the middle of each song held out of training, levelled."""
    found = {}
    for name, x in songs(folder, held_out=True, shortest=SECONDS * SAMPLE_RATE // 2).items():
        start = max(0, (len(x) - SECONDS * SAMPLE_RATE) // 2)
        found[name] = levelled(torch.as_tensor(x[None, start : start + SECONDS * SAMPLE_RATE]))[0].numpy()
    return found


def run(model: Model, x: Samples, embedding: Samples, strength: float, seed: int = 0) -> NDArray[np.complex64]:
    """Texture (channels, samples) frame by frame; returns the spectrum (channels, frames, bins)."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(model.file), options, providers=["CPUExecutionProvider"])
    spectrum = stft(torch.as_tensor(x)).numpy()
    phase = np.exp(1j * np.angle(spectrum))
    noise = stft(torch.randn(x.shape, generator=torch.Generator().manual_seed(seed))).numpy() / phase
    ring = {s.name: np.zeros((max(s.delays), *s.shape), np.float32) for s in model.states}
    out = np.zeros_like(spectrum)
    for m in range(spectrum.shape[1]):
        feed = {
            "magnitude": np.abs(spectrum[:, m]),
            "noise": np.stack([noise[:, m].real, noise[:, m].imag], 1).astype(np.float32),
            "embedding": embedding,
            "strength": np.array([strength], np.float32),
        }
        for s in model.states:
            past = [ring[s.name][(m - d) % max(s.delays), r] for r, d in zip(s.rows, s.delays, strict=True)]
            feed[f"{s.name}.past"] = np.stack(past)
        y, *states = session.run(None, feed)
        for s, value in zip(model.states, states, strict=True):
            ring[s.name][m % max(s.delays)] = value
        out[:, m] = (y[:, 0] + 1j * y[:, 1]) * phase[:, m]
    return out


def measure(system: System, names: list[str], chosen: list[str], content: dict[str, Samples]) -> dict[str, float]:
    """Means over the songs and the chosen ones of the textures.

    A family's figure is how much of the way from the song to the exemplar has been gone, 0 to 1; "minus" is that less
    the same towards the other textures; "named" is how often it is the greatest of them, "near" how often the right
    exemplar is also the nearest in plain distance, which favours textures that are like songs. dB: against the song.
    """
    targets = {
        family: {n: np.mean([f(exemplar(n, SECONDS, seed=s)) for s in (7, 8, 9)], 0) for n in names}
        for family, f in FAMILIES.items()
    }
    rows: list[dict[str, float]] = []
    for x in content.values():
        for name in chosen:
            raw = system(x, name)
            y = levelled(torch.as_tensor(raw[None]))[0].numpy()
            kept = judge.content_kept(x, y)
            row = {"content": float(np.mean(list(kept.values()))), **kept}
            for family, f in FAMILIES.items():
                before, after = f(x), f(y)
                far = {n: (distance(after, t), distance(before, t)) for n, t in targets[family].items()}
                gained = {n: 1 - now / then for n, (now, then) in far.items()}
                row[family] = gained[name]
                row[f"{family[:4]} minus"] = gained[name] - float(np.mean([v for n, v in gained.items() if n != name]))
                row[f"{family[:4]} named"] = float(max(gained, key=lambda n: gained[n]) == name)
                row[f"{family[:4]} near"] = float(min(zip(far.values(), far, strict=True))[1] == name)
            rows.append(row | {"level dB": loudness(raw) - loudness(x), "quiet dB": quiet(y) - quiet(x)})
    return {k: float(np.mean([r[k] for r in rows])) for k in rows[0]}


def distance(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    """Euclidean."""
    return float(np.linalg.norm(a - b))


def loudness(x: Samples) -> float:
    """Level under the K curve, dB."""
    return float(10 * np.log10(np.mean(judge.spectrogram(x, 1024, 256).T @ loudness_weights()) + 1e-12))


def quiet(x: Samples) -> float:
    """Level of the quietest tenth of pieces of 23 ms, dB."""
    level = np.sort(np.square(x[: len(x) // 1024 * 1024]).reshape(-1, 1024).mean(1))
    return float(10 * np.log10(level[: len(level) // 10].mean() + 1e-9))


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m rtengine.models.evaluation", description="Measure a texture model."
    )
    parser.add_argument("model", nargs="?", type=Path, default=SHIPPED)
    parser.add_argument("--content", type=Path, default=content_folder())
    parser.add_argument("--strength", type=float, nargs="*", default=[0.7])
    parser.add_argument("--peers", action=argparse.BooleanOptionalAction, default=True)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    model = load_model(arguments.model)
    content = clips(arguments.content)

    def textured(strength: float) -> System:
        def system(x: Samples, name: str) -> Samples:
            y = run(model, x[None], np.array(model.textures[name], np.float32), strength)
            return np.asarray(settle(torch.as_tensor(y), len(x))[0].numpy())

        return system

    peers: dict[str, System] = {"unchanged": lambda x, _: x, "equalised": equalised, "imprint": imprint}
    systems = peers if arguments.peers else {}
    systems = {**systems, **{f"model, strength {s:g}": textured(s) for s in arguments.strength}}
    names = list(model.textures)
    header = True
    for label, system in systems.items():
        for chosen in [names, *([n] for n in names if label not in peers)]:
            row = measure(system, names, chosen, content)
            if header:
                sys.stdout.write(" " * 22 + "".join(f"{k:>11}" for k in row) + "\n")
                header = False
            title = f"  {chosen[0]}" if len(chosen) == 1 else label
            sys.stdout.write(f"{title:22}" + "".join(f"{v:11.2f}" for v in row.values()) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
