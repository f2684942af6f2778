import gc
import os
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from support import needs

os.environ["NUMBA_NRT_STATS"] = "1"  # read when numba is imported: lets tests count its allocations
HERE = Path(__file__).parent
os.environ["PYTHONPATH"] = os.pathsep.join(map(str, (HERE, HERE.parent)))  # for processes of the tests' own
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # read when Qt starts: windows without a screen

WINDOWS = "tests/ui", "tests/test_surfaces.py"  # which open one
NO_WINDOW = needs.qt()
pytest_plugins = [] if NO_WINDOW else ["pytestqt.plugin"]  # by itself, as pyproject.toml says, it would end the run


class Skipped(pytest.Module):
    """A file of tests that cannot even be imported here: one skip, with its reason."""

    def collect(self) -> Iterator[pytest.Item]:
        pytest.skip(NO_WINDOW, allow_module_level=True)


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    """Where Qt's libraries are not installed, leave out what opens windows."""
    inside = module_path.relative_to(parent.config.rootpath).as_posix()
    return Skipped.from_parent(parent, path=module_path) if NO_WINDOW and inside.startswith(WINDOWS) else None


@pytest.fixture(autouse=True)
def _data_of_its_own(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test goes on where another one, or the player of this computer, has ended."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("data")))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Windows are collected by this thread alone: Qt crashes if a server's thread, beside them here, comes upon one."""
    if "qtbot" not in getattr(item, "fixturenames", ()):
        return (yield)
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Where everything is installed, as in .ci/run, a test that is skipped is a test that fails."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter and os.environ.get("NO_SKIP") else []
    for report in skipped:
        reporter.write_line(f"skipped, which NO_SKIP forbids: {report.nodeid}: {report.longrepr[-1]}", red=True)
    if skipped and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """The last line: what was skipped, and which packages would let it run."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter and (line := needs.last_line(r.longrepr[-1] for r in reporter.stats.get("skipped", []))):
        reporter.write_line(line.replace("Skipped: ", ""), yellow=True)
