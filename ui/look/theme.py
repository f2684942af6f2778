"""The look: a dark theme for a stage. Every colour, the fonts, and the one style sheet.

Little light, and that where something happens: the ground is almost black, what can be turned is blue, what is loud or
altered is amber, what is wrong is red. Text keeps a contrast of at least 7 to 1 to its ground.
"""

from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

GROUND = "#0b0d10"
CARD = "#13171c"
RAISED = "#1f262e"
LINE = "#2b343e"
TEXT = "#e8edf2"
QUIET = "#9aa7b4"  # labels and units
LIGHT = "#36c2e0"  # what can be turned, and where it stands
WARM = "#ffb554"  # altered, loud, learning
STOP = "#ff5c57"  # over, lost, panic
GOOD = "#4fd18b"  # connected, in time
HUE, TURN = 195.0, 137.508  # degrees: of the first texture, and from one to the next by the golden angle, so all differ
RADIUS = 6  # pixels, of corners
GAP = 8  # pixels between things
SMALL, PLAIN, LARGE = 9.0, 10.0, 13.0  # points

SHEET = f"""
* {{ color: {TEXT}; }}
QMainWindow, QDialog, QWidget#ground {{ background: {GROUND}; }}
QFrame#card {{ background: {CARD}; border: 1px solid {RAISED}; border-radius: {RADIUS}px; }}
QLabel {{ background: transparent; }}
QLabel[role="title"] {{ color: {QUIET}; font-weight: 600; letter-spacing: 1px; }}
QLabel[role="quiet"] {{ color: {QUIET}; }}
QLabel[role="banner"] {{ background: {STOP}; color: {GROUND}; font-weight: 700; padding: 6px 12px; }}
QLabel[role="veil"] {{
    background: rgba(11, 13, 16, 190); border: 2px dashed {QUIET}; border-radius: {RADIUS}px; color: {TEXT};
    font-size: {LARGE}pt; font-weight: 600;
}}
QLabel[role="veil"][near="true"] {{ background: rgba(20, 62, 74, 215); border: 2px solid {LIGHT}; color: {TEXT}; }}
QLabel[role="banner"][mild="true"] {{ background: {WARM}; }}
QPushButton, QToolButton {{
    background: {RAISED}; border: 1px solid {LINE}; border-radius: {RADIUS}px; padding: 5px 10px;
}}
QPushButton:hover, QToolButton:hover {{ border-color: {QUIET}; }}
QPushButton:focus, QToolButton:focus, QLineEdit:focus, QDoubleSpinBox:focus, QComboBox:focus {{
    border-color: {LIGHT};
}}
QPushButton:pressed, QToolButton:pressed {{ background: {LINE}; }}
QPushButton:checked, QToolButton:checked {{ background: {LIGHT}; border-color: {LIGHT}; color: {GROUND}; }}
QPushButton[role="large"] {{ font-size: {LARGE}pt; font-weight: 600; padding: 9px 14px; text-align: left; }}
QPushButton[role="large"]:hover {{ border-color: {LIGHT}; }}
QPushButton[role="record"]:checked {{ background: {STOP}; border-color: {STOP}; color: {GROUND}; }}
QPushButton[role="warm"]:checked {{ background: {WARM}; border-color: {WARM}; color: {GROUND}; }}
QPushButton[role="stop"] {{ background: {STOP}; border-color: {STOP}; color: {GROUND}; font-weight: 700; }}
QPushButton[role="stop"]:hover {{ border-color: {TEXT}; }}
QPushButton[role="plain"], QToolButton[role="plain"] {{ background: transparent; border-color: transparent; }}
QPushButton[role="plain"]:hover, QToolButton[role="plain"]:hover {{ background: {RAISED}; }}
QPushButton[role="plain"]:checked, QToolButton[role="plain"]:checked {{ background: transparent; color: {TEXT}; }}
QPushButton[role="plain"]:focus, QToolButton[role="plain"]:focus {{ border-color: {LIGHT}; }}
QPushButton:disabled, QToolButton:disabled, QLabel:disabled, QComboBox:disabled {{ color: #5b6672; }}
QLineEdit, QDoubleSpinBox, QComboBox, QPlainTextEdit, QListWidget {{
    background: {GROUND}; border: 1px solid {LINE}; border-radius: {RADIUS}px; padding: 4px 6px;
    selection-background-color: {LIGHT}; selection-color: {GROUND};
}}
QDoubleSpinBox::up-button, QDoubleSpinBox::down-button {{ width: 0; border: 0; }}
QAbstractSpinBox QLineEdit, QComboBox QLineEdit {{ background: transparent; border: 0; padding: 0; }}
QComboBox QAbstractItemView {{ background: {RAISED}; border: 1px solid {LINE}; outline: 0; }}
QComboBox {{ padding-right: 22px; background: {RAISED}; }}
QComboBox:hover {{ border-color: {QUIET}; }}
QComboBox::drop-down {{ border: 0; width: 22px; }}
QComboBox::down-arrow {{ image: none; }}
QTabBar::tab {{
    background: transparent; color: {QUIET}; padding: 5px 14px; border: 0; border-bottom: 2px solid transparent;
}}
QTabBar::tab:hover {{ color: {TEXT}; }}
QTabBar::tab:selected {{ color: {TEXT}; border-bottom-color: {LIGHT}; }}
QTabWidget::pane {{ border: 0; }}
QScrollArea, QScrollArea > QWidget > QWidget {{ background: transparent; border: 0; }}
QScrollBar:vertical {{ background: transparent; width: 8px; margin: 0; }}
QScrollBar:horizontal {{ background: transparent; height: 8px; margin: 0; }}
QScrollBar::handle {{ background: {LINE}; border-radius: 4px; min-height: 24px; min-width: 24px; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QToolTip {{ background: {RAISED}; color: {TEXT}; border: 1px solid {LINE}; padding: 4px; }}
QMenu {{ background: {RAISED}; border: 1px solid {LINE}; padding: 4px; }}
QMenu::item {{ padding: 5px 18px; border-radius: 4px; }}
QMenu::item:selected {{ background: {LIGHT}; color: {GROUND}; }}
QProgressBar {{
    font-size: {SMALL}pt; background: {GROUND}; border: 1px solid {LINE}; border-radius: {RADIUS}px; text-align: center;
}}
QProgressBar::chunk {{ background: #1b5f70; border-radius: {RADIUS - 1}px; }}
QSplitter::handle {{ background: transparent; }}
"""


def apply(application: QApplication) -> None:
    """Dress the whole program."""
    application.setStyle("Fusion")  # the same on every system, and it keeps to a palette
    roles, palette = QPalette.ColorRole, QPalette()
    for role, colour in (
        (roles.Window, GROUND),
        (roles.Base, GROUND),
        (roles.AlternateBase, CARD),
        (roles.Button, RAISED),
        (roles.Highlight, LIGHT),
        (roles.HighlightedText, GROUND),
        (roles.WindowText, TEXT),
        (roles.Text, TEXT),
        (roles.ButtonText, TEXT),
        (roles.ToolTipBase, RAISED),
        (roles.ToolTipText, TEXT),
        (roles.PlaceholderText, QUIET),
    ):
        palette.setColor(role, QColor(colour))
    application.setPalette(palette)
    font = application.font()
    font.setPointSizeF(PLAIN)
    application.setFont(font)
    application.setStyleSheet(SHEET)


def hue(number: int) -> QColor:
    """The colour of a texture, by its number from 0."""
    return QColor.fromHsv(round(HUE + number * TURN) % 360, 165, 235)


def mixed(first: QColor | str, second: QColor | str, share: float) -> QColor:
    """A colour between two; share 0 is the first, 1 the second."""
    a, b = QColor(first), QColor(second)
    parts = zip((a.red(), a.green(), a.blue()), (b.red(), b.green(), b.blue()), strict=True)
    return QColor(*(round(x + share * (y - x)) for x, y in parts))
