#!/usr/bin/env python3
"""The beginning of an adapter for msgctx, without any library.

    npx msgctx adapter check -- python3 adapter.py
    npx msgctx run -- python3 adapter.py

It speaks the protocol; the kernel's side in it is a toy that knows the happy path. Replace it by calls
into your implementation, or write the rules where RULE stands: a run says which are missing. PROTOCOL.md
in the package says the rest.
"""

import json
import sys

CLAIMS = {
    "protocol": 1,
    "name": "mine",
    "version": "0.1.0",
    "language": "python",
    "role": "kernel",
    "profile": "seed",
    "capabilities": ["virtualTime", "results", "payload", "wideLabels"],
    "contextsMin": 1,
    "contextsMax": 64,
    "payloadMax": 4096,
    "timeoutMinMs": 1,
    "timeoutStepMs": 1,
}


class Refused(Exception):
    """The implementation says no; its text is the name of the errno."""


class Kernel:
    """A toy. Each method is a call of the protocol and returns the events that it causes."""

    def __init__(self):
        self.counter = 0
        self.reset(1, 1)

    def reset(self, contexts, timeoutMs, **_):
        self.contexts = [None] * contexts
        self.timeout_ms = timeoutMs
        self.now_ms = 0
        self.daemons = {}
        return []

    def helo(self, uid, pid):
        # RULE: a living daemon that is replaced is sent {"to": PID, "type": "quit"}.
        self.daemons[uid] = pid
        return []

    def quit(self, uid, pid):
        # RULE: only the registered process may unregister.
        if uid not in self.daemons:
            raise Refused("EINVAL")
        del self.daemons[uid]
        return []

    def request(self, task, uid, payload):
        if uid not in self.daemons:
            raise Refused("ENOTCONN")
        if None not in self.contexts:
            raise Refused("ENOMEM")
        index = self.contexts.index(None)
        self.counter += 1
        self.contexts[index] = {"seq": self.counter, "uid": uid, "task": task, "due_ms": self.now_ms + self.timeout_ms}
        return [event("message", to=self.daemons[uid], type="request", index=index, seq=self.counter, payload=payload)]

    def reply(self, uid, pid, index, seq, payload):
        # RULE: the sender is the registered daemon of the asker's user; seq is the request's.
        if index >= len(self.contexts) or self.contexts[index] is None:
            raise Refused("EINVAL")
        task = self.contexts[index]["task"]
        self.contexts[index] = None
        return [event("complete", task=task, payload=payload)]

    def advance(self, ms):
        self.now_ms += ms
        late = [one for one in self.contexts if one is not None and one["due_ms"] <= self.now_ms]
        self.contexts = [None if one in late else one for one in self.contexts]
        late.sort(key=lambda one: one["due_ms"])
        return [event("complete", task=one["task"], errno="ENOMSG") for one in late]

    def settle(self):
        return []


def event(name, **params):
    return {"event": name, "params": params}


def write(line):
    # Flushed after every line, or the runner waits for ever. Diagnostics go to stderr.
    print(json.dumps(line, separators=(",", ":")), flush=True)


def serve(kernel, call):
    method, params = call["method"], call["params"]
    if method == "initialize":
        return {"result": CLAIMS}
    if method == "shutdown":
        return {"result": {}}
    if method not in ("reset", "helo", "quit", "request", "reply", "advance", "settle"):
        return {"error": {"code": "UNSUPPORTED"}}
    try:
        for one in getattr(kernel, method)(**params):
            write(one)
        return {"result": {}}
    except Refused as refused:
        return {"error": {"code": "ERRNO", "errno": str(refused)}}


def main():
    kernel = Kernel()
    for line in sys.stdin:  # After shutdown the runner closes our stdin.
        call = json.loads(line)
        write({"id": call["id"], **serve(kernel, call)})


if __name__ == "__main__":
    main()
