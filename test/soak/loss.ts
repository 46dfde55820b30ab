// 10 % of all datagrams are lost each way: every call is set up and ended, and the timers leave nothing behind.
import { setTimeout as delay } from 'node:timers/promises';
import type { Call, IncomingCall, Phone } from '../../lib/calls';
import { settledFootprint, takeFootprint } from './footprint';
import { onEveryCall, phoneOptions, signallingWorld, uriOf } from './phones';
import { LossyNetwork } from './lossy-network';
import { exceptionsSeen, report, SHORT, watchExceptions } from './report';

const LOSS = 0.1;
const SEED = 20261122;
const CALLS = SHORT ? 50 : 500;
const CALLS_AT_ONCE = 25;
/** The RFC's T1, or a quicker one whose last timers run out within the patience of CI. */
const T1 = SHORT ? 100 : 500;
const TALK_MS = 100;

/** What came of the calls, counted on both sides. */
const sides = { dialled: 0, answered: 0, received: 0, ended: 0, broken: 0 };

async function main(): Promise<void> {
  watchExceptions();
  const world = signallingWorld({ t1: T1 });
  const before = await takeFootprint();
  const network = new LossyNetwork(LOSS, SEED);
  // Each phone is known to the other by the address of the network's face towards it.
  const [alice, bob] = [
    world.phone(phoneOptions('alice', { advertisedAddress: '127.0.0.2' })),
    world.phone(phoneOptions('bob', { advertisedAddress: '127.0.0.3' })),
  ];
  for (const phone of [alice, bob]) onEveryCall(phone, (call) => answer(call));
  await Promise.all([alice.start(), bob.start()]);
  await network.join({ face: '127.0.0.2', port: portOf(alice) }, { face: '127.0.0.3', port: portOf(bob) });

  const begin = performance.now();
  let started = 0;
  const worker = async (): Promise<void> => {
    while (started < CALLS) {
      const index = started++;
      if (index % 2 === 0) await oneCall(alice, uriOf(bob, '127.0.0.3'), index);
      else await oneCall(bob, uriOf(alice, '127.0.0.2'), index);
    }
  };
  await Promise.all(Array.from({ length: CALLS_AT_ONCE }, worker));
  const seconds = (performance.now() - begin) / 1000;
  // Transactions outlive their calls by 64·T1, and some by T4 more.
  const { timers } = await settledFootprint(64 * T1 + 10_000);
  const left = { calls: alice.callCount + bob.callCount, timers };
  const { lost, passed } = network;
  await Promise.all([world.close(), network.close()]);
  const after = await takeFootprint();
  const exceptions = exceptionsSeen();
  report(
    'loss',
    { calls: CALLS, ...sides, exceptions, lost, passed, seconds: Math.round(seconds), left, before, after },
    {
      'every call is answered': sides.answered === CALLS,
      'every call ends on both sides': sides.ended === 2 * CALLS && sides.received === CALLS,
      'no call ends by an error': sides.broken === 0,
      'no exception': exceptions === 0,
      'datagrams were lost': lost > CALLS / 4,
      'no call is left': left.calls === 0,
      'no timer is left': left.timers === 0,
      'no descriptor is left': after.descriptors <= before.descriptors,
    },
  );
}

function portOf(phone: Phone): number {
  return phone.address?.port ?? 0;
}

/** Calls, talks, and lets the caller hang up two of three times, the callee (see `answer`) the third. */
async function oneCall(from: Phone, target: string, index: number): Promise<void> {
  sides.dialled += 1;
  const call = await from.dial({ target, headers: { 'X-Callee-Ends': index % 3 === 0 ? 'yes' : 'no' } });
  const ended = endOf(call);
  const outcome = await call.outcome;
  if (outcome.kind === 'answered') sides.answered += 1;
  await delay(TALK_MS);
  if (index % 3 !== 0) await call.hangup();
  await ended;
}

function answer(call: IncomingCall): void {
  sides.received += 1;
  void endOf(call);
  const ends = call.lastSip.headers?.['X-Callee-Ends']?.[0] === 'yes';
  call.answer().then(
    async () => {
      if (!ends) return;
      await delay(TALK_MS);
      await call.hangup();
    },
    // The BYE overtook the ACK that was lost: the call is over, which `endOf` counts.
    () => undefined,
  );
}

function endOf(call: Call): Promise<void> {
  return new Promise((resolve) => {
    call.on('ended', (info) => {
      sides.ended += 1;
      if (info.endedBy === 'error') sides.broken += 1;
      resolve();
    });
  });
}

void main();
