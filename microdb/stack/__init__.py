"""The embedded default: Postgres and Valkey from wheels, and the supervisor behind `manage.py quickstart`.

    quickstart          from nothing to a site that answers, and back
      site              the processes of the site: web, workers, beat
      buffering_worker  the web processes, which take in whole requests before they answer
        connections     one client each; uploads that break off are kept
        arriving        a request that is not there yet; uploads are cut into parts
      preparation       migrations and static files, where something changed
      servers/          Postgres and Valkey
      process/          one child process, and the supervisor of many
      addresses         where a running stack listens, for other processes
    demo                the demo dataset, step by step
    nodatabase/         the database backend in force when nothing runs

Neither `process/`, `servers/` nor `addresses` imports Django: they run before settings are read, and in tests.
"""


class StackError(Exception):
    """The stack cannot start. The text says what was needed, what was found and what to do."""


class InUse(StackError):
    """The VAR or the port is taken: wrong use, nothing is broken."""
