"""Saves of the emulator's state: whole or not at all, and written by a copy of the process.

The copy is a fork, taken between two requests, so that what it writes is consistent: the emulator answers on while the copy
makes JSON of all resources, which takes a tenth of a second and more. Only the fork keeps anybody waiting, some milliseconds.

A copy writes into a folder of its own. When all is there the folder becomes NEXT by one rename, its name, which is the
request's line, is put into SAVED by another, and only then do its files replace the old ones. A start finishes what a kill
cut short after that, and throws away what it cut short before. So whoever asked can tell from SAVED what became of a save
that was not answered.
"""

import copy
import gc
import glob
import json
import logging
import os
import pickle
import shutil
import signal
import threading
import types

from files import STATE, content

NEXT = STATE + ".next"  # the files of a save that are not yet in their place
SAVED = STATE + ".saved"  # the name of the last save
NAME = ".name"  # in NEXT: which save it is

# Seconds after which a copy ends by itself: what another thread had locked when it was taken stays locked in it.
COPY_TIME = 30

placing = threading.Lock()  # guards placed, NEXT, SAVED and the files
placed = 0  # the number of the last copy whose files are in their place
taken = 0  # the number of copies; the event loop's thread counts


class Failures(logging.Handler):
    """Collects what MiniStack's persistence logs as errors: it reports a failed save in no other way."""

    def __init__(self):
        super().__init__(logging.ERROR)
        self.messages = []

    def emit(self, record):
        self.messages.append(record.getMessage())


failures = Failures()


def recover():
    """Ends what a kill cut short. It comes before MiniStack is imported, which reads its state while it starts."""
    if content(os.path.join(NEXT, NAME)) not in (None, "") and content(os.path.join(NEXT, NAME)) == content(SAVED):
        put_in_place()
    for folder in glob.glob(glob.escape(NEXT) + "*"):
        shutil.rmtree(folder, ignore_errors=True)


def put_in_place():
    os.makedirs(STATE, exist_ok=True)
    for file in os.listdir(NEXT):
        if file != NAME:
            os.replace(os.path.join(NEXT, file), os.path.join(STATE, file))
    shutil.rmtree(NEXT)


def install(persistence):
    """Makes MiniStack's persistence say what failed, and write JSON that is encoded in C, three times as fast."""
    persistence.json = types.SimpleNamespace(
        dump=lambda value, file, **options: file.write(json.dumps(value, **options)),
        load=json.load,
        JSONDecodeError=json.JSONDecodeError,
    )
    logging.getLogger("persistence").addHandler(failures)
    logging.getLogger("persistence").setLevel(logging.WARNING)


class Copy:
    """A fork of this process, which writes the state that it was taken with. Taken on the event loop's thread."""

    def __init__(self, write):
        """write writes the state's files into the folder that it is given."""
        global taken
        taken += 1
        self.number = taken
        self.folder = f"{NEXT}.{os.getpid()}.{self.number}"
        reading, writing = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            signal.alarm(COPY_TIME)
            self.run(write, writing)
        os.close(writing)
        self.said = os.fdopen(reading)

    def run(self, write, writing):
        """Is what the fork does, which ends it."""
        # A collection goes through all objects, a third of the fork's time, and has the kernel copy each one's page.
        gc.disable()
        try:
            os.makedirs(self.folder)
            failures.messages.clear()
            # Services copy what they hold before they give it away. What becomes JSON can be pickled, in a tenth of the time.
            copy.deepcopy = lambda value: pickle.loads(pickle.dumps(value, pickle.HIGHEST_PROTOCOL))
            write(self.folder)
            said = "; ".join(failures.messages)
        except BaseException as error:  # noqa: BLE001
            said = repr(error)
        os.write(writing, said.replace("\n", " ")[:4096].encode())
        os._exit(0)

    def finish(self, name):
        """Waits for the fork and puts its files in their place under the save's name. Returns what failed, "" for nothing."""
        with self.said:
            failed = self.said.read()
        _, status = os.waitpid(self.pid, 0)
        if status:
            failed = f"the copy of the process that writes the state ended with {os.waitstatus_to_exitcode(status)}"
        if failed:
            shutil.rmtree(self.folder, ignore_errors=True)
            return failed
        try:
            self.place(name)
        except OSError as error:
            return str(error)
        return ""

    def place(self, name):
        global placed
        with placing:
            if self.number < placed:  # A later copy has all that this one has.
                shutil.rmtree(self.folder)
                return
            with open(os.path.join(self.folder, NAME), "w") as file:
                file.write(name)
            shutil.rmtree(NEXT, ignore_errors=True)
            os.replace(self.folder, NEXT)
            with open(SAVED + ".new", "w") as file:
                file.write(name)
            os.replace(SAVED + ".new", SAVED)
            put_in_place()
            placed = self.number


def save(take, name, taken):
    """Takes a copy, says that it is taken, and puts it in its place.

    take returns a Copy. Returns what failed, "" for nothing.
    """
    copied = take()
    taken()
    return copied.finish(name)
