"""What is run: workloads, the strategies that run them, and the forms that a task is written in."""
