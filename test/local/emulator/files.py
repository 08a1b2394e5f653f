"""Files that are read before MiniStack is."""

import os

STATE = os.environ["STATE_DIR"]


def content(path):
    """Returns a file's text, or None when it is missing."""
    try:
        with open(path) as file:
            return file.read()
    except FileNotFoundError:
        return None
