"""MicroDB: micrographs with labels and scale, a model per dataset, and a quiz that people and the model both sit."""

from microdb.celery import app as celery_app

__all__ = ["celery_app"]
