"""The first page of a dataset: how far it has come, what runs, how accurate its model is, and what to do next."""
