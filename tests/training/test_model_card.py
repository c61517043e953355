"""The model card says what the report says."""

from django.test import Client

from microdb.micrographs.templatetags.micrographs import percent
from microdb.training.model_card import card_pdf, model_card
from microdb.training.models import ModelVersion
from microdb.training.reports import report


def cells(version: ModelVersion) -> list[list[str]]:
    return [row for section in model_card(version).sections for table in section.tables for row in table.rows]


def test_it_has_the_numbers_of_the_report(trained: ModelVersion):
    rows, found = cells(trained), report(trained)
    for measure in found.measures:
        assert any(row[:2] == [measure.name, percent(measure.share)] for row in rows)
    for row in found.rows:
        assert [row.label, str(row.total), percent(row.recall)] in rows
    assert found.rejected_known is not None
    assert any(row[0] == found.rejected_known.name and row[1] == str(found.rejected_known.count) for row in rows)


def test_page_and_pdf_show_its_sections(signed_in: Client, trained: ModelVersion):
    page = signed_in.get("/datasets/steels/training/1/card/").text
    for title in ("Intended use", "Training data", "How well it does", "None of these", "Limits"):
        assert f"<h3>{title}</h3>" in page
    for address in ("/datasets/steels/training/1/card.pdf", "/api/v1/datasets/steels/model-versions/1/card.pdf"):
        assert signed_in.get(address).content.startswith(b"%PDF")


def test_a_version_without_held_out_specimens_says_that_nothing_was_measured(trained: ModelVersion):
    trained.metrics = {**trained.metrics, "held_out": None}
    (text,) = [section.paragraphs[0] for section in model_card(trained).sections if section.title == "How well it does"]
    assert "nothing was measured" in text
    assert card_pdf(model_card(trained)).startswith(b"%PDF")


def test_few_micrographs_of_a_class_are_among_the_limits(trained: ModelVersion):
    limits = model_card(trained).sections[-1].paragraphs
    assert any("Few micrographs of these classes were trained on: ferrite, pearlite" in text for text in limits)
