import assert from 'node:assert/strict';
import { MessageTrace } from '../../../lib/trace';
import { Bench, failed, OFFER } from './support/endpoints';
import { response } from './support/raw-peer';

describe('the trace of an endpoint', () => {
  const bench = new Bench();
  afterEach(() => bench.close(0));

  it('shows every message of a call with time, direction and addresses, and no credentials', async () => {
    const trace = new MessageTrace();
    const peer = await bench.raw();
    const credentials = { user: 'alice', password: 'secret' };
    const alice = await bench.endpoint('alice', { credentials }, { trace: (record) => trace.record(record) });
    const call = alice.invite({ target: `sip:bob@127.0.0.1:${peer.port}`, body: OFFER });
    const outcome = failed(call);
    const challenge = ['WWW-Authenticate: Digest realm="lab", nonce="n1", qop="auth"'];
    const first = await peer.next('INVITE');
    peer.send(response(first, '401 Unauthorized', { tag: 'x', headers: challenge }), first.port);
    const second = await peer.next('INVITE');
    const sent = /response="(\w+)"/.exec(second.header('Authorization'))?.[1] ?? 'none';
    peer.send(response(second, '486 Busy Here', { tag: 'x' }), second.port);
    await outcome;
    await peer.settled(alice.localAddress.port);

    const messages = trace.messages(call.callId);
    assert.deepEqual(
      messages.map(({ direction, text }) => `${direction} ${text.split('\r\n')[0].replace(/ sip:.*/, '')}`),
      [
        'out INVITE',
        'in SIP/2.0 401 Unauthorized',
        'out ACK',
        'out INVITE',
        'in SIP/2.0 486 Busy Here',
        'out ACK',
      ],
    );
    const [invite] = messages;
    assert.equal(invite.remote, `127.0.0.1:${peer.port}`);
    assert.equal(invite.local, `127.0.0.1:${alice.localAddress.port}`);
    assert.equal(invite.transport, 'udp');
    assert.ok(Math.abs(invite.atMs - Date.now()) < 60_000);
    const text = messages.map((each) => each.text).join('');
    assert.ok(text.includes('Authorization: Digest'));
    assert.ok(!text.includes(sent), 'the response to the challenge is masked');
  });
});
