"""The database backend in force when none is configured and no quickstart runs: every use says what to do."""
