"""The stylesheet with places for tokens: `@name` is a token or an image, `#8px` eight pixels at 100 per cent."""

SHEET = """
* { outline: none; }
QWidget { color: @text; font-size: @base_type; }
/* Windows has a typeface of its own for these, and puts it back when its theme changes. */
QAbstractItemView, QMenu, QToolTip { font-family: "@typeface"; }
QMainWindow, QDialog, QWidget#work, QWidget#login { background: @window; }
QLabel { background: transparent; }
QLabel#pageTitle { font-size: @title_type; font-weight: bold; }
QLabel#paragraph { color: @text_muted; font-size: @small_type; border: 1px solid @line; border-radius: #8px;
  padding: 1px #8px; background: @surface; }
QLabel#section { font-size: @section_type; font-weight: bold; }
QLabel#small, QLabel#hint { color: @text_muted; font-size: @small_type; }
QLabel#muted, QLabel#factLabel { color: @text_muted; }
QLabel#phase { color: @text_muted; font-size: @small_type; font-weight: bold; }
QLabel#big { font-size: @large_type; font-weight: bold; }
QLabel#bigNumber { font-size: @large_type; font-weight: bold; }
QLabel#fieldError { color: @late; font-size: @small_type; font-weight: bold; }
QLabel#carried { color: @due; font-size: @small_type; }
QLabel#closedStrip { background: @blocked_soft; color: @text; border-left: #4px solid @blocked; padding: #8px #12px; }
QLabel#warningStrip { background: @due_soft; color: @text; border-left: #4px solid @due; padding: #8px #12px; }
QLabel#errorStrip { background: @late_soft; color: @text; border-left: #4px solid @late; padding: #8px #12px; }
QLabel#doneStrip { background: @done_soft; color: @text; border-left: #4px solid @done; padding: #8px #12px; }
QLabel#testMark { background: @due_soft; color: @due; font-weight: bold; border: 1px solid @due; border-radius: #4px;
  padding: #2px #8px; }
QLabel#officialMark { background: @done_soft; color: @done; font-weight: bold; border: 1px solid @done;
  border-radius: #4px; padding: #2px #8px; }
QFrame#card { background: @surface; border: 1px solid @line; border-radius: #6px; }
QFrame#numberCard { background: @surface; border: 1px solid @line; border-radius: #6px; }
QFrame#numberCard:hover { border-color: @accent; }
QFrame#numberCard:focus { border: 2px solid @focus; }
QFrame#nextStep { background: @accent_soft; border: 1px solid @accent; border-radius: #6px; }
QFrame#topBar { background: @surface; border-bottom: 1px solid @line; }
QFrame#statusBar { background: @surface; border-top: 1px solid @line; }
QFrame#statusBar QLabel, QFrame#statusBar QPushButton { font-size: @small_type; color: @text_muted; }
QFrame#rule { background: @line; border: none; max-height: 1px; min-height: 1px; }
QFrame#messageInfo { background: @info_soft; border-bottom: 1px solid @info; }
QFrame#messageWarning { background: @due_soft; border-bottom: 1px solid @due; }
QFrame#messageError { background: @late_soft; border-bottom: 1px solid @late; }

QPushButton { background: @surface; border: 1px solid @line_strong; border-radius: #4px; padding: 0 #12px;
  min-height: #30px; icon-size: #16px; }
QPushButton:hover { background: @surface_alt; border-color: @accent; }
QPushButton:pressed { background: @accent_soft; }
QPushButton:focus { border: 2px solid @focus; padding: 0 #11px; min-height: #28px; }
QPushButton:disabled { color: @text_disabled; border-color: @line; background: @window; }
QPushButton[kind="primary"] { background: @accent; color: @on_accent; border-color: @accent; font-weight: bold; }
QPushButton[kind="primary"]:hover { background: @accent_hover; border-color: @accent_hover; }
QPushButton[kind="primary"]:focus { border: 2px solid @text; }
QPushButton[kind="primary"]:disabled { background: @blocked_soft; color: @text_disabled; border-color: @line; }
QPushButton[kind="danger"] { color: @late; border-color: @late; }
QPushButton[kind="danger"]:hover { background: @late_soft; }
QPushButton[kind="danger"]:disabled { color: @text_disabled; border-color: @line; }
QPushButton[kind="link"] { border: none; background: transparent; color: @accent; padding: 0; min-height: #24px;
  text-align: left; }
QPushButton[kind="link"]:hover { text-decoration: underline; }
QPushButton[kind="link"]:focus { text-decoration: underline; border-bottom: 2px solid @focus; padding: 0;
  min-height: #22px; }
QPushButton[kind="chip"] { border-radius: #12px; min-height: #24px; padding: 0 #12px; background: @surface;
  border-color: @line; }
QPushButton[kind="chip"]:checked { background: @accent_soft; color: @accent; border-color: @accent; font-weight: bold; }
QPushButton[kind="chip"]:focus { border: 2px solid @focus; padding: 0 #11px; min-height: #22px; }
QPushButton[kind="segment"] { border-radius: #4px; min-height: #24px; padding: 0 #8px; background: transparent;
  border: 1px solid transparent; color: @text_muted; }
QPushButton[kind="segment"]:hover { border-color: @line; }
QPushButton[kind="segment"]:checked { background: @accent_soft; color: @accent; border-color: @accent;
  font-weight: bold; }
QPushButton[kind="segment"]:focus { border: 2px solid @focus; padding: 0 #7px; min-height: #22px; }
QPushButton[kind="tool"] { border: 1px solid transparent; border-radius: #4px; background: transparent;
    text-align: left; padding: 0 #8px; min-height: #24px; color: @text; }
QPushButton[kind="tool"]:hover { border-color: @line; }
QPushButton[kind="tool"]:checked { background: @accent_soft; color: @accent; border-color: @accent; }
QPushButton[kind="tool"]:focus { border: 2px solid @focus; padding: 0 #7px; min-height: #22px; }
QPushButton[kind="tool"]::menu-indicator { width: 0; }
QPushButton[kind="flat"] { border: 1px solid transparent; background: transparent; padding: 0 #8px; min-height: #26px; }
QPushButton[kind="flat"]:hover { border-color: @line; background: @surface_alt; }
QPushButton[kind="flat"]:focus { border: 2px solid @focus; padding: 0 #7px; min-height: #24px; }
QPushButton[kind="letter"] { min-width: #26px; max-width: #34px; min-height: #26px; padding: 0; font-weight: bold; }
QPushButton[kind="letter"]:focus { padding: 0; min-height: #24px; }
QPushButton::menu-indicator { image: none; width: 0; }

QLineEdit, QPlainTextEdit, QTextEdit, QComboBox, QSpinBox, QDateEdit { background: @surface; border: 1px solid
  @line_strong; border-radius: #4px; padding: 0 #8px; selection-background-color: @accent;
  selection-color: @on_accent; }
QLineEdit, QComboBox, QSpinBox { min-height: #30px; }
QPlainTextEdit, QTextEdit { padding: #4px; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QComboBox:focus, QSpinBox:focus { border: 2px solid @focus;
  padding: 0 #7px; }
QLineEdit:focus, QComboBox:focus, QSpinBox:focus { min-height: #28px; }
QPlainTextEdit:focus, QTextEdit:focus { padding: #3px; }
QLineEdit[wrong="true"], QComboBox[wrong="true"] { border: 2px solid @late; padding: 0 #7px; min-height: #28px; }
QLineEdit[carried="true"], QComboBox[carried="true"] { background: @due_soft; }
QLineEdit[cells="true"] { padding: 0 1px; font-size: @base_type; }
QLineEdit[cells="true"]:focus, QLineEdit[cells="true"][wrong="true"] { padding: 0; }
QFrame#popup { background: @surface; border: 1px solid @line_strong; }
QListView#choices { border: 1px solid @line_strong; border-radius: #4px; }
QListView#choices::item:selected { background: @accent_soft; color: @text; }
QLineEdit:disabled, QLineEdit:read-only, QComboBox:disabled, QSpinBox:disabled, QPlainTextEdit[readOnly="true"] {
    background: @window;
  border-color: @line; color: @text; }
QLineEdit:disabled, QComboBox:disabled { color: @text_disabled; }
QComboBox::drop-down { border: none; width: #24px; }
QComboBox::down-arrow { image: @image_down; }
QComboBox QAbstractItemView, QListView#popup, QTableView#popup { background: @surface; border: 1px solid @line_strong;
  selection-background-color: @accent_soft; selection-color: @text; padding: #2px; }
QSpinBox::up-button, QSpinBox::down-button { border: none; width: #18px; }
QSpinBox::up-arrow { image: @image_up; }
QSpinBox::down-arrow { image: @image_down; }
QCheckBox { spacing: #8px; min-height: #28px; background: transparent; }
QCheckBox::indicator, QTableView::indicator, QListView::indicator { width: #16px; height: #16px;
  border: 1px solid @line_strong; border-radius: #3px; background: @surface; }
QCheckBox::indicator:checked, QTableView::indicator:checked, QListView::indicator:checked { background: @accent;
  border-color: @accent; image: @image_check; }
QCheckBox:focus { color: @accent; text-decoration: underline; }
QCheckBox::indicator:focus { border: 2px solid @focus; }
QRadioButton { spacing: #8px; min-height: #28px; background: transparent; }
QRadioButton::indicator { width: #14px; height: #14px; border: 1px solid @line_strong; border-radius: #8px;
  background: @surface; }
QRadioButton::indicator:checked { width: #6px; height: #6px; border: #5px solid @accent; }
QRadioButton:focus { color: @accent; text-decoration: underline; }
QRadioButton::indicator:focus { border: 2px solid @focus; }
QRadioButton::indicator:checked:focus { border: #5px solid @focus; }

QTableView { background: @surface; alternate-background-color: @surface_alt; border: 1px solid @line;
  border-radius: #4px; gridline-color: @line; selection-background-color: @accent_soft; selection-color: @text; }
QTableView:focus, QListView:focus { border-color: @focus; }
QTableView::item { padding: 0 #8px; border: none; }
QTableView#matrix::item { padding: 0; }
QTableView#matrix QHeaderView::section { padding: 0 #3px; }
QTableView#close::item { padding: 0 #3px; }
QTableView#close QHeaderView::section { padding: 0 #6px; }
QTableView::item:selected { background: @accent_soft; color: @text; }
QHeaderView { background: @surface_alt; }
QHeaderView::section { background: @surface_alt; color: @text_muted; font-weight: bold; border: none;
  border-right: 1px solid @line; border-bottom: 1px solid @line; padding: 0 #11px; min-height: #28px; }
QHeaderView::section:hover { color: @accent; }
QHeaderView::down-arrow { image: @image_down; width: #12px; height: #12px; }
QHeaderView::up-arrow { image: @image_up; width: #12px; height: #12px; }
QListView { background: @surface; border: 1px solid @line; border-radius: #4px; }
QListView::item { padding: #4px #8px; }
QListView::item:hover { background: @surface_alt; }
QListView::item:selected { background: @accent_soft; color: @text; }
QListView#rail { background: @rail; border: none; border-right: 1px solid @line; border-radius: 0; }
QScrollArea, QScrollArea > QWidget > QWidget { background: transparent; border: none; }
QLabel#way { border: 2px solid transparent; border-radius: #4px; }
QLabel#way:hover { color: @accent; text-decoration: underline; }
QLabel#way:focus { border: 2px solid @focus; }
QScrollArea, PagesView { border: 2px solid transparent; }
QScrollArea:focus, PagesView:focus { border: 2px solid @focus; border-radius: #4px; }
QScrollBar:vertical { background: transparent; width: #12px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: #12px; margin: 0; }
QScrollBar::handle { background: @line_strong; border-radius: #4px; margin: #2px; min-height: #28px; min-width: #28px; }
QScrollBar::handle:hover { background: @accent; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QAbstractScrollArea::corner { background: transparent; border: none; }
QSplitter::handle { background: transparent; }
QProgressBar { background: @blocked_soft; border: none; border-radius: #4px; text-align: center; min-height: #8px;
  max-height: #8px; color: transparent; }
QProgressBar::chunk { background: @accent; border-radius: #4px; }
QToolTip { background: @tooltip; color: @on_tooltip; border: none; padding: #6px #8px; }
QMenu { background: @surface; border: 1px solid @line_strong; padding: #4px; }
QMenu::item { padding: #6px #24px #6px #12px; border-radius: #4px; }
QMenu::item:selected { background: @accent_soft; color: @text; }
QMenu::item:disabled { color: @text_disabled; }
QMenu::separator { height: 1px; background: @line; margin: #4px #8px; }
"""
