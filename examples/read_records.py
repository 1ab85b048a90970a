#!/usr/bin/env python3
"""Reads the stream of hzstat as records, which send the names once; needs Python 3.9 and msgpack.

    read_records.py [--url ws://127.0.0.1:4410/stream] [--count N] [--query interval=1s] [--token-file FILE]

Prints one snapshot a line, as JSON. Frames that are no snapshots (hello, gap, dropped, ...) go to stderr.
"""

import argparse
import base64
import copy
import datetime
import itertools
import json
import os
import socket
import ssl
import struct
import sys
import urllib.parse

import msgpack

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
VALUES_FROM = 3  # before them: id of the layout, sequence, time


class RecordsDecoder:
    """Makes snapshots of records, with the layouts that came before them."""

    def __init__(self):
        self.layouts = {}

    def learn(self, layout):
        self.layouts[layout["id"]] = layout

    def decode(self, record):
        layout = self.layouts[record[0]]
        time = EPOCH + datetime.timedelta(microseconds=record[2])
        snapshot = {
            "type": "snapshot",
            "sequence": record[1],
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        }
        for path, value in layout["constants"]:
            place(snapshot, path, copy.deepcopy(value))
        for path, value in zip(layout["fields"], record[VALUES_FROM:]):
            place(snapshot, path, value)
        return snapshot


def place(snapshot, path, value):
    """Puts a value where its path says: a name is a key of a map, a number a place in a list."""
    at = snapshot
    for key, below in zip(path, path[1:]):
        if isinstance(at, list):
            reach(at, key)
            if at[key] is None:
                at[key] = [] if isinstance(below, int) else {}
        else:
            at.setdefault(key, [] if isinstance(below, int) else {})
        at = at[key]
    if isinstance(at, list):
        reach(at, path[-1])
    at[path[-1]] = value


def reach(items, index):
    """Makes a list long enough: constants are placed before what stands in front of them."""
    items.extend([None] * (index + 1 - len(items)))


class WebSocket:
    """As much of RFC 6455 as a reader of messages needs."""

    CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA

    def __init__(self, url, token=None):
        parts = urllib.parse.urlsplit(url)
        secure = parts.scheme in ("wss", "https")
        port = parts.port or (443 if secure else 80)
        self.socket = socket.create_connection((parts.hostname, port))
        if secure:
            context = ssl.create_default_context()
            self.socket = context.wrap_socket(self.socket, server_hostname=parts.hostname)
        self.stream = self.socket.makefile("rb")
        headers = [
            f"GET {parts.path or '/stream'}?{parts.query} HTTP/1.1",
            f"Host: {parts.netloc}",
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
        ]
        if token:
            headers.append(f"Authorization: Bearer {token}")
        self.socket.sendall("\r\n".join(headers + ["", ""]).encode())
        status = self.stream.readline().decode("latin-1").strip()
        length = 0
        for line in iter(self.stream.readline, b"\r\n"):
            if not line:
                raise ConnectionError("the server hung up")
            name, _, value = line.decode("latin-1").partition(":")
            if name.lower() == "content-length":
                length = int(value)
        if " 101 " not in f"{status} ":
            raise ConnectionError(f"{status}: {self.stream.read(length).decode(errors='replace')}")

    def messages(self):
        """Every message of the server, until it closes the stream."""
        message = bytearray()
        while True:
            last, opcode, payload = self._frame()
            if opcode == self.PING:
                self._send(self.PONG, payload)
            elif opcode == self.CLOSE:
                code = struct.unpack("!H", payload[:2])[0] if len(payload) >= 2 else 1005
                self._send(self.CLOSE, payload[:2])
                sys.stderr.write(f"closed: {code} {payload[2:].decode(errors='replace')}\n")
                return
            elif opcode in (self.CONTINUATION, self.TEXT, self.BINARY):
                message += payload
                if last:
                    yield bytes(message)
                    message.clear()

    def close(self):
        self._send(self.CLOSE, struct.pack("!H", 1000))
        self.socket.close()

    def _frame(self):
        first, second = self._read(2)
        length = second & 0x7F
        if length == 126:
            (length,) = struct.unpack("!H", self._read(2))
        elif length == 127:
            (length,) = struct.unpack("!Q", self._read(8))
        return first & 0x80, first & 0x0F, self._read(length)

    def _read(self, length):
        data = self.stream.read(length)
        if len(data) < length:
            raise ConnectionError("the stream broke off")
        return data

    def _send(self, opcode, payload):
        mask = os.urandom(4)
        masked = bytes(byte ^ key for byte, key in zip(payload, itertools.cycle(mask)))
        self.socket.sendall(bytes([0x80 | opcode, 0x80 | len(payload)]) + mask + masked)


def main():
    parser = argparse.ArgumentParser(description="Prints the snapshots of a running hzstat as JSON.")
    parser.add_argument("--url", default="ws://127.0.0.1:4410/stream")
    parser.add_argument("--query", default="", help="parameters of the stream, such as since=5m&interval=1s")
    parser.add_argument("--count", type=int, help="end after so many snapshots")
    parser.add_argument("--token-file", help="a file that holds the token")
    options = parser.parse_args()
    token = None
    if options.token_file:
        with open(options.token_file, encoding="ascii") as file:
            token = file.read().strip()
    query = "&".join(filter(None, ["format=msgpack-records", options.query]))
    decoder = RecordsDecoder()
    printed = 0
    stream = WebSocket(f"{options.url}?{query}", token)
    for message in stream.messages():
        frame = msgpack.unpackb(message)
        if isinstance(frame, list):
            print(json.dumps(decoder.decode(frame)), flush=True)
            printed += 1
            if printed == options.count:
                stream.close()
                break
        elif frame["type"] == "layout":
            decoder.learn(frame)
        else:
            sys.stderr.write(f"{json.dumps(frame)}\n")


if __name__ == "__main__":
    try:
        main()
    except BrokenPipeError:
        # A reader that has seen enough (| head) is no failure. What is still buffered has nowhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        sys.exit(130)
