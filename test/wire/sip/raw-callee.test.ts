import assert from 'node:assert/strict';
import type { SipDialog, SipResponseInfo } from '../../../lib/sip/index';
import { ManualClock } from '../../support/manual-clock';
import { answered, Bench, failed, OFFER, once } from './support/endpoints';
import { request, response, SDP, type RawMessage, type RawPeer } from './support/raw-peer';

/** Our endpoint calls a peer made of handwritten messages. */
describe('calling a handwritten peer', () => {
  const bench = new Bench();
  let peer: RawPeer;

  beforeEach(async () => (peer = await bench.raw(true)));
  afterEach(() => bench.close(0));

  const target = (): string => `sip:bob@127.0.0.1:${peer.port}`;
  const reply = (to: RawMessage, status: string, parts: Parameters<typeof response>[2] = {}): void =>
    peer.send(response(to, status, parts), to.port);

  /** Answers the INVITE and returns the established dialog. */
  async function established(
    endpoint: Awaited<ReturnType<Bench['endpoint']>>,
  ): Promise<{ invite: RawMessage; dialog: SipDialog }> {
    const outcome = answered(endpoint.invite({ target: target(), body: OFFER }));
    const invite = await peer.next('INVITE');
    reply(invite, '200 OK', { tag: 'far', contact: target(), body: SDP });
    await peer.next('ACK');
    return { invite, dialog: (await outcome).dialog };
  }

  it('writes an INVITE with everything that RFC 3261 asks for, and random ids', async () => {
    const alice = await bench.endpoint('alice', { domain: 'example.org', displayName: 'Alice' });
    const outcome = failed(
      alice.invite({ target: `${target()};x=1;transport=udp`, body: OFFER, callId: 'my-call' }),
    );
    const invite = await peer.next('INVITE');
    const { port } = alice.localAddress;
    assert.equal(invite.startLine, `INVITE ${target()};x=1;transport=udp SIP/2.0`);
    assert.match(
      invite.header('Via'),
      new RegExp(`^SIP/2\\.0/UDP 127\\.0\\.0\\.1:${port};branch=z9hG4bK[\\w-]{16};rport$`),
    );
    assert.equal(invite.header('Max-Forwards'), '70');
    assert.match(invite.header('From'), /^"Alice" <sip:alice@example\.org>;tag=[\w-]{16}$/);
    // Neither port nor anything else that only says where to send (RFC 3261, 19.1.1).
    assert.equal(invite.header('To'), '<sip:bob@127.0.0.1;x=1>');
    assert.equal(invite.header('Call-ID'), 'my-call');
    assert.equal(invite.header('CSeq'), '1 INVITE');
    assert.equal(invite.header('Contact'), `<sip:alice@127.0.0.1:${port}>`);
    assert.equal(invite.header('User-Agent'), 'SIPFLOW test');
    assert.equal(invite.header('Content-Type'), 'application/sdp');
    assert.equal(invite.header('Content-Length'), String(SDP.length));
    assert.equal(invite.body, SDP);
    reply(invite, '486 Busy Here', { tag: 'x' });
    const ack = await peer.next('ACK');
    assert.equal(ack.header('Via'), invite.header('Via'));
    assert.equal(ack.header('To'), '<sip:bob@127.0.0.1;x=1>;tag=x');
    assert.equal((await outcome).response.status, 486);
  });

  it('takes an answer with malformed fields that it does not need', async () => {
    const alice = await bench.endpoint('alice');
    const malformed = [
      'no field at all',
      'X Two Words: x',
      ': nameless',
      'X\0\xff: x',
      'Allow: ;;,,"',
      'Date: never',
    ];
    const outcome = answered(alice.invite({ target: target(), body: OFFER }));
    const invite = await peer.next('INVITE');
    const ok = response(invite, '200 OK', { tag: 'far', contact: target(), body: SDP, headers: malformed });
    peer.send(ok.replace(/Content-Length: \d+/, 'Content-Length: many\r\nContent-Length: 1'), invite.port);
    assert.equal((await peer.next('ACK')).header('To'), `${invite.header('To')};tag=far`);
    const { dialog, response: taken } = await outcome;
    assert.equal(taken.body?.content, SDP);
    const bye = dialog.bye();
    reply(await peer.next('BYE'), '200 OK', { headers: malformed });
    await bye;
  });

  it('drops an answer that does not say which request it is to', async () => {
    const alice = await bench.endpoint('alice');
    const outcome = failed(alice.invite({ target: target(), body: OFFER }));
    const invite = await peer.next('INVITE');
    const busy = response(invite, '200 OK', { tag: 'far', contact: target(), body: SDP });
    for (const name of ['Via', 'From', 'To', 'Call-ID', 'CSeq']) {
      peer.send(busy.replace(`\r\n${name}: `, `\r\n${name} `), invite.port);
    }
    await peer.settled(alice.localAddress.port);
    reply(invite, '486 Busy Here', { tag: 'far' });
    assert.equal((await outcome).response.status, 486);
    await peer.next('ACK');
  });

  it('takes a refusal by its branch, whatever fields it lacks, and acknowledges it', async () => {
    const alice = await bench.endpoint('alice');
    for (const lacking of [/^From:.*\r\n/m, /^To:.*\r\n/m, /^(From|To|Call-ID):.*\r\n/gm]) {
      const outcome = failed(alice.invite({ target: target(), body: OFFER }));
      const invite = await peer.next('INVITE');
      peer.send(response(invite, '486 Busy Here', { tag: 'x' }).replace(lacking, ''), invite.port);
      const ack = await peer.next('ACK');
      assert.equal(ack.header('Via'), invite.header('Via'));
      assert.equal(ack.header('From'), invite.header('From'));
      assert.equal(ack.header('Call-ID'), invite.header('Call-ID'));
      assert.ok(ack.header('To').startsWith('<sip:bob@127.0.0.1>'));
      assert.equal((await outcome).response.status, 486);
    }
  });

  it('names neither itself nor the called with a port, in calls and registrations', async () => {
    const alice = await bench.endpoint('alice', {
      domain: 'example.org:5070',
      registrar: `127.0.0.1:${peer.port}`,
    });
    const register = await peer.next('REGISTER');
    assert.match(register.header('From'), /^<sip:alice@example\.org>;tag=/);
    assert.equal(register.header('To'), '<sip:alice@example.org>');
    reply(register, '403 Forbidden', { tag: 'r' });
    const bare = await bench.endpoint('1001');
    const outcome = failed(bare.invite({ target: target(), body: OFFER }));
    const invite = await peer.next('INVITE');
    assert.match(invite.header('From'), /^<sip:1001@127\.0\.0\.1>;tag=/);
    assert.equal(invite.header('To'), '<sip:bob@127.0.0.1>');
    reply(invite, '404 Not Found', { tag: 'x' });
    await outcome;
    assert.equal(alice.uri, 'sip:alice@example.org');
  });

  it('pitfall 7: tells 180 and 183 with SDP once each, however often they are sent, also without To tag or Contact', async () => {
    const alice = await bench.endpoint('alice');
    const call = alice.invite({ target: target(), body: OFFER });
    const progress: SipResponseInfo[] = [];
    call.on('progress', (each) => progress.push(each));
    const outcome = answered(call);
    const invite = await peer.next('INVITE');
    reply(invite, '180 Ringing');
    reply(invite, '180 Ringing');
    reply(invite, '183 Session Progress', { tag: 'far', body: SDP });
    reply(invite, '183 Session Progress', { tag: 'far', body: SDP });
    reply(invite, '183 Session Progress', { tag: 'far', body: SDP.replace('4000', '4002') });
    reply(invite, '200 OK', { tag: 'far', body: SDP });
    const ack = await peer.next('ACK');
    assert.equal(
      ack.startLine,
      `ACK ${target()} SIP/2.0`,
      'without a Contact the target stays the Request-URI',
    );
    await outcome;
    assert.deepEqual(
      progress.map(({ status, toTag, body }) => [status, toTag, body?.content]),
      [
        [180, undefined, undefined],
        [183, 'far', SDP],
        [183, 'far', SDP.replace('4000', '4002')],
      ],
    );
  });

  it('pitfall 9: sends ACK and BYE to the Contact of the 200, not to that of the 180', async () => {
    const alice = await bench.endpoint('alice');
    const outcome = answered(alice.invite({ target: target(), body: OFFER }));
    const invite = await peer.next('INVITE');
    reply(invite, '180 Ringing', { tag: 'far', contact: 'sip:first@127.0.0.1:9' });
    reply(invite, '200 OK', { tag: 'far', contact: `sip:second@127.0.0.1:${peer.port};ob`, body: SDP });
    assert.equal((await peer.next('ACK')).startLine, `ACK sip:second@127.0.0.1:${peer.port};ob SIP/2.0`);
    const { dialog } = await outcome;
    const done = dialog.bye();
    const bye = await peer.next('BYE');
    assert.equal(bye.startLine, `BYE sip:second@127.0.0.1:${peer.port};ob SIP/2.0`);
    reply(bye, '200 OK');
    await done;
  });

  it('follows the Record-Route set in reverse order, verbatim, and the target of a re-INVITE answer', async () => {
    const alice = await bench.endpoint('alice');
    const outcome = answered(alice.invite({ target: target(), body: OFFER }));
    const invite = await peer.next('INVITE');
    const route = (name: string): string => `<sip:${name}@127.0.0.1:${peer.port};lr;x_y=#1>`;
    reply(invite, '200 OK', {
      tag: 'far',
      contact: 'sip:far_1@1host_a.example',
      headers: [`Record-Route: ${route('p2')}, ${route('p1')}`],
      body: SDP,
    });
    const ack = await peer.next('ACK');
    assert.equal(ack.startLine, 'ACK sip:far_1@1host_a.example SIP/2.0');
    assert.deepEqual(ack.all('Route'), [route('p1'), route('p2')]);
    const { dialog } = await outcome;
    const modified = dialog.request('INVITE', { body: OFFER });
    const reinvite = await peer.next('INVITE');
    assert.deepEqual(reinvite.all('Route'), [route('p1'), route('p2')]);
    reply(reinvite, '200 OK', { contact: 'sip:far_2@elsewhere', body: SDP });
    assert.equal((await peer.next('ACK')).startLine, 'ACK sip:far_2@elsewhere SIP/2.0');
    assert.equal((await modified).status, 200);
    const done = dialog.bye();
    const bye = await peer.next('BYE');
    assert.equal(bye.startLine, 'BYE sip:far_2@elsewhere SIP/2.0');
    reply(bye, '200 OK');
    await done;
  });

  it('acknowledges every copy of the 200 with the same ACK', async () => {
    const alice = await bench.endpoint('alice');
    const { invite } = await established(alice);
    const first = peer.received.find(({ startLine }) => startLine.startsWith('ACK')) as RawMessage;
    reply(invite, '200 OK', { tag: 'far', contact: target(), body: SDP });
    assert.equal((await peer.next('ACK')).text, first.text);
  });

  it('tolerates several early dialogs, and ends a second answer with ACK and BYE', async () => {
    const alice = await bench.endpoint('alice');
    const call = alice.invite({ target: target(), body: OFFER });
    const tags: (string | undefined)[] = [];
    call.on('progress', ({ toTag }) => tags.push(toTag));
    const outcome = answered(call);
    const invite = await peer.next('INVITE');
    reply(invite, '183 Session Progress', { tag: 'one', contact: target(), body: SDP });
    reply(invite, '180 Ringing', { tag: 'two', contact: target() });
    reply(invite, '200 OK', { tag: 'two', contact: target(), body: SDP });
    reply(invite, '200 OK', { tag: 'three', contact: target(), body: SDP });
    const { dialog } = await outcome;
    assert.equal(dialog.remoteTag, 'two');
    assert.match((await peer.next('ACK')).header('To'), /tag=two$/);
    assert.match((await peer.next('ACK')).header('To'), /tag=three$/);
    const bye = await peer.next('BYE');
    assert.match(bye.header('To'), /tag=three$/);
    reply(bye, '200 OK');
    assert.deepEqual(tags, ['one', 'two']);
    const done = dialog.bye();
    reply(
      await peer.nextWhere(
        ({ startLine, header }) => startLine.startsWith('BYE') && header('To').endsWith('two'),
      ),
      '200 OK',
    );
    await done;
  });

  it('keeps CANCEL until the first provisional response, and sends it with the branch of the INVITE', async () => {
    const alice = await bench.endpoint('alice');
    const call = alice.invite({ target: target(), body: OFFER });
    const outcome = failed(call);
    const invite = await peer.next('INVITE');
    call.cancel();
    await peer.settled(alice.localAddress.port);
    assert.equal(peer.count('CANCEL'), 0);
    reply(invite, '100 Trying');
    const cancel = await peer.next('CANCEL');
    assert.equal(cancel.header('Via'), invite.header('Via'));
    assert.equal(cancel.header('CSeq'), '1 CANCEL');
    assert.equal(cancel.header('From'), invite.header('From'));
    reply(cancel, '200 OK');
    reply(invite, '487 Request Terminated', { tag: 'far' });
    await peer.next('ACK');
    assert.equal((await outcome).response.status, 487);
  });

  it('acknowledges and ends an answer that crosses its CANCEL', async () => {
    const alice = await bench.endpoint('alice');
    const call = alice.invite({ target: target(), body: OFFER });
    const outcome = failed(call);
    const invite = await peer.next('INVITE');
    reply(invite, '180 Ringing', { tag: 'far', contact: target() });
    call.on('progress', () => call.cancel());
    await peer.next('CANCEL');
    reply(invite, '200 OK', { tag: 'far', contact: target(), body: SDP });
    await peer.next('ACK');
    const bye = await peer.next('BYE');
    reply(bye, '200 OK');
    assert.equal((await outcome).response.status, 487);
  });

  it('gives up 64·T1 after a CANCEL that nobody answers', async () => {
    const clock = new ManualClock();
    const alice = await bench.endpoint('alice', {}, { clock });
    const call = alice.invite({ target: target(), body: OFFER });
    const outcome = failed(call);
    const invite = await peer.next('INVITE');
    call.on('progress', () => call.cancel());
    reply(invite, '180 Ringing', { tag: 'far', contact: target() });
    await peer.next('CANCEL');
    clock.advance(32_000);
    const { response: info, origin } = await outcome;
    assert.deepEqual([info.status, origin], [487, 'timeout']);
    clock.advance(40_000);
    assert.deepEqual(alice.counts, { clients: 0, servers: 0, dialogs: 0, invites: 0, retransmissions: 0 });
    assert.equal(clock.pending, 0);
  });

  it('pitfall 9: repeats an INVITE by timer A until timer B says 408', async () => {
    const clock = new ManualClock();
    const alice = await bench.endpoint('alice', {}, { clock });
    const outcome = failed(alice.invite({ target: target(), body: OFFER }));
    await peer.next('INVITE');
    const elapsed: number[] = [];
    for (let copies = 1; copies < 7; copies++) {
      const wait = clock.untilNext as number;
      clock.advance(wait);
      await peer.next('INVITE');
      elapsed.push(clock.now() - 1000);
    }
    assert.deepEqual(elapsed, [500, 1500, 3500, 7500, 15_500, 31_500]);
    clock.advance(500);
    const { response: info, origin } = await outcome;
    assert.deepEqual([info.status, info.reason, origin], [408, 'Request Timeout', 'timeout']);
    assert.equal(peer.count('INVITE'), 7);
    assert.equal(clock.pending, 0);
  });

  it('pitfall 9: repeats BYE by timer E, slower after a provisional response, and resolves after 64·T1', async () => {
    const clock = new ManualClock();
    const alice = await bench.endpoint('alice', {}, { clock });
    const { dialog } = await established(alice);
    let ended = false;
    const done = dialog.bye().then(() => (ended = true));
    const bye = await peer.next('BYE');
    clock.advance(500);
    await peer.next('BYE');
    reply(bye, '100 Trying');
    await peer.settled(alice.localAddress.port);
    clock.advance(3_900);
    await peer.settled(alice.localAddress.port);
    assert.equal(peer.count('BYE'), 2);
    clock.advance(200);
    await peer.next('BYE');
    clock.advance(27_000);
    await peer.settled(alice.localAddress.port);
    assert.equal(ended, false);
    clock.advance(1_000);
    await done;
    assert.equal(alice.counts.dialogs, 0);
  });

  it('leaves nothing behind when it closes while a dead peer is called, ringing and talked to', async () => {
    const clock = new ManualClock();
    const alice = await bench.endpoint('alice', {}, { clock });
    const { dialog } = await established(alice);
    const outcomes = [1, 2].map(() => failed(alice.invite({ target: target(), body: OFFER })));
    const invite = await peer.next('INVITE');
    reply(invite, '180 Ringing', { tag: 'ring', contact: target() });
    await peer.settled(alice.localAddress.port);
    const closed = alice.close(3000);
    await peer.next('BYE');
    clock.advance(3000);
    await closed;
    for (const { response: info } of await Promise.all(outcomes)) assert.equal(info.status, 487);
    await dialog.bye();
    assert.equal(clock.pending, 0);
  });

  it('answers a BYE of the peer with 200 at once, and tells it', async () => {
    const alice = await bench.endpoint('alice');
    const { invite, dialog } = await established(alice);
    const told = once(dialog, 'bye');
    const bye = request('BYE', {
      port: peer.port,
      target: `sip:alice@127.0.0.1:${alice.localAddress.port}`,
      callId: invite.header('Call-ID'),
      fromTag: 'far',
      to: invite.header('From'),
      headers: ['Reason: Q.850;cause=16'],
    });
    peer.send(bye, alice.localAddress.port);
    const ok = await peer.next('SIP/2.0 200');
    peer.send(bye, alice.localAddress.port);
    assert.equal((await peer.next('SIP/2.0 200')).text, ok.text, 'a repeated BYE gets the same answer');
    assert.deepEqual((await told).headers.Reason, ['Q.850;cause=16']);
  });

  const unknown = '481 Call/Transaction Does Not Exist';
  for (const [status, methods, why] of [
    [unknown, ['INVITE', 'UPDATE', 'INFO', 'REFER', 'OPTIONS'], `answered METHOD with ${unknown}`],
    ['408 Request Timeout', ['INVITE', 'UPDATE', 'INFO', 'REFER'], 'did not answer METHOD'],
  ] as const) {
    for (const method of methods) {
      it(`ends the dialog with BYE, and says why, when ${method} is answered ${status}`, async () => {
        const alice = await bench.endpoint('alice');
        const { dialog } = await established(alice);
        const broken = once(dialog, 'broken');
        const asked = dialog.request(method, method === 'INVITE' ? { body: OFFER } : {});
        reply(await peer.next(method), status);
        assert.equal((await asked).status, Number(status.slice(0, 3)));
        assert.equal(await broken, `the peer ${why.replace('METHOD', method)}`);
        const bye = await peer.next('BYE');
        assert.match(bye.header('To'), /tag=far$/);
        reply(bye, '481 Call/Transaction Does Not Exist');
        await dialog.bye();
      });
    }
  }

  it('keeps the dialog when a NOTIFY is answered 481, and when OPTIONS is not answered at all', async () => {
    const clock = new ManualClock();
    const alice = await bench.endpoint('alice', {}, { clock });
    const { dialog } = await established(alice);
    dialog.on('broken', (reason) => assert.fail(reason));
    const notified = dialog.request('NOTIFY', { headers: { Event: 'refer' } });
    reply(await peer.next('NOTIFY'), '481 Subscription Does Not Exist');
    assert.equal((await notified).status, 481);
    const asked = dialog.request('OPTIONS');
    await peer.next('OPTIONS');
    clock.advance(32_000);
    assert.equal((await asked).status, 408);
    const bye = dialog.bye();
    reply(await peer.next('BYE'), '200 OK');
    await bye;
  });

  it('takes a 2xx without a To tag: ACK and BYE have none either, and a repeated 2xx gets its ACK again', async () => {
    const alice = await bench.endpoint('alice');
    const outcome = answered(alice.invite({ target: target(), body: OFFER }));
    const invite = await peer.next('INVITE');
    const ok = response(invite, '200 OK', { contact: target(), body: SDP });
    peer.send(ok, invite.port);
    const ack = await peer.next('ACK');
    assert.equal(ack.header('To'), invite.header('To'));
    const { dialog } = await outcome;
    assert.equal(dialog.remoteTag, '');
    peer.send(ok, invite.port);
    assert.equal((await peer.next('ACK')).text, ack.text);
    const bye = dialog.bye();
    const last = await peer.next('BYE');
    assert.equal(last.header('To'), invite.header('To'));
    assert.equal(last.header('CSeq'), '2 BYE');
    reply(last, '200 OK');
    await bye;
    assert.equal(alice.counts.dialogs, 0);
  });

  it('is hung up by a peer without a tag', async () => {
    const alice = await bench.endpoint('alice');
    const outcome = answered(alice.invite({ target: target(), body: OFFER }));
    const invite = await peer.next('INVITE');
    // A tag of the 18x says nothing about the 2xx of such a peer.
    reply(invite, '180 Ringing', { tag: 'early', contact: target() });
    reply(invite, '200 OK', { contact: target(), body: SDP });
    await peer.next('ACK');
    const ended = once((await outcome).dialog, 'bye');
    const bye = request('BYE', {
      port: peer.port,
      target: `sip:alice@127.0.0.1:${alice.localAddress.port}`,
      callId: invite.header('Call-ID'),
      to: invite.header('From'),
    });
    peer.send(bye.replace(';tag=rawtag', ''), alice.localAddress.port);
    assert.match((await peer.nextWhere(({ header }) => header('CSeq').endsWith('BYE'))).startLine, /200/);
    await ended;
    assert.equal(alice.counts.dialogs, 0);
  });

  it('does not answer a call with a dialog that its callee has ended by BYE before', async () => {
    const alice = await bench.endpoint('alice');
    const outcome = failed(alice.invite({ target: target(), body: OFFER }));
    const invite = await peer.next('INVITE');
    reply(invite, '180 Ringing', { tag: 'far', contact: target() });
    const bye = request('BYE', {
      port: peer.port,
      target: `sip:alice@127.0.0.1:${alice.localAddress.port}`,
      callId: invite.header('Call-ID'),
      fromTag: 'far',
      to: invite.header('From'),
    });
    peer.send(bye, alice.localAddress.port);
    assert.match((await peer.nextWhere(({ header }) => header('CSeq').endsWith('BYE'))).startLine, /200/);
    reply(invite, '200 OK', { tag: 'far', contact: target(), body: SDP });
    assert.equal((await outcome).response.status, 487);
    await peer.next('ACK');
    assert.equal(alice.counts.dialogs, 0);
  });

  it('has a limited number of early dialogs, and of answers of further forks that it ends', async () => {
    const alice = await bench.endpoint('alice');
    const call = alice.invite({ target: target(), body: OFFER });
    const outcome = answered(call);
    const invite = await peer.next('INVITE');
    for (let fork = 0; fork < 200; fork++) {
      reply(invite, '180 Ringing', { tag: `fork${fork}`, contact: target() });
    }
    await peer.settled(alice.localAddress.port);
    assert.equal(alice.counts.dialogs, 64);
    reply(invite, '200 OK', { tag: 'fork150', contact: target(), body: SDP });
    const { dialog } = await outcome;
    assert.equal(
      alice.counts.dialogs,
      1,
      'the fork that answers is taken, also one that had no early dialog',
    );
    for (let fork = 0; fork < 100; fork++) {
      reply(invite, '200 OK', { tag: `late${fork}`, contact: target(), body: SDP });
    }
    await peer.settled(alice.localAddress.port);
    const byes = peer.received.filter(({ startLine }) => startLine.startsWith('BYE'));
    const tags = new Set(byes.map((bye) => bye.header('To')));
    assert.equal(tags.size, 63);
    for (const bye of byes) reply(bye, '200 OK');
    const last = dialog.bye();
    reply(
      await peer.nextWhere(
        (bye) => bye.startLine.startsWith('BYE') && bye.header('To').endsWith('tag=fork150'),
      ),
      '200 OK',
    );
    await last;
  });

  it('sends BYE when a re-INVITE is never answered', async () => {
    const clock = new ManualClock();
    const alice = await bench.endpoint('alice', {}, { clock });
    const { dialog } = await established(alice);
    const broken = once(dialog, 'broken');
    const modified = dialog.request('INVITE', { body: OFFER });
    await peer.next('INVITE');
    clock.advance(32_000);
    assert.equal((await modified).status, 408);
    await broken;
    reply(await peer.next('BYE'), '200 OK');
    await dialog.bye();
  });

  it('sends everything to the outbound proxy, whatever the URIs say', async () => {
    const alice = await bench.endpoint('alice', { outboundProxy: `sip:127.0.0.1:${peer.port};lr` });
    const outcome = answered(alice.invite({ target: 'sip:bob@example.invalid', body: OFFER }));
    const invite = await peer.next('INVITE');
    assert.equal(invite.startLine, 'INVITE sip:bob@example.invalid SIP/2.0');
    reply(invite, '200 OK', { tag: 'far', contact: 'sip:bob@10.255.255.1', body: SDP });
    assert.equal((await peer.next('ACK')).startLine, 'ACK sip:bob@10.255.255.1 SIP/2.0');
    const { dialog } = await outcome;
    const done = dialog.bye();
    reply(await peer.next('BYE'), '200 OK');
    await done;
  });

  it('sends INVITE, ACK to a refusal and CANCEL to the given destination', async () => {
    const alice = await bench.endpoint('alice');
    const destination = { address: '127.0.0.1', port: peer.port };
    const refused = failed(alice.invite({ target: 'sip:bob@192.0.2.1', destination, body: OFFER }));
    reply(await peer.next('INVITE'), '404 Not Found', { tag: 'x' });
    await peer.next('ACK');
    assert.equal((await refused).response.status, 404);
    const call = alice.invite({ target: 'sip:bob@192.0.2.1', destination, body: OFFER });
    const given = failed(call);
    const invite = await peer.next('INVITE');
    call.on('progress', () => call.cancel());
    reply(invite, '180 Ringing', { tag: 'x' });
    reply(await peer.next('CANCEL'), '200 OK');
    reply(invite, '487 Request Terminated', { tag: 'x' });
    assert.equal((await given).response.status, 487);
  });

  it('reports 503 when the network refuses the INVITE', async () => {
    const alice = await bench.endpoint('alice');
    // A socket bound to loopback cannot send to another network.
    const { response: info, origin } = await failed(
      alice.invite({ target: 'sip:bob@192.0.2.1', body: OFFER }),
    );
    assert.deepEqual([info.status, origin], [503, 'transport']);
  });

  it('lets a response go that is none of ours, is broken, or comes too late', async () => {
    const alice = await bench.endpoint('alice');
    const outcome = failed(alice.invite({ target: target(), body: OFFER }));
    const invite = await peer.next('INVITE');
    const { port } = alice.localAddress;
    const good = response(invite, '180 Ringing', { tag: 'x', contact: target() });
    peer.send(good.replace(/branch=[^;]+/, 'branch=z9hG4bKstranger'), port);
    peer.send(good.replace('Via:', 'Via: SIP/2.0/UDP 127.0.0.1:1;branch=z9hG4bKproxy\r\nVia:'), port);
    peer.send(good.replace('SIP/2.0 180', 'SIP/2.0 4294967301'), port);
    peer.send(good.replace('CSeq: 1 INVITE', 'CSeq: 1 BYE'), port);
    peer.send(good.slice(0, 40), port);
    reply(invite, '600 Busy Everywhere', { tag: 'x' });
    assert.equal((await outcome).response.status, 600);
    reply(invite, '200 OK', { tag: 'late', contact: target(), body: SDP });
    await peer.settled(port);
    assert.equal(peer.count('BYE'), 0);
  });
});
