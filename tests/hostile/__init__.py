"""Files that are made to stop, fool or fill whoever reads them.

``images`` has those that people upload, ``archives`` zips, ``tables`` manifests and sidecars, ``names`` names of files.
``python -m tests.benchmarks.hostile`` sends all of them to a running site in every way that it takes files.
"""
