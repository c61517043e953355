"""How good a classifier is: specimen-grouped folds, measures, controls."""
