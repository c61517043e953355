"""``python -m tests.benchmarks.quiz``: 200 readers at the same time, and the results of 500, on servers of its own.

First 200 readers take a quiz of 36 questions over real HTTP, through the web service as quickstart runs it, while one
of its worker processes is killed every ten seconds. Printed: how long a request waited (median, 95th, 99th percentile
and the longest), how often one had to be sent again, and whether any acknowledged answer was lost or doubled.
Then the report of 500 readers and 100 questions: computed, and taken from the store.
With ``--costs``: the processor time of a request of each kind, which a busy machine hardly changes.
"""

import argparse
import os
import sys
import time
from pathlib import Path

from tests.benchmarks.own_site import own_site

QUESTIONS, READERS, THINK = 36, 200, 4.0
KILL_EVERY = 10.0
LARGE_QUESTIONS, LARGE_READERS = 100, 500


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readers", type=int, default=READERS)
    parser.add_argument("--questions", type=int, default=QUESTIONS)
    parser.add_argument("--think", type=float, default=THINK, help="mean seconds between two answers of a reader")
    parser.add_argument("--costs", action="store_true", help="only the processor time of each kind of request")
    given = parser.parse_args()
    with own_site("127.0.0.1") as var:
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        if given.costs:
            measure_costs(var)
            return 0
        lost = sit_together(var, given.readers, given.questions, given.think)
        measure_results()
    return int(lost > 0)


def sit_together(var: Path, readers: int, questions: int, think: float) -> int:
    """How many acknowledged answers the database does not hold as they were acknowledged."""
    from tests.benchmarks.seed_quiz import open_quiz_of
    from tests.quizzes.crowd import crowd, kept_answers, killing, web

    quiz = open_quiz_of(questions, slug="crowd")
    with (
        web(var, os.environ["DATABASE_URL"]) as (service, port),
        killing(service.pid or 0, every=KILL_EVERY) as killed,
    ):
        started = time.monotonic()
        people = crowd(quiz.slug, port, readers=readers, think=think)
        took = time.monotonic() - started
    given = sum(len(person.latencies["answer"]) for person in people)
    print(f"{readers} readers, {questions} questions, {think:g} s between answers: {given} answers in {took:.0f} s")
    for kind in ("answer", "image", "page"):
        print(f"  {kind:7s} {_milliseconds(sorted(t for person in people for t in person.latencies[kind]))}")
    lost = sum(
        set(person.acknowledged.items()) != set(kept_answers(person).items()) for person in people if person.ballot
    )
    print(f"  {len(killed)} workers killed, {sum(person.retries for person in people)} requests sent again")
    print(f"  readers whose kept answers differ from the acknowledged: {lost}")
    for error in {person.error for person in people if person.error}:
        print(f"  stopped: {error}")
    return lost + sum(bool(person.error) for person in people)


def measure_costs(var: Path) -> None:
    from tests.benchmarks.quiz_costs import print_costs
    from tests.benchmarks.seed_quiz import open_quiz_of
    from tests.quizzes.crowd import web

    quiz = open_quiz_of(QUESTIONS, slug="costs")
    with web(var, os.environ["DATABASE_URL"]) as (service, port):
        print_costs(quiz.slug, port, web=service.pid or 0, var=var)


def measure_results() -> None:
    from microdb.quizzes.reports import quiz_report
    from microdb.quizzes.services import simulate_readers
    from tests.benchmarks.seed_quiz import open_quiz_of

    quiz = open_quiz_of(LARGE_QUESTIONS, slug="large")
    simulate_readers(quiz=quiz, experts=LARGE_READERS // 4, non_experts=LARGE_READERS * 3 // 4, seed=0)
    for what in ("computed", "stored"):
        started = time.monotonic()
        quiz_report(quiz)
        took = time.monotonic() - started
        print(f"results of {LARGE_READERS} readers, {LARGE_QUESTIONS} questions, {what}: {took:.2f} s")


def _milliseconds(seconds: list[float]) -> str:
    at = [seconds[min(len(seconds) - 1, int(share * len(seconds)))] * 1000 for share in (0.5, 0.95, 0.99, 1)]
    return "median {:.0f} ms, 95 % {:.0f} ms, 99 % {:.0f} ms, longest {:.0f} ms".format(*at)


if __name__ == "__main__":
    sys.exit(main())
