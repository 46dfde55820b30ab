import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Desk, uriOf } from './support/desk';
import { undisturbed } from '../support/stall-watch';
import { eventually } from './support/peer-process';
import { installed } from './support/programs';
import { accept, callee, playSweep, receive, scenario } from './support/scenario';
import { Sipp } from './support/sipp';
import { assertHeard, SWEEP } from './support/sound';
import { describePeer } from './support/suite';

describePeer(
  'SIPp',
  'install the package sip-tester',
  () => Sipp.open(installed('sipp')),
  (sipp) => {
    const desk = new Desk(sipp);
    afterEach(() => desk.close());
    const standing = [callee.invited, callee.respond('200 OK', { sdp: {} }), receive({ request: 'ACK' })];

    const bye = [callee.request('BYE', 1), receive({ response: 200 })];

    describe('bad input', () => {
      it('is killed in mid-call: the silence is told, the recording fails with TIMEOUT, the call ends #peer-dies', async () => {
        const phone = await desk.open({ rtpTimeout: '2' });
        const peer = await sipp().callee(scenario('dies', ...standing, playSweep(20)));
        const call = await phone.connect('desk', uriOf(peer));
        await phone.record(call);
        await eventually('its voice', async () =>
          ((await phone.info(call)).rtp?.received.packets ?? 0) > 50 ? true : undefined,
        );
        const ports = mediaPorts(peer.messages());
        assert.ok(ports.length > 0 && ports.every(isBound), 'the media ports are known');
        const ended = phone.wait(call, 'ended');
        peer.kill();
        assert.equal((await phone.silence('desk')).id, call.id);
        const { failure, samples } = await phone.recorded();
        assert.equal(failure?.code, 'TIMEOUT');
        assert.ok(samples.length > 8000, `${samples.length} samples were recorded`);
        assert.equal((await ended).event, 'rtp-timeout');
        const { state, endedBy, reason } = await phone.info(call);
        assert.deepEqual([state, endedBy], ['ended', 'error']);
        assert.match(String(reason), /no audio for 2 s/);
        assert.deepEqual(ports.filter(isBound), [], 'the ports are free again');
      });

      it('says nothing for a while but is there: it is asked, and the call stands #silent-peer', async () => {
        const phone = await desk.open({ rtpTimeout: '2' });
        const script = scenario('pauses', ...standing, playSweep(1), accept('OPTIONS'), playSweep(1), ...bye);
        const peer = await sipp().callee(script);
        const call = await phone.connect('desk', uriOf(peer));
        await phone.silence('desk');
        await phone.wait(call, 'ended');
        assert.equal((await phone.info(call)).endedBy, 'remote');
        assert.equal(await peer.ended, 0);
      });

      it('answers, and hangs up, from another address than it was called at #other-signalling-address', async () => {
        const phone = await desk.open();
        const script = scenario(
          'elsewhere',
          ...standing,
          accept('INFO'),
          callee.request('BYE', 1),
          receive({ response: 200 }),
        );
        // Bound to every address, it answers with the one that its machine has on the way back.
        const peer = await sipp().callee(script.replaceAll('[local_ip]', '127.0.0.1'), [
          '-i',
          '0.0.0.0',
          '-rtp_echo',
        ]);
        const call = await phone.connect('desk', `sip:sipp@127.0.0.7:${peer.port}`);
        assert.match(peer.messages(), /^INVITE sip:sipp@127\.0\.0\.7/m);
        await phone.assertHears(call);
        const ended = phone.wait(call, 'ended');
        await phone.sign(call);
        await ended;
        assert.equal((await phone.info(call)).endedBy, 'remote');
        assert.equal(await peer.ended, 0);
      });

      it('sends its media from another address than its SDP says: it is heard #other-media-address', async () => {
        const phone = await desk.open();
        const sdp = { address: '127.0.0.9' };
        const answer = callee.respond('200 OK', { sdp });
        const script = scenario(
          'latch',
          callee.invited,
          answer,
          receive({ request: 'ACK' }),
          playSweep(2),
          ...bye,
        );
        await undisturbed(async () => {
          const peer = await sipp().callee(script);
          const call = await phone.connect('desk', uriOf(peer));
          const finish = await phone.record(call);
          await phone.wait(call, 'ended');
          const heard = await finish();
          assert.equal(await peer.ended, 0);
          assertHeard(heard, SWEEP);
        });
      });
    });
  },
);

/** Ports of our own media, as our offers name them. */
function mediaPorts(messages: string): number[] {
  const offer = messages.slice(messages.indexOf('INVITE '), messages.indexOf('SIP/2.0 200'));
  return [...offer.matchAll(/^m=audio (\d+) /gm)].map(([, port]) => Number(port));
}

function isBound(port: number): boolean {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  return readFileSync('/proc/net/udp', 'utf8').includes(`0100007F:${hex} `);
}
