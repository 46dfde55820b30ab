import assert from 'node:assert/strict';
import { Asterisk } from './support/asterisk';
import type { CallRef } from '../../lib/calls';
import { Flow, OWN_CERTIFICATE, type Account } from './support/flow';
import { Kamailio } from './support/kamailio';
import { eventually } from './support/peer-process';
import { freePort } from '../support/ports';
import { Rtpengine } from './support/rtpengine';
import { assertTone } from './support/sound';
import { describePeer } from './support/suite';

const ADVICE = 'install the package kamailio';

const account = (kamailio: Kamailio, user: string, fields: Record<string, unknown> = {}): Account => ({
  user,
  password: 'secret',
  fields: { registrar: kamailio.address, codecs: ['PCMA', 'PCMU'], ...fields },
});

let flow: Flow | undefined;
const registered = async (...accounts: Account[]): Promise<Flow> => {
  flow = await Flow.open(...accounts);
  for (const { user } of accounts) await flow.registration(user);
  return flow;
};
const closeFlow = async (): Promise<void> => {
  await flow?.close();
  flow = undefined;
};

describePeer(
  'Kamailio',
  ADVICE,
  () => Kamailio.open(),
  (kamailio) => {
    afterEach(closeFlow);

    for (const transport of ['udp', 'tcp']) {
      it(`over ${transport.toUpperCase()}: two phones register and call each other through its Record-Route #register-md5 #out-${transport} #in-${transport} #echo #hold-ours`, async () => {
        const phones = await registered(
          account(kamailio(), 'desk', { transport }),
          account(kamailio(), 'office', { transport }),
        );
        phones.startDial('desk', 'office');
        const theirs = await phones.incoming('office');
        await phones.answer(theirs);
        const { call, how, sip } = await phones.outcome('desk');
        assert.equal(how, 'answered');
        assert.match(String(sip.headers?.['Record-Route']), /127\.0\.0\.2/);
        await phones.assertHears(theirs, call);
        await phones.assertHears(call, theirs);
        assert.equal(await phones.hold(call, 'hold'), 200);
        assert.equal(await phones.hold(call, 'resume'), 200);
        await phones.hangup(theirs);
        await phones.wait(call, 'ended');
      });
    }

    it('a phone that is not registered is 404 #refusals-theirs', async () => {
      const phones = await registered(account(kamailio(), 'desk'));
      const { how, sip } = await phones.dial('desk', 'nobody');
      assert.deepEqual([how, sip.status], ['failed', 404]);
    });

    it('CANCEL through the proxy ends the ringing of the other phone #cancel-ours #cancel-theirs', async () => {
      const phones = await registered(account(kamailio(), 'desk'), account(kamailio(), 'office'));
      phones.startDial('desk', 'office');
      const theirs = await phones.incoming('office');
      const { call } = await phones.progress('desk');
      await phones.hangup(call);
      await phones.wait(theirs, 'ended');
    });

    /** A call from desk to office. */
    const pair = async (
      deskFields: Record<string, unknown> = {},
      officeFields: Record<string, unknown> = {},
    ): Promise<{ phones: Flow; ours: CallRef; theirs: CallRef }> => {
      const phones = await registered(
        account(kamailio(), 'desk', deskFields),
        account(kamailio(), 'office', officeFields),
      );
      phones.startDial('desk', 'office');
      const theirs = await phones.incoming('office');
      await phones.answer(theirs);
      const { call } = await phones.outcome('desk');
      return { phones, ours: call, theirs };
    };

    it('both phones register again after it was restarted with nothing in mind #register-restart', async () => {
      const phones = await registered(
        account(kamailio(), 'desk', { registerExpires: '10' }),
        account(kamailio(), 'office', { registerExpires: '10' }),
      );
      await kamailio().crash();
      await kamailio().start();
      await phones.registration('desk');
      await phones.registration('office');
      phones.startDial('desk', 'office');
      await phones.answer(await phones.incoming('office'));
      await phones.hangup((await phones.outcome('desk')).call);
    });

    it('early media comes through, then the answer; reliably where it is asked for #early-answer #prack-out #prack-in', async () => {
      const phones = await registered(
        account(kamailio(), 'desk'),
        account(kamailio(), 'office', { reliableProvisional: true }),
      );
      phones.startDial('desk', 'office');
      const theirs = await phones.incoming('office');
      const early = phones.playEarly(theirs, 'tone:440');
      let progress = await phones.progress('desk');
      while (progress.sip.status !== 183) progress = await phones.progress('desk');
      assert.match(String(progress.sip.headers?.Require), /100rel/);
      const finish = await phones.record(progress.call);
      await eventually('the tone', async () =>
        ((await phones.info(progress.call)).rtp?.received.packets ?? 0) > 150 ? true : undefined,
      );
      assertTone(await finish(), 440, 'the early media');
      await phones.answer(theirs);
      const { how, call } = await phones.outcome('desk');
      assert.equal(how, 'answered');
      await phones.hangup(call);
      await early;
    });

    it('302 comes through and names its contact #redirect', async () => {
      const phones = await registered(account(kamailio(), 'desk'), account(kamailio(), 'office'));
      phones.startDial('desk', 'office');
      await phones.reject(await phones.incoming('office'), 302, 'sip:lobby@127.0.0.1:5999');
      const { how, sip } = await phones.outcome('desk');
      assert.deepEqual([how, sip.status, sip.contacts], ['failed', 302, ['sip:lobby@127.0.0.1:5999']]);
    });

    for (const status of [403, 486, 603]) {
      it(`${status} of the other phone comes through #refusals-ours #refusals-theirs`, async () => {
        const phones = await registered(account(kamailio(), 'desk'), account(kamailio(), 'office'));
        phones.startDial('desk', 'office');
        await phones.reject(await phones.incoming('office'), status);
        const { how, sip } = await phones.outcome('desk');
        assert.deepEqual([how, sip.status], ['failed', status]);
      });
    }

    it('488 comes through with its diagnosis #no-codec', async () => {
      const phones = await registered(
        account(kamailio(), 'desk', { codecs: ['G722'], pcmuFallback: false }),
        account(kamailio(), 'office'),
      );
      phones.startDial('desk', 'office');
      phones.bench.send('answer', { call: await phones.incoming('office') });
      const { how, sip } = await phones.outcome('desk');
      assert.deepEqual([how, sip.status], ['failed', 488]);
      assert.match(String(sip.diagnosis), /G722/);
    });

    it('digits by INFO come through #dtmf-out-info #dtmf-in-info', async () => {
      const { phones, ours, theirs } = await pair({ dtmfMethod: 'info' });
      const heard = phones.gather(theirs, 3);
      await phones.press(ours, '42#');
      const { digits, method } = await heard;
      assert.deepEqual([digits, method], ['42#', 'info']);
      await phones.hangup(ours);
    });

    it('blind and attended transfer through it #blind-ours #attended-ours', async () => {
      // The third gets the INVITE with Replaces from Kamailio then, not from a stranger.
      const viaProxy = { outboundProxy: kamailio().address };
      const phones = await registered(
        ...['desk', 'office', 'lobby'].map((user) => account(kamailio(), user, viaProxy)),
      );
      const connected = async (to: string): Promise<{ ours: CallRef; theirs: CallRef }> => {
        phones.startDial('desk', to);
        const theirs = await phones.incoming(to);
        await phones.answer(theirs);
        return { ours: (await phones.outcome('desk')).call, theirs };
      };
      const first = await connected('office');
      const blind = phones.transfer(first.ours, { target: 'lobby' });
      const third = await phones.incoming('lobby');
      await phones.answer(third);
      assert.equal((await blind).event, 'transferred');
      await phones.assertHears(third, first.theirs);
      await phones.hangup(first.theirs);
      await phones.wait(third, 'ended');

      const second = await connected('office');
      const consulted = await connected('lobby');
      const consultation = consulted.ours;
      assert.equal((await phones.transfer(second.ours, { consultation })).event, 'transferred');
      await phones.assertHears(consulted.theirs, second.theirs);
      await phones.hangup(second.theirs);
      await phones.wait(consulted.theirs, 'ended');
    });

    it('dies in mid-call: audio goes on, and hanging up ends the call all the same #peer-dies', async () => {
      const { phones, ours, theirs } = await pair();
      await kamailio().crash();
      try {
        await phones.assertHears(theirs, ours);
        await phones.hangup(ours);
        assert.equal((await phones.info(ours)).state, 'ended');
        await phones.hangup(theirs);
      } finally {
        await kamailio().start();
      }
    });

    it('100 calls at once through it, each with its own tone #load-100', async () => {
      const phones = await registered(
        account(kamailio(), 'desk', { maxCalls: '100' }),
        account(kamailio(), 'office', { maxCalls: '100' }),
      );
      await phones.assertHearsTones('desk', 'office', 100, 'office');
    });

    it('a wrong password is an AUTH failure', async () => {
      flow = await Flow.open({ ...account(kamailio(), 'desk'), password: 'wrong' });
      const { failure } = await flow.registration('desk', 'failed');
      assert.equal((failure as { code: string }).code, 'AUTH');
    });
  },
);

describePeer(
  'Kamailio with SHA-256',
  ADVICE,
  () => Kamailio.open({ algorithm: 'SHA-256' }),
  (kamailio) => {
    afterEach(closeFlow);

    it('REGISTER and INVITE answer its challenges #register-sha256', async () => {
      const phones = await registered(account(kamailio(), 'desk'), account(kamailio(), 'office'));
      phones.startDial('desk', 'office');
      await phones.answer(await phones.incoming('office'));
      const { how, call } = await phones.outcome('desk');
      assert.equal(how, 'answered');
      await phones.hangup(call);
    });
  },
);

describePeer(
  'Kamailio with TLS',
  'install the packages kamailio and kamailio-tls-modules',
  () => Kamailio.open({ tls: true }),
  (kamailio) => {
    afterEach(closeFlow);

    it('two phones with certificates call each other, with SDES #out-tls #in-tls #echo', async () => {
      const fields = { transport: 'tls', srtp: 'required', tls: OWN_CERTIFICATE };
      const secure = { ...fields, registrar: `127.0.0.1:${kamailio().tlsPort}` };
      const phones = await registered(
        account(kamailio(), 'desk', secure),
        account(kamailio(), 'office', secure),
      );
      phones.startDial('desk', 'office');
      const theirs = await phones.incoming('office');
      await phones.answer(theirs);
      const { call } = await phones.outcome('desk');
      assert.equal((await phones.info(call)).srtp, true);
      await phones.assertHears(theirs, call);
      await phones.assertHears(call, theirs);
      await phones.hangup(theirs);
      await phones.wait(call, 'ended');
    });
  },
);

describePeer(
  'Kamailio with WebSocket',
  'install the packages kamailio, kamailio-tls-modules and kamailio-websocket-modules',
  () => Kamailio.open({ tls: true, webSocket: true, reuse: true }),
  (kamailio) => {
    afterEach(closeFlow);

    for (const [transport, marks, fields] of [
      ['ws', '#out-ws #in-ws', {}],
      ['wss', '#out-wss #in-wss', { srtp: 'required' }],
      ['tcp', '#connection-reuse', {}],
      ['tls', '#connection-reuse', { srtp: 'required' }],
    ] as const) {
      it(`over ${transport.toUpperCase()}: phones are called over the connection of their registration ${marks} #echo`, async () => {
        const secure = transport === 'wss' || transport === 'tls';
        const registrar = secure ? `127.0.0.1:${kamailio().tlsPort}` : kamailio().address;
        const phones = await registered(
          account(kamailio(), 'desk', { transport, registrar, ...fields }),
          account(kamailio(), 'office', { transport, registrar, ...fields }),
        );
        phones.startDial('desk', 'office');
        const theirs = await phones.incoming('office');
        await phones.answer(theirs);
        const { call, how } = await phones.outcome('desk');
        assert.equal(how, 'answered');
        await phones.assertHears(theirs, call);
        assert.equal(await phones.hold(call, 'hold'), 200);
        assert.equal(await phones.hold(call, 'resume'), 200);
        await phones.hangup(theirs);
        await phones.wait(call, 'ended');
      });
    }
  },
);

describePeer(
  'Kamailio behind an edge proxy',
  ADVICE,
  async () => {
    const registrar = await Kamailio.open();
    const edge = registrar && (await Kamailio.open({ edgeOf: registrar.address }));
    if (!edge) {
      await registrar?.stop();
      return undefined;
    }
    return {
      version: registrar.version,
      registrar,
      edge,
      log: () => `${registrar.log()}\n${edge.log()}`,
      stop: async () => {
        await edge.stop();
        await registrar.stop();
      },
    };
  },
  (peers) => {
    afterEach(closeFlow);

    for (const transport of ['udp', 'tcp']) {
      for (const known of ['outbound proxy', 'registrar']) {
        it(`over ${transport.toUpperCase()}: phones that know the edge as their ${known} call through it, and are called by the Path #path`, async () => {
          const { edge, registrar } = peers();
          const servers =
            known === 'registrar'
              ? { registrar: edge.address }
              : { registrar: registrar.address, outboundProxy: edge.address };
          const phones = await registered(
            account(edge, 'desk', { transport, ...servers }),
            account(edge, 'office', { transport, ...servers }),
          );
          phones.startDial('desk', 'office');
          const theirs = await phones.incoming('office');
          await phones.answer(theirs);
          const { call, how, sip } = await phones.outcome('desk');
          assert.equal(how, 'answered');
          // The way out, and the way back by the Path.
          const passed = String(sip.headers?.['Record-Route']).split(/,\s*/);
          const atEdge = passed.map((each) => each.includes(edge.address));
          assert.deepEqual([atEdge[0], atEdge.at(-1)], [true, true]);
          assert.ok(passed.some((each) => each.includes(registrar.address)));
          assert.equal(await phones.hold(call, 'hold'), 200);
          assert.equal(await phones.hold(theirs, 'hold'), 200);
          await phones.hangup(theirs);
          await phones.wait(call, 'ended');
        });
      }
    }
  },
);

describePeer(
  'Kamailio dispatcher before Asterisk',
  ADVICE,
  async () => {
    const asterisk = await Asterisk.open();
    if (!asterisk) return undefined;
    const dead = await freePort();
    const kamailio = await Kamailio.open({
      gateways: [`sip:127.0.0.1:${dead}`, `sip:${asterisk.address}`],
    });
    if (!kamailio) {
      await asterisk.stop();
      return undefined;
    }
    return {
      version: `${kamailio.version} and ${asterisk.version}`,
      kamailio,
      log: () => `${kamailio.log()}\n${asterisk.log()}`,
      stop: async () => {
        await kamailio.stop();
        await asterisk.stop();
      },
    };
  },
  (peers) => {
    afterEach(closeFlow);

    it('the first gateway is dead, the second one echoes', async () => {
      const phones = await registered(account(peers().kamailio, 'desk'));
      const call = await phones.connect('desk', 'echo');
      await phones.assertHears(call);
      await phones.hangup(call);
    });

    it('486 of the gateway comes through', async () => {
      const phones = await registered(account(peers().kamailio, 'desk'));
      const { how, sip } = await phones.dial('desk', '486');
      assert.deepEqual([how, sip.status], ['failed', 486]);
    });
  },
);

describePeer(
  'rtpengine behind Kamailio',
  'install the packages rtpengine-daemon and kamailio',
  async () => {
    const relay = await Rtpengine.open();
    if (!relay) return undefined;
    const kamailio = await Kamailio.open({ relayPort: relay.port });
    if (!kamailio) {
      await relay.stop();
      return undefined;
    }
    return {
      version: relay.version,
      relay,
      kamailio,
      log: () => `${relay.log()}\n${kamailio.log()}`,
      stop: async () => {
        await kamailio.stop();
        await relay.stop();
      },
    };
  },
  (peers) => {
    afterEach(closeFlow);

    it('audio and digits pass through the relay, both ways', async () => {
      const { kamailio } = peers();
      const phones = await registered(account(kamailio, 'desk'), account(kamailio, 'office'));
      phones.startDial('desk', 'relayoffice');
      const theirs = await phones.incoming('office');
      await phones.answer(theirs);
      const { call } = await phones.outcome('desk');
      await phones.assertHears(theirs, call);
      await phones.assertHears(call, theirs);
      const heard = phones.gather(theirs, 3);
      await phones.press(call, '42#');
      assert.equal((await heard).digits, '42#');
      assert.match(peers().relay.log(), /Creating new call/);
      await phones.hangup(call);
      await phones.wait(theirs, 'ended');
    });
  },
);
