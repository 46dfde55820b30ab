import assert from 'node:assert/strict';
import { Desk } from './support/desk';
import { installed } from './support/programs';
import { accept, callee, receive, scenario } from './support/scenario';
import { Sipp } from './support/sipp';
import { describePeer } from './support/suite';

/** A step of the callee, as one fork of the call that has its own To tag. */
const asFork = (step: string, fork: string): string =>
  step.replaceAll('tag=[pid]sipp[call_number]', `tag=${fork}[pid]sipp[call_number]`);

describePeer(
  'SIPp',
  'install the package sip-tester',
  () => Sipp.open(installed('sipp')),
  (sipp) => {
    const desk = new Desk(sipp);
    afterEach(() => desk.close());
    const reliable = (rseq: number) => ({ sdp: {}, headers: ['Require: 100rel', `RSeq: ${rseq}`] });
    const end = [receive({ request: 'ACK' }), accept('BYE')];

    describe('early dialogs', () => {
      it('an UPDATE of the called side changes the call before its answer, which has no SDP', async () => {
        const script = scenario(
          'early UPDATE',
          ...[callee.invited, callee.respond('183 Session Progress', reliable(1)), accept('PRACK')],
          callee.request('UPDATE', 1, { formats: '0', attributes: [] }),
          `<recv response="200"><action>
<ereg regexp="m=audio [0-9]* RTP/AVP 0" search_in="body" check_it="true" assign_to="answer"/></action></recv>
<Reference variables="answer"/>`,
          ...[callee.respond('200 OK'), ...end],
        );
        const { phone, peer, call } = await desk.calls(script, ['-rtp_echo']);
        await phone.hangup(call);
        assert.equal(await peer.ended, 0);
      });

      it('two forks with reliable early media: the one that answers without SDP has the call', async () => {
        const script = scenario(
          'forks',
          ...[callee.invited, callee.respond('183 Session Progress', reliable(1)), accept('PRACK')],
          asFork(callee.respond('183 Session Progress', reliable(7)), 'other'),
          accept('PRACK', { header: 'To:', pattern: 'tag=other' }),
          ...[callee.respond('200 OK'), ...end],
        );
        const { phone, peer, call } = await desk.calls(script, ['-rtp_echo']);
        await phone.hangup(call);
        assert.equal(await peer.ended, 0);
      });

      it('a 200 without a To tag is acknowledged, and its call ended, without one', async () => {
        const ok = callee
          .respond('200 OK', { sdp: {} })
          .replace('To:[$callee];tag=[pid]sipp[call_number]', 'To:[$callee]');
        const script = scenario(
          'no tag',
          ...[callee.invited, ok, receive({ request: 'ACK' })],
          accept('BYE', { header: 'To:', pattern: '^[^;]*$' }),
        );
        const { phone, peer, call } = await desk.calls(script);
        await phone.hangup(call);
        assert.equal(await peer.ended, 0);
      });
    });
  },
);
