"""Measure a model on songs that training never saw: python -m rtengine.models.evaluation [MODEL.onnx].

The model is run as the host runs it, frame by frame through onnxruntime, and eight Griffin-Lim iterations stand for the
host's phase reconstruction. Its peers in the same table: the content unchanged, the content equalised to the exemplar's
long-term spectrum, and the imprint, which needs no training.
"""

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from numpy.typing import NDArray

from rtengine.models import judge
from rtengine.models.exemplars import exemplar
from rtengine.models.features import BANDS, FLOOR, HOP_LENGTH, SAMPLE_RATE, band_matrices
from rtengine.models.model import SHIPPED, Model, load_model
from rtengine.models.training import content_folder, istft, levelled, songs, stft

Samples = NDArray[np.float32]
SECONDS = 10
FAMILIES = {"envelopes": judge.envelopes, "rate-scale": judge.rate_scale}


def clips(folder: Path) -> dict[str, Samples]:
    """Ten seconds from the middle of each song held out of training, levelled."""
    found = {}
    for name, x in songs(folder, held_out=True).items():
        start = max(0, (len(x) - SECONDS * SAMPLE_RATE) // 2)
        x = x[start : start + SECONDS * SAMPLE_RATE]
        found[name] = levelled(torch.as_tensor(x[None]))[0].numpy()
    return found


def run(model: Model, x: Samples, embedding: Samples, strength: float, seed: int = 0) -> Samples:
    """Texture (channels, samples) frame by frame; returns the same shape, before any phase reconstruction."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(model.file), options, providers=["CPUExecutionProvider"])
    spectrum = stft(torch.as_tensor(x)).numpy()
    noise = stft(torch.randn(x.shape, generator=torch.Generator().manual_seed(seed))).numpy()
    phase = np.exp(1j * np.angle(spectrum))
    relative = noise / phase
    ring = {s.name: np.zeros((max(s.delays), *s.shape), np.float32) for s in model.states}
    out = np.zeros_like(spectrum)
    for m in range(spectrum.shape[1]):
        feed = {
            "magnitude": np.abs(spectrum[:, m]),
            "noise": np.stack([relative[:, m].real, relative[:, m].imag], 1).astype(np.float32),
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
    return np.asarray(settle(torch.as_tensor(out), x.shape[-1]).numpy())


def settle(spectrum: torch.Tensor, samples: int, n_iter: int = 8) -> torch.Tensor:
    """Griffin-Lim from the phase at hand."""
    magnitude = spectrum.abs()
    for _ in range(n_iter):
        spectrum = torch.polar(magnitude, stft(istft(spectrum, samples)).angle())
    return istft(spectrum, samples)


def equalised(x: Samples, name: str) -> Samples:
    """The content with the exemplar's long-term spectrum."""
    analysis, synthesis = (torch.as_tensor(m) for m in band_matrices())
    spectrum = stft(torch.as_tensor(x[None]))
    target = stft(torch.as_tensor(exemplar(name, seed=7)[None]))
    gain = [0.5 * torch.log(s.abs().square().mean(1) @ analysis.T + FLOOR) for s in (target, spectrum)]
    return np.asarray(istft(spectrum * torch.exp((gain[0] - gain[1]) @ synthesis)[:, None], len(x))[0].numpy())


def imprint(x: Samples, name: str) -> Samples:
    """The content's bands multiplied by a Gaussian surrogate of the exemplar's band envelopes; see docs/models.md."""
    analysis, synthesis = (torch.as_tensor(m) for m in band_matrices())
    spectrum = stft(torch.as_tensor(x[None]))[0]
    levels = [
        0.5 * torch.log(s.abs().square() @ analysis.T + FLOOR).numpy()
        for s in (stft(torch.as_tensor(exemplar(name, seed=7)[None]))[0], spectrum)
    ]
    target, content = (v - v.mean(0) for v in levels)
    frames = len(content)
    f = np.fft.rfft(np.resize(target, (frames, BANDS)), axis=0)
    turn = np.exp(2j * np.pi * np.random.default_rng(0).random((len(f), 1)))  # one for all bands keeps their relations
    ranks = np.fft.irfft(f * turn, frames, axis=0).argsort(0).argsort(0)
    surrogate = np.take_along_axis(np.sort(np.resize(target, (frames, BANDS)), 0), ranks, 0)
    gain = surrogate + 0.6 * (levels[0].mean(0) - levels[1].mean(0)) - 0.3 * np.clip(content, -4, 4)
    y = spectrum * torch.exp(torch.as_tensor(np.clip(gain, -6, 5).astype(np.float32)) @ synthesis)
    return np.asarray(settle(y[None], len(x))[0].numpy())


def measure(
    system: Callable[[Samples, str], Samples], names: list[str], chosen: list[str], content: dict[str, Samples]
) -> dict[str, float]:
    """Means over songs and the chosen ones of the textures. Gained: how much of the way from the song to the exemplar, 0 to 1.

    "minus" is gained less the same towards the other textures; "named" how often the right exemplar is the nearest.
    """
    target = {k: {n: np.mean([f(exemplar(n, SECONDS, seed=s)) for s in (7, 8, 9)], 0) for n in names} for k, f in FAMILIES.items()}
    rows: list[dict[str, float]] = []
    for x in content.values():
        for name in chosen:
            y = levelled(torch.as_tensor(system(x, name)[None]))[0].numpy()
            row = judge.content_kept(x, y)
            row = {"content": float(np.mean(list(row.values()))), **row}
            for family, f in FAMILIES.items():
                before, after = f(x), f(y)
                goal = target[family]
                gained = {n: 1 - np.linalg.norm(after - goal[n]) / np.linalg.norm(before - goal[n]) for n in names}
                others = [v for n, v in gained.items() if n != name]
                nearest = min(names, key=lambda n: float(np.linalg.norm(after - goal[n])))  # noqa: B023
                row |= {family: gained[name], f"{family} minus": gained[name] - float(np.mean(others))}
                row[f"{family} named"] = float(nearest == name)
            row["quiet dB"] = _quiet(y) - _quiet(x)
            rows.append(row)
    return {k: float(np.mean([r[k] for r in rows])) for k in rows[0]}


def _quiet(x: Samples) -> float:
    """Level of the quietest tenth of 23 ms pieces, dB."""
    level = np.sort(np.square(x[: len(x) // 1024 * 1024]).reshape(-1, 1024).mean(1))
    return float(10 * np.log10(level[: len(level) // 10].mean() + 1e-9))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m rtengine.models.evaluation", description="Measure a texture model.")
    parser.add_argument("model", nargs="?", default=str(SHIPPED))
    parser.add_argument("--content", default=str(content_folder()))
    parser.add_argument("--peers", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--strength", type=float, nargs="*", default=[0.7])
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    model = load_model(Path(arguments.model))
    embeddings = {n: np.array(e, np.float32) for n, e in model.textures.items()}
    content = clips(Path(arguments.content))
    systems: dict[str, Callable[[Samples, str], Samples]] = {
        "unchanged": lambda x, name: x,
        "equalised": equalised,
        "imprint": imprint,
    }
    for s in arguments.strength:
        systems[f"model {s:g}"] = lambda x, name, s=s: run(model, x[None], embeddings[name], s)[0]  # type: ignore[misc]
    if not arguments.peers:
        systems = {k: v for k, v in systems.items() if k.startswith("model")}
    names = list(embeddings)
    header = True
    for label, system in systems.items():
        for chosen in [names, *([n] for n in names if label.startswith("model"))]:
            row = measure(system, names, chosen, content)
            if header:
                print(f"{'':24}" + " ".join(f"{k[-10:]:>10}" for k in row))
                header = False
            title = label if len(chosen) > 1 else f"  {chosen[0]}"
            print(f"{title:24}" + " ".join(f"{v:10.2f}" for v in row.values()), flush=True)


if __name__ == "__main__":
    main()
