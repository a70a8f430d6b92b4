"""The measured process: `python -m gil_lab.child`. Runs under every interpreter, with the standard library only."""
