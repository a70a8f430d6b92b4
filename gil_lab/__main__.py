"""`python -m gil_lab` is `gil-lab`."""

from gil_lab.cli import main

if __name__ == "__main__":
    main()
