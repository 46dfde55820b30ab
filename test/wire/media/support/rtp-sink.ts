import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { join } from 'node:path';
import { parentPort, Worker, workerData } from 'node:worker_threads';

/** Arrivals of one stream, as a thread of its own saw them. */
export interface Arrivals {
  /** Monotonic milliseconds of the sink's thread. */
  at: number[];
  sequence: number[];
  timestamp: number[];
  marker: boolean[];
}

/** Receives RTP of several streams in a thread that a busy main thread cannot disturb. */
export class RtpSink {
  private constructor(
    private readonly worker: Worker,
    readonly ports: number[],
  ) {}

  static async open(streams: number): Promise<RtpSink> {
    const worker = new Worker(join(__dirname, 'rtp-sink.ts'), {
      execArgv: ['--require', require.resolve('tsx/cjs')],
      workerData: { sinkStreams: streams },
    });
    const [ports] = (await once(worker, 'message')) as [number[]];
    return new RtpSink(worker, ports);
  }

  /** Ends the sink and returns what came to each port. */
  async close(): Promise<Arrivals[]> {
    this.worker.postMessage('end');
    const [arrivals] = (await once(this.worker, 'message')) as [Arrivals[]];
    await this.worker.terminate();
    return arrivals;
  }
}

async function run(streams: number): Promise<void> {
  const port = parentPort;
  if (!port) return;
  const arrivals: Arrivals[] = [];
  const sockets = Array.from({ length: streams }, () => {
    const stream: Arrivals = { at: [], sequence: [], timestamp: [], marker: [] };
    arrivals.push(stream);
    const socket = createSocket('udp4');
    socket.on('message', (packet: Buffer) => {
      stream.at.push(performance.now());
      stream.sequence.push(packet.readUInt16BE(2));
      stream.timestamp.push(packet.readUInt32BE(4));
      stream.marker.push((packet[1] & 0x80) !== 0);
    });
    socket.bind(0, '127.0.0.1');
    return socket;
  });
  await Promise.all(sockets.map((socket) => once(socket, 'listening')));
  port.postMessage(sockets.map((socket) => socket.address().port));
  port.once('message', () => {
    for (const socket of sockets) socket.close();
    port.postMessage(arrivals);
  });
}

const sinkData = workerData as { sinkStreams?: number } | null;
if (sinkData?.sinkStreams !== undefined) void run(sinkData.sinkStreams);
