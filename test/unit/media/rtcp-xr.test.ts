import assert from 'node:assert/strict';
import { parseCompound, writeCompound } from '../../../lib/media/worker/rtcp/packets';
import { writeVoipMetrics, type OwnVoipMetrics } from '../../../lib/media/worker/rtcp/xr';
import { RtcpSession, type RtcpView } from '../../../lib/media/worker/rtcp/rtcp-session';
import { SequenceTracker } from '../../../lib/media/worker/receive/sequence-tracker';
import type { VoipMetrics } from '../../../lib/media';
import { seededRandom } from '../../support/random';

const US = 0x11223344;
const PEER = 0xcafebabe;

const METRICS: OwnVoipMetrics = {
  lossShare: 5 / 256,
  discardShare: 2 / 256,
  burstDensity: 0.5,
  gapDensity: 1 / 256,
  burstMs: 180,
  gapMs: 4660,
  rttMs: 80,
  endSystemDelayMs: 60,
  rating: 82.4,
  mosListening: 4.12,
  mosConversational: 4.07,
  jitterBufferMs: 40,
  jitterBufferMaxMs: 200,
  conceals: true,
  adaptive: true,
};

/** RFC 3611, 4.7, field by field. */
const BLOCK =
  '07000008' + // BT 7, reserved, 8 words
  '11223344' + // SSRC of source
  '05028001' + // loss, discard, burst density, gap density
  '00b41234' + // burst and gap duration
  '0050003c' + // round trip, end system delay
  '7f7f7f10' + // signal, noise, RERL not available; Gmin 16
  '527f2929' + // R 82, no external R, MOS-LQ 4.1, MOS-CQ 4.1
  'f0000028' + // standard concealment, adaptive buffer; nominal 40 ms
  '00c800c8'; // maximum and absolute maximum 200 ms

const READ: VoipMetrics = {
  lossShare: 5 / 256,
  discardShare: 2 / 256,
  burstDensity: 0.5,
  gapDensity: 1 / 256,
  burstMs: 180,
  gapMs: 4660,
  rttMs: 80,
  endSystemDelayMs: 60,
  rating: 82,
  mosListening: 4.1,
  mosConversational: 4.1,
  jitterBufferMs: 40,
  jitterBufferMaxMs: 200,
};

/** A receiver report of the peer, then an extended report with these blocks. */
function compound(blocks: string): Uint8Array {
  const words = (blocks.length / 8 + 1).toString(16).padStart(4, '0');
  return Buffer.from(`80c90001cafebabe` + `80cf${words}cafebabe${blocks}`, 'hex');
}

const read = (blocks: string): VoipMetrics | undefined => parseCompound(compound(blocks), US)?.metrics;

/** The block with one byte changed; counted from its first. */
function changed(at: number, value: number): string {
  const bytes = Buffer.from(BLOCK, 'hex');
  bytes[at] = value;
  return bytes.toString('hex');
}

describe('media: RTCP extended reports (RFC 3611, 4.7)', () => {
  it('writes a VoIP metrics block field by field, behind SDES and before BYE', () => {
    const extended = writeVoipMetrics(PEER, US, METRICS);
    assert.equal(Buffer.from(extended).toString('hex'), '80cf000acafebabe' + BLOCK);
    const packet = Buffer.from(writeCompound({ ssrc: PEER, cname: 'x', extended, bye: true }));
    assert.equal(
      packet.toString('hex'),
      '80c90001cafebabe' + '81ca0002cafebabe01017800' + '80cf000acafebabe' + BLOCK + '81cb0001cafebabe',
    );
    assert.equal(parseCompound(packet, US)?.bye, true);
  });

  it('limits what does not fit, and says what is not known', () => {
    const extreme = { ...METRICS, lossShare: 1, discardShare: -1, burstMs: 1e9, gapMs: -5, rating: 200 };
    const bytes = Buffer.from(
      writeVoipMetrics(PEER, US, {
        ...extreme,
        rttMs: undefined,
        endSystemDelayMs: undefined,
        mosListening: undefined,
        mosConversational: 0,
        conceals: false,
        adaptive: false,
      }),
    ).subarray(8);
    assert.deepEqual([...bytes.subarray(8, 20)], [255, 0, 128, 1, 255, 255, 0, 0, 0, 0, 0, 0]);
    assert.deepEqual([...bytes.subarray(24, 29)], [100, 127, 127, 10, 0x60]);
  });

  it('reads a block about our stream among others', () => {
    const receiverTime = '04000002' + '0000000100000002';
    const delays = '05000003' + '11223344' + '00000001' + '00000002';
    const aboutOthers = BLOCK.replace('11223344', '55667788').replace('0502', '6060');
    assert.deepEqual(read(BLOCK), READ);
    assert.deepEqual(read(receiverTime + BLOCK + delays + aboutOthers), READ);
    assert.equal(read(receiverTime + delays + aboutOthers), undefined);
    assert.equal(parseCompound(compound(BLOCK))?.metrics, undefined, 'nobody asked');
  });

  it('takes what is not available, or cannot be, for unknown', () => {
    for (const value of [127, 101, 255]) assert.equal(read(changed(24, value))?.rating, undefined);
    for (const value of [127, 0, 9, 51, 255]) {
      assert.equal(read(changed(26, value))?.mosListening, undefined);
      assert.equal(read(changed(27, value))?.mosConversational, undefined);
    }
    assert.equal(read(changed(24, 0))?.rating, 0);
    assert.equal(read(BLOCK.replace('0050003c', '00000000'))?.rttMs, undefined);
    assert.equal(read(BLOCK.replace('0050003c', 'ffff003c'))?.rttMs, undefined, 'no packet takes so long');
    assert.equal(read(BLOCK.replace('0050003c', '00000000'))?.endSystemDelayMs, undefined);
  });

  it('believes no block that is too short, too long, cut off, or loses more than everything', () => {
    assert.equal(read(changed(3, 7)), undefined);
    assert.equal(read(changed(3, 9) + '00000000'), undefined);
    assert.equal(read(changed(2, 255)), undefined);
    assert.equal(read(BLOCK.slice(0, -8)), undefined);
    assert.equal(read(BLOCK.replace('0502', 'ff02')), undefined);
    const valid = compound(BLOCK);
    const random = seededRandom(5);
    for (let round = 0; round < 20_000; round++) {
      const bytes = Uint8Array.from(valid).subarray(0, 8 + Math.floor(random() * (valid.length - 7)));
      for (let change = 0; change < 4; change++) bytes[Math.floor(random() * bytes.length)] = random() * 256;
      const metrics = parseCompound(bytes, US)?.metrics;
      if (!metrics) continue;
      assert.ok(metrics.lossShare + metrics.discardShare <= 1);
      assert.ok(
        metrics.mosListening === undefined || (metrics.mosListening >= 1 && metrics.mosListening <= 5),
      );
    }
  });

  it('goes from one session to the other, and only when there is something to say', () => {
    let metrics: OwnVoipMetrics | undefined;
    const view = (ssrc: number, remoteSsrc: number): RtcpView => ({
      ssrc,
      remoteSsrc,
      sequences: new SequenceTracker(),
      jitterUnits: () => 0,
      senderInfo: () => undefined,
      voipMetrics: () => metrics,
    });
    const us = new RtcpSession(view(US, PEER), 'us', 0);
    const peer = new RtcpSession(view(PEER, US), 'peer', 0);
    assert.ok(us.accept(peer.report(0, 0), 0, 0));
    assert.equal(us.remote, undefined);
    metrics = METRICS;
    assert.ok(us.accept(peer.report(0, 0), 0, 0));
    assert.deepEqual(us.remote, READ);
    metrics = undefined;
    assert.ok(us.accept(peer.report(0, 0), 0, 0));
    assert.deepEqual(us.remote, READ, 'the newest one that came stays');
  });
});
