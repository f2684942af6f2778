"""Bundles: the tables, the glue and the code, put together by the system's C compiler."""

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from rtengine.export import code, tables, turtle
from rtengine.export.ahead import Count, elsewhere
from rtengine.export.order import Order
from rtengine.export.plugin import Plugin, described
from rtengine.export.pool import Pool
from rtengine.files.beside import beside
from rtengine.files.disk import written

GLUE = Path(__file__).with_name("glue")
NEEDED = {"x86-64-v3": "avx2", "x86-64-v4": "avx512f"}  # of a processor, else the plug-in is not there
FLAGS = ["-std=c11", "-O2", "-fPIC", "-shared", "-fvisibility=hidden", "-Wall", "-Wextra", "-Werror"]
LINKED = ["-pthread", "-lm"]
ELF = ["-Wl,-s", "-Wl,--gc-sections", "-Wl,-z,now"] if sys.platform == "linux" else []
SECTION = ".section __TEXT,__const" if sys.platform == "darwin" else ".section .rodata"
NAME = "_pool" if sys.platform == "darwin" else "pool"
HIDDEN = "" if sys.platform == "darwin" else f".hidden {NAME}\\n"
POOL = f"""\
__asm__("{SECTION}\\n.balign 64\\n.globl {NAME}\\n{HIDDEN}{NAME}:\\n.incbin \\"pool.bin\\"\\n.text\\n");
"""


def compiler() -> list[str]:
    """The system's C compiler, $CC or cc; OSError in a sentence if there is none."""
    words = shlex.split(os.environ.get("CC", "cc"))
    if not words or not shutil.which(words[0]):
        raise OSError(f"{' '.join(words) or 'CC'} is no C compiler: install one, as by apt install gcc, or set CC")
    return words


def export(order: Order, kind: str, out: Path, force: bool, count: Count) -> list[Plugin]:
    """Write the bundle, kind "lv2" or "clap"; returns what is in it.

    count: is told of each image that is done. ValueError, KeyError or OSError in a sentence.
    """
    pool = Pool()
    with elsewhere(order, count):
        first = described(order, order.counts[0], pool, count.add)
    plugins = [first, *(described(order, channels, pool) for channels in order.counts[1:])]
    with TemporaryDirectory(prefix="rtengine-export-") as folder:
        shared = link(Path(folder), kind, plugins, pool)
        if kind == "clap":
            with beside(out, force) as temporary, written(out):
                shutil.copyfile(shared, temporary)
        else:
            bundle, binary = Path(folder) / "bundle", f"{order.slug}.so"
            bundle.mkdir()
            shutil.copy(shared, bundle / binary)
            (bundle / "manifest.ttl").write_text(turtle.manifest(plugins, binary), "utf-8")
            for plugin in plugins:
                (bundle / turtle.description_file(plugin)).write_text(turtle.description(plugin), "utf-8")
            put(bundle, out, force)
    return plugins


def link(folder: Path, kind: str, plugins: Sequence[Plugin], pool: Pool) -> Path:
    """The shared library; OSError with what the C compiler says."""
    (folder / "pool.bin").write_bytes(pool.data)
    (folder / "pool.c").write_text(POOL)
    (folder / "tables.c").write_text(tables.source(plugins))
    (folder / "uris.h").write_text(tables.descriptors(plugins, kind))
    objects = sorted({code.kept(name) for plugin in plugins for name in plugin.codes})
    sources = [GLUE / "instance.c", *sorted(GLUE.glob(f"{kind}*.c")), folder / "tables.c", folder / "pool.c", *objects]
    needed = NEEDED.get(os.environ.get("NUMBA_CPU_NAME", ""))
    flags = [*FLAGS, f"-I{GLUE}", f"-I{folder}", *([f'-DNEEDED="{needed}"'] if needed else [])]
    command = [*compiler(), *flags, *map(str, sources), "-o", "plugin.so", *LINKED, *ELF]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if "error" in line] or done.stderr.splitlines()[-1:]
        raise OSError(f"{command[0]} cannot build the plug-in: {(said or [f'status {done.returncode}'])[0]}")
    return folder / "plugin.so"


def put(bundle: Path, out: Path, force: bool) -> None:
    """Move a folder to its place, whole or not at all; OSError in a sentence if it may not be replaced."""
    temporary = out.with_name(f".{out.name}.part")
    shutil.rmtree(temporary, ignore_errors=True)
    try:
        temporary.mkdir()
        with written(out):
            for file in bundle.iterdir():
                shutil.copyfile(file, temporary / file.name)
        if out.exists() and force:
            before = out.with_name(f".{out.name}.old")
            shutil.rmtree(before, ignore_errors=True)
            out.rename(before)
            temporary.rename(out)
            shutil.rmtree(before)
        else:
            temporary.rename(out)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
