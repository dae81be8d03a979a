"""Plans of buildings (p.4): the site with the entrance, and each floor with the halls on it, drawn by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QDialog,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from mab_desktop.audit_fund.site_canvas import SiteCanvas, paint_item
from mab_desktop.domain.building_plan import (
    FLOOR_THINGS,
    HIGHEST,
    LOWEST,
    MOST_FLOORS,
    MOST_TEXT,
    SITE_THINGS,
    THINGS,
    BuildingPlan,
    Drawing,
    Floor,
    Item,
    Thing,
    hall_place,
    plan_warnings,
)
from mab_desktop.i18n import N_, _, active
from mab_desktop.services import building_plans, halls
from mab_desktop.services.building_plans import SUFFIXES, NewPicture
from mab_desktop.ui import icons, theme
from mab_desktop.ui.messages import Question, ask_for_words, ask_to_confirm
from mab_desktop.ui.page import Action, AppContext, Page, PageSpec
from mab_desktop.ui.panels import clear, label

_SITE = "site"
_SHOWN = 3  # warnings under the drawing


class BuildingPlansPage(Page):
    """Sheets and tools at the left, the sheet in the middle, what is not said yet below."""

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        self.code, self.sheet = "", _SITE
        self.plan = BuildingPlan()
        self.saved = BuildingPlan()
        self.floors: dict[str, int] = {}  # halls of the building and where they are
        self.pictures: dict[str, NewPicture] = {}
        self.canvas = SiteCanvas()
        self.canvas.edited.connect(self._drawn)
        self.canvas.ask_words.connect(self.name_thing)
        self.warnings = label("", "carried", wrap=True)

    def settle(self, spec: PageSpec) -> None:
        """Lay the page out."""
        super().settle(spec)
        self.add_actions((
            Action(N_("Undo"), self.undo, "undo", "Ctrl+Z", obstacle=self._nothing_to_undo),
            Action(N_("Save the plans"), self.save, "save", "Ctrl+S", obstacle=self._nothing_to_save, primary=True),
        ))  # fmt: skip
        whole = QHBoxLayout()
        whole.setSpacing(theme.px(12))
        whole.addWidget(self._strip())
        right = QVBoxLayout()
        right.addWidget(self.canvas, 1)
        right.addWidget(self.warnings)
        whole.addLayout(right, 1)
        self.body.addLayout(whole, 1)
        self.refresh()

    def _strip(self) -> QWidget:
        strip = QWidget()
        strip.setFixedWidth(theme.px(230))
        column = QVBoxLayout(strip)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(4))
        self.building = QComboBox()
        self.building.setAccessibleName(_("Building"))
        self.building.activated.connect(lambda _n: self.choose_building(self.building.currentData()))
        self.sheets, self.unplaced = QListWidget(), QListWidget()
        self.sheets.setAccessibleName(_("Sheets"))
        self.sheets.setFixedHeight(theme.px(124))
        self.sheets.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.sheets.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.sheets.currentItemChanged.connect(self._sheet_chosen)
        self.unplaced.setAccessibleName(_("Halls that are not on the plan"))
        self.unplaced.itemActivated.connect(lambda item: self.place_hall(item.data(_ROLE)))
        column.addWidget(self.building)
        column.addWidget(self.sheets)
        column.addLayout(self._row((N_("Floors …"), self.ask_floors), (N_("Name …"), self.name_floor)))
        self.tool_box = QVBoxLayout()
        self.tool_box.setSpacing(theme.px(1))
        column.addLayout(self.tool_box)
        column.addLayout(self._row((N_("Picture …"), self.choose_picture), (N_("No picture"), self.drop_picture)))
        self.unplaced_words = label(_("Halls that are not on the plan"), "small", wrap=True)
        column.addWidget(self.unplaced_words)
        column.addWidget(self.unplaced)
        self.unplaced.setMaximumHeight(theme.px(124))
        self.all_button = QPushButton(_("Place them all"))
        self.all_button.clicked.connect(self.place_all)
        column.addWidget(self.all_button)
        column.addStretch(1)
        return strip

    def _row(self, *parts: tuple[str, Any]) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(theme.px(4))
        for words, act in parts:
            button = QPushButton(_(words))
            button.setProperty("kind", "flat")
            button.clicked.connect(lambda _on, act=act: act())
            row.addWidget(button)
        row.addStretch(1)
        return row

    # --- what is shown -----------------------------------------------------------------------------------------------

    def opened(self, **where: Any) -> None:
        """`building` shows its plans."""
        if where.get("building") and where["building"] != self.code and self.may_leave():
            self.choose_building(where["building"])

    def refresh(self, changed: set[str] | None = None) -> None:
        """Buildings and halls may have changed; a drawing that is not saved stays."""
        rows = halls.buildings(self.app.ctx)
        self.building.clear()
        for row in rows:
            self.building.addItem(f"{row.code}. {row.name}", row.code)
        self.closed_reason = "" if rows else _("Enter the building first.")
        known = {row.code for row in rows}
        if self.code not in known:
            self.choose_building(rows[0].code if rows else "")
            return
        self.building.setCurrentIndex(self.building.findData(self.code))
        self.floors = building_plans.hall_floors(self.app.ctx, self.code)
        if self.plan == self.saved:
            self.plan = self.saved = building_plans.plans(self.app.ctx, self.code)
            self._fill_sheets()
        self._tell()

    def choose_building(self, code: str) -> None:
        """Show the plans of another building."""
        if code != self.code and not self.may_leave():
            self.building.setCurrentIndex(self.building.findData(self.code))
            return
        self.code, self.sheet, self.pictures = code, _SITE, {}
        self.plan = self.saved = building_plans.plans(self.app.ctx, code) if code else BuildingPlan()
        self.floors = building_plans.hall_floors(self.app.ctx, code) if code else {}
        self.building.setCurrentIndex(self.building.findData(code))
        self._fill_sheets()
        self._show_sheet(_SITE)

    def show_sheet(self, key: str) -> None:
        """Bring a sheet to the front: "site" or a floor's number."""
        self.sheet = key
        self._fill_sheets()
        self._show_sheet(key)

    def _fill_sheets(self) -> None:
        self.sheets.blockSignals(True)
        self.sheets.clear()
        for key, words in ((_SITE, _("Site")), *((str(f.number), floor_words(f)) for f in self.plan.floors)):
            item = QListWidgetItem(words)
            item.setToolTip(words)
            item.setData(_ROLE, key)
            self.sheets.addItem(item)
            if key == self.sheet:
                self.sheets.setCurrentItem(item)
        self.sheets.blockSignals(False)

    def drawing(self) -> Drawing:
        """The sheet in front."""
        floor = self._floor()
        return floor.drawing if floor is not None else self.plan.site

    def _floor(self) -> Floor | None:
        return None if self.sheet == _SITE else self.plan.floor(int(self.sheet))

    def _sheet_chosen(self, now: QListWidgetItem | None) -> None:
        if now is not None:
            self._show_sheet(now.data(_ROLE))

    def _show_sheet(self, key: str) -> None:
        self.sheet = key
        self._fill_tools(SITE_THINGS if key == _SITE else tuple(t for t in FLOOR_THINGS if t is not Thing.HALL))
        drawing = self.drawing()
        self.canvas.show_drawing(drawing, self._picture(drawing.picture))
        self._tell()

    def _picture(self, sha256: str) -> bytes:
        new = self.pictures.get(sha256)
        return new.data if new is not None else building_plans.picture(self.app.ctx, sha256)

    def _fill_tools(self, things: Sequence[Thing]) -> None:
        clear(self.tool_box)
        self.tools, self._group = dict[Thing | None, QPushButton](), QButtonGroup(self)
        for thing in (None, *things):
            words = _(THINGS[thing]) if thing else _("Move and size")
            button = QPushButton(_sample(thing) if thing else icons.icon("scan"), words)
            button.setProperty("kind", "tool")
            button.setCheckable(True)
            button.clicked.connect(lambda _on, thing=thing: self.choose_tool(thing))
            self._group.addButton(button)
            self.tools[thing] = button
            self.tool_box.addWidget(button)
        self.choose_tool(None)

    def choose_tool(self, thing: Thing | None) -> None:
        """Draw this; None moves and sizes what is there."""
        self.canvas.tool = thing
        self.tools[thing].setChecked(True)

    def _tell(self) -> None:
        """Halls that are not drawn yet, what is wrong, whether there is something to save."""
        on_floor = [] if self.sheet == _SITE else [h for h, f in self.floors.items() if str(f) == self.sheet]
        missing = [hall for hall in on_floor if self.drawing().hall(hall) is None]
        self.unplaced.clear()
        for hall in missing:
            item = QListWidgetItem(_("Hall {number}").format(number=hall))
            item.setData(_ROLE, hall)
            self.unplaced.addItem(item)
        for part in (self.unplaced, self.unplaced_words, self.all_button):
            part.setVisible(bool(missing))
        found = [warning.message(active()) for warning in plan_warnings(self.plan, self.floors)]
        more = [_("and {n} more").format(n=len(found) - _SHOWN)] if len(found) > _SHOWN else []
        self.warnings.setText("\n".join(["! " + words for words in found[:_SHOWN]] + more))
        drawn = [i.text for f in self.plan.floors for i in f.drawing.items if i.thing is Thing.HALL]
        self.canvas.wrong = {hall for hall in drawn if str(self.floors.get(hall)) != self.sheet}
        self.renew_actions()

    # --- changing ----------------------------------------------------------------------------------------------------

    def _drawn(self) -> None:
        self._put(self.canvas.drawing)

    def _put(self, drawing: Drawing) -> None:
        floor = self._floor()
        if floor is None:
            self.plan = replace(self.plan, site=drawing)
        else:
            self.plan = self.plan.with_floor(replace(floor, drawing=drawing))
        self._tell()

    def place_hall(self, hall: str) -> None:
        """Put a hall where there is room; it is dragged to its place from there."""
        self.canvas.add(hall_place(self.drawing(), hall))
        self.canvas.setFocus()

    def place_all(self) -> None:
        """Put every hall of the floor that is missing on the plan."""
        for hall in [self.unplaced.item(n).data(_ROLE) for n in range(self.unplaced.count())]:
            self.place_hall(hall)

    def name_thing(self) -> None:
        """Give the thing chosen its words; a hall keeps its number."""
        item = self.canvas.item()
        if item is None or item.thing is Thing.HALL:
            return
        title = _(THINGS[item.thing])
        words = ask_for_words(self, title, _("These words stand on it."), _("Write them"), given=item.text)
        if words:
            self.canvas.change(replace(item, text=words[:MOST_TEXT]))

    def ask_floors(self) -> None:
        """Which floors the building has."""
        asked = Question(self, _("Floors of the building"), _("Numbers below 1 are basements."), _("Set the floors"))
        lowest, highest = theme.named(QSpinBox(), "lowest"), theme.named(QSpinBox(), "highest")
        numbers = [floor.number for floor in self.plan.floors] or list(self.floors.values()) or [1]
        form = QFormLayout()
        ends = ((lowest, _("Lowest floor"), min(numbers)), (highest, _("Highest floor"), max(numbers)))
        for field, words, value in ends:
            field.setRange(LOWEST, HIGHEST)
            field.setValue(value)
            form.addRow(words, field)
        asked.fields.addLayout(form)
        if asked.exec() == QDialog.DialogCode.Accepted:
            self.set_floors(lowest.value(), highest.value())

    def set_floors(self, lowest: int, highest: int) -> None:
        """The floors from the lowest to the highest; those that stay keep their drawing, those with halls stay."""
        wanted = set(range(lowest, min(highest, lowest + MOST_FLOORS - 1) + 1)) | set(self.floors.values())
        self.plan = replace(self.plan, floors=tuple(self.plan.floor(n) or Floor(n) for n in sorted(wanted)))
        if self._floor() is None:
            self.sheet = _SITE
        self._fill_sheets()
        self._show_sheet(self.sheet)

    def name_floor(self) -> None:
        """Give the floor in front a name."""
        floor = self._floor()
        if floor is None:
            return
        words = ask_for_words(self, floor_words(floor), _("The name stands beside the number on papers."),
                              _("Name the floor"), given=floor.name)  # fmt: skip
        if words:
            self.plan = self.plan.with_floor(replace(floor, name=words[:MOST_TEXT]))
            self._fill_sheets()
            self._tell()

    def choose_picture(self) -> None:
        """A picture from a file lies under the drawing."""
        folder = self.app.settings.get("export.folder", str(Path.home()))
        pattern = " ".join("*" + suffix for suffix in SUFFIXES)
        file, _kind = QFileDialog.getOpenFileName(self, _("Picture under the drawing"), str(folder), f"({pattern})")
        if file:
            self.take_picture(Path(file))

    def take_picture(self, file: Path) -> None:
        """Decode it within limits and lay it under the drawing; it is kept when the plans are saved."""
        with self.app.guarded():
            picture = building_plans.open_picture(file)
            self.pictures[picture.sha256] = picture
            self._under(picture.sha256)

    def drop_picture(self) -> None:
        """The drawing alone."""
        self._under("")

    def _under(self, sha256: str) -> None:
        self.canvas.set_picture(self._picture(sha256))
        self.canvas.take(replace(self.drawing(), picture=sha256), self.canvas.chosen)

    def undo(self) -> None:
        """Ctrl+Z: one step back on this sheet."""
        self.canvas.undo()
        self.canvas.set_picture(self._picture(self.drawing().picture))

    def _nothing_to_undo(self) -> str:
        return "" if self.canvas.can_undo() else _("There is nothing to take back.")

    def _nothing_to_save(self) -> str:
        return "" if self.plan != self.saved else _("Nothing was changed.")

    def save(self) -> None:
        """Keep the plans of the building."""
        if self._nothing_to_save():
            return
        with self.app.guarded():
            building_plans.save(self.app.ctx, self.code, self.plan, list(self.pictures.values()))
            self.saved, self.pictures = self.plan, {}
            self._tell()

    def may_leave(self) -> bool:
        """Asks before a drawing would be lost."""
        if self.plan == self.saved:
            return True
        if ask_to_confirm(
            self, _("Leave without saving?"), _("What was drawn is not saved yet."), _("Leave it"),
        ):  # fmt: skip
            self.plan = self.saved
            return True
        return False

    def unsaved(self) -> Any:
        """The drawing goes along when the page is made anew."""
        return (self.code, self.sheet, self.plan, self.saved, self.pictures)

    def take_back(self, unsaved: Any) -> None:
        """Show it again."""
        self.code, sheet, self.plan, self.saved, self.pictures = unsaved
        self.refresh()
        self.sheet = sheet
        self._fill_sheets()
        self._show_sheet(sheet)

    def help_words(self) -> str:
        """What the regulation asks."""
        return _(
            "The base university sends the testing centre the plans of the halls inside the buildings and of the "
            "buildings on the site (p.4). Draw the site with the entrance, say which floors there are, and put each "
            "hall in its place. Arrows move the thing chosen, Shift with arrows sizes it, Tab goes to the next one, "
            "Enter gives it words, Delete takes it away."
        )


_ROLE = Qt.ItemDataRole.UserRole


def floor_words(floor: Floor) -> str:
    """A floor as people call it."""
    words = _("floor {n}").format(n=floor.number)
    return f"{words}: {floor.name}" if floor.name else words


def _sample(thing: Thing) -> QIcon:
    picture = QPixmap(theme.px(24), theme.px(18))
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    paint_item(painter, QRect(1, 1, picture.width() - 3, picture.height() - 3), Item(thing, 0, 0, text=" "))
    painter.end()
    return QIcon(picture)
