/**
 * Cost of SRTP per packet: `npx tsx bench/media/srtp.ts`. Prints one JSON object as its last line:
 * `{payloadBytes, packetBytes, suites: {<suite>: {protectUs, protectMedianUs, unprotectUs, unprotectMedianUs}}, srtpUsPerPacket}`.
 *
 * Rounds of all suites are interleaved. The median tells what this machine gives now, the fastest round what
 * the code costs when nobody else computes; `srtpUsPerPacket` is the median of AES_CM_128_HMAC_SHA1_80.
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
const ROUNDS = 40;
const PACKETS = 2000;

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

const streams = SRTP_SUITE_NAMES.map((name) => ({ name, stream: new Stream(name) }));
for (let i = 0; i < ROUNDS; i++) for (const { stream } of streams) stream.round();

const suites = Object.fromEntries(
  streams.map(({ name, stream: { figures } }) => [
    name,
    {
      protectUs: round(Math.min(...figures.protect)),
      protectMedianUs: median(figures.protect),
      unprotectUs: round(Math.min(...figures.unprotect)),
      unprotectMedianUs: median(figures.unprotect),
    },
  ]),
);
for (const [name, figures] of Object.entries(suites)) console.log(name, JSON.stringify(figures));
const srtpUsPerPacket = suites.AES_CM_128_HMAC_SHA1_80.protectMedianUs;
console.log(JSON.stringify({ payloadBytes: 160, packetBytes: PACKET_BYTES, suites, srtpUsPerPacket }));
