"""A session: what is planned, how it is run, and what is on disk."""
