import assert from 'node:assert/strict';
import { StreamFramer } from '../../../lib/sip/transport/stream-framer';
import { seededRandom } from '../../support/random';

const message = (body: string, length = `Content-Length: ${Buffer.byteLength(body)}`): string =>
  `OPTIONS sip:x SIP/2.0\r\nVia: x\r\n${length}\r\n\r\n${body}`;

describe('the stream framer', () => {
  it('cuts messages out of a stream, however its chunks are cut', () => {
    const random = seededRandom(18);
    const messages = [
      message(''),
      message('v=0\r\n\r\n\r\nÄ'),
      message('x', 'l :1 '),
      message('y'.repeat(5000)),
      message('', 'Subject: none'),
    ];
    const stream = Buffer.from(messages.join(''));
    for (let round = 0; round < 200; round++) {
      const framer = new StreamFramer();
      const found: string[] = [];
      for (let position = 0; position < stream.length;) {
        const size = Math.max(1, Math.floor(random() ** 4 * 1500));
        found.push(...framer.push(stream.subarray(position, position + size)).messages.map(String));
        position += size;
      }
      assert.deepEqual(found, messages);
    }
  });

  it('counts pings and ignores other line ends between messages', () => {
    const framer = new StreamFramer();
    assert.deepEqual(framer.push(Buffer.from('\r\n\r\n')), { messages: [], pings: 1, broken: false });
    assert.equal(framer.push(Buffer.from('\r\n')).pings, 0);
    assert.equal(framer.push(Buffer.from('\r\n')).pings, 1);
    const { messages, pings } = framer.push(Buffer.from(`\r\n${message('')}\r\n\r\n${message('')}`));
    assert.deepEqual([messages.length, pings], [2, 1]);
  });

  it('cannot go on behind a message whose length nobody knows, or that is too large, and hands on its head', () => {
    for (const lengths of [
      'Content-Length: 70000',
      'Content-Length: -1',
      'Content-Length: 4, 4',
      'Content-Length:',
      'Content-Length: 4\r\nl: 5',
    ]) {
      const framer = new StreamFramer();
      const head = message('', lengths);
      const { messages, broken } = framer.push(Buffer.from(head + message('')));
      assert.deepEqual([messages.map(String), broken], [[head], true]);
      assert.deepEqual(framer.push(Buffer.from(message(''))), { messages: [], pings: 0, broken: true });
    }
  });

  it('reads a length that is folded, said twice, or in odd letters', () => {
    for (const lengths of ['Content-Length:\r\n  4', 'l : 4\r\nCONTENT-LENGTH: 4', 'Content-Length: 0004']) {
      const framer = new StreamFramer();
      const { messages, broken } = framer.push(Buffer.from(`${message('body', lengths)}${message('')}`));
      assert.deepEqual([messages.length, broken], [2, false]);
    }
  });

  it('gives up on what is no SIP, and on a head that is too large, however slowly it comes', () => {
    assert.throws(
      () => new StreamFramer().push(Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')),
      RangeError,
    );
    const framer = new StreamFramer();
    const drip = Buffer.alloc(1000, 'x');
    assert.throws(() => {
      for (let count = 0; count < 100; count++) framer.push(drip);
    }, RangeError);
  });
});
