"""The audit log: who did what, when and from where, for everything but reading. Rows are only added."""
