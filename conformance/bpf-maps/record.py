#!/usr/bin/env python3
"""Makes maps and plays random operations on them on the running kernel, and writes down what it answered.

usage: record.py create SEED COUNT | elements SEED COUNT LENGTH   (as root; JSON lines to standard output)

Objects are called by what they are, not by their numbers, so that another kernel can play the same steps. The kernel should have
one possible CPU, as the embedded one has.
"""
import ctypes, json, os, random, struct, sys

libc = ctypes.CDLL(None, use_errno=True)
SYS_BPF = 321
CREATE, LOOKUP, UPDATE, DELETE, NEXT, PROG_LOAD, INFO, POP, FREEZE = 0, 1, 2, 3, 4, 5, 15, 21, 22
CAPS = {'net': 12, 'bpf': 39}
# type: key, value, entries, flags
BASES = {1: (4, 8, 4, 0), 2: (4, 8, 4, 0), 3: (4, 4, 4, 0), 4: (4, 4, 4, 0), 5: (4, 8, 4, 0), 6: (4, 8, 4, 0), 9: (4, 8, 64, 0),
         10: (4, 8, 64, 0), 11: (8, 8, 4, 1), 12: (4, 4, 4, 0), 13: (4, 4, 4, 0), 14: (4, 4, 4, 0), 16: (4, 4, 4, 0),
         17: (4, 4, 4, 0), 22: (0, 8, 4, 0), 23: (0, 8, 4, 0), 25: (4, 4, 4, 0), 27: (0, 0, 4096, 0), 30: (0, 8, 64, 0)}
INNER_OF = (12, 13)


def bpf(command, attr):
    buffer = ctypes.create_string_buffer(bytes(attr), len(attr))
    result = libc.syscall(SYS_BPF, command, buffer, len(attr))
    return (result if result >= 0 else -ctypes.get_errno()), buffer.raw


def create(m, inner=0):
    attr = bytearray(96)
    struct.pack_into('<IIIIIII16s', attr, 0, m['type'], m['key'], m['value'], m['max'], m['flags'], inner, m.get('numa', 0),
                     m.get('name', '').encode())
    struct.pack_into('<IIIIQ', attr, 44, m.get('ifindex', 0), m.get('btf', 0), m.get('btfKey', 0), m.get('btfValue', 0), 0)
    struct.pack_into('<Q', attr, 64, m.get('extra', 0))
    struct.pack_into('<I', attr, 92, m.get('tail', 0))
    return bpf(CREATE, attr)[0]


def load(prog_type, attach=0):
    code = struct.pack('<BBhi', 0xb7, 0, 0, 2) + struct.pack('<BBhi', 0x95, 0, 0, 0)
    insns, license = ctypes.create_string_buffer(code, len(code)), ctypes.create_string_buffer(b'GPL')
    attr = bytearray(72)
    struct.pack_into('<IIQQ', attr, 0, prog_type, 2, ctypes.addressof(insns), ctypes.addressof(license))
    struct.pack_into('<I', attr, 68, attach)
    fd, _ = bpf(PROG_LOAD, attr)
    assert fd >= 0, os.strerror(-fd)
    return fd


def id_of(fd, at):
    memory = ctypes.create_string_buffer(88)
    attr = bytearray(16)
    struct.pack_into('<IIQ', attr, 0, fd, 88, ctypes.addressof(memory))
    assert bpf(INFO, attr)[0] == 0
    return struct.unpack_from('<I', memory.raw, at)[0]


def limited(caps, run):
    """Runs with some capabilities only."""
    r, w = os.pipe()
    pid = os.fork()
    if pid == 0:
        bits = sum(1 << CAPS[c] for c in caps)
        low, high = bits & 0xffffffff, bits >> 32
        assert libc.capset(struct.pack('<Ii', 0x20080522, 0), struct.pack('<IIIIII', low, low, 0, high, high, 0)) == 0
        os.write(w, json.dumps(run()).encode())
        os._exit(0)
    os.close(w)
    answer = json.loads(os.read(r, 65536))
    os.close(r)
    os.waitpid(pid, 0)
    return answer


def creations(seed, count):
    rng = random.Random(seed)
    inner = create({'type': 2, 'key': 4, 'value': 8, 'max': 2, 'flags': 0})
    for n in range(count):
        kind = rng.choice(list(BASES) if rng.random() < .97 else [0, 36, 99])
        key, value, entries, flags = BASES.get(kind, (4, 4, 4, 0))
        m = {'type': kind, 'key': key, 'value': value, 'max': entries, 'flags': flags, 'inner': kind in INNER_OF, 'caps': 'all'}
        for _ in range(rng.choice((0, 1, 1, 1, 2, 2))):
            what = rng.choice(('key', 'value', 'max', 'flags', 'flags', 'flags', 'extra', 'inner', 'numa', 'name', 'btf', 'tail', 'caps', 'ifindex'))
            if what == 'key': m['key'] = rng.choice((0, 1, 2, 4, 5, 8, 9, 16, 260, 261, 512, 0x7fffffff))
            elif what == 'value': m['value'] = rng.choice((0, 1, 4, 5, 8, 12, 16, 32768, 32769, 0x7fffffff, 0xffffffff))
            elif what == 'max': m['max'] = rng.choice((0, 1, 2, 3, 5, 100, 4095, 4096, 8192, 12288))
            elif what == 'flags': m['flags'] ^= rng.choice([1 << i for i in range(17)] + [8 | 16, 0x180, 6, 0x20000, 0x40000, 0x80000, 1 << 20])
            elif what == 'extra': m['extra'] = rng.choice((1, 5, 15, 16, 1 << 32))
            elif what == 'inner': m['inner'] = not m['inner']
            elif what == 'numa': m['numa'] = rng.choice((0, 1, 5000))
            elif what == 'name': m['name'] = rng.choice(('abc', 'a.b_C9', 'a-b', 'a b', 'fifteen_letters', 'sixteen_letters_'))
            elif what == 'btf': m.update(rng.choice(({'btfKey': 1}, {'btfValue': 1}, {'btf': 4000, 'btfKey': 1, 'btfValue': 2})))
            elif what == 'tail': m['tail'] = 1
            elif what == 'ifindex': m['ifindex'] = rng.choice((1, 99999))
            elif what == 'caps': m['caps'] = rng.choice(('none', 'bpf', 'net', 'bpf net'))
        def make():
            fd = create(m, inner if m['inner'] else 0)
            if fd >= 0: os.close(fd)
            return min(fd, 0)
        m['answer'] = make() if m['caps'] == 'all' else limited([c for c in m['caps'].split() if c != 'none'], make)
        print(json.dumps(m))


class World:
    def __init__(self, rng, kind):
        self.rng = rng
        key, value, entries, flags = BASES[kind]
        if kind == 14 or kind == 25: value = rng.choice((4, 8))
        if kind in (22, 23, 11): entries = 3
        flags |= rng.choice((0, 0, 0, 0, 8, 16)) if kind in (1, 2, 5, 6, 9, 11, 14, 17, 22) else 0
        self.map = {'type': kind, 'key': key, 'value': value, 'max': entries, 'flags': flags}
        if kind == 30: self.map['max'] = 1000
        inner = {'type': 2, 'key': 4, 'value': 8, 'max': 2, 'flags': 0}
        self.inners = [create(inner), create(inner), create({**inner, 'max': 3}), create({**inner, 'type': 1})]
        self.programs = [load(3), load(3), load(3, 54), load(6), load(6, 33)]
        self.fd = create(self.map, self.inners[0] if kind in INNER_OF else 0)
        assert self.fd >= 0, os.strerror(-self.fd)
        self.kind = kind
        self.inner_ids = [id_of(fd, 4) for fd in self.inners]
        self.program_ids = [id_of(fd, 4) for fd in self.programs]

    def close(self):
        for fd in (self.fd, *self.inners, *self.programs): os.close(fd)

    def key(self):
        rng, size = self.rng, self.map['key']
        if size == 0: return '' if rng.random() < .9 else '00000000'
        if self.kind == 11:
            bits = rng.choice((0, 8, 8, 16, 24, 32, 32, 33))
            data = bytes([10, rng.choice((0, 1)), rng.choice((0, 128)), rng.choice((0, 1))])
            return (struct.pack('<I', bits) + data).hex()
        return struct.pack('<I', rng.choice((0, 1, 2, 3, 3, 4, 5, 7))).hex()

    def value(self):
        """In hex, or what a number in it means."""
        rng, kind = self.rng, self.kind
        if kind == 3: return rng.choice((['prog', 0], ['prog', 1], ['prog', 2], ['prog', 3], ['closed', 0], ['inner', 0]))
        if kind in (12, 13): return rng.choice((['inner', 0], ['inner', 1], ['inner', 1], ['inner', 2], ['inner', 3], ['closed', 0], ['prog', 0]))
        if kind in (4, 17): return rng.choice((['prog', 0], ['closed', 0]))
        if kind in (14, 25):
            device = rng.choice((1, 1, 1, 0, 99999))
            if self.map['value'] == 4: return struct.pack('<I', device).hex()
            return ['device', device, *rng.choice((['none', 0], ['none', 0], ['prog', 3], ['prog', 4], ['closed', 0]))]
        if kind == 16: return struct.pack('<I', rng.choice((0, 1, 64, 16384, 16385))).hex()
        return bytes(rng.randrange(256) if kind != 30 else rng.randrange(4) * 37 for _ in range(max(1, self.map['value']))).hex()

    def bytes_of(self, value):
        if isinstance(value, str): return bytes.fromhex(value)
        number = lambda kind, n: {'prog': self.programs, 'inner': self.inners, 'closed': [4000], 'none': [0]}[kind][n]
        if value[0] == 'device': return struct.pack('<Ii', value[1], number(*value[2:]))
        return struct.pack('<I', number(*value))

    def told(self, raw):
        """A looked-up value as another kernel can say it."""
        n = struct.unpack_from('<I', raw)[0] if len(raw) >= 4 else 0
        if self.kind == 3 and n in self.program_ids: return ['progId', self.program_ids.index(n)]
        if self.kind in (12, 13) and n in self.inner_ids: return ['innerId', self.inner_ids.index(n)]
        if self.kind in (14, 25) and len(raw) == 8:
            p = struct.unpack_from('<I', raw, 4)[0]
            return ['device', n, self.program_ids.index(p) if p in self.program_ids else -1]
        return raw.hex()

    def step(self):
        rng = self.rng
        op = rng.choice(('lookup', 'lookup', 'update', 'update', 'update', 'update', 'delete', 'next', 'pop', 'pop' if self.kind in (22, 23) else 'lookup'))
        if rng.random() < .01: op = 'freeze'
        step = {'op': op}
        if op == 'freeze': return step
        step['key'] = self.key()
        if op in ('delete', 'next'):
            if op == 'next' and rng.random() < .2: step['key'] = ''
            return step
        step['flags'] = rng.choice((0,) * 6 + (1, 1, 2, 2, 3, 4, 5, 8, 16, 1 << 32)) if op == 'update' else rng.choice((0,) * 12 + (1, 2, 4, 8, 1 << 32))
        if op == 'update' or self.kind == 30: step['value'] = self.value()
        return step

    def play(self, step):
        key = bytes.fromhex(step.get('key', ''))
        key_buffer = ctypes.create_string_buffer(key, max(1, len(key)))
        value = self.bytes_of(step['value']) if 'value' in step else b''
        value_buffer = ctypes.create_string_buffer(value, max(64, len(value)))
        attr = bytearray(32)
        key_address = ctypes.addressof(key_buffer) if key else 0
        struct.pack_into('<IIQQQ', attr, 0, self.fd, 0, key_address, ctypes.addressof(value_buffer), step.get('flags', 0))
        op = step['op']
        if op == 'freeze': return {'result': bpf(FREEZE, attr[:4])[0]}
        if op == 'delete': return {'result': bpf(DELETE, attr[:16])[0]}
        if op == 'update': return {'result': bpf(UPDATE, attr)[0]}
        if op == 'next':
            result, _ = bpf(NEXT, attr[:24])
            return {'result': result} if result else {'result': 0, 'key': value_buffer.raw[:self.map['key']].hex()}
        result, _ = bpf(LOOKUP if op == 'lookup' else POP, attr)
        if result or self.kind == 30: return {'result': result}
        return {'result': 0, 'value': self.told(value_buffer.raw[:self.map['value']])}


def elements(seed, count, length):
    rng = random.Random(seed)
    kinds = list(BASES)
    for n in range(count):
        kind = kinds[n % len(kinds)]
        world = World(rng, kind)
        steps = []
        for _ in range(length):
            step = world.step()
            steps.append({**step, 'answer': world.play(step)})
        world.close()
        print(json.dumps({'name': f'type {kind}, run {n // len(kinds)}', 'map': world.map, 'steps': steps}))


numbers = [int(text) for text in sys.argv[2:]]
creations(*numbers) if sys.argv[1] == 'create' else elements(*numbers)
