"""Colours and shapes of the material classes."""

from itertools import combinations

import numpy as np
import pytest

from classifier.scoring import palette as classifier_palette
from microdb import palette
from tests.colour_vision import GREYS, LEAST_CONTRAST, contrast, distances, search, seen

COLOURS = [mark.colour for mark in palette.MARKS]


def test_fifty_classes_differ_in_colour_and_shape():
    assert palette.CLASSES == len(palette.RGB) == 50
    assert len(set(COLOURS)) == 50
    assert {mark.shape for mark in palette.MARKS} == set(palette.SHAPES)


def test_no_class_looks_like_none_of_these():
    assert palette.NONE_OF_THESE_SHAPE not in palette.SHAPES
    assert palette.NONE_OF_THESE_RGB not in palette.RGB
    assert distances(seen(COLOURS), seen(GREYS)).min() > 0.03


def test_classes_beyond_the_table_repeat_it():
    assert palette.mark(50) == palette.mark(0)
    assert palette.css_variable(151) == palette.css_variable(1)


@pytest.mark.parametrize(("classes", "least"), [(12, 0.07), (20, 0.05), (50, 0.033)])
def test_colours_differ_for_every_colour_vision(classes, least):
    gaps = distances(seen(COLOURS[:classes]), seen(COLOURS[:classes]))
    assert gaps[np.triu_indices(classes, 1)].min() >= least


def test_classes_of_the_same_shape_differ_clearly_for_every_colour_vision():
    same = [(a.colour, b.colour) for a, b in combinations(palette.MARKS, 2) if a.shape == b.shape]
    assert min(distances(seen([a]), seen([b]))[0, 0] for a, b in same) > 0.06


@pytest.mark.parametrize(("surface", "least"), LEAST_CONTRAST.items())
def test_colours_are_visible_on_light_and_dark_pages(surface, least):
    assert contrast(COLOURS, surface).min() >= least


def test_the_table_is_what_the_search_finds():
    assert search(palette.OKABE_ITO, list(palette.SHAPES), palette.CLASSES) == list(palette.MARKS)


def test_the_stylesheet_is_up_to_date():
    assert palette.STYLESHEET.read_text() == palette.stylesheet(), "run: python -m microdb.palette"


def test_the_classifiers_command_line_has_the_same_colours():
    assert classifier_palette.RGB == palette.RGB
