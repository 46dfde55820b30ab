// Sessions that talk to each other for a long time while others come and go: `--native` over the native driver for
// datagrams, `--minutes N` for so long. Memory and descriptors stay as they were, and no packet is lost but those that
// the machine was too busy for.
import { setTimeout as delay } from 'node:timers/promises';
import type { MediaParameters, MediaPort, MediaSession, MediaStatistics } from '../../lib/media';
import { WorkerMediaEngine } from '../../lib/media/engine';
import { MediaMeters } from '../../lib/media/meters';
import { takeFootprint } from './footprint';
import { exceptionsSeen, report, SHORT, watchExceptions } from './report';

const DATAGRAMS = process.argv.includes('--native') ? 'native' : 'dgram';
const MINUTES = minutesOf(process.argv) ?? (SHORT ? 0.25 : 10);
const RANGE = { address: '127.0.0.1', portMin: 32_000, portMax: 33_999 };
/** Pairs that talk from the beginning to the end, and those of which one after the other is replaced. */
const STANDING_PAIRS = 15;
const CHANGING_PAIRS = 5;
const CHANGE_MS = 200;
/** What the first minute may still add to the resident memory: compiled code, buffers. */
const WARM_UP_MS = SHORT ? 5000 : 60_000;
const RSS_ALLOWANCE_MB = 24;

type Pair = [MediaSession, MediaSession];

function minutesOf(words: readonly string[]): number | undefined {
  const given = words.find((word) => word.startsWith('--minutes='))?.split('=')[1];
  return given === undefined ? undefined : Number(given);
}

function parameters(port: number): MediaParameters {
  return {
    remote: { address: '127.0.0.1', rtpPort: port, rtcpPort: port + 1 },
    codec: { name: 'PCMU', sendPayloadType: 0, receivePayloadType: 0 },
    alternatives: [],
    telephoneEvent: { sendPayloadType: 101, receivePayloadType: 101, clockRate: 8000 },
    ptimeMs: 20,
    direction: 'sendrecv',
    rtcpMux: true,
    rtpTimeoutMs: 0,
  };
}

async function openPair(engine: WorkerMediaEngine): Promise<Pair> {
  const ports: MediaPort[] = [await engine.reserve(RANGE), await engine.reserve(RANGE)];
  const [one, other] = ports.map((port, index) => port.open(parameters(ports[1 - index].rtpPort)));
  one.play({ source: 'tone:440', loop: true });
  return [one, other];
}

const closePair = (pair: Pair): Promise<MediaStatistics[]> =>
  Promise.all(pair.map((session) => session.close()));

async function main(): Promise<void> {
  watchExceptions();
  const meters = new MediaMeters();
  const engine = new WorkerMediaEngine({ datagrams: DATAGRAMS, meters });
  const standing = await pairs(engine, STANDING_PAIRS);
  const changing = await pairs(engine, CHANGING_PAIRS);
  const began = performance.now();
  const until = began + MINUTES * 60_000;
  let changed = 0;
  const churn = async (end: number): Promise<void> => {
    while (performance.now() < end) {
      await delay(CHANGE_MS);
      const at = changed++ % CHANGING_PAIRS;
      await closePair(changing[at]);
      changing[at] = await openPair(engine);
    }
  };
  await churn(Math.min(until, began + WARM_UP_MS));
  const before = { ...(await takeFootprint()), rssMb: rssMb() };
  await churn(until);
  const after = { ...(await takeFootprint()), rssMb: rssMb() };
  const figures = (await Promise.all(standing.map(closePair))).flat();
  await Promise.all(changing.map(closePair));
  await engine.close();
  const sum = (pick: (each: MediaStatistics) => number): number =>
    figures.reduce((total, each) => total + pick(each), 0);
  const { skippedDeadlines, unsentPackets, lag } = meters.load;
  const exceptions = exceptionsSeen();
  report(
    `media over ${DATAGRAMS}`,
    {
      minutes: MINUTES,
      changedPairs: changed,
      sent: sum(({ sent }) => sent.packets),
      received: sum(({ received }) => received.packets),
      lost: sum(({ received }) => received.lost),
      skippedDeadlines,
      unsentPackets,
      meanLagMs: lag.sumMs / lag.counts.reduce((total, count) => total + count, 0),
      exceptions,
      before,
      after,
    },
    {
      'every packet that was sent arrived': sum(({ received }) => received.lost) === 0 && unsentPackets === 0,
      'no exception': exceptions === 0,
      'descriptors flat': after.descriptors <= before.descriptors,
      'memory flat': after.rssMb <= before.rssMb + RSS_ALLOWANCE_MB,
    },
  );
}

async function pairs(engine: WorkerMediaEngine, count: number): Promise<Pair[]> {
  const all: Pair[] = [];
  while (all.length < count) all.push(await openPair(engine));
  return all;
}

const rssMb = (): number => Math.round(process.memoryUsage.rss() / 2 ** 20);

void main();
