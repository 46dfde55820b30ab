import assert from 'node:assert/strict';
import type { Account } from './support/flow';
import { Desk } from './support/desk';
import { freePort } from '../support/ports';
import { eventually } from './support/peer-process';
import { installed } from './support/programs';
import {
  accept,
  acceptReports,
  callee,
  caller,
  receive,
  report,
  respond,
  scenario,
} from './support/scenario';
import { Sipp } from './support/sipp';
import { describePeer } from './support/suite';

describePeer(
  'SIPp',
  'install the package sip-tester',
  () => Sipp.open(installed('sipp')),
  (sipp) => {
    const desk = new Desk(sipp);
    afterEach(() => desk.close());
    const standing = [
      ...[callee.invited, callee.respond('200 OK', { sdp: {} }), receive({ request: 'ACK' })],
    ];
    const incoming = [caller.request('INVITE', 1, {}), caller.answered, caller.request('ACK', 1)];
    /** A third phone, at a port that is known; SIPp is a stranger to it. */
    const lobbyAt = (port: number): Account => ({
      user: 'lobby',
      fields: { port: String(port), codecs: ['PCMA', 'PCMU'], transferPolicy: 'auto' },
    });

    describe('transfer', () => {
      it('blind by our phone: REFER, its reports, and the outcome #blind-ours', async () => {
        const script = scenario(
          'transferee',
          ...[
            ...standing,
            `<recv request="REFER"/>`,
            respond('202 Accepted', ['Contact: <sip:sipp@[local_ip]:[local_port]>']),
          ],
          ...[callee.request('NOTIFY', 1, undefined, report('100 Trying')), receive({ response: 200 })],
          ...[callee.request('NOTIFY', 2, undefined, report('180 Ringing')), receive({ response: 200 })],
          ...[callee.request('NOTIFY', 3, undefined, report('200 OK')), receive({ response: 200 })],
          accept('BYE'),
        );
        const { phone, peer, call } = await desk.calls(script);
        const { event } = await phone.transfer(call, { target: 'sip:lobby@127.0.0.1:5999' });
        assert.equal(event, 'transferred');
        await phone.wait(call, 'ended');
        assert.equal(await peer.ended, 0);
        assert.match(peer.messages(), /^Refer-To: <sip:lobby@127\.0\.0\.1:5999>/m);
      });

      it('blind by our phone to somebody busy: the status comes back, and the call stands #blind-ours', async () => {
        const script = scenario(
          'transferee',
          ...[
            ...standing,
            `<recv request="REFER"/>`,
            respond('202 Accepted', ['Contact: <sip:sipp@[local_ip]:[local_port]>']),
          ],
          ...[callee.request('NOTIFY', 1, undefined, report('486 Busy Here')), receive({ response: 200 })],
          accept('BYE'),
        );
        const { phone, peer, call } = await desk.calls(script, ['-rtp_echo']);
        const { event, status } = await phone.transfer(call, { target: 'sip:lobby@127.0.0.1:5999' });
        assert.deepEqual([event, status], ['failed', 486]);
        await phone.assertHears(call);
        await phone.hangup(call);
        assert.equal(await peer.ended, 0);
      });

      it('attended by our phone: REFER names the other call, both end #attended-ours', async () => {
        const consulted = scenario('consulted', ...standing, accept('BYE'));
        const { phone, peer: other, call: consultation } = await desk.calls(consulted);
        const script = scenario(
          'transferee',
          ...[
            ...standing,
            `<recv request="REFER"/>`,
            respond('202 Accepted', ['Contact: <sip:sipp@[local_ip]:[local_port]>']),
          ],
          ...[callee.request('NOTIFY', 1, undefined, report('200 OK')), receive({ response: 200 })],
          accept('BYE'),
        );
        const { peer, call } = await desk.calls(script);
        assert.equal((await phone.transfer(call, { consultation })).event, 'transferred');
        await phone.wait(call, 'ended');
        assert.deepEqual([await peer.ended, await other.ended], [0, 0]);
        const referTo = /^Refer-To: *<(.*)>/m.exec(peer.messages())?.[1] ?? '';
        const [target, replaces = ''] = referTo.split('?Replaces=');
        assert.equal(target, `sip:sipp@127.0.0.1:${other.port}`);
        const tag = (field: string): string =>
          new RegExp(`^${field}:.*;tag=(\\S+)`, 'm').exec(
            other.messages().slice(other.messages().indexOf('SIP/2.0 200')),
          )?.[1] ?? '';
        // As the consulted side sees the dialog.
        const expected = `${consultation.callId};to-tag=${tag('To')};from-tag=${tag('From')}`;
        assert.equal(decodeURIComponent(replaces), expected);
      });

      it('blind by it: our phone follows its REFER, reports, and talks to the third #blind-theirs', async () => {
        const port = await freePort();
        const phone = await desk.open({ transferPolicy: 'auto' }, lobbyAt(port));
        const refer = {
          headers: [`Refer-To: <sip:lobby@127.0.0.1:${port}>`, 'Referred-By: <sip:sipp@127.0.0.1>'],
        };
        const script = scenario(
          'transferor',
          ...[
            ...incoming,
            accept('INFO'),
            caller.request('REFER', 2, undefined, refer),
            receive({ response: 202 }),
          ],
          ...[acceptReports, caller.request('BYE', 3), receive({ response: 200 })],
        );
        const { peer, call } = await desk.answers(script);
        await phone.sign(call);
        const third = await phone.incoming('lobby');
        await phone.answer(third);
        assert.equal(await peer.ended, 0);
        assert.match(peer.messages(), /SIP\/2\.0 100 Trying[\s\S]*SIP\/2\.0 200 OK/);
        await phone.assertHears(third, call);
        await phone.assertHears(call, third);
        await phone.hangup(call);
        await phone.wait(third, 'ended');
      });

      it('attended by it: our phone replaces it in its call with the third #attended-theirs', async () => {
        const port = await freePort();
        const phone = await desk.open({ transferPolicy: 'auto' }, lobbyAt(port));
        // The transferor consults the third phone …
        const consulting = await sipp().caller(
          scenario('consults', ...incoming, accept('BYE')),
          'lobby',
          port,
        );
        const third = await phone.incoming('lobby');
        await phone.answer(third);
        await eventually('the ACK', () => (/^ACK /m.test(consulting.messages()) ? true : undefined));
        const [, from, to] =
          /^SIP\/2\.0 200 OK[\s\S]*?^From:.*;tag=(\S+)[\s\S]*?^To:.*;tag=(\S+)/m.exec(
            consulting.messages(),
          ) ?? [];
        // … and sends the one that it talked to before there.
        const replaces = encodeURIComponent(`${third.callId};to-tag=${to};from-tag=${from}`);
        const referTo = `Refer-To: <sip:lobby@127.0.0.1:${port}?Replaces=${replaces}>`;
        const script = scenario(
          'transferor',
          ...[...incoming, accept('INFO'), caller.request('REFER', 2, undefined, { headers: [referTo] })],
          ...[
            receive({ response: 202 }),
            acceptReports,
            caller.request('BYE', 3),
            receive({ response: 200 }),
          ],
        );
        const { peer, call } = await desk.answers(script);
        const before = phone.bench.count('incoming-lobby');
        await phone.sign(call);
        assert.deepEqual([await peer.ended, await consulting.ended], [0, 0]);
        assert.match(peer.messages(), /^Subscription-State: active[\s\S]*^SIP\/2\.0 100 Trying/m);
        await phone.assertHears(third, call);
        await phone.assertHears(call, third);
        // The third phone went on with the call that it had.
        assert.equal(phone.bench.count('incoming-lobby'), before);
        await phone.hangup(call);
        await phone.wait(third, 'ended');
      });
    });
  },
);
