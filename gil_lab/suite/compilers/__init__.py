"""The compilers that workloads use, and what they make of a function."""
