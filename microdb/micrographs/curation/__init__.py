"""Decisions about a whole dataset: the train and quiz split, what changed between versions, what uses a micrograph."""
