import assert from 'node:assert/strict';
import type { CallEventReport, Phone } from '../../../lib/calls';
import { connect, nextCall, Phones } from '../../support/phones';
import { RawPeer, request } from '../sip/support/raw-peer';

/** A key, or what a password could be guessed with. */
const SECRET = /inline:[A-Za-z0-9+/=]{20}|(?:response|cnonce)="?[0-9a-f]{8}|username="/i;

function eventsOf(phone: Phone): CallEventReport[] {
  const events: CallEventReport[] = [];
  phone.on('callEvent', (event) => events.push(event));
  return events;
}

describe('secrets in what a flow gets to see', () => {
  let phones: Phones;
  afterEach(() => phones.close());

  it('no media key of either side is in the trace of a call', async () => {
    phones = new Phones({ srtp: 'required' });
    const [alice, bob] = [await phones.phone('1001'), await phones.phone('1002')];
    const { out, in: incoming } = await connect(alice, bob);
    for (const call of [out, incoming]) {
      const text = call
        .trace()
        .map((each) => each.text)
        .join('\n');
      const lines = text.match(/^a=crypto:.*/gm) ?? [];
      assert.ok(lines.length >= 2, 'lines of the offer and one of the answer');
      for (const line of lines) assert.match(line, /^a=crypto:\d+ \S+ inline:\*\*\*/);
      assert.doesNotMatch(text, SECRET);
    }
    await out.hangup();
  });

  it('no digest of a caller is in its headers, in events, in the trace or in what is known of the call', async () => {
    phones = new Phones({ password: 'secret' });
    const bob = await phones.phone('1002', { authenticateIncoming: true, authUser: 'account' });
    const alice = await phones.phone('1001', { authUser: 'account' });
    const events = eventsOf(bob);
    const incoming = nextCall(bob);
    const call = await alice.dial({ target: '1002' });
    const received = await incoming;
    const [digest] = received.lastSip.headers?.['Authorization'] ?? [];
    assert.match(digest, /^Digest username=\*\*\*, realm="sipflow", nonce=\*\*\*, .*response=\*\*\*/);
    await received.answer();
    await call.outcome;
    const standing = await received.info();
    const over = received.waitFor('ended');
    await call.hangup();
    await over;
    const shown = [standing, await received.info(), events, received.trace(), call.trace()];
    assert.ok(events.some(({ event, sip }) => event === 'ended' && sip?.headers?.['Authorization']));
    assert.doesNotMatch(JSON.stringify(shown).replaceAll('\\"', '"'), SECRET);
  });

  it('no digest and no key of a text message is in its event', async () => {
    phones = new Phones({ mode: 'network' });
    const bob = await phones.phone('1002');
    const peer = await RawPeer.open();
    const events = eventsOf(bob);
    const { port } = bob.address ?? { port: 0 };
    const headers = [
      'Authorization: Digest username="x", realm="y", nonce="z", response="deadbeefdeadbeef", cnonce="0123456789"',
      'Proxy-Authorization: Basic c2VjcmV0c2VjcmV0',
    ];
    const body = 'v=0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:AAAAAAAAAAAAAAAAAAAAAAAAAAAA\r\n';
    peer.send(
      request('MESSAGE', { port: peer.port, target: `sip:1002@127.0.0.1:${port}`, headers, body }),
      port,
    );
    await peer.next('200');
    const [{ message }] = events;
    assert.deepEqual(message?.headers['Proxy-Authorization'], ['***']);
    assert.match(message?.text ?? '', /inline:\*\*\*/);
    assert.doesNotMatch(JSON.stringify(message).replaceAll('\\"', '"'), SECRET);
    await peer.close();
  });
});
