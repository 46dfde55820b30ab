/*
 * Receives the streams of the media benchmark and measures how far apart the packets of each stream arrive, by the
 * kernel's timestamps: how late this program itself is scheduled does not count.
 *
 *   sink STREAMS PTIME_MS
 *
 * Prints its ports as a line of JSON. Then takes commands, a line each: `start` forgets what was, `stop` prints the
 * figures of SinkResult (sink.ts) as a line of JSON, the end of the input ends it.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <math.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define EVENTS 1024
#define BUCKETS 20000
#define BUCKET_MS 0.05

struct stream {
  int fd, sequence;
  long count;
  double first, last;
};

static unsigned histogram[BUCKETS];
static long lost;
static int measuring;
static double started_at;

static double ms_of(const struct timespec *t) { return t->tv_sec * 1e3 + t->tv_nsec / 1e6; }

static double now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  return ms_of(&t);
}

/* When the kernel took the packet in. */
static double arrival(struct msghdr *message) {
  for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c))
    if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS)
      return ms_of((struct timespec *)CMSG_DATA(c));
  return now_ms();
}

static int receive(struct stream *s, double ptime) {
  unsigned char packet[2048];
  char control[256];
  struct iovec part = {packet, sizeof packet};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  ssize_t length = recvmsg(s->fd, &message, MSG_DONTWAIT);
  if (length < 0) return 0;
  /* RTCP on the same port. */
  if (length < 12 || (packet[1] >= 192 && packet[1] <= 223)) return 1;
  double now = arrival(&message);
  int number = packet[2] << 8 | packet[3];
  if (measuring && s->sequence >= 0) {
    lost += (number - s->sequence - 1) & 0xffff;
    double jitter = fabs(now - s->last - ptime) / BUCKET_MS;
    histogram[jitter < BUCKETS - 1 ? (int)jitter : BUCKETS - 1]++;
    s->count++;
  } else {
    s->first = now;
  }
  s->sequence = number;
  s->last = now;
  return 1;
}

static void start(struct stream *streams, int n) {
  memset(histogram, 0, sizeof histogram);
  lost = 0;
  for (int i = 0; i < n; i++) {
    streams[i].count = 0;
    streams[i].sequence = -1;
  }
  started_at = now_ms();
  measuring = 1;
}

static double quantile(long packets, double share) {
  double sum = 0;
  for (int bucket = 0; bucket < BUCKETS; bucket++) {
    sum += histogram[bucket];
    if (sum >= packets * share) return (bucket + 1) * BUCKET_MS;
  }
  return BUCKETS * BUCKET_MS;
}

/* A stream that was silent for two packet times at an edge of the measurement is measured up to that edge. */
static void stop(const struct stream *streams, int n, double ptime) {
  double stopped_at = now_ms(), due = 0, worst = 0;
  long packets = 0, fewest = -1, most = 0;
  measuring = 0;
  for (int i = 0; i < n; i++) {
    const struct stream *s = &streams[i];
    double first = s->sequence < 0 ? stopped_at : s->first;
    double from = first - started_at > 2 * ptime ? started_at : first;
    double to = stopped_at - s->last > 2 * ptime ? stopped_at : s->last;
    double off = fabs((to - from) / ptime - s->count);
    due += (to - from) / ptime;
    packets += s->count;
    if (off > worst) worst = off;
    if (fewest < 0 || s->count < fewest) fewest = s->count;
    if (s->count > most) most = s->count;
  }
  printf("{\"packets\":%ld,\"lost\":%ld,\"p50\":%.2f,\"p99\":%.2f,\"max\":%.2f,\"fewest\":%ld,\"most\":%ld,"
         "\"share\":%.9f,\"worstStream\":%.6f}\n",
         packets, lost, quantile(packets, 0.5), quantile(packets, 0.99), quantile(packets, 1), fewest, most,
         due > 0 ? packets / due : 0, worst);
  fflush(stdout);
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  int n = atoi(argv[1]), on = 1, room = 1 << 20, ep = epoll_create1(0);
  double ptime = atof(argv[2]);
  struct stream *streams = calloc(n, sizeof *streams);
  /* Needs a privilege; the timestamps do not depend on it. */
  setpriority(PRIO_PROCESS, 0, -15);

  printf("[");
  for (int i = 0; i < n; i++) {
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof a;
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof a) < 0) return 1;
    getsockname(fd, (struct sockaddr *)&a, &length);
    setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    streams[i] = (struct stream){.fd = fd, .sequence = -1};
    struct epoll_event e = {EPOLLIN, {.u32 = i}};
    epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e);
    printf("%s%d", i ? "," : "", ntohs(a.sin_port));
  }
  printf("]\n");
  fflush(stdout);
  struct epoll_event input = {EPOLLIN, {.u32 = n}};
  epoll_ctl(ep, EPOLL_CTL_ADD, STDIN_FILENO, &input);

  struct epoll_event events[EVENTS];
  char line[64];
  for (;;) {
    int ready = epoll_wait(ep, events, EVENTS, -1), commanded = 0;
    for (int i = 0; i < ready; i++) {
      int which = events[i].data.u32;
      if (which == n) commanded = 1;
      else while (receive(&streams[which], ptime));
    }
    if (!commanded) continue;
    ssize_t length = read(STDIN_FILENO, line, sizeof line - 1);
    if (length <= 0) return 0;
    line[length] = 0;
    if (strncmp(line, "start", 5) == 0) start(streams, n);
    else stop(streams, n, ptime);
  }
}
