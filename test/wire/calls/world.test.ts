import assert from 'node:assert/strict';
import { createWorld, type World } from '../../../lib/calls';
import { nextCall } from '../../support/phones';

/** Ports that no other test has, so that two worlds may meet on them. */
const RTP = { rtpPortMin: 30_000, rtpPortMax: 30_099 };

describe('a world of phones', () => {
  const worlds: World[] = [];
  const world = (): World => {
    const made = createWorld();
    worlds.push(made);
    return made;
  };
  afterEach(() => Promise.all(worlds.splice(0).map((each) => each.close())));

  it('makes a phone from its number alone, and calls from one to the other', async () => {
    const here = world();
    const alice = here.phone({ number: '1001', ...RTP });
    const bob = here.phone({ number: '1002', ...RTP });
    await Promise.all([alice.start(), bob.start()]);
    const incoming = nextCall(bob);
    const call = await alice.dial({ target: '1002' });
    await (await incoming).answer();
    assert.equal((await call.outcome).kind, 'answered');
    const { state } = await call.info();
    assert.equal(state, 'answered');
    await here.close();
    assert.equal(call.state, 'ended');
  });

  it('knows nothing of another: same numbers, same port range, calls of its own', async () => {
    const [here, there] = [world(), world()];
    const phones = [here, there].map((each) => ({
      caller: each.phone({ number: '1001', ...RTP }),
      callee: each.phone({ number: '1002', ...RTP }),
    }));
    const calls = await Promise.all(
      phones.map(async ({ caller, callee }) => {
        await Promise.all([caller.start(), callee.start()]);
        const incoming = nextCall(callee);
        const call = await caller.dial({ target: '1002' });
        await (await incoming).answer();
        await call.outcome;
        return call;
      }),
    );
    assert.equal(here.calls.live(calls[0].id), calls[0]);
    assert.throws(() => here.calls.live(calls[1].id), { code: 'CALL_UNKNOWN' });

    await here.close();
    assert.equal(calls[0].state, 'ended');
    assert.equal(calls[1].state, 'answered');
    assert.deepEqual(await calls[1].sendDigits({ digits: '1' }), { method: 'rfc4733' });
  });

  it('gives the number of a phone to another one, though it was closed while it started', async () => {
    const here = world();
    const first = here.phone({ number: '1001', ...RTP });
    const starting = first.start();
    await Promise.all([first.close(), starting.catch(() => undefined)]);
    const second = here.phone({ number: '1001', ...RTP });
    await second.start();
    assert.deepEqual([first.state, second.state], ['closed', 'ready']);
  });

  it('refuses a phone after its end, and a number that is none', async () => {
    const here = world();
    assert.throws(() => here.phone({ number: 1001 as unknown as string }), {
      code: 'BAD_CONFIG',
      message: /"number"/,
    });
    await here.close();
    assert.throws(() => here.phone({ number: '1001' }), { code: 'CALL_STATE' });
  });
});
