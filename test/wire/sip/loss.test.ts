import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { sipClock } from '../../../lib/sip/index';
import { ANSWER, answered, Bench, OFFER } from './support/endpoints';
import { LossyRelay } from './support/lossy-relay';

const CALLS = 60;

describe('calls over a network that loses 10 % each way', function () {
  this.timeout(60_000);
  const bench = new Bench();
  const clock = sipClock(undefined, { t1: 80, t2: 400, t4: 500 });
  let relay: LossyRelay;

  afterEach(async () => {
    await bench.close();
    await relay.close();
  });

  it('pitfall 9: every call is set up and ended, and nothing is left when the timers are through', async () => {
    relay = new LossyRelay(0.1, 20260101);
    const ports = { near: 0, far: 0 };
    await relay.open(
      () => ports.near,
      () => ports.far,
    );
    const caller = await bench.endpoint('alice', { outboundProxy: `127.0.0.1:${relay.nearPort}` }, { clock });
    const callee = await bench.endpoint('bob', { outboundProxy: `127.0.0.1:${relay.farPort}` }, { clock });
    ports.near = caller.localAddress.port;
    ports.far = callee.localAddress.port;

    const acks = new Map<string, Promise<boolean>>();
    const byes: Promise<void>[] = [];
    callee.on('invite', (invite) => {
      invite.progress({ status: 180 });
      const { dialog, acknowledged: ack } = invite.accept({ body: ANSWER });
      byes.push(new Promise((resolve) => dialog.on('bye', () => resolve())));
      acks.set(
        dialog.callId,
        ack.then((result) => result.acknowledged),
      );
    });
    const calls = Array.from({ length: CALLS }, async (_, index) => {
      const { dialog } = await answered(
        caller.invite({ target: `sip:${index}@127.0.0.1:${callee.localAddress.port}`, body: OFFER }),
      );
      // Every other BYE comes at once and may overtake an ACK that was lost; then nobody waits for that ACK.
      if (index % 2 === 0)
        assert.equal(await acks.get(dialog.callId), true, `the ACK of call ${index} never came`);
      await dialog.bye();
    });
    await Promise.all(calls);
    await Promise.all(byes);

    assert.ok(relay.lost > CALLS / 4, `only ${relay.lost} datagrams were lost`);
    assert.equal(byes.length, CALLS);
    assert.equal((await Promise.all(acks.values())).length, CALLS, 'every wait for an ACK ends');
    await delay(clock.transactionTimeout + 300);
    const nothing = { clients: 0, servers: 0, dialogs: 0, invites: 0, retransmissions: 0 };
    assert.deepEqual(caller.counts, nothing);
    assert.deepEqual(callee.counts, nothing);
  });
});
