"""The whole quiz as a PDF: a method paragraph for a paper, figures, tables, hash and citation."""

from microdb.quizzes.exhibits.pdf.document import report_pdf

__all__ = ["report_pdf"]
