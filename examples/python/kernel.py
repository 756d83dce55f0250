#!/usr/bin/env python3
"""The kernel's half of the eCryptfs message-context protocol, as an adapter for the conformance suite.

A process that opens an encrypted file needs its user's daemon, which holds the keys. The kernel acquires a
free context from a fixed pool, gives it a sequence number, sends the request to the daemon that is registered
for the user, and lets the process sleep. A reply names its context by index. It is taken only from that user's
registered daemon, while the context is pending, and with the sequence number of this very request: contexts
are reused, so by the index alone a late reply could reach the wrong sleeper. The process that was answered, or
whose time ran out, looks at its context and releases it; nobody else does.

`Kernel` is that machine, without input or output, its clock moved by `advance`. `Adapter` lets it speak JSON
Lines over stdin and stdout. Two habits of its own, which the protocol leaves free: the highest free context
goes first, and each context counts for itself, from just below the wrap. To run it, hand the command
`python3 kernel.py [--fault NAME]` to the suite. A fault breaks one rule, for the suite to find:
  skips-pid-check       takes a right reply from any process of any user
  skips-sequence-check  takes a reply with any sequence number
  leaks-on-timeout      keeps the context of a request that timed out
  keeps-old-daemon      grants the HELO of a second daemon, but leaves the first, alive, in place
  overwrites-reply      takes a second reply before the process has looked at the first"""

import argparse
import json
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, Optional

LINE_MAX_BYTES = 1 << 20
CONTEXTS_MAX = 64
PAYLOAD_MAX_BYTES = 65536
SEQ_FIRST, SEQ_MODULUS = 0xFFFFFFFE, 1 << 32
FREE, PENDING, DONE = "free", "pending", "done"
FAULTS = ("skips-pid-check", "skips-sequence-check", "leaks-on-timeout", "keeps-old-daemon", "overwrites-reply")


class Failure(Exception):
    """An error as the answer to a command."""

    def __init__(self, why: str, message: str) -> None:
        super().__init__(message)
        code = {"code": why} if why in ("INVALID", "UNSUPPORTED") else {"code": "ERRNO", "errno": why}
        self.error = {**code, "message": message}


def require(condition: object, why: str, message: str) -> None:
    """Fails unless the condition holds. `why` is an errno if the protocol says no, else the code of the error."""
    if not condition:
        raise Failure(why, message)


@dataclass
class Process:
    """One life of a pid. Whoever gets the number after its death is another process."""
    uid: int
    pid: int
    alive: bool = True


@dataclass
class Context:
    """A place in the pool, for one request at a time."""
    index: int
    state: str = FREE
    seq: int = 0  # of the present request, or of the last one
    uid: Optional[int] = None  # who made the present request, or the last one; None before the first
    task: Optional[int] = None  # who sleeps here
    deadline: int = 0
    payload: str = ""  # of the reply


class Kernel:
    """The pool of contexts, the registered daemons, and a clock that stands still until it is told.

    Registration never touches a context: sleepers sleep on until they are answered or expire.
    """

    def __init__(self, *, contexts: int, timeout_ms: int, manual_wake: bool, counters: list[int],
                 emit: Callable[..., None], fault: Optional[str]) -> None:
        self.contexts = [Context(index) for index in range(contexts)]
        self.timeout_ms, self.manual_wake = timeout_ms, manual_wake
        self.counters = counters  # by index: the next sequence number
        self.emit, self.fault = emit, fault
        self.now = 0
        self.processes: dict[int, Process] = {}  # by pid: the living
        self.daemons: dict[int, Process] = {}  # by uid: the registered, which may have died since
        self.tasks: set[int] = set()

    def helo(self, uid: int, pid: int) -> None:
        """Registers the process. A predecessor that lives is told to quit, be it this very process."""
        process = self.process(uid, pid)
        predecessor = self.daemons.get(uid)
        if predecessor is not None and predecessor.alive:
            if self.fault == "keeps-old-daemon" and predecessor is not process:
                return
            self.emit("message", to=predecessor.pid, type="quit")
        self.daemons[uid] = process

    def quit(self, uid: int, pid: int) -> None:
        """Unregisters the process, if it is the one that is registered."""
        self.process(uid, pid)
        require(self.is_registered(uid, pid), "EINVAL", f"process {pid} is not the daemon of user {uid}")
        del self.daemons[uid]

    def exit(self, pid: int) -> None:
        """The process dies without a word. If it is registered, it stays so, stale, until the next HELO."""
        if pid in self.processes:
            self.processes.pop(pid).alive = False

    def process(self, uid: int, pid: int) -> Process:
        """The living process of that number. It begins with its first use."""
        process = self.processes.setdefault(pid, Process(uid, pid))
        require(process.uid == uid, "INVALID", f"process {pid} belongs to user {process.uid}, not {uid}")
        return process

    def is_registered(self, uid: int, pid: int) -> bool:
        """Compares numbers, not lives: the credentials of a message hold no more."""
        return uid in self.daemons and self.daemons[uid].pid == pid

    def request(self, task: int, uid: int, payload: str) -> None:
        """A process of the user asks the daemon and falls asleep."""
        require(task not in self.tasks, "INVALID", f"task {task} has made its request already")
        self.tasks.add(task)
        require(uid in self.daemons, "ENOTCONN", f"user {uid} has no daemon")
        daemon = self.daemons[uid]
        context = self.acquire(task, uid)
        if not daemon.alive:
            self.release(context)
            raise Failure("ECONNREFUSED", f"process {daemon.pid}, the daemon of user {uid}, is dead")
        self.emit("message", to=daemon.pid, type="request",
                  index=context.index, seq=context.seq, payload=payload)

    def reply(self, uid: int, pid: int, index: int, seq: int, payload: str) -> None:
        """A process answers. The first check that fails refuses the reply, and nothing has changed."""
        self.process(uid, pid)
        require(index < len(self.contexts), "EINVAL", f"index {index} is outside {len(self.contexts)} contexts")
        context = self.contexts[index]
        require(context.uid is not None, "EINVAL", f"context {index} was never used")
        if self.fault != "skips-pid-check":
            is_daemon = uid == context.uid and self.is_registered(uid, pid)
            require(is_daemon, "EBADMSG", f"process {pid} is not the daemon of user {context.uid}")
        if not (self.fault == "overwrites-reply" and context.state == DONE):
            require(context.state == PENDING, "EINVAL", f"context {index} is {context.state}")
        if self.fault != "skips-sequence-check":
            require(context.seq == seq, "EINVAL", f"context {index} waits for {context.seq}, not for {seq}")
        context.state, context.payload = DONE, payload
        if not self.manual_wake:
            self.look(context)

    def wake(self, task: int) -> None:
        """Lets a process look. One that was not answered and has time left goes back to sleep."""
        for context in [context for context in self.contexts if context.task == task]:
            self.look(context)

    def advance(self, ms: int) -> None:
        """Time passes. The expired look in the order of their deadlines, unless they wait to be woken."""
        self.now += ms
        if not self.manual_wake:
            sleeping = [context for context in self.contexts if context.state == PENDING]
            for context in sorted(sleeping, key=lambda context: context.deadline):
                self.look(context)

    def look(self, context: Context) -> None:
        """A process looks at its context: for the answer first, then at the clock, so no answer is too late."""
        if context.state == DONE:
            self.emit("complete", task=context.task, payload=context.payload)
            self.release(context)
        elif context.deadline <= self.now:
            self.emit("complete", task=context.task, errno="ENOMSG")
            self.release(context)
            if self.fault == "leaks-on-timeout":
                context.state = DONE  # No longer free, yet it takes no reply, and nobody comes to look.

    def acquire(self, task: int, uid: int) -> Context:
        """Moves the highest free context to the allocated ones, with the next number of its own counter."""
        free = [context for context in self.contexts if context.state == FREE]
        require(free, "ENOMEM", f"all {len(self.contexts)} contexts are allocated")
        context = free[-1]
        context.seq = self.counters[context.index]
        self.counters[context.index] = (context.seq + 1) % SEQ_MODULUS
        context.state, context.uid, context.task = PENDING, uid, task
        context.deadline = self.now + self.timeout_ms
        return context

    def release(self, context: Context) -> None:
        """Gives the context back. Its user stays on record: a late reply is still checked against it."""
        context.state, context.task, context.payload = FREE, None, ""

    def inspect(self) -> dict[str, Any]:
        """Shows the pool and the registrations, the stale ones too."""
        return {
            "free": [c.index for c in self.contexts if c.state == FREE],
            "allocated": [c.index for c in self.contexts if c.state != FREE],
            "contexts": [{"index": c.index, "state": c.state, "seq": c.seq} for c in self.contexts],
            "daemons": [{"uid": daemon.uid, "pid": daemon.pid} for daemon in self.daemons.values()],
        }


# What each method must be given. Other members are ignored.
METHODS = {
    "initialize": "protocol", "reset": "contexts timeoutMs manualRead manualWake", "settle": "", "shutdown": "",
    "helo": "uid pid", "quit": "uid pid", "exit": "pid", "request": "task uid payload",
    "reply": "uid pid index seq payload", "wake": "task", "advance": "ms", "inspect": "",
}
RANGES = {"contexts": (1, CONTEXTS_MAX), "timeoutMs": (1, (1 << 53) - 1), "ms": (0, (1 << 53) - 1)}
RANGE_OF_LABELS = (0, (1 << 32) - 1)
BYTES = re.compile(f"([0-9a-f]{{2}}){{0,{PAYLOAD_MAX_BYTES}}}")
ABOUT = {
    "protocol": 1, "name": "msgctx-example-python", "version": "1.0.0", "role": "kernel", "profile": "seed",
    "capabilities": "virtualTime results payload exit inspect manualWake wideLabels pidReuse".split(),
    "contextsMin": 1, "contextsMax": CONTEXTS_MAX, "payloadMax": PAYLOAD_MAX_BYTES,
    "timeoutMinMs": 1, "timeoutStepMs": 1, "language": "python",
}


def is_right(name: str, value: Any) -> bool:
    """Whether a member of `params` is of its type and in its range."""
    if name == "payload":
        return isinstance(value, str) and BYTES.fullmatch(value) is not None
    if name in ("manualRead", "manualWake"):
        return isinstance(value, bool)
    low, high = RANGES.get(name, RANGE_OF_LABELS)
    return type(value) is int and low <= value <= high  # Not isinstance: JSON's true is no number.


class Adapter:
    """Works off the requests one by one, in order. Each event is out before the answer to what caused it."""

    def __init__(self, fault: Optional[str]) -> None:
        self.fault = fault
        self.counters = [SEQ_FIRST] * CONTEXTS_MAX  # They outlive a reset: nothing asks them to start again.
        self.kernel: Optional[Kernel] = None
        self.initialized = False

    def perform(self, method: Any, params: Any) -> dict[str, Any]:
        """Returns the result of a request, or raises a Failure."""
        require(isinstance(method, str), "INVALID", "method is not a string")
        require(isinstance(params, dict), "INVALID", "params is not an object")
        require(method in METHODS, "UNSUPPORTED", "there is no such method here")
        given = {name: params.get(name) for name in METHODS[method].split()}
        for name, value in given.items():
            require(is_right(name, value), "INVALID", f"{name} of {method} is missing, or not in its range")
        require(self.initialized != (method == "initialize"), "INVALID", "initialize comes first, and once")
        self.initialized = True
        if method == "initialize":
            return ABOUT
        if method == "reset":
            require(not given["manualRead"], "UNSUPPORTED", "a message is read as soon as it is sent")
            self.kernel = Kernel(contexts=given["contexts"], timeout_ms=given["timeoutMs"],
                                 manual_wake=given["manualWake"], counters=self.counters, fault=self.fault,
                                 emit=lambda event, **params: write(event=event, params=params))
        elif method not in ("settle", "shutdown"):  # Nothing moves between two requests: all is settled always.
            require(self.kernel, "INVALID", f"{method} comes after reset")
            return getattr(self.kernel, method)(**given) or {}
        return {}


def read_requests(stream: BinaryIO) -> Iterator[dict[str, Any]]:
    """Yields the requests, one a line. A line without an id cannot be answered, and ends the program."""
    for line in iter(lambda: stream.readline(LINE_MAX_BYTES + 2), b""):
        try:
            require(len(line.rstrip(b"\n")) <= LINE_MAX_BYTES, "INVALID", f"it exceeds {LINE_MAX_BYTES} bytes")
            request = json.loads(line.decode())
            require(isinstance(request, dict) and type(request.get("id")) is int, "INVALID", "it has no id")
        except (Failure, ValueError, RecursionError) as error:
            sys.exit(f"kernel.py cannot answer a line: {error}")
        yield request


def write(**message: Any) -> None:
    print(json.dumps(message, separators=(",", ":")), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fault", choices=FAULTS, metavar="NAME", help="one of the names above")
    adapter = Adapter(parser.parse_args().fault)
    for request in read_requests(sys.stdin.buffer):
        try:
            result = adapter.perform(request.get("method"), request.get("params", {}))
            write(id=request["id"], result=result)
            if request["method"] == "shutdown":
                return
        except Failure as failure:
            write(id=request["id"], error=failure.error)


if __name__ == "__main__":
    main()
