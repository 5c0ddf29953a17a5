"""Asks a real kernel what it says of each fault in a call, and of each two at once: `python3 ask.py control > control.linux.json`."""
import json
import os
import socket
import struct
import sys

from structures import ENTER, LIBC, LAYOUTS, Memory, REGISTER, call, name_of, setup
import ctypes

KINDS = ["reg", "area", "region", "event", "ctrl", "sqe"]
WHOLE = ["user", "ring", "argument", "count"]


def clash(a, b):
    """Whether two faults change the same thing."""
    if any(k in a and k in b for k in WHOLE):
        return True
    return bool(paths(a) & paths(b))


def paths(fault):
    found = {"%s.%s" % (k, f) for k in KINDS for f in fault.get(k, {})}
    return found | ({"reg.event_desc"} if "event" in fault else set())


class Asker:
    def __init__(self, table):
        self.call, self.base, self.faults = table["call"], table["base"], table["faults"]
        self.memory = Memory()
        self.open = [open("/dev/null"), socket.socket(socket.AF_INET, socket.SOCK_DGRAM), socket.socket(), socket.socket()]
        self.open[3].listen(1)
        self.memory.at.update(zip(["@file", "@udp", "@tcp", "@listener"], [f.fileno() for f in self.open]))

    def write(self, faults):
        merged = {k: dict(self.base.get(k, {})) for k in KINDS}
        if any("event" in f for f in faults):
            merged["reg"]["event_desc"] = "structs+288"
        for fault in faults:
            for kind in KINDS:
                merged[kind].update(fault.get(kind, {}))
        for n, kind in enumerate(KINDS):
            self.memory.put(self.memory.value("structs+%d" % (96 * n)), self.memory.pack(kind, merged[kind]))

    def instance(self, ring):
        """Registers without a device, so that there is something to use."""
        m = self.memory
        at = m.value("structs+1024")
        m.put(at, m.pack("reg", {"rq_entries": 64, "flags": 2, "area_ptr": "structs+1152", "region_ptr": "structs+1280",
                                 "event_desc": "structs+1408"}))
        m.put(m.value("structs+1152"), m.pack("area", {"addr": "mem", "len": 65536}))
        m.put(m.value("structs+1280"), m.pack("region", {"user_addr": "ring", "size": 8192, "flags": 1}))
        m.put(m.value("structs+1408"), m.pack("event", {"type_mask": 3}))
        result = call(REGISTER, ring, 32, at, 1)
        if result != 0:
            raise OSError(-result, "no instance")

    def exported(self):
        ring, _ = setup(0x3800)
        self.instance(ring)
        at = self.memory.value("structs+1536")
        self.memory.put(at, self.memory.pack("ctrl", {"op": 1}))
        call(REGISTER, ring, 36, at, 0)
        self.memory.at["@exported"] = struct.unpack("<I", self.memory.get(at + 24, 4))[0]
        return ring

    def attempt(self, faults):
        of = lambda key, default: next((f[key] for f in faults if key in f), default)
        used = self.exported() if self.call == "registration" and "region" not in self.base else None
        if of("user", None):
            os.setuid(of("user", 0))
        self.write(faults)
        ring, params = setup(int(of("ring", "0x3800"), 0))
        argument = self.memory.value(of("argument", {"control": "structs+384"}.get(self.call, "structs")))
        if self.call == "registration":
            result = call(REGISTER, ring, 32, argument, of("count", 1))
        else:
            self.instance(ring)
            if self.call == "control":
                result = call(REGISTER, ring, 36, argument, of("count", 0))
            else:
                result = self.submit(ring, params)
        os.close(ring)
        if used is not None:
            os.close(used)
            os.close(self.memory.at["@exported"])
        return name_of(result)

    def submit(self, ring, params):
        mapped = LIBC.mmap(ctypes.c_void_p(0), ctypes.c_size_t(8192), 3, 1, ring, ctypes.c_long(0))
        sqes = LIBC.mmap(ctypes.c_void_p(0), ctypes.c_size_t(4096), 3, 1, ring, ctypes.c_long(0x10000000))
        self.memory.put(sqes, self.memory.get(self.memory.value("structs+480"), LAYOUTS["sqe"][0]))
        self.memory.put(mapped + 4, struct.pack("<I", 1))
        call(ENTER, ring, 1, 0, 1, 0, 0)
        _, result = struct.unpack("<Qi", self.memory.get(mapped + 64, 12))
        LIBC.munmap(ctypes.c_void_p(mapped), ctypes.c_size_t(8192))
        LIBC.munmap(ctypes.c_void_p(sqes), ctypes.c_size_t(4096))
        return result

    def ask(self, faults):
        if not any("user" in f for f in faults):
            return self.attempt(faults)
        read, write = os.pipe()
        if os.fork() == 0:
            os.write(write, self.attempt(faults).encode())
            os._exit(0)
        os.wait()
        answer = os.read(read, 64).decode()
        os.close(read), os.close(write)
        return answer


def main():
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), sys.argv[1] + ".json")) as file:
        asker = Asker(json.load(file))
    rows = {"": asker.ask([])}
    for n, fault in enumerate(asker.faults):
        others = asker.faults[n + 1:]
        row = [asker.ask([fault])] + ["-" if clash(fault, other) else asker.ask([fault, other]) for other in others]
        rows[fault["name"]] = " ".join(row)
    json.dump({"release": os.uname().release, "answers": rows}, sys.stdout, indent=2)
    print()


main()
