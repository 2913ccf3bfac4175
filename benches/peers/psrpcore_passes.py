"""Runs psrpcore over inputs that the parent hands over, and says how long each pass took.

Commands are lines on stdin; each is answered by a line on stdout:

    load N      N inputs follow, each four bytes of length (big endian) and that many bytes
    reassemble  joins the fragments in the inputs to messages
    decode      reads each input as CLIXML
    encode      writes what was read from each input

All but `load` answer the nanoseconds that one pass took.
"""

import struct
import sys
import time
from xml.etree import ElementTree

from psrpcore._payload import unpack_fragment, unpack_message
from psrpcore.types import deserialize, serialize


def load(count: int) -> list[bytes]:
    read = sys.stdin.buffer.read
    return [read(struct.unpack(">I", read(4))[0]) for _ in range(count)]


def reassemble(packets: list[bytes]) -> None:
    # As its pool does it, and without what its pool does with a message.
    received = bytearray()
    blobs: dict[int, list[bytearray]] = {}
    for packet in packets:
        received += packet
        while len(received) >= 21:
            fragment = unpack_fragment(received)
            length = 21 + len(fragment.data)
            if len(received) < struct.unpack(">I", received[17:21])[0] + 21:
                break
            received = received[length:]
            blobs.setdefault(fragment.object_id, []).append(fragment.data)
            if fragment.end:
                unpack_message(bytearray(b"".join(blobs.pop(fragment.object_id))))


def read_value(xml: bytes) -> object:
    return deserialize(ElementTree.fromstring(xml), None)


def write_value(value: object) -> bytes:
    return ElementTree.tostring(serialize(value, None), encoding="utf-8", method="xml")


def main() -> None:
    inputs: list[bytes] = []
    values: list[object] = []
    for line in iter(sys.stdin.buffer.readline, b""):
        command, *arguments = line.decode().split()
        if command == "load":
            inputs, values = load(int(arguments[0])), []
            print("ok", flush=True)
            continue
        if command == "encode" and not values:
            values = [read_value(xml) for xml in inputs]
        start = time.perf_counter_ns()
        if command == "reassemble":
            reassemble(inputs)
        elif command == "decode":
            for xml in inputs:
                read_value(xml)
        elif command == "encode":
            for value in values:
                write_value(value)
        print(time.perf_counter_ns() - start, flush=True)


main()
