"""What crosses a pipe or a file: records, messages, errors, names. Uses the standard library only."""
