"""The version of gil-lab, which the distribution, session.json and the page take from here."""

__version__ = "0.1.0"
