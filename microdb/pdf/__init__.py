"""PDF files: a document from paragraphs and tables in one style, for the pages of any room."""

from microdb.pdf.document import WIDTH, pdf_document, simple_table
from microdb.pdf.style import BODY, BOLD, FONT, GRID, HEADING, LEAD, NOTE, SMALL, TITLE, text

__all__ = [
    "BODY",
    "BOLD",
    "FONT",
    "GRID",
    "HEADING",
    "LEAD",
    "NOTE",
    "SMALL",
    "TITLE",
    "WIDTH",
    "pdf_document",
    "simple_table",
    "text",
]
