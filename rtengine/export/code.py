"""The code of a graph as an object file that a linker takes, for a processor that need not be this one.

Numba's own objects are bound to where it loads them. Here what it has optimised is made into machine code once more,
position-independent, with two functions to be seen. What it would call of Python, to report errors that cannot happen
here, ends the program instead.
"""

import hashlib
import re
from pathlib import Path

import llvmlite.binding as llvm
import numba
from numba import cfunc
from numba.core.codegen import JITCodeLibrary

from rtengine.files.beside import beside
from rtengine.listing import Source
from rtengine.native.cache import cache_directory, digest, used

# what C's own libraries give
SYSTEM = re.compile(
    "mem(set|cpy|move)|(pow|exp|exp2|expm1|log|log2|log10|log1p|sin|cos|sincos|tan|tanh|sinh|cosh|asin|acos|atan|atan2|"
    "sqrt|cbrt|floor|ceil|trunc|rint|round|fmod|hypot|frexp|ldexp)f?"
)
RENAMED = {"numba_frexp": "frexp", "numba_frexpf": "frexpf", "numba_ldexp": "ldexp", "numba_ldexpf": "ldexpf"}
PYTHON = re.compile(
    "Py|NRT_|numba_(gil_|do_raise|unpickle|runtime_|attempt_nocopy_reshape)|_?ZN08NumbaEnv"
)  # by which errors are reported, and memory counted that no kernel asks for
NEVER = "rtengine_never_{}"


def target_machine() -> llvm.TargetMachine:
    """Makes code for the processor that numba compiles for: this one, or that of $NUMBA_CPU_NAME."""
    triple, cpu, features = numba.core.registry.cpu_target.target_context.codegen().magic_tuple()
    return llvm.Target.from_triple(triple).create_target_machine(
        cpu=cpu, features=features, opt=3, reloc="pic", codemodel="default"
    )


def identity(source: Source) -> str:
    """The same for two graphs if one object file serves both."""
    machine = numba.core.registry.cpu_target.target_context.codegen().magic_tuple()
    about = source.file.parent.name, repr(source.layout), machine, digest(Path(__file__)).hex()
    return hashlib.sha256(repr(about).encode()).hexdigest()[:16]


def kept(name: str) -> Path:
    """Where the object file of this identity is."""
    return used(cache_directory() / f"export-{name}") / "code.o"


def object_file(source: Source) -> Path:
    """The functions callback_IDENTITY and work_IDENTITY, and what they call; kept on disk."""
    name = identity(source)
    file = kept(name)
    if not file.is_file():
        made = target_machine().emit_object(_module(source, name))
        file.parent.mkdir(parents=True, exist_ok=True)
        with beside(file, force=True) as temporary:
            temporary.write_bytes(made)
    return file


def _module(source: Source, suffix: str) -> llvm.ModuleRef:
    whole = llvm.parse_assembly("")
    for name, (signature, function) in source.functions().items():
        compiled = cfunc(signature, error_model="numpy")(function)
        library: JITCodeLibrary = compiled._library
        module = llvm.parse_bitcode(library._final_module.as_bitcode())
        _hide(module, compiled._wrapper_name, f"{name}_{suffix}")
        whole.triple, whole.data_layout = module.triple, module.data_layout
        whole.link_in(module)
    _cut_off(whole, suffix)
    whole.verify()
    return whole


def _hide(module: llvm.ModuleRef, name: str, to: str) -> None:
    """Leave one function to be seen, by another name."""
    for value in (*module.functions, *module.global_variables):
        if not value.is_declaration and value.name != name:
            value.linkage = "internal"
    entry = module.get_function(name)
    entry.name, entry.linkage, entry.visibility = to, "external", "hidden"


def _cut_off(module: llvm.ModuleRef, suffix: str) -> None:
    """Define what belongs to Python as what is never reached; ValueError if there is more that only Python has."""
    stubs = []
    for i, value in enumerate([*module.functions, *module.global_variables]):
        if not value.is_declaration or SYSTEM.fullmatch(value.name) or value.name.startswith("llvm."):
            continue
        if value.name in RENAMED:
            value.name = RENAMED[value.name]
        elif PYTHON.match(value.name):
            value.name = NEVER.format(f"{suffix}_{i}")
            stubs.append(_stub(value.name, value.value_kind == llvm.ValueKind.function))
        else:
            raise ValueError(f"the code calls {value.name}, which no plug-in has")
    module.link_in(llvm.parse_assembly("\n".join(["declare void @llvm.trap()", *stubs])))


def _stub(name: str, function: bool) -> str:
    if function:
        return f"define hidden void @{name}() {{ call void @llvm.trap() unreachable }}"
    return f"@{name} = hidden global i64 0"
