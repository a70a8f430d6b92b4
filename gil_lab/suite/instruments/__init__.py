"""Instruments inside the measured process: spans, heartbeats, allocations, the state of the GIL."""
