"""Programs that are broken on purpose: one folder an exercise, found by its name."""
