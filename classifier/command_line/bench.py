"""The command `bench`: measures each method in a process of its own, so that its peak memory is its own."""

import argparse
import json
import os
import subprocess
import sys
from typing import Any

from classifier.benchmark.method import METHODS
from classifier.benchmark.tables import agreement, tables
from classifier.command_line.consoles import output
from classifier.errors import ClassifierError


def bench(options: argparse.Namespace) -> int:
    """Measure the methods, print tables and write a JSON file; 1 if a method failed."""
    results = {method: _measure(method, options) for method in options.method or METHODS}
    report = {"seed": options.seed, "threads": os.cpu_count(), "load": os.getloadavg(), "methods": results}
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    measured = [row for row in results.values() if "error" not in row]
    output.print(*tables(measured))
    for row in results.values():
        for note in [row["error"]] if "error" in row else row["notes"]:
            output.print(f"{row['title']}: {note}", highlight=False, soft_wrap=True)
    if "default" in results and "exact" in results:
        output.print(agreement(results["default"], results["exact"]), highlight=False, soft_wrap=True)
    output.print(f"Results written to {options.json}", highlight=False, soft_wrap=True)
    return 1 if len(measured) < len(results) else 0


def _measure(method: str, options: argparse.Namespace) -> dict[str, Any]:
    """The JSON object that the method's process prints; its progress goes to the terminal."""
    command = [sys.executable, "-m", "classifier.command_line.bench_method", method, str(options.data)]
    child = subprocess.run([*command, *_arguments(options)], stdout=subprocess.PIPE, text=True, check=False)
    if child.returncode:
        raise ClassifierError(f'Measuring "{method}" failed with exit code {child.returncode}; the reason is above.')
    result: dict[str, Any] = json.loads(child.stdout)
    return result


def _arguments(options: argparse.Namespace) -> list[str]:
    values = {
        "--config": options.config,
        "--seed": options.seed,
        "--split": options.split,
        "--pixels-per-micrometre": options.scale,
        "--folds": options.folds,
        "--minutes": options.minutes,
    }
    return [text for name, value in values.items() if value is not None for text in (name, str(value))]
