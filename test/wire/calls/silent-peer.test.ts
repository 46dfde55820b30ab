import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { Call } from '../../../lib/calls';
import { Phones } from '../../support/phones';
import { RawPeer, response, type RawMessage } from '../sip/support/raw-peer';

/** PCMU: version 2, sequence number 1, timestamp 160, 160 samples of silence. */
const PACKET = Buffer.concat([Buffer.from('80000001000000a0c0ffee00', 'hex'), Buffer.alloc(160, 0xff)]);

describe('a peer that falls silent in mid-call', () => {
  let phones: Phones;
  let peer: RawPeer;
  let voice: Socket;
  beforeEach(async () => {
    phones = new Phones({ mode: 'network', rtpTimeout: 0.3 });
    peer = await RawPeer.open();
    voice = createSocket('udp4');
    voice.bind(0, '127.0.0.1');
    await once(voice, 'listening');
  });
  afterEach(async () => {
    await phones.close();
    await peer.close();
    const closed = once(voice, 'close');
    voice.close();
    await closed;
  });

  /** A call that the peer has answered and, unless it is to say nothing at all, said one packet in. */
  async function standing({
    mute = false,
    at = '127.0.0.1',
    direction = 'sendrecv',
  }: { mute?: boolean; at?: string; direction?: string } = {}): Promise<{
    call: Call;
    silence: Promise<void>;
    reply: (to: RawMessage, status: string) => void;
  }> {
    const phone = await phones.phone('1001');
    const target = `sip:bob@127.0.0.1:${peer.port}`;
    const call = await phone.dial({ target });
    const invite = await peer.next('INVITE');
    const body = `v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 ${at}\r\nt=0 0\r\nm=audio ${voice.address().port} RTP/AVP 0\r\na=${direction}\r\n`;
    peer.send(response(invite, '200 OK', { tag: 'bob', contact: target, body }), invite.port);
    await call.outcome;
    // It may come while the test does something else.
    const silence = new Promise<void>((resolve) => call.on('rtpTimeout', resolve));
    const port = Number(/^m=audio (\d+)/m.exec(invite.body)?.[1]);
    if (!mute) voice.send(PACKET, port, '127.0.0.1');
    return {
      call,
      silence,
      reply: (to, status) => peer.send(response(to, status, { tag: 'bob' }), invite.port),
    };
  }

  it('is asked; with 481 the call ends, and a recording says TIMEOUT', async () => {
    const { call, silence, reply } = await standing();
    const recording = await call.record({ file: 'silent.wav' });
    const ended = call.waitFor('ended');
    await silence;
    reply(await peer.next('OPTIONS'), '481 Call/Transaction Does Not Exist');
    assert.equal((await recording.finished).failure?.code, 'TIMEOUT');
    assert.equal(await ended, 'event');
    const { state, endedBy, reason } = await call.info();
    assert.deepEqual([state, endedBy], ['ended', 'error']);
    assert.match(String(reason), /no audio for 0.3 s/);
  });

  it('is asked again and again, and the call stands as long as it answers', async () => {
    const { call, reply } = await standing();
    for (let n = 0; n < 3; n++) reply(await peer.next('OPTIONS'), '200 OK');
    assert.equal(call.state, 'answered');
    const gone = call.hangup();
    reply(await peer.next('BYE'), '200 OK');
    await gone;
  });

  it('is asked when it has never said anything, too, and the call ends when it is gone', async () => {
    const { call, reply } = await standing({ mute: true });
    const ended = call.waitFor('ended');
    reply(await peer.next('OPTIONS'), '200 OK');
    reply(await peer.next('OPTIONS'), '481 Call/Transaction Does Not Exist');
    assert.equal(await ended, 'event');
    assert.match(String((await call.info()).reason), /no audio for 0.3 s/);
  });

  for (const [what, promise] of [
    ['only wants to listen', { direction: 'recvonly' }],
    ['wants neither to speak nor to listen', { direction: 'inactive' }],
    ['holds the call with the address 0.0.0.0', { at: '0.0.0.0' }],
  ] as const) {
    it(`is not asked when it ${what}`, async () => {
      const { call, silence, reply } = await standing({ mute: true, ...promise });
      let silent = false;
      void silence.then(() => (silent = true));
      assert.equal(await call.waitFor('ended', { timeout: 1 }), 'timeout');
      assert.equal(silent, false);
      const gone = call.hangup();
      reply(await peer.next('BYE'), '200 OK');
      await gone;
      assert.equal(peer.received.filter(({ text }) => text.startsWith('OPTIONS')).length, 0);
    });
  }

  it('is not asked before the call is answered, and has its whole time from then on', async () => {
    const phone = await phones.phone('1001');
    const target = `sip:bob@127.0.0.1:${peer.port}`;
    const call = await phone.dial({ target });
    const invite = await peer.next('INVITE');
    const body = `v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio ${voice.address().port} RTP/AVP 0\r\n`;
    const silence = new Promise<void>((resolve) => call.on('rtpTimeout', resolve));
    const progress = { tag: 'bob', contact: target, body };
    peer.send(response(invite, '183 Session Progress', progress), invite.port);
    await silence;
    peer.send(response(invite, '200 OK', progress), invite.port);
    await call.outcome;
    const answered = performance.now();
    peer.send(response(await peer.next('OPTIONS'), '481 Gone', { tag: 'bob' }), invite.port);
    assert.ok(performance.now() - answered >= 290);
    await call.waitFor('ended');
  });
});
