"""Drives the measured process from outside: starts it, samples the cores, ends it."""
