#!/usr/bin/env python3
"""A link between two network namespaces, in user space, with delay, jitter, loss, repetition and reordering.

Takes one JSON argument:
  namespaces  [a, b]: names of the two namespaces, which are made here and removed at the end
  addresses   [a, b]: their IPv4 addresses
  nat         absent, or the public address of a symmetric NAT in front of a
  delayMs, jitterMs        each packet waits delayMs + uniform(-jitterMs, jitterMs), each way
  lossPercent, lossBurst   share of packets that get lost, in runs of lossBurst packets
  repeatPercent            share of packets that are delivered twice
  reorderPercent           share of packets that wait 45 ms longer, so that later ones overtake them
  seed                     of all chances; each direction has a sequence of its own

Writes "ready" when packets pass. Runs until its standard input ends, so that nothing is left over when the test
that started it is killed; then it writes what it really did as one line of JSON. Needs root and /dev/net/tun.

Its standard input may bring [a, b] in JSON: when each of them stopped listening to RTP, in milliseconds since the
epoch. What came later is not reported: the other side sends on until it hears of the end, and a BYE may get lost.
"""
import errno
import fcntl
import heapq
import json
import math
import os
import random
import select
import struct
import subprocess
import sys
import time

TUNSETIFF = 0x400454CA
IFF_TUN = 0x0001
IFF_NO_PI = 0x1000
OVERTAKEN_MS = 45
UDP = 17


def run(*command):
    subprocess.run(command, check=True)


def open_tun(namespace, address):
    """Makes a namespace whose only way out is the returned descriptor."""
    run("ip", "netns", "add", namespace)
    device = namespace[:15]
    tun = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH14x", device.encode(), IFF_TUN | IFF_NO_PI))
    run("ip", "link", "set", device, "netns", namespace)
    inside = ("ip", "-n", namespace)
    run(*inside, "link", "set", "lo", "up")
    run(*inside, "link", "set", device, "name", "link0")
    run(*inside, "addr", "add", address + "/32", "dev", "link0")
    run(*inside, "link", "set", "link0", "mtu", "1500", "up")
    run(*inside, "route", "add", "default", "dev", "link0")
    return tun


class Datagram:
    """An unfragmented UDP datagram over IPv4, of which addresses and ports can be changed."""

    def __init__(self, packet):
        self.packet = bytearray(packet)
        self.header = (packet[0] & 15) * 4

    @staticmethod
    def is_one(packet):
        """Whether these bytes can be looked at as a datagram."""
        if len(packet) < 28 or packet[0] >> 4 != 4 or packet[9] != UDP:
            return False
        return struct.unpack_from("!H", packet, 6)[0] & 0x3FFF == 0

    @property
    def source(self):
        return bytes(self.packet[12:16]), struct.unpack_from("!H", self.packet, self.header)[0]

    @source.setter
    def source(self, end):
        self.packet[12:16] = end[0]
        struct.pack_into("!H", self.packet, self.header, end[1])

    @property
    def destination(self):
        return bytes(self.packet[16:20]), struct.unpack_from("!H", self.packet, self.header + 2)[0]

    @destination.setter
    def destination(self, end):
        self.packet[16:20] = end[0]
        struct.pack_into("!H", self.packet, self.header + 2, end[1])

    @property
    def payload(self):
        return self.packet[self.header + 8 :]

    def bytes(self):
        """With checksums that fit the changed addresses."""
        struct.pack_into("!H", self.packet, 10, 0)
        struct.pack_into("!H", self.packet, 10, checksum(self.packet[: self.header]))
        struct.pack_into("!H", self.packet, self.header + 6, 0)
        segment = self.packet[self.header :]
        pseudo = bytes(self.packet[12:20]) + struct.pack("!BBH", 0, UDP, len(segment))
        struct.pack_into("!H", self.packet, self.header + 6, checksum(pseudo + segment) or 0xFFFF)
        return bytes(self.packet)


def checksum(data):
    """Internet checksum (RFC 1071)."""
    padded = bytes(data) + b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(padded) // 2}H", padded))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


class SymmetricNat:
    """Endpoint-dependent mapping and filtering (RFC 4787): each destination sees another port, only it may answer."""

    def __init__(self, public, seed):
        self.public = bytes(int(part) for part in public.split("."))
        self.ports = list(range(40000, 60000))
        random.Random(seed).shuffle(self.ports)
        self.by_flow = {}
        self.by_port = {}
        self.refused = 0

    def outwards(self, datagram):
        flow = (datagram.source, datagram.destination)
        if flow not in self.by_flow:
            port = self.ports.pop()
            self.by_flow[flow] = port
            self.by_port[port] = flow
        datagram.source = (self.public, self.by_flow[flow])
        return datagram.bytes()

    def inwards(self, datagram):
        address, port = datagram.destination
        flow = self.by_port.get(port)
        if address != self.public or flow is None or flow[1] != datagram.source:
            self.refused += 1
            return None
        datagram.destination = flow[0]
        return datagram.bytes()


class RtpStream:
    """What became of one SSRC's packets. Sequence numbers are extended over their wrap."""

    def __init__(self):
        self.offered = []
        # Time in milliseconds since the epoch, sequence number, seconds in the link.
        self.delivered = []

    def offer(self, sequence):
        last = self.offered[-1] if self.offered else sequence
        extended = last + ((sequence - last + 0x8000) & 0xFFFF) - 0x8000
        self.offered.append(extended)
        return extended

    def deliver(self, sequence, waited):
        self.delivered.append((time.time() * 1000, sequence, waited))

    def report(self, until):
        listened_to = [packet for packet in self.delivered if packet[0] <= until]
        if not listened_to:
            return None
        delivered = [sequence for _, sequence, _ in listened_to]
        first, last = min(delivered), max(delivered)
        arrived = set(delivered)
        overtaken, seen, highest = 0, set(), first - 1
        for sequence in delivered:
            overtaken += sequence < highest and sequence not in seen
            seen.add(sequence)
            highest = max(highest, sequence)
        return {
            "offered": sum(sequence <= last for sequence in self.offered),
            # Of those between the first and the last that arrived: a receiver cannot know of others.
            "lost": sum(first < sequence < last and sequence not in arrived for sequence in self.offered),
            "repeated": len(delivered) - len(arrived),
            "overtaken": overtaken,
            "delayMs": sum(waited for _, _, waited in listened_to) / len(delivered) * 1000,
        }


class Direction:
    """From one descriptor to the other."""

    def __init__(self, source, target, settings, seed):
        self.source = source
        self.target = target
        self.settings = settings
        self.chance = random.Random(seed)
        self.losing = 0
        self.streams = {}
        self.seen = 0
        self.lost = 0
        self.lag = 0.0

    def happens(self, name):
        return self.chance.random() * 100 < self.settings.get(name, 0)

    def is_lost(self):
        burst = self.settings.get("lossBurst", 1)
        if self.losing == 0:
            # A run of `burst` packets begins this often for the whole to be `lossPercent`.
            share = self.settings.get("lossPercent", 0) / 100
            begins = share / (burst * (1 - share) + share) if share < 1 else 1
            if self.chance.random() >= begins:
                return False
            self.losing = burst
        self.losing -= 1
        return True

    def wait(self):
        jitter = self.settings.get("jitterMs", 0)
        wait = self.settings.get("delayMs", 0) + self.chance.uniform(-jitter, jitter)
        return (wait + (OVERTAKEN_MS if self.happens("reorderPercent") else 0)) / 1000

    def rtp(self, packet):
        """The stream and the extended sequence number of an RTP packet."""
        payload = Datagram(packet).payload if Datagram.is_one(packet) else b""
        # Version 2, and not one of the packet types of RTCP (RFC 5761, 4).
        if len(payload) < 12 or payload[0] >> 6 != 2 or 192 <= payload[1] <= 223:
            return None, 0
        sequence, ssrc = struct.unpack_from("!H4xL", payload, 2)
        stream = self.streams.setdefault(ssrc, RtpStream())
        return stream, stream.offer(sequence)

    def report(self, until):
        rtp = {str(ssrc): stream.report(until) for ssrc, stream in self.streams.items()}
        return {
            "packets": self.seen,
            "lost": self.lost,
            # How late a packet left at most, because this machine was busy.
            "lagMs": self.lag * 1000,
            "rtp": {k: v for k, v in rtp.items() if v},
        }


def forward(directions, nat, stdin):
    """Passes packets until the standard input ends; returns what came by it."""
    told = b""
    queue = []
    count = 0
    by_source = {direction.source: direction for direction in directions}
    while True:
        timeout = max(0.0, queue[0][0] - time.monotonic()) if queue else None
        ready, _, _ = select.select([stdin, *by_source], [], [], timeout)
        if stdin in ready:
            part = os.read(stdin, 1024)
            if not part:
                return told
            told += part
        for source in ready:
            direction = by_source.get(source)
            if direction is None:
                continue
            packet = translate(os.read(source, 65536), direction is directions[0], nat)
            if packet is None:
                continue
            arrived = time.monotonic()
            direction.seen += 1
            stream, sequence = direction.rtp(packet)
            if direction.is_lost():
                direction.lost += 1
                continue
            for _ in range(2 if direction.happens("repeatPercent") else 1):
                count += 1
                due = arrived + direction.wait()
                heapq.heappush(queue, (due, count, arrived, direction, packet, stream, sequence))
        while queue and queue[0][0] <= time.monotonic():
            due, _, arrived, direction, packet, stream, sequence = heapq.heappop(queue)
            direction.lag = max(direction.lag, time.monotonic() - due)
            try:
                os.write(direction.target, packet)
            except OSError as error:
                # A full queue or a device that goes down loses the packet, as a real link would.
                if error.errno not in (errno.EAGAIN, errno.EIO, errno.ENOBUFS):
                    raise
                continue
            if stream:
                stream.deliver(sequence, time.monotonic() - arrived)


def translate(packet, outwards, nat):
    """What the NAT makes of a packet; None when it does not pass. Only IPv4 goes over this link."""
    if packet[0] >> 4 != 4:
        return None
    if nat is None:
        return packet
    if not Datagram.is_one(packet):
        return None
    return nat.outwards(Datagram(packet)) if outwards else nat.inwards(Datagram(packet))


def main():
    settings = json.loads(sys.argv[1])
    namespaces, seed = settings["namespaces"], settings.get("seed", 1)
    nat = SymmetricNat(settings["nat"], seed) if settings.get("nat") else None
    try:
        a, b = (open_tun(*end) for end in zip(namespaces, settings["addresses"]))
        try:
            os.setpriority(os.PRIO_PROCESS, 0, -15)
        except PermissionError:
            # Delays are only as exact as the machine is idle then.
            pass
        directions = [Direction(a, b, settings, seed), Direction(b, a, settings, seed + 1000)]
        print("ready", flush=True)
        told = forward(directions, nat, sys.stdin.fileno())
        a_until, b_until = json.loads(told) if told else (math.inf, math.inf)
        forwarded = [directions[0].report(b_until), directions[1].report(a_until)]
        report = {"directions": forwarded}
        if nat:
            report["nat"] = {"mappings": len(nat.by_port), "refused": nat.refused}
        print(json.dumps(report), flush=True)
    finally:
        for namespace in namespaces:
            subprocess.run(("ip", "netns", "del", namespace), check=False)


main()
