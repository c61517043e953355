"""Pages of the quiz: for members (``lists``, ``composing``, ``organising``, ``results``), for readers (the others)."""
