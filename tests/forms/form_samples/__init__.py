"""One realistic document of every printed form: long Kazakh names, long university names, full tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mab_desktop.forms import (
    act,
    admission_pass,
    analysis_card,
    answer_key,
    appeal_form,
    appeal_journal,
    appeal_minutes,
    appeal_register,
    appeal_report,
    application_journal,
    attendance,
    daily_statistics,
    duty_list,
    enrolment_sheet,
    envelope_cover,
    fingerprint_sheet,
    hall_fund,
    hall_list,
    hall_plan,
    identification_protocol,
    key_act,
    operator_list,
    operators_journal,
    pass_register,
    representative_report,
    reset_sheet,
    result_sheet,
    root_key_sheet,
    seating_sheet,
    secret_sheet,
    specialty_list,
    statistics_fax,
    statistics_report,
    student_database,
    variant_sheet,
    wrong_data_list,
)

from .exam import (
    an_act,
    appeals,
    applications,
    card,
    cover,
    daily,
    enrolment,
    fingerprint,
    form,
    key,
    key_change,
    minutes,
    presence,
    protocol,
    report,
    representative,
    reset_request,
    results,
    root_key,
    secret,
)
from .preparation import (
    database,
    duties,
    fax,
    hall_students,
    halls,
    journal,
    operator_names,
    operators,
    passes,
    plan,
    register,
    seating,
    specialties,
    statistics,
    variants,
    wrong_data,
)


class Sample:
    """A form with its data; calling it draws the document, `change` may turn the data into other data first."""

    def __init__(self, module: Any, make: Callable[..., Any], *args: Any) -> None:
        self.module, self.make, self.args = module, make, args

    def __call__(self, change: Callable[[Any], Any] = lambda data: data, **options: Any) -> bytes:
        return self.module.draw(change(self.make(*self.args)), **options)


_of = Sample
SAMPLES: dict[str, Sample] = {
    "application_journal": _of(application_journal, journal),
    "operators_journal": _of(operators_journal, operators),
    "operator_list": _of(operator_list, operator_names),
    "specialty_list": _of(specialty_list, specialties),
    "statistics_preliminary": _of(statistics_report, statistics, False),
    "statistics_final": _of(statistics_report, statistics, True),
    "statistics_fax": _of(statistics_fax, fax),
    "student_database": _of(student_database, database),
    "hall_fund": _of(hall_fund, halls),
    "hall_plan": _of(hall_plan, plan),
    "admission_pass": _of(admission_pass, passes),
    "pass_register": _of(pass_register, register),
    "hall_list_hall": _of(hall_list, hall_students, False),
    "hall_list_university": _of(hall_list, hall_students, True),
    "wrong_data_list": _of(wrong_data_list, wrong_data),
    "duty_list": _of(duty_list, duties, False),
    "duty_daily": _of(duty_list, duties, True),
    "seating_sheet": _of(seating_sheet, seating),
    "seating_reprint": _of(seating_sheet, seating, 12, True),
    "variant_sheet": _of(variant_sheet, variants),
    "answer_key": _of(answer_key, key),
    **{f"act_{i}": _of(act, an_act, kind) for i, kind in enumerate(act.KINDS, 1)},
    "attendance": _of(attendance, presence),
    "identification_first": _of(identification_protocol, protocol),
    "identification_last": _of(identification_protocol, protocol, True),
    "result_before": _of(result_sheet, results, False),
    "result_wall": _of(result_sheet, results, False, True),
    "result_after": _of(result_sheet, results, True, False, True),
    "appeal_journal": _of(appeal_journal, applications),
    "appeal_form_blank": _of(appeal_form, form, False),
    "appeal_form_filled": _of(appeal_form, form),
    "appeal_register": _of(appeal_register, appeals),
    "analysis_card": _of(analysis_card, card),
    "appeal_minutes": _of(appeal_minutes, minutes),
    "appeal_report": _of(appeal_report, report),
    "daily_statistics": _of(daily_statistics, daily),
    "representative_report": _of(representative_report, representative),
    "envelope_cover": _of(envelope_cover, cover),
    "secret_sheet": _of(secret_sheet, secret),
    "reset_sheet": _of(reset_sheet, reset_request),
    "fingerprint_sheet": _of(fingerprint_sheet, fingerprint),
    "enrolment_sheet": _of(enrolment_sheet, enrolment),
    "root_key_sheet": _of(root_key_sheet, root_key),
    **{f"key_act_{i}": _of(key_act, key_change, kind) for i, kind in enumerate(key_act.KINDS, 1)},
}
