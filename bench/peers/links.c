/*
 * The machine's own kernel over a raw netlink socket in C: a GETLINK round trip (in processor time), and changes of links at
 * a given rate. One command a line on standard input, one line of JSON on standard output. The namespace is the one it is started in.
 */
#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct request {
  struct nlmsghdr head;
  struct ifinfomsg link;
  struct rtattr attr;
  unsigned int value;
};

static int sock;
static char answer[65536];

static long long now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

/* Time that this process had a processor: others may use the machine too. */
static long long used(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static struct request request_for(int type, int flags, int index) {
  struct request r;
  memset(&r, 0, sizeof r);
  r.head.nlmsg_len = NLMSG_LENGTH(sizeof r.link);
  r.head.nlmsg_type = type;
  r.head.nlmsg_flags = NLM_F_REQUEST | flags;
  r.head.nlmsg_seq = 1;
  r.link.ifi_index = index;
  return r;
}

/* Sends a request and waits for its answer; 0, or the error number in it. */
static int ask(const struct request *r) {
  if (send(sock, r, r->head.nlmsg_len, 0) < 0) return errno;
  if (recv(sock, answer, sizeof answer, 0) < 0) return errno;
  const struct nlmsghdr *head = (const struct nlmsghdr *)answer;
  return head->nlmsg_type == NLMSG_ERROR ? -((const struct nlmsgerr *)NLMSG_DATA(head))->error : 0;
}

static void tell(long long nanoseconds, long count, int error) {
  if (error)
    printf("{\"error\":\"%s\"}\n", strerror(error));
  else
    printf("{\"ns\":%lld,\"count\":%ld}\n", nanoseconds, count);
}

static void get(long count, int index) {
  struct request r = request_for(RTM_GETLINK, 0, index);
  int error = 0;
  long long start = used();
  for (long i = 0; i < count && !error; i++) error = ask(&r);
  tell(used() - start, count, error);
}

/* Changes the group of a device `rate` times a second, evenly over each millisecond, for so many milliseconds. */
static void change(long rate, long milliseconds, int index) {
  struct request r = request_for(RTM_NEWLINK, NLM_F_ACK, index);
  r.attr.rta_len = RTA_LENGTH(sizeof r.value);
  r.attr.rta_type = IFLA_GROUP;
  r.head.nlmsg_len += r.attr.rta_len;
  long made = 0;
  int error = 0;
  long long start = now();
  for (;;) {
    long due = (now() - start) / 1000 * rate / 1000000;
    if (due > rate * milliseconds / 1000) due = rate * milliseconds / 1000;
    for (; made < due && !error; made++) {
      r.value = 100 + (made & 1);
      error = ask(&r);
    }
    if (error || made >= rate * milliseconds / 1000) break;
    usleep(500);
  }
  tell(now() - start, made, error);
}

int main(void) {
  char line[256], name[32];
  long a, b;
  int index;
  struct sockaddr_nl address = {.nl_family = AF_NETLINK};
  sock = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  if (sock < 0 || bind(sock, (struct sockaddr *)&address, sizeof address) < 0) return 1;
  int on = 1; /* The same work as of a socket of ours. */
  setsockopt(sock, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof on);
  setsockopt(sock, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on, sizeof on);
  setvbuf(stdout, NULL, _IOLBF, 0);
  while (fgets(line, sizeof line, stdin)) {
    a = b = index = 0;
    if (sscanf(line, "%31s", name) == 1 && strcmp(name, "hello") == 0)
      printf("{}\n");
    else if (sscanf(line, "get %ld %d", &a, &index) == 2)
      get(a, index);
    else if (sscanf(line, "change %ld %ld %d", &a, &b, &index) == 3)
      change(a, b, index);
    else
      printf("{\"error\":\"unknown command\"}\n");
  }
  return 0;
}
