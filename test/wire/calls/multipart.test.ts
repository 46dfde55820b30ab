import assert from 'node:assert/strict';
import { Phones, receive } from '../../support/phones';
import type { IncomingCall } from '../../../lib/calls';
import { RawPeer, request, response, SDP, type RawMessage } from '../sip/support/raw-peer';

const LOCATION = 'Content-Type: application/pidf+xml\r\nContent-ID: <a@h>\r\n\r\n<presence/>';
const ISUP =
  'Content-Type: application/isup;version=itu-t92+\r\nContent-Disposition: signal;handling=optional\r\n\r\n\u0001\u0006';

/** A message with its SDP wrapped into a multipart body, between two other parts. */
function wrapped(message: string, others: readonly string[] = [LOCATION, ISUP]): string {
  const [head, sdp] = message.split('\r\n\r\n', 2);
  const [first, ...rest] = others;
  const parts = [first, `Content-Type: application/sdp\r\n\r\n${sdp}`, ...rest];
  const body = `${parts.map((part) => `--a b\r\n${part}\r\n`).join('')}--a b--\r\n`;
  const type = 'Content-Type: multipart/mixed; boundary="a b"';
  return `${head
    .replace('Content-Type: application/sdp', type)
    .replace(/Content-Length: \d+/, `Content-Length: ${Buffer.byteLength(body, 'latin1')}`)}\r\n\r\n${body}`;
}

describe('session descriptions in multipart bodies', () => {
  const phones = new Phones({ mode: 'network', mediaTimeout: 1 });
  let peer: RawPeer;
  beforeEach(async () => (peer = await RawPeer.open()));
  afterEach(async () => {
    await phones.close();
    await peer.close();
  });

  const finalTo = (method: string): Promise<RawMessage> =>
    peer.nextWhere(
      ({ startLine, header }) => /^SIP\/2.0 [2-6]/.test(startLine) && header('CSeq').endsWith(method),
    );

  it('are taken from INVITE, PRACK, re-INVITE and ACK of a caller', async () => {
    const bob = await phones.phone('1002');
    const calls: IncomingCall[] = [];
    receive(bob, (call) => calls.push(call));
    const port = bob.address?.port ?? 0;
    const parts = { port: peer.port, target: `sip:1002@127.0.0.1:${port}`, callId: 'parts' };
    peer.send(wrapped(request('INVITE', { ...parts, body: SDP })), port);
    await peer.next('180');
    const answering = calls[0].answer();
    const ok = await finalTo('INVITE');
    assert.match(ok.startLine, /200/);
    assert.match(ok.header('Content-Type'), /^application\/sdp$/);
    assert.match(ok.body, /m=audio \d+ RTP\/AVP 0/);
    peer.send(request('ACK', { ...parts, to: ok.header('To') }), port);
    await answering;
    const to = ok.header('To');
    const moved = SDP.replace('4000', '4444').replace('o=- 1 1', 'o=- 1 2');
    peer.send(wrapped(request('INVITE', { ...parts, to, cseq: 2, body: moved })), port);
    const again = await finalTo('INVITE');
    assert.match(again.startLine, /200/);
    assert.match(again.body, /m=audio/);
    peer.send(request('ACK', { ...parts, to, cseq: 2 }), port);
    peer.send(
      wrapped(request('UPDATE', { ...parts, to, cseq: 3, body: moved.replace('4444', '4446') })),
      port,
    );
    const updated = await finalTo('UPDATE');
    assert.match(updated.startLine, /200/);
    assert.match(updated.body, /m=audio/);
    // Without an offer the answer comes in the ACK.
    peer.send(request('INVITE', { ...parts, to, cseq: 4 }), port);
    const offer = await finalTo('INVITE');
    assert.match(offer.body, /m=audio/);
    peer.send(wrapped(request('ACK', { ...parts, to, cseq: 4, body: SDP })), port);
    peer.send(request('INFO', { ...parts, to, cseq: 5 }), port);
    assert.match((await finalTo('INFO')).startLine, /200/);
    assert.equal(calls[0].state, 'answered');
    peer.send(request('BYE', { ...parts, to, cseq: 6 }), port);
    await finalTo('BYE');
  });

  it('are taken from the ACK of a late offer, and from the 183 and the 200 of a callee', async () => {
    const bob = await phones.phone('1002');
    const answered: Promise<unknown>[] = [];
    receive(bob, (call) => answered.push(call.answer()));
    const port = bob.address?.port ?? 0;
    const parts = { port: peer.port, target: `sip:1002@127.0.0.1:${port}`, callId: 'late' };
    peer.send(request('INVITE', parts), port);
    const ok = await finalTo('INVITE');
    peer.send(wrapped(request('ACK', { ...parts, to: ok.header('To'), body: SDP })), port);
    await Promise.all(answered);
    peer.send(request('BYE', { ...parts, to: ok.header('To'), cseq: 2 }), port);
    await finalTo('BYE');

    const alice = await phones.phone('1001');
    const target = `sip:bob@127.0.0.1:${peer.port}`;
    for (const status of ['183 Session Progress', '200 OK']) {
      const call = await alice.dial({ target });
      const invite = await peer.next('INVITE');
      const early = new Promise((resolve) => call.on('progress', resolve));
      const reply = { tag: status.slice(0, 3), contact: target, body: SDP };
      peer.send(wrapped(response(invite, status, reply)), invite.port);
      if (status.startsWith('183')) {
        await early;
        assert.equal(call.state, 'early-media');
        peer.send(response(invite, '200 OK', { ...reply, body: '' }), invite.port);
      }
      assert.equal((await call.outcome).kind, 'answered');
      const ended = call.hangup();
      const bye = await peer.next('BYE');
      peer.send(response(bye, '200 OK'), bye.port);
      await ended;
    }
  });

  it('are not taken beside a part that must be understood and is not: 415, with what would be', async () => {
    const bob = await phones.phone('1002');
    receive(bob, () => assert.fail('it cannot be taken'));
    const port = bob.address?.port ?? 0;
    const invite = request('INVITE', { port: peer.port, target: `sip:1002@127.0.0.1:${port}`, body: SDP });
    peer.send(wrapped(invite, [ISUP.replace('optional', 'required')]), port);
    const refused = await finalTo('INVITE');
    assert.match(refused.startLine, /415/);
    assert.equal(refused.header('Accept'), 'application/sdp, multipart/mixed');
    peer.send(
      wrapped(invite.replace(/branch=/, 'branch=z9hG4bKx')).replace('boundary="a b"', 'boundary=c'),
      port,
    );
    assert.match((await peer.next('400')).startLine, /Malformed Multipart/);
  });
});
