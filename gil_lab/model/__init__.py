"""What crosses a pipe or a file: records, messages, errors, names. Standard library only."""
