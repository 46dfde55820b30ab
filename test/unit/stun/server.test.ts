import assert from 'node:assert/strict';
import { nameOfServer, parseStunServer } from '../../../lib/stun';

describe('the setting of a STUN server', () => {
  for (const [text, host, port, name] of [
    ['stun.example.com', 'stun.example.com', 3478, 'stun.example.com:3478'],
    [' stun.example.com:19302 ', 'stun.example.com', 19302, 'stun.example.com:19302'],
    ['stun:192.0.2.1:3479', '192.0.2.1', 3479, '192.0.2.1:3479'],
    ['[2001:db8::1]:3479', '2001:db8::1', 3479, '[2001:db8::1]:3479'],
    ['2001:db8::1', '2001:db8::1', 3478, '[2001:db8::1]:3478'],
  ] as const) {
    it(`reads ${text.trim()}`, () => {
      assert.deepEqual(parseStunServer(text), { host, port });
      assert.equal(nameOfServer(parseStunServer(text)), name);
    });
  }

  for (const text of ['', 'a b', 'host:0', 'host:65536', '[host]:3478', 'http://host', 'host:']) {
    it(`refuses "${text}"`, () => {
      assert.throws(() => parseStunServer(text), { code: 'BAD_CONFIG', message: /use host or host:port/ });
    });
  }
});
