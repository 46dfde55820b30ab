import assert from 'node:assert/strict';
import type { CallRef } from '../../lib/calls';
import { Desk, type DeskCall } from './support/desk';
import { eventually } from './support/peer-process';
import { installed } from './support/programs';
import { accept, acceptOffer, callee, caller, pause, receive, scenario } from './support/scenario';
import { Sipp } from './support/sipp';
import { describePeer } from './support/suite';

/*
 * RFC 4028 allows no interval below 90 s, but a 2xx that names a shorter one is in force all the same, so that nobody has
 * to wait: with 12 s it is refreshed after 6 s, and ends after 8 s (a third, at most 32 s, before it is over).
 */
const shortly = (refresher: 'uac' | 'uas'): string[] => [
  'Require: timer',
  `Session-Expires: 12;refresher=${refresher}`,
];
const PATIENCE_MS = 30000;

describePeer(
  'SIPp',
  'install the package sip-tester',
  () => Sipp.open(installed('sipp')),
  (sipp) => {
    const desk = new Desk(sipp);
    const ringing = [callee.invited, callee.respond('180 Ringing')];
    const answered = (...headers: string[]): string[] => [
      ...[...ringing, callee.respond('200 OK', { sdp: {}, headers }), receive({ request: 'ACK' })],
    ];

    describe('session timer', () => {
      let calls: Record<'reInvite' | 'update' | 'theirs' | 'stops' | 'callee' | 'raised', DeskCall>;

      // All of them run at once, because each has to wait.
      before(async function () {
        this.timeout(60000);
        const refresh = (method: 'INVITE' | 'UPDATE', ...more: string[]): string =>
          scenario(
            'refreshed',
            ...answered(...shortly('uac'), ...more),
            acceptOffer(
              method,
              {},
              {
                checks: [{ header: 'Session-Expires:', pattern: 'refresher=uac' }],
                headers: ['Require: timer', 'Session-Expires: 90;refresher=uac'],
              },
            ),
            accept('BYE'),
          );
        const again = { headers: ['Supported: timer', 'Session-Expires: 90;refresher=uac'] };
        const theirs = scenario(
          'refreshes',
          ...[...answered(...shortly('uas')), pause(5000), callee.request('INVITE', 1, {}, again)],
          '<recv response="200"><action><ereg regexp="90;refresher=uac" search_in="hdr" header="Session-Expires:" check_it="true" assign_to="kept"/></action></recv>',
          ...['<Reference variables="kept"/>', callee.request('ACK', 1), accept('BYE')],
        );
        const stops = scenario('stops', ...answered(...shortly('uas')), accept('BYE'));
        const tooShort = ['Min-SE: 120'];
        const raised = scenario(
          'longer',
          ...[callee.invited, callee.respond('422 Session Interval Too Small', { headers: tooShort })],
          ...[receive({ request: 'ACK' }), callee.invited],
          callee.respond('200 OK', {
            sdp: {},
            headers: ['Require: timer', 'Session-Expires: 120;refresher=uac'],
          }),
          ...[receive({ request: 'ACK' }), accept('BYE')],
        );
        // What a proxy adds for a caller that does not know session timers: we are the ones to refresh.
        const asks = caller.request('INVITE', 1, {}, { headers: ['Session-Expires: 12'] });
        const incoming = scenario(
          'asked by a proxy',
          ...[asks, caller.answered, caller.request('ACK', 1)],
          acceptOffer('INVITE', {}, { headers: ['Session-Expires: 90;refresher=uac'] }),
          accept('BYE'),
        );
        await desk.open({ sessionTimer: '90' });
        calls = {
          reInvite: await desk.calls(refresh('INVITE')),
          update: await desk.calls(refresh('UPDATE', 'Allow: INVITE, ACK, BYE, CANCEL, UPDATE')),
          theirs: await desk.calls(theirs),
          stops: await desk.calls(stops),
          raised: await desk.calls(raised),
          callee: await desk.answers(incoming),
        };
      });
      after(() => desk.close());

      const state = async ({ phone, call }: { phone: DeskCall['phone']; call: CallRef }): Promise<string> =>
        (await phone.info(call)).state;
      const seen = (peer: DeskCall['peer'], what: RegExp): Promise<true> =>
        eventually(String(what), () => (what.test(peer.messages()) ? true : undefined), PATIENCE_MS);
      const finish = async ({ phone, peer, call }: DeskCall): Promise<void> => {
        assert.equal(await state({ phone, call }), 'answered');
        await phone.hangup(call);
        assert.equal(await peer.ended, 0);
      };

      it('422: our INVITE comes again with the interval that it wants #timer-ours', async () => {
        assert.match(
          calls.raised.peer.messages(),
          /^Session-Expires: 90[\s\S]*^Min-SE: 120[\s\S]*^Session-Expires: 120/m,
        );
        await finish(calls.raised);
      });

      it('we refresh by a re-INVITE #timer-ours', async () => {
        await seen(calls.reInvite.peer, /CSeq: 2 INVITE[\s\S]*SIP\/2\.0 200 OK[\s\S]*CSeq: 2 ACK/);
        await finish(calls.reInvite);
      });

      it('we refresh by UPDATE where it knows that #timer-ours', async () => {
        await seen(calls.update.peer, /CSeq: 2 UPDATE[\s\S]*SIP\/2\.0 200 OK/);
        await finish(calls.update);
      });

      it('we refresh as the called side #timer-ours', async () => {
        await seen(calls.callee.peer, /CSeq: 1 INVITE[\s\S]*CSeq: 1 INVITE[\s\S]*^Session-Expires: /m);
        await seen(calls.callee.peer, /^ACK [\s\S]*^ACK /m);
        await finish(calls.callee);
      });

      it('it refreshes, and the call stands past the time without #timer-theirs', async () => {
        await seen(calls.theirs.peer, /^CSeq: 1 ACK[\s\S]*^CSeq: 1 ACK/m);
        await eventually(
          'the end of the call without',
          async () => ((await state(calls.stops)) === 'ended' ? true : undefined),
          PATIENCE_MS,
        );
        await finish(calls.theirs);
      });

      it('it does not refresh: it gets BYE, and the flow is told #timer-stops', async () => {
        const { phone, peer, call } = calls.stops;
        await eventually(
          'the end',
          async () => ((await state({ phone, call })) === 'ended' ? true : undefined),
          PATIENCE_MS,
        );
        assert.equal(await peer.ended, 0);
        const { endedBy, reason } = await phone.info(call);
        assert.equal(endedBy, 'error');
        assert.match(String(reason), /session expired/);
      });
    });
  },
);
