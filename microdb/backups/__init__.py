"""Backups of a whole site, its database and its files, and their restoration."""
