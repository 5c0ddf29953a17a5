#!/usr/bin/env python3
"""Sends frames out of a device and tells what another one received of each.

usage: exchange.py NAMESPACE DEVICE NAMESPACE DEVICE   (as root; frames as lines of hexadecimal digits from standard input, and for
each a line of those that were received to standard output)
"""
import ctypes, os, socket, struct, sys, time

libc = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET = 0x40000000
SOL_PACKET, AUXDATA = 263, 8
ALL, OUTGOING = 3, 4


def packet_socket(namespace, device, protocol):
    fd = os.open(f'/run/netns/{namespace}', os.O_RDONLY)
    assert libc.setns(fd, CLONE_NEWNET) == 0
    os.close(fd)
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(protocol))
    s.bind((device, protocol))
    return s


def drain(s):
    seen = []
    while True:
        try: data, control, _, address = s.recvmsg(65536, 64)
        except BlockingIOError: return seen
        if address[2] == OUTGOING: continue
        for level, kind, value in control:
            if (level, kind) != (SOL_PACKET, AUXDATA): continue
            status, _, _, _, _, tci, tpid = struct.unpack('<IIIHHHH', value[:20])
            if status & 0x10: data = data[:12] + struct.pack('>HH', tpid if status & 0x40 else 0x8100, tci) + data[12:]
        seen.append(data.hex())


def main(from_namespace, from_device, to_namespace, to_device):
    sender = packet_socket(from_namespace, from_device, 0)
    listener = packet_socket(to_namespace, to_device, ALL)
    listener.setsockopt(SOL_PACKET, AUXDATA, 1)
    listener.setblocking(False)
    for line in sys.stdin:
        try: sender.send(bytes.fromhex(line))
        except OSError: pass
        time.sleep(0.001)
        print(' '.join(drain(listener)), flush=True)


main(*sys.argv[1:])
