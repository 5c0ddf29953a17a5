/*
 * AF_XDP in C, copy mode, straight to the system calls: the loops that are measured, and a generator for them. One command a line on
 * standard input, one line of JSON on standard output. The namespace is the one it is started in.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/bpf.h>
#include <linux/if_link.h>
#include <linux/if_xdp.h>
#include <net/if.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define ENTRIES 2048
#define CHUNKS 4096
#define CHUNK 2048
#define MOST 64

struct ring {
  uint32_t *producer, *consumer, *flags;
  void *first;
  uint32_t index, seen;
};

static int sock = -1;
static uint8_t *umem;
static struct ring rx, tx, fill, done;
static uint64_t spare[CHUNKS];
static uint32_t spares;
static struct xdp_desc batch[MOST];
static volatile uint32_t looked_at;

static int fail(void) { return errno ? errno : EIO; }

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e9 + t.tv_nsec;
}

static long bpf(int command, union bpf_attr *attr) { return syscall(SYS_bpf, command, attr, sizeof *attr); }

/* Attaches a program to a device for as long as this process lives. */
static int attach(const char *name, const struct bpf_insn *code, uint32_t count) {
  union bpf_attr load = {
      .prog_type = BPF_PROG_TYPE_XDP, .insns = (uintptr_t)code, .insn_cnt = count, .license = (uintptr_t)"Apache-2.0"};
  long program = bpf(BPF_PROG_LOAD, &load);
  if (program < 0) return fail();
  union bpf_attr link = {.link_create = {.prog_fd = program,
                                         .target_ifindex = if_nametoindex(name),
                                         .attach_type = BPF_XDP,
                                         .flags = XDP_FLAGS_DRV_MODE}};
  return bpf(BPF_LINK_CREATE, &link) < 0 ? fail() : 0;
}

static int drop(const char *name) {
  const struct bpf_insn code[] = {{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = XDP_DROP},
                                  {.code = BPF_JMP | BPF_EXIT}};
  return attach(name, code, 2);
}

/* Everything that arrives at a device goes to the socket. */
static int redirect(const char *name) {
  union bpf_attr make = {.map_type = BPF_MAP_TYPE_XSKMAP, .key_size = 4, .value_size = 4, .max_entries = 1};
  long map = bpf(BPF_MAP_CREATE, &make);
  uint32_t key = 0;
  union bpf_attr set = {.map_fd = map, .key = (uintptr_t)&key, .value = (uintptr_t)&sock};
  if (map < 0 || bpf(BPF_MAP_UPDATE_ELEM, &set) < 0) return fail();
  const struct bpf_insn code[] = {
      {.code = BPF_LD | BPF_DW | BPF_IMM, .dst_reg = 1, .src_reg = BPF_PSEUDO_MAP_FD, .imm = map},
      {0},
      {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 2, .imm = 0},
      {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 3, .imm = XDP_PASS},
      {.code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_redirect_map},
      {.code = BPF_JMP | BPF_EXIT},
  };
  return attach(name, code, 6);
}

static int make_ring(struct ring *ring, int option, long page, size_t entry, const struct xdp_ring_offset *at) {
  int entries = ENTRIES;
  if (setsockopt(sock, SOL_XDP, option, &entries, sizeof entries) < 0) return fail();
  uint8_t *map = mmap(NULL, at->desc + ENTRIES * entry, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, sock, page);
  if (map == MAP_FAILED) return fail();
  ring->producer = (uint32_t *)(map + at->producer);
  ring->consumer = (uint32_t *)(map + at->consumer);
  ring->flags = (uint32_t *)(map + at->flags);
  ring->first = map + at->desc;
  return 0;
}

/* A socket at queue 0 of a device, in copy mode. Frames that it sends are written here once. */
static int open_at(const char *name) {
  sock = socket(AF_XDP, SOCK_RAW, 0);
  umem = mmap(NULL, CHUNKS * CHUNK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  struct xdp_umem_reg reg = {.addr = (uintptr_t)umem, .len = CHUNKS * CHUNK, .chunk_size = CHUNK};
  struct xdp_mmap_offsets at;
  socklen_t size = sizeof at;
  if (sock < 0 || umem == MAP_FAILED || setsockopt(sock, SOL_XDP, XDP_UMEM_REG, &reg, sizeof reg) < 0 ||
      getsockopt(sock, SOL_XDP, XDP_MMAP_OFFSETS, &at, &size) < 0)
    return fail();
  int error = make_ring(&rx, XDP_RX_RING, XDP_PGOFF_RX_RING, sizeof(struct xdp_desc), &at.rx);
  if (!error) error = make_ring(&tx, XDP_TX_RING, XDP_PGOFF_TX_RING, sizeof(struct xdp_desc), &at.tx);
  if (!error) error = make_ring(&fill, XDP_UMEM_FILL_RING, XDP_UMEM_PGOFF_FILL_RING, sizeof(uint64_t), &at.fr);
  if (!error)
    error = make_ring(&done, XDP_UMEM_COMPLETION_RING, XDP_UMEM_PGOFF_COMPLETION_RING, sizeof(uint64_t), &at.cr);
  struct sockaddr_xdp address = {.sxdp_family = AF_XDP,
                                 .sxdp_flags = XDP_COPY | XDP_USE_NEED_WAKEUP,
                                 .sxdp_ifindex = if_nametoindex(name)};
  if (!error && bind(sock, (struct sockaddr *)&address, sizeof address) < 0) error = fail();
  if (error) return error;
  for (uint32_t n = 0; n < CHUNKS; n++) {
    uint8_t *frame = umem + n * CHUNK;
    memset(frame, 0xff, 6);
    frame[12] = 0x88, frame[13] = 0xb5;
    spare[spares++] = n * CHUNK;
  }
  return 0;
}

static void refill(void) {
  if (spares == 0) return;
  uint32_t room = ENTRIES - (fill.index - fill.seen);
  if (room < spares) {
    fill.seen = __atomic_load_n(fill.consumer, __ATOMIC_ACQUIRE);
    room = ENTRIES - (fill.index - fill.seen);
  }
  uint32_t count = room < spares ? room : spares;
  if (count == 0) return;
  for (uint32_t n = 0; n < count; n++)
    ((uint64_t *)fill.first)[(fill.index + n) & (ENTRIES - 1)] = spare[--spares];
  fill.index += count;
  __atomic_store_n(fill.producer, fill.index, __ATOMIC_RELEASE);
}

/* The next frames, up to a batch of them; how many. */
static uint32_t receive(uint32_t most) {
  refill();
  uint32_t count = __atomic_load_n(rx.producer, __ATOMIC_ACQUIRE) - rx.index;
  if (count == 0) return 0;
  if (count > most) count = most;
  for (uint32_t n = 0; n < count; n++) batch[n] = ((struct xdp_desc *)rx.first)[(rx.index + n) & (ENTRIES - 1)];
  rx.index += count;
  __atomic_store_n(rx.consumer, rx.index, __ATOMIC_RELEASE);
  return count;
}

static void reap(void) {
  uint32_t count = __atomic_load_n(done.producer, __ATOMIC_ACQUIRE) - done.index;
  if (count == 0) return;
  for (uint32_t n = 0; n < count; n++)
    spare[spares++] = ((uint64_t *)done.first)[(done.index + n) & (ENTRIES - 1)] & ~(uint64_t)(CHUNK - 1);
  done.index += count;
  __atomic_store_n(done.consumer, done.index, __ATOMIC_RELEASE);
}

/* Has the kernel send what is in the ring: it takes a bounded number at a time. */
static void kick(void) {
  while ((__atomic_load_n(tx.flags, __ATOMIC_RELAXED) & XDP_RING_NEED_WAKEUP) &&
         sendto(sock, NULL, 0, MSG_DONTWAIT, NULL, 0) < 0 && errno == EAGAIN)
    ;
}

static void send_batch(uint32_t count) {
  reap();
  for (uint32_t n = 0; n < count; n++)
    ((struct xdp_desc *)tx.first)[(tx.index + n) & (ENTRIES - 1)] = batch[n];
  tx.index += count;
  __atomic_store_n(tx.producer, tx.index, __ATOMIC_RELEASE);
  kick();
}

static void send_frames(uint32_t count, uint32_t size) {
  if (spares < count) reap();
  for (uint32_t n = 0; n < count; n++) batch[n] = (struct xdp_desc){.addr = spare[--spares], .len = size};
  send_batch(count);
}

static void look(uint32_t count) {
  uint32_t sum = 0;
  for (uint32_t n = 0; n < count; n++) sum += umem[batch[n].addr + 12];
  looked_at += sum;
}

/* Frames a second that come in within some time, from the first one on; each is looked at, and perhaps sent back. */
static double incoming(double ns, int forward) {
  uint32_t count, all = 0;
  double give_up = now() + 1e9;
  while ((count = receive(MOST)) == 0)
    if (now() > give_up) return 0;
  double start = now();
  for (;; count = receive(MOST)) {
    if (count > 0) {
      look(count);
      if (forward) send_batch(count);
      else
        for (uint32_t n = 0; n < count; n++) spare[spares++] = batch[n].addr & ~(uint64_t)(CHUNK - 1);
      all += count;
    }
    double took = now() - start;
    if (took >= ns) return all * 1e9 / took;
  }
}

/* Takes what is left over from before. */
static void drain(void) {
  for (uint32_t count; (count = receive(MOST)) > 0;)
    for (uint32_t n = 0; n < count; n++) spare[spares++] = batch[n].addr & ~(uint64_t)(CHUNK - 1);
}

/* Where that is allowed. Process 0 is this one. */
static void pin(int process, int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  sched_setaffinity(process, sizeof set, &set);
}

int main(void) {
  char line[128], name[32];
  int count, size, most;
  setvbuf(stdout, NULL, _IOLBF, 0);
  while (fgets(line, sizeof line, stdin)) {
    int error = 0;
    double result = 0, start = now();
    if (sscanf(line, "open %31s", name) == 1) error = open_at(name);
    else if (sscanf(line, "redirect %31s", name) == 1) error = redirect(name);
    else if (sscanf(line, "drop %31s", name) == 1) error = drop(name);
    else if (sscanf(line, "pin %d %d", &count, &most) == 2) pin(count, most);
    else if (strcmp(line, "drain\n") == 0) drain();
    else if (sscanf(line, "receive %d", &most) == 1) result = incoming(most * 1e6, 0);
    else if (sscanf(line, "forward %d", &most) == 1) result = incoming(most * 1e6, 1);
    else if (sscanf(line, "generate %d %d", &most, &size) == 2) {
      for (; now() - start < most * 1e6; result += MOST) send_frames(MOST, size);
    } else if (sscanf(line, "send %d %d %d", &count, &size, &most) == 3) {
      for (int left = count; left > 0; left -= most) send_frames(most, size);
      result = count * 1e9 / (now() - start);
    }
    if (error) printf("{\"error\":\"%s\"}\n", strerror(error));
    else printf("{\"rate\":%.0f}\n", result);
  }
  return 0;
}
