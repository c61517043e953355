"""Scores of micrographs by a model version, one by one or in batches."""
