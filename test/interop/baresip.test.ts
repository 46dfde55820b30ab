import assert from 'node:assert/strict';
import type { CallRef } from '../../lib/calls';
import { Baresip } from './support/baresip';
import { Flow } from './support/flow';
import { freePort } from './support/ports';
import { assertHeard, SWEEP } from './support/sound';
import { describePeer } from './support/suite';

const ADVICE = 'install the package baresip-core';

let flow: Flow | undefined;
const closeFlow = async (): Promise<void> => {
  await flow?.close();
  flow = undefined;
};
const open = async (fields: Record<string, unknown> = {}): Promise<Flow> =>
  (flow = await Flow.open({ user: 'desk', fields: { codecs: ['PCMA', 'PCMU'], ...fields } }));

/** Listens for the time of two sweeps, in which the one that is said again and again must come whole. */
const assertSaysSweep = async (phone: Flow, call: CallRef): Promise<void> => {
  const finish = await phone.record(call);
  await phone.play(call);
  await phone.play(call);
  assertHeard(await finish(), SWEEP);
};

describePeer(
  'baresip',
  ADVICE,
  () => Baresip.open(),
  (baresip) => {
    afterEach(closeFlow);

    it('call out: the echo is what was played', async () => {
      const phone = await open();
      const call = await phone.connect('desk', baresip().uri);
      await phone.assertHears(call);
      await phone.hangup(call);
    });

    it('its digits by RFC 4733 reach us', async () => {
      const phone = await open();
      const call = await phone.connect('desk', baresip().uri);
      const heard = phone.gather(call, 4);
      for (const digit of '159#') {
        await baresip().command('sndcode', digit);
        await new Promise((resolve) => setTimeout(resolve, 400));
      }
      assert.equal((await heard).digits, '159#');
      await phone.hangup(call);
    });
  },
);

describePeer(
  'baresip with a voice of its own',
  ADVICE,
  // It does not echo in calls of its own: its loop begins before there is anything to hear.
  () => Baresip.open({ playsSweep: true }),
  (baresip) => {
    afterEach(closeFlow);

    it('call in: what it says is heard, and it hangs up', async () => {
      const port = await freePort();
      const phone = await open({ port: String(port) });
      await baresip().command('dial', `sip:desk@127.0.0.1:${port}`);
      const call = await phone.incoming('desk');
      await phone.answer(call);
      await assertSaysSweep(phone, call);
      await baresip().command('hangup');
      await phone.wait(call, 'ended');
      assert.equal((await phone.info(call)).endedBy, 'remote');
    });

    it('it holds and resumes, and so do we; then it is heard again', async () => {
      const phone = await open();
      const call = await phone.connect('desk', baresip().uri);
      await baresip().command('hold');
      await phone.wait(call, 'held');
      const resumed = phone.wait(call, 'resumed');
      await new Promise((resolve) => setTimeout(resolve, 300));
      await baresip().command('resume');
      await resumed;
      assert.equal(await phone.hold(call, 'hold'), 200);
      assert.equal(await phone.hold(call, 'resume'), 200);
      await assertSaysSweep(phone, call);
      await phone.hangup(call);
    });

    it('call in, and it hangs up before our phone answers', async () => {
      const port = await freePort();
      const phone = await open({ port: String(port) });
      await baresip().command('dial', `sip:desk@127.0.0.1:${port}`);
      const call = await phone.incoming('desk');
      const ended = phone.wait(call, 'ended');
      await baresip().command('hangup');
      await ended;
    });
  },
);

describePeer(
  'baresip with SDES',
  ADVICE,
  () => Baresip.open({ encryption: 'srtp-mand' }),
  (baresip) => {
    afterEach(closeFlow);

    it('call out with SRTP required: the echo is what was played', async () => {
      const phone = await open({ srtp: 'required' });
      const call = await phone.connect('desk', baresip().uri);
      await phone.assertHears(call);
      assert.equal((await phone.info(call)).srtp, true);
      await phone.hangup(call);
    });
  },
);

describePeer(
  'baresip with G.722',
  ADVICE,
  () => Baresip.open({ codecs: 'G722' }),
  (baresip) => {
    afterEach(closeFlow);

    it('call out with wideband audio', async () => {
      const phone = await open({ codecs: ['G722', 'PCMA'] });
      const call = await phone.connect('desk', baresip().uri);
      assert.equal((await phone.info(call)).codec, 'G722');
      await phone.hangup(call);
    });
  },
);
