import assert from 'node:assert/strict';
import { CERTIFICATE, PRIVATE_KEY } from './support/asterisk';
import { Flow, OWN_CERTIFICATE } from './support/flow';
import { freePort } from '../support/ports';
import { unpacked } from './support/programs';
import { accept, callee, caller, pause, receive, scenario } from './support/scenario';
import { Sipp } from './support/sipp';
import { describePeer } from './support/suite';

const ADVICE = 'unpack it with "npm run test:interop -- --fetch"';
const TLS = ['-t', 'l1', '-tls_cert', CERTIFICATE, '-tls_key', PRIVATE_KEY];

describePeer(
  'SIPp with TLS',
  ADVICE,
  () => Sipp.open(unpacked('sipp', 'usr/bin/sipp')),
  (sipp) => {
    let flow: Flow | undefined;
    let port = 0;
    afterEach(async () => {
      await flow?.close();
      flow = undefined;
      await sipp().clean();
    });
    const open = async (fields: Record<string, unknown> = {}, password?: string): Promise<Flow> => {
      port = await freePort();
      const all = { port: String(port), codecs: ['PCMA', 'PCMU'], ...fields };
      flow = await Flow.open({ user: 'desk', fields: all, ...(password ? { password } : {}) });
      return flow;
    };
    const secured = { transport: 'tls', tls: OWN_CERTIFICATE };
    const call = [caller.request('INVITE', 1, {}), caller.answered, caller.request('ACK', 1), pause(300)];
    const bye = [caller.request('BYE', 2), receive({ response: 200 })];

    it('calls our phone over TLS', async () => {
      const phone = await open(secured);
      const peer = await sipp().caller(scenario('TLS', ...call, ...bye), 'desk', port, TLS);
      const ref = await phone.incoming('desk');
      await phone.answer(ref);
      await phone.wait(ref, 'ended');
      assert.equal(await peer.ended, 0);
    });

    /** Takes our own key for its own, so that the packets that it sends back can be decrypted. */
    const noted = (step: string): string =>
      step.replace(
        '</action>',
        '<ereg regexp="a=crypto:[^[:cntrl:]]*" search_in="body" check_it="true" assign_to="crypto"/></action>',
      ) + '\n<Reference variables="crypto"/>';
    const keyed = {
      profile: 'RTP/SAVP',
      attributes: ['a=rtpmap:101 telephone-event/8000', 'a=ptime:20', '[$crypto]'],
    };

    it('is called over TLS with SDES: the echo is what was played #out-tls #echo', async () => {
      const phone = await open({ ...secured, srtp: 'required' });
      const script = scenario(
        'SDES',
        ...[noted(callee.invited), callee.respond('200 OK', { sdp: keyed }), receive({ request: 'ACK' })],
        accept('BYE'),
      );
      const peer = await sipp().callee(script, [...TLS, '-rtp_echo']);
      const ref = await phone.connect('desk', `sip:sipp@127.0.0.1:${peer.port};transport=tls`);
      assert.equal((await phone.info(ref)).srtp, true);
      await phone.assertHears(ref);
      await phone.hangup(ref);
      assert.equal(await peer.ended, 0);
    });

    it('calls our phone over TLS with SDES: the echo is what was played #in-tls #echo', async () => {
      const phone = await open({ ...secured, srtp: 'required' });
      const script = scenario(
        'SDES',
        ...[caller.request('INVITE', 1), noted(caller.answered), caller.request('ACK', 1, keyed)],
        accept('BYE'),
      );
      const peer = await sipp().caller(script, 'desk', port, [...TLS, '-rtp_echo']);
      const ref = await phone.incoming('desk');
      await phone.answer(ref);
      assert.equal((await phone.info(ref)).srtp, true);
      await phone.assertHears(ref);
      await phone.hangup(ref);
      assert.equal(await peer.ended, 0);
    });

    it('is called over TLS', async () => {
      const phone = await open(secured);
      const script = scenario(
        'TLS',
        ...[callee.invited, callee.respond('180 Ringing'), callee.respond('200 OK', { sdp: {} })],
        ...[receive({ request: 'ACK' }), accept('BYE')],
      );
      const peer = await sipp().callee(script, TLS);
      const ref = await phone.connect('desk', `sip:sipp@127.0.0.1:${peer.port};transport=tls`);
      await phone.hangup(ref);
      assert.equal(await peer.ended, 0);
    });

    const proven = (request: string, password: string): string =>
      request.replace('Max-Forwards', `[authentication username=desk password=${password}]\nMax-Forwards`);
    const refused = '<recv response="401" auth="true"/>';
    const acknowledged = caller
      .request('ACK', 1)
      .replace('[branch]', '[branch-3]')
      .replace('[next_url]', 'sip:[service]@[remote_ip]:[remote_port]');
    const challenged = (password: string): string[] => [
      ...[caller.request('INVITE', 1, {}), '<recv response="100" optional="true"/>', refused, acknowledged],
      proven(caller.request('INVITE', 1, {}).replace('CSeq: 1', 'CSeq: 2'), password),
    ];

    it('meets our challenge with the right password, for its BYE too', async () => {
      const phone = await open({ authenticateIncoming: true }, 'secret');
      const script = scenario(
        'digest',
        ...[...challenged('secret'), caller.answered, caller.request('ACK', 2), pause(300)],
        ...[caller.request('BYE', 3), refused, proven(caller.request('BYE', 4), 'secret')],
        receive({ response: 200 }),
      );
      const peer = await sipp().caller(script, 'desk', port);
      const ref = await phone.incoming('desk');
      await phone.answer(ref);
      await phone.wait(ref, 'ended');
      assert.equal(await peer.ended, 0);
    });

    it('is refused again with a wrong password', async () => {
      const phone = await open({ authenticateIncoming: true }, 'secret');
      const again = '<recv response="100" optional="true"/>\n<recv response="401"/>';
      const last = acknowledged.replace('CSeq: 1', 'CSeq: 2');
      const peer = await sipp().caller(scenario('guess', ...challenged('wrong'), again, last), 'desk', port);
      assert.equal(await peer.ended, 0);
      assert.equal(phone.bench.count('incoming-desk'), 0);
    });
  },
);
