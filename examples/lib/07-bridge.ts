// Two calls with different codecs hear each other through a bridge, digits included.
import { createWorld } from '@sipflow/node-red-sipflow';

async function main(): Promise<void> {
  const world = createWorld();
  const operator = world.phone({ number: '1001', codecs: ['PCMU', 'G722'] });
  const [narrow, wide] = [
    world.phone({ number: '1002', codecs: ['PCMU'] }),
    world.phone({ number: '1003', codecs: ['G722'] }),
  ];
  await Promise.all([operator.start(), narrow.start(), wide.start()]);
  narrow.onCall(async (call) => {
    await call.answer();
    await call.sendDigits({ digits: '42#' });
  });
  wide.onCall(async (call) => {
    await call.answer();
    const { digits } = await call.gather({ terminator: '#' });
    console.log('heard across the bridge:', digits);
    await call.hangup();
  });

  const calls = await Promise.all([operator.dial('1003'), operator.dial('1002')]);
  await Promise.all(calls.map((call) => call.outcome));
  const bridge = await calls[0].bridge(calls[1]);
  console.log(await bridge.finished);
  await world.close();
}

void main();
