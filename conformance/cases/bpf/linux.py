#!/usr/bin/env python3
"""Runs cases of the instruction set on the machine's kernel (root needed).

Reads JSON from standard input: [{"file", "line", "code": hex, "memory": hex}], and prints for each {"file", "line"} with "result" and
"after", or with "refused", the errno and the last lines of the verifier's log. The program becomes a subprogram that gets the address
and length of an array map's value; its r0 goes into another map.
"""
import ctypes
import errno
import json
import os
import struct
import sys

NR_BPF = {'x86_64': 321, 'aarch64': 280}[os.uname().machine]
MAP_CREATE, MAP_LOOKUP, MAP_UPDATE, PROG_LOAD, TEST_RUN = 0, 1, 2, 5, 10
ARRAY, SOCKET_FILTER = 2, 1
libc = ctypes.CDLL(None, use_errno=True)


def bpf(command, attr):
    buffer = ctypes.create_string_buffer(attr, 144)
    value = libc.syscall(NR_BPF, command, buffer, 144)
    if value < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return value


def address(buffer):
    return ctypes.addressof(buffer)


def array(size):
    return bpf(MAP_CREATE, struct.pack('<IIIII', ARRAY, 4, size, 1, 0))


def element(command, fd, buffer):
    key = ctypes.create_string_buffer(4)
    bpf(command, struct.pack('<IIQQQ', fd, 0, address(key), address(buffer), 0))


def value_address(register, fd):
    return struct.pack('<BBhi', 0x18, 0x20 | register, 0, fd) + bytes(8)


def wrapped(code, memory_fd, length, result_fd):
    before = value_address(1, memory_fd) if length else struct.pack('<BBhi', 0xb7, 1, 0, 0)
    before += struct.pack('<BBhi', 0xb7, 2, 0, length)
    after = value_address(6, result_fd)
    after += struct.pack('<BBhi', 0x7b, 0x06, 0, 0)  # *(u64 *)(r6 +0) = r0
    after += struct.pack('<BBhi', 0xb7, 0, 0, 0) + struct.pack('<BBhi', 0x95, 0, 0, 0)
    call = struct.pack('<BBhi', 0x85, 0x10, 0, len(after) // 8)
    return before + call + after + code


def load(code):
    text = ctypes.create_string_buffer(code, len(code))
    licence = ctypes.create_string_buffer(b'GPL')
    log = ctypes.create_string_buffer(1 << 24)
    attr = struct.pack('<IIQQIIQ', SOCKET_FILTER, len(code) // 8, address(text), address(licence), 1, len(log), address(log))
    try:
        return bpf(PROG_LOAD, attr), ''
    except OSError as error:
        return None, errno.errorcode[error.errno] + ': ' + ' | '.join(log.value.decode().strip().splitlines()[-4:-1])


def run(case):
    code, memory = bytes.fromhex(case['code']), bytes.fromhex(case['memory'])
    fds = [array(max(len(memory), 1)), array(8)]
    try:
        block, result = ctypes.create_string_buffer(memory, max(len(memory), 1)), ctypes.create_string_buffer(8)
        element(MAP_UPDATE, fds[0], block)
        program, why = load(wrapped(code, fds[0], len(memory), fds[1]))
        if program is None:
            return {'refused': why}
        fds.append(program)
        packet = ctypes.create_string_buffer(64)
        bpf(TEST_RUN, struct.pack('<IIIIQQII', program, 0, 64, 0, address(packet), 0, 1, 0))
        element(MAP_LOOKUP, fds[0], block)
        element(MAP_LOOKUP, fds[1], result)
        return {'result': hex(struct.unpack('<Q', result.raw)[0]), 'after': block.raw[: len(memory)].hex()}
    finally:
        for fd in fds:
            os.close(fd)


json.dump([{'file': case['file'], 'line': case['line'], **run(case)} for case in json.load(sys.stdin)], sys.stdout)
