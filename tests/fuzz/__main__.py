"""``python -m tests.fuzz --minutes 30``: the properties in turn, with other examples in each round.

Prints a line for each round of a property that fails, with its seed and the smallest example, and at the end a table.
``--seed 17`` starts with round 17, ``--only boxes`` takes the properties whose name holds the word. Exit 1: one failed.
"""

import argparse
import importlib
import os
import pkgutil
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator

import django

from classifier.command_line.consoles import errors

EXAMPLES = 300
"""Of one property in one round."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="")
    given = parser.parse_args()
    os.environ.update(DJANGO_SETTINGS_MODULE="microdb.settings", LOG_LEVEL="CRITICAL")
    django.setup()
    errors.quiet = True
    found = list(properties(given.only))
    end, number = time.monotonic() + 60 * given.minutes, given.seed
    examples: Counter[str] = Counter()
    failed: Counter[str] = Counter()
    while time.monotonic() < end:
        for name, check in found:
            failed[name] += not holds(name, check, number)
            examples[name] += EXAMPLES
        number += 1
    print(f"rounds {given.seed} to {number - 1}")
    for name, count in examples.items():
        print(f"{name:<80}{count:>9,} examples {failed[name]:>4} rounds failed")
    return int(failed.total() > 0)


def properties(word: str) -> Iterator[tuple[str, Callable[[], None]]]:
    """The test functions of this folder by their names, with the profile of long runs."""
    import tests.fuzz
    from tests.fuzz.conftest import settings

    long = settings(settings.get_profile("quick"), derandomize=False, max_examples=EXAMPLES)
    for module in pkgutil.iter_modules(tests.fuzz.__path__):
        if not module.name.startswith("test_"):
            continue
        for name, one in vars(importlib.import_module(f"tests.fuzz.{module.name}")).items():
            if name.startswith("test_") and word in name:
                yield name, long(one)


def holds(name: str, check: Callable[[], None], number: int) -> bool:
    """Whether the property held in this round; its failure is printed."""
    from hypothesis import seed

    try:
        seed(number)(check)()
    except BaseException as error:  # a property fails with whatever the reader raised
        if isinstance(error, KeyboardInterrupt):
            raise
        print(f"{name} failed in round {number}:", flush=True)
        traceback.print_exception(error, limit=-6)
        sys.stderr.flush()
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
