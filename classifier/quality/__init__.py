"""Measuring a classifier: specimen-grouped folds, held-out specimens, metrics and controls."""
