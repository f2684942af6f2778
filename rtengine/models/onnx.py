"""An ONNX network that a kernel can run: onnxruntime through its public C API, no interpreter in it.

`OrtGetApiBase` of the wheel's own library gives a table of functions, whose order is fixed for ever (the header
onnxruntime_c_api.h adds at its end only). Tensors lie on arrays of the graph's record, so nothing is copied.
"""

import ctypes
import weakref
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtengine.native.intrinsics import call
from rtengine.native.kernel import kernel

API_VERSION = 18  # onnxruntime 1.18 and all later ones know it
ERROR, SEQUENTIAL, ALL_OPTIMISATIONS, FLOAT = 3, 0, 99, 1  # the header's enumerations
GET_ERROR_MESSAGE, CREATE_ENV, CREATE_SESSION_FROM_ARRAY, RUN, CREATE_SESSION_OPTIONS = 2, 3, 8, 9, 10
SET_EXECUTION_MODE, SET_OPTIMIZATION, SET_INTRA_OP_THREADS, SET_INTER_OP_THREADS = 13, 23, 24, 25
CREATE_TENSOR_WITH_DATA, CREATE_CPU_MEMORY_INFO = 49, 69
RELEASE_STATUS, RELEASE_MEMORY_INFO, RELEASE_SESSION, RELEASE_VALUE, RELEASE_SESSION_OPTIONS = 93, 94, 95, 96, 100

Handle = ctypes.c_void_p
Tensor = NDArray[np.float32]


def prepare() -> dict[str, int]:
    """Memory of what `run` calls: addresses, and how many tensors there are."""
    places = ("run", "release", "session", "names_in", "values_in", "inputs", "names_out", "values_out", "outputs")
    return dict.fromkeys(places, 0)


class Session:
    """A network bound to fixed tensors; `store` puts what `run` needs into the record that `prepare` described.

    inputs, outputs: C-contiguous float32 arrays by name, which must not move while the session lives.
    """

    def __init__(self, file: Path, inputs: dict[str, Tensor], outputs: dict[str, Tensor]) -> None:
        session = _create_session(file.read_bytes())
        self._values: list[Handle] = []
        weakref.finalize(self, _release, session, self._values)
        self._keep = [_strings(inputs), self._tensors(inputs), _strings(outputs), self._tensors(outputs)]
        names_in, values_in, names_out, values_out = (ctypes.addressof(array) for array in self._keep)
        self._call = {
            "run": _api()[RUN], "release": _api()[RELEASE_STATUS], "session": session.value,
            "names_in": names_in, "values_in": values_in, "inputs": len(inputs),
            "names_out": names_out, "values_out": values_out, "outputs": len(outputs),
        }  # fmt: skip

    def store(self, memory: np.void) -> None:
        """Let `run` find the network; it must live as long as the memory is run."""
        for name, value in self._call.items():
            memory[name] = value

    def _tensors(self, arrays: dict[str, Tensor]) -> Any:
        info = Handle()
        _check(_function(CREATE_CPU_MEMORY_INFO)(0, 0, ctypes.byref(info)))
        handles = (Handle * len(arrays))()
        for i, array in enumerate(arrays.values()):
            shape = (ctypes.c_int64 * array.ndim)(*array.shape)
            data, size = Handle(array.ctypes.data), ctypes.c_size_t(array.nbytes)
            rank = ctypes.c_size_t(array.ndim)
            out = ctypes.byref(handles, i * ctypes.sizeof(Handle))
            _check(_function(CREATE_TENSOR_WITH_DATA)(info, data, size, shape, rank, FLOAT, out))
            self._values.append(Handle(handles[i]))
        _function(RELEASE_MEMORY_INFO, None)(info)
        return handles


def check(file: Path) -> None:
    """ValueError in a sentence if onnxruntime cannot load this file."""
    import onnxruntime

    try:
        onnxruntime.InferenceSession(file.read_bytes(), providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime raises its own classes, unrelated to one another
        raise ValueError(f"{file} is not an ONNX model that onnxruntime can load") from error


@kernel
def run(net):
    """Run the network of a Session on its tensors. Returns whether it succeeded."""
    inputs, outputs = (net.names_in, net.values_in, net.inputs), (net.names_out, net.outputs, net.values_out)
    status = call(net.run, (net.session, 0, *inputs, *outputs))
    if status:
        call(net.release, (status,))
    return status == 0


@cache
def _api() -> Any:
    """The table of functions."""
    import onnxruntime  # only for networks that need it: it takes a fifth of a second, and 30 MB

    folder = Path(onnxruntime.__file__).parent / "capi"
    names = ("libonnxruntime.so*", "libonnxruntime*.dylib", "onnxruntime.dll")
    library = ctypes.CDLL(str(next(file for name in names for file in sorted(folder.glob(name)))))
    library.OrtGetApiBase.restype = ctypes.POINTER(ctypes.CFUNCTYPE(Handle, ctypes.c_uint32))
    table = library.OrtGetApiBase()[0](API_VERSION)
    if not table:
        raise OSError(f"onnxruntime {onnxruntime.__version__} does not know version {API_VERSION} of its C API")
    return ctypes.cast(table, ctypes.POINTER(Handle))


def _function(index: int, result: Any = Handle) -> Any:
    return ctypes.CFUNCTYPE(result)(_api()[index])


def _check(status: int | None) -> None:
    if status:
        message = _function(GET_ERROR_MESSAGE, ctypes.c_char_p)(Handle(status)).decode()
        _function(RELEASE_STATUS, None)(Handle(status))
        raise ValueError(f"onnxruntime: {message}")


@cache
def _environment() -> Handle:
    """One for the process, never released."""
    environment = Handle()
    _check(_function(CREATE_ENV)(ERROR, b"rtengine", ctypes.byref(environment)))
    return environment


def _create_session(model: bytes) -> Handle:
    """One thread, in sequence: the caller's. Others would have to be waited for."""
    options, session = Handle(), Handle()
    _check(_function(CREATE_SESSION_OPTIONS)(ctypes.byref(options)))
    _check(_function(SET_EXECUTION_MODE)(options, SEQUENTIAL))
    _check(_function(SET_OPTIMIZATION)(options, ALL_OPTIMISATIONS))
    _check(_function(SET_INTRA_OP_THREADS)(options, 1))
    _check(_function(SET_INTER_OP_THREADS)(options, 1))
    size = ctypes.c_size_t(len(model))
    try:
        _check(_function(CREATE_SESSION_FROM_ARRAY)(_environment(), model, size, options, ctypes.byref(session)))
    finally:
        _function(RELEASE_SESSION_OPTIONS, None)(options)
    return session


def _release(session: Handle, values: list[Handle]) -> None:
    for value in values:
        _function(RELEASE_VALUE, None)(value)
    _function(RELEASE_SESSION, None)(session)


def _strings(names: dict[str, Tensor]) -> Any:
    return (ctypes.c_char_p * len(names))(*(name.encode() for name in names))
