// The reception asks the expert, then joins caller and expert and leaves (RFC 5589, REFER with Replaces).
import { createWorld, type Call } from '@sipflow/node-red-sipflow';

async function main(): Promise<void> {
  const world = createWorld();
  const caller = world.phone({ number: '1001' });
  const reception = world.phone({ number: '1002' });
  const expert = world.phone({ number: '1003' });
  await Promise.all([caller.start(), reception.start(), expert.start()]);
  expert.onCall((call) => call.answer());
  const received = new Promise<Call>((resolve) => {
    reception.onCall(async (call) => {
      await call.answer();
      resolve(call);
    });
  });

  const call = await caller.dial('1002');
  call.on('replaced', ({ event }) => console.log('the caller:', event));
  await call.outcome;
  const question = await reception.dial('1003');
  await question.outcome;
  const transfer = await (await received).transfer({ kind: 'attended', consultCall: question });
  console.log('the reception:', transfer.kind);
  console.log('the caller is', call.state, 'and the reception has', reception.callCount, 'calls');
  await world.close();
}

void main();
