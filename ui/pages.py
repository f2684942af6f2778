"""The pages that instruments bring to the window: each is a tab that is there while the host plays its instrument.

A patch that brings none is shown by the page made from its declarations, see ui.views.patch.
"""

from collections.abc import Callable
from typing import NamedTuple, Protocol, cast

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication
from PySide6.QtWidgets import QTabWidget, QWidget

from ui.console import page as console
from ui.host.desk import Desk
from ui.listen import page as listen


class InstrumentPage(Protocol):
    """A widget that is made of a desk, and asks it for what it shows."""

    def forget(self) -> None:
        """The host is lost: nothing is known of now."""


class Page(NamedTuple):
    """A tab: its title (QT_TRANSLATE_NOOP("pages", ...)), what the host must have to show it, and how it is made."""

    title: str
    shows: Callable[[Desk], bool]
    make: Callable[[Desk], QWidget]


def score_page(desk: Desk) -> QWidget:
    """The page of a film's score, whose plots are loaded only where there is one."""
    from ui.score.page import ScorePage

    return ScorePage(desk)


PAGES: tuple[Page, ...] = (  # in the order of their tabs
    Page(str(QT_TRANSLATE_NOOP("pages", "Desk")), console.shows, console.ConsolePage),
    Page(str(QT_TRANSLATE_NOOP("pages", "Listening")), listen.is_there, listen.ListenPage),
    Page(str(QT_TRANSLATE_NOOP("pages", "Score")), lambda desk: "/score/sensitivity" in desk.controls, score_page),
)


class Pages:
    """Tabs of instruments, in front of those that are always there."""

    def __init__(self, desk: Desk, tabs: QTabWidget, pages: tuple[Page, ...] = PAGES) -> None:
        self.desk, self.tabs, self.pages = desk, tabs, pages
        self.there: dict[str, QWidget] = {}

    def rebuild(self) -> None:
        """Show the pages of what the host has now; the first of one that is new comes to the front."""
        front = False
        for i, page in enumerate(self.pages):
            shown = page.shows(self.desk)
            if not shown and page.title in self.there:
                widget = self.there.pop(page.title)
                self.tabs.removeTab(self.tabs.indexOf(widget))
                widget.deleteLater()
            elif shown and page.title not in self.there:
                at = sum(earlier.title in self.there for earlier in self.pages[:i])
                self.there[page.title] = widget = page.make(self.desk)
                self.tabs.insertTab(at, widget, QCoreApplication.translate("pages", page.title))
                if not front:
                    self.tabs.setCurrentIndex(at)
                front = True

    def forget(self) -> None:
        """The host is lost."""
        for widget in self.there.values():
            cast(InstrumentPage, widget).forget()
