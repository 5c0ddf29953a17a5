#!/usr/bin/env python3
"""The machine's own kernel over a raw netlink socket, with veth pairs, in a network namespace that goes with this process.

One command a line on standard input, one line of JSON with nanoseconds and counts on standard output. All bytes are made
before the clock starts, so that what is timed is two system calls an operation and about a microsecond of Python.
"""
import ctypes
import json
import os
import socket
import struct
import sys
import time

CLONE_NEWNET = 0x40000000
NEWLINK, DELLINK, GETLINK = 16, 17, 18
REQUEST, ACK, DUMP, EXCL, CREATE = 1, 4, 0x300, 0x200, 0x400
IFNAME, LINKINFO, GROUP, NET_NS_FD = 3, 18, 27, 28
now = time.perf_counter_ns
libc = ctypes.CDLL(None, use_errno=True)


def unshare():
    if libc.unshare(CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), 'unshare')


def attr(kind, payload):
    return struct.pack('<HH', 4 + len(payload), kind) + payload + bytes(-len(payload) % 4)


def text(kind, name):
    return attr(kind, name.encode() + b'\0')


def message(kind, flags, attrs=b''):
    body = bytes(16) + attrs
    return struct.pack('<IHHII', 16 + len(body), kind, REQUEST | flags, 1, 0) + body


def veth(name, peer, group, peer_fd=None):
    common = attr(GROUP, struct.pack('<I', group))
    where = b'' if peer_fd is None else attr(NET_NS_FD, struct.pack('<I', peer_fd))
    data = attr(0x8002, attr(1, bytes(16) + text(IFNAME, peer) + common + where))
    return message(NEWLINK, ACK | CREATE | EXCL, text(IFNAME, name) + common + attr(0x8000 | LINKINFO, text(1, 'veth') + data))


def route_socket():
    s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
    s.setsockopt(socket.SOL_SOCKET, 33, 1 << 24)  # SO_RCVBUFFORCE
    s.bind((0, 0))
    return s


def check(answer):
    kind, = struct.unpack_from('<H', answer, 4)
    error, = struct.unpack_from('<i', answer, 16)
    if kind == 2 and error != 0:
        raise OSError(-error, os.strerror(-error))


class Bench:
    def __init__(self):
        unshare()
        self.socket = route_socket()
        self.made = 0
        self.held = []

    def hello(self):
        return {'pid': os.getpid()}

    def _each(self, messages):
        send, recv = self.socket.send, self.socket.recv
        answers = []
        start = now()
        for m in messages:
            send(m)
            answers.append(recv(65536))
        took = now() - start
        for answer in answers:
            check(answer)
        return {'ns': took, 'count': len(messages)}

    def create(self, count, group):
        first = self.made
        self.made += count
        return self._each([veth(f'a{i}', f'b{i}', group) for i in range(first, first + count)])

    def delete_group(self, group):
        return self._each([message(DELLINK, ACK, attr(GROUP, struct.pack('<I', group)))])

    def get(self, count):
        return self._each([message(GETLINK, 0, text(IFNAME, f'a{self.made - 1}'))] * count)

    def dump(self):
        request = message(GETLINK, DUMP)
        chunks = []
        start = now()
        self.socket.send(request)
        done = False
        while not done:
            chunk = self.socket.recv(65536)
            chunks.append(chunk)
            done = struct.unpack_from('<H', chunk, 4)[0] == 3
        took = now() - start
        links = 0
        for chunk in chunks:
            at = 0
            while at < len(chunk):
                length, kind = struct.unpack_from('<IH', chunk, at)
                links += kind == NEWLINK
                at += (length + 3) & ~3
        return {'ns': took, 'count': links}

    def namespaces(self, count):
        """Makes namespaces one after the other, each leaving the one before to the kernel, and waits until all are gone:
        until the other end of a pair that reaches into the last one has vanished."""
        home = os.open('/proc/self/ns/net', os.O_RDONLY)
        start = now()
        for _ in range(count):
            unshare()
        made = now() - start
        last = os.open('/proc/self/ns/net', os.O_RDONLY)
        if libc.setns(home, CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), 'setns')
        os.close(home)
        start = now()
        self.socket.send(veth('watch', 'watched', 0, last))
        check(self.socket.recv(65536))
        os.close(last)
        extra = now() - start
        start = now()
        look = message(GETLINK, 0, text(IFNAME, 'watch'))
        while True:
            self.socket.send(look)
            if struct.unpack_from('<H', self.socket.recv(65536), 4)[0] == 2:
                break
            time.sleep(0.0005)
        gone = now() - start
        return {'ns': made + gone, 'made': made, 'extra': extra, 'count': count}

    def hold_namespaces(self, count):
        """Makes namespaces that stay until `drop_namespaces`."""
        home = os.open('/proc/self/ns/net', os.O_RDONLY)
        for _ in range(count):
            unshare()
            self.held.append(os.open('/proc/self/ns/net', os.O_RDONLY))
        if libc.setns(home, CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), 'setns')
        os.close(home)
        return {'count': count}

    def drop_namespaces(self):
        for fd in self.held:
            os.close(fd)
        self.held = []
        return {}

    def memory(self):
        """Memory that the kernel holds for its own objects, in bytes."""
        kept = {'SUnreclaim', 'Percpu', 'VmallocUsed'}
        with open('/proc/meminfo') as f:
            pairs = (line.split(':') for line in f)
            return {'bytes': sum(int(value.split()[0]) * 1024 for name, value in pairs if name in kept)}


def serve(make):
    """Answers commands, one a line, by calling methods of what `make` makes."""
    try:
        bench = make()
    except OSError as e:
        print(json.dumps({'error': str(e)}), flush=True)
        return
    for line in sys.stdin:
        name, *words = line.split()
        try:
            answer = getattr(bench, name)(*(int(w) if w.isdigit() else w for w in words))
        except OSError as e:
            answer = {'error': str(e)}
        print(json.dumps(answer), flush=True)


if __name__ == '__main__':
    serve(Bench)
