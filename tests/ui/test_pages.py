"""An instrument's page is a tab while the host plays the instrument."""

from PySide6.QtWidgets import QLabel, QTabWidget
from support.windows import Stage, stage

from ui.host.desk import Desk
from ui.pages import Page, Pages

__all__ = ["stage"]


class Said(QLabel):
    """A page that says what it was told."""

    def __init__(self, desk: Desk) -> None:
        super().__init__("heard")

    def forget(self) -> None:
        self.setText("forgot")


def test_a_page_comes_with_its_instrument_and_goes_with_it(stage: Stage) -> None:
    tabs = QTabWidget()
    tabs.addTab(QLabel("live"), "Live")
    playing = {"Organ": False, "Kit": True}
    entries = tuple(Page(title, lambda desk, title=title: playing[title], Said) for title in playing)  # type: ignore[misc]
    pages = Pages(stage.window.desk, tabs, entries)

    def titles() -> list[str]:
        pages.rebuild()
        return [tabs.tabText(i) for i in range(tabs.count())]

    assert titles() == ["Kit", "Live"]
    assert tabs.currentIndex() == 0
    tabs.setCurrentIndex(1)
    assert titles() == ["Kit", "Live"]
    assert tabs.currentIndex() == 1, "what the player looks at stays in front"
    playing["Organ"] = True
    assert titles() == ["Organ", "Kit", "Live"]
    page = pages.there["Organ"]
    assert tabs.currentWidget() is page
    pages.forget()
    assert isinstance(page, Said)
    assert page.text() == "forgot"
    playing.update(Organ=False, Kit=False)
    assert titles() == ["Live"]
