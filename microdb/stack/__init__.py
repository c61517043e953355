"""The embedded default: Postgres, Valkey and the processes of the site under one supervisor."""
