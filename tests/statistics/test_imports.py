"""The statistics are needed by the web process, which does without scipy."""

import subprocess
import sys

CODE = """
import sys
import microdb.statistics
heavy = {"scipy", "torch", "sklearn"} & set(sys.modules)
sys.exit(f"imported: {heavy}" if heavy else 0)
"""


def test_the_statistics_import_no_scipy():
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
