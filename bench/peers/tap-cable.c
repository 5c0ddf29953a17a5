/*
 * A cable between the TAP interfaces of two network namespaces: what one has to send is written to the other, both ways, and nothing
 * else. Arguments: namespace (a path) and name of each interface. Answers each line of its standard input with "{}", and ends with it.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static char frame[65536];

static int open_tap(const char *namespace, const char *name) {
  struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI};
  int ns = open(namespace, O_RDONLY);
  if (ns < 0 || setns(ns, CLONE_NEWNET) < 0) return -1;
  close(ns);
  strncpy(request.ifr_name, name, IFNAMSIZ - 1);
  int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
  return fd < 0 || ioctl(fd, TUNSETIFF, &request) < 0 ? -1 : fd;
}

static void carry(int from, int to) {
  for (;;) {
    ssize_t length = read(from, frame, sizeof frame);
    if (length <= 0 || write(to, frame, length) < 0) return;
  }
}

int main(int argc, char **argv) {
  if (argc != 5) return 2;
  int a = open_tap(argv[1], argv[2]);
  int b = a < 0 ? -1 : open_tap(argv[3], argv[4]);
  if (b < 0) {
    perror(argv[0]);
    return 1;
  }
  struct pollfd wait[] = {{.fd = a, .events = POLLIN}, {.fd = b, .events = POLLIN}, {.fd = 0, .events = POLLIN}};
  while (poll(wait, 3, -1) > 0) {
    if (wait[0].revents & POLLIN) carry(a, b);
    if (wait[1].revents & POLLIN) carry(b, a);
    if (wait[2].revents != 0) {
      if (read(0, frame, sizeof frame) <= 0) return 0;
      puts("{}");
      fflush(stdout);
    }
  }
  return 0;
}
