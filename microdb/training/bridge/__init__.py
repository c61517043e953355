"""The one seam between rows and the classifier: only these modules import ``classifier``, and only its face.

Only workers import ``training`` and ``scoring``, which need torch; ``controls``, ``demo`` and ``settings`` do without
it, and the API imports ``settings``.
"""
