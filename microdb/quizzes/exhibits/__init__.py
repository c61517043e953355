"""Exhibits of the results page: tables, most of them with a chart, and exports."""

from microdb.quizzes.exhibits.catalogue import exhibits
from microdb.quizzes.exhibits.exhibit import Column, Exhibit

__all__ = ["Column", "Exhibit", "exhibits"]
