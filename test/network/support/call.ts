import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { CallInfo, DigitEvent } from '../../../lib/calls';
import { heard, reference, writeWav, type Heard } from './audio';
import { Capture, type JudgedStream } from './judge';
import { Link, type Impairment, type LinkReport, type StreamReport } from './link';
import type { Figures } from './phone-commands';
import { RemotePhone } from './remote-phone';

/** What one phone sends in the digits' part of a call. */
export const DIGITS = { a: '0123456789*#ABCD', b: 'DCBA#*9876543210' } as const;
const SIP_PORT = 5060;
/** For what is on its way, and for what dumpcap has not taken over from the kernel yet. */
const SETTLE_MS = 1000;
const RTT_PATIENCE_MS = 20_000;
const DIGITS_PATIENCE_MS = 10_000;

/** What one side of a call received, and what others say of it. */
export interface Side {
  info: CallInfo;
  rtp: Figures;
  samples: Figures[];
  digits: DigitEvent[];
  heard: Heard;
  /** What the link did to what this side received. */
  link: StreamReport;
  /** What tshark says of it; absent when there was no capture. */
  judged?: JudgedStream;
}

export interface Conversation {
  setUp: { status: number; setUpMs: number };
  a: Side;
  b: Side;
  link: LinkReport;
}

export interface ConversationOptions {
  /** Seconds of audio. */
  seconds: number;
  judge: boolean;
}

/** Calls from a phone in one namespace to one in another; both talk at once, then both press digits. */
export async function converse(
  impairment: Impairment,
  { seconds, judge }: ConversationOptions,
): Promise<Conversation> {
  const folder = mkdtempSync(join(tmpdir(), 'sipflow-network-'));
  const link = await Link.open(impairment);
  const [a, b] = link.ends.map(({ namespace }) => new RemotePhone(namespace)) as [RemotePhone, RemotePhone];
  try {
    const captures = judge
      ? await Promise.all(
          link.ends.map(({ namespace }, n) => Capture.start(namespace, join(folder, `${n}.pcapng`))),
        )
      : [];
    await Promise.all([
      a.tell('start', { dn: '1001', bindAddress: link.ends[0].address, port: SIP_PORT }),
      b.tell('start', { dn: '1002', bindAddress: link.ends[1].address, port: SIP_PORT }),
    ]);
    const setUp = await a.tell('dial', `sip:1002@${link.ends[1].address}`);
    const spoken = await talk(a, b, folder, seconds);
    await Promise.all([a.tell('press', DIGITS.a), b.tell('press', DIGITS.b)]);
    await Promise.all([digitsIn(a, DIGITS.b.length), digitsIn(b, DIGITS.a.length)]);
    await Promise.all([roundTripTime(a), roundTripTime(b), delay(SETTLE_MS)]);
    const gone = b.tell('ended');
    const infos: [CallInfo, CallInfo] = [await a.tell('hangUp'), await gone];
    // The other side sends on until it hears of the end.
    const until: [number, number] = [endOf(infos[0]), endOf(infos[1])];
    await delay(captures.length > 0 ? SETTLE_MS : 0);
    const judged = await Promise.all(
      captures.map((capture, n) => capture.judge(link.ends[n]?.address ?? '', until[n] ?? 0)),
    );
    const told = await Promise.all([a, b].map((phone) => figures(phone)));
    await Promise.all([a.close(), b.close()]);
    const report = await link.close(until);
    if (!report) throw new Error('The link has not told what it did.');
    const side = (n: 0 | 1): Side => {
      const info = infos[n];
      const rtp = info?.rtp;
      const streams = report.directions[n === 0 ? 1 : 0].rtp;
      const received = streams[String(rtp?.remoteSsrc)];
      if (!info || !rtp || !received) throw new Error(`Nothing was received on side ${n}.`);
      const verdict = judged[n]?.get(rtp.remoteSsrc ?? 0);
      return {
        ...{ info, rtp, ...told[n], heard: spoken[n], link: received },
        ...(verdict ? { judged: verdict } : {}),
      };
    };
    return { setUp, a: side(0), b: side(1), link: report };
  } finally {
    await Promise.all([a.close(), b.close()]);
    await link.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function endOf({ endedAt }: CallInfo): number {
  if (endedAt === null) throw new Error('A call that has ended does not say when.');
  return Date.parse(endedAt);
}

interface Told {
  samples: Figures[];
  digits: DigitEvent[];
}

async function figures(phone: RemotePhone): Promise<Told> {
  return { samples: await phone.tell('samples'), digits: await phone.tell('digits') };
}

/** Both phones of a standing call play to each other; resolves with what `a` and `b` heard. */
export async function talk(
  a: RemotePhone,
  b: RemotePhone,
  folder: string,
  seconds: number,
): Promise<[Heard, Heard]> {
  const [ofA, ofB] = [reference(seconds, 1), reference(seconds, 2)];
  await Promise.all([a.tell('record'), b.tell('record')]);
  await Promise.all([
    a.tell('play', writeWav(join(folder, 'a.wav'), ofA)),
    b.tell('play', writeWav(join(folder, 'b.wav'), ofB)),
  ]);
  await delay(SETTLE_MS);
  const [byA, byB] = await Promise.all([a.tell('recorded'), b.tell('recorded')]);
  return [heard(byA, ofB), heard(byB, ofA)];
}

/** Waits until so many digits came to a phone: the last ones may still be on their way. */
export async function digitsIn(phone: RemotePhone, count: number): Promise<void> {
  const until = performance.now() + DIGITS_PATIENCE_MS;
  while (performance.now() < until && (await phone.tell('digits')).length < count) await delay(50);
}

/** Waits until a phone has learned the round-trip time by RTCP. */
async function roundTripTime(phone: RemotePhone): Promise<void> {
  const until = performance.now() + RTT_PATIENCE_MS;
  while (performance.now() < until) {
    const samples = await phone.tell('samples');
    if (samples.at(-1)?.rttMs !== undefined) return;
    await delay(250);
  }
}
