import assert from 'node:assert/strict';
import type { CallRef } from '../../lib/calls';
import { Desk, uriOf } from './support/desk';
import type { Flow } from './support/flow';
import { undisturbed } from '../support/stall-watch';
import { eventually } from './support/peer-process';
import { installed } from './support/programs';
import {
  accept,
  acceptOffer,
  callee,
  caller,
  expect,
  playSweep,
  receive,
  respond,
  scenario,
} from './support/scenario';
import { Sipp } from './support/sipp';
import { assertHeard, SWEEP } from './support/sound';
import { describePeer } from './support/suite';

const ADVICE = 'install the package sip-tester';
/** SIPp sends back each packet to where it came from. */
const ECHO = ['-rtp_echo'];
const TCP = ['-t', 't1'];

describePeer(
  'SIPp',
  ADVICE,
  () => Sipp.open(installed('sipp')),
  (sipp) => {
    const desk = new Desk(sipp);
    afterEach(() => desk.close());
    const ringing = [callee.invited, callee.respond('180 Ringing')];
    const standing = [...ringing, callee.respond('200 OK', { sdp: {} }), receive({ request: 'ACK' })];
    const incoming = [caller.request('INVITE', 1, {}), caller.answered, caller.request('ACK', 1)];
    const refused = (status: number): string[] => [
      '<recv response="100" optional="true"/>\n<recv response="180" optional="true"/>',
      receive({ response: status }),
      caller.request('ACK', 1).replace('[branch]', '[branch-4]'),
    ];

    describe('audio', () => {
      for (const [name, tag, options, fields] of [
        ['UDP', 'udp', [], {}],
        ['TCP', 'tcp', TCP, { transport: 'tcp' }],
      ] as const) {
        it(`call out over ${name}: the echo is what was played #out-${tag} #echo`, async () => {
          const script = scenario('echo', ...standing, accept('BYE'));
          const { phone, peer, call } = await desk.calls(script, [...ECHO, ...options], fields);
          await phone.assertHears(call);
          await phone.hangup(call);
          assert.equal(await peer.ended, 0);
        });

        it(`call in over ${name}: the echo is what was played #in-${tag} #echo`, async () => {
          const script = scenario('echo', ...incoming, accept('BYE'));
          const { phone, peer, call } = await desk.answers(script, [...ECHO, ...options], fields);
          await phone.assertHears(call);
          await phone.hangup(call);
          assert.equal(await peer.ended, 0);
        });
      }

      // By TCP, because SIPp takes an INVITE that is repeated after its answer for a fault, and a busy machine repeats.
      it('100 calls at once, each with its own tone in its echo #load-100', async () => {
        const phone = await desk.open({ maxCalls: '100', transport: 'tcp' });
        const script = scenario('many', ...standing, accept('BYE'));
        const peer = await sipp().callee(script, [
          ...ECHO,
          ...TCP,
          '-m',
          '100',
          '-l',
          '100',
          '-timeout',
          '110',
        ]);
        await phone.assertHearsTones('desk', `${uriOf(peer)};transport=tcp`, 100);
        assert.equal(await peer.ended, 0);
      });
    });

    describe('before the answer', () => {
      const announced = [callee.invited, callee.respond('183 Session Progress', { sdp: {} }), playSweep(2)];
      /** SIPp calls, and its echo of our announcement is heard before the call goes on. */
      const assertHearsEarly = async (
        script: string,
        goOn: (phone: Flow, call: CallRef) => Promise<void>,
      ): Promise<void> => {
        const phone = await desk.open();
        await undisturbed(async () => {
          const peer = await sipp().caller(script, 'desk', desk.port, ECHO);
          const call = await phone.incoming('desk');
          const early = phone.playEarly(call);
          const finish = await phone.record(call);
          await early;
          const heard = await finish();
          await goOn(phone, call);
          assert.equal(await peer.ended, 0);
          assertHeard(heard, SWEEP);
        });
      };

      it('an announcement by early media is heard, then the call is answered #early-answer', async () => {
        const phone = await desk.open();
        const script = scenario(
          'announcement',
          ...[
            ...announced,
            callee.respond('200 OK', { sdp: {} }),
            receive({ request: 'ACK' }),
            accept('BYE'),
          ],
        );
        await undisturbed(async () => {
          const peer = await sipp().callee(script);
          phone.startDial('desk', uriOf(peer));
          const { call } = await phone.progress('desk');
          const finish = await phone.record(call);
          const { how } = await phone.outcome('desk');
          const heard = await finish();
          await phone.hangup(call);
          assert.deepEqual([how, await peer.ended], ['answered', 0]);
          assertHeard(heard, SWEEP);
        });
      });

      it('an announcement instead of an answer is heard, then 486 #early-refusal', async () => {
        const phone = await desk.open();
        const script = scenario(
          'sorry',
          ...[...announced, callee.respond('486 Busy Here'), receive({ request: 'ACK' })],
        );
        await undisturbed(async () => {
          const peer = await sipp().callee(script);
          phone.startDial('desk', uriOf(peer));
          const { call } = await phone.progress('desk');
          const finish = await phone.record(call);
          const { how, sip } = await phone.outcome('desk');
          const heard = await finish();
          assert.deepEqual([how, sip.status, await peer.ended], ['failed', 486, 0]);
          assertHeard(heard, SWEEP);
        });
      });

      it('302 leaves by "failed" and names the contact #redirect', async () => {
        const phone = await desk.open();
        const moved = callee.respond('302 Moved Temporarily', {
          headers: ['Contact: <sip:lobby@127.0.0.1:5999>'],
        });
        const peer = await sipp().callee(
          scenario('moved', callee.invited, moved, receive({ request: 'ACK' })),
        );
        const { how, sip } = await phone.dial('desk', uriOf(peer));
        assert.deepEqual([how, sip.status], ['failed', 302]);
        assert.deepEqual(sip.contacts, ['sip:lobby@127.0.0.1:5999']);
        assert.equal(await peer.ended, 0);
      });

      it('CANCEL while it rings ends the call with 487 #cancel-ours', async () => {
        const phone = await desk.open();
        const script = scenario(
          'cancelled',
          ...[...ringing, accept('CANCEL'), callee.respond('487 Request Terminated')],
          receive({ request: 'ACK' }),
        );
        const peer = await sipp().callee(script);
        phone.startDial('desk', uriOf(peer));
        const { call } = await phone.progress('desk');
        await phone.hangup(call);
        assert.equal((await phone.info(call)).state, 'ended');
        assert.equal(await peer.ended, 0);
      });

      it('488 with what the other side has explains that no codec is common #no-codec', async () => {
        const phone = await desk.open();
        const g729 = { formats: '18', attributes: ['a=rtpmap:18 G729/8000'] };
        const script = scenario(
          'no codec',
          ...[callee.invited, callee.respond('488 Not Acceptable Here', { sdp: g729 })],
          receive({ request: 'ACK' }),
        );
        const peer = await sipp().callee(script);
        const { how, sip, failure } = await phone.dial('desk', uriOf(peer));
        assert.deepEqual([how, sip.status, failure?.code], ['failed', 488, 'NO_COMMON_CODEC']);
        assert.match(String(sip.diagnosis), /G729/);
        assert.match(String(sip.diagnosis), /PCMA/);
        assert.equal(await peer.ended, 0);
      });

      for (const status of [403, 486, 603]) {
        it(`our ${status} reaches it #refusals-ours`, async () => {
          const phone = await desk.open();
          const script = scenario('refused', caller.request('INVITE', 1, {}), ...refused(status));
          const peer = await sipp().caller(script, 'desk', desk.port);
          await phone.reject(await phone.incoming('desk'), status);
          assert.equal(await peer.ended, 0);
        });
      }

      it('our announcement and then 486 reach it', async () => {
        const script = scenario(
          'announced to',
          ...[caller.request('INVITE', 1, {}), '<recv response="100" optional="true"/>'],
          ...[
            '<recv response="180" optional="true"/>',
            receive({ response: 183 }),
            receive({ response: 486 }),
          ],
          caller.request('ACK', 1).replace('[branch]', '[branch-5]'),
        );
        await assertHearsEarly(script, (phone, call) => phone.reject(call, 486));
      });

      it('100rel required by the called side: its 180 is acknowledged by PRACK #prack-out', async () => {
        const phone = await desk.open();
        const reliable = { headers: ['Require: 100rel', 'RSeq: 4711'] };
        const script = scenario(
          'reliable',
          ...[callee.invited, callee.respond('180 Ringing', reliable)],
          accept('PRACK', { header: 'RAck:', pattern: '4711 [0-9]* INVITE' }),
          ...[callee.respond('200 OK', { sdp: {} }), receive({ request: 'ACK' }), accept('BYE')],
        );
        const { phone: same, peer, call } = await desk.calls(script);
        assert.equal(same, phone);
        await phone.hangup(call);
        assert.equal(await peer.ended, 0);
      });

      it('100rel required by the caller: our 180 waits for its PRACK #prack-in', async () => {
        const required = caller.request('INVITE', 1, {}, { headers: ['Require: 100rel'] });
        const prack = caller.request('PRACK', 2, undefined, { headers: ['RAck:[$rseq] 1 INVITE'] });
        const script = scenario(
          'reliable',
          ...[required, '<recv response="100" optional="true"/>'],
          `<recv response="180" rrs="true"><action>
<ereg regexp=".*" search_in="hdr" header="RSeq:" check_it="true" assign_to="rseq"/></action></recv>`,
          ...[prack, '<recv response="200"/>', '<recv response="200" rrs="true"/>'],
          ...[caller.request('ACK', 1), accept('BYE')],
        );
        const phone = await desk.open();
        const peer = await sipp().caller(script, 'desk', desk.port);
        const call = await phone.incoming('desk');
        await eventually('the PRACK', () => (/^PRACK /m.test(peer.messages()) ? true : undefined));
        await phone.answer(call);
        await phone.hangup(call);
        assert.equal(await peer.ended, 0);
      });

      it('a caller without an offer: our 183 offers, its PRACK answers, and it is heard before the answer #late-offer #prack-in', async () => {
        const script = scenario(
          'early offer',
          caller.request('INVITE', 1, undefined, { headers: ['Supported: 100rel'] }),
          '<recv response="100" optional="true"/>\n<recv response="180" optional="true"/>',
          `<recv response="183" rrs="true"><action>
<ereg regexp=".*" search_in="hdr" header="RSeq:" check_it="true" assign_to="rseq"/>
<ereg regexp="m=audio" search_in="body" check_it="true" assign_to="offer"/></action></recv>
<Reference variables="offer"/>`,
          ...[caller.request('PRACK', 2, {}, { headers: ['RAck:[$rseq] 1 INVITE'] })],
          ...['<recv response="200"/>', '<recv response="200" rrs="true"/>'],
          ...[caller.request('ACK', 1), accept('BYE')],
        );
        await assertHearsEarly(script, async (phone, call) => {
          await phone.answer(call);
          await phone.hangup(call);
        });
      });
    });

    describe('digits', () => {
      for (const [name, tag, method] of [
        ['RFC 4733', '4733', 'rfc4733'],
        ['tones', 'tones', 'inband'],
      ] as const) {
        it(`${name}: ours come back from it #dtmf-out-${tag} #dtmf-in-${tag}`, async () => {
          const script = scenario('echo', ...standing, accept('BYE'));
          await undisturbed(async () => {
            const { phone, peer, call } = await desk.calls(script, ECHO, { dtmfMethod: method });
            const heard = phone.gather(call, 4);
            await phone.press(call, '159#');
            const { digits, method: by } = await heard;
            await phone.hangup(call);
            assert.equal(await peer.ended, 0);
            assert.deepEqual([digits, by], ['159#', method]);
          });
        });
      }

      it('INFO: it takes ours #dtmf-out-info', async () => {
        const script = scenario(
          'INFO',
          ...[
            ...standing,
            accept('INFO', { pattern: 'Signal= *5' }),
            accept('INFO', { pattern: 'Signal= *#' }),
          ],
          accept('BYE'),
        );
        const { phone, peer, call } = await desk.calls(script, [], { dtmfMethod: 'info' });
        await phone.press(call, '5#');
        await phone.hangup(call);
        assert.equal(await peer.ended, 0);
      });

      it('INFO: we take its #dtmf-in-info', async () => {
        const info = (cseq: number, type: string, ...lines: string[]): string =>
          callee.request('INFO', cseq, undefined, { body: { type, lines } });
        const script = scenario(
          'INFO',
          ...[...standing, info(1, 'application/dtmf-relay', 'Signal=7', 'Duration=160')],
          ...[receive({ response: 200 }), info(2, 'application/dtmf', '*'), receive({ response: 200 })],
          accept('BYE'),
        );
        const { phone, peer, call } = await desk.calls(script);
        const { digits, method } = await phone.gather(call, 2);
        assert.deepEqual([digits, method], ['7*', 'info']);
        await phone.hangup(call);
        assert.equal(await peer.ended, 0);
      });
    });

    describe('in the call', () => {
      it('we hold and resume: sendonly, then sendrecv, and audio flows again #hold-ours', async () => {
        const script = scenario(
          'held',
          ...standing,
          acceptOffer('INVITE', { direction: 'recvonly' }, { checks: [{ pattern: 'a=sendonly' }] }),
          acceptOffer('INVITE', {}, { checks: [{ pattern: 'a=sendrecv' }] }),
          accept('BYE'),
        );
        const { phone, peer, call } = await desk.calls(script, ECHO);
        assert.equal(await phone.hold(call, 'hold'), 200);
        assert.equal(await phone.hold(call, 'resume'), 200);
        await phone.assertHears(call);
        await phone.hangup(call);
        assert.equal(await peer.ended, 0);
      });

      it('a hold that it refuses with 488 leaves the call as it was #hold-ours', async () => {
        const script = scenario(
          'stubborn',
          ...[...standing, expect('INVITE'), respond('488 Not Acceptable Here'), receive({ request: 'ACK' })],
          accept('BYE'),
        );
        const { phone, peer, call } = await desk.calls(script, ECHO);
        assert.equal(await phone.hold(call, 'hold'), 488);
        await phone.assertHears(call);
        await phone.hangup(call);
        assert.equal(await peer.ended, 0);
      });

      it('holds and resumes: held, resumed, and audio before and after #hold-theirs', async () => {
        const script = scenario(
          'hold',
          ...[...standing, accept('INFO'), callee.request('INVITE', 1, { direction: 'sendonly' })],
          '<recv response="200"><action><ereg regexp="a=recvonly" search_in="body" check_it="true" assign_to="d"/></action></recv>',
          ...['<Reference variables="d"/>', callee.request('ACK', 1), accept('INFO')],
          ...[callee.request('INVITE', 2, {}), receive({ response: 200 }), callee.request('ACK', 2)],
          accept('BYE'),
        );
        const { phone, peer, call } = await desk.calls(script, ECHO);
        await phone.assertHears(call);
        const held = phone.wait(call, 'held');
        await phone.sign(call);
        await held;
        const resumed = phone.wait(call, 'resumed');
        await phone.sign(call);
        await resumed;
        await phone.assertHears(call);
        await phone.hangup(call);
        assert.equal(await peer.ended, 0);
      });

      it('changes the codec again and again, and each one is heard #codec-change', async () => {
        const g722 = { formats: '9 101' };
        const offers = [{ formats: '0 101' }, {}, g722, { formats: '0 101' }].map((sdp, n) => [
          ...[accept('INFO'), callee.request('INVITE', n + 1, sdp), receive({ response: 200 })],
          callee.request('ACK', n + 1),
        ]);
        const script = scenario('codecs', ...standing, ...offers.flat(), accept('BYE'));
        const fields = { codecs: ['PCMA', 'PCMU', 'G722'] };
        const { phone, peer, call } = await desk.calls(script, ECHO, fields);
        await phone.assertHears(call);
        for (const codec of ['PCMU', 'PCMA', 'G722', 'PCMU']) {
          await phone.sign(call);
          await eventually(codec, async () => ((await phone.info(call)).codec === codec ? true : undefined));
          await phone.assertHears(call);
        }
        await phone.hangup(call);
        assert.equal(await peer.ended, 0);
      });
    });
  },
);
