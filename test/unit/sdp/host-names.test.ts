import assert from 'node:assert/strict';
import { createAnswer, hostNames } from '../../../lib/sdp';
import { audioOf, local } from './local';
import { sdp } from './peers';

const offer = (...connections: string[]): string =>
  sdp('v=0', 'o=- 1 1 IN IP4 host.example', 's=-', 't=0 0', 'm=audio 6000 RTP/AVP 0', ...connections);

describe('sdp: host names in c= lines', () => {
  it('are told, each once and the first four, with the family that the line wants', () => {
    assert.deepEqual(
      hostNames(offer('c=IN IP4 media.example', 'c=in ip6 Six.example/127', 'c=IN IP4 media.example')),
      [
        { name: 'media.example', family: 4 },
        { name: 'Six.example', family: 6 },
      ],
    );
    const many = Array.from({ length: 1000 }, (_, index) => `c=IN IP4 h${index}.example`);
    assert.deepEqual(
      hostNames(offer(...many)).map(({ name }) => name),
      ['h0.example', 'h1.example', 'h2.example', 'h3.example'],
    );
  });

  it('are none: addresses, and what can be no name', () => {
    for (const address of [
      '192.0.2.1',
      '224.2.1.1/127',
      '::1',
      '[2001:db8::1]',
      '1.2.3.4.5',
      '-a.example',
      'a..b',
      'a_b.-c',
      '%00',
      `${'a.'.repeat(200)}example`,
      'a'.repeat(60_000),
    ]) {
      assert.deepEqual(hostNames(offer(`c=IN IP4 ${address}`)), [], address.slice(0, 40));
    }
  });

  it('become addresses in the negotiation where they are known', () => {
    const hosts = new Map([['media.example', '192.0.2.77']]);
    const text = offer('c=IN IP4 media.example');
    assert.equal(audioOf(createAnswer(text, local({ hosts }))).remote.address, '192.0.2.77');
    const unknown = createAnswer(text, local());
    assert.ok(!unknown.ok && unknown.reason === 'address');
    assert.match(unknown.diagnosis, /host name media\.example/);
  });
});
