import assert from 'node:assert/strict';
import type { IncomingInvite, InspectableEndpoint, SipDialog } from '../../../lib/sip/index';
import { ManualClock } from '../../support/manual-clock';
import { ANSWER, Bench, nextInvite, OFFER, once } from './support/endpoints';
import { request, response, SDP, type RawMessage, type RawPeer, type RequestParts } from './support/raw-peer';

const NOTHING = { clients: 0, servers: 0, dialogs: 0, invites: 0, retransmissions: 0 };

/** A peer made of handwritten messages calls our endpoint. */
describe('called by a handwritten peer', () => {
  const bench = new Bench();
  let clock: ManualClock;
  let bob: InspectableEndpoint;
  let peer: RawPeer;

  beforeEach(async () => {
    clock = new ManualClock();
    bob = await bench.endpoint('bob', {}, { clock });
    peer = await bench.raw(true);
  });
  afterEach(() => {
    const closed = bench.close(0);
    clock.advance(0);
    return closed;
  });

  const port = (): number => bob.localAddress.port;
  const target = (): string => `sip:bob@127.0.0.1:${port()}`;
  const send = (method: string, parts: Partial<RequestParts> = {}): string => {
    const text = request(method, { port: peer.port, target: target(), ...parts });
    peer.send(text, port());
    return text;
  };

  interface Ringing {
    text: string;
    invite: IncomingInvite;
  }

  async function ring(parts: Partial<RequestParts> = {}): Promise<Ringing> {
    const incoming = nextInvite(bob);
    const text = send('INVITE', { branch: 'z9hG4bKinv', callId: 'c1', body: SDP, ...parts });
    return { text, invite: await incoming };
  }

  /** The 200 to the INVITE, and what it established; not acknowledged yet. */
  async function answer(parts: Partial<RequestParts> = {}): Promise<{
    ok: RawMessage;
    dialog: SipDialog;
    acknowledged: Promise<unknown>;
    inDialog: (method: string, more?: Partial<RequestParts>) => string;
  }> {
    const { invite } = await ring(parts);
    const accepted = invite.accept({ body: ANSWER });
    const ok = await peer.next('SIP/2.0 200');
    const inDialog = (method: string, more: Partial<RequestParts> = {}): string =>
      send(method, { callId: ok.header('Call-ID'), to: ok.header('To'), ...more });
    return { ok, ...accepted, inDialog };
  }

  it('echoes Via, From, Call-ID and CSeq byte for byte, with received and rport filled in', async () => {
    const { text, invite } = await ring({
      via: `V :SIP/2.0/UDP host_1.invalid:9 ; branch=z9hG4bKx;rport ;y="a,b"`,
    });
    invite.reject({ status: 486, headers: { 'X-Reason': 'busy' } });
    const busy = await peer.next('SIP/2.0 486');
    assert.equal(
      busy.header('Via'),
      `SIP/2.0/UDP host_1.invalid:9 ; branch=z9hG4bKx;y="a,b";received=127.0.0.1;rport=${peer.port}`,
    );
    for (const name of ['From', 'Call-ID', 'CSeq']) {
      assert.ok(text.includes(`\r\n${name}: ${busy.header(name)}\r\n`), name);
    }
    assert.match(busy.header('To'), new RegExp(`^<${target()}>;tag=[\\w-]{16}$`));
    assert.equal(busy.header('X-Reason'), 'busy');
    assert.equal(busy.header('Server'), 'SIPFLOW test');
  });

  it('answers to the port in Via when rport is not asked for', async () => {
    const other = await bench.raw(true);
    other.send(
      request('OPTIONS', {
        port: peer.port,
        target: target(),
        via: `Via: SIP/2.0/UDP 127.0.0.1:${peer.port};branch=z9hG4bKnorport`,
      }),
      port(),
    );
    await peer.next('SIP/2.0 200');
  });

  it('copies joined Vias and Record-Routes into the answer, and uses the route set', async () => {
    const proxy = `<sip:p1@127.0.0.1:${peer.port};lr>`;
    const { ok, dialog, inDialog } = await answer({
      via: `Via: SIP/2.0/UDP 127.0.0.1:${peer.port};branch=z9hG4bKtop;rport, SIP/2.0/TCP far.example;branch=z9hG4bKlow`,
      headers: [`Record-Route: ${proxy}, <sip:p2@192.0.2.1;lr>`],
    });
    assert.match(
      ok.text,
      /branch=z9hG4bKtop;received=127\.0\.0\.1;rport=\d+, SIP\/2\.0\/TCP far\.example;branch=z9hG4bKlow/,
    );
    assert.deepEqual(ok.all('Record-Route'), [proxy, '<sip:p2@192.0.2.1;lr>']);
    inDialog('ACK');
    const done = dialog.bye();
    const bye = await peer.next('BYE');
    assert.deepEqual(bye.all('Route'), [proxy, '<sip:p2@192.0.2.1;lr>']);
    assert.equal(bye.startLine, `BYE sip:raw@127.0.0.1:${peer.port} SIP/2.0`);
    peer.send(response(bye, '200 OK'), port());
    await done;
  });

  it('sends 100 to a call that is not answered at once, and repeats the last provisional for a copy of the INVITE', async () => {
    const { text, invite } = await ring();
    await peer.next('SIP/2.0 100');
    invite.progress({ status: 180 });
    const ringing = await peer.next('SIP/2.0 180');
    peer.send(text, port());
    assert.equal((await peer.next('SIP/2.0 180')).text, ringing.text);
    clock.advance(60_000);
    assert.equal((await peer.next('SIP/2.0 180')).text, ringing.text, 'once a minute (RFC 3261, 13.3.1.1)');
    invite.reject({ status: 603 });
    await peer.next('SIP/2.0 603');
  });

  it('pitfall 9: repeats a refusal by timer G until its ACK, and forgets the transaction', async () => {
    const { invite } = await ring();
    invite.reject({ status: 486 });
    const busy = await peer.next('SIP/2.0 486');
    for (const wait of [500, 1000, 2000, 4000, 4000]) {
      clock.advance(wait - 1);
      await peer.settled(port());
      clock.advance(1);
      assert.equal((await peer.next('SIP/2.0 486')).text, busy.text);
    }
    const copies = peer.count('SIP/2.0 486');
    assert.equal(copies, 6);
    send('ACK', { branch: 'z9hG4bKinv', callId: 'c1', to: busy.header('To') });
    await peer.settled(port());
    clock.advance(5_000);
    await peer.settled(port());
    assert.equal(peer.count('SIP/2.0 486'), copies);
    assert.deepEqual(bob.counts, NOTHING);
    assert.equal(clock.pending, 0);
  });

  it('pitfall 9: repeats a 200 until its ACK, whose body is handed on', async () => {
    const { ok, dialog, acknowledged, inDialog } = await answer();
    for (const wait of [500, 1000, 2000, 4000, 4000]) {
      clock.advance(wait);
      assert.equal((await peer.next('SIP/2.0 200')).text, ok.text);
    }
    inDialog('ACK', { body: SDP });
    assert.deepEqual(await acknowledged, { acknowledged: true, body: OFFER });
    inDialog('ACK', { body: SDP });
    const copies = peer.count('SIP/2.0 200 OK');
    clock.advance(10_000);
    const bye = once(dialog, 'bye');
    inDialog('BYE', { cseq: 2 });
    await bye;
    await peer.next('SIP/2.0 200');
    assert.equal(peer.count('SIP/2.0 200 OK'), copies + 1);
    clock.advance(32_000);
    assert.deepEqual(bob.counts, NOTHING);
    assert.equal(clock.pending, 0);
  });

  it('takes an ACK that reuses the branch of the INVITE', async () => {
    const { acknowledged, inDialog } = await answer();
    inDialog('ACK', { branch: 'z9hG4bKinv' });
    assert.deepEqual(await acknowledged, { acknowledged: true });
  });

  it('ends the call with BYE when the ACK never comes, and nothing throws', async () => {
    const { dialog, acknowledged } = await answer();
    const broken = once(dialog, 'broken');
    clock.advance(32_000);
    assert.deepEqual(await acknowledged, { acknowledged: false, overdue: true });
    assert.match(await broken, /ACK/);
    peer.send(response(await peer.next('BYE'), '200 OK'), port());
    await dialog.bye();
    clock.advance(40_000);
    assert.deepEqual(bob.counts, NOTHING);
    assert.equal(clock.pending, 0);
  });

  it('keeps a BYE until the ACK to its 200 is in', async () => {
    const { dialog, acknowledged, inDialog } = await answer();
    const done = dialog.bye();
    await peer.settled(port());
    assert.equal(peer.count('BYE'), 0);
    clock.advance(500);
    await peer.next('SIP/2.0 200');
    inDialog('ACK');
    await acknowledged;
    peer.send(response(await peer.next('BYE'), '200 OK'), port());
    await done;
  });

  it('survives a lost ACK followed by BYE from the peer', async () => {
    const { dialog, acknowledged, inDialog } = await answer();
    const told = once(dialog, 'bye');
    inDialog('BYE', { cseq: 2 });
    assert.equal((await peer.next('SIP/2.0 200')).header('CSeq'), '2 BYE');
    await told;
    assert.deepEqual(await acknowledged, { acknowledged: false });
    clock.advance(64_000);
    await peer.settled(port());
    assert.equal(peer.count('BYE sip'), 0);
    assert.deepEqual(bob.counts, NOTHING);
    assert.equal(clock.pending, 0);
  });

  it('survives a lost ACK, its own BYE, and a peer that is gone', async () => {
    const { dialog } = await answer();
    const done = dialog.bye();
    clock.advance(32_000);
    await done;
    clock.advance(33_000);
    assert.deepEqual(bob.counts, NOTHING);
    assert.equal(clock.pending, 0);
  });

  it('answers CANCEL with 200 and the call with 487, whose To tags agree', async () => {
    const { invite } = await ring();
    const cancelled = new Promise<void>((resolve) => invite.on('cancelled', resolve));
    invite.progress({ status: 180 });
    const cancel = send('CANCEL', { branch: 'z9hG4bKinv', callId: 'c1' });
    const ok = await peer.nextWhere(({ header }) => header('CSeq') === '1 CANCEL');
    const terminated = await peer.next('SIP/2.0 487');
    assert.equal(terminated.header('CSeq'), '1 INVITE');
    assert.equal(ok.header('To'), terminated.header('To'));
    await cancelled;
    peer.send(cancel, port());
    const again = await peer.nextWhere(({ header }) => header('CSeq') === '1 CANCEL');
    assert.equal(again.text, ok.text);
    send('ACK', { branch: 'z9hG4bKinv', callId: 'c1', to: terminated.header('To') });
  });

  it('answers a CANCEL that comes after the 200 with 200, and the call goes on', async () => {
    const { dialog, inDialog } = await answer();
    send('CANCEL', { branch: 'z9hG4bKinv', callId: 'c1' });
    assert.match((await peer.nextWhere(({ header }) => header('CSeq') === '1 CANCEL')).startLine, /200/);
    inDialog('ACK');
    inDialog('INFO', { cseq: 2 });
    assert.match((await peer.nextWhere(({ header }) => header('CSeq') === '2 INFO')).startLine, /200/);
    const told = once(dialog, 'bye');
    inDialog('BYE', { cseq: 3 });
    await told;
  });

  it('answers 481 to a CANCEL for nothing', async () => {
    send('CANCEL', { branch: 'z9hG4bKnothing' });
    await peer.next('SIP/2.0 481');
  });

  it('takes BYE in the early dialog for a CANCEL', async () => {
    const { invite } = await ring();
    const cancelled = new Promise<void>((resolve) => invite.on('cancelled', resolve));
    invite.progress({ status: 180 });
    const ringing = await peer.next('SIP/2.0 180');
    send('BYE', { callId: 'c1', to: ringing.header('To'), cseq: 2 });
    await peer.nextWhere(({ startLine, header }) => startLine.includes('200') && header('CSeq') === '2 BYE');
    await peer.next('SIP/2.0 487');
    await cancelled;
  });

  it('gives up an unanswered call when its Expires has passed', async () => {
    const { invite } = await ring({ headers: ['Expires: 20'] });
    const cancelled = new Promise<void>((resolve) => invite.on('cancelled', resolve));
    clock.advance(19_000);
    await peer.settled(port());
    assert.equal(peer.count('SIP/2.0 487'), 0);
    clock.advance(1_000);
    await cancelled;
    await peer.next('SIP/2.0 487');
  });

  it('answers 482 to the same call on another branch, in constant time per message', async () => {
    const { invite } = await ring();
    send('INVITE', { branch: 'z9hG4bKother', callId: 'c1', body: SDP });
    await peer.next('SIP/2.0 482');
    invite.reject({ status: 486 });
    const busy = await peer.next('SIP/2.0 486');
    send('ACK', { branch: 'z9hG4bKinv', callId: 'c1', to: busy.header('To') });
    await peer.settled(port());
    clock.advance(5_000);
    const again = nextInvite(bob);
    send('INVITE', { branch: 'z9hG4bKthird', callId: 'c1', body: SDP });
    (await again).reject({ status: 486 });
  });

  it('answers 500 to a request out of order, and 488 to a re-INVITE that nobody wants', async () => {
    const { inDialog } = await answer();
    inDialog('ACK');
    inDialog('INVITE', { cseq: 7, body: SDP, branch: 'z9hG4bKre' });
    const refused = await peer.next('SIP/2.0 488');
    inDialog('ACK', { cseq: 7, branch: 'z9hG4bKre' });
    assert.equal(refused.header('CSeq'), '7 INVITE');
    inDialog('INFO', { cseq: 6 });
    assert.match((await peer.nextWhere(({ header }) => header('CSeq') === '6 INFO')).startLine, /500/);
  });

  it('answers a modification that its listener forgets with 488 after 16·T1, INFO with its default after 2·T1', async () => {
    const { dialog, inDialog } = await answer();
    inDialog('ACK');
    const modify = once(dialog, 'modify');
    inDialog('INVITE', { cseq: 2, body: SDP });
    await modify;
    await peer.next('SIP/2.0 100');
    clock.advance(8_000);
    await peer.next('SIP/2.0 488');
    const asked = once(dialog, 'request');
    inDialog('INFO', { cseq: 3 });
    const info = await asked;
    clock.advance(1_000);
    assert.match((await peer.nextWhere(({ header }) => header('CSeq') === '3 INFO')).startLine, /200/);
    info.respond({ status: 500 });
    await peer.settled(port());
    assert.equal(peer.count('SIP/2.0 500'), 0);
  });

  it('ends a dialog whose re-INVITE answer is never acknowledged', async () => {
    const { dialog, inDialog } = await answer();
    inDialog('ACK');
    dialog.on('modify', (modify) => modify.respond({ status: 200, body: ANSWER }));
    const broken = once(dialog, 'broken');
    inDialog('INVITE', { cseq: 2, body: SDP });
    await peer.nextWhere(({ header }) => header('CSeq') === '2 INVITE');
    clock.advance(32_000);
    assert.match(await broken, /ACK/);
    peer.send(response(await peer.next('BYE'), '200 OK'), port());
    await dialog.bye();
    clock.advance(40_000);
    assert.deepEqual(bob.counts, NOTHING);
    assert.equal(clock.pending, 0);
  });

  it('finds the number in any Request-URI', async () => {
    for (const [uri, user] of [
      [`sip:+49-30-1234;phone-context=x@127.0.0.1:${port()}`, '+49-30-1234'],
      [`sip:%23600@127.0.0.1:${port()}`, '#600'],
      [`sip:#600@1host_x.example`, '#600'],
      [`tel:+4930123;ext=5`, '+4930123'],
      [`sip:127.0.0.1:${port()}`, ''],
      [`sips:bob:secret@[2001:db8::1]:5061;transport=tcp?Subject=x`, 'bob'],
    ]) {
      const incoming = nextInvite(bob);
      send('INVITE', { target: uri, to: '<tel:911>', body: SDP });
      const invite = await incoming;
      assert.equal(invite.calledUser, user, uri);
      assert.equal(invite.request.requestUri, uri);
      assert.equal(invite.to, 'tel:911');
      invite.reject({ status: 404 });
      await peer.next('SIP/2.0 404');
    }
  });

  it('talks to an RFC 2543 client: no branch cookie, no From tag, no Contact', async () => {
    const incoming = nextInvite(bob);
    const from = `From: <sip:raw@127.0.0.1:${peer.port}>`;
    const old = (text: string): string =>
      text
        .replace(/;branch=[^;\r]+/, '')
        .replace(/^From:.*$/m, from)
        .replace(/^Contact:.*\r\n/m, '');
    const invite = old(request('INVITE', { port: peer.port, target: target(), callId: 'old', body: SDP }));
    peer.send(invite, port());
    const { dialog, acknowledged } = (await incoming).accept({ body: ANSWER });
    const ok = await peer.next('SIP/2.0 200');
    const inDialog = (method: string, cseq: number): string =>
      old(request(method, { port: peer.port, target: target(), callId: 'old', to: ok.header('To'), cseq }));
    peer.send(inDialog('ACK', 1), port());
    assert.deepEqual(await acknowledged, { acknowledged: true });
    const told = once(dialog, 'bye');
    peer.send(inDialog('BYE', 2), port());
    await peer.nextWhere(({ header }) => header('CSeq') === '2 BYE');
    await told;
  });

  it('keeps calls that stand when strangers flood it with INVITEs', async () => {
    const { inDialog } = await answer();
    inDialog('ACK');
    bob.on('invite', (invite) => invite.progress({ status: 180 }));
    for (let index = 0; index < 2500; index++) {
      peer.send(
        request('INVITE', {
          port: peer.port,
          target: target(),
          branch: `z9hG4bKf${index}`,
          callId: `f${index}`,
        }),
        port(),
      );
      if (index % 250 === 0) await peer.settled(port());
    }
    await peer.settled(port());
    assert.ok(peer.count('SIP/2.0 503') > 0);
    assert.ok(bob.counts.invites <= 2000);
    inDialog('INFO', { cseq: 2 });
    assert.match((await peer.nextWhere(({ header }) => header('CSeq') === '2 INFO')).startLine, /200/);
  });
});
