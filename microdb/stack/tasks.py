"""The demo's steps, one after another in the background."""

from celery import shared_task

from microdb.stack import demo


@shared_task
def continue_demo() -> None:
    """Called by beat every few seconds; calls itself at once while there is something to draw."""
    if demo.continue_demo():
        continue_demo.delay()
