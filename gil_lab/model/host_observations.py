"""What is observed of the hosts of a running cluster, by name: the strategy reports it, and reports read it."""

CORES_BUSY, CORES, WORKERS = "cores busy on ", "cores of ", "workers on "
"""Each before the name of the host: what its workers keep busy, what they may use, and how many of them are used."""
