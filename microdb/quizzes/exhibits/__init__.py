"""What the results page shows: each exhibit as a table, most also as a chart, all of them as CSV."""

from microdb.quizzes.exhibits.catalogue import exhibits
from microdb.quizzes.exhibits.exhibit import Column, Exhibit

__all__ = ["Column", "Exhibit", "exhibits"]
