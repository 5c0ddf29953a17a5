#!/usr/bin/env python3
"""Asks the running kernel (6.17 or later) what its string functions say, and writes down the answers.

usage: record.py SEED COUNT   (as root, with clang and bpftool; JSON to standard output)

A case: function, texts in hex, number, character, places of the texts (see strings.c), answer. Numbers of 64 bits are in hex.
"""
import ctypes, json, os, platform, random, struct, subprocess, sys, tempfile

FUNCTIONS = ['strcmp', 'strcasecmp', 'strchr', 'strchrnul', 'strnchr', 'strrchr', 'strlen', 'strnlen', 'strspn', 'strcspn',
             'strstr', 'strnstr']
COUNTED = [4, 7, 11]
MOST = (1 << 64) - 1
PIN = f'/sys/fs/bpf/record-strings-{os.getpid()}'


def ask(folder, function, a, b=b'', n=0, c=0, at_a=0, at_b=0):
    question = struct.pack('<IiQQQ', function, c, n, at_a, at_b) + a.ljust(64, b'\0') + b.ljust(64, b'\0')
    with open(f'{folder}/packet', 'wb') as file:
        file.write(b'\xff' * 12 + b'\x08\0' + question)
    run = subprocess.run(['bpftool', '-j', 'prog', 'run', 'pinned', PIN, 'data_in', f'{folder}/packet'],
                         capture_output=True, text=True, check=True)
    answer = ctypes.c_int32(json.loads(run.stdout)['retval']).value
    return [FUNCTIONS[function], a.hex(), b.hex(), f'{n:x}', c, f'{at_a:x}', f'{at_b:x}', answer]


def places(ask):
    """Texts that are too long, and that cannot be read."""
    for at_a, at_b in ((1, 0), (0, 1), (1, 1), (3, 0), (0, 3), (MOST, 0), (0, MOST), (MOST, MOST), (1 << 62, 0), (MOST, 3)):
        for function in range(len(FUNCTIONS)):
            numbers = [65536, *([0, 3, 65535, 65537, 1 << 40, MOST] if function in COUNTED else [])]
            for n in numbers:
                yield ask(function, b'ab', b'aa' if at_a else b'', n, 98, at_a, at_b)


def characters(ask):
    for c in (0, 0x161, -1, 255, 97, -31, 0xc4):
        for function in (2, 3, 4, 5):
            yield ask(function, b'xa\xff\xe1\xc4a', b'', 10, c)
    for x in [*range(0x3f, 0x80), *range(0xbf, 256)]:
        yield ask(1, bytes([x]), bytes([x ^ 32]))


def texts(ask, random, count):
    for _ in range(count):
        letters = random.choice([b'ab', b'abAB', b'aA\xff'])
        text = lambda most: bytes(random.choice(letters) for _ in range(random.randrange(most)))
        yield ask(random.randrange(len(FUNCTIONS)), text(12), text(random.choice([2, 4, 8])),
                  random.choice([0, 1, 2, 3, 4, 5, 6, 8, 100]), random.choice([97, 98, 0, 65]))


def main(seed, count):
    here = os.path.dirname(os.path.abspath(__file__))
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(['clang', '-O2', '-g', '-target', 'bpf', '-I', f'/usr/include/{platform.machine()}-linux-gnu',
                        '-c', f'{here}/strings.c', '-o', f'{folder}/strings.o'], check=True)
        subprocess.run(['bpftool', 'prog', 'load', f'{folder}/strings.o', PIN], check=True)
        try:
            of = lambda *question: ask(folder, *question)
            cases = [*places(of), *characters(of), *texts(of, random.Random(seed), count)]
        finally:
            os.unlink(PIN)
    print('[\n' + ',\n'.join('  ' + json.dumps(case) for case in cases) + '\n]')


main(int(sys.argv[1]), int(sys.argv[2]))
