// Mutated messages against a phone with standing calls: it stays alive, answers the next OPTIONS, throws nothing,
// and its memory is flat.
import { setImmediate as turn } from 'node:timers/promises';
import type { Call, IncomingCall, Phone, World } from '../../lib/calls';
import { seededRandom } from '../support/random';
import { settledFootprint, takeFootprint, type Footprint } from './footprint';
import { OWN } from './fuzz/certificate';
import { FuzzPeer } from './fuzz/fuzz-peer';
import { Dice } from './fuzz/mutate';
import { droppedAt } from './fuzz/socket-drops';
import { FUZZ_TRANSPORTS, type FuzzTransport } from './fuzz/transports';
import { onEveryCall, phoneOptions, signallingWorld } from './phones';
import { exceptionsSeen, report, SHORT, watchExceptions } from './report';

/** `--seed=7` repeats another run. */
const SEED = Number(process.argv.find((argument) => argument.startsWith('--seed='))?.slice(7) ?? 20261122);
/** `--transport=tls` fuzzes only that one. */
const ONLY = process.argv.find((argument) => argument.startsWith('--transport='))?.slice(12);
/** The short run sends for so long, milliseconds, and no more than the long run. */
const SHORT_MS = 3000;
const STANDING = 40;
const PROBE_EVERY = 500;
/** More at once would overflow the socket of the phone, and what is dropped there tests nothing. */
const BURST = 16;
const PATIENCE_MS = 10_000;
/** Milliseconds; the short run cannot wait as long for the last timer. */
const T1 = SHORT ? 10 : 50;
/** An answer that nobody acknowledges, and then the BYE that nobody answers, take 64·T1 each. */
const QUIET_MS = 3 * 64 * T1 + 2000;
/** Connections that are kept may be open at one look and not at the other: two of them, with both of their ends. */
const KEPT = 4;
/** What code that is compiled later, tombstones and buffers of the process may add. */
const HEAP_ALLOWANCE_KB = 4096;

async function main(): Promise<void> {
  watchExceptions();
  const world = signallingWorld({ t1: T1, t4: 100 * T1 });
  for (const transport of FUZZ_TRANSPORTS) {
    if (!ONLY || transport.name === ONLY) await fuzzTransport(transport, world);
  }
}

async function fuzzTransport(transport: FuzzTransport, world: World): Promise<void> {
  const dice = new Dice(seededRandom(SEED));
  const phone = world.phone(
    phoneOptions('phone', {
      transport: transport.name,
      maxCalls: 400,
      tls: { ...OWN, ca: OWN.cert },
    }),
  );
  const crowd = new Crowd(phone, dice);
  await phone.start();
  const address = phone.address as { address: string; port: number };
  const standing = (await takeFootprint()).timers;
  const peer = new FuzzPeer(dice);
  await peer.open(transport, address);

  // Until the registry remembers as many ended calls as it ever will, the heap grows.
  const warmUp = await fuzz(peer, crowd, transport.messages * 0.4, SHORT_MS / 2);
  const before = await quiet(crowd, peer, standing);
  const run = await fuzz(peer, crowd, transport.messages, SHORT_MS);
  const dropped = transport.name === 'udp' ? (droppedAt(address.port) ?? null) : null;
  const after = await quiet(crowd, peer, standing);
  const answered = await peer.probe(PATIENCE_MS);
  const left = phone.callCount;
  await Promise.all([phone.close(), peer.close()]);
  const exceptions = exceptionsSeen();
  report(
    `fuzz ${transport.name}`,
    {
      seed: SEED,
      messages: warmUp.messages + run.messages,
      perSecond: Math.round((run.messages / run.ms) * 1000),
      dropped,
      calls: crowd.total,
      unansweredProbes: warmUp.unanswered + run.unanswered,
      exceptions,
      left,
      before,
      after,
    },
    {
      'every OPTIONS is answered': answered && warmUp.unanswered + run.unanswered === 0,
      'no exception': exceptions === 0,
      'nothing is left of the calls': left === 0 && after.timers <= standing,
      'descriptors flat': after.descriptors <= before.descriptors + (transport.name === 'udp' ? 0 : KEPT),
      'memory flat': after.heapKb <= before.heapKb + HEAP_ALLOWANCE_KB,
      'nearly all messages arrived': (dropped ?? 0) <= run.messages / 100,
    },
  );
}

async function fuzz(
  peer: FuzzPeer,
  crowd: Crowd,
  limit: number,
  shortMs: number,
): Promise<{ messages: number; ms: number; unanswered: number }> {
  const begin = performance.now();
  let messages = 0;
  let unanswered = 0;
  while (messages < limit && (!SHORT || performance.now() - begin < shortMs)) {
    if (messages % PROBE_EVERY < BURST) {
      if (!(await peer.probe(PATIENCE_MS))) unanswered += 1;
      if (peer.dialogs.length < STANDING) peer.call();
      crowd.dial(peer.uri);
      crowd.thinOut();
    }
    for (let sent = 0; sent < BURST; sent++, messages++) peer.fuzz();
    await turn();
    await turn();
  }
  return { messages, ms: performance.now() - begin, unanswered };
}

/** Ends every call, waits until the last timer has run out, and looks at what is left. */
async function quiet(crowd: Crowd, peer: FuzzPeer, standing: number): Promise<Footprint> {
  // Streams hold messages back on a busy machine: calls that come in behind the first look are ended by the second.
  for (let look = 0; look < 3; look++) {
    await peer.probe(PATIENCE_MS);
    await crowd.hangUpAll();
  }
  return settledFootprint(QUIET_MS, standing);
}

/** The calls of the phone under test, which behaves like a busy flow. */
class Crowd {
  total = 0;
  readonly #calls = new Set<Call>();

  constructor(
    private readonly phone: Phone,
    private readonly dice: Dice,
  ) {
    onEveryCall(phone, (call) => this.#receive(call));
  }

  dial(target: string): void {
    this.phone.dial({ target, ringTimeout: 3 }).then(
      (call) => this.#add(call),
      () => undefined,
    );
  }

  /** Hangs up some calls when there are many. */
  thinOut(): void {
    if (this.#calls.size < 3 * STANDING) return;
    for (const call of this.#calls) if (this.dice.chance(0.3)) void call.hangup();
  }

  async hangUpAll(): Promise<void> {
    await Promise.all([...this.#calls].map((call) => call.hangup()));
  }

  #receive(call: IncomingCall): void {
    this.#add(call);
    const choice = this.dice.below(10);
    const action =
      choice < 6
        ? call.answer()
        : choice < 7
          ? call.reject({ status: 486 })
          : choice < 8
            ? call.startEarlyMedia()
            : undefined;
    action?.catch(() => undefined);
  }

  #add(call: Call): void {
    this.total += 1;
    this.#calls.add(call);
    call.on('ended', () => this.#calls.delete(call));
  }
}

void main();
