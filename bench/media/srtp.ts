/**
 * Cost of SRTP per packet: `npx tsx bench/media/srtp.ts`. Prints one JSON object as its last line:
 * `{packetBytes, suites: {<suite>: {protectUs, protectMedianUs, unprotectUs, unprotectMedianUs}}, srtpUsPerPacket}`.
 *
 * Rounds of all suites are interleaved. The fastest round is what the code costs, the median what this machine
 * gives while others compute on it. `srtpUsPerPacket` is the fastest round of AES_CM_128_HMAC_SHA1_80, protecting.
 */
import {
  createSrtpReceiver,
  createSrtpSender,
  masterLength,
  SRTP_SUITE_NAMES,
  srtpSuite,
} from '../../lib/media/srtp';
import type { SrtpReceiver, SrtpSender, SrtpSuiteName } from '../../lib/media/srtp';

const PACKET_BYTES = 172;
const ROUNDS = 150;
const PACKETS = 500;

interface Figures {
  protect: number[];
  unprotect: number[];
}

/** One stream that goes on from round to round. */
class Stream {
  readonly figures: Figures = { protect: [], unprotect: [] };
  readonly #sender: SrtpSender;
  readonly #receiver: SrtpReceiver;
  readonly #packets = Array.from({ length: PACKETS }, () => Buffer.alloc(PACKET_BYTES + 16, 0x55));
  #sequence = 0;

  constructor(name: SrtpSuiteName) {
    const suite = srtpSuite(name);
    const master = Buffer.alloc(suite === undefined ? 0 : masterLength(suite), 0x2b);
    this.#sender = createSrtpSender(name, master);
    this.#receiver = createSrtpReceiver(name, master);
  }

  round(): void {
    for (const packet of this.#packets) {
      packet.writeUInt32BE(0x80000000 + (this.#sequence++ & 0xffff), 0);
    }
    let length = 0;
    const start = performance.now();
    for (const packet of this.#packets) length = this.#sender.protectRtp(packet, PACKET_BYTES);
    const middle = performance.now();
    let opened = 0;
    for (const packet of this.#packets) opened += this.#receiver.unprotectRtp(packet, length);
    const end = performance.now();
    if (opened !== PACKETS * PACKET_BYTES) throw new Error('a packet was not opened');
    this.figures.protect.push(((middle - start) * 1000) / PACKETS);
    this.figures.unprotect.push(((end - middle) * 1000) / PACKETS);
  }
}

function median(values: number[]): number {
  return round([...values].sort((a, b) => a - b)[values.length >> 1]);
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}

export interface SrtpFigures {
  protectUs: number;
  protectMedianUs: number;
  unprotectUs: number;
  unprotectMedianUs: number;
}

/** Measures every suite, in microseconds per packet of 172 bytes. Takes some two seconds. */
export function measureSrtp(): { suites: Record<string, SrtpFigures>; srtpUsPerPacket: number } {
  const streams = SRTP_SUITE_NAMES.map((name) => ({ name, stream: new Stream(name) }));
  for (let i = 0; i < ROUNDS; i++) for (const { stream } of streams) stream.round();
  const suites = Object.fromEntries(
    streams.map(({ name, stream: { figures } }): [string, SrtpFigures] => [
      name,
      {
        protectUs: round(Math.min(...figures.protect)),
        protectMedianUs: median(figures.protect),
        unprotectUs: round(Math.min(...figures.unprotect)),
        unprotectMedianUs: median(figures.unprotect),
      },
    ]),
  );
  return { suites, srtpUsPerPacket: suites.AES_CM_128_HMAC_SHA1_80.protectUs };
}

if (require.main === module) {
  const result = measureSrtp();
  for (const [name, figures] of Object.entries(result.suites)) console.log(name, JSON.stringify(figures));
  console.log(JSON.stringify({ packetBytes: PACKET_BYTES, ...result }));
}
