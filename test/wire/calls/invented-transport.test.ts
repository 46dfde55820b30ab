import assert from 'node:assert/strict';
import { createNullMediaEngine, createWorld, type World } from '../../../lib/calls';
import { registerTransport } from '../../../lib/sip/transport/create';
import { BUS, busKind, createBus, messagesOnBus } from '../../support/invented/transport';
import { nextCall } from '../../support/phones';

describe('a transport that only a test knows', () => {
  let world: World;
  let forget: () => void;
  before(() => {
    forget = registerTransport(BUS, busKind, createBus);
    world = createWorld({ engine: createNullMediaEngine() });
  });
  after(async () => {
    await world.close();
    forget();
  });

  it('carries calls, without another file that names it', async () => {
    const caller = world.phone({ number: '1001', transport: BUS });
    const callee = world.phone({ number: '1002', transport: BUS });
    await Promise.all([caller.start(), callee.start()]);
    const incoming = nextCall(callee);
    const out = await caller.dial('1002');
    const inc = await incoming;
    await inc.answer();
    assert.equal((await out.outcome).kind, 'answered');
    assert.equal((await inc.hold('hold')).kind, 'done');

    const [invite] = out.trace();
    assert.equal(invite.transport, 'bus');
    assert.match(invite.text, /^Via: SIP\/2\.0\/BUS 127\.0\.0\.1:706\d;/m);
    assert.match(invite.text, /^Contact: <sip:1001@127\.0\.0\.1:706\d;transport=bus>/m);
    await out.hangup();
    assert.equal(inc.state, 'ended');
    assert.ok(
      messagesOnBus() >= 9,
      'INVITE, ringing, answer, ACK, the hold and its answer, BYE and its answer',
    );
    await Promise.all([caller.close(), callee.close()]);
  });

  it('is gone when it is taken out', async () => {
    registerTransport(BUS, busKind, createBus)();
    await assert.rejects(world.phone({ number: '1003', transport: BUS }).start(), {
      code: 'BAD_CONFIG',
      field: 'transport',
    });
    forget = registerTransport(BUS, busKind, createBus);
  });
});
