import assert from 'node:assert/strict';
import { answered, Bench, failed, OFFER } from './support/endpoints';
import { response, SDP, type RawMessage, type RawPeer } from './support/raw-peer';

describe('redirected calls', () => {
  const bench = new Bench();
  let first: RawPeer;
  let second: RawPeer;
  let third: RawPeer;
  beforeEach(async () => {
    [first, second, third] = [await bench.raw(), await bench.raw(), await bench.raw()];
  });
  afterEach(() => bench.close(0));

  const uri = (peer: RawPeer, user = 'bob'): string => `sip:${user}@127.0.0.1:${peer.port}`;
  const reply = (peer: RawPeer, to: RawMessage, status: string, headers: string[] = []): void =>
    peer.send(response(to, status, { tag: 't', headers }), to.port);

  it('are reported with their contacts when nobody asked to follow them', async () => {
    const alice = await bench.endpoint('alice');
    const outcome = failed(alice.invite({ target: uri(first), body: OFFER }));
    reply(first, await first.next('INVITE'), '302 Moved Temporarily', [`Contact: <${uri(second)}>`]);
    const { response: info } = await outcome;
    assert.deepEqual([info.status, info.headers['Contact']], [302, [`<${uri(second)}>`]]);
    await second.settled(alice.localAddress.port);
    assert.equal(second.count('INVITE'), 0);
  });

  it('go to the contacts by preference, with the same Call-ID, From and To, and the next CSeq', async () => {
    const alice = await bench.endpoint('alice');
    const call = alice.invite({ target: uri(first), body: OFFER, followRedirects: true });
    const outcome = answered(call);
    const original = await first.next('INVITE');
    reply(first, original, '302 Moved Temporarily', [
      `Contact: <${uri(third, 'last')}>;q=0.2, <${uri(second, 'best')}>;q=0.9, <mailto:x@y>`,
    ]);
    const toSecond = await second.next('INVITE');
    assert.equal(toSecond.startLine, `INVITE ${uri(second, 'best')} SIP/2.0`);
    for (const name of ['Call-ID', 'From', 'To']) assert.equal(toSecond.header(name), original.header(name));
    assert.equal(toSecond.header('CSeq'), '2 INVITE');
    assert.equal(toSecond.body, SDP);
    reply(second, toSecond, '486 Busy Here');
    const toThird = await third.next('INVITE');
    assert.equal(toThird.header('CSeq'), '3 INVITE');
    third.send(
      response(toThird, '200 OK', { tag: 'z', contact: uri(third), body: SDP }),
      alice.localAddress.port,
    );
    const { dialog } = await outcome;
    await third.next('ACK');
    const gone = dialog.bye();
    reply(third, await third.next('BYE'), '200 OK');
    await gone;
  });

  it('end after five contacts, and when two peers send the call to each other', async () => {
    const alice = await bench.endpoint('alice');
    const loop = failed(alice.invite({ target: uri(first), body: OFFER, followRedirects: true }));
    reply(first, await first.next('INVITE'), '302 Moved Temporarily', [`Contact: <${uri(second)}>`]);
    reply(second, await second.next('INVITE'), '301 Moved Permanently', [`Contact: <${uri(first)}>`]);
    assert.equal((await loop).response.status, 301);

    const chase = failed(alice.invite({ target: uri(third, 'u0'), body: OFFER, followRedirects: true }));
    for (let hop = 0; hop <= 5; hop++) {
      const invite = await third.next(`INVITE sip:u${hop}@`);
      reply(third, invite, '302 Moved Temporarily', [`Contact: <${uri(third, `u${hop + 1}`)}>`]);
    }
    assert.equal((await chase).response.status, 302);
    await third.settled(alice.localAddress.port);
    assert.equal(third.count('INVITE sip:u6@'), 0);
  });

  it('stop at 603, which speaks for every place', async () => {
    const alice = await bench.endpoint('alice');
    const declined = failed(alice.invite({ target: uri(first), body: OFFER, followRedirects: true }));
    reply(first, await first.next('INVITE'), '300 Multiple Choices', [
      `Contact: <${uri(second)}>, <${uri(third)}>`,
    ]);
    reply(second, await second.next('INVITE'), '603 Decline');
    assert.equal((await declined).response.status, 603);
    await third.settled(alice.localAddress.port);
    assert.equal(third.count('INVITE'), 0);
  });
});
