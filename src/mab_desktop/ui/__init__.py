"""The Qt kit: everything the four applications show is built from here, with no style of their own.

Two rules of text hold everywhere. *Specs* (PageSpec, Action, Column, AppSpec, Paper, FilterChip) carry message ids
and are translated when shown. *Facts* (HomeFacts, StepState, rows, obstacles, DayStep, TransferItem, Count) carry words
ready in the language of the moment: the kit asks for them again after a change of language.

Where to look: states (marks), page (PageSpec, Page, Action, AppContext), app (AppSpec, run_app), shell, home, list_page
(with record_table), record_form (with record_fields, kazakh_letters), steps_page, papers_page, preview, transfer_wizard
(with transfer), image_review, hall_plan, panels, plots, messages, tasks, settings, theme, icons, launcher, screens.
"""
