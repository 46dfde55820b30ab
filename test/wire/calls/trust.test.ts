import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import type { Call, CallEventReport, IncomingCall, Phone, PhoneOptions } from '../../../lib/calls';
import { Phones, receive } from '../../support/phones';
import { RawPeer, request, response, SDP, type RawMessage } from '../sip/support/raw-peer';

const CHALLENGE = 'Digest realm="pbx.example", nonce="evil", algorithm=MD5';
const ACCOUNT = { password: 'letmein', authUser: 'trunk-account' };

/** Raw peers around a network phone: who gets its credentials, and whose wishes it follows. */
describe('whom a phone in network mode trusts', () => {
  let phones: Phones;
  const peers: RawPeer[] = [];
  beforeEach(() => (phones = new Phones({ mode: 'network', ...ACCOUNT })));
  afterEach(async () => {
    await phones.close();
    await Promise.all(peers.splice(0).map((peer) => peer.close()));
  });

  const peer = async (): Promise<RawPeer> => {
    const opened = await RawPeer.open();
    peers.push(opened);
    return opened;
  };
  const portOf = (phone: Phone): number => phone.address?.port ?? 0;
  const at = ({ port }: RawPeer): string => `127.0.0.1:${port}`;
  const reply = (
    from: RawPeer,
    to: RawMessage,
    status: string,
    parts: Parameters<typeof response>[2] = {},
  ): void => from.send(response(to, status, parts), to.port);
  const challenged = (from: RawPeer, to: RawMessage, status: 401 | 407): void =>
    reply(from, to, status === 401 ? '401 Unauthorized' : '407 Proxy Authentication Required', {
      tag: 'far',
      headers: [`${status === 401 ? 'WWW' : 'Proxy'}-Authenticate: ${CHALLENGE}`],
    });

  /** A call of a peer that the phone has answered. */
  async function callFrom(
    caller: RawPeer,
    phone: Phone,
    parts: Partial<Parameters<typeof request>[1]> = {},
  ): Promise<{ call: IncomingCall; parts: Parameters<typeof request>[1] }> {
    const answered = new Promise<IncomingCall>((resolve) => {
      const stop = receive(phone, (call) => {
        stop();
        void call.answer().then(() => resolve(call));
      });
    });
    const target = `sip:1002@127.0.0.1:${portOf(phone)}`;
    const all = { port: caller.port, target, callId: `of-${caller.port}`, ...parts };
    caller.send(request('INVITE', { ...all, body: SDP }), portOf(phone));
    const ok = await caller.next('200');
    const inside = { ...all, to: ok.header('To') };
    caller.send(request('ACK', inside), portOf(phone));
    return { call: await answered, parts: inside };
  }

  /** Hangs up, has the BYE challenged where it arrives, and tells what comes then. */
  async function byeAfter(call: Call, far: RawPeer, status: 401 | 407): Promise<RawMessage | undefined> {
    let over = false;
    const gone = call.hangup().then(() => (over = true));
    challenged(far, await far.next('BYE'), status);
    const before = far.count('BYE');
    while (!over && far.count('BYE') === before) await setImmediate();
    const again = over ? undefined : far.received.findLast(({ startLine }) => startLine.startsWith('BYE'));
    if (again) reply(far, again, '200 OK');
    await gone;
    return again;
  }

  describe('with its credentials', () => {
    for (const [name, options] of [
      ['whose domain is another', { domain: 'pbx.example' }],
      ['that has no server', {}],
    ] as [string, Partial<PhoneOptions>][]) {
      it(`a stranger who calls gets none from a phone ${name}`, async () => {
        const bob = await phones.phone('1002', options);
        const stranger = await peer();
        for (const [index, status] of ([401, 407] as const).entries()) {
          const { call } = await callFrom(stranger, bob, { callId: `leak-${index}` });
          assert.equal(await byeAfter(call, stranger, status), undefined);
          assert.ok(stranger.received.every(({ text }) => !/authorization/i.test(text)));
        }
      });
    }

    it('the outbound proxy gets them in calls that it brings, a stranger behind it only as a proxy', async () => {
      const proxy = await peer();
      const bob = await phones.phone('1002', { outboundProxy: at(proxy) });
      const route = [`Record-Route: <sip:${at(proxy)};lr>`];
      const { call } = await callFrom(proxy, bob, {
        headers: route,
        callId: 'a',
        contact: '<sip:x@192.0.2.1>',
      });
      const bye = await byeAfter(call, proxy, 407);
      assert.match(bye?.header('Proxy-Authorization') ?? '', /username="trunk-account"/);
      const other = await callFrom(proxy, bob, { headers: route, callId: 'b', contact: '<sip:x@192.0.2.1>' });
      assert.equal(await byeAfter(other.call, proxy, 401), undefined);
      const own = await callFrom(proxy, bob, {
        headers: route,
        callId: 'c',
        contact: `<sip:pbx@${at(proxy)}>`,
      });
      assert.match((await byeAfter(own.call, proxy, 401))?.header('Authorization') ?? '', /trunk-account/);
    });

    it('the host that was dialled gets them, also by name, and nobody to whom it leads the call', async () => {
      for (const [index, target] of [`127.0.0.1`, 'LOCALHOST.', '127.0.0.1'].entries()) {
        const alice = await phones.phone(`100${index}`);
        const [far, elsewhere] = [await peer(), await peer()];
        const call = await alice.dial({ target: `sip:bob@${target}:${far.port}` });
        challenged(far, await far.next('INVITE'), 407);
        const invite = await far.nextWhere((each) => each.header('Proxy-Authorization') !== '');
        const contact = index === 2 ? elsewhere : far;
        reply(far, invite, '200 OK', { tag: 'far', contact: `sip:bob@${at(contact)}`, body: SDP });
        assert.equal((await call.outcome).kind, 'answered');
        const number = invite.header('CSeq').split(' ')[0];
        const ack = await contact.nextWhere((each) => each.header('CSeq') === `${number} ACK`);
        const bye = await byeAfter(call, contact, 407);
        if (contact === far) {
          assert.match(ack.header('Proxy-Authorization'), /trunk-account/);
          assert.match(bye?.header('Proxy-Authorization') ?? '', /trunk-account/);
        } else {
          assert.equal(bye, undefined);
          assert.ok(elsewhere.received.every(({ text }) => !/authorization/i.test(text)));
        }
      }
    });

    it('a host that is neither of its servers gets none, however it is called by', async () => {
      const registrar = await peer();
      const alice = await phones.phone('1001', { domain: at(registrar) });
      const far = await peer();
      for (const uri of [`sip:bob@${at(far)}`, `sip:127.0.0.1@${at(far)}`]) {
        const call = await alice.dial({ target: uri });
        challenged(far, await far.next('INVITE'), 401);
        const outcome = await call.outcome;
        assert.equal(outcome.kind, 'failed');
        assert.match(outcome.sip.diagnosis ?? '', /neither to the registrar/);
      }
      const own = await alice.dial({ target: `sip:bob@${at(registrar)}` });
      challenged(registrar, await registrar.next('INVITE'), 401);
      const again = await registrar.nextWhere((each) => each.header('Authorization') !== '');
      reply(registrar, again, '486 Busy Here', { tag: 'x' });
      assert.equal((await own.outcome).kind, 'failed');
      assert.ok(far.received.every(({ text }) => !/authorization/i.test(text)));
    });

    it('a contact of a redirection gets none, but at the host that was dialled', async () => {
      const alice = await phones.phone('1001');
      const [far, elsewhere] = [await peer(), await peer()];
      const call = await alice.dial({ target: `sip:bob@${at(far)}`, followRedirects: true });
      reply(far, await far.next('INVITE'), '302 Moved', {
        tag: 'x',
        headers: [`Contact: <sip:a@${at(elsewhere)}>;q=0.9, <sip:b@${at(far)}>;q=0.1`],
      });
      challenged(elsewhere, await elsewhere.next('INVITE'), 401);
      challenged(far, await far.next('INVITE'), 401);
      const again = await far.nextWhere((each) => each.header('Authorization') !== '');
      reply(far, again, '486 Busy Here', { tag: 'y' });
      assert.equal((await call.outcome).kind, 'failed');
      assert.ok(elsewhere.received.every(({ text }) => !/authorization/i.test(text)));
    });

    it('a stranger cannot redirect a call to the servers of the phone', async () => {
      const [trunk, stranger] = [await peer(), await peer()];
      const alice = await phones.phone('1001', { domain: at(trunk) });
      const call = await alice.dial({ target: `sip:bob@${at(stranger)}`, followRedirects: true });
      reply(stranger, await stranger.next('INVITE'), '302 Moved', {
        tag: 'x',
        headers: [`Contact: <sip:+8829991234567@${at(trunk)}>`],
      });
      assert.equal((await call.outcome).sip.status, 302);
      await trunk.settled(portOf(alice));
      assert.equal(trunk.count('INVITE'), 0);
    });
  });

  describe('with calls for others', () => {
    const events: CallEventReport[] = [];
    const noted = (phone: Phone): Phone => {
      events.length = 0;
      phone.on('callEvent', (event) => events.push(event));
      return phone;
    };
    const refer = async (from: RawPeer, phone: Phone, parts: Parameters<typeof request>[1], to: string) => {
      from.send(request('REFER', { ...parts, cseq: 2, headers: [`Refer-To: <${to}>`] }), portOf(phone));
      return from.nextWhere((each) => each.header('CSeq').endsWith('REFER'));
    };

    it('a stranger’s REFER is left to the flow, that of the own server is followed', async () => {
      const [trunk, stranger, target] = [await peer(), await peer(), await peer()];
      const bob = noted(await phones.phone('1002', { domain: at(trunk) }));
      const { call, parts } = await callFrom(stranger, bob);
      assert.match((await refer(stranger, bob, parts, `sip:+882999@${at(trunk)}`)).startLine, /202/);
      const asked = events.find(({ event }) => event === 'transfer-request');
      assert.equal(asked?.sip?.target, `sip:+882999@${at(trunk)}`);
      await trunk.settled(portOf(bob));
      assert.equal(trunk.count('INVITE'), 0);
      const declined = await call.answerTransfer('decline');
      assert.equal(declined.sip.status, 603);

      const trunkCall = await callFrom(trunk, bob);
      assert.match((await refer(trunk, bob, trunkCall.parts, `sip:carol@${at(target)}`)).startLine, /202/);
      const invite = await target.next('INVITE');
      challenged(target, invite, 401);
      await target.next('ACK');
      await target.settled(portOf(bob));
      assert.equal(target.count('INVITE'), 1, 'the target of a REFER gets no credentials');
    });

    it('a REFER of the host that was dialled is left to the flow', async () => {
      const [far, target] = [await peer(), await peer()];
      const alice = noted(await phones.phone('1001'));
      const call = await alice.dial({ target: `sip:bob@${at(far)}` });
      const invite = await far.next('INVITE');
      reply(far, invite, '200 OK', { tag: 'far', contact: `sip:bob@${at(far)}`, body: SDP });
      await call.outcome;
      far.send(
        request('REFER', {
          ...{
            port: far.port,
            target: `sip:1001@127.0.0.1:${portOf(alice)}`,
            callId: invite.header('Call-ID'),
          },
          ...{ fromTag: 'far', to: invite.header('From'), cseq: 7 },
          headers: [`Refer-To: <sip:carol@${at(target)}>`],
        }),
        portOf(alice),
      );
      await far.nextWhere((each) => each.header('CSeq') === '7 REFER');
      assert.ok(events.some(({ event }) => event === 'transfer-request'));
      await target.settled(portOf(alice));
      assert.equal(target.count('INVITE'), 0);
    });

    it('a stranger cannot take a call over, the own server can', async () => {
      const [trunk, stranger] = [await peer(), await peer()];
      const bob = await phones.phone('1002', { domain: at(trunk) });
      const { call, parts } = await callFrom(trunk, bob);
      const tag = (text = ''): string => /tag=([^;>\s]+)/.exec(text)?.[1] ?? '';
      const from = tag(trunk.received.find(({ startLine }) => startLine.includes('200'))?.header('From'));
      const replaces = [`Replaces: ${parts.callId};to-tag=${tag(parts.to)};from-tag=${from}`];
      const { target } = parts;
      stranger.send(
        request('INVITE', { port: stranger.port, target, callId: 's', headers: replaces, body: SDP }),
        portOf(bob),
      );
      await stranger.next('403');
      assert.equal(call.state, 'answered');
      trunk.send(
        request('INVITE', { port: trunk.port, target, callId: 't', headers: replaces, body: SDP }),
        portOf(bob),
      );
      const taken = await trunk.nextWhere(
        (each) => each.startLine.includes('200') && each.header('Call-ID') === 't',
      );
      trunk.send(
        request('ACK', { port: trunk.port, target, callId: 't', to: taken.header('To') }),
        portOf(bob),
      );
      reply(trunk, await trunk.next('BYE'), '200 OK');
      assert.equal(call.state, 'answered');
    });
  });

  describe('with calling it', () => {
    const options = async (from: RawPeer, phone: Phone, callId: string): Promise<string> => {
      const target = `sip:1002@127.0.0.1:${portOf(phone)}`;
      from.send(request('OPTIONS', { port: from.port, target, callId }), portOf(phone));
      return (await from.nextWhere((each) => each.header('Call-ID') === callId)).startLine;
    };

    it('only who is listed may call; a refusal is one small answer', async () => {
      const stranger = await peer();
      for (const [index, [acceptFrom, status]] of (
        [
          [['any'], '200'],
          [['192.0.2.0/24', '2001:db8::/32', '198.51.100.7'], '403'],
          [['192.0.2.1', '127.0.0.0/8'], '200'],
          [['127.0.0.2'], '403'],
          [['::ffff:127.0.0.1'], '200'],
          [['localhost'], '200'],
          [[], '200'],
        ] as [string[], string][]
      ).entries()) {
        const bob = await phones.phone('1002', { id: `b${index}`, acceptFrom });
        assert.match(await options(stranger, bob, `o${index}`), new RegExp(status), acceptFrom.join());
      }
      const closed = await phones.phone('1002', { id: 'closed', acceptFrom: ['192.0.2.1'] });
      receive(closed, () => assert.fail('the call got through'));
      const target = `sip:1002@127.0.0.1:${portOf(closed)}`;
      const invite = request('INVITE', { port: stranger.port, target, callId: 'closed', body: SDP });
      stranger.send(invite, portOf(closed));
      const refused = await stranger.nextWhere((each) => each.header('Call-ID') === 'closed');
      assert.match(refused.startLine, /403/);
      assert.ok(refused.text.length < invite.length);
      assert.equal(stranger.received.filter((each) => each.header('Call-ID') === 'closed').length, 1);
    });

    it('the addresses of registrar, outbound proxy and domain are what `registrar` means', async () => {
      const stranger = await peer();
      const away = await phones.phone('1002', { acceptFrom: ['registrar'], domain: '192.0.2.1' });
      assert.match(await options(stranger, away, 'away'), /403/);
      const near = await phones.phone('1003', { acceptFrom: ['registrar'], outboundProxy: 'localhost:9' });
      assert.match(await options(stranger, near, 'near'), /200/);
      await assert.rejects(phones.phone('1004', { acceptFrom: ['registrar'] }), { code: 'BAD_CONFIG' });
      for (const entry of ['300.1.1.1', '10.0.0.0/33', '2001:db8::/129', 'a b', 'sip:x@y']) {
        await assert.rejects(phones.phone('1005', { acceptFrom: [entry] }), { code: 'BAD_CONFIG' }, entry);
      }
    });

    it('simulated phones may always call each other', async () => {
      const simulated = new Phones({ acceptFrom: ['192.0.2.1'] });
      const [alice, bob] = [await simulated.phone('1001'), await simulated.phone('1002')];
      receive(bob, (call) => void call.reject({ status: 486 }));
      assert.equal((await (await alice.dial({ target: '1002' })).outcome).sip.status, 486);
      await simulated.close();
    });
  });
});
