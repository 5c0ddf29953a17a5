"""Asks a real kernel what it says of each fault in a registration, and of each two at once: `python3 ask-registration.py > FILE`."""
import json
import os
import sys

from structures import Memory, REGISTER, call, name_of, setup

BASE = {
    "reg": {"if_idx": 0, "if_rxq": 0, "rq_entries": 64, "flags": 2, "area_ptr": "structs+96", "region_ptr": "structs+192"},
    "area": {"addr": "mem", "len": 65536},
    "region": {"user_addr": "ring", "size": 8192, "flags": 1},
    "event": {"type_mask": 3},
}
KINDS = list(BASE)


def clash(a, b):
    """Whether two faults change the same thing."""
    if any(k in a and k in b for k in ("user", "ring", "argument")):
        return True
    return any(set(a.get(k, {})) & set(b.get(k, {})) for k in KINDS) or {"reg.event_desc"} & (paths(a) & paths(b))


def paths(fault):
    found = {"%s.%s" % (k, f) for k in KINDS for f in fault.get(k, {})}
    return found | ({"reg.event_desc"} if "event" in fault else set())


def attempt(memory, faults):
    merged = {k: dict(BASE[k]) for k in KINDS}
    if any("event" in f for f in faults):
        merged["reg"]["event_desc"] = "structs+288"
    for fault in faults:
        for kind in KINDS:
            merged[kind].update(fault.get(kind, {}))
    for n, kind in enumerate(KINDS):
        memory.put(memory.value("structs+%d" % (96 * n)), memory.pack(kind, merged[kind]))
    flags = next((f["ring"] for f in faults if "ring" in f), "0x3800")
    argument = next((f["argument"] for f in faults if "argument" in f), "structs")
    ring, _ = setup(int(flags, 0))
    result = call(REGISTER, ring, 32, memory.value(argument), 1)
    os.close(ring)
    return name_of(result)


def asked(memory, faults):
    user = next((f["user"] for f in faults if "user" in f), None)
    if user is None:
        return attempt(memory, faults)
    read, write = os.pipe()
    if os.fork() == 0:
        os.setuid(user)
        os.write(write, attempt(memory, faults).encode())
        os._exit(0)
    os.wait()
    answer = os.read(read, 64).decode()
    os.close(read), os.close(write)
    return answer


def main():
    with open(os.path.join(os.path.dirname(__file__), "registration-faults.json")) as file:
        faults = json.load(file)["faults"]
    memory = Memory()
    rows = {"": asked(memory, [])}
    for n, fault in enumerate(faults):
        rest = ["-" if clash(fault, other) else asked(memory, [fault, other]) for other in faults[n + 1:]]
        rows[fault["name"]] = [asked(memory, [fault])] + rest
    rows = {name: " ".join(row) if isinstance(row, list) else row for name, row in rows.items()}
    json.dump({"release": os.uname().release, "answers": rows}, sys.stdout, indent=1)


main()
