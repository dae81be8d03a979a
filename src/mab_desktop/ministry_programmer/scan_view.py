"""An envelope while it is scanned: thumbnails, the sheet in front with its marks, counts, faults, suspicions."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from mab_desktop.i18n import N_, _, active
from mab_desktop.ministry_programmer import pictures, scan_words
from mab_desktop.ministry_programmer.scan_picture import SheetPictures, SheetView
from mab_desktop.ministry_programmer.scan_source import ScanSource
from mab_desktop.services import sheet_pictures
from mab_desktop.services.scan_session import ScanSession
from mab_desktop.services.scan_states import EventKind, SessionView, State
from mab_desktop.services.scan_suspicions import Suspicion
from mab_desktop.services.staged_pages import StagedPage
from mab_desktop.ui import theme
from mab_desktop.ui.image_review import ThumbStrip
from mab_desktop.ui.messages import MessageBar, ask_to_confirm
from mab_desktop.ui.page import Action, ActionButton, AppContext
from mab_desktop.ui.panels import CountsView, Section, StateLabel, clear, label, scrolled, split

_BETWEEN = 40  # milliseconds between two looks at a run: a quick feeder must not drown the window


class _Relay(QObject):
    """Carries the news of a run from its threads to the window's; lives as long as the run."""

    told = Signal()


def _tell(relay: _Relay) -> None:
    relay.told.emit()


class ScanView(QWidget):
    """One run on the screen, from the first sheet until it is saved or discarded: `over(report or None)`."""

    over = Signal(object)
    renewed = Signal()
    rested = Signal()  # the scanner stands still: a moment for a copy

    def __init__(self, app: AppContext) -> None:
        super().__init__()
        self.app, self.source = app, ScanSource(app, self)
        self.session: ScanSession | None = None
        self.seen: SessionView | None = None
        self.last_shift, self.last_hall, self.last_pass = 0, "", 0  # of the run that is or was on the screen
        self._saving = self._following = self._showing = False
        self._newest = 0  # the last page that was read
        self._timer = QTimer(self, interval=_BETWEEN, singleShot=True)
        self._timer.timeout.connect(self.renew)
        self.banner = MessageBar()
        self.strip, self.view = ThumbStrip(), SheetView(app)
        self.strip.thumb_chosen.connect(self._chosen)
        self.page_words = label("", "", wrap=True)
        middle = QWidget()
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.page_words)
        column.addWidget(split(self.strip, self.view, stretches=(2, 5)), 1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(theme.px(8))
        outer.addLayout(self._head())
        outer.addWidget(self.banner)
        outer.addWidget(split(middle, self._side(), stretches=(13, 7)), 1)
        outer.addLayout(self._buttons())

    # --- building --------------------------------------------------------------------------------------------------

    def _head(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(theme.px(12))
        self.title, self.state = label("", "section"), StateLabel(scan_words.STATES[State.ENDED][0])
        self.source_words = label("", "muted")
        row.addWidget(self.title)
        row.addWidget(self.state, 1)
        row.addWidget(self.source_words)
        return row

    def _side(self) -> QWidget:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, theme.px(8), 0)
        column.setSpacing(theme.px(8))
        self.counts_card, self.look_card = Section(_("Counts of this pass")), Section(_("Look at these"))
        self.counts, self.pace = CountsView(), label("", "muted", wrap=True)
        self.counts_card.body.addWidget(self.counts)
        self.counts_card.body.addWidget(self.pace)
        self.suspicions = QVBoxLayout()
        self.suspicions.setSpacing(theme.px(8))
        self.look_card.body.addLayout(self.suspicions)
        for card in (self.counts_card, self.look_card):
            column.addWidget(card)
        column.addStretch(1)
        area = scrolled(inside)
        area.setMinimumWidth(theme.px(300))
        return area

    def _buttons(self) -> QHBoxLayout:
        self.discard_button = ActionButton(
            Action(N_("Discard…"), self.discard, "delete", "Ctrl+Delete", self._still, dangerous=True)
        )
        self.again_button = ActionButton(
            Action(N_("Scan this sheet again…"), self.scan_again, "refresh", "F6", self._no_page)
        )
        self.remove_button = ActionButton(Action(N_("Remove this page"), self.remove, "wrong", "F8", self._no_page))
        self.stop_button = ActionButton(Action(N_("Stop"), self.stop, "cancel", "Esc"))
        all_sheets = Action(N_("These are all sheets"), self.finish, "check", obstacle=self._may_not_finish)
        more = Action(N_("Scan more sheets"), self.go_on, "forward", "F5", self._may_not_go_on)
        self.finish_button, self.go_on_button = ActionButton(all_sheets), ActionButton(more)
        self.save_button = ActionButton(
            Action(N_("Save the pass"), self.save, "save", "Ctrl+S", self._may_not_save, primary=True)
        )
        row = QHBoxLayout()
        row.setSpacing(theme.px(8))
        row.addWidget(self.discard_button)
        row.addStretch(1)
        row.addWidget(self.again_button)
        row.addWidget(self.remove_button)
        row.addStretch(1)
        for button in (self.stop_button, self.finish_button, self.go_on_button, self.save_button):
            row.addWidget(button)
        self.buttons = [self.discard_button, self.again_button, self.remove_button, self.stop_button,
                        self.finish_button, self.go_on_button, self.save_button]  # fmt: skip
        return row

    # --- following the run -----------------------------------------------------------------------------------------

    def show_run(self, session: ScanSession) -> None:
        """Show a run and follow it."""
        relay = _Relay()
        relay.told.connect(self._news, Qt.ConnectionType.QueuedConnection)
        # The run's threads keep the relay alive; when this view is gone first, the news reach nobody and do no harm.
        session.listen(partial(_tell, relay))
        self.session, self.seen, self._following, self._saving, self._newest = session, None, True, False, 0
        self.banner.dismiss()
        self.strip.show_thumbs([])
        self.view.show_sheet(None)
        self.renew()

    def _news(self) -> None:
        if not self._timer.isActive():
            self._timer.start()

    def renew(self) -> None:
        """Look at the run and show it."""
        if self.session is None:
            return
        before, self.seen = self.seen, self.session.view()
        view = self.seen
        self.last_shift, self.last_hall, self.last_pass = view.shift, view.hall, view.scan_pass
        self._tell_events(view, changed=before is None or before.state is not view.state)
        self.title.setText(scan_words.title(view))
        self.state.show_state(scan_words.STATES[view.state][0], _(scan_words.STATES[view.state][1]))
        self.source_words.setText(view.source)
        self.counts.show_counts(scan_words.counts(view))
        self.pace.setText(scan_words.pace(view))
        self._show_pages(view)
        if before is None or before.suspicions != view.suspicions or _refused(before) != _refused(view):
            self._show_suspicions(view)
        self._show_buttons(view)
        if before is not None and before.state is State.SCANNING and view.state is not State.SCANNING:
            self._come_to_rest(view)
        self.renewed.emit()

    def _tell_events(self, view: SessionView, *, changed: bool) -> None:
        assert self.session is not None
        for event in self.session.drain():
            if event.kind is EventKind.FAULT and event.error is not None and view.error is None:
                self.banner.show_message("info", event.error.message(active()))
        if view.error is not None and (changed or not self.banner.isVisible()):
            what, after = scan_words.what_and_next(view.error)
            self.banner.show_message("error", what, safe=scan_words.safe(view), next_step=after)
        elif view.error is None and changed and view.state is State.SCANNING:
            self.banner.dismiss()
            if self._watches():
                self.banner.show_message("info", _("Pages are taken out of the folder {name} as they arrive.").format(
                    name=view.source), next_step=_("Scan the envelope with the scanner's own program; when its last "
                                                   "sheet is through, say that these are all sheets."))  # fmt: skip

    def _show_pages(self, view: SessionView) -> None:
        looked_at = scan_words.suspicious(view)
        read = [page for page in view.pages if page.seen is not None]
        self._showing = True
        self.strip.show_thumbs([scan_words.thumb(page, looked_at) for page in view.pages])
        # The last sheets are read after the scanner has stopped: they are followed, too.
        newest = read[-1].key if read else 0
        follow = self._following and newest != self._newest and not view.foreign
        self._newest = newest
        if read and (follow or not self.strip.current_key()):
            self._choose(newest)
        self._showing = False
        self._show_page()

    def _choose(self, key: int) -> None:
        self.strip.choose(str(key))
        self.strip.scrollTo(self.strip.currentIndex())

    def _chosen(self, _key: str) -> None:
        """The person went to a page: the view stays there, unless it is the newest."""
        if self.seen is None or self._showing:
            return
        page = self.current_page()
        read = [p.key for p in self.seen.pages if p.seen is not None]
        self._following = page is not None and bool(read) and page.key == read[-1]
        self._show_page()

    def current_page(self) -> StagedPage | None:
        """The page in front."""
        key = self.strip.current_key()
        return next((p for p in self.seen.pages if str(p.key) == key), None) if self.seen else None

    def _show_page(self) -> None:
        page = self.current_page()
        if page is None:
            self.page_words.setText("")
            return
        self.page_words.setText(scan_words.page_words(page))
        if page.seen is not None:
            self.view.show_sheet(_pictures_of(self.app.ctx, page))
        for button in (self.again_button, self.remove_button):
            button.renew()

    def _show_suspicions(self, view: SessionView) -> None:
        clear(self.suspicions)
        for page in _refused(view):
            self.suspicions.addWidget(self._refused_page(page))
        again = self.session.repeated() if self.session is not None and self.session.resumed else []
        if len(again) > 1:
            self.suspicions.addWidget(self._whole_stack_again(len(again)))
        for suspicion in view.suspicions:
            self.suspicions.addWidget(self._suspicion(suspicion, view))
        if not (view.suspicions or _refused(view)):
            self.suspicions.addWidget(label(_("Nothing is suspicious so far."), "muted", wrap=True))

    def _refused_page(self, page: StagedPage) -> QWidget:
        """A page that the reader refused: its picture, and why."""
        made, picture = QWidget(), QPixmap()
        row = QHBoxLayout(made)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(8))
        if page.picture and picture.loadFromData(page.picture):
            small = label()
            small.setPixmap(_framed(picture.scaledToHeight(theme.px(76), Qt.TransformationMode.SmoothTransformation)))
            row.addWidget(small, 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.addWidget(label(scan_words.refusal(page), "", wrap=True))
        words.addWidget(self._show_link(page.key, page.position), 0, Qt.AlignmentFlag.AlignLeft)
        row.addLayout(words, 1)
        return made

    def _whole_stack_again(self, count: int) -> QWidget:
        """After a crash or a take-over it is natural to lay in the whole stack: one button leaves the repeats out."""
        made = QWidget()
        column = QVBoxLayout(made)
        column.setContentsMargins(0, 0, 0, 0)
        words = _("{n} sheets were here already before the run went on. Their first images stay.").format(n=count)
        column.addWidget(label(words, "", wrap=True))
        column.addWidget(ActionButton(Action(N_("Leave the repeated images out"), self.remove_repeated, "wrong",
                                             obstacle=self._still)))  # fmt: skip
        return made

    def remove_repeated(self) -> None:
        """Leave out the images of sheets that are here already."""
        if self.session is None or self._still():
            return
        with self.app.guarded():
            self.session.remove_repeated()
        self.renew()
        self.save_button.setFocus()

    def _show_link(self, key: int, position: int) -> QPushButton:
        button = QPushButton(_("Show sheet {n}").format(n=position))
        button.setProperty("kind", "link")
        button.clicked.connect(lambda: self.strip.choose(str(key)))
        return button

    def _suspicion(self, suspicion: Suspicion, view: SessionView) -> QWidget:
        made = QWidget()
        column = QVBoxLayout(made)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(2))
        column.addWidget(StateLabel(scan_words.STATES[State.ENDED][0], suspicion.message(active())))
        column.addWidget(label(suspicion.advice(active()), "small", wrap=True))
        places = {page.key: page.position for page in view.pages}
        links = QGridLayout()  # a sheet that went through many times has more of them than a line holds
        for number, key in enumerate(key for key in suspicion.pages if key in places):
            links.addWidget(self._show_link(key, places[key]), *divmod(number, 2), Qt.AlignmentFlag.AlignLeft)
        links.setColumnStretch(1, 1)
        column.addLayout(links)
        return made

    def _show_buttons(self, view: SessionView) -> None:
        scanning, fault = view.state is State.SCANNING, view.state is State.FAULT
        finishing = view.may_be_all and (fault or (scanning and self._watches()))
        self.finish_button.setVisible(finishing)
        self.stop_button.setVisible(scanning and not finishing)
        self.go_on_button.setVisible(not scanning)
        broken = self.session is not None and self.session.broken_off
        self.go_on_button.setText(_("Go on") if broken else _("Scan more sheets"))
        self.save_button.setVisible(not scanning and not fault)
        self.remove_button.setText(_("Remove the foreign page") if view.foreign else _("Remove this page"))
        for button in self.buttons:
            button.renew()

    def _come_to_rest(self, view: SessionView) -> None:
        """The scanner stands still: the page that stopped it is in front, and the key that is due has the focus."""
        self.rested.emit()
        lacking = _lacking(view)
        if self.session is not None and self.session.resumed and lacking and view.error is None:
            self.banner.show_message("info", scan_words.last_here(view), next_step=_(
                "Lay in the stack from the sheet after it and go on. If you are not sure, discard and scan the "
                "whole envelope."))  # fmt: skip
            self._choose(view.pages[-1].key)
        if view.foreign:
            self._choose(view.foreign)
        self.focus_due()

    def focus_due(self) -> None:
        """The focus to the button that is due while the scanner stands still."""
        view = self.seen
        if view is None or view.state is State.SCANNING:
            return
        if view.foreign:
            self.remove_button.setFocus()
        elif view.state is State.FAULT or _lacking(view):
            self.go_on_button.setFocus()
        else:
            self.save_button.setFocus()

    # --- why not ---------------------------------------------------------------------------------------------------

    def _still(self) -> str:
        if self.seen is None or self._saving:
            return _("The pass is being saved.")
        return _("Stop the scanner first.") if self.seen.state is State.SCANNING else ""

    def _watches(self) -> bool:
        return self.session is not None and self.session.watches

    def _may_not_finish(self) -> str:
        return "" if self._watches() else self._still()

    def _no_page(self) -> str:
        return self._still() or ("" if self.current_page() else _("Choose a page on the left."))

    def _foreign(self) -> str:
        return _("First remove the page that does not belong here (p.38).") if self.seen and self.seen.foreign else ""

    def _may_not_go_on(self) -> str:
        return self._still() or self._foreign()

    def _may_not_save(self) -> str:
        if self._still() or self._foreign():
            return self._still() or self._foreign()
        return "" if self.seen and self.seen.counts.fed else _("Nothing was scanned yet.")

    # --- what a person does ----------------------------------------------------------------------------------------

    def stop(self) -> None:
        """Esc: stop behind the sheet that is on its way."""
        if self.session is not None:
            self.session.stop()

    def go_on(self) -> None:
        """F5: the rest after a fault, or more sheets."""
        if self.session is None or self._may_not_go_on():
            return
        session = self.session
        with self.app.guarded():
            if session.broken_off:
                session.go_on()
            elif (source := self._more(session)) is not None:
                session.scan(source)
        self._following = True
        self.renew()

    def _more(self, session: ScanSession, title: str = "") -> Any:
        if self.source.scanner is not None and not session.from_folder:
            return self.source.of_scanner(session)
        return self.source.of_files(title or _("Images of more sheets"))

    def scan_again(self) -> None:
        """F6: the sheets laid into the feeder now come in the place of this page."""
        page = self.current_page()
        if self.session is None or page is None or self._no_page():
            return
        session = self.session
        with self.app.guarded():
            source = self._more(session, _("Images in the place of sheet {n}").format(n=page.position))
            if source is not None:
                session.scan(source, instead=page.key)
        self.renew()

    def remove(self) -> None:
        """F8: take the page in front out of the run."""
        page = self.current_page()
        if self.session is None or page is None or self._no_page():
            return
        words = _("Its image is left out of this pass. The paper stays: scan it again if it belongs here.")
        title = _("Remove page {n}").format(n=page.position)
        if not page.foreign and not ask_to_confirm(self, title, words, _("Remove this page")):
            return
        with self.app.guarded():
            self.session.remove(page.key)
        self.banner.dismiss()
        self.renew()
        self.go_on_button.setFocus()

    def finish(self) -> None:
        """After a fault: no sheets are left. Of a watched folder: everything lies in it."""
        if self.session is not None and self.seen is not None and self.seen.state is State.SCANNING:
            self.session.stop()
        elif self.session is not None:
            with self.app.guarded():
                self.session.finish()
            self.banner.dismiss()
            self.renew()
            self.save_button.setFocus()

    def save(self) -> None:
        """Ctrl+S: save the pass; what cannot be saved stays as it is."""
        if self.session is None or self._may_not_save():
            return
        session, self._saving = self.session, True
        self._renew_buttons()
        self.app.tasks.run(_("Saving the pass"), lambda _progress: session.save(), self._over, self._not_saved)

    def _not_saved(self, error: BaseException) -> None:
        self._saving = False
        self.app.failed(error)
        self.renew()

    def discard(self) -> None:
        """Throw everything away that was scanned; the hall's number must be typed."""
        if self.session is None or self._still() or self.seen is None:
            return
        typed = (self.seen.hall or None) if self.seen.pages else None
        text = _("{n} scanned pages are thrown away; nothing of this pass is saved. The paper is scanned anew.").format(
            n=len(self.seen.pages))  # fmt: skip
        if ask_to_confirm(self, _("Discard what was scanned"), text, _("Discard"), typed):
            with self.app.guarded():
                self.session.discard()
            self._over(None)

    def _over(self, report: Any) -> None:
        self.session, self.seen, self._saving = None, None, False
        self.banner.dismiss()
        self.over.emit(report)

    def next_open(self, step: int = 1) -> None:
        """F3, Shift+F3: the next page that should be looked at."""
        if self.seen is None:
            return
        wanted = scan_words.suspicious(self.seen) | {p.key for p in self.seen.pages if p.doubts or not p.serial}
        keys = [str(page.key) for page in self.seen.pages]
        at = keys.index(self.strip.current_key()) if self.strip.current_key() in keys else -1
        turned = [*keys[at + 1 :], *keys[: at + 1]] if step > 0 else [*reversed(keys[:at]), *reversed(keys[at:])]
        found = next((key for key in turned if int(key) in wanted), None)
        if found is not None:
            self.strip.choose(found)

    def _renew_buttons(self) -> None:
        for button in self.buttons:
            button.renew()


def _lacking(view: SessionView) -> bool:
    """Whether sheets are still to come, as far as the run and the act tell."""
    return not view.at_end or (view.counts.expected is not None and view.counts.fed < view.counts.expected)


def _refused(view: SessionView) -> list[StagedPage]:
    return [page for page in view.pages if page.refused]


def _pictures_of(ctx: Any, page: StagedPage) -> SheetPictures:
    read = page.read
    assert read is not None
    marks: Callable[[], bytes] = partial(sheet_pictures.why_picture, ctx, page.image, page.image_page, read)
    return SheetPictures(str(page.key), partial(_original, page.image, page.image_page, read.rotation), marks)


def _original(image: Any, image_page: int, rotation: int) -> Any:
    return pictures.upright(pictures.page_picture(image, image_page), rotation)


def _framed(picture: QPixmap) -> QPixmap:
    """With a line around it: a white page on the white card would be read as an empty place."""
    painter = QPainter(picture)
    painter.setPen(theme.qcolour("line_strong"))
    painter.drawRect(0, 0, picture.width() - 1, picture.height() - 1)
    painter.end()
    return picture
