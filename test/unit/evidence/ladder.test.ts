import assert from 'node:assert/strict';
import { LADDER_LIMITS, ladderOf, ladderText, type LadderCall } from '../../../lib/evidence';
import { rowLines } from '../../support/ladder';
import { callOf, sdp, SDP_TYPE, traced } from './messages';

const INVITE = 'INVITE sip:1002@b SIP/2.0';
const RINGING = 'SIP/2.0 180 Ringing';

describe('a ladder', () => {
  it('of nothing is empty', () => {
    const ladder = ladderOf({ calls: [] });
    assert.deepEqual([ladder.startedAt, ladder.lanes, ladder.rows], [null, [], []]);
  });

  it('names the software, and a number only where there is one', () => {
    const via = ['Via: SIP/2.0/UDP 10.0.0.2', 'User-Agent: Softphone 1'];
    const call = callOf([
      traced(0, INVITE),
      traced(5, 'SIP/2.0 200 OK', { direction: 'in', fields: ['Server: Asterisk PBX 20'] }),
      traced(9, 'BYE sip:1001@a SIP/2.0', { direction: 'in', fields: via }),
    ]);
    const [, one] = ladderOf({ calls: [call] }).lanes;
    assert.deepEqual([one.name, one.software], ['1002', 'Asterisk PBX 20']);
    const second = { ...call, ref: { ...call.ref, id: 'call-2', to: 'sip:1003@b' } };
    const [, server] = ladderOf({ calls: [call, second] }).lanes;
    assert.deepEqual([server.name, server.number], ['Asterisk PBX 20', undefined]);
  });

  it('does not take the software of a caller behind a proxy for that of the proxy', () => {
    const fields = ['Via: SIP/2.0/UDP 10.0.0.2', 'Via: SIP/2.0/UDP 10.0.0.9', 'User-Agent: Softphone 1'];
    const { lanes } = ladderOf({ calls: [callOf([traced(0, INVITE, { direction: 'in', fields })])] });
    assert.deepEqual(
      lanes.map(({ software }) => software),
      [undefined, undefined],
    );
  });

  it('knows a phone behind NAT by a message that both have seen', () => {
    const message = traced(0, INVITE, { local: '192.168.0.5:5060' });
    const seen = {
      ...message,
      atMs: 3,
      direction: 'in' as const,
      local: '10.0.0.2:5060',
      remote: '203.0.113.7:61234',
    };
    const other = callOf([seen]);
    const ladder = ladderOf({
      calls: [callOf([message]), { ...other, ref: { ...other.ref, id: 'call-2', direction: 'in' } }],
    });
    assert.equal(ladder.rows.length, 1);
    assert.deepEqual(
      ladder.lanes.map(({ address, aliases }) => [address, aliases]),
      [
        ['192.168.0.5:5060', ['203.0.113.7:61234']],
        ['10.0.0.2:5060', []],
      ],
    );
  });

  it('keeps a relay between two phones apart from both', () => {
    const relay = '10.0.0.9:5060';
    const message = traced(0, INVITE, { remote: relay });
    const seen = { ...message, direction: 'in' as const, local: '10.0.0.2:5060' };
    const { lanes } = ladderOf({
      calls: [callOf([message]), { ...callOf([seen]), ref: { ...callOf([]).ref, id: 'call-2' } }],
    });
    assert.ok(lanes.some(({ address }) => address === relay));
  });

  it('takes the connections of one peer for one participant', () => {
    const messages = [
      traced(0, INVITE, { transport: 'tls', remote: '10.0.0.2:5061' }),
      traced(5, 'BYE sip:1001@a SIP/2.0', { transport: 'tls', direction: 'in', remote: '10.0.0.2:49152' }),
    ];
    const { lanes } = ladderOf({ calls: [callOf(messages)] });
    assert.deepEqual(
      lanes.map(({ address, aliases }) => [address, aliases]),
      [
        ['10.0.0.1:5060', []],
        ['10.0.0.2:5061', ['10.0.0.2:49152']],
      ],
    );
    assert.equal(
      ladderOf({ calls: [callOf(messages.map((each) => ({ ...each, transport: 'udp' })))] }).lanes.length,
      3,
    );
  });

  it('never shows a message as received before it was sent, although the clock has only milliseconds', () => {
    const invite = traced(7, INVITE);
    const ringing = traced(7, RINGING, { direction: 'in' });
    const turned = (message: typeof invite): typeof invite => ({
      ...message,
      direction: message.direction === 'out' ? 'in' : 'out',
      local: message.remote,
      remote: message.local,
    });
    const caller = callOf([invite, ringing]);
    const callee = {
      ...callOf([turned(invite), turned(ringing)]),
      ref: { ...caller.ref, id: 'call-2', direction: 'in' as const },
    };
    for (const calls of [
      [caller, callee],
      [callee, caller],
    ]) {
      assert.deepEqual(
        rowLines(ladderOf({ calls })).map((line) => line.split(': ')[1]),
        ['INVITE | 1002', '180 Ringing | '],
      );
    }
  });

  it('puts a description in a word', () => {
    const pcm = 'm=audio 4000 RTP/AVP 0 8 101';
    const event = 'a=rtpmap:101 telephone-event/8000';
    const words: Record<string, string> = {
      [sdp(pcm, event)]: 'PCMU PCMA te101',
      [sdp(pcm, event, 'a=sendonly')]: 'PCMU PCMA te101 hold (sendonly)',
      [sdp(pcm, event, 'a=inactive')]: 'PCMU PCMA te101 hold (inactive)',
      [sdp(pcm, event, 'a=recvonly')]: 'PCMU PCMA te101 recvonly',
      [sdp(pcm, event, 'c=IN IP4 0.0.0.0')]: 'PCMU PCMA te101 hold (0.0.0.0)',
      [sdp(pcm, event, 'c=IN IP4 172.16.0.9')]: 'PCMU PCMA te101 @172.16.0.9',
      [sdp('m=audio 4000 RTP/SAVP 9', 'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:***')]: 'G722 encrypted',
      [sdp('m=audio 4000 RTP/AVP 96', 'a=rtpmap:96 opus/48000/2', 'm=video 5000 RTP/AVP 97')]: 'opus +video',
      [sdp('m=audio 0 RTP/AVP 0')]: 'refused',
      'v=0\r\nm=?\r\n': 'SDP unreadable',
    };
    for (const [body, word] of Object.entries(words)) {
      const call = callOf([traced(0, INVITE, { fields: [SDP_TYPE], body })]);
      assert.equal(rowLines(ladderOf({ calls: [call] }))[0], `1001 > 1002: INVITE | 1002 · offer ${word}`);
    }
  });

  it('tells offer from answer when the offer comes late, and finds it in a multipart body', () => {
    const body = sdp('m=audio 4000 RTP/AVP 0');
    const multipart = `--x\r\nContent-Type: text/plain\r\n\r\nhello\r\n--x\r\nContent-Type: application/sdp\r\n\r\n${body}--x--\r\n`;
    const calls = [
      callOf([
        traced(0, INVITE),
        traced(1, 'SIP/2.0 200 OK', {
          direction: 'in',
          fields: ['Content-Type: multipart/mixed;boundary=x'],
          body: multipart,
        }),
        traced(2, 'ACK sip:1002@b SIP/2.0', { fields: [SDP_TYPE], body }),
      ]),
    ];
    assert.deepEqual(
      rowLines(ladderOf({ calls })).map((line) => line.split(' | ')[1]),
      ['1002', 'offer PCMU @10.0.0.1', '1002 · answer PCMU'],
    );
  });

  it('says what matters of other messages', () => {
    const inDialog = 'To: <sip:1002@b>;tag=2';
    const request = (method: string, fields: string[], body = ''): string => {
      const message = traced(0, `${method} sip:1002@b SIP/2.0`, { fields, body });
      const text = message.text.replace('To: <sip:1002@b>', inDialog);
      return rowLines(ladderOf({ calls: [callOf([{ ...message, text }])] }))[0]
        .split(': ')
        .slice(1)
        .join(': ');
    };
    const response = (line: string, fields: string[]): string =>
      rowLines(ladderOf({ calls: [callOf([traced(0, line, { direction: 'in', fields })])] }))[0]
        .split(': ')
        .slice(1)
        .join(': ');
    assert.equal(request('INVITE', []), 're-INVITE | ');
    assert.equal(
      request('INFO', ['c: application/dtmf-relay'], 'Signal=5\r\nDuration=160\r\n'),
      'INFO | DTMF 5',
    );
    assert.equal(request('REFER', ['r: <sip:1003@b?Replaces=x>']), 'REFER | → 1003 (Replaces)');
    assert.equal(request('BYE', ['Reason: Q.850;cause=16']), 'BYE | Q.850;cause=16');
    assert.equal(
      response('SIP/2.0 302 Moved Temporarily', ['m: <sip:1009@c>']),
      '302 Moved Temporarily | → 1009',
    );
    assert.equal(
      response('SIP/2.0 488 Not Acceptable Here', ['Warning: 304 x "No codec"']),
      '488 Not Acceptable Here | 304 x "No codec"',
    );
    assert.equal(response('garbage', []), 'unreadable | ');
  });

  const node = { id: 'n', name: '', type: 'sip-expect' };
  const check = {
    node,
    what: 'codec',
    operator: 'isNot',
    wanted: 'PCMU',
    got: 'PCMA',
    severity: 'error' as const,
    call: 'call-1',
  };

  it('has steps, checks, digits and recordings where they happened', () => {
    const call = callOf([traced(1_000, INVITE), traced(1_050, RINGING, { direction: 'in' })], {
      recordings: ['spool/a/heard.wav'],
    });
    const ladder = ladderOf({
      calls: [call],
      startedAtMs: 990,
      steps: [
        {
          node: { id: 'm', name: 'Call the bank', type: 'sip-make-call' },
          atMs: 10,
          outcome: 'ringing',
          call: 'call-1',
        },
      ],
      checks: [
        { ...check, atMs: 20, ok: true },
        { ...check, atMs: 30, ok: false },
        { ...check, atMs: 40, ok: false, severity: 'warning', call: undefined },
      ],
      marks: [{ kind: 'digit', atMs: 70, text: '5', call: 'call-1' }],
    });
    assert.deepEqual(rowLines(ladder), [
      '1001 step: Call the bank: ringing',
      '1001 > 1002: INVITE | 1002',
      '1001 passed: codec is not PCMU',
      '1001 failed: codec is not PCMU, got PCMA',
      'warning: codec is not PCMU, got PCMA',
      '1002 > 1001: 180 Ringing | ',
      '1001 recording: recording heard.wav',
      '1001 digit: 5',
    ]);
    assert.deepEqual(
      ladder.rows.map(({ atMs, deltaMs }) => [atMs, deltaMs]),
      [
        [10, 0],
        [10, 0],
        [20, 10],
        [30, 10],
        [40, 10],
        [60, 20],
        [60, 0],
        [70, 10],
      ],
    );
    assert.equal(ladder.startedAt, '1970-01-01T00:00:00.990Z');
  });

  it('says that no packets came', () => {
    const rtp = { sent: { packets: 100 }, received: { packets: 0, lost: 0, jitterMs: 0 } };
    const info = {
      codec: 'G722',
      srtp: true,
      answeredAt: '1970-01-01T00:00:01.000Z',
      endedAt: null,
      mos: null,
      rtp,
    };
    const call = callOf([traced(0, INVITE), traced(1_000, 'SIP/2.0 200 OK', { direction: 'in' })], { info });
    assert.equal(
      rowLines(ladderOf({ calls: [call] }))[2],
      '1001 = 1002: G722 encrypted · → 100 packets · ← no packets',
    );
    const korean = rowLines(ladderOf({ calls: [call], language: 'ko' }));
    assert.equal(korean[2], '1001 = 1002: G722 암호화 · → 패킷 100개 · ← 패킷 없음');
  });

  it('keeps to its limits, says what it left out, and keeps the end', () => {
    const many = (count: number): LadderCall =>
      callOf(
        Array.from({ length: count }, (_, n) =>
          traced(n, `${INVITE}`, { fields: [`N: ${n}`], remote: `10.0.${n % 40}.2:5060` }),
        ),
      );
    const ladder = ladderOf({
      calls: [many(5_000)],
      checks: Array.from({ length: 600 }, (_, n) => ({ ...check, atMs: n, ok: true })),
    });
    assert.equal(ladder.leftOut.messages, 5_000 - LADDER_LIMITS.messages);
    assert.equal(ladder.leftOut.marks, 100);
    assert.equal(ladder.lanes.length, LADDER_LIMITS.lanes);
    assert.equal(ladder.lanes.at(-1)?.name, 'others');
    assert.equal(ladder.leftOut.lanes, 41 - LADDER_LIMITS.lanes);
    assert.equal(ladder.rows.length, LADDER_LIMITS.rows + 1);
    const gap = ladder.rows.find(({ kind }) => kind === 'gap');
    assert.ok(gap?.kind === 'gap' && gap.rows === 4_000 + LADDER_LIMITS.marks - LADDER_LIMITS.rows);
    const last = ladder.rows.at(-1);
    assert.ok(last?.kind === 'message' && last.text.includes('N: 4999'));
    assert.match(ladderText(ladder), /4000 rows left out/);

    const long = ladderOf({
      calls: [callOf([traced(0, INVITE, { fields: [`X: ${'y'.repeat(60_000)}`], body: 'z' })])],
    });
    assert.ok(long.leftOut.characters > 40_000);
    assert.ok(JSON.stringify(long).length < 2 * LADDER_LIMITS.text);
  });
});
