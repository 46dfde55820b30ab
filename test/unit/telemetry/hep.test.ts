import assert from 'node:assert/strict';
import { rtcpJson } from '../../../lib/evidence';
import { HepEncoder, type HepEvent } from '../../../lib/telemetry/hep/packet';
import { writeCompound } from '../../../lib/media/worker/rtcp/packets';
import { writeVoipMetrics } from '../../../lib/media/worker/rtcp/xr';
import { readHep, type HepRecord } from '../../support/hep';

const EVENT: HepEvent = {
  kind: 'sip',
  atMs: 1_764_558_123_456.789,
  direction: 'out',
  transport: 'udp',
  local: '192.0.2.1:5060',
  remote: '198.51.100.7:5080',
  callId: 'abc@host',
  payload: Buffer.from('INVITE sip:x SIP/2.0\r\n\r\n'),
};

function encoded(event: Partial<HepEvent> = {}): HepRecord {
  const packet = new HepEncoder('Front desk').encode({ ...EVENT, ...event });
  assert.ok(packet);
  const { packets, rest } = readHep(packet);
  assert.deepEqual([packets.length, rest.length], [1, 0]);
  return packets[0];
}

describe('HEP3', () => {
  it('is the packet of the description, byte for byte, in the order that sngrep reads', () => {
    const packet = new HepEncoder('N', 7).encode({
      ...EVENT,
      atMs: 1000.5,
      callId: 'c',
      payload: Buffer.from('P'),
    });
    assert.equal(
      packet?.toString('hex'),
      [
        ...['48455033', '0072'],
        ...['00000001000702', '00000002000711'],
        ...['00000007000813c4', '00000008000813d8'],
        ...['00000009000a00000001', '0000000a000a000001f4'],
        ...['0000000b000701', '0000000c000a00000007'],
        ...['00000003000ac0000201', '00000004000ac6336407'],
        ...['0000000f000750', '00000011000763', '0000001300074e'],
      ].join(''),
    );
  });

  it('says who sent what to whom, when, over what, and to which call it belongs', () => {
    const out = encoded();
    assert.deepEqual(
      { ...out, order: undefined },
      {
        family: 2,
        protocol: 17,
        source: '192.0.2.1',
        sourcePort: 5060,
        destination: '198.51.100.7',
        destinationPort: 5080,
        atMs: 1_764_558_123_456.789,
        type: 1,
        captureId: 1,
        payload: 'INVITE sip:x SIP/2.0\r\n\r\n',
        correlation: 'abc@host',
        node: 'Front desk',
        order: undefined,
      },
    );
    const back = encoded({ direction: 'in', transport: 'TLS', kind: 'rtcp' });
    assert.deepEqual(
      [back.source, back.sourcePort, back.destination, back.destinationPort, back.protocol, back.type],
      ['198.51.100.7', 5080, '192.0.2.1', 5060, 6, 5],
    );
  });

  it('carries IPv6, zones, mapped addresses and mixed families', () => {
    for (const [local, remote, family, source, destination] of [
      ['[2001:db8::1]:5060', '[::1]:5061', 10, '2001:db8::1', '::1'],
      ['[fe80::2%eth0]:5060', '[1:2:3:4:5:6:7:8]:1', 10, 'fe80::2', '1:2:3:4:5:6:7:8'],
      ['[::ffff:192.0.2.9]:5060', '198.51.100.7:5080', 2, '192.0.2.9', '198.51.100.7'],
      ['[2001:db8::1]:5060', '198.51.100.7:5080', 10, '2001:db8::1', '::ffff:c633:6407'],
      ['nonsense', '', 10, '::', '::'],
      ['[::1:2:3:4:5:6:7:8:9]:70000', '[1::2::3]:-1', 10, '2:3:4:5:6:7:8:9', '1::2'],
    ] as const) {
      const packet = encoded({ local, remote });
      assert.deepEqual(
        [packet.family, packet.source, packet.destination],
        [family, source, destination],
        local,
      );
    }
  });

  it('keeps bytes that are no text, refuses what no packet can hold, and remembers few addresses', () => {
    const odd = Buffer.from([0x80, 0xff, 0x00, 0x0a]);
    assert.equal(encoded({ payload: odd, callId: 'ä\u00ff' }).payload, odd.toString('latin1'));
    const encoder = new HepEncoder('n'.repeat(1000));
    assert.equal(encoder.encode({ ...EVENT, payload: Buffer.alloc(65_500) }), undefined);
    assert.ok(encoder.encode({ ...EVENT, payload: Buffer.alloc(65_000) }));
    for (let port = 1; port < 2000; port++) {
      const packet = encoder.encode({ ...EVENT, remote: `198.51.100.7:${port}` });
      assert.ok(packet && readHep(packet).packets[0].destinationPort === port);
    }
  });
});

describe('RTCP for collectors', () => {
  const block = {
    ssrc: 0xdeadbeef,
    fractionLost: 64,
    cumulativeLost: -3,
    highestSequence: 0x10002,
    jitter: 80,
    lastSenderReport: 0x89abcdef,
    delaySinceLast: 65_536,
  };
  const sender = { wallMs: 1500, rtpTimestamp: 4_000_000_000, packets: 7, octets: 1120 };

  it('has every figure of the blocks, as it stands in the packet', () => {
    const text = rtcpJson(writeCompound({ ssrc: 0xfeedf00d, cname: 'x', sender, block, bye: true }));
    assert.deepEqual(JSON.parse(text ?? ''), {
      sender_information: {
        ntp_timestamp_sec: 2_208_988_801,
        ntp_timestamp_usec: 0x80000000,
        rtp_timestamp: 4_000_000_000,
        packets: 7,
        octets: 1120,
      },
      ssrc: 0xfeedf00d,
      type: 200,
      report_count: 1,
      report_blocks: [
        {
          source_ssrc: 0xdeadbeef,
          fraction_lost: 64,
          packets_lost: -3,
          highest_seq_no: 0x10002,
          ia_jitter: 80,
          lsr: 0x89abcdef,
          dlsr: 65_536,
        },
      ],
      sdes_ssrc: 0xfeedf00d,
    });
    const receiver = JSON.parse(rtcpJson(writeCompound({ ssrc: 1, cname: 'x', block })) ?? '') as {
      type: number;
      sender_information?: object;
    };
    assert.deepEqual([receiver.type, receiver.sender_information], [201, undefined]);
  });

  it('has the VoIP metrics of an extended report', () => {
    const extended = writeVoipMetrics(1, 2, {
      lossShare: 0.25,
      discardShare: 0.125,
      burstDensity: 0.5,
      gapDensity: 0,
      burstMs: 40,
      gapMs: 900,
      rttMs: 33,
      endSystemDelayMs: 70,
      jitterBufferMs: 60,
      jitterBufferMaxMs: 200,
      conceals: true,
      adaptive: true,
    });
    const { report_blocks_xr: metrics } = JSON.parse(
      rtcpJson(writeCompound({ ssrc: 1, cname: 'x', extended })) ?? '',
    ) as {
      report_blocks_xr: object;
    };
    assert.deepEqual(metrics, {
      type: 7,
      id: 2,
      fraction_lost: 64,
      fraction_discard: 32,
      burst_density: 128,
      gap_density: 0,
      burst_duration: 40,
      gap_duration: 900,
      round_trip_delay: 33,
      end_system_delay: 70,
    });
  });

  it('says nothing of a packet that reports nothing, and survives any bytes', () => {
    assert.equal(rtcpJson(writeCompound({ ssrc: 1, cname: 'x' })), undefined);
    const whole = writeCompound({ ssrc: 1, cname: 'x', sender, block, bye: true });
    for (let length = 0; length < whole.length; length++) {
      for (const at of [0, 1, 2, 3, length - 1]) {
        const broken = whole.slice(0, length);
        if (at >= 0 && at < length) broken[at] ^= 0xff;
        const text = rtcpJson(broken);
        if (text !== undefined) assert.doesNotThrow(() => void JSON.parse(text));
      }
    }
  });
});
