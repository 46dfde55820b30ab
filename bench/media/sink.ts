import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';

/**
 * Receives the streams of the benchmark in a thread of its own, where there is no compiler for `sink.c`, and measures how
 * far apart the packets of each stream arrive. A histogram per stream instead of a list, so that measuring does not disturb.
 */
const BUCKETS = 20_000;
const BUCKET_MS = 0.05;

interface SinkData {
  streams: number;
  ptimeMs: number;
}

export interface SinkResult {
  packets: number;
  /** Packets that the sequence numbers say are missing. */
  lost: number;
  /** Absolute difference between spacing of arrival and packet time, in milliseconds. */
  p50: number;
  p99: number;
  max: number;
  /** Packet times of the stream with the fewest and the most. */
  fewest: number;
  most: number;
  /**
   * Packet times that were filled with a packet, of those that lie between the first and the last arrival of each
   * stream, in sum. Counting between arrivals avoids doubtful packets at the edges, so a difference from 1 is a packet
   * that was not sent, or lateness of the first or the last one (1 ms is 0.0017 % of a minute).
   */
  share: number;
  /** Packet times by which the stream that is furthest off differs from that count. */
  worstStream: number;
}

/** Arrivals of each stream; times are monotonic milliseconds. */
interface Arrivals {
  /** Packets after the first one, which are the packet times that were filled. */
  counts: Uint32Array;
  first: Float64Array;
  last: Float64Array;
  startedAt: number;
  stoppedAt: number;
}

async function run(): Promise<void> {
  const main = parentPort;
  if (!main) return;
  raisePriority();
  const { streams, ptimeMs } = workerData as SinkData;
  const histogram = new Uint32Array(BUCKETS);
  const last = new Float64Array(streams);
  const sequence = new Int32Array(streams).fill(-1);
  const counts = new Uint32Array(streams);
  const first = new Float64Array(streams);
  let startedAt = 0;
  let lost = 0;
  let measuring = false;
  const sockets = Array.from({ length: streams }, (_, index) => {
    const socket = createSocket({ type: 'udp4', recvBufferSize: 1 << 20 });
    socket.on('message', (packet: Buffer) => {
      if (packet[1] >= 192 && packet[1] <= 223) return;
      const now = performance.now();
      const number = packet.readUInt16BE(2);
      if (measuring && sequence[index] >= 0) {
        lost += (number - sequence[index] - 1) & 0xffff;
        const jitter = Math.abs(now - last[index] - ptimeMs);
        histogram[Math.min(BUCKETS - 1, Math.floor(jitter / BUCKET_MS))]++;
        counts[index]++;
      } else {
        first[index] = now;
      }
      sequence[index] = number;
      last[index] = now;
    });
    socket.bind(0, '127.0.0.1');
    return socket;
  });
  await Promise.all(sockets.map((socket) => once(socket, 'listening')));
  main.postMessage(sockets.map((socket) => socket.address().port));
  main.on('message', (command: 'start' | 'stop' | 'end') => {
    if (command === 'start') {
      histogram.fill(0);
      counts.fill(0);
      // The next packet is the first one, also when another sender takes over.
      sequence.fill(-1);
      lost = 0;
      startedAt = performance.now();
      measuring = true;
    } else if (command === 'stop') {
      measuring = false;
      const stoppedAt = performance.now();
      for (let index = 0; index < streams; index++) if (sequence[index] < 0) first[index] = stoppedAt;
      main.postMessage(result(histogram, { counts, first, last, startedAt, stoppedAt }, ptimeMs, lost));
    } else {
      for (const socket of sockets) socket.close();
      main.close();
    }
  });
}

/** Raises the priority: the sink must not be later than the packets that it measures. */
function raisePriority(): void {
  try {
    if (process.platform === 'linux') setPriority(0, -15);
  } catch {
    console.log('no permission to raise the priority: figures include how late the sink was');
  }
}

function result(histogram: Uint32Array, arrivals: Arrivals, ptimeMs: number, lost: number): SinkResult {
  const { counts } = arrivals;
  const packets = counts.reduce((sum, count) => sum + count, 0);
  const quantile = (share: number): number => {
    let sum = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      sum += histogram[bucket];
      if (sum >= packets * share) return (bucket + 1) * BUCKET_MS;
    }
    return BUCKETS * BUCKET_MS;
  };
  return {
    packets,
    lost,
    p50: quantile(0.5),
    p99: quantile(0.99),
    max: quantile(1),
    fewest: Math.min(...counts),
    most: Math.max(...counts),
    ...againstTheClock(arrivals, ptimeMs),
  };
}

/** A stream that was silent for two packet times at an edge of the measurement is measured up to that edge. */
function againstTheClock(arrivals: Arrivals, ptimeMs: number): Pick<SinkResult, 'share' | 'worstStream'> {
  const { counts, first, last, startedAt, stoppedAt } = arrivals;
  let due = 0;
  let came = 0;
  let worstStream = 0;
  counts.forEach((count, index) => {
    const from = first[index] - startedAt > 2 * ptimeMs ? startedAt : first[index];
    const to = stoppedAt - last[index] > 2 * ptimeMs ? stoppedAt : last[index];
    const packetTimes = (to - from) / ptimeMs;
    due += packetTimes;
    came += count;
    worstStream = Math.max(worstStream, Math.abs(packetTimes - count));
  });
  return { share: due > 0 ? came / due : 0, worstStream };
}

void run();
