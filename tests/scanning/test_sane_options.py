"""Options of feeder scanners as their drivers print them, and the command line that we make of them."""

from __future__ import annotations

import pytest

from mab_desktop.scanning.sane_options import SaneOption, abilities, parse_options, plan
from mab_desktop.scanning.source import ScanSettings

# Written after the drivers' manual pages and sources: names, values and layout as scanimage prints them.
FUJITSU = """
All options specific to device `fujitsu:fi-7160:1':
  Standard:
    --source ADF Front|ADF Back|ADF Duplex [ADF Front]
        Selects the scan source (such as a document-feeder).
    --mode Lineart|Halftone|Gray|Color [Lineart]
        Selects the scan mode (e.g., lineart, monochrome, or color).
    --resolution 50..600dpi (in steps of 1) [600]
        Sets the resolution of the scanned image.
  Geometry:
    --page-width 0..221.121mm (in steps of 0.0211639) [215.872]
    --page-height 0..863.489mm (in steps of 0.0211639) [279.364]
    -l 0..215.872mm (in steps of 0.0211639) [0]
    -t 0..279.364mm (in steps of 0.0211639) [0]
    -x 0..215.872mm (in steps of 0.0211639) [215.872]
    -y 0..279.364mm (in steps of 0.0211639) [279.364]
  Enhancement:
    --brightness -127..127 (in steps of 1) [0] [advanced]
  Advanced:
    --df-action Default|Continue|Stop [Default] [advanced]
    --df-thickness[=(yes|no)] [inactive]
    --df-length[=(yes|no)] [inactive]
    --swskip 0..100% (in steps of 0.100006) [5] [advanced]
    --swdeskew[=(yes|no)] [yes] [advanced]
  Sensors:
    --double-feed[=(yes|no)] [no] [hardware]
        Double feed detected
"""
BROTHER = """
    --mode Black & White|Gray[Error Diffusion]|True Gray|24bit Color|24bit Color[Fast] [24bit Color]
    --resolution 100|150|200|300|400|600dpi [200]
    --source FlatBed|Automatic Document Feeder(left aligned)|Automatic Document Feeder(left aligned,Duplex) [FlatBed]
    -l 0..211.9mm (in steps of 0.0999908) [0]
    -x 0..211.9mm (in steps of 0.0999908) [211.881]
"""
PANASONIC = """
    --mode Lineart|Gray|Color [Color]
    --source adf|fb [adf]
    --duplex[=(yes|no)] [yes]
    --feeder-mode single|continuous [single]
    --resolution 100..600dpi (in steps of 1) [300]
    --dfeed[=(yes|no)] [no]
    --dfstop[=(yes|no)] [no]
    --crop[=(yes|no)] [yes]
"""
FLATBED = """
    --mode Color|Gray [Gray]
    --source Flatbed [Flatbed]
    --resolution 75|100dpi [75]
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (FUJITSU, ["--source=ADF Front", "--mode=Gray", "--resolution=200", "--page-width=210", "--page-height=297",
                   "-l", "0", "-t", "0", "-x", "210", "-y", "279.364", "--swskip=0", "--swdeskew=no",
                   "--df-action=Stop"]),
        (BROTHER, ["--mode=True Gray", "--source=Automatic Document Feeder(left aligned)", "--resolution=200",
                   "-l", "0", "-x", "210"]),
        (PANASONIC, ["--source=adf", "--mode=Gray", "--duplex=no", "--feeder-mode=continuous", "--resolution=200",
                     "--dfeed=yes", "--dfstop=yes", "--crop=no"]),
    ],
)  # fmt: skip
def test_the_plan_of_a_feeder_scanner(text: str, expected: list[str]) -> None:
    found = plan(parse_options(text), ScanSettings())
    assert sorted(found) == sorted(expected)
    assert found[0].startswith("--source=")


def test_options_that_open_up_by_others_are_set_when_they_are_there() -> None:
    opened = FUJITSU.replace("--df-thickness[=(yes|no)] [inactive]", "--df-thickness[=(yes|no)] [no] [advanced]")
    found = plan(parse_options(opened), ScanSettings())
    assert found.index("--df-action=Stop") < found.index("--df-thickness=yes")
    assert "--df-length=yes" not in found
    quiet = plan(parse_options(opened), ScanSettings(double_feed=False))
    assert not any(argument.startswith(("--df", "--double")) for argument in quiet)


def test_a_scanner_without_a_feeder_is_no_scanner_for_a_stack() -> None:
    options = parse_options(FLATBED)
    with pytest.raises(LookupError):
        plan(options, ScanSettings())
    assert plan(options, ScanSettings(feeder=False)) == ["--source=Flatbed", "--mode=Gray", "--resolution=100"]


@pytest.mark.parametrize(("dpi", "taken"), [(200, "200"), (160, "200"), (50, "100"), (500, "600"), (1200, "600")])
def test_the_resolution_is_never_below_what_was_asked_for_where_it_can_be(dpi: int, taken: str) -> None:
    assert f"--resolution={taken}" in plan(parse_options(BROTHER), ScanSettings(dpi=dpi))


@pytest.mark.parametrize(
    ("mode", "taken"), [("gray", "True Gray"), ("color", "24bit Color"), ("lineart", "Black & White")]
)
def test_the_mode_in_the_drivers_own_words(mode: str, taken: str) -> None:
    assert f"--mode={taken}" in plan(parse_options(BROTHER), ScanSettings(mode=mode))


def test_abilities() -> None:
    fujitsu, brother, flatbed = (abilities(parse_options(text)) for text in (FUJITSU, BROTHER, FLATBED))
    assert (fujitsu.feeder, fujitsu.glass, fujitsu.double_feed) == (True, False, True)
    assert (brother.feeder, brother.glass, brother.double_feed) == (True, True, False)
    assert brother.resolutions == (100, 150, 200, 300, 400, 600)
    assert brother.modes == ("gray", "color", "lineart")
    assert (flatbed.feeder, flatbed.glass) == (False, True)


def test_every_kind_of_line_is_read() -> None:
    options = parse_options(
        "    --gamma 0..255,... (in steps of 1) [advanced]\n"
        "    --name <string> [a [b] c]\n"
        "    --button\n"
        "    --depth 8|16bit [8]\n"
        "    --auto[=(auto|yes|no)] [inactive]\n"
        "        --not-an-option in a description [x]\n"
        "  Group: --neither\n"
    )
    assert list(options) == ["gamma", "name", "button", "depth", "auto"]
    assert options["depth"] == SaneOption("depth", ("8", "16"), value="8")
    assert options["auto"] == SaneOption("auto", ("auto", "yes", "no"), settable=False)
    assert options["gamma"].takes("300") is None
    assert parse_options("") == {}
