"""Experiments: one question per file. `from experiments import cpu_bound; cpu_bound.run(workers=4)`."""
