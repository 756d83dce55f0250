#!/usr/bin/env python3
"""The eCryptfs daemon of Linux distributions, `ecryptfsd`, as an adapter of role daemon for the conformance suite.

The program runs as it was built. What it takes for /dev/ecryptfs is one end of a pair of sockets, by a small library
that is loaded before its own (device.c beside this file, which says how); the other end is held here. So this
program is the kernel's device and the user's keyring. No root is needed, no file is left behind, and the daemon ends
with this program, however that ends.

When is nothing moving any more? The daemon has one thread and works off one message after the other: it is at rest
when it stands in a read of the device and no message waits there. That it reads it says itself, on the socket on which
it also writes, so whatever it did before was heard before. Each call is answered then, or when the daemon has ended: no
clock is asked, and a message to which it says nothing makes nobody wait. One that never comes to rest is for the
runner's deadline.

As with the device of Linux, a message that is longer than what the daemon reads at once (1024 bytes) cannot reach it,
so longer ones are not taken; and what it writes that is no message reaches nobody.

To run it, hand the command `python3 adapter.py [--root DIR]` to the suite. In DIR are bin/ecryptfsd, the libraries
and key modules that it needs and their loader, as they would be in /; without it those of this system are used."""

import argparse
import json
import os
import socket
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple, Optional

HELO, QUIT, REQUEST, RESPONSE = 100, 101, 102, 103
BARE = {HELO: "helo", QUIT: "quit"}
# What the daemon reads at once, less type, number, length in two bytes, index and length of the data.
READ_MAX_BYTES = 1024
PAYLOAD_MAX_BYTES = READ_MAX_BYTES - 1 - 4 - 2 - 8
# What a kernel takes at once: an answer with 512 encrypted bytes.
WRITE_MAX_BYTES = 531
PACKET_MAX_BYTES = 1 << 16
# Its calls, as device.c tells them.
READS, WRITES, LOOKS = b"R", b"W", b"K"
MODULE_NAME_MAX_BYTES = 16
TOKEN_BYTES, BLOB_AT = 740, 670

# What it claims, beside its version.
ABOUT = {
    "protocol": 1, "name": "ecryptfsd", "role": "daemon", "profile": "device-6",
    "capabilities": ["virtualTime", "files", "raw"], "contextsMin": 1, "contextsMax": 4096,
    "payloadMax": PAYLOAD_MAX_BYTES, "timeoutMinMs": 1, "timeoutStepMs": 1, "framing": "device",
    "endian": sys.byteorder, "language": "c",
}


class Failure(Exception):
    """An error as the answer to a call."""

    def __init__(self, error: dict[str, str]) -> None:
        super().__init__()
        self.error = error


class Program(NamedTuple):
    """How the daemon is started."""
    command: list[str]
    version: str
    modules: Path
    library: int  # The open file of what is loaded before its own libraries.


def find_program(root: Path) -> Program:
    """The daemon of the system that is in a folder."""
    program = root / "bin/ecryptfsd"
    modules = next((root / "usr/lib").glob("*/ecryptfs"), None)
    if not program.exists() or modules is None:
        sys.exit(f"adapter.py found no {program}, or no key modules in {root / 'usr/lib/*/ecryptfs'}: "
                 "install ecryptfs-utils, or say with --root where they are")
    command = [str(program)]
    if root != Path("/"):
        [loader] = (root / "lib64").glob("ld-linux-*")
        command = [str(loader), "--library-path", str(root / "lib" / modules.parent.name), *command]
    # "ecryptfsd (ecryptfs-utils) 111", and what it is free of.
    about = subprocess.run([*command, "--version"], check=True, capture_output=True, text=True).stdout
    return Program(command, about.split()[2], modules, build_library())


def build_library() -> int:
    """Compiles device.c. The file has lost its name when it is used, so that none is left behind."""
    with tempfile.TemporaryDirectory() as folder:
        built = Path(folder) / "device.so"
        source = Path(__file__).parent / "device.c"
        command = ["cc", "-std=gnu11", "-shared", "-fPIC", "-O2", "-Wall", "-Wextra", "-o", built, source, "-ldl"]
        try:
            subprocess.run(command, check=True, stdout=sys.stderr)
        except (OSError, subprocess.CalledProcessError) as error:
            sys.exit(f"adapter.py could not compile {source}, which takes a C compiler: {error}")
        return os.open(built, os.O_RDONLY)


def encode_length(length: int) -> bytes:
    return bytes([length]) if length < 192 else bytes([192 + (length - 192) // 256, (length - 192) % 256])


def encode_message(kind: str, index: int, seq: int, data: bytes) -> bytes:
    """What the kernel gives the daemon to read."""
    if kind == "quit":
        return struct.pack(">BI", QUIT, 0)
    message = struct.pack("=II", index, len(data)) + data
    return struct.pack(">BI", REQUEST, seq) + encode_length(len(message)) + message


def decode_message(packet: bytes) -> Optional[dict[str, Any]]:
    """What the daemon tells the kernel; None where it is nothing that a kernel takes."""
    if not 5 <= len(packet) <= WRITE_MAX_BYTES:
        return None
    kind, seq = struct.unpack_from(">BI", packet)
    if kind in BARE:
        return {"type": BARE[kind]}
    at = 6 if packet[5:6] < b"\xc0" else 7
    if kind != RESPONSE or len(packet) < at + 8 or packet[5:at] != encode_length(len(packet) - at):
        return None
    index, length = struct.unpack_from("=II", packet, at)
    data = packet[at + 8:]
    return {"type": "response", "index": index, "seq": seq, "payload": data.hex()} if length == len(data) else None


def encode_token(signature: str, module: str, blob: bytes) -> bytes:
    """What a keyring holds of a private key: the kernel's structure, in which the blob begins, and its length more."""
    key = struct.pack("=II17s17s", 16, len(blob), signature.encode(), module.encode())
    head = struct.pack("=HHI", 4, 1, 0)
    token = head.ljust(BLOB_AT - len(key), b"\0") + key + blob
    return token.ljust(TOKEN_BYTES + len(blob), b"\0")


class Daemon:
    """The running program, and the device that it has open."""

    def __init__(self, program: Program, keyring: dict[bytes, bytes]) -> None:
        self.keyring = keyring
        self.waiting: list[bytes] = []  # Messages that it has not read.
        self.is_reading = False
        self.device, its_end = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        environment = {
            "LD_PRELOAD": f"/proc/self/fd/{program.library}",
            "ECRYPTFSD_DEVICE": str(its_end.fileno()),
            "ECRYPTFSD_MODULES": str(program.modules),
        }
        with its_end:
            self.process = subprocess.Popen([*program.command, "-f"], env=environment, stdin=subprocess.DEVNULL,
                                            stdout=sys.stderr, pass_fds=[its_end.fileno(), program.library])

    def give(self, message: bytes) -> None:
        self.waiting.append(message)

    def stop(self) -> None:
        self.process.terminate()
        self.is_reading = False

    def kill(self) -> None:
        self.process.kill()
        self.end()

    def end(self) -> int:
        """Its exit status, as a shell has it."""
        self.device.close()
        status = self.process.wait()
        return status if status >= 0 else 128 - status

    def events(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Does what it asks for, until it is at rest or has ended."""
        while not self.is_reading or self.waiting:
            if self.is_reading:
                self.answer(self.waiting.pop(0))
                self.is_reading = False
            call, rest = self.hear()
            if call == READS:
                self.is_reading = True
            elif call == LOOKS:
                self.answer(self.keyring.get(rest, b""))
            elif call == WRITES:
                message = decode_message(rest)
                if message is not None:
                    yield "send", message
            else:
                yield "exit", {"status": self.end()}
                return

    def hear(self) -> tuple[bytes, bytes]:
        """Its next call, or nothing where it has ended."""
        try:
            packet = self.device.recv(PACKET_MAX_BYTES)
        except ConnectionResetError:  # It has not read everything.
            return b"", b""
        return packet[:1], packet[1:]

    def answer(self, packet: bytes) -> None:
        with suppress(BrokenPipeError, ConnectionResetError):  # Its end is heard next.
            self.device.send(packet)


class Adapter:
    """Works off the calls one by one, in order. Each event is out before the answer to what caused it."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.keyring: dict[bytes, bytes] = {}
        self.daemon: Optional[Daemon] = None

    def perform(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        """The result of a call."""
        if method == "initialize":
            return {**ABOUT, "version": self.program.version}
        if method in ("reset", "shutdown"):
            self.reset()
        elif method == "addKey":
            self.add_key(**params)
        elif method == "start":
            self.daemon = Daemon(self.program, self.keyring)
        elif method not in ("deliver", "raw", "stop", "settle"):
            raise Failure({"code": "UNSUPPORTED"})
        elif self.daemon is not None:  # Else it reaches nobody.
            if method == "deliver":
                data = bytes.fromhex(params["payload"])
                self.daemon.give(encode_message(params["type"], params["index"], params["seq"], data))
            elif method == "raw":
                self.daemon.give(bytes.fromhex(params["bytes"]))
            elif method == "stop":
                self.daemon.stop()
        self.settle()
        return {}

    def reset(self) -> None:
        if self.daemon is not None:
            self.daemon.kill()
        self.daemon = None
        self.keyring.clear()

    def add_key(self, signature: str, module: str, blob: str) -> None:
        if len(module) > MODULE_NAME_MAX_BYTES:
            raise Failure({"code": "ERRNO", "errno": "EINVAL"})
        self.keyring[signature.encode()] = encode_token(signature, module, bytes.fromhex(blob))

    def settle(self) -> None:
        if self.daemon is None:
            return
        for event, params in self.daemon.events():
            write(event=event, params=params)
            if event == "exit":
                self.daemon = None


def write(**message: Any) -> None:
    print(json.dumps(message, separators=(",", ":")), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, default=Path("/"), metavar="DIR", help="where the daemon is, see above")
    adapter = Adapter(find_program(parser.parse_args().root.resolve()))
    for line in sys.stdin:
        call = json.loads(line)
        try:
            write(id=call["id"], result=adapter.perform(call["method"], call["params"]))
        except Failure as failure:
            write(id=call["id"], error=failure.error)
        if call["method"] == "shutdown":
            return


if __name__ == "__main__":
    main()
