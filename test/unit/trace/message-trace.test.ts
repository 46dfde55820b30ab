import assert from 'node:assert/strict';
import { MessageTrace, type MessageRecord } from '../../../lib/trace';

function record(callId: string, extra = ''): MessageRecord {
  return {
    atMs: 1,
    direction: 'in',
    transport: 'udp',
    local: '127.0.0.1:5060',
    remote: '127.0.0.1:5062',
    bytes: Buffer.from(`OPTIONS sip:x SIP/2.0\r\nVia: x\r\n${callId}\r\n${extra}\r\n`),
  };
}

describe('the message trace', () => {
  it('keeps the messages of each call by Call-ID, in any spelling, and masks what is read', () => {
    const trace = new MessageTrace();
    trace.record(record('Call-ID: a', 'Authorization: Basic secret'));
    trace.record(record('i : b'));
    trace.record(record('CALL-ID:a'));
    trace.record(record('Subject: Call-ID: c'));
    assert.deepEqual(trace.calls, ['b', 'a']);
    assert.equal(trace.messages('a').length, 2);
    assert.match(trace.messages('a')[0].text, /Authorization: \*\*\*/);
    assert.deepEqual(trace.messages('unknown'), []);
    trace.clear();
    assert.deepEqual([trace.calls, trace.bytes], [[], 0]);
  });

  it('gives bytes of the same length for captures, and tells how many messages are forgotten', () => {
    const trace = new MessageTrace({ maxMessages: 2 });
    const secret = record('Call-ID: a', 'Authorization: Basic secret\r\nX: \xff');
    for (let count = 0; count < 5; count++) trace.record({ ...secret, atMs: count });
    const { messages, leftOut } = trace.capture('a');
    assert.equal(leftOut, 3);
    assert.deepEqual(
      messages.map(({ atMs, direction, local, bytes }) => [atMs, direction, local, bytes.length]),
      [3, 4].map((atMs) => [atMs, 'in', '127.0.0.1:5060', secret.bytes.length]),
    );
    assert.match(messages[0].bytes.toString(), /Authorization: \*{12}\r\n/);
    assert.deepEqual(trace.capture('unknown'), { messages: [], leftOut: 0 });
  });

  it('forgets the oldest messages of a call, and the calls that have been silent for longest', () => {
    const trace = new MessageTrace({ maxCalls: 2, maxMessages: 3 });
    for (let count = 0; count < 5; count++) trace.record(record('Call-ID: a', `N: ${count}`));
    assert.deepEqual(
      trace.messages('a').map(({ text }) => /N: (\d)/.exec(text)?.[1]),
      ['2', '3', '4'],
    );
    trace.record(record('Call-ID: b'));
    trace.record(record('Call-ID: a'));
    trace.record(record('Call-ID: c'));
    assert.deepEqual(trace.calls, ['a', 'c']);
  });

  it('keeps long calls whole, and gives the room of forgotten ones to others', () => {
    const trace = new MessageTrace({ maxCalls: 3 });
    const text = (call: number, message: number): string => `N: ${call}/${message} ${'é'.repeat(500)}`;
    for (let call = 0; call < 9; call++) {
      // From one message to far more than the room that a call begins with.
      for (let message = 0; message <= call * 4; message++) {
        trace.record({ ...record(`Call-ID: ${call}`, text(call, message)), atMs: message + 0.25 });
      }
    }
    assert.deepEqual(trace.calls, ['6', '7', '8']);
    for (const call of [6, 7, 8]) {
      const messages = trace.messages(String(call));
      assert.equal(messages.length, call * 4 + 1);
      messages.forEach(({ text: seen, ...facts }, message) => {
        assert.ok(seen.includes(`\r\n${text(call, message)}\r\n`));
        assert.deepEqual(facts, {
          atMs: message + 0.25,
          direction: 'in',
          transport: 'udp',
          local: '127.0.0.1:5060',
          remote: '127.0.0.1:5062',
        });
      });
    }
    assert.ok(trace.bytes > (25 + 29 + 33) * 1000);
  });

  it('stays within its bytes, whoever fills them', () => {
    const trace = new MessageTrace({ maxBytes: 5000 });
    for (let count = 0; count < 100; count++) {
      trace.record(record(`Call-ID: ${count % 7}`, `X: ${'x'.repeat(count * 20)}`));
      assert.ok(trace.bytes <= 5000);
    }
    for (let count = 0; count < 100; count++) trace.record(record('Call-ID: one', `X: ${'x'.repeat(900)}`));
    assert.ok(trace.bytes > 3000 && trace.bytes <= 5000);
    assert.deepEqual(trace.calls, ['one']);
    trace.record(record('Call-ID: giant', `X: ${'x'.repeat(6000)}`));
    assert.deepEqual(trace.calls, ['one']);
  });
});
