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
  meanJitterMs: number;
  maxJitterMs: number;
  /** From the sequence numbers that it dissected. */
  lost: number;
  repeated: number;
  overtaken: number;
  /** Events with an end packet, in the order of their RTP timestamps. */
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

  /** Ends the capture and judges the streams that came in for `address`, by SSRC. */
  async judge(address: string): Promise<Map<number, JudgedStream>> {
    const exited = once(this.child, 'exit');
    this.child.kill('SIGINT');
    await exited;
    return judge(this.file, address);
  }
}

async function judge(file: string, address: string): Promise<Map<number, JudgedStream>> {
  const incoming = `rtp && ip.dst == ${address}`;
  const [analysis, dissection] = await Promise.all([
    tshark('-r', file, '-q', '-z', 'rtp,streams'),
    tshark(...['-r', file, '-Y', incoming, '-T', 'fields', '-E', 'separator=;'], ...fields()),
  ]);
  const packets = dissection.split('\n').filter(Boolean).map(parsePacket);
  const streams = new Map<number, JudgedStream>();
  for (const line of analysis.split('\n')) {
    const found = STREAM.exec(line);
    if (!found || found[1] !== address) continue;
    const ssrc = Number(found[2]);
    streams.set(ssrc, {
      packets: Number(found[3]),
      lostByAnalysis: Number(found[4]),
      meanJitterMs: Number(found[5]),
      maxJitterMs: Number(found[6]),
      ...judgeSequence(packets.filter((packet) => packet.ssrc === ssrc)),
    });
  }
  return streams;
}

/** `start end source port destination port ssrc payload… packets lost (percent) min mean max delta, min mean max jitter`. */
const STREAM =
  /^\s*[\d.]+\s+[\d.]+\s+[\d.]+\s+\d+\s+([\d.]+)\s+\d+\s+(0x[0-9A-F]+)\s+\D.*?\s+(\d+)\s+(-?\d+) \(-?[\d.]+%\)(?:\s+[\d.]+){4}\s+([\d.]+)\s+([\d.]+)/i;

const FIELD_NAMES = ['rtp.ssrc', 'rtp.seq', 'rtp.timestamp', 'rtpevent.event_id', 'rtpevent.end_of_event'];

function fields(): string[] {
  return FIELD_NAMES.flatMap((name) => ['-e', name]);
}

interface Packet {
  ssrc: number;
  sequence: number;
  timestamp: number;
  /** The event that ends with this packet. */
  ends?: number;
}

function parsePacket(line: string): Packet {
  const [ssrc = '', sequence = '', timestamp = '', event = '', end = ''] = line.split(';');
  const ends = end === '1' || end === 'True' ? { ends: Number(event) } : {};
  return { ssrc: Number(ssrc), sequence: Number(sequence), timestamp: Number(timestamp), ...ends };
}

const KEYS = '0123456789*#ABCD';

function judgeSequence(packets: Packet[]): Pick<JudgedStream, 'lost' | 'repeated' | 'overtaken' | 'digits'> {
  const seen = new Set<number>();
  const ended = new Map<number, string>();
  let highest = packets[0]?.sequence ?? 0;
  let overtaken = 0;
  for (const { sequence, timestamp, ends } of packets) {
    // Relative to the highest so far, so that the wrap of 16 bits does not matter.
    const extended = highest + (((sequence - highest) << 16) >> 16);
    if (extended < highest && !seen.has(extended)) overtaken += 1;
    seen.add(extended);
    highest = Math.max(highest, extended);
    if (ends !== undefined) ended.set(timestamp, KEYS[ends] ?? '?');
  }
  return {
    lost: seen.size === 0 ? 0 : highest - Math.min(...seen) + 1 - seen.size,
    repeated: packets.length - seen.size,
    overtaken,
    digits: [...ended]
      .sort(([a], [b]) => a - b)
      .map(([, digit]) => digit)
      .join(''),
  };
}

async function tshark(...args: string[]): Promise<string> {
  const { stdout } = await run('tshark', args, { maxBuffer: 64 * 1024 * 1024, timeout: 60_000 });
  return stdout;
}
