"""Native code that only ends up in other native code: kept as bitcode, and optimised once, where it ends up.

Numba optimises each function with all that it calls, and makes machine code of it, and then does so again for whatever
calls it: a function five calls down is compiled five times, and has a wrapper for Python that nobody calls. A part is
linked into what calls it as it is, and the whole is optimised once.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numba
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler_lock import global_compiler_lock
from numba.core.registry import cpu_target

from rtengine.native.awaited import name_of, note


class _Nowhere:
    """Stands for the code generator where numba would write into machine code, of which a part has none."""

    @staticmethod
    def set_env(name: str, environment: object) -> None:
        pass


class Part(JITCodeLibrary):  # type: ignore[misc]  # numba has no types
    """A library that is linked into others, and never run itself."""

    codegen = _Nowhere

    def _optimize_final_module(self) -> None:
        pass

    def _finalize_final_module(self) -> None:
        self._finalize_dynamic_globals()
        self._verify_declare_only_symbols()
        self._finalized = True

    def get_pointer_to_function(self, name: str) -> int:
        self._ensure_finalized()
        return 0

    serialize_using_object_code = JITCodeLibrary.serialize_using_bitcode


@contextmanager
def _parts() -> Iterator[None]:
    """What numba compiles or loads meanwhile is parts."""
    codegen = cpu_target.target_context.codegen()
    with global_compiler_lock:
        before, codegen._library_class = codegen._library_class, Part
        try:
            yield
        finally:
            codegen._library_class = before


def part(function: Callable[..., Any], **options: Any) -> Any:
    """A dispatcher of parts; its function is not to be called from Python."""
    dispatcher = numba.njit(no_cpython_wrapper=True, no_cfunc_wrapper=True, **options)(function)
    compile_one = dispatcher.compile

    def compile_part(signature: Any) -> Any:
        with _parts():
            compiled = compile_one(signature)
        note(name_of(function))
        return compiled

    dispatcher.compile = compile_part
    return dispatcher
