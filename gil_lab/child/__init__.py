"""The measured process: `python -m gil_lab.child`. Runs under every interpreter, on the standard library alone."""
