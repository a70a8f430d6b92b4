"""Experiments: one question a file. `from experiments import cpu_bound; cpu_bound.run(workers=4)`."""
