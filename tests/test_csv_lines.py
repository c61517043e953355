"""CSV downloads: one writer, whose cells no spreadsheet runs."""

import csv

import pytest

from microdb.csv_lines import csv_lines, written_text


def test_rows_become_lines_as_they_arrive() -> None:
    lines = csv_lines([["filename", "share"], ["a, b.png", 0.5], [None, -3]])
    assert list(lines) == ["filename,share\n", '"a, b.png",0.5\n', ",-3\n"]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1.png", "@x", "\t=1"])
def test_text_that_a_spreadsheet_would_run_is_marked_as_text(text: str) -> None:
    assert next(csv.reader(csv_lines([[text]])), None) == ["'" + text]


@pytest.mark.parametrize("text", ["=1+1", "'=1", "''+1", "'plain", "plain", "", "-5 °C"])
def test_the_text_of_a_cell_can_be_read_back(text: str) -> None:
    assert written_text(next(csv.reader(csv_lines([["", text]])))[1]) == text
