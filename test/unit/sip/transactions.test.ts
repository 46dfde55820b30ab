import assert from 'node:assert/strict';
import type { SipResponse } from '../../../lib/sip/message/sip-message';
import { parseMessage } from '../../../lib/sip/message/parse-message';
import type { WrittenRequest, WrittenResponse } from '../../../lib/sip/message/written-message';
import { AnsweredInvites } from '../../../lib/sip/transaction/answered-invites';
import { ExpiringMap } from '../../../lib/sip/transaction/expiring-map';
import { ServerRequests } from '../../../lib/sip/transaction/server-requests';
import { SipRequest } from '../../../lib/sip/message/sip-message';
import { ManualClock } from '../../support/manual-clock';

const FROM = { transport: 'udp', address: '192.0.2.1', port: 5060 } as const;

function read<T extends SipRequest | SipResponse>(startLine: string, cseq: string, toTag: string): T {
  const text = `${startLine}\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKx\r\nFrom: <sip:a@x>;tag=a\r\nTo: <sip:b@x>;tag=${toTag}\r\nCall-ID: c\r\nCSeq: ${cseq}\r\n\r\n`;
  const result = parseMessage(Buffer.from(text));
  assert.equal(result.kind, 'message');
  return (result as { message: unknown }).message as T;
}

describe('SIP: what is left of finished transactions', () => {
  it('keeps entries for their time, with one timer for all of them', () => {
    const clock = new ManualClock();
    const expired: string[] = [];
    const map = new ExpiringMap<string>(clock, (value) => expired.push(value));
    map.set('a', 'A', 1000);
    clock.advance(10);
    map.set('b', 'B', 1000);
    clock.advance(989);
    assert.equal(map.get('a'), 'A');
    clock.advance(1);
    assert.deepEqual([map.get('a'), map.get('b'), expired], [undefined, 'B', ['A']]);
    clock.advance(250);
    assert.deepEqual([map.size, expired], [0, ['A', 'B']]);
    assert.equal(clock.pending, 0);
  });

  it('absorbs a request until it is answered, repeats the answer for 64·T1, and knows it no more', () => {
    const clock = new ManualClock();
    const sent: WrittenResponse[] = [];
    const servers = new ServerRequests(
      clock,
      false,
      () => '<sip:us>',
      (response) => sent.push(response),
    );
    const server = servers.open(read<SipRequest>('BYE sip:us SIP/2.0', '2 BYE', 'us'), FROM, 'key');
    assert.equal(servers.absorb('key'), true);
    assert.equal(sent.length, 0);
    server.respond({ status: 200 });
    server.respond({ status: 500 });
    assert.equal(servers.absorb('key'), true);
    assert.equal(sent.length, 2);
    assert.equal(sent[1].text, sent[0].text);
    assert.match(sent[0].text, /^SIP\/2\.0 200 OK\r\n/);
    clock.advance(32_000);
    assert.equal(servers.absorb('key'), false);
    assert.equal(servers.size, 0);
  });

  it('keeps no answer where nothing is sent again', () => {
    const servers = new ServerRequests(
      new ManualClock(),
      true,
      () => '<sip:us>',
      () => undefined,
    );
    servers
      .open(read<SipRequest>('INFO sip:us SIP/2.0', '2 INFO', 'us'), FROM, 'key')
      .respond({ status: 200 });
    assert.equal(servers.size, 0);
  });

  it('repeats the ACK of a 2xx that comes again, and ends each other fork once', () => {
    const clock = new ManualClock();
    const sent: WrittenRequest[] = [];
    const ended: string[] = [];
    const ack = (text: string): WrittenRequest => ({
      kind: 'request',
      text,
      method: 'ACK',
      callId: 'c',
      branch: 'b',
      protocol: 'UDP',
      uri: 'sip:b@x',
      route: undefined,
    });
    const invites = new AnsweredInvites(clock, (request) => sent.push(request));
    invites.add('key', 'first', ack('ACK first'), ({ toTag }) => {
      ended.push(toTag ?? '');
      return ack(`ACK ${toTag}`);
    });
    const ok = (tag: string): SipResponse => read<SipResponse>('SIP/2.0 200 OK', '1 INVITE', tag);
    for (const tag of ['first', 'second', 'second', 'first'])
      assert.equal(invites.receive('key', ok(tag)), true);
    assert.equal(invites.receive('key', read('SIP/2.0 180 Ringing', '1 INVITE', 'third')), true);
    assert.equal(invites.receive('other', ok('first')), false);
    assert.deepEqual(ended, ['second']);
    assert.deepEqual(
      sent.map(({ text }) => text),
      ['ACK first', 'ACK second', 'ACK first'],
    );
    clock.advance(32_000);
    assert.equal(invites.size, 0);
  });
});
