import assert from 'node:assert/strict';
import { undisturbed } from '../support/stall-watch';
import { Desk, uriOf } from './support/desk';
import { installed } from './support/programs';
import { accept, acceptOffer, callee, caller, pause, playSweep, receive, scenario } from './support/scenario';
import { Sipp } from './support/sipp';
import { assertHeard, SWEEP } from './support/sound';
import { describePeer } from './support/suite';

/** SIPp is called on behalf of a call, and makes one that is dialled through. */
describePeer(
  'SIPp',
  'install the package sip-tester',
  () => Sipp.open(installed('sipp')),
  (sipp) => {
    const desk = new Desk(sipp);
    afterEach(() => desk.close());
    const announced = [
      callee.invitedWith({ header: 'Max-Forwards:', pattern: '^ *69 *$' }),
      callee.respond('180 Ringing'),
      callee.respond('183 Session Progress', { sdp: {} }),
      playSweep(2),
    ];

    it('dial-through: the caller hears the early media of SIPp, then both are joined #dial-through', async () => {
      const near = { user: 'near', fields: { codecs: ['PCMA', 'PCMU'] } };
      const phone = await desk.open({}, near);
      const script = scenario(
        'announcement',
        ...[...announced, callee.respond('200 OK', { sdp: {} }), receive({ request: 'ACK' }), accept('BYE')],
      );
      await undisturbed(async () => {
        const peer = await sipp().callee(script);
        phone.startDial('near', `sip:desk@127.0.0.1:${desk.port}`);
        phone.startThrough('desk', await phone.incoming('desk'), uriOf(peer));
        let heard = await phone.progress('near');
        while (heard.sip.event !== 'early-media') heard = await phone.progress('near');
        const finish = await phone.record(heard.call);
        const { how, call } = await phone.outcome('near');
        const announcement = await finish();
        assert.equal(how, 'answered');
        assert.equal((await phone.throughOutcome('joined')).status, 200);
        await phone.hangup(call);
        await phone.next('parted');
        assert.equal(await peer.ended, 0);
        assertHeard(announcement, SWEEP);
      });
    });

    it('dial-through: the caller hears the echo of SIPp through the phone between them #dial-through', async () => {
      const phone = await desk.open({}, { user: 'near', fields: { codecs: ['PCMU'] } });
      const script = scenario(
        'echo',
        ...[
          callee.invited,
          callee.respond('200 OK', { sdp: {} }),
          receive({ request: 'ACK' }),
          accept('BYE'),
        ],
      );
      const peer = await sipp().callee(script, ['-rtp_echo']);
      phone.startDial('near', `sip:desk@127.0.0.1:${desk.port}`);
      phone.startThrough('desk', await phone.incoming('desk'), uriOf(peer));
      const { call } = await phone.outcome('near');
      await phone.assertHears(call);
      await phone.hangup(call);
      assert.equal(await peer.ended, 0);
    });

    it('dial-through between two SIPp: 183 with SDP, the answer, and the hang-up of the called side #dial-through', async () => {
      const phone = await desk.open();
      const far = await sipp().callee(
        scenario(
          'callee that hangs up',
          ...[...announced.slice(0, 3), callee.respond('200 OK', { sdp: {} }), receive({ request: 'ACK' })],
          ...[pause(500), callee.request('BYE', 1), receive({ response: 200 })],
        ),
      );
      const script = scenario(
        'caller',
        caller.request('INVITE', 1, {}),
        '<recv response="100" optional="true"/>\n<recv response="180"/>\n<recv response="183"><action>' +
          '<ereg regexp="m=audio" search_in="body" check_it="true" assign_to="audio"/></action></recv>\n' +
          '<Reference variables="audio"/>',
        ...[caller.answered, caller.request('ACK', 1), accept('BYE')],
      );
      const peer = await sipp().caller(script, 'desk', desk.port);
      phone.startThrough('desk', await phone.incoming('desk'), uriOf(far));
      await phone.throughOutcome('joined');
      await phone.next('parted');
      assert.deepEqual([await far.ended, await peer.ended], [0, 0]);
    });

    for (const method of ['INVITE', 'UPDATE']) {
      it(`dial-through between two SIPp: hold of the called side by ${method} holds the caller too #dial-through`, async () => {
        const phone = await desk.open();
        const change = (cseq: number, direction: 'sendonly' | 'sendrecv'): string[] => [
          ...[pause(500), callee.request(method, cseq, { direction }), receive({ response: 200 })],
          ...(method === 'INVITE' ? [callee.request('ACK', cseq)] : []),
        ];
        const far = await sipp().callee(
          scenario(
            'callee that holds',
            ...[callee.invited, callee.respond('200 OK', { sdp: {} }), receive({ request: 'ACK' })],
            ...[...change(1, 'sendonly'), ...change(2, 'sendrecv')],
            ...[pause(500), callee.request('BYE', 3), receive({ response: 200 })],
          ),
        );
        const held = (offer: string, direction: 'recvonly' | 'sendrecv'): string =>
          acceptOffer('INVITE', { direction }, { checks: [{ pattern: `a=${offer}` }] });
        const peer = await sipp().caller(
          scenario(
            'caller that is held',
            ...[caller.request('INVITE', 1, {}), caller.answered, caller.request('ACK', 1)],
            ...[held('sendonly', 'recvonly'), held('sendrecv', 'sendrecv'), accept('BYE')],
          ),
          'desk',
          desk.port,
        );
        phone.startThrough('desk', await phone.incoming('desk'), uriOf(far));
        await phone.throughOutcome('joined');
        await phone.next('parted');
        assert.deepEqual([await far.ended, await peer.ended], [0, 0]);
      });
    }

    it('dial-through between two SIPp: 486 goes back to the caller #dial-through', async () => {
      const phone = await desk.open();
      const busy = scenario(
        'busy',
        ...[callee.invited, callee.respond('486 Busy Here'), receive({ request: 'ACK' })],
      );
      const far = await sipp().callee(busy);
      const script = scenario(
        'refused caller',
        caller.request('INVITE', 1, {}),
        '<recv response="100" optional="true"/>\n<recv response="180" optional="true"/>',
        receive({ response: 486 }),
        caller.request('ACK', 1).replace('[branch]', '[branch-4]'),
      );
      const peer = await sipp().caller(script, 'desk', desk.port);
      phone.startThrough('desk', await phone.incoming('desk'), uriOf(far));
      assert.equal((await phone.throughOutcome('not-joined')).status, 486);
      assert.deepEqual([await far.ended, await peer.ended], [0, 0]);
    });
  },
);
