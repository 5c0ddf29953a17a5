/* Sends COUNT frames of SIZE bytes out of DEVICE, 64 a system call, past the queueing discipline. Prints the nanoseconds. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { BATCH = 64 };

static long long now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  size_t size = strtoul(argv[2], 0, 10);
  long count = strtol(argv[3], 0, 10);
  int s = socket(AF_PACKET, SOCK_RAW, 0), on = 1;
  if (s < 0) return perror("socket"), 1;
  setsockopt(s, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof on);
  struct sockaddr_ll to = {.sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(argv[1])};
  if (bind(s, (struct sockaddr *)&to, sizeof to) < 0) return perror("bind"), 1;
  unsigned char *frame = calloc(1, size);
  memset(frame, 0x02, 12);
  frame[12] = 0x88, frame[13] = 0xb5; /* an ethertype for experiments: nobody takes it */
  struct iovec part = {frame, size};
  struct mmsghdr batch[BATCH];
  memset(batch, 0, sizeof batch);
  for (int i = 0; i < BATCH; i++) batch[i].msg_hdr.msg_iov = &part, batch[i].msg_hdr.msg_iovlen = 1;
  long long start = now();
  for (long sent = 0; sent < count;) {
    int n = sendmmsg(s, batch, BATCH, 0);
    if (n < 0) continue; /* the receiving side is behind: no buffers */
    sent += n;
  }
  printf("%lld\n", now() - start);
  return 0;
}
