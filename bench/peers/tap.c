/*
 * Frames from one TAP interface to another in C: read, write, and nothing else; and frames into any TAP interface, for others
 * to fetch. One command a line on standard input, one line of JSON on standard output. The namespace is the one it is started in.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static int from, to, sock;
static char frame[65536];

static long long used(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static int fail(void) { return errno ? errno : EIO; }

static int up(const char *name) {
  struct ifreq request = {0};
  strncpy(request.ifr_name, name, IFNAMSIZ - 1);
  if (ioctl(sock, SIOCGIFFLAGS, &request) < 0) return fail();
  request.ifr_flags |= IFF_UP;
  return ioctl(sock, SIOCSIFFLAGS, &request) < 0 ? fail() : 0;
}

static int open_tap(const char *name, int *fd) {
  struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI};
  strncpy(request.ifr_name, name, IFNAMSIZ - 1);
  *fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
  if (*fd < 0 || ioctl(*fd, TUNSETIFF, &request) < 0) return fail();
  return up(name);
}

/* Puts frames into the queue of an interface. */
static int fill(const char *name, int count, int size) {
  struct ifreq request = {0};
  strncpy(request.ifr_name, name, IFNAMSIZ - 1);
  if (ioctl(sock, SIOCGIFINDEX, &request) < 0) return fail();
  struct sockaddr_ll address = {.sll_family = AF_PACKET, .sll_ifindex = request.ifr_ifindex, .sll_halen = ETH_ALEN};
  memset(frame, 0, sizeof frame);
  memset(frame, 0xff, ETH_ALEN);
  frame[12] = 0x88, frame[13] = 0xb5;
  for (int i = 0; i < count; i++) {
    if (sendto(sock, frame, size, 0, (struct sockaddr *)&address, sizeof address) < 0) return fail();
  }
  return 0;
}

int main(void) {
  char line[128], name[32];
  int count, size, left;
  setvbuf(stdout, NULL, _IOLBF, 0);
  sock = socket(AF_PACKET, SOCK_RAW, 0);
  int error = sock < 0 ? fail() : open_tap("c0", &from);
  if (!error) error = open_tap("c1", &to);
  while (fgets(line, sizeof line, stdin)) {
    long long took = 0;
    if (!error && sscanf(line, "up %31s", name) == 1) error = up(name);
    else if (!error && sscanf(line, "fill %31s %d %d", name, &count, &size) == 3) error = fill(name, count, size);
    else if (!error && sscanf(line, "forward %d %d", &count, &size) == 2) {
      error = fill("c0", count, size);
      long long start = used();
      for (left = count; left > 0;) {
        long length = read(from, frame, sizeof frame);
        if (length < 0) break;
        if (length != size) continue;
        if (write(to, frame, length) != length) break;
        left--;
      }
      took = used() - start;
      if (left > 0) error = fail();
    }
    if (error) {
      printf("{\"error\":\"%s\"}\n", strerror(error));
      error = 0;
    } else
      printf("{\"ns\":%lld,\"count\":%d}\n", took, 1);
  }
  return 0;
}
