"""The compilers that workloads use, and what they turn a function into."""
