"""Runs MiniStack for the gateway, with three things that its settings do not offer.

1. Saving on request. MiniStack saves its state only when it is asked to end; a kill would lose every resource while
   Pulumi's state still lists them. Each line on standard input is a request to save; the answer is one line on standard
   output, "saved" or "failed: <reason>". The save runs on the event loop, between two requests, so it is consistent.
   The end of standard input means that the gateway is gone: save and end.
   A save is whole or not at all: its files are written beside the old ones, its name, which is the request's line, is put
   into the file "saved" by one rename, and only then do the files replace the old ones. A start finishes what a kill cut
   short after that rename, and throws away what it cut short before. So whoever asked can tell from "saved" what became of
   a save that was not answered.
2. The region of an unsigned request, as the gateway read it from the host name. It comes in a header that is taken out
   here, so that a load balancer's target never sees it (a signature or a query parameter would reach the target).
3. /health belongs to the target behind a load balancer, not to the emulator, which keeps /_ministack/health.
"""

import json
import logging
import os
import shutil
import signal
import threading
import types

REGION_HEADER = "x-warmstandby-region"


def take(fd: int, replacement: int) -> int:
    """Give fd's stream to this program alone: what MiniStack starts inherits the replacement."""
    own = os.dup(fd)
    os.dup2(replacement, fd)
    return own


# Before MiniStack is imported: it must find the replaced streams.
requests = os.fdopen(take(0, os.open(os.devnull, os.O_RDONLY)), "r")
answers = os.fdopen(take(1, 2), "w", buffering=1)

STATE = os.environ["STATE_DIR"]
NEXT = STATE + ".next"  # the files of a save that are not yet in their place
SAVED = STATE + ".saved"  # the name of the last save
NAME = ".name"  # in NEXT: which save it is


def put_in_place():
    os.makedirs(STATE, exist_ok=True)
    for file in os.listdir(NEXT):
        if file != NAME:
            os.replace(os.path.join(NEXT, file), os.path.join(STATE, file))
    shutil.rmtree(NEXT)


def content(path):
    try:
        with open(path) as file:
            return file.read()
    except FileNotFoundError:
        return None


# Before MiniStack is imported: it reads its state while it starts.
if content(os.path.join(NEXT, NAME)) not in (None, "") and content(os.path.join(NEXT, NAME)) == content(SAVED):
    put_in_place()

from ministack import app  # noqa: E402
from ministack.core import persistence  # noqa: E402


class Failures(logging.Handler):
    """Collects what MiniStack's persistence logs as errors: it reports a failed save in no other way."""

    def __init__(self):
        super().__init__(logging.ERROR)
        self.messages = []

    def emit(self, record):
        self.messages.append(record.getMessage())


# A save keeps the emulator from answering: json.dumps encodes in C, in a third of the time that json.dump takes in Python.
persistence.json = types.SimpleNamespace(
    dump=lambda value, file, **options: file.write(json.dumps(value, **options)),
    load=json.load,
    JSONDecodeError=json.JSONDecodeError,
)

failures = Failures()
logging.getLogger("persistence").addHandler(failures)
logging.getLogger("persistence").setLevel(logging.WARNING)

write_files = app.save_all


def save_whole(services, name="the last"):
    failures.messages.clear()
    shutil.rmtree(NEXT, ignore_errors=True)
    os.makedirs(NEXT)
    persistence.STATE_DIR = NEXT
    write_files(services)
    persistence.STATE_DIR = STATE
    if failures.messages:
        return
    for path in (os.path.join(NEXT, NAME), SAVED + ".new"):
        with open(path, "w") as file:
            file.write(name)
    os.replace(SAVED + ".new", SAVED)
    put_in_place()


def save(name):
    try:
        save_whole(app._build_persistence_save_dict(), name)
    except OSError as error:
        failures.messages.append(str(error))
    answers.write(("failed: " + "; ".join(failures.messages) if failures.messages else "saved").replace("\n", " ") + "\n")


def serve_requests():
    for line in requests:
        app._MAIN_LOOP.call_soon_threadsafe(save, line.rstrip("\n"))
    os.kill(os.getpid(), signal.SIGTERM)


signed_region = app.extract_region


def region(headers, query_params=None):
    return headers.pop(REGION_HEADER, None) or signed_region(headers, query_params)


app.save_all = save_whole  # also when MiniStack is asked to end
app.extract_region = region
app._HEALTH_PATHS = ("/_ministack/health",)
threading.Thread(target=serve_requests, daemon=True).start()
app.main()
