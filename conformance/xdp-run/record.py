#!/usr/bin/env python3
"""Has the running kernel run XDP programs by PROG_TEST_RUN, and writes down what it answered.

usage: record.py CASES   (as root; JSON lines that generate-cases.ts wrote; the same with answers to standard output)
"""
import ctypes, hashlib, json, os, struct, sys

libc = ctypes.CDLL(None, use_errno=True)
MAP_CREATE, MAP_UPDATE, PROG_LOAD, TEST_RUN = 0, 2, 5, 10
DEVMAP, XDP, MAP = 14, 6, 0x7777


def bpf(command, attr):
    buffer = ctypes.create_string_buffer(bytes(attr), len(attr))
    result = libc.syscall(321, command, buffer, len(attr))
    return (result if result >= 0 else -ctypes.get_errno()), buffer.raw


def buffer(data): return ctypes.create_string_buffer(bytes(data), max(1, len(data)))


def devmap():
    fd, _ = bpf(MAP_CREATE, struct.pack('<IIII', DEVMAP, 4, 4, 4) + bytes(48))
    key, value = buffer(struct.pack('<I', 1)), buffer(struct.pack('<I', 1))
    assert bpf(MAP_UPDATE, struct.pack('<IIQQQ', fd, 0, ctypes.addressof(key), ctypes.addressof(value), 0))[0] == 0
    return fd


def load(insns, map_fd, flags):
    code = bytearray.fromhex(insns)
    for at in range(0, len(code), 8):
        if code[at] == 0x18 and struct.unpack_from('<i', code, at + 4)[0] == MAP: struct.pack_into('<i', code, at + 4, map_fd)
    text, licence = buffer(code), buffer(b'GPL\0')
    attr = bytearray(72)
    struct.pack_into('<IIQQ', attr, 0, XDP, len(code) // 8, ctypes.addressof(text), ctypes.addressof(licence))
    struct.pack_into('<I', attr, 44, flags)
    return bpf(PROG_LOAD, attr)[0]


def told(data):
    """Bytes, or what stands for many."""
    return data.hex() if len(data) <= 256 else hashlib.sha256(data).hexdigest()


def run(case, map_fd):
    fd = load(case['insns'], map_fd, case['progFlags'])
    if fd < 0: return {'load': fd}
    data, out = buffer(bytes((7 * i + case['first']) & 255 for i in range(case['size']))), buffer(bytes(case['room']))
    given, back = buffer(bytes.fromhex(case.get('context', ''))), buffer(bytes(case['contextRoom']))
    has_context = 'context' in case
    attr = bytearray(80)
    struct.pack_into('<IIIIQQII', attr, 0, fd, 0, case['size'], case['room'], ctypes.addressof(data),
                     ctypes.addressof(out) if case['room'] else 0, case['repeat'], 0)
    struct.pack_into('<IIQQIII', attr, 40, 24 if has_context else 0, case['contextRoom'],
                     ctypes.addressof(given) if has_context else 0, ctypes.addressof(back) if case['contextRoom'] else 0,
                     case['flags'], 0, case['batch'])
    result, after = bpf(TEST_RUN, attr)
    os.close(fd)
    verdict, _, size = struct.unpack_from('<III', after, 4)
    answer = {'result': result}
    if result in (0, -28): answer.update(verdict=verdict, size=size, data=told(out.raw[:min(size, case['room'])]))
    if result == 0 and case['contextRoom']: answer.update(contextSize=struct.unpack_from('<I', after, 44)[0], context=back.raw[:case['contextRoom']].hex())
    return answer


map_fd = devmap()
for line in open(sys.argv[1]):
    case = json.loads(line)
    print(json.dumps({**case, 'answer': run(case, map_fd)}, separators=(',', ':')))
