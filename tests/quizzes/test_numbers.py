"""Numbers as the quiz pages write them."""

import pytest

from microdb.quizzes.templatetags import quiz_numbers


@pytest.mark.parametrize(
    ("micrometres", "text"), [(0.25, "250 nm"), (1, "1 µm"), (62.58, "62.6 µm"), (999.4, "999 µm"), (1252.4, "1.25 mm")]
)
def test_a_fields_width_is_told_in_the_unit_that_fits(micrometres, text):
    assert quiz_numbers.field_length(micrometres) == text


def test_small_p_values_are_not_written_as_zero():
    assert quiz_numbers.p_value(0.00005) == "< 0.001"
    assert quiz_numbers.p_value(0.354) == "0.35"


def test_attributes_get_a_decimal_point_in_every_language(settings):
    settings.LANGUAGE_CODE = "de"
    assert quiz_numbers.unlocalized(0.5) == "0.5000"
