import assert from 'node:assert/strict';
import { mergePcaps, pcapOf, readPcap, type PcapCall, type PcapPacket } from '../../../lib/evidence';
import { readFrames, streamsOf } from '../../support/pcap-reader';

type Message = PcapCall['messages'][number];

const SDP = [
  'v=0',
  'o=- 1 1 IN IP4 10.0.0.1',
  's=-',
  'c=IN IP4 10.0.0.1',
  't=0 0',
  'm=audio 4000 RTP/SAVP 0 101',
  'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:****************************************',
  'a=sendrecv',
  '',
].join('\r\n');

function sip(method: string, body = '', extra: string[] = []): string {
  return [
    `${method} sip:1002@10.0.0.2 SIP/2.0`,
    'Call-ID: c',
    ...extra,
    ...(body ? ['Content-Type: application/sdp'] : []),
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n');
}

function message(text: string, overrides: Partial<Message> = {}): Message {
  return {
    atMs: 1_700_000_000_000,
    direction: 'out',
    transport: 'udp',
    local: '10.0.0.1:5060',
    remote: '10.0.0.2:5070',
    bytes: Buffer.from(text, 'latin1'),
    ...overrides,
  };
}

function packet(overrides: Partial<PcapPacket> = {}): PcapPacket {
  const bytes = Buffer.alloc(172, 0xd5);
  bytes.writeUInt16BE(0x8000);
  return {
    atMs: 1_700_000_000_500.25,
    direction: 'in',
    local: '10.0.0.1:4000',
    remote: '10.0.0.2:4002',
    bytes,
    length: bytes.length,
    ...overrides,
  };
}

describe('a call as a capture', () => {
  it('has its messages and packets in order of time, whole and with right sums', () => {
    const odd = sip('OPTIONS', '', ['X-Odd: \xff\x00é!']);
    const file = pcapOf([
      {
        messages: [message(odd), message(sip('BYE'), { atMs: 1_700_000_001_000, direction: 'in' })],
        packets: [packet()],
      },
    ]);
    const frames = readFrames(file);
    assert.deepEqual(
      frames.map(({ atMs, protocol, from, to, length }) => [
        atMs - 1_700_000_000_000,
        protocol,
        from,
        to,
        length,
      ]),
      [
        [0, 'udp', '10.0.0.1:5060', '10.0.0.2:5070', odd.length],
        [500.25, 'udp', '10.0.0.2:4002', '10.0.0.1:4000', 172],
        [1000, 'udp', '10.0.0.2:5070', '10.0.0.1:5060', sip('BYE').length],
      ],
    );
    assert.equal(frames[0].payload.toString('latin1'), odd, 'bytes as they were');
    assert.deepEqual(frames[1].payload, packet().bytes);
  });

  it('tells the length of a packet of which only the beginning is there', () => {
    const [frame] = readFrames(
      pcapOf([{ messages: [], packets: [packet({ bytes: packet().bytes.subarray(0, 12) })] }]),
    );
    assert.deepEqual([frame.payload.length, frame.length], [12, 172]);
  });

  it('writes streams of any kind as TCP whose numbers follow, in segments that Ethernet can carry', () => {
    for (const transport of ['tcp', 'tls', 'ws', 'wss', 'TLS']) {
      const long = sip('MESSAGE', 'x'.repeat(5000));
      const texts = [sip('INVITE', SDP), long, sip('BYE')];
      const file = pcapOf([
        {
          messages: [
            message(texts[0], { transport }),
            message('SIP/2.0 100 Trying\r\n\r\n', { transport, direction: 'in' }),
            message(texts[1], { transport }),
            message(texts[2], { transport }),
          ],
        },
      ]);
      const frames = readFrames(file);
      assert.ok(frames.length > 6);
      assert.ok(readPcap(file).every(({ bytes }) => bytes.length <= 1514));
      const streams = streamsOf(frames);
      assert.equal(streams.get('10.0.0.1:5060 > 10.0.0.2:5070'), texts.join(''));
      assert.equal(streams.get('10.0.0.2:5070 > 10.0.0.1:5060'), 'SIP/2.0 100 Trying\r\n\r\n');
    }
  });

  it('moves messages from ports of TLS and HTTP to that of SIP, but only those that were in them', () => {
    const at = (transport: string, remote: string): string =>
      readFrames(pcapOf([{ messages: [message(sip('BYE'), { transport, remote })] }]))[0].to;
    assert.equal(at('tls', '10.0.0.2:5061'), '10.0.0.2:5060');
    assert.equal(at('wss', '10.0.0.2:443'), '10.0.0.2:5060');
    assert.equal(at('tcp', '10.0.0.2:443'), '10.0.0.2:443');
    assert.equal(at('tls', '10.0.0.2:15061'), '10.0.0.2:15061');
  });

  it('describes decrypted audio as such, with the right length, and leaves SIP alone where no audio is there', () => {
    const invite = message(sip('INVITE', SDP));
    const [withAudio] = readFrames(pcapOf([{ messages: [invite], packets: [packet()] }]));
    const text = withAudio.payload.toString('latin1');
    const [, body] = text.split('\r\n\r\n');
    assert.match(text, /\r\nm=audio 4000 RTP\/AVP 0 101\r\na=sendrecv\r\n$/);
    assert.doesNotMatch(text, /crypto|SAVP/);
    assert.equal(Number(/Content-Length: (\d+)/.exec(text)?.[1]), body.length);
    const compact = sip('INVITE', SDP.replace('SAVP', 'SAVPF')).replace('Content-Length', 'l');
    const [frame] = readFrames(pcapOf([{ messages: [message(compact)], packets: [packet()] }]));
    assert.match(frame.payload.toString(), new RegExp(`\r\nl: ${body.length + 1}\r\n[^]*RTP/AVPF 0`));
    const [without] = readFrames(pcapOf([{ messages: [invite] }]));
    assert.equal(without.payload.toString('latin1'), sip('INVITE', SDP));
  });

  it('takes texts of a trace too, whose masks have made them shorter', () => {
    const body = SDP.replace(/\*+/, '***');
    const text = sip('INVITE', body).replace(/Content-Length: \d+/, 'Content-Length: 300');
    const { atMs, direction, transport, local, remote } = message('');
    const traced = { atMs, direction, transport, local, remote, text: `${text}é` };
    const [frame] = readFrames(pcapOf([{ messages: [traced] }]));
    const length = Buffer.byteLength(`${body}é`);
    assert.match(frame.payload.toString(), new RegExp(`Content-Length: ${length}\r\n`));
    assert.equal(frame.payload.toString().split('\r\n\r\n')[1], `${body}é`);
  });

  it('writes IPv6, with zones, mapped and dotted addresses; an unknown one becomes one that nobody has', () => {
    const ends = (local: string, remote: string): string[] => {
      const [{ from, to }] = readFrames(pcapOf([{ messages: [message(sip('BYE'), { local, remote })] }]));
      return [from, to];
    };
    assert.deepEqual(ends('[2001:db8::7]:5060', '[fe80::1%eth0]:5070'), [
      '[2001:db8::7]:5060',
      '[fe80::1]:5070',
    ]);
    assert.deepEqual(ends('10.0.0.1:5060', '[::ffff:10.0.0.9]:5070'), ['10.0.0.1:5060', '10.0.0.9:5070']);
    assert.deepEqual(ends('[64:ff9b::10.0.0.1]:1', '[1:2:3:4:5:6:7:8]:2'), [
      '[64:ff9b::a00:1]:1',
      '[1:2:3:4:5:6:7:8]:2',
    ]);
    assert.deepEqual(ends('10.0.0.1:5060', 'pbx.example.com:5070'), ['10.0.0.1:5060', '192.0.2.1:5070']);
    assert.deepEqual(ends('[::1]:5060', '[1::2::3]:70000'), ['[::1]:5060', '[2001:db8::1]:0']);
    assert.deepEqual(ends('', ''), ['192.0.2.1:0', '192.0.2.1:0']);
  });

  it('takes the address of a socket that is bound to all of them from what was said', () => {
    const any = { local: '0.0.0.0:5060' };
    const from = (messages: Message[]): string => readFrames(pcapOf([{ messages }]))[0].from;
    assert.equal(from([message(sip('INVITE', SDP), any)]), '10.0.0.1:5060');
    const contact = sip('OPTIONS', '', ['Contact: <sip:1001@10.0.0.5:5060>']);
    assert.equal(from([message(contact, any)]), '10.0.0.5:5060');
    assert.equal(from([message(sip('OPTIONS'), any)]), '192.0.2.1:5060');
    assert.equal(from([message(sip('OPTIONS'), any), message(sip('OPTIONS'))]), '10.0.0.1:5060');
  });

  it('has a note of what was forgotten, and none when nothing was', () => {
    const call = { messages: [message(sip('BYE'))], leftOut: { messages: 300, packets: 12 } };
    const [note, bye] = readFrames(pcapOf([call]));
    assert.match(note.payload.toString(), /^<133>SIPFLOW: .*300 earlier SIP messages and 12 RTP packets/);
    assert.deepEqual([note.to, note.atMs], ['127.0.0.1:514', bye.atMs]);
    assert.equal(readFrames(pcapOf([{ ...call, leftOut: { messages: 0, packets: 0 } }])).length, 1);
  });

  it('is a file without frames for a call of which nothing is left, and for no call', () => {
    assert.deepEqual(readFrames(pcapOf([{ messages: [] }])), []);
    assert.deepEqual(readFrames(pcapOf([])), []);
  });
});

describe('several calls as one capture', () => {
  const invite = sip('INVITE', SDP);
  const caller: PcapCall = {
    messages: [message(invite), message(invite, { atMs: 1_700_000_000_400 })],
    packets: [packet(), packet()],
  };
  const swapped = { local: '10.0.0.2:5070', remote: '10.0.0.1:5060', direction: 'in' } as const;
  const callee: PcapCall = {
    messages: [message(invite, { ...swapped, atMs: 1_700_000_000_001 })],
    packets: [
      packet({ direction: 'out', local: '10.0.0.2:4002', remote: '10.0.0.1:4000', atMs: 1_700_000_000_500 }),
    ],
  };

  it('has what two phones have seen once, and what was sent twice as often as it was', () => {
    assert.equal(readFrames(pcapOf([caller])).length, 4);
    const frames = readFrames(pcapOf([caller, callee]));
    assert.equal(frames.length, 4);
    assert.deepEqual(mergePcaps([pcapOf([caller]), pcapOf([callee])]), pcapOf([caller, callee]));
  });

  it('numbers a connection that they share as one stream', () => {
    const over = (callId: string, atMs: number): PcapCall => ({
      messages: [
        message(sip('MESSAGE', 'y'.repeat(3000)).replace(': c', `: ${callId}`), { transport: 'tcp', atMs }),
      ],
    });
    const calls = [over('one', 1_700_000_000_010), over('two', 1_700_000_000_000)];
    const merged = mergePcaps(calls.map((call) => pcapOf([call])));
    for (const file of [pcapOf(calls), merged]) {
      const [text] = streamsOf(readFrames(file)).values();
      assert.deepEqual(text.match(/Call-ID: \w+/g), ['Call-ID: two', 'Call-ID: one']);
    }
  });

  it('knows a message by its bytes where a connection has another port at each end', () => {
    const tcp = (ends: Partial<Message>): PcapCall => ({
      messages: [message(invite, { transport: 'tcp', ...ends })],
    });
    const both = pcapOf([tcp({}), tcp({ ...swapped, remote: '10.0.0.1:49152' })]);
    assert.equal(readFrames(both).length, 1);
  });
});

describe('reading captures', () => {
  it('takes what there is of a broken file, and never throws', () => {
    const file = pcapOf([{ messages: [message(sip('BYE')), message(sip('BYE'))] }]);
    assert.equal(readPcap(file).length, 2);
    for (let end = 0; end <= file.length; end++) {
      readPcap(file.subarray(0, end));
      mergePcaps([file.subarray(0, end), file]);
    }
    assert.equal(readPcap(file.subarray(0, file.length - 1)).length, 1);
    let seed = 7;
    for (let round = 0; round < 500; round++) {
      const broken = Uint8Array.from(file);
      for (let count = 0; count < 8; count++) {
        seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
        broken[24 + (seed % (broken.length - 24))] = seed >> 8;
      }
      mergePcaps([broken, file]);
    }
    assert.deepEqual(readPcap(Buffer.from('no capture at all, but long enough')), []);
  });

  it('knows the other byte order, and nanoseconds', () => {
    const big = Buffer.alloc(24 + 16 + 20);
    big.writeUInt32BE(0xa1b23c4d);
    big.writeUInt32BE(1, 20);
    big.writeUInt32BE(5, 24);
    big.writeUInt32BE(250_000, 28);
    big.writeUInt32BE(20, 32);
    big.writeUInt32BE(60, 36);
    assert.deepEqual(
      readPcap(big).map(({ atMs, bytes, length }) => [atMs, bytes.length, length]),
      [[5000.25, 20, 60]],
    );
  });
});
