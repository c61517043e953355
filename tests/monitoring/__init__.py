"""Tests of logs, metrics and reports of errors."""
