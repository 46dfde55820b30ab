import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import type { CallRef } from '../../lib/calls';
import { levelDbfs } from '../support/audio';
import { Flow } from './support/flow';
import { freePort } from '../support/ports';
import { eventually } from './support/peer-process';
import { installed } from './support/programs';
import { accept, callee, caller, pause, playCapture, receive, scenario } from './support/scenario';
import { Sipp, type SippCall } from './support/sipp';
import { describePeer } from './support/suite';

const ADVICE = 'install the package sip-tester';
const CAPTURES = '/usr/share/sip-tester';
/** Raw sockets, by which SIPp sends captured packets, are for root; and not everyone packs the captures. */
const CAN_PLAY = process.getuid?.() === 0 && existsSync(CAPTURES);

describePeer(
  'SIPp',
  ADVICE,
  () => Sipp.open(installed('sipp')),
  (sipp) => {
    let flow: Flow | undefined;
    let port = 0;
    afterEach(async () => {
      await flow?.close();
      flow = undefined;
      await sipp().clean();
    });

    const open = async (fields: Record<string, unknown> = {}): Promise<Flow> => {
      port = await freePort();
      flow = await Flow.open({
        user: 'desk',
        fields: { port: String(port), codecs: ['PCMA', 'PCMU'], ...fields },
      });
      return flow;
    };
    const called = async (
      script: string,
      options: readonly string[] = [],
    ): Promise<{ phone: Flow; peer: SippCall; call: CallRef }> => {
      const phone = await open();
      const peer = await sipp().callee(script, options);
      return { phone, peer, call: await phone.connect('desk', `sip:sipp@127.0.0.1:${peer.port}`) };
    };
    /** SIPp calls our phone, which answers. */
    const answered = async (
      script: string,
      fields: Record<string, unknown> = {},
    ): Promise<{ phone: Flow; peer: SippCall; call: CallRef }> => {
      const phone = await open(fields);
      const peer = await sipp().caller(script, 'desk', port);
      const call = await phone.incoming('desk');
      await phone.answer(call);
      return { phone, peer, call };
    };
    const upTo = [callee.invited, callee.respond('180 Ringing')];
    const standing = [...upTo, callee.respond('200 OK', { sdp: {} }), receive({ request: 'ACK' })];

    describe('as the callee', () => {
      for (const status of [
        '404 Not Found',
        '480 Temporarily Unavailable',
        '486 Busy Here',
        '500 Server Internal Error',
        '503 Service Unavailable',
        '603 Decline',
      ]) {
        it(`refuses with ${status} #refusals-theirs`, async () => {
          const phone = await open();
          const peer = await sipp().callee(
            scenario('refuse', ...upTo, callee.respond(status), receive({ request: 'ACK' })),
          );
          const { how, sip } = await phone.dial('desk', `sip:sipp@127.0.0.1:${peer.port}`);
          assert.deepEqual([how, sip.status], ['failed', Number(status.slice(0, 3))]);
          assert.equal(await peer.ended, 0);
        });
      }

      it('holds by a re-INVITE and comes back #hold-theirs', async () => {
        const script = scenario(
          'hold',
          ...standing,
          accept('INFO'),
          callee.request('INVITE', 1, { direction: 'sendonly' }),
          ...[receive({ response: 200 }), callee.request('ACK', 1), accept('INFO')],
          callee.request('INVITE', 2, { direction: 'sendrecv' }),
          ...[receive({ response: 200 }), callee.request('ACK', 2)],
          accept('BYE'),
        );
        const { phone, peer, call } = await called(script);
        const held = phone.wait(call, 'held');
        await phone.sign(call);
        await held;
        const resumed = phone.wait(call, 'resumed');
        await phone.sign(call);
        await resumed;
        await phone.hangup(call);
        assert.equal(await peer.ended, 0);
      });

      it('holds by the address 0.0.0.0, as old devices do #hold-theirs', async () => {
        const old = callee
          .request('INVITE', 1, { direction: 'sendrecv' })
          .replace('c=IN IP[media_ip_type] [media_ip]', 'c=IN IP4 0.0.0.0');
        const script = scenario(
          'old hold',
          ...[...standing, accept('INFO'), old, receive({ response: 200 }), callee.request('ACK', 1)],
          accept('BYE'),
        );
        const { phone, peer, call } = await called(script);
        const held = phone.wait(call, 'held');
        await phone.sign(call);
        await held;
        await phone.hangup(call);
        assert.equal(await peer.ended, 0);
      });

      it('changes the codec in mid-call #codec-change', async () => {
        const script = scenario(
          'codec',
          ...[...standing, accept('INFO'), callee.request('INVITE', 1, { formats: '0 101' })],
          ...[receive({ response: 200 }), callee.request('ACK', 1), pause(200), callee.request('BYE', 2)],
          receive({ response: 200 }),
        );
        const { phone, peer, call } = await called(script);
        assert.equal((await phone.info(call)).codec, 'PCMA');
        const ended = phone.wait(call, 'ended');
        await phone.sign(call);
        await ended;
        assert.equal(await peer.ended, 0);
        assert.equal((await phone.info(call)).codec, 'PCMU');
      });

      it('asks in mid-call for a codec that we have not: 488, and the call stands #codec-change', async () => {
        const g729 = { formats: '18', attributes: ['a=rtpmap:18 G729/8000'] };
        const script = scenario(
          'wrong codec',
          ...[...standing, accept('INFO'), callee.request('INVITE', 1, g729)],
          ...[receive({ response: 488 }), callee.request('ACK', 1), accept('BYE')],
        );
        const { phone, peer, call } = await called(script);
        await phone.sign(call);
        await eventually('the refusal', () =>
          /^SIP\/2\.0 488[\s\S]*^ACK /m.test(peer.messages()) ? true : undefined,
        );
        const { state, codec } = await phone.info(call);
        assert.deepEqual([state, codec], ['answered', 'PCMA']);
        await phone.hangup(call);
        assert.equal(await peer.ended, 0);
      });

      it('answers with media at another address #other-media-address', async () => {
        const { phone, peer, call } = await called(scenario('elsewhere', ...standing, accept('BYE')), [
          ...['-mi', '127.0.0.2'],
        ]);
        await phone.play(call, 'sipflow:beep');
        const { rtp } = await phone.info(call);
        assert.ok(rtp && rtp.sent.packets > 0);
        await phone.hangup(call);
        assert.equal(await peer.ended, 0);
      });

      it('dies in mid-call: hanging up ends the call all the same #peer-dies', async () => {
        const { phone, peer, call } = await called(scenario('dies', ...standing, pause(60000)));
        peer.kill();
        await peer.ended;
        await phone.hangup(call);
        const { state, endedBy } = await phone.info(call);
        assert.deepEqual([state, endedBy], ['ended', 'local']);
      });
    });

    describe('as the caller', () => {
      const bye = [caller.request('BYE', 2), receive({ response: 200 })];

      it('acknowledges the answer late', async () => {
        const script = scenario(
          'late ACK',
          ...[caller.request('INVITE', 1, {}), caller.answered, pause(1800)],
          ...[caller.request('ACK', 1), pause(300), ...bye],
        );
        const { phone, peer, call } = await answered(script);
        await phone.wait(call, 'ended');
        assert.equal(await peer.ended, 0);
      });

      it('offers nothing: our 200 offers, the ACK answers #late-offer', async () => {
        const script = scenario(
          'late offer',
          ...[
            caller.request('INVITE', 1),
            caller.answered,
            caller.request('ACK', 1, {}),
            pause(1000),
            ...bye,
          ],
        );
        const { phone, peer, call } = await answered(script);
        assert.equal((await phone.info(call)).codec, 'PCMA');
        await phone.wait(call, 'ended');
        assert.equal(await peer.ended, 0);
      });

      it('offers a codec that we have not: 488 with what we have #unknown-codec', async () => {
        const phone = await open();
        const g729 = { formats: '18', attributes: ['a=rtpmap:18 G729/8000'] };
        const script = scenario(
          'no common codec',
          caller.request('INVITE', 1, g729),
          '<recv response="100" optional="true"/>\n<recv response="180" optional="true"/>',
          ...[receive({ response: 488 }), caller.request('ACK', 1).replace('[branch]', '[branch-4]')],
        );
        const peer = await sipp().caller(script, 'desk', port);
        const call = await phone.incoming('desk');
        await phone.answer(call);
        assert.equal(await peer.ended, 0);
      });

      it('gives up with CANCEL while our phone rings #cancel-theirs', async () => {
        const phone = await open();
        const cancel = caller
          .request('CANCEL', 1)
          .replace('[next_url]', 'sip:[service]@[remote_ip]:[remote_port]')
          .replace('[branch]', '[branch-4]')
          .replace('[last_To:]', 'To: <sip:[service]@[remote_ip]:[remote_port]>');
        const script = scenario(
          'cancel',
          ...[caller.request('INVITE', 1, {}), '<recv response="100" optional="true"/>'],
          ...[receive({ response: 180 }), pause(200), cancel, receive({ response: 200 })],
          ...[receive({ response: 487 }), caller.request('ACK', 1).replace('[branch]', '[branch-7]')],
        );
        const peer = await sipp().caller(script, 'desk', port);
        const call = await phone.incoming('desk');
        await phone.wait(call, 'ended');
        assert.equal((await phone.info(call)).endedBy, 'remote');
        await peer.ended;
      });

      describe('with captured packets', () => {
        before(function () {
          if (!CAN_PLAY) this.skip();
        });
        const call = (sdp: object, ...packets: string[]): string =>
          scenario(
            'captured',
            ...[caller.request('INVITE', 1, sdp), caller.answered, caller.request('ACK', 1), accept('INFO')],
            ...[...packets, pause(500), ...bye],
          );

        it('packets of 30 ms under a promise of 20: speech is heard, nothing is lost #ptime-30', async () => {
          const {
            phone,
            peer,
            call: ref,
          } = await answered(call({}, playCapture(`${CAPTURES}/g711a.pcap`, 8000)));
          const finish = await phone.record(ref);
          const ended = phone.wait(ref, 'ended');
          await phone.sign(ref);
          await ended;
          const heard = await finish();
          const { rtp } = await phone.info(ref);
          assert.equal(await peer.ended, 0);
          assert.ok(heard.length > 7 * 8000, `${heard.length} samples were recorded`);
          assert.ok(levelDbfs(heard) > -40, `the recording has ${levelDbfs(heard)} dBFS`);
          assert.ok(rtp && rtp.received.lost < 0.05 * rtp.received.packets, JSON.stringify(rtp));
        });

        it('digits of other streams, each with three ends of one sequence number: each is pressed once #three-ends #dtmf-in-4733', async () => {
          const digits = ['1', '2', '3'].map((digit) =>
            playCapture(`${CAPTURES}/dtmf_2833_${digit}.pcap`, 600),
          );
          const { phone, peer, call: ref } = await answered(call({}, ...digits));
          const heard = phone.gather(ref, 3);
          await phone.sign(ref);
          assert.equal((await heard).digits, '123');
          await phone.wait(ref, 'ended');
          assert.equal(await peer.ended, 0);
        });

        it('a payload type that nobody agreed on is not played #wrong-payload-type', async () => {
          const mu = { formats: '0', attributes: ['a=ptime:20'] };
          const {
            phone,
            peer,
            call: ref,
          } = await answered(call(mu, playCapture(`${CAPTURES}/g711a.pcap`, 3000)));
          const finish = await phone.record(ref);
          const ended = phone.wait(ref, 'ended');
          await phone.sign(ref);
          await ended;
          const heard = await finish();
          assert.equal(await peer.ended, 0);
          assert.ok(
            heard.length === 0 || levelDbfs(heard) < -60,
            `it is heard with ${levelDbfs(heard)} dBFS`,
          );
        });
      });
    });
  },
);
