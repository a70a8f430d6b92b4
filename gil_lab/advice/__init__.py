"""Which model of concurrency to choose for a function of one's own: compared by measuring, and the code for it tried.

A target is examined (`examination`), the variants that can take it are measured side by side (`trials`, `race`), one is
chosen (`choice`), and it is written as a program, which is measured as well (`code`).
"""
