import assert from 'node:assert/strict';
import { SipflowError } from '../../../lib/common/errors';
import type { Peer, Sent } from '../../../lib/sip/transport/transport';
import { TransportManager } from '../../../lib/sip/transport/transport-manager';
import { Phones } from '../../support/phones';
import { RawPeer, response } from '../sip/support/raw-peer';

const SDP =
  'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n';

describe('an ACK that cannot be sent', () => {
  let phones: Phones;
  let peer: RawPeer;
  const transports: { post: (this: TransportManager, bytes: Buffer, to: Peer, sent: Sent) => void } =
    TransportManager.prototype;
  const { post } = transports;
  beforeEach(async () => {
    phones = new Phones({ mode: 'network' });
    peer = await RawPeer.open();
    transports.post = function (bytes, to, sent) {
      const lost = new SipflowError('TRANSPORT', 'Cannot send by UDP to the peer: no route.');
      if (bytes.toString('latin1', 0, 4) === 'ACK ') queueMicrotask(() => sent(lost));
      else post.call(this, bytes, to, sent);
    };
  });
  afterEach(async () => {
    transports.post = post;
    await phones.close();
    await peer.close();
  });

  it('ends the call by an error, with what the transport said as the reason', async () => {
    const phone = await phones.phone('1001');
    const contact = `sip:bob@127.0.0.1:${peer.port}`;
    const call = await phone.dial({ target: contact });
    const invite = await peer.next('INVITE');
    const ended = new Promise<void>((resolve) => call.on('ended', () => resolve()));
    peer.send(response(invite, '200 OK', { tag: 'bob', contact, body: SDP }), invite.port);
    await ended;
    const { state, endedBy, reason } = await call.info();
    assert.deepEqual([state, endedBy], ['ended', 'error']);
    assert.match(
      String(reason),
      /the ACK to the answer could not be sent: Cannot send by UDP to the peer: no route/,
    );
    assert.equal(call.lastSip.reason, reason);
  });
});
