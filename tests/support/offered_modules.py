"""What a measured process can import, for processes that tests start themselves."""

from gil_lab.measuring.environment import modules


def offer_modules(folder, file):
    """In a folder that is made: links to gil_lab and to a user's file."""
    folder.mkdir()
    for name, target in modules(file).items():
        (folder / name).symlink_to(target)
