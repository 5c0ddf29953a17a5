#!/usr/bin/env python3
"""Runs the programs of cases.json over their packets on the running kernel, by PROG_TEST_RUN; prints what became of each."""
import ctypes, json, os, struct, sys

libc = ctypes.CDLL(None, use_errno=True)
SYS_BPF = 321
MAP_CREATE, MAP_LOOKUP, MAP_UPDATE, PROG_LOAD, TEST_RUN = 0, 1, 2, 5, 10
VALUE = 1024
ROOM = 70000


def bpf(command, attr):
    buffer = ctypes.create_string_buffer(bytes(attr), len(attr))
    result = libc.syscall(SYS_BPF, command, buffer, len(attr))
    attr[:] = buffer.raw
    return result if result >= 0 else -ctypes.get_errno()


def memory(data):
    return ctypes.create_string_buffer(data, len(data))


key = memory(bytes(4))
value = memory(bytes(VALUE))
attr = bytearray(64)
struct.pack_into('<IIIII', attr, 0, 2, 4, VALUE, 1, 0)
MAP = bpf(MAP_CREATE, attr)
assert MAP >= 0, MAP


def element(command):
    attr = bytearray(32)
    struct.pack_into('<IIQQQ', attr, 0, MAP, 0, ctypes.addressof(key), ctypes.addressof(value), 0)
    assert bpf(command, attr) == 0


def load(code):
    for at in range(0, len(code), 8):
        if code[at] == 0x18 and code[at + 1] >> 4 == 1: struct.pack_into('<i', code, at + 4, MAP)
    insns, gpl = memory(bytes(code)), memory(b'GPL\0')
    log = ctypes.create_string_buffer(1 << 20)
    attr = bytearray(152)
    struct.pack_into('<IIQQIIQ', attr, 0, 3, len(code) // 8, ctypes.addressof(insns), ctypes.addressof(gpl),
                     0, 0, 0)
    fd = bpf(PROG_LOAD, attr)
    if fd < 0:
        struct.pack_into('<IIQ', attr, 24, 1, len(log), ctypes.addressof(log))
        bpf(PROG_LOAD, attr)
        return fd, log.value.decode(errors='replace').strip().split('\n')[-2:]
    return fd, None


def run(case):
    fd, log = load(bytearray.fromhex(case['code']))
    if fd < 0: return {'load': fd, 'log': log}
    value.raw = bytes(VALUE)
    element(MAP_UPDATE)
    data, context = memory(bytes.fromhex(case['packet'])), bytes.fromhex(case.get('context') or '')
    data_out, ctx_in, ctx_out = memory(bytes(ROOM)), memory(context), memory(bytes(256))
    attr = bytearray(80)
    struct.pack_into('<IIIIQQII', attr, 0, fd, 0, len(data), case.get('room', ROOM), ctypes.addressof(data),
                     ctypes.addressof(data_out), case.get('repeat', 1), 0)
    if context:
        struct.pack_into('<IIQQ', attr, 40, len(context), case.get('contextRoom', 192), ctypes.addressof(ctx_in),
                         ctypes.addressof(ctx_out))
    struct.pack_into('<III', attr, 64, case.get('flags', 0), case.get('cpu', 0), case.get('batch', 0))
    result = bpf(TEST_RUN, attr)
    element(MAP_LOOKUP)
    os.close(fd)
    verdict, size = struct.unpack_from('<I', attr, 4)[0], struct.unpack_from('<I', attr, 12)[0]
    answer = {'result': result, 'map': value.raw.rstrip(b'\0').hex()}
    if result in (0, -28):
        answer |= {'verdict': verdict, 'size': size, 'data': data_out.raw[:min(size, case.get('room', ROOM))].hex()}
        if context: answer |= {'context': ctx_out.raw[:192].hex(), 'contextSize': struct.unpack_from('<I', attr, 44)[0]}
    return answer


json.dump([run(case) for case in json.load(open('cases.json'))], sys.stdout)
