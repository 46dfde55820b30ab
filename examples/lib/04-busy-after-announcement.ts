// Early media: the caller hears an announcement before the call is refused, and pays for nothing.
import { createWorld } from '@sipflow/node-red-sipflow';

async function main(): Promise<void> {
  const world = createWorld();
  const caller = world.phone({ number: '1001' });
  const callee = world.phone({ number: '1002' });
  await Promise.all([caller.start(), callee.start()]);
  callee.onCall(async (call) => {
    await call.startEarlyMedia();
    const announcement = await call.play({ source: 'sipflow:announcement' });
    await announcement.finished;
    await call.reject({ status: 486 });
  });

  const call = await caller.dial('1002');
  call.on('progress', ({ status, reason }) => console.log('progress', status, reason));
  const outcome = await call.outcome;
  if (outcome.kind === 'failed') console.log(outcome.failure.code, outcome.failure.message);
  await world.close();
}

void main();
