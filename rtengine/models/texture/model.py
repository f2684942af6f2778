"""A texture model: one ONNX file, and what its metadata say.

The host calls the network once a frame (one hop of the input):

    magnitude  (channels, bins)     |STFT| of the newest frame; periodic Hann, unnormalised
    noise      (channels, 2, bins)  STFT of white noise of variance 1 up to 20 kHz, relative to the input's phase
    envelopes  (bands,)             how far the texture's bands are from their means now, nepers
    partials   (bins,)              the spectrum of its partials now
    embedding  (E,)                 the texture; several are blended linearly, and so are envelopes and partials
    strength   (1,)                 0 content .. 1 texture
    NAME.past  (K, W)               for each state: rows of earlier outputs, zeros before the start
 -> spectrum   (channels, 2, bins)  the textured spectrum relative to the input's phase: Y e^(-j arg X)
    NAME       (S, W)               for each state: this frame's rows

all float32. metadata_props: contract, sample_rate (Hz), n_fft, hop_length, look_ahead (frames), licence, description,
architecture (of a network that the host has code of its own for, see weights.py), and as JSON: textures {name:
embedding}; modulators {name: modulator}, the envelopes and partials that follow one another (modulator.py); states
[{name, rows, delays}] (row k of the past is row rows[k] of the output delays[k] frames ago, so that a dilated
convolution shuffles nothing); controls {tone, noise: [begin, end]}, the columns of the embedding that the player's tone
is multiplied with and the logarithm of the noise's level added to, [0, 0] for none; clips, the layout in which the
embedding of any other sound can be measured (clip.py), or none;
drift (Hz, by how much the phases wander from the song's, see blocks/texture/drift.py; 0 if it is not there);
middles {name: strength}, what the network is told where a player's strength is 0.7, which is what it is told if none is
there, so that this means as much with every texture; training.
Any file that keeps this can be used.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rtengine.files.json_text import parsed
from rtengine.models import onnx, onnx_file
from rtengine.models.texture import clip, weights
from rtengine.models.texture.embedding import Statistics
from rtengine.models.texture.modulator import Modulator, unpacked
from rtengine.models.texture.weights import Weights

CONTRACT = "3"
INPUTS = ("magnitude", "noise", "envelopes", "partials", "embedding", "strength")  # and the states' pasts
SHIPPED = Path(__file__).with_name("textures.onnx")


@dataclass(frozen=True)
class State:
    """A tensor that the network gives in one frame and gets back in later ones."""

    name: str
    rows: tuple[int, ...]
    delays: tuple[int, ...]  # frames, each at least 1
    shape: tuple[int, ...]  # of the output: rows and width


@dataclass(frozen=True)
class Model:
    """A checked model file. sample_rate in Hz, n_fft and hop_length in samples, look_ahead in frames."""

    file: Path
    sample_rate: int
    n_fft: int
    hop_length: int
    look_ahead: int
    textures: dict[str, tuple[float, ...]]
    modulators: dict[str, Modulator]
    states: tuple[State, ...]
    tone: slice  # columns of an embedding, see above
    noise: slice
    drift: float  # Hz
    middles: dict[str, float]
    metadata: dict[str, str]
    weights: Weights | None = field(compare=False, repr=False)  # None: onnxruntime runs the network

    @property
    def embeddings(self) -> NDArray[np.float32]:
        """(textures, E) float32."""
        return np.array(list(self.textures.values()), np.float32)


@cache
def load_model(file: Path = SHIPPED) -> Model:
    """Read and check a model file; OSError or ValueError in one sentence if it cannot serve."""
    if not file.is_file():
        raise OSError(f"there is no model file {file}")
    try:
        content = onnx_file.read(file.read_bytes())
    except (IndexError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{file} is not an ONNX model") from error
    metadata, inputs, shapes = content.metadata, content.inputs, content.outputs
    if metadata.get("contract") != CONTRACT:
        raise ValueError(f"{file} has contract {metadata.get('contract')!r} and not {CONTRACT!r}: not a texture model")
    try:
        model = Model(
            file=file,
            sample_rate=int(metadata["sample_rate"]),
            n_fft=int(metadata["n_fft"]),
            hop_length=int(metadata["hop_length"]),
            look_ahead=int(metadata["look_ahead"]),
            textures={name: tuple(e) for name, e in parsed(metadata["textures"]).items()},
            modulators={name: unpacked(text) for name, text in parsed(metadata["modulators"]).items()},
            states=tuple(
                State(s["name"], tuple(s["rows"]), tuple(s["delays"]), tuple(shapes[s["name"]]))
                for s in parsed(metadata["states"])
            ),
            tone=slice(*parsed(metadata["controls"])["tone"]),
            noise=slice(*parsed(metadata["controls"])["noise"]),
            drift=float(metadata.get("drift", 0)),
            middles=dict.fromkeys(parsed(metadata["textures"]), 0.7) | parsed(metadata.get("middles", "{}")),
            metadata=metadata,
            weights=weights.pack(content),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"the metadata of {file} are damaged: {error}") from error
    _check(model, set(inputs), set(shapes))
    if model.weights is None:
        onnx.check(file)
    return model


class Known(NamedTuple):
    """What a network is told of one texture. middle: see above."""

    embedding: tuple[float, ...]
    modulator: Modulator
    middle: float


def usual(model: Model) -> tuple[float, float]:
    """Makeup, in nepers, and middle of a sound that was never heard in training: those of the model's own textures.

    ValueError if it knows no others than its own.
    """
    if model.metadata.get("clips") != clip.LAYOUT:
        raise ValueError(f"{model.file} knows its own textures only, and no sounds of yours")
    return float(np.median(model.embeddings[:, clip.MAKEUP])), float(np.median([*model.middles.values()]))


def known(model: Model, statistics: Statistics) -> Known:
    """What a model is told of a sound that was measured; ValueError as above."""
    makeup, middle = usual(model)
    return Known(clip.embedding(statistics, makeup), statistics.modulator, middle)


def with_textures(model: Model, textures: Mapping[str, Known]) -> Model:
    """The same network with more textures."""
    return replace(
        model,
        textures=model.textures | {name: t.embedding for name, t in textures.items()},
        modulators=model.modulators | {name: t.modulator for name, t in textures.items()},
        middles=model.middles | {name: t.middle for name, t in textures.items()},
    )


def _check(model: Model, inputs: set[str], outputs: set[str]) -> None:
    wanted = {*INPUTS, *(f"{s.name}.past" for s in model.states)}
    if inputs != wanted:
        raise ValueError(f"{model.file} has the inputs {sorted(inputs)} and not {sorted(wanted)}")
    if wanted := {"spectrum", *(s.name for s in model.states)} - outputs:
        raise ValueError(f"{model.file} lacks the outputs {sorted(wanted)}")
    if model.look_ahead != 0:
        raise ValueError(f"{model.file} wants {model.look_ahead} frames of look-ahead; this host gives 0")
    if not model.textures or len({len(e) for e in model.textures.values()}) != 1:
        raise ValueError(f"{model.file} needs at least one texture, and embeddings of one length")
    if model.modulators.keys() != model.textures.keys():
        raise ValueError(f"{model.file} needs a modulator for each of its textures, and for no others")
    for name, middle in model.middles.items():
        if name not in model.textures or not 0 < middle < 1:
            raise ValueError(f"{model.file} has {name} with a middle of {middle:g}, which is not between 0 and 1")
    width = model.embeddings.shape[1]
    for columns in (model.tone, model.noise):
        if not 0 <= columns.start <= columns.stop <= width:
            raise ValueError(f"{model.file} has controls in columns {columns.start} to {columns.stop} of {width}")
    for state in model.states:
        if len(state.rows) != len(state.delays) or not all(1 <= d <= 4096 for d in state.delays):
            raise ValueError(f"state {state.name} of {model.file} needs a delay of 1 to 4096 frames for each row")
        if not all(0 <= row < state.shape[0] for row in state.rows):
            raise ValueError(f"state {state.name} of {model.file} reads rows outside 0 to {state.shape[0] - 1}")
