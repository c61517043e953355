"""Tests of compositions and heat treatments."""
