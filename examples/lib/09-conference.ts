// Three calls in one room: what one of them presses, the other two hear.
import { createWorld, type Call } from '@sipflow/node-red-sipflow';

async function main(): Promise<void> {
  const world = createWorld();
  const room = world.conference();
  const host = world.phone({ number: '1000' });
  const guests = ['1001', '1002', '1003'].map((number) => world.phone({ number, dtmfMethod: 'inband' }));
  await Promise.all([host, ...guests].map((phone) => phone.start()));
  host.onCall(async (call) => {
    await call.answer();
    await room.join(call);
  });

  const calls: Call[] = [];
  for (const guest of guests) {
    const call = await guest.dial('1000');
    await call.outcome;
    calls.push(call);
  }
  const [speaker, ...listeners] = calls;
  const heard = Promise.all(listeners.map((call) => call.gather({ maxDigits: 3, firstDigitTimeout: 10 })));
  await speaker.sendDigits({ digits: '123', method: 'inband' });
  console.log((await heard).map(({ digits, method }) => `${digits} by ${method}`));
  await world.close();
}

void main();
