#!/usr/bin/env python3
"""Plays random sequences of bpf(2) attach commands on the running kernel and writes down what it answered.

usage: record.py SEED COUNT LENGTH   (as root, on a kernel with netkit; JSON lines to standard output)

Objects are called by what they are, not by their numbers, so that another kernel can play the same steps.
"""
import ctypes, errno, json, os, random, struct, subprocess, sys

libc = ctypes.CDLL(None, use_errno=True)
SYS_BPF = 321
PROG_LOAD, ATTACH, DETACH, INFO, QUERY = 5, 8, 9, 15, 16
LINK_CREATE, LINK_UPDATE, LINK_DETACH = 28, 29, 34
REPLACE, BEFORE, AFTER, ID, LINK = 4, 8, 16, 32, 0x2000
PROGRAMS, TYPES = 8, (54, 55, 46, 47)


def bpf(command, attr):
    buffer = ctypes.create_string_buffer(bytes(attr), len(attr))
    result = libc.syscall(SYS_BPF, command, buffer, len(attr))
    return (result if result >= 0 else -ctypes.get_errno()), buffer.raw


def load(prog_type):
    code = struct.pack('<BBhi', 0xb7, 0, 0, -1 if prog_type == 3 else 2) + struct.pack('<BBhi', 0x95, 0, 0, 0)
    insns, license = ctypes.create_string_buffer(code, len(code)), ctypes.create_string_buffer(b'GPL')
    attr = bytearray(48)
    struct.pack_into('<IIQQ', attr, 0, prog_type, 2, ctypes.addressof(insns), ctypes.addressof(license))
    fd, _ = bpf(PROG_LOAD, attr)
    assert fd >= 0, os.strerror(-fd)
    return fd


def info(fd):
    memory = ctypes.create_string_buffer(64)
    attr = bytearray(16)
    struct.pack_into('<IIQ', attr, 0, fd, 64, ctypes.addressof(memory))
    bpf(INFO, attr)
    return memory.raw


class World:
    """Fresh devices, programs and links."""

    def __init__(self, rng):
        self.rng = rng
        sh = lambda line: subprocess.run(line, shell=True, check=True)
        sh('ip link add nk type netkit mode l2 peer name nkp; ip link add du type dummy')
        index = lambda name: int(open(f'/sys/class/net/{name}/ifindex').read())
        self.targets = {'primary': index('nk'), 'peer': index('nkp'), 'dummy': index('du'), 'missing': 99999}
        self.programs = [load(3) for _ in range(PROGRAMS)] + [load(6)]
        self.program_ids = [struct.unpack_from('<I', info(fd), 4)[0] for fd in self.programs]
        self.links = []
        self.revision = {}

    def close(self):
        for link in self.links:
            if link: os.close(link['fd'])
        for fd in self.programs: os.close(fd)
        subprocess.run('ip link del nk; ip link del du', shell=True, check=True)

    def number(self, ref):
        kind, n = ref
        if kind == 'zero': return 0
        if kind == 'closed': return 4000
        if kind == 'file': return 900
        if kind == 'prog': return self.programs[n]
        if kind == 'progId': return self.program_ids[n]
        if kind == 'unknownId': return 0x7ffffff0
        if kind in ('link', 'linkId'): return self.links[n]['fd' if kind == 'link' else 'id']
        raise ValueError(kind)

    def some_program(self): return ['prog', self.rng.randrange(PROGRAMS)]

    def live_links(self): return [i for i, link in enumerate(self.links) if link]

    def position(self):
        """Flags and a relative object, that fit in most cases."""
        rng = self.rng
        flags, ref = 0, ['zero', 0]
        if rng.random() < .55: flags |= rng.choice((BEFORE, AFTER, BEFORE, AFTER, BEFORE | AFTER))
        if rng.random() < .5:
            links = self.live_links()
            by_id = rng.random() < .5
            if links and rng.random() < .4:
                ref, flags = ['linkId' if by_id else 'link', rng.choice(links)], flags | LINK
            else: ref = ['progId' if by_id else 'prog', rng.randrange(PROGRAMS + (rng.random() < .1))]
            if by_id: flags |= ID
        if rng.random() < .06: ref = rng.choice((['closed', 0], ['zero', 0], ['unknownId', 0], ['file', 0], *([['link', i] for i in self.live_links()])))
        if rng.random() < .06: flags ^= rng.choice((ID, LINK, REPLACE, 1, 2, 64, 0x4000))
        # A number of the other kind means something else on every kernel.
        if bool(flags & ID) != (ref[0] in ('progId', 'linkId', 'unknownId')) and ref[0] != 'zero':
            ref = ['unknownId' if flags & ID else 'closed', 0]
        return flags, ref

    def step(self):
        rng = self.rng
        where = {'target': rng.choice(['primary'] * 12 + ['dummy', 'dummy', 'peer', 'missing']),
                 'type': rng.choice((54,) * 8 + (55,) * 4 + (46, 46, 47) + (37, 39, 99))}
        key = (where['target'], where['type'])
        expected = self.revision.get(key, 1) + rng.choice((0, 0, 0, 1, -1)) if rng.random() < .25 else 0
        flags, relative = self.position()
        at = {**where, 'flags': flags, 'relative': relative, 'revision': max(0, expected)}
        op = rng.choice(['attach'] * 7 + ['detach'] * 4 + ['query'] * 3 + ['link'] * 3 + ['update'] * 2 + ['undo', 'close', 'info'])
        if op == 'attach':
            prog = self.some_program() if rng.random() < .94 else rng.choice((['closed', 0], ['zero', 0], ['prog', PROGRAMS], ['file', 0]))
            step = {'op': op, 'prog': prog, **at, 'replace': ['zero', 0]}
            if rng.random() < .25:
                step['flags'] |= REPLACE
                step['replace'] = self.some_program() if rng.random() < .9 else rng.choice((['closed', 0], ['prog', PROGRAMS]))
        elif op == 'detach':
            step = {'op': op, 'prog': self.some_program() if rng.random() < .6 else ['zero', 0], **at}
        elif op == 'query':
            step = {'op': op, **where, 'count': rng.choice((0, 1, 2, 64, 64, 64)), 'queryFlags': rng.choice((0,) * 8 + (1, 2))}
        elif op == 'link':
            step = {'op': op, 'prog': self.some_program() if rng.random() < .95 else ['prog', PROGRAMS], **at}
        else:
            links = self.live_links()
            if not links: return self.step()
            link = rng.choice(links)
            step = {'op': op, 'link': link}
            if op == 'update':
                step.update({'new': self.some_program(), 'flags': rng.choice((0, 0, REPLACE, REPLACE, 8)),
                             'old': rng.choice((['zero', 0], ['zero', 0], self.some_program(), ['prog', self.links[link]['prog']]))})
        return step

    def attach_attr(self, s):
        attr = bytearray(32)
        struct.pack_into('<IIIIIIQ', attr, 0, self.targets[s['target']], self.number(s['prog']), s['type'], s['flags'],
                         self.number(s.get('replace', ['zero', 0])), self.number(s['relative']), s['revision'])
        return attr

    def play(self, s):
        op = s['op']
        if op in ('attach', 'detach'):
            return {'result': bpf(ATTACH if op == 'attach' else DETACH, self.attach_attr(s))[0]}
        if op == 'query': return self.query(s)
        if op == 'link': return self.create(s)
        link = self.links[s['link']]
        if op == 'update':
            result, _ = bpf(LINK_UPDATE, struct.pack('<IIII', link['fd'], self.number(s['new']), s['flags'], self.number(s['old'])))
            if result == 0: link['prog'] = s['new'][1]
            return {'result': result}
        if op == 'undo': return {'result': bpf(LINK_DETACH, struct.pack('<I', link['fd']))[0]}
        if op == 'close':
            os.close(link['fd'])
            self.links[s['link']] = None
            return {'result': 0}
        raw = info(link['fd'])
        kind, _, prog, _, ifindex, attach_type = struct.unpack_from('<IIIIII', raw)
        device = next((name for name, n in self.targets.items() if n == ifindex), ifindex)
        return {'result': 0, 'type': kind, 'prog': self.program_ids.index(prog), 'device': device, 'attachType': attach_type}

    def query(self, s):
        n = s['count']
        memory = (ctypes.c_uint32 * (3 * 64))()
        base = ctypes.addressof(memory)
        attr = bytearray(64)
        struct.pack_into('<IIIIQIIQQQQ', attr, 0, self.targets[s['target']], s['type'], s['queryFlags'], 0, base, n, 0, base + 256, base + 512, 0, 0)
        result, out = bpf(QUERY, attr)
        answer = {'result': result}
        if result in (0, -errno.ENOSPC):
            count, = struct.unpack_from('<I', out, 24)
            revision, = struct.unpack_from('<Q', out, 56)
            link_of = {link['id']: i for i, link in enumerate(self.links) if link}
            self.revision[(s['target'], s['type'])] = revision
            answer.update(count=count, revision=revision,
                          programs=[self.program_ids.index(p) for p in memory[:min(n, count)]],
                          links=[link_of.get(l, 'none') for l in memory[128:128 + min(n, count)]])
        return answer

    def create(self, s):
        attr = bytearray(32)
        struct.pack_into('<IIIIIIQ', attr, 0, self.number(s['prog']), self.targets[s['target']], s['type'], s['flags'],
                         self.number(s['relative']), 0, s['revision'])
        result, _ = bpf(LINK_CREATE, attr)
        if result < 0: return {'result': result}
        self.links.append({'fd': result, 'id': struct.unpack_from('<I', info(result), 4)[0], 'prog': s['prog'][1]})
        return {'result': 0, 'made': len(self.links) - 1}


def main():
    seed, count, length = map(int, sys.argv[1:4])
    os.dup2(os.open('/dev/null', os.O_RDONLY), 900)
    for n in range(count):
        world = World(random.Random(seed * 100003 + n))
        steps = []
        for _ in range(length):
            step = world.step()
            steps.append({**step, **{'answer': world.play(step)}})
        world.close()
        print(json.dumps({'name': f'{seed}/{n}', 'steps': steps}, separators=(',', ':')))


main()
