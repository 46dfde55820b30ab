import assert from 'node:assert/strict';
import { answered, Bench, failed, OFFER } from './support/endpoints';
import { response, SDP, type RawMessage, type RawPeer } from './support/raw-peer';

/** The answers themselves are checked against vectors in the unit tests; here the sequence of messages counts. */
describe('requests that are challenged', () => {
  const bench = new Bench();
  let peer: RawPeer;
  const credentials = { user: 'alice', password: 'secret' };

  beforeEach(async () => (peer = await bench.raw()));
  afterEach(() => bench.close(0));

  const target = (): string => `sip:bob@127.0.0.1:${peer.port}`;
  const reply = (to: RawMessage, status: string, parts: Parameters<typeof response>[2] = {}): void =>
    peer.send(response(to, status, { tag: 'far', ...parts }), to.port);
  const challenge = (nonce: string): string[] => [
    `WWW-Authenticate: Digest realm="lab", nonce="${nonce}", algorithm=SHA-256, qop="auth"`,
  ];

  it('sends the INVITE again with credentials, the same Call-ID and From tag, and the next CSeq', async () => {
    const alice = await bench.endpoint('alice', { credentials });
    const outcome = answered(alice.invite({ target: target(), body: OFFER, headers: { 'X-Keep': 'me' } }));
    const first = await peer.next('INVITE');
    reply(first, '407 Proxy Authentication Required', {
      headers: ['Proxy-Authenticate: Digest realm="proxy", nonce="p", qop="auth"'],
    });
    await peer.next('ACK');
    const second = await peer.next('INVITE');
    assert.match(
      second.header('Proxy-Authorization'),
      /^Digest username="alice", realm="proxy", nonce="p", uri="sip:bob@/,
    );
    assert.equal(second.header('CSeq'), '2 INVITE');
    reply(second, '401 Unauthorized', { headers: challenge('n') });
    await peer.next('ACK');
    const third = await peer.next('INVITE');
    for (const name of ['Call-ID', 'From', 'To', 'X-Keep', 'Contact']) {
      assert.equal(third.header(name), first.header(name), name);
    }
    assert.equal(third.header('CSeq'), '3 INVITE');
    assert.notEqual(third.header('Via'), first.header('Via'));
    assert.equal(third.body, SDP);
    assert.match(third.header('Authorization'), /algorithm=SHA-256.*nc=00000001/);
    assert.match(third.header('Proxy-Authorization'), /nc=00000002/);
    reply(third, '200 OK', { contact: target(), body: SDP });
    const ack = await peer.next('ACK');
    assert.equal(ack.header('CSeq'), '3 ACK');
    assert.equal(ack.header('Authorization'), third.header('Authorization'));
    const { dialog } = await outcome;

    const modified = dialog.request('INVITE', { body: OFFER });
    const reinvite = await peer.next('INVITE');
    reply(reinvite, '401 Unauthorized', { headers: challenge('n2') });
    await peer.next('ACK');
    const again = await peer.next('INVITE');
    assert.match(again.header('Authorization'), /nonce="n2"/);
    reply(again, '200 OK', { contact: target(), body: SDP });
    await peer.next('ACK');
    assert.equal((await modified).status, 200);

    const done = dialog.bye({ 'X-Bye': '1' });
    reply(await peer.next('BYE'), '401 Unauthorized', { headers: challenge('n3') });
    const bye = await peer.next('BYE');
    assert.match(bye.header('Authorization'), /nonce="n3"/);
    assert.equal(bye.header('X-Bye'), '1');
    reply(bye, '200 OK');
    await done;
    assert.equal(alice.counts.dialogs, 0);
  });

  it('reports 401 when the password is wrong', async () => {
    const alice = await bench.endpoint('alice', { credentials });
    const outcome = failed(alice.invite({ target: target(), body: OFFER }));
    // A new nonce that is not called stale gets one more try, because some servers forget to say it.
    for (const nonce of ['1', '2', '3']) {
      reply(await peer.next('INVITE'), '401 Unauthorized', { headers: challenge(nonce) });
    }
    const { response: final } = await outcome;
    assert.equal(final.status, 401);
    assert.match(final.diagnosis ?? '', /password/);
    assert.doesNotMatch(final.diagnosis ?? '', /secret/);
    assert.equal(peer.count('INVITE'), 3);
  });

  it('reports 401 without credentials', async () => {
    const alice = await bench.endpoint('alice');
    const outcome = failed(alice.invite({ target: target(), body: OFFER }));
    reply(await peer.next('INVITE'), '401 Unauthorized', { headers: challenge('1') });
    assert.equal((await outcome).response.status, 401);
  });

  it('does not start again when the call was given up meanwhile', async () => {
    const alice = await bench.endpoint('alice', { credentials });
    const call = alice.invite({ target: target(), body: OFFER });
    const outcome = failed(call);
    const invite = await peer.next('INVITE');
    call.cancel();
    reply(invite, '401 Unauthorized', { headers: challenge('1') });
    assert.equal((await outcome).response.status, 401);
    await peer.settled(alice.localAddress.port);
    assert.equal(peer.count('INVITE'), 1);
  });
});
