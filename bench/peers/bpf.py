#!/usr/bin/env python3
"""Programs in the machine's own kernel, run by BPF_PROG_TEST_RUN: the harness' share is that of an empty program."""
import ctypes
import os
import struct
import subprocess
import sys
import tempfile
import time

from netlink import serve
from packets import bpf

UPDATE, PROG_LOAD, OBJ_GET, TEST_RUN = 2, 5, 7, 10
SCHED_CLS = 3
now = time.perf_counter_ns


class Bench:
    """`python3 bpf.py OBJECT`: all programs of the object file are loaded and pinned, as are its maps."""

    def __init__(self):
        self.files = {}
        self.place = tempfile.mkdtemp(prefix='netkit-bench-', dir='/sys/fs/bpf')
        loaded = subprocess.run(['bpftool', 'prog', 'loadall', sys.argv[1], self.place, 'type', 'classifier', 'pinmaps', self.place],
                                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        if loaded.returncode != 0:
            raise OSError(0, 'bpftool: ' + loaded.stderr.strip().split('\n')[-1])
        for name in os.listdir(self.place):
            path = ctypes.create_string_buffer(os.path.join(self.place, name).encode())
            self.files[name] = bpf(OBJ_GET, struct.pack('<QII', ctypes.addressof(path), 0, 0))[0]
            os.unlink(os.path.join(self.place, name))
        os.rmdir(self.place)

    def hello(self):
        return {'programs': len(self.files)}

    def update(self, name, key, value):
        """Bytes are words that start with `x`."""
        self.write(name, bytes.fromhex(key[1:]), bytes.fromhex(value[1:]))
        return {}

    def stage(self, name, index, program):
        self.write(name, struct.pack('<I', index), struct.pack('<I', self.files[program]))
        return {}

    def write(self, name, key, value):
        key, value = (ctypes.create_string_buffer(x, len(x)) for x in (key, value))
        bpf(UPDATE, struct.pack('<IIQQQ', self.files[name], 0, ctypes.addressof(key), ctypes.addressof(value), 0))

    def run(self, name, packet, repeat, samples=1):
        """The fastest of some samples."""
        packet = bytes.fromhex(packet[1:])
        size = len(packet)
        data = ctypes.create_string_buffer(packet, size)
        values = struct.pack('<IIIIQQII', self.files[name], 0, size, 0, ctypes.addressof(data), 0, repeat, 0).ljust(80, b'\0')
        took = []
        for _ in range(samples):
            start = now()
            result = bpf(TEST_RUN, values)[1]
            took.append(now() - start)
        return {'ns': min(took), 'count': repeat, 'verdict': struct.unpack_from('<I', result, 4)[0]}

    def load(self, code, count, *slots):
        """Loads a program again and again; the fastest time. `slots`: each that refers to a map, and the map."""
        code = bytearray.fromhex(code[1:])
        for slot, name in zip(slots[::2], slots[1::2]):
            struct.pack_into('<i', code, slot * 8 + 4, self.files[name])
        code = ctypes.create_string_buffer(bytes(code), len(code))
        license = ctypes.create_string_buffer(b'GPL')
        values = struct.pack('<IIQQ', SCHED_CLS, len(code) // 8, ctypes.addressof(code), ctypes.addressof(license)).ljust(152, b'\0')
        took = []
        for _ in range(count):
            start = now()
            fd = bpf(PROG_LOAD, values)[0]
            took.append(now() - start)
            os.close(fd)
        return {'ns': min(took)}


if __name__ == '__main__':
    serve(Bench)
