#!/usr/bin/env python3
"""The packet path of the machine's own kernel, between the two ends of a veth pair in a network namespace of this process.

BPF_PROG_TEST_RUN sends inside the kernel, so that a system call is shared by hundreds of packets and Python does not count:
`sends` runs a tc program that clones a packet and sends it on the pair, up to the peer's IP layer, which has no address and
drops it; `passing` puts a tcx program there that lets everything through, and `hopping` one that redirects with redirect_peer into
another namespace; `frames` redirects live XDP frames to the pair, where an XDP program at the other end drops them.
"""
import ctypes
import os
import platform
import struct
import time

from netlink import (ACK, CREATE, EXCL, GETLINK, IFNAME, LINKINFO, NEWLINK, attr, check, libc, message, route_socket, serve,
                     text, unshare)

BPF = {'x86_64': 321, 'aarch64': 280}[platform.machine()]
PROG_LOAD, PROG_ATTACH, PROG_DETACH, TEST_RUN = 5, 8, 9, 10
TCX_INGRESS, NETNS_FD = 46, 28
CLONE_NEWNET = 0x40000000
SCHED_CLS, XDP = 3, 6
LIVE_FRAMES = 2
XDP_ATTR, STATS64 = 43, 23
BURST = 512
now = time.perf_counter_ns


def bpf(command, values):
    size = len(values)
    buffer = ctypes.create_string_buffer(values, size)
    result = libc.syscall(BPF, command, buffer, size)
    if result < 0:
        raise OSError(ctypes.get_errno(), f'bpf {command}: {os.strerror(ctypes.get_errno())}')
    return result, buffer.raw


def instruction(code, dst=0, src=0, offset=0, value=0):
    return struct.pack('<BBhi', code, (src << 4) | dst, offset, value)


def move(register, value):
    return instruction(0xb7, register, value=value)


EXIT = instruction(0x95)


def call(helper):
    return instruction(0x85, value=helper)


def load(kind, code):
    instructions = ctypes.create_string_buffer(code, len(code))
    license = ctypes.create_string_buffer(b'Dual MIT/GPL')
    values = struct.pack('<IIQQIIQI', kind, len(code) // 8, ctypes.addressof(instructions), ctypes.addressof(license), 0, 0, 0, 0)
    return bpf(PROG_LOAD, values.ljust(120, b'\0'))[0]


class Bench:
    def __init__(self):
        unshare()
        self.pod = os.open('/proc/self/ns/net', os.O_RDONLY)
        self.pod_socket = route_socket()
        unshare()
        with open('/proc/sys/net/ipv6/conf/default/disable_ipv6', 'w') as f:
            f.write('1')
        self.socket = route_socket()
        self.ask(message(NEWLINK, ACK | CREATE | EXCL, text(IFNAME, 'a') + attr(LINKINFO, text(1, 'veth') + attr(2, attr(1, bytes(16) + text(IFNAME, 'b'))))))
        self.index = {name: self.index_of(name) for name in 'ab'}
        for index in self.index.values():
            self.up(index)
        self.send_program = load(SCHED_CLS, move(2, self.index['a']) + move(3, 0) + call(13) + move(0, 0) + EXIT)
        self.dropping = False
        self.attached = None

    def ask(self, request, socket=None):
        socket = socket or self.socket
        socket.send(request)
        answer = socket.recv(65536)
        check(answer)
        return answer

    def index_of(self, name):
        return struct.unpack_from('<i', self.ask(message(GETLINK, 0, text(IFNAME, name))), 20)[0]

    def up(self, index, attrs=b'', socket=None):
        body = struct.pack('<BBHiII', 0, 0, 0, index, 1, 1) + attrs
        self.ask(struct.pack('<IHHII', 16 + len(body), NEWLINK, 1 | ACK, 1, 0) + body, socket)

    def attach(self, code):
        """The program at the ingress of the peer; None: no program."""
        if self.attached is not None:
            bpf(PROG_DETACH, struct.pack('<IIII', self.index['b'], self.attached, TCX_INGRESS, 0).ljust(32, b'\0'))
            os.close(self.attached)
        self.attached = None if code is None else load(SCHED_CLS, code)
        if code is not None:
            bpf(PROG_ATTACH, struct.pack('<IIII', self.index['b'], self.attached, TCX_INGRESS, 0).ljust(32, b'\0'))
        return {}

    def plain(self):
        return self.attach(None)

    def passing(self):
        return self.attach(move(0, 0) + EXIT)

    def hopping(self):
        if 'c' not in self.index:
            self.ask(message(NEWLINK, ACK | CREATE | EXCL, text(IFNAME, 'c') + attr(LINKINFO, text(1, 'veth') + attr(2, attr(1, bytes(16) + text(IFNAME, 'd') + attr(NETNS_FD, struct.pack('<I', self.pod)))))))
            self.index['c'] = self.index_of('c')
            self.up(self.index['c'])
            self.up(struct.unpack_from('<i', self.ask(message(GETLINK, 0, text(IFNAME, 'd')), self.pod_socket), 20)[0], socket=self.pod_socket)
        return self.attach(move(1, self.index['c']) + move(2, 0) + call(155) + EXIT)

    def received(self, name='b'):
        answer = self.ask(message(GETLINK, 0, text(IFNAME, name)), self.pod_socket if name == 'd' else None)
        at = 32
        while at + 4 <= len(answer):
            length, kind = struct.unpack_from('<HH', answer, at)
            if kind == STATS64:
                return struct.unpack_from('<Q', answer, at + 4)[0]
            at += (length + 3) & ~3
        raise OSError(0, 'no counters')

    def hello(self):
        return {'pid': os.getpid()}

    def test_run(self, program, size, repeat, context=b'', flags=0):
        data = ctypes.create_string_buffer(bytes(6) + b'\2\0\0\0\0\1\x08\0' + bytes(size - 14), size)
        ctx = ctypes.create_string_buffer(context, len(context)) if context else None
        values = struct.pack('<IIIIQQIIIIQQIIII', program, 0, size, 0, ctypes.addressof(data), 0, repeat, 0, len(context), 0,
                             ctypes.addressof(ctx) if ctx else 0, 0, flags, 0, 0, 0)
        bpf(TEST_RUN, values)

    def sends(self, size, count, at='b'):
        """Bursts that the peer's backlog has room for; the packets are received before a burst's system call returns."""
        before = self.received(at)
        start = now()
        for _ in range(count // BURST):
            self.test_run(self.send_program, size, BURST)
        took = now() - start
        sent = self.received(at) - before
        return {'ns': took, 'count': sent, 'lost': count // BURST * BURST - sent}

    def frames(self, size, count):
        if not self.dropping:
            drop = load(XDP, move(0, 1) + EXIT)
            self.up(self.index['b'], attr(XDP_ATTR, attr(1, struct.pack('<i', drop)) + attr(3, struct.pack('<I', 4))))
            self.redirect_program = load(XDP, move(1, self.index['a']) + move(2, 0) + call(23) + EXIT)
            self.dropping = True
        context = struct.pack('<IIIIII', 0, size, 0, 1, 0, 0)
        before = self.received()
        start = now()
        self.test_run(self.redirect_program, size, count, context, LIVE_FRAMES)
        took = now() - start
        time.sleep(0.01)
        sent = self.received() - before
        return {'ns': took, 'count': sent, 'lost': count - sent}


if __name__ == '__main__':
    serve(Bench)
