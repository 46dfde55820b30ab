// Two simulated phones: Alice calls Bob, Bob answers, Alice hangs up.
import { createWorld } from '@sipflow/node-red-sipflow';

async function main(): Promise<void> {
  const world = createWorld();
  const alice = world.phone({ number: '1001' });
  const bob = world.phone({ number: '1002' });
  await Promise.all([alice.start(), bob.start()]);
  bob.onCall((call) => call.answer());

  const call = await alice.dial('1002');
  const { kind, sip } = await call.outcome;
  console.log(kind, sip.status, sip.reason);
  await call.hangup();
  await world.close();
}

void main();
