"""The terminal: streams, signals, progress, and how a run ends."""
