import assert from 'node:assert/strict';
import type { CallRef } from '../../lib/calls';
import { Baresip } from './support/baresip';
import { undisturbed } from '../support/stall-watch';
import { Flow } from './support/flow';
import { eventually } from './support/peer-process';
import { freePort } from '../support/ports';
import { assertHeard, SWEEP } from './support/sound';
import { describePeer } from './support/suite';

const ADVICE = 'install the package baresip-core';
/** Version 1.0 answers any other with one of these, which its caller did not offer. */
const KNOWN_SUITES = [
  'AES_CM_128_HMAC_SHA1_80',
  'AES_CM_128_HMAC_SHA1_32',
  'AEAD_AES_128_GCM',
  'AEAD_AES_256_GCM',
];

let flow: Flow | undefined;
const closeFlow = async (): Promise<void> => {
  await flow?.close();
  flow = undefined;
};
const open = async (fields: Record<string, unknown> = {}): Promise<Flow> =>
  (flow = await Flow.open({ user: 'desk', fields: { codecs: ['PCMA', 'PCMU'], ...fields } }));

/** Listens for the time of two sweeps, in which the one that is said again and again must come whole. */
const assertSaysSweep = (phone: Flow, call: CallRef): Promise<void> =>
  undisturbed(async () => {
    const finish = await phone.record(call);
    await phone.play(call);
    await phone.play(call);
    assertHeard(await finish(), SWEEP);
  });

describePeer(
  'baresip',
  ADVICE,
  () => Baresip.open(),
  (baresip) => {
    afterEach(closeFlow);

    it('call out: the echo is what was played #out-udp #echo', async () => {
      const phone = await open();
      const call = await phone.connect('desk', baresip().uri);
      await phone.assertHears(call);
      await phone.hangup(call);
    });

    it('call out over TCP: the echo is what was played #out-tcp #echo', async () => {
      const phone = await open({ transport: 'tcp' });
      const call = await phone.connect('desk', `${baresip().uri};transport=tcp`);
      await phone.assertHears(call);
      await phone.hangup(call);
    });

    for (const [name, tag, method] of [
      ['RFC 4733', '4733', 'rfc4733'],
      ['INFO', 'info', 'info'],
    ] as const) {
      it(`our digits by ${name} reach it #dtmf-out-${tag}`, async () => {
        const phone = await open({ dtmfMethod: method });
        const call = await phone.connect('desk', baresip().uri);
        const events = await baresip().listen();
        await phone.press(call, '159#');
        await eventually('the digits', () => (digitsIn(events.text()) === '159#' ? true : undefined));
        events.close();
        await phone.hangup(call);
      });
    }

    it('our digits as tones come back from it #dtmf-out-tones #dtmf-in-tones', async () => {
      const phone = await open({ dtmfMethod: 'inband' });
      await undisturbed(async () => {
        const call = await phone.connect('desk', baresip().uri);
        const heard = phone.gather(call, 4);
        await phone.press(call, '159#');
        const { digits, method } = await heard;
        await phone.hangup(call);
        assert.deepEqual([digits, method], ['159#', 'inband']);
      });
    });

    it('blind transfer by it: our phone follows its REFER #blind-theirs', async () => {
      const port = await freePort();
      flow = await Flow.open(
        { user: 'desk', fields: { codecs: ['PCMA', 'PCMU'], transferPolicy: 'auto' } },
        { user: 'lobby', fields: { port: String(port), codecs: ['PCMA', 'PCMU'] } },
      );
      const call = await flow.connect('desk', baresip().uri);
      await baresip().command('transfer', `sip:lobby@127.0.0.1:${port}`);
      const third = await flow.incoming('lobby');
      await flow.answer(third);
      await flow.assertHears(third, call);
      await flow.assertHears(call, third);
      await flow.hangup(call);
      await flow.wait(third, 'ended');
    });

    it('blind transfer by us: it follows our REFER #blind-ours', async () => {
      const port = await freePort();
      flow = await Flow.open(
        { user: 'desk', fields: { codecs: ['PCMA', 'PCMU'] } },
        { user: 'lobby', fields: { port: String(port), codecs: ['PCMA', 'PCMU'] } },
      );
      const call = await flow.connect('desk', baresip().uri);
      const transferred = flow.transfer(call, { target: `sip:lobby@127.0.0.1:${port}` });
      const third = await flow.incoming('lobby');
      await flow.answer(third);
      assert.equal((await transferred).event, 'transferred');
      await flow.hangup(third);
    });

    it('its digits by RFC 4733 reach us #dtmf-in-4733', async () => {
      const phone = await open();
      const call = await phone.connect('desk', baresip().uri);
      for (const digit of '159#') {
        const heard = phone.gather(call, 1);
        await baresip().command('sndcode', digit);
        assert.equal((await heard).digits, digit);
      }
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

    it('call in: what it says is heard, and it hangs up #in-udp #echo', async () => {
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

    it('call in over TCP: it talks and hangs up #in-tcp', async () => {
      const port = await freePort();
      const phone = await open({ transport: 'tcp', port: String(port) });
      await baresip().command('dial', `sip:desk@127.0.0.1:${port};transport=tcp`);
      const call = await phone.incoming('desk');
      await phone.answer(call);
      await eventually('its packets', async () =>
        ((await phone.info(call)).rtp?.received.packets ?? 0) > 50 ? true : undefined,
      );
      await baresip().command('hangup');
      await phone.wait(call, 'ended');
      assert.equal((await phone.info(call)).endedBy, 'remote');
    });

    it('call in over TCP to a UDP phone: hold by it and by us, and our BYE, over its connection #tcp-at-udp #tcp-dialog', async () => {
      const port = await freePort();
      const phone = await open({ port: String(port) });
      await baresip().command('dial', `sip:desk@127.0.0.1:${port};transport=tcp`);
      const call = await phone.incoming('desk');
      await phone.answer(call);
      const held = phone.wait(call, 'held');
      await baresip().command('hold');
      await held;
      const resumed = phone.wait(call, 'resumed');
      await baresip().command('resume');
      await resumed;
      assert.equal(await phone.hold(call, 'hold'), 200);
      assert.equal(await phone.hold(call, 'resume'), 200);
      await assertSaysSweep(phone, call);
      assert.deepEqual([baresip().connectionsTo(port), baresip().connectionsTo(baresip().port)], [1, 0]);
      await phone.hangup(call);
    });

    it('our 486 and 603 reach it #refusals-ours', async () => {
      const port = await freePort();
      const phone = await open({ port: String(port) });
      for (const status of [486, 603]) {
        await baresip().command('dial', `sip:desk@127.0.0.1:${port}`);
        await phone.reject(await phone.incoming('desk'), status);
        await eventually(`its word of ${status}`, () =>
          baresip().logged.includes(`session closed: ${status}`) ? true : undefined,
        );
      }
    });

    it('it holds and resumes, and so do we; then it is heard again #hold-theirs #hold-ours', async () => {
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

    it('call in, and it hangs up before our phone answers #cancel-theirs', async () => {
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
  'baresip with early media',
  ADVICE,
  () => Baresip.open({ playsSweep: true, answerMode: 'early' }),
  (baresip) => {
    afterEach(closeFlow);

    /** Calls, and waits until it announces early media. */
    const announced = async (): Promise<{ phone: Flow; call: CallRef }> => {
      const phone = await open();
      phone.startDial('desk', baresip().uri);
      let progress = await phone.progress('desk');
      while (progress.sip.status !== 183) progress = await phone.progress('desk');
      return { phone, call: progress.call };
    };

    it('183 with SDP, then it answers, and what it says is heard', async () => {
      const { phone, call } = await announced();
      await baresip().command('accept');
      assert.equal((await phone.outcome('desk')).how, 'answered');
      await assertSaysSweep(phone, call);
      await phone.hangup(call);
    });

    it('183 with SDP, then it refuses #refusals-theirs', async () => {
      const { phone } = await announced();
      await baresip().command('hangup');
      const { how, sip } = await phone.outcome('desk');
      assert.deepEqual([how, sip.status], ['failed', 486]);
    });

    it('our CANCEL ends the call that it has not answered #cancel-ours', async () => {
      const { phone, call } = await announced();
      await phone.hangup(call);
      assert.equal((await phone.info(call)).state, 'ended');
    });
  },
);

describePeer(
  'baresip that dies',
  ADVICE,
  () => Baresip.open({ playsSweep: true }),
  (baresip) => {
    afterEach(closeFlow);

    it('is killed in mid-call: the recording fails with TIMEOUT, the call ends #peer-dies', async () => {
      const phone = await open({ rtpTimeout: '2' });
      const call = await phone.connect('desk', baresip().uri);
      await phone.record(call);
      await eventually('its voice', async () =>
        ((await phone.info(call)).rtp?.received.packets ?? 0) > 50 ? true : undefined,
      );
      const ended = phone.wait(call, 'ended');
      await baresip().kill();
      assert.equal((await phone.recorded()).failure?.code, 'TIMEOUT');
      await ended;
      assert.equal((await phone.info(call)).endedBy, 'error');
    });
  },
);

/** The digits that its events report as pressed. */
function digitsIn(events: string): string {
  return [...events.matchAll(/CALL_DTMF_START[^{}]*?"param":"(.)"/g)].map(([, digit]) => digit).join('');
}

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

    for (const suite of KNOWN_SUITES) {
      it(`call out with ${suite}: the echo is what was played`, async () => {
        const phone = await open({ srtp: 'required', srtpSuites: [suite] });
        const call = await phone.connect('desk', baresip().uri);
        await phone.assertHears(call);
        assert.equal((await phone.info(call)).srtp, true);
        await phone.hangup(call);
      });
    }
  },
);

describePeer(
  'baresip with G.722',
  ADVICE,
  () => Baresip.open({ codecs: 'G722' }),
  (baresip) => {
    afterEach(closeFlow);

    it('its 488 explains that no codec is common #no-codec', async () => {
      const phone = await open({ codecs: ['L16'], pcmuFallback: false });
      const { how, sip } = await phone.dial('desk', baresip().uri);
      assert.deepEqual([how, sip.status], ['failed', 488]);
      assert.match(String(sip.diagnosis), /L16/);
    });

    it('call out with wideband audio', async () => {
      const phone = await open({ codecs: ['G722', 'PCMA'] });
      const call = await phone.connect('desk', baresip().uri);
      assert.equal((await phone.info(call)).codec, 'G722');
      await phone.hangup(call);
    });
  },
);
