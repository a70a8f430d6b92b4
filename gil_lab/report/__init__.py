"""Reports: the summaries of a session as a table, in words, and as files."""
