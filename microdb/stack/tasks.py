"""Make the demo in the background, step by step."""

from celery import shared_task

from microdb.stack import demo


@shared_task  # type: ignore[untyped-decorator] # Celery has no types
def continue_demo() -> None:
    """Beat calls this every few seconds; it calls itself while there is more to draw."""
    if demo.continue_demo():
        continue_demo.delay()
