"""What the rows of a session say: pure functions from rows to summaries, comparisons, claims."""
