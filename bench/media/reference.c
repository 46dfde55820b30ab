/*
 * Baseline of the machine without Node: paced sendto and epoll, in C. The media benchmark compiles and runs it
 * beside the engine, and reports ratios, because absolute figures depend on the machine and its other work.
 *
 *   reference pace   SECONDS PORT...   sends 172-byte RTP packets to each port every 20 ms
 *   reference duplex SECONDS STREAMS [PORT...]   STREAMS sockets that send to each other in pairs and receive, and
 *                                      paced streams to the ports beside them
 *
 * Prints one line of JSON.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>

#define SLOTS 20
#define PACKET 172
#define EVENTS 1024

static double now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static void sleep_until(double ms) {
  struct timespec t = {(time_t)(ms / 1e3), (long)((ms - 1e3 * (time_t)(ms / 1e3)) * 1e6)};
  clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

static double cpu_us(void) {
  struct rusage u;
  getrusage(RUSAGE_SELF, &u);
  return (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e6 + u.ru_utime.tv_usec + u.ru_stime.tv_usec;
}

static struct sockaddr_in loopback(int port) {
  struct sockaddr_in a;
  memset(&a, 0, sizeof a);
  a.sin_family = AF_INET;
  a.sin_port = htons(port);
  a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return a;
}

int main(int argc, char **argv) {
  if (argc < 4) return 2;
  int duplex = strcmp(argv[1], "duplex") == 0;
  double seconds = atof(argv[2]);
  int pairs = duplex ? atoi(argv[3]) : 0;
  char **ports = argv + (duplex ? 4 : 3);
  int streams = pairs + argc - (duplex ? 4 : 3);
  int *fd = malloc(streams * sizeof *fd);
  unsigned short *sequence = calloc(streams, sizeof *sequence);
  struct sockaddr_in *own = calloc(streams, sizeof *own);
  int ep = epoll_create1(0);
  struct rlimit room;
  getrlimit(RLIMIT_NOFILE, &room);
  room.rlim_cur = room.rlim_max;
  setrlimit(RLIMIT_NOFILE, &room);
  /* Needs a privilege; without it the figures are those of an ordinary thread. */
  setpriority(PRIO_PROCESS, 0, -15);

  for (int i = 0; i < streams; i++) {
    fd[i] = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    own[i] = loopback(0);
    if (fd[i] < 0 || bind(fd[i], (struct sockaddr *)&own[i], sizeof own[i]) < 0) return 1;
    socklen_t length = sizeof own[i];
    getsockname(fd[i], (struct sockaddr *)&own[i], &length);
    struct epoll_event e = {EPOLLIN, {.u32 = i}};
    epoll_ctl(ep, EPOLL_CTL_ADD, fd[i], &e);
  }

  unsigned char packet[PACKET] = {0x80}, received[2048];
  struct epoll_event events[EVENTS];
  long sent = 0, sent_to_pairs = 0, got = 0, skipped = 0;
  double max_late = 0, cpu = cpu_us(), begin = now_ms(), tick = begin;
  for (int slot = 0; tick < begin + seconds * 1e3; slot = (slot + 1) % SLOTS, tick += 1) {
    sleep_until(tick);
    double late = now_ms() - tick;
    if (late > max_late) max_late = late;
    /* A whole packet time late: the engine would have skipped these. */
    if (late >= SLOTS) skipped += streams / SLOTS;
    for (int i = slot; i < streams; i += SLOTS) {
      struct sockaddr_in to = i < pairs ? own[i ^ 1] : loopback(atoi(ports[i - pairs]));
      packet[2] = sequence[i] >> 8;
      packet[3] = sequence[i]++;
      if (sendto(fd[i], packet, PACKET, 0, (struct sockaddr *)&to, sizeof to) == PACKET) {
        sent++;
        if (i < pairs) sent_to_pairs++;
      }
    }
    for (int ready = EVENTS; duplex && ready == EVENTS;) {
      ready = epoll_wait(ep, events, EVENTS, 0);
      for (int i = 0; i < ready; i++)
        while (recvfrom(fd[events[i].data.u32], received, sizeof received, 0, NULL, NULL) > 0) got++;
    }
  }
  cpu = cpu_us() - cpu;
  /* What is still in the sockets. */
  for (int i = 0; i < pairs; i++)
    while (recvfrom(fd[i], received, sizeof received, 0, NULL, NULL) > 0) got++;
  printf("{\"sent\":%ld,\"received\":%ld,\"lost\":%ld,\"skipped\":%ld,\"cpuUsPerPacket\":%.3f,\"cpuShare\":%.4f,"
         "\"maxLateMs\":%.2f}\n",
         sent, got, sent_to_pairs - got, skipped, sent ? cpu / sent : 0, cpu / (seconds * 1e6), max_late);
  return 0;
}
