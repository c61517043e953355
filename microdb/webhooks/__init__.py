"""Telling people and their programs what has ended: webhooks of a dataset, and e-mails that members ask for."""
