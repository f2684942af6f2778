import gc
import os
from collections.abc import Generator

import pytest

os.environ["NUMBA_NRT_STATS"] = "1"  # read when numba is imported: lets tests count its allocations
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # read when Qt starts: windows without a screen


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
