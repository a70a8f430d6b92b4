"""A Python that is asked once what works under it, for tests of something else, which choose it again and again.

What it answers is what it answered before: to ask takes a process that imports what the strategies need.
"""

from gil_lab.interpreters.examiner import Examiner

_ASKED = {}


def asked_once(monkeypatch, *executables):
    """These programs are asked for their facts once for each question, in all tests of this process."""
    real = Examiner.facts

    def facts(examiner, executable, settings):
        if executable not in executables:
            return real(examiner, executable, settings)
        question = executable, settings, tuple(examiner._arguments)
        if question not in _ASKED:
            _ASKED[question] = real(examiner, executable, settings)
        return _ASKED[question]

    monkeypatch.setattr(Examiner, "facts", facts)
