// Phones on the network: a call to a SIP URI with a header of its own, and audio encrypted by SRTP.
// With `registrar`, `authUser` and `password` the caller is an extension of a PBX and dials numbers.
import { createWorld } from '@sipflow/node-red-sipflow';

async function main(): Promise<void> {
  const world = createWorld();
  const network = { mode: 'network', bindAddress: '127.0.0.1', port: 0 } as const;
  const caller = world.phone({ number: 'alice', ...network, srtp: 'required' });
  const callee = world.phone({ number: 'bob', ...network, srtp: 'optional' });
  await Promise.all([caller.start(), callee.start()]);
  callee.onCall((call) => call.answer());

  const call = await caller.dial({
    target: `sip:bob@127.0.0.1:${callee.address?.port}`,
    headers: { 'X-Ticket': '4711' },
    ringTimeout: 10,
  });
  const { kind } = await call.outcome;
  const { codec, srtp } = await call.info();
  console.log(kind, codec, srtp ? 'encrypted' : 'in the clear');
  await world.close();
}

void main();
