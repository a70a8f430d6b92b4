"""The work to measure: workloads, the strategies that run them, and the forms that tasks are written in."""
