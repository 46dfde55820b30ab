import assert from 'node:assert/strict';
import type { CallRef } from '../../lib/calls';
import { Asterisk } from './support/asterisk';
import { eventually } from './support/peer-process';
import { undisturbed } from '../support/stall-watch';
import { Flow, OWN_CERTIFICATE, type Account } from './support/flow';
import { assertHeard, excerpt } from './support/sound';
import { describePeer } from './support/suite';

/** Debian's build of version 22 knows no other. */
const KNOWN_SUITES = ['AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32'];

const ADVICE = 'unpack it with "npm run test:interop -- --fetch"';

describePeer(
  'Asterisk',
  ADVICE,
  () => Asterisk.open(),
  (asterisk) => {
    let flow: Flow | undefined;
    afterEach(async () => {
      await flow?.close();
      flow = undefined;
    });

    const portOf = (transport: unknown): number => {
      const { port, tlsPort, wsPort, wssPort } = asterisk();
      return { tls: tlsPort, ws: wsPort, wss: wssPort }[String(transport)] ?? port;
    };

    /** A phone that registers with the user's name. */
    const account = (user: string, fields: Record<string, unknown> = {}): Account => ({
      user,
      password: 'secret',
      fields: {
        registrar: `127.0.0.1:${portOf(fields.transport)}`,
        codecs: ['PCMA', 'PCMU'],
        ...fields,
      },
    });
    const registered = async (...accounts: Account[]): Promise<Flow> => {
      flow = await Flow.open(...accounts);
      for (const { user } of accounts) await flow.registration(user);
      return flow;
    };
    const SECURE = { transport: 'tls', srtp: 'required' };

    describe('registration', () => {
      it('MD5 digest #register-md5', async () => {
        await registered(account('desk'));
        assert.match(await asterisk().cli('pjsip show contacts'), /desk\/sip:desk@127\.0\.0\.1/);
      });

      it('SHA-256 digest #register-sha256', async () => {
        await registered(account('sha256'));
        assert.match(await asterisk().cli('pjsip show contacts'), /sha256\/sip:sha256@127\.0\.0\.1/);
      });

      it('a wrong password is an AUTH failure that is told once', async () => {
        flow = await Flow.open({ ...account('desk'), password: 'wrong' });
        const { failure } = await flow.registration('desk', 'failed');
        assert.equal((failure as { code: string }).code, 'AUTH');
      });

      it('again after Asterisk was killed and started with nothing in mind #register-restart', async () => {
        const phones = await registered(account('desk', { registerExpires: '20' }));
        await asterisk().crash();
        const heard = asterisk().listen();
        await asterisk().start();
        // For a contact that it still had it would say that it was refreshed.
        await heard(/Added contact 'sip:desk@/);
        assert.match(await asterisk().cli('pjsip show contacts'), /desk\/sip:/);
        await phones.hangup(await phones.connect('desk', 'echo'));
      });
    });

    describe('with SDES', () => {
      for (const suite of KNOWN_SUITES) {
        it(`call out with ${suite}: the echo is what was played`, async () => {
          const phones = await registered(account('vault', { ...SECURE, srtpSuites: [suite] }));
          const call = await phones.connect('vault', 'echo');
          await phones.assertHears(call);
          assert.equal((await phones.info(call)).srtp, true);
          await phones.hangup(call);
        });
      }

      it('its 488 to other suites is told as one for the encryption', async () => {
        const phones = await registered(
          account('vault', { ...SECURE, srtpSuites: ['AES_256_CM_HMAC_SHA1_80'] }),
        );
        const { sip, failure } = await phones.dial('vault', 'echo');
        assert.equal(sip.status, 488);
        assert.equal(failure?.code, 'SRTP_NOT_NEGOTIATED');
        assert.match(String(sip.diagnosis), /refused encrypted audio \(SRTP with AES_256_CM_HMAC_SHA1_80\)/);
      });
    });

    for (const [name, tag, user, fields] of [
      ['UDP', 'udp', 'desk', { transport: 'udp' }],
      ['TCP', 'tcp', 'desk', { transport: 'tcp' }],
      ['WebSocket', 'ws', 'desk', { transport: 'ws' }],
      ['WebSocket with TLS and SDES', 'wss', 'vault', { ...SECURE, transport: 'wss' }],
      ['TLS and SDES', 'tls', 'vault', SECURE],
      ['TLS and SDES with a certificate of our own', 'tls', 'safe', { ...SECURE, tls: OWN_CERTIFICATE }],
    ] as const) {
      describe(`over ${name}`, () => {
        it(`call out: the echo is what was played #out-${tag} #echo`, async () => {
          const phones = await registered(account(user, fields));
          const call = await phones.connect(user, 'echo');
          await phones.assertHears(call);
          assert.equal((await phones.info(call)).srtp, 'srtp' in fields);
          await phones.hangup(call);
        });

        it(`call in: the echo is what was played, and Asterisk hangs up #in-${tag} #echo`, async () => {
          const phones = await registered(account(user, fields));
          await asterisk().call(user, 'Echo');
          const call = await phones.incoming(user);
          await phones.answer(call);
          await phones.assertHears(call);
          await asterisk().cli('channel request hangup all');
          await phones.wait(call, 'ended');
          assert.equal((await phones.info(call)).endedBy, 'remote');
        });
      });
    }

    describe('before the answer', () => {
      it('an announcement by early media is heard, then the call is answered #early-answer', async () => {
        const phones = await registered(account('desk'));
        await undisturbed(async () => {
          phones.startDial('desk', 'preamble');
          const { call, sip } = await phones.progress('desk');
          const finish = await phones.record(call);
          const { how } = await phones.outcome('desk');
          const heard = await finish();
          await phones.hangup(call);
          assert.deepEqual([sip.status, how], [183, 'answered']);
          assertHeard(heard, excerpt(asterisk().sound('tt-weasels'), 1, 1.5));
        });
      });

      it('an announcement instead of an answer is heard, then 486 #early-refusal', async () => {
        const phones = await registered(account('desk'));
        await undisturbed(async () => {
          phones.startDial('desk', 'sorry');
          const { call } = await phones.progress('desk');
          const finish = await phones.record(call);
          const { how, sip } = await phones.outcome('desk');
          const heard = await finish();
          assert.deepEqual([how, sip.status], ['failed', 486]);
          assertHeard(heard, excerpt(asterisk().sound('ss-noservice'), 1, 1.5));
        });
      });

      it('180 is told, and CANCEL while it rings ends the call with 487 #cancel-ours', async () => {
        const phones = await registered(account('desk'));
        phones.startDial('desk', 'rings');
        const { call, sip } = await phones.progress('desk');
        assert.equal(sip.status, 180);
        await phones.hangup(call);
        assert.equal((await phones.info(call)).state, 'ended');
        await eventually('the channel to go', async () =>
          (await asterisk().cli('core show channels')).includes('0 active channels') ? true : undefined,
        );
      });

      it('a caller who gives up while our phone rings #cancel-theirs', async () => {
        const phones = await registered(account('desk'));
        await asterisk().call('desk', 'Echo');
        const call = await phones.incoming('desk');
        await asterisk().cli('channel request hangup all');
        await phones.wait(call, 'ended');
        assert.equal((await phones.info(call)).endedBy, 'remote');
      });

      for (const status of [403, 404, 410, 480, 484, 486, 503]) {
        it(`${status} leaves by "failed" #refusals-theirs`, async () => {
          const phones = await registered(account('desk'));
          const { how, sip } = await phones.dial('desk', String(status));
          assert.deepEqual([how, sip.status], ['failed', status]);
        });
      }

      it('302 leaves by "failed" and names the contact #redirect', async () => {
        const phones = await registered(account('desk'));
        const { how, sip } = await phones.dial('desk', 'moved');
        assert.deepEqual([how, sip.status], ['failed', 302]);
        assert.match(String(sip.headers?.Contact), /echo@127\.0\.0\.1/);
      });

      it('pitfall 3: 488 explains that no codec is common #no-codec', async () => {
        const phones = await registered(account('wideband'));
        const { how, sip } = await phones.dial('wideband', 'echo');
        assert.deepEqual([how, sip.status], ['failed', 488]);
        assert.match(String(sip.diagnosis), /PCMA/);
      });

      it('our 486 and 603 reach the caller in Asterisk #refusals-ours', async () => {
        const phones = await registered(account('desk'), account('office'));
        const heard = asterisk().listen();
        for (const status of [486, 603]) {
          phones.startDial('office', 'desk');
          await phones.reject(await phones.incoming('desk'), status);
          const { how } = await phones.outcome('office');
          assert.equal(how, 'failed');
        }
        await heard(/is busy/);
      });
    });

    describe('digits', () => {
      for (const [name, tag, user, fields] of [
        ['RFC 4733', '4733', 'desk', { dtmfMethod: 'rfc4733' }],
        ['INFO', 'info', 'info', { dtmfMethod: 'info' }],
        ['tones', 'tones', 'tones', { dtmfMethod: 'inband' }],
      ] as const) {
        it(`${name}: Asterisk hears ours and sends them back #dtmf-out-${tag} #dtmf-in-${tag}`, async () => {
          const phones = await registered(account(user, fields));
          await undisturbed(async () => {
            const listens = asterisk().listen();
            const call = await phones.connect(user, 'parrot');
            const heard = phones.gather(call, 4);
            await listens(/Accepting a maximum of 4 digits/);
            await phones.press(call, '507*');
            const { digits } = await heard;
            await phones.hangup(call);
            assert.equal(digits, '507*');
          });
        });
      }

      it('all sixteen by RFC 4733, each once and in order #dtmf-in-4733', async () => {
        const phones = await registered(account('desk'));
        const call = await phones.connect('desk', 'keypad');
        const { digits, method } = await phones.gather(call, 16);
        assert.deepEqual([digits, method], ['0123456789*#ABCD', 'rfc4733']);
        await phones.hangup(call);
      });
    });

    describe('hold', () => {
      const pair = async (): Promise<{ phones: Flow; ours: CallRef; theirs: CallRef }> => {
        const phones = await registered(account('desk'), account('office'));
        phones.startDial('desk', 'office');
        const theirs = await phones.incoming('office');
        await phones.answer(theirs);
        const { call } = await phones.outcome('desk');
        return { phones, ours: call, theirs };
      };
      it('a phone behind Asterisk holds ours: sendonly and sendrecv arrive, audio before, during and after #hold-theirs #hold-ours', async () => {
        const { phones, ours, theirs } = await pair();
        await phones.assertComesToHear(theirs, ours);
        await asterisk().cli('pjsip set logger on');
        const held = phones.wait(theirs, 'held');
        assert.equal(await phones.hold(ours, 'hold'), 200);
        await held;
        // Asterisk passes on what the one who holds plays.
        await phones.assertHears(theirs, ours);
        const resumed = phones.wait(theirs, 'resumed');
        assert.equal(await phones.hold(ours, 'resume'), 200);
        await resumed;
        const toOffice = (): string[] =>
          asterisk()
            .messages()
            .filter((text) => text.includes(`Call-ID: ${theirs.callId}`) && /^a=(?:send|recv)/m.test(text))
            .map(
              (text) =>
                `${/^SIP\/2\.0 200/.test(text) ? 'answer' : 'offer'} ${/^a=(\w+)\r?$/m.exec(directionOf(text))?.[1]}`,
            );
        await eventually('the last answer', () => (toOffice().length >= 4 ? true : undefined));
        await asterisk().cli('pjsip set logger off');
        assert.deepEqual(toOffice(), [
          ...['offer sendonly', 'answer recvonly'],
          ...['offer sendrecv', 'answer sendrecv'],
        ]);
        await phones.assertHears(theirs, ours);
        await phones.assertHears(ours, theirs);
        await phones.hangup(ours);
        await phones.wait(theirs, 'ended');
      });

      it('our phone as the callee holds and resumes #hold-ours', async () => {
        const { phones, ours, theirs } = await pair();
        assert.equal(await phones.hold(theirs, 'hold'), 200);
        assert.equal(await phones.hold(theirs, 'resume'), 200);
        await phones.assertComesToHear(ours, theirs);
        await phones.hangup(theirs);
        await phones.wait(ours, 'ended');
      });
    });

    describe('extensions of SIP', () => {
      it('100rel required: a call out through 180 and early media #prack-out', async () => {
        const phones = await registered(account('reliable'));
        phones.startDial('reliable', 'preamble');
        const { sip } = await phones.progress('reliable');
        assert.match(String(sip.headers?.Require), /100rel/);
        const { how, call } = await phones.outcome('reliable');
        assert.equal(how, 'answered');
        await phones.hangup(call);
      });

      it('100rel required: a call in, whose 180 is acknowledged #prack-in', async () => {
        const phones = await registered(account('reliable', { reliableProvisional: true }));
        await asterisk().call('reliable', 'Echo');
        const call = await phones.incoming('reliable');
        await phones.answer(call);
        await phones.assertHears(call);
        await phones.hangup(call);
      });

      it('100rel required, and the flow answers at once: 20 of 20 calls stand after the PRACK that crosses #prack-crosses', async () => {
        const phones = await registered({ ...account('reliable', { maxCalls: '20' }), answers: true });
        await asterisk().cli('pjsip set logger on');
        const calls: CallRef[] = [];
        for (let n = 0; n < 20; n++) {
          await asterisk().call('reliable', 'Echo');
          calls.push(await phones.pickedUp());
        }
        const answered = ({ callId }: CallRef): string | undefined =>
          asterisk()
            .messages()
            .filter((text) => text.includes(`Call-ID: ${callId}`) && /^CSeq: \d+ PRACK$/m.test(text))
            .map((text) => /^SIP\/2\.0 (\d+)/.exec(text)?.[1])
            .find((status) => status !== undefined);
        for (const call of calls) {
          assert.equal(await eventually('the answer to the PRACK', () => answered(call)), '200');
        }
        await asterisk().cli('pjsip set logger off');
        await phones.assertHears(calls.at(-1) ?? assert.fail());
        for (const call of calls) {
          assert.equal((await phones.info(call)).state, 'answered');
          await phones.hangup(call);
        }
      });

      it('session timers of 90 s: a call out and a call in stand after their refresh at 45 s #timer-ours #timer-theirs', async () => {
        const phones = await registered(account('timed'));
        await asterisk().cli('pjsip set logger on');
        const out = await phones.connect('timed', 'echo');
        await asterisk().call('timed', 'Echo');
        const incoming = await phones.incoming('timed');
        await phones.answer(incoming);
        const calls = [out, incoming];
        const isRefresh = ({ callId }: CallRef, text: string): boolean =>
          text.includes(`Call-ID: ${callId}`) &&
          /^(?:INVITE|UPDATE) /.test(text) &&
          /^To:.*;tag=/m.test(text) &&
          /^Session-Expires: 90/m.test(text);
        for (const call of calls) {
          await eventually(
            `the refresh of the call ${call.direction}`,
            () =>
              asterisk()
                .messages()
                .some((text) => isRefresh(call, text))
                ? true
                : undefined,
            60000,
          );
        }
        await asterisk().cli('pjsip set logger off');
        for (const call of calls) {
          assert.equal((await phones.info(call)).state, 'answered');
          await phones.assertHears(call);
          await phones.hangup(call);
        }
      });
    });

    describe('transfer', () => {
      const standing = async (): Promise<{ phones: Flow; ours: CallRef; theirs: CallRef }> => {
        const phones = await registered(account('desk'), account('office'), account('lobby'));
        phones.startDial('desk', 'office');
        const theirs = await phones.incoming('office');
        await phones.answer(theirs);
        const { call } = await phones.outcome('desk');
        return { phones, ours: call, theirs };
      };

      it('blind by our phone: the other one reaches the third #blind-ours', async () => {
        const { phones, ours, theirs } = await standing();
        const transferred = phones.transfer(ours, { target: 'lobby' });
        const third = await phones.incoming('lobby');
        await phones.answer(third);
        assert.equal((await transferred).event, 'transferred');
        await phones.assertComesToHear(third, theirs);
        await phones.hangup(theirs);
        await phones.wait(third, 'ended');
      });

      it('attended by our phone: the other one talks to the third #attended-ours', async () => {
        const { phones, ours, theirs } = await standing();
        phones.startDial('desk', 'lobby');
        const third = await phones.incoming('lobby');
        await phones.answer(third);
        const { call: consultation } = await phones.outcome('desk');
        assert.equal((await phones.transfer(ours, { consultation })).event, 'transferred');
        await phones.assertComesToHear(third, theirs);
        await phones.hangup(theirs);
        await phones.wait(third, 'ended');
      });

      it('blind to a number that is busy: the status comes back, and the call stands #blind-ours', async () => {
        const { phones, ours } = await standing();
        assert.equal((await phones.transfer(ours, { target: '486' })).event, 'failed');
        assert.equal((await phones.info(ours)).state, 'answered');
        await phones.hangup(ours);
      });

      it('by Asterisk: our phone follows its REFER to the echo #blind-theirs', async () => {
        const phones = await registered(account('desk'));
        const heard = asterisk().listen();
        const call = await phones.connect('desk', 'refer');
        await heard(/TRANSFER SUCCESS/);
        await phones.assertComesToHear(call);
        await phones.hangup(call);
      });
    });

    describe('transfer by keys, which Asterisk does by itself', () => {
      it('attended: ours goes on with the third as if nothing had happened #attended-theirs', async () => {
        const phones = await registered(account('desk'), account('office'), account('lobby'));
        phones.startDial('desk', 'keys');
        const theirs = await phones.incoming('office');
        await phones.answer(theirs);
        const { call: ours } = await phones.outcome('desk');
        await phones.assertComesToHear(ours, theirs);
        const heard = asterisk().listen();
        await phones.press(theirs, '*2');
        await heard(/Playing 'pbx-transfer/);
        await phones.press(theirs, '77');
        const third = await phones.incoming('lobby');
        await phones.answer(third);
        await phones.assertComesToHear(third, theirs);
        await phones.hangup(theirs);
        await phones.assertComesToHear(third, ours);
        await phones.assertHears(ours, third);
        await phones.hangup(ours);
        await phones.wait(third, 'ended');
      });
    });

    describe('bad input', () => {
      it('says that its media is elsewhere: the echo is heard all the same #other-media-address', async () => {
        const phones = await registered(account('elsewhere'));
        const call = await phones.connect('elsewhere', 'echo');
        await phones.assertHears(call);
        await phones.hangup(call);
      });

      for (const [what, restarts] of [
        ['is killed in mid-call', false],
        ['is killed and started again in mid-call', true],
      ] as const) {
        it(`${what}: the recording fails with TIMEOUT, the call ends #peer-dies`, async () => {
          const phones = await registered(account('desk', { rtpTimeout: '2', registerExpires: '20' }));
          const call = await phones.connect('desk', 'echo');
          await phones.record(call);
          await eventually('the echo', async () =>
            ((await phones.info(call)).rtp?.received.packets ?? 0) > 50 ? true : undefined,
          );
          const ended = phones.wait(call, 'ended');
          await asterisk().crash();
          if (restarts) await asterisk().start();
          assert.equal((await phones.silence('desk')).id, call.id);
          assert.equal((await phones.recorded()).failure?.code, 'TIMEOUT');
          await ended;
          assert.equal((await phones.info(call)).endedBy, 'error');
          if (!restarts) await asterisk().start();
        });
      }
    });

    describe('load', () => {
      it('100 calls at once, each with its own tone in its echo #load-100', async () => {
        const phones = await registered(account('desk', { maxCalls: '100' }));
        await phones.assertHearsTones('desk', 'echo', 100);
      });
    });
  },
);

/** The part of a message below its media line. */
function directionOf(text: string): string {
  return text.slice(text.indexOf('m=audio'));
}
