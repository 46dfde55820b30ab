// Why a call without a common codec failed, as a sentence.
import { createWorld } from '@sipflow/node-red-sipflow';

async function main(): Promise<void> {
  const world = createWorld();
  const caller = world.phone({ number: '1001', codecs: ['G722'] });
  const callee = world.phone({ number: '1002', codecs: ['PCMU', 'PCMA'] });
  await Promise.all([caller.start(), callee.start()]);
  callee.onCall((call) => call.answer());

  const call = await caller.dial('1002');
  const { sip } = await call.outcome;
  console.log(sip.status, sip.diagnosis);
  await world.close();
}

void main();
