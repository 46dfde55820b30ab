// A phone menu: a prompt that a key interrupts, three tries, and what the caller chose.
import { createWorld, type Call } from '@sipflow/node-red-sipflow';

async function menu(call: Call): Promise<string> {
  for (let attempt = 1; attempt <= 3; attempt++) {
    const prompt = await call.play({ source: 'sipflow:menu', bargeIn: 'any' });
    const { digits, reason } = await call.gather({ maxDigits: 1, firstDigitTimeout: 10 });
    prompt.stop();
    if (reason === 'ended') return 'hung up';
    if (digits !== '' && '12'.includes(digits)) return digits;
  }
  return 'no choice';
}

async function main(): Promise<void> {
  const world = createWorld();
  const caller = world.phone({ number: '1001' });
  const company = world.phone({ number: '1002' });
  await Promise.all([caller.start(), company.start()]);
  company.onCall(async (call) => {
    await call.answer();
    console.log('the caller chose', await menu(call));
    const goodbye = await call.play({ source: 'sipflow:goodbye' });
    await goodbye.finished;
    await call.hangup();
  });

  const call = await caller.dial('1002');
  await call.outcome;
  await call.sendDigits({ digits: ',2' });
  await call.waitFor('ended');
  await world.close();
}

void main();
