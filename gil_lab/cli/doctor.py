"""`gil-lab doctor`."""


def doctor() -> None:
    """Examine this machine: what to mend before trusting numbers."""
    from gil_lab.cli.screen import Screen
    from gil_lab.doctor import examine
    from gil_lab.interpreters import ask

    screen = Screen()
    findings = []
    for finding in examine(ask()):
        findings.append(finding)
        screen.print(f"{finding.about + ':':17}{finding.found}")
    to_mend = [finding for finding in findings if finding.remedy]
    screen.print("\nTo mend before trusting numbers:" if to_mend else "\nNothing to mend.")
    for finding in to_mend:
        screen.print(f"  {finding.about}: {finding.remedy}")
