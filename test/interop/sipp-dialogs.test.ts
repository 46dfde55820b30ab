import assert from 'node:assert/strict';
import { Desk } from './support/desk';
import { eventually } from './support/peer-process';
import { installed } from './support/programs';
import { accept, callee, caller, multipart, receive, scenario } from './support/scenario';
import { Sipp } from './support/sipp';
import { describePeer } from './support/suite';

/** SIPp sends back each packet to where it came from. */
const ECHO = ['-rtp_echo'];
const TCP = ['-t', 't1'];

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
      it('an UPDATE of the called side changes the call before its answer, which has no SDP #early-update-out', async () => {
        const script = scenario(
          'early UPDATE',
          ...[callee.invited, callee.respond('183 Session Progress', reliable(1)), accept('PRACK')],
          callee.request('UPDATE', 1, { formats: '0', attributes: [] }),
          `<recv response="200"><action>
<ereg regexp="m=audio [0-9]* RTP/AVP 0" search_in="body" check_it="true" assign_to="answer"/></action></recv>
<Reference variables="answer"/>`,
          ...[callee.respond('200 OK'), ...end],
        );
        const { phone, peer, call } = await desk.calls(script, ECHO);
        await phone.hangup(call);
        assert.equal(await peer.ended, 0);
      });

      it('two forks with reliable early media: the one that answers without SDP has the call #forks', async () => {
        const script = scenario(
          'forks',
          ...[callee.invited, callee.respond('183 Session Progress', reliable(1)), accept('PRACK')],
          asFork(callee.respond('183 Session Progress', reliable(7)), 'other'),
          accept('PRACK', { header: 'To:', pattern: 'tag=other' }),
          ...[callee.respond('200 OK'), ...end],
        );
        const { phone, peer, call } = await desk.calls(script, ECHO);
        await phone.hangup(call);
        assert.equal(await peer.ended, 0);
      });

      it('two forks with early media of their own: the one that answers is heard #forks', async () => {
        const script = scenario(
          'plain forks',
          ...[callee.invited, callee.respond('183 Session Progress', { sdp: { formats: '0 101' } })],
          asFork(callee.respond('183 Session Progress', { sdp: {} }), 'other'),
          asFork(callee.respond('200 OK', { sdp: {} }), 'other'),
          receive({ request: 'ACK' }),
          accept('BYE', { header: 'To:', pattern: 'tag=other' }),
        );
        const { phone, peer, call } = await desk.calls(script, ECHO);
        assert.equal((await phone.info(call)).codec, 'PCMA');
        await phone.assertHears(call);
        await phone.hangup(call);
        assert.equal(await peer.ended, 0);
      });

      it('an UPDATE of the caller changes the call before our answer, which has no SDP #early-update-in', async () => {
        const progress = (status: number, more = ''): string =>
          `<recv response="${status}" rrs="true"><action>
<ereg regexp=".*" search_in="hdr" header="RSeq:" check_it="true" assign_to="rseq"/>${more}</action></recv>`;
        const prack = (cseq: number): string =>
          `${caller.request('PRACK', cseq, undefined, { headers: ['RAck:[$rseq] 1 INVITE'] })}
<recv response="200"/>`;
        const script = scenario(
          'early UPDATE',
          caller.request('INVITE', 1, {}, { headers: ['Require: 100rel'] }),
          ...['<recv response="100" optional="true"/>', progress(180), prack(2)],
          progress(183, '<ereg regexp=".*" search_in="hdr" header="To:" assign_to="peer"/>'),
          ...[prack(3), caller.request('UPDATE', 4, { formats: '0', attributes: [] })],
          `<recv response="200"><action>
<ereg regexp="m=audio [0-9]* RTP/AVP 0" search_in="body" check_it="true" assign_to="answer"/></action></recv>
<recv response="200" rrs="true"><action>
<ereg regexp="^ *0" search_in="hdr" header="Content-Length:" check_it="true" assign_to="empty"/></action></recv>
<Reference variables="answer,empty"/>`,
          ...[caller.request('ACK', 1), accept('BYE')],
        );
        const phone = await desk.open();
        const peer = await sipp().caller(script, 'desk', desk.port, ECHO);
        const call = await phone.incoming('desk');
        const early = phone.playEarly(call);
        await eventually('the answer to the UPDATE', () =>
          /^SIP\/2\.0 200[^\n]*\n(?:[^\n]+\n)*CSeq: 4 UPDATE/m.test(peer.messages()) ? true : undefined,
        );
        await phone.answer(call);
        await early;
        assert.equal((await phone.info(call)).codec, 'PCMU');
        await phone.assertHears(call);
        await phone.hangup(call);
        assert.equal(await peer.ended, 0);
      });

      it('a 200 without a To tag is acknowledged, and its call ended, without one #no-to-tag', async () => {
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

    describe('bodies of several parts', () => {
      const body = multipart({});

      it('an INVITE with a session description and a location is answered, and heard #multipart-in', async () => {
        const headers = ['Geolocation: <cid:here@example.com>', 'Geolocation-Routing: no'];
        const script = scenario(
          'multipart INVITE',
          ...[caller.request('INVITE', 1, undefined, { headers, body }), caller.answered],
          ...[caller.request('ACK', 1), accept('BYE')],
        );
        const { phone, peer, call } = await desk.answers(script, ECHO);
        await phone.assertHears(call);
        await phone.hangup(call);
        assert.equal(await peer.ended, 0);
      });

      it('a 200 with a session description among others is heard #multipart-out', async () => {
        const script = scenario(
          'multipart answer',
          ...[callee.invited, callee.respond('200 OK', { body }), receive({ request: 'ACK' }), accept('BYE')],
        );
        const { phone, peer, call } = await desk.calls(script, ECHO);
        await phone.assertHears(call);
        await phone.hangup(call);
        assert.equal(await peer.ended, 0);
      });
    });

    describe('connections', () => {
      it('a call in over TCP reaches a UDP phone, at the port of its datagrams #tcp-at-udp #in-tcp', async () => {
        const script = scenario(
          'TCP',
          ...[caller.request('INVITE', 1, {}), caller.answered, caller.request('ACK', 1), accept('BYE')],
        );
        const { phone, peer, call } = await desk.answers(script, [...ECHO, ...TCP], { transport: 'udp' });
        await phone.assertHears(call);
        await phone.hangup(call);
        assert.equal(await peer.ended, 0);
      });

      it('its Contact is behind a NAT: our INFO and BYE go over the connection of its call #tcp-dialog', async () => {
        const hidden = (step: string): string =>
          step.replace(
            'Contact: <sip:sipp@[local_ip]:[local_port]>',
            'Contact: <sip:sipp@10.255.255.1:5060;transport=tcp>',
          );
        const script = scenario(
          'hidden',
          ...[hidden(caller.request('INVITE', 1, {})), caller.answered, caller.request('ACK', 1)],
          ...[accept('INFO'), accept('BYE')],
        );
        const { phone, peer, call } = await desk.answers(script, TCP, { transport: 'tcp' });
        await phone.sign(call);
        await phone.hangup(call);
        assert.equal(await peer.ended, 0);
      });
    });
  },
);
