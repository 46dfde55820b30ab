// A front desk calls two phones on behalf of its caller, and takes a message when neither answers.
import { createWorld } from '@sipflow/node-red-sipflow';

async function main(): Promise<void> {
  const world = createWorld();
  const [caller, desk, alice, bob] = ['1001', '1000', '1002', '1003'].map((number) => world.phone({ number }));
  await Promise.all([caller, desk, alice, bob].map((phone) => phone.start()));
  alice.onCall((call) => call.reject({ status: 486 }));
  let busy = false;
  bob.onCall((call) => (busy ? call.reject({ status: 486 }) : call.answer()));
  desk.onCall(
    async (first) => {
      const dialled = await desk.dialThrough(first, { targets: ['1002', '1003'], onFailure: 'keep' });
      const outcome = await dialled.outcome;
      if (outcome.kind === 'joined') return;
      console.log(outcome.attempts.map(({ target, status }) => `${target}: ${status}`));
      await first.answer();
      await (await first.play({ source: 'sipflow:beep' })).finished;
      await first.hangup();
    },
    { ring: false },
  );

  const answered = await caller.dial('1000');
  console.log((await answered.outcome).kind);
  await answered.hangup();
  busy = true;
  const missed = await caller.dial('1000');
  await missed.outcome;
  await missed.waitFor('ended');
  await world.close();
}

void main();
