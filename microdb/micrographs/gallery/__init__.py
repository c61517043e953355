"""The gallery of a dataset: filters, facets, warnings, the quality report, and the cache of their counts."""
