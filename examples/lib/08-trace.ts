// The SIP messages of a call, as they were on the wire; credentials and keys are masked.
import { createWorld } from '@sipflow/node-red-sipflow';

async function main(): Promise<void> {
  const world = createWorld();
  const alice = world.phone({ number: '1001' });
  const bob = world.phone({ number: '1002' });
  await Promise.all([alice.start(), bob.start()]);
  bob.onCall((call) => call.answer());

  const call = await alice.dial('1002');
  await call.outcome;
  await call.hangup();
  for (const { direction, text } of call.trace()) {
    console.log(direction === 'out' ? '→' : '←', text.split('\r\n', 1)[0]);
  }
  await world.close();
}

void main();
