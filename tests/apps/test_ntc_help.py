"""The command lines in the person's language, and what is understood wherever it stands."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mab_desktop import cli
from mab_desktop.cli import main
from mab_desktop.domain.errors import EXIT_OK, EXIT_PASSWORD, EXIT_REFUSED, EXIT_USAGE
from mab_desktop.ntc.main import COMMANDS, build_parser
from mab_desktop.services.command_words import refusal
from tests.apps.ntc_centre import Run

SAME = {"postgresql+psycopg://PERSON@HOST/DATABASE"}  # in every language


def parsers(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """A parser with all below it."""
    yield parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                yield from parsers(below)


def said(parser: argparse.ArgumentParser) -> Iterator[str]:
    """Every text of a help page that a person reads, examples left out."""
    yield from (parser.description or "").split("\n\n")
    yield from (group.title or "" for group in parser._action_groups)
    for action in parser._actions:
        yield action.help or ""
        if isinstance(action, argparse._SubParsersAction):
            yield from (shown.help or "" for shown in action._choices_actions)


@pytest.mark.parametrize("build", [build_parser, cli.build_parser], ids=["mab ntc", "mab"])
@pytest.mark.parametrize("lang", ["kk", "ru"])
def test_every_help_page_speaks_the_language(build: Callable[[str], argparse.ArgumentParser], lang: str) -> None:
    english = {text for parser in parsers(build("en")) for text in said(parser)} - SAME
    left = {text for parser in parsers(build(lang)) for text in said(parser) if text in english and text}
    assert left == set()


def test_help_shows_paragraphs_options_and_examples(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--lang", "ru", "ntc", "root", "--lang", "en", "--help"])
    shown = capsys.readouterr().out
    assert ended.value.code == EXIT_OK
    assert "usage: mab ntc root" in shown
    assert "examples:\n  mab ntc root\n" in shown
    assert "check" in shown.partition("ACT")[2]


@pytest.mark.parametrize(
    "words", [["--lang", "ru", "read"], ["read", "--lang", "ru"], ["--lang=kk", "read", "--lang=ru"]]
)
def test_the_language_stands_before_a_command_or_after_it(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([*words, "--threads", "many"])
    told = capsys.readouterr().err
    assert "использование: mab read" in told
    assert "--threads: «many»" in told


def test_help_speaks_the_language_of_the_environment(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    heads = {}
    for lang in ("en", "kk", "unknown"):
        monkeypatch.setenv("MAB_LANG", lang)
        with pytest.raises(SystemExit):
            main(["scan", "--help"])
        heads[lang] = capsys.readouterr().out.partition(" ")[0]
    assert heads["en"] == "usage:"
    assert heads["unknown"] == heads["kk"] != "usage:"


def test_no_command_is_without_a_page() -> None:
    for module in COMMANDS:
        assert all((module.ABOUT, module.EXAMPLES, module.HELP[0].islower())), module.NAME


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["allot"], "This is missing: base."),
        (["allot", "013", "--shift", "x"], "--shift: x is not of the form that is asked for."),
        (["trust", "revoke", "nu027", "--last"], "--last: the value is missing."),
        (["people", "remove"], "act: there is no remove."),
        (["check-seating", "013", "1", "--local", "a", "--proof", "b"], "--proof does not go with --local."),
        (["status", "--nobody"], "This is not understood: --nobody."),
        ([], "This is missing: COMMAND."),
    ],
)
def test_wrong_use_is_told_in_words(words: list[str], expected: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--lang", "en", "ntc", *words])
    told = capsys.readouterr().err
    assert ended.value.code == EXIT_USAGE
    assert expected in told
    assert "Nothing was done. All about it: mab ntc" in told


def test_what_argparse_may_say_anew_is_not_lost() -> None:
    assert refusal("something new", "kk") == "something new"


def test_who_and_where_are_understood_after_the_command_too(
    centre: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert centre("people")[0] == EXIT_OK
    monkeypatch.delenv("MAB_NTC")
    place = str(tmp_path / "centre")
    told = []
    for words in (
        ["--lang", "en", "ntc", "--centre", place, "--login", "nobody", "people"],
        ["ntc", "people", "list", "--centre", place, "--login", "nobody", "--lang", "en"],
    ):
        told.append((main(words), capsys.readouterr().err))
    assert told[0] == told[1]
    assert told[0][0] == EXIT_PASSWORD
    assert main(["ntc", "root", "--login", "centre", "--centre", place, "--lang", "en"]) == EXIT_OK
    assert "Root number 1" in capsys.readouterr().out


def test_the_board_of_an_unknown_university_is_refused(centre: Run) -> None:
    code, said = centre("status", "--base", "999")
    assert (code, "999 is not a base university of this season." in said) == (EXIT_REFUSED, True), said
