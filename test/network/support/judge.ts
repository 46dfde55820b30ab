import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What tshark says of one RTP stream that arrived. */
export interface JudgedStream {
  /** Packets that arrived, repetitions included. */
  packets: number;
  /** As its stream analysis has it: a repeated packet makes up for a lost one (RFC 3550, A.3). */
  lostByAnalysis: number;
  /** As its stream analysis has it, of the audio packets. */
  meanJitterMs: number;
  /** From the sequence numbers that it dissected. */
  lost: number;
  repeated: number;
  overtaken: number;
  /** Events of which a packet arrived, in the order of their RTP timestamps. */
  digits: string;
}

/** Writes down what passes the end of a link, by dumpcap. */
export class Capture {
  private constructor(
    private readonly child: ChildProcess,
    private readonly file: string,
  ) {}

  static async start(namespace: string, file: string): Promise<Capture> {
    const dumpcap = ['dumpcap', '-q', '-i', 'link0', '-f', 'udp', '-w', file];
    const child = spawn('ip', ['netns', 'exec', namespace, ...dumpcap], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let told = '';
    await new Promise<void>((resolve, reject) => {
      child.stderr.on('data', (text: Buffer) => {
        told += text.toString();
        if (told.includes('File:')) resolve();
      });
      child.once('exit', () => reject(new Error(`dumpcap does not capture: ${told}`)));
    });
    return new Capture(child, file);
  }

  /**
   * Ends the capture and judges the streams that came in for `address`, by SSRC, up to a time in milliseconds since the
   * epoch.
   */
  async judge(address: string, until: number): Promise<Map<number, JudgedStream>> {
    const exited = once(this.child, 'exit');
    this.child.kill('SIGINT');
    await exited;
    const heard = await part(this.file, `frame.time_epoch <= ${(until / 1000).toFixed(3)}`, 'heard');
    return judge(heard, address);
  }
}

async function judge(file: string, address: string): Promise<Map<number, JudgedStream>> {
  const incoming = `rtp && ip.dst == ${address}`;
  const [whole, audio, dissection] = await Promise.all([
    analyse(file),
    // Packets of events all carry the time at which their event began, which the stream analysis takes for jitter of
    // tens of milliseconds.
    part(file, '!rtpevent', 'audio').then(analyse),
    tshark(...['-r', file, '-Y', incoming, '-T', 'fields', '-E', 'separator=;'], ...fields()),
  ]);
  const packets = dissection.split('\n').filter(Boolean).map(parsePacket);
  const streams = new Map<number, JudgedStream>();
  for (const { ssrc, destination, packets: count, lost } of whole) {
    if (destination !== address) continue;
    streams.set(ssrc, {
      packets: count,
      lostByAnalysis: lost,
      meanJitterMs: audio.find((stream) => stream.ssrc === ssrc)?.meanJitterMs ?? NaN,
      ...judgeSequence(packets.filter((packet) => packet.ssrc === ssrc)),
    });
  }
  return streams;
}

/** Writes the packets of a capture that pass a display filter beside it. */
async function part(file: string, filter: string, name: string): Promise<string> {
  const copy = `${file}.${name}`;
  await tshark('-r', file, '-Y', filter, '-w', copy);
  return copy;
}

interface AnalysedStream {
  ssrc: number;
  destination: string;
  packets: number;
  lost: number;
  meanJitterMs: number;
}

/** tshark's own analysis of the RTP streams of a capture. */
async function analyse(file: string): Promise<AnalysedStream[]> {
  const table = await tshark('-r', file, '-q', '-z', 'rtp,streams');
  return table
    .split('\n')
    .map((line) => STREAM.exec(line))
    .filter((found) => found !== null)
    .map(([, destination = '', ssrc, packets, lost, jitter]) => ({
      ...{ ssrc: Number(ssrc), destination, packets: Number(packets) },
      ...{ lost: Number(lost), meanJitterMs: Number(jitter) },
    }));
}

/** `start end source port destination port ssrc payload… packets lost (percent) min mean max delta, min mean … jitter`. */
const STREAM =
  /^\s*[\d.]+\s+[\d.]+\s+[\d.]+\s+\d+\s+([\d.]+)\s+\d+\s+(0x[0-9A-F]+)\s+\D.*?\s+(\d+)\s+(-?\d+) \(-?[\d.]+%\)(?:\s+[\d.]+){4}\s+([\d.]+)/i;

const FIELD_NAMES = ['rtp.ssrc', 'rtp.seq', 'rtp.timestamp', 'rtpevent.event_id'];

function fields(): string[] {
  return FIELD_NAMES.flatMap((name) => ['-e', name]);
}

interface Packet {
  ssrc: number;
  sequence: number;
  timestamp: number;
  /** Number of the event that this packet tells of. */
  event?: number;
}

function parsePacket(line: string): Packet {
  const [ssrc = '', sequence = '', timestamp = '', event = ''] = line.split(';');
  return {
    ...{ ssrc: Number(ssrc), sequence: Number(sequence), timestamp: Number(timestamp) },
    ...(event === '' ? {} : { event: Number(event) }),
  };
}

const KEYS = '0123456789*#ABCD';

function judgeSequence(packets: Packet[]): Pick<JudgedStream, 'lost' | 'repeated' | 'overtaken' | 'digits'> {
  const seen = new Set<number>();
  const events = new Map<number, string>();
  let highest = packets[0]?.sequence ?? 0;
  let overtaken = 0;
  for (const { sequence, timestamp, event } of packets) {
    // Relative to the highest so far, so that the wrap of 16 bits does not matter.
    const extended = highest + (((sequence - highest) << 16) >> 16);
    if (extended < highest && !seen.has(extended)) overtaken += 1;
    seen.add(extended);
    highest = Math.max(highest, extended);
    if (event !== undefined) events.set(timestamp, KEYS[event] ?? '?');
  }
  return {
    lost: seen.size === 0 ? 0 : highest - Math.min(...seen) + 1 - seen.size,
    repeated: packets.length - seen.size,
    overtaken,
    digits: [...events]
      .sort(([a], [b]) => a - b)
      .map(([, digit]) => digit)
      .join(''),
  };
}

async function tshark(...args: string[]): Promise<string> {
  const { stdout } = await run('tshark', args, { maxBuffer: 64 * 1024 * 1024, timeout: 60_000 });
  return stdout;
}
