"""Files that are read before MiniStack is."""

import json
import os

STATE = os.environ["STATE_DIR"]


def content(path):
    """Returns a file's text, or None when it is missing."""
    try:
        with open(path) as file:
            return file.read()
    except FileNotFoundError:
        return None


parsed = {}  # by path, what identifies the version of a file that was read last, and what is in it


def read_json(path):
    """Returns what is in a file of JSON, None when it is missing. A file that has not changed is not read again.

    Whoever writes such a file replaces it, so that another version is another file. Nobody may change what is returned.
    """
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return None
    version = (found.st_ino, found.st_mtime_ns, found.st_size)
    known, value = parsed.get(path, (None, None))
    if known != version:
        text = content(path)
        value = json.loads(text) if text else None
        parsed[path] = (version, value)
    return value
