"""Wrong passwords are counted before they are answered, slowed, and kept until they stand in a log."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mab_desktop.domain.clock import SetClock
from mab_desktop.exchange.login_tries import FREE, LONGEST_WAIT, LoginTries, MustWait, Refusal, seconds_after

NOON = datetime(2011, 5, 16, 12, tzinfo=UTC)


@pytest.fixture
def tries(tmp_path: Path) -> LoginTries:
    return LoginTries(tmp_path / "mab.tries")


def at(moment: datetime) -> SetClock:
    """A clock that stands; the computer has been running since 1970."""
    return SetClock(moment, tick=timedelta())


def wrong(
    tries: LoginTries, n: int, now: datetime = NOON, login: str = "asel", clock: SetClock | None = None
) -> datetime:
    """`n` wrong tries, each as soon as it may be; when the last was."""
    clock = clock or at(now)
    for _ in range(n):
        while True:
            try:
                tries.begin(login, clock)
            except MustWait:
                clock.moment += timedelta(seconds=1)
            else:
                break
    return clock.moment


def test_five_are_free_then_the_wait_doubles_up_to_a_quarter_of_an_hour() -> None:
    waits = [seconds_after(n) for n in range(14)]
    assert waits[: FREE + 1] == [0, 0, 0, 0, 0, 15]
    assert waits[FREE + 1 :] == [30, 60, 120, 240, 480, LONGEST_WAIT, LONGEST_WAIT, LONGEST_WAIT]
    assert seconds_after(10_000) == LONGEST_WAIT


def test_no_restart_helps(tries: LoginTries) -> None:
    last = wrong(tries, FREE)
    again = LoginTries(tries.path)
    with pytest.raises(MustWait, match="After 5 wrong tries .* 12:00:15"):
        again.begin("asel", at(last + timedelta(seconds=14)))
    again.begin("asel", at(last + timedelta(seconds=15)))
    with pytest.raises(MustWait, match="12:00:45"):
        again.begin("asel", at(last + timedelta(seconds=44)))
    assert "{" not in MustWait("x").message("kk")


def test_a_try_that_came_too_early_is_not_counted(tries: LoginTries) -> None:
    last = wrong(tries, FREE)
    for _ in range(20):
        with pytest.raises(MustWait):
            tries.begin("asel", at(last + timedelta(seconds=5)))
    assert tries.refusals() == (Refusal("asel", FREE, "2011-05-16T12:00:00+00:00", "2011-05-16T12:00:00+00:00"),)


def test_the_right_password_ends_the_count_but_not_the_story(tries: LoginTries) -> None:
    wrong(tries, 3)
    tries.begin("asel", at(NOON + timedelta(minutes=1)))
    tries.passed("asel")
    (refusal,) = tries.refusals()
    assert (refusal.login, refusal.tries) == ("asel", 3)
    wrong(tries, FREE, NOON + timedelta(minutes=2))  # none of these waits
    tries.logged()
    assert tries.refusals() == ()
    with pytest.raises(MustWait):
        tries.begin("asel", at(NOON + timedelta(minutes=2)))


def test_each_name_has_its_own_count_and_nothing_is_left_of_none(tries: LoginTries) -> None:
    wrong(tries, FREE)
    tries.begin("second", at(NOON))
    tries.passed("second")
    tries.logged()
    tries.forgive("asel")
    assert not tries.path.exists()
    tries.forgive("nobody")
    tries.passed("nobody")
    assert not tries.path.exists()


JUMPS = [timedelta(days=days) for days in (-7300, -400, -1, 1, 400, 7300)]


@pytest.mark.parametrize("by", JUMPS, ids=str)
def test_no_clock_that_jumps_shortens_or_lengthens_a_wait(tries: LoginTries, by: timedelta) -> None:
    clock = at(NOON)
    wrong(tries, FREE, clock=clock)
    clock.moment += timedelta(seconds=5)
    clock.put_hands(clock.moment + by)
    with pytest.raises(MustWait, match="12:00:15"):
        tries.begin("asel", clock)
    clock.moment += timedelta(seconds=9)
    with pytest.raises(MustWait, match="12:00:15"):
        tries.begin("asel", clock)
    clock.moment += timedelta(seconds=1)
    tries.begin("asel", clock)
    assert tries.refusals()[0].tries == FREE + 1


def test_clocks_that_go_to_and_fro_lock_nobody_out_for_longer_than_the_longest_wait(tries: LoginTries) -> None:
    clock = at(NOON)
    wrong(tries, 20, clock=clock)
    begun = clock.ticks()
    for by in JUMPS:
        clock.put_hands(clock.moment + by)
        with pytest.raises(MustWait):
            tries.begin("asel", clock)
        clock.moment += timedelta(seconds=LONGEST_WAIT // len(JUMPS))
    assert clock.ticks() - begun == LONGEST_WAIT
    tries.begin("asel", clock)


def test_a_restart_begins_the_wait_anew_and_ends_it(tries: LoginTries) -> None:
    clock = at(NOON)
    wrong(tries, FREE, clock=clock)
    clock.restart()
    with pytest.raises(MustWait, match="12:00:15"):
        tries.begin("asel", clock)
    clock.moment += timedelta(seconds=15)
    tries.begin("asel", clock)


def test_a_file_of_an_older_version_is_read(tries: LoginTries) -> None:
    tries.path.write_bytes(
        b'{"counts":[{"first":"","last":"2011-05-16T12:00:00+00:00","login":"asel","refused":2,"wrong":7}],'
        b'"format":"mab-tries-1"}'
    )
    assert tries.refusals() == (Refusal("asel", 2, "", "2011-05-16T12:00:00+00:00"),)
    tries.begin("asel", at(NOON))
    with pytest.raises(MustWait, match="12:02:00"):
        tries.begin("asel", at(NOON))


@pytest.mark.parametrize("data", [b"", b"{}", b"null", b'{"counts":[],"format":"mab-tries-2"}', b"\xff", b"[" * 5000])
def test_a_spoilt_file_counts_as_none(tries: LoginTries, data: bytes) -> None:
    tries.path.write_bytes(data)
    assert tries.refusals() == ()
    tries.begin("asel", at(NOON))
    assert tries.refusals()[0].tries == 1
