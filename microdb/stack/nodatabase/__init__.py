"""The database backend for when none is configured and no quickstart runs: every use explains what to do."""
