"""Readers of foreign text and bytes, given what nobody has thought of.

Each property says: the reader returns what it promises or raises its own error, never another one, within a bound of
processor time and memory. `make test` runs a few hundred examples, the same ones each time. ``python -m tests.fuzz
--minutes 30`` runs other ones for as long as is wanted and prints the seed of each round; ``--seed`` repeats one.
"""
