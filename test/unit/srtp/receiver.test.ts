import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import {
  createSrtpReceiver,
  createSrtpSender,
  describeSrtpFault,
  masterLength,
  SRTP_SUITE_NAMES,
  SrtpFault,
  srtpSuite,
} from '../../../lib/media/srtp';
import type { SrtpReceiver, SrtpSender } from '../../../lib/media/srtp';
import { OLD_KEY_PACKETS } from '../../../lib/media/srtp/receiver';
import { deriveSessionKeys } from '../../../lib/media/srtp/key-derivation';
import { MAX_STREAMS } from '../../../lib/media/srtp/stream-table';
import { REPLAY_WINDOW } from '../../../lib/media/srtp/replay-window';
import { bytes, packetBuffer, random, rtcpPacket, rtpPacket } from './support';

const SUITE = 'AES_CM_128_HMAC_SHA1_80';

function key(name: string, seed = 'key'): Buffer {
  const suite = srtpSuite(name) ?? assert.fail(name);
  return bytes(masterLength(suite), seed);
}

function pair(name = SUITE): { sender: SrtpSender; receiver: SrtpReceiver } {
  return { sender: createSrtpSender(name, key(name)), receiver: createSrtpReceiver(name, key(name)) };
}

/** A protected packet, exactly as long as it is on the wire. */
function seal(sender: SrtpSender, plain: Buffer): Buffer {
  const packet = packetBuffer(plain);
  const length = sender.protectRtp(packet, plain.length);
  assert.ok(length > 0, `protect: ${length}`);
  return packet.subarray(0, length);
}

/** What the receiver says to a copy of the packet. */
function open(receiver: SrtpReceiver, packet: Uint8Array): number {
  return receiver.unprotectRtp(Buffer.from(packet), packet.length);
}

describe('SRTP receiver', () => {
  for (const name of SRTP_SUITE_NAMES) {
    it(`${name}: a tampered packet is refused and left as it came`, () => {
      const { sender, receiver } = pair(name);
      const sealed = seal(sender, rtpPacket(1));
      for (let at = 0; at < sealed.length; at++) {
        const packet = Buffer.from(sealed);
        packet[at] ^= 0x01;
        const before = Buffer.from(packet);
        assert.ok(receiver.unprotectRtp(packet, packet.length) < 0, `byte ${at}`);
        assert.deepEqual(packet, before, `byte ${at}`);
      }
      assert.equal(open(receiver, sealed), 172);
    });

    it(`${name}: a tampered RTCP packet is refused and left as it came`, () => {
      const { sender, receiver } = pair(name);
      const plain = rtcpPacket();
      const sealed = packetBuffer(plain);
      const length = sender.protectRtcp(sealed, plain.length);
      for (let at = 0; at < length; at++) {
        const packet = Buffer.from(sealed.subarray(0, length));
        packet[at] ^= 0x80;
        const before = Buffer.from(packet);
        assert.ok(receiver.unprotectRtcp(packet, packet.length) < 0, `byte ${at}`);
        assert.deepEqual(packet, before, `byte ${at}`);
      }
      assert.equal(receiver.unprotectRtcp(sealed, length), plain.length);
      assert.deepEqual(sealed.subarray(0, plain.length), plain);
    });
  }

  it('refuses another key', () => {
    const { sender } = pair();
    const receiver = createSrtpReceiver(SUITE, key(SUITE, 'other'));
    assert.equal(open(receiver, seal(sender, rtpPacket(1))), SrtpFault.Authentication);
  });

  it('refuses every replay, of RTP and RTCP, across a sequence wrap', () => {
    const { sender, receiver } = pair();
    const seen: Buffer[] = [];
    for (let i = 65500; i < 65570; i++) {
      const sealed = seal(sender, rtpPacket(i));
      assert.equal(open(receiver, sealed), 172);
      seen.push(sealed);
      for (const old of seen) assert.equal(open(receiver, old), SrtpFault.Replayed);
    }
    const control = packetBuffer(rtcpPacket());
    const length = sender.protectRtcp(control, 24);
    const again = Buffer.from(control.subarray(0, length));
    assert.equal(receiver.unprotectRtcp(control, length), 24);
    assert.equal(receiver.unprotectRtcp(again, length), SrtpFault.Replayed);
  });

  it('accepts reordering within the window, once each, and nothing older', () => {
    const { sender, receiver } = pair();
    const sealed = Array.from({ length: REPLAY_WINDOW + 1 }, (_, i) => seal(sender, rtpPacket(65400 + i)));
    const newest = sealed[REPLAY_WINDOW];
    assert.equal(open(receiver, newest), 172);
    for (let i = REPLAY_WINDOW - 1; i >= 1; i--) assert.equal(open(receiver, sealed[i]), 172, `packet ${i}`);
    for (let i = 1; i <= REPLAY_WINDOW; i++) assert.equal(open(receiver, sealed[i]), SrtpFault.Replayed);
    assert.equal(open(receiver, sealed[0]), SrtpFault.TooOld);
  });

  it('keeps its place when packets are lost and reordered across sequence wraps', () => {
    const { sender, receiver } = pair();
    const next = random(7);
    const held: { at: number; sealed: Buffer }[] = [];
    let opened = 0;
    let sent = 0;
    for (let i = 60000; i < 60000 + 3 * 65536; i++) {
      const position = i & 0xffff;
      const nearWrap = position < 300 || position > 65300;
      const sealed = seal(sender, rtpPacket(i, 0xcafebabe, 1));
      while (held.length > 0 && held[0].at <= i) {
        if (open(receiver, (held.shift() ?? assert.fail()).sealed) > 0) opened++;
      }
      // Far from a wrap only every 500th packet arrives; around it, half are lost and some come up to 100 late.
      if (nearWrap ? next() < 0.5 : i % 500 !== 0) continue;
      sent++;
      if (nearWrap && next() < 0.3) held.push({ at: i + Math.floor(next() * 100), sealed });
      else if (open(receiver, sealed) > 0) opened++;
    }
    for (const { sealed } of held) if (open(receiver, sealed) > 0) opened++;
    assert.ok(sent > 1000);
    assert.equal(opened, sent);
  });

  it('goes on after 111 packets were lost across a wrap', () => {
    const { sender, receiver } = pair();
    for (let i = 65400; i < 65900; i++) {
      const sealed = seal(sender, rtpPacket(i));
      if (i >= 65480 && i < 65591) continue;
      assert.equal(open(receiver, sealed), 172, `packet ${i}`);
    }
  });

  it('joins a stream whose first packets were lost across a wrap', () => {
    const { sender, receiver } = pair();
    const lost = [65534, 65535].map((i) => seal(sender, rtpPacket(i)));
    assert.equal(open(receiver, seal(sender, rtpPacket(65536))), 172);
    assert.equal(open(receiver, lost[1]), 172);
    assert.equal(open(receiver, seal(sender, rtpPacket(65537))), 172);
  });

  it('a packet from before the first rollover of a stream is too old', () => {
    const { sender, receiver } = pair();
    assert.equal(open(receiver, seal(sender, rtpPacket(5))), 172);
    const forged = Buffer.from(seal(sender, rtpPacket(6)));
    forged.writeUInt16BE(65530, 2);
    assert.equal(open(receiver, forged), SrtpFault.TooOld);
  });

  it('follows several SSRCs at once, each with its own rollover counter', () => {
    const { sender, receiver } = pair();
    for (let i = 65530; i < 65545; i++) {
      for (const ssrc of [1, 0x80000000, 0xffffffff]) {
        assert.equal(open(receiver, seal(sender, rtpPacket(i, ssrc))), 172);
      }
    }
  });

  it('remembers a bounded number of SSRCs, of which the silent ones give way', () => {
    const { sender, receiver } = pair();
    const first = seal(sender, rtpPacket(1, 1));
    const kept = seal(sender, rtpPacket(1, 2));
    assert.equal(open(receiver, first), 172);
    assert.equal(open(receiver, kept), 172);
    for (let ssrc = 3; ssrc <= MAX_STREAMS + 1; ssrc++) {
      assert.equal(open(receiver, kept), SrtpFault.Replayed);
      assert.equal(open(receiver, seal(createSrtpSender(SUITE, key(SUITE)), rtpPacket(1, ssrc))), 172);
    }
    assert.equal(open(receiver, kept), SrtpFault.Replayed);
    assert.equal(open(receiver, first), 172, 'its history is gone');
  });

  it('a forged SSRC makes no stream', () => {
    const { sender, receiver } = pair();
    const genuine = seal(sender, rtpPacket(1));
    assert.equal(open(receiver, genuine), 172);
    for (let ssrc = 0; ssrc < 10 * MAX_STREAMS; ssrc++) {
      const forged = Buffer.from(genuine);
      forged.writeUInt32BE(ssrc, 8);
      assert.equal(open(receiver, forged), SrtpFault.Authentication);
    }
    assert.equal(open(receiver, genuine), SrtpFault.Replayed);
  });

  it('opens packets with CSRCs, extension and padding', () => {
    const { sender, receiver } = pair();
    const plain = Buffer.from(
      'b2800001000000a0cafebabe' + '0000000100000002' + 'bede000110aa0000' + 'd5d5d5d500000004',
      'hex',
    );
    const sealed = seal(sender, plain);
    assert.deepEqual(sealed.subarray(0, 28), plain.subarray(0, 28), 'the header stays readable');
    const packet = Buffer.from(sealed);
    assert.equal(receiver.unprotectRtp(packet, packet.length), plain.length);
    assert.deepEqual(packet.subarray(0, plain.length), plain);
  });

  it('accepts SRTCP that its sender authenticated but did not encrypt', () => {
    const { receiver } = pair();
    const { rtcp } = deriveSessionKeys(srtpSuite(SUITE) ?? assert.fail(), key(SUITE));
    const clear = Buffer.concat([rtcpPacket(), Buffer.from('00000007', 'hex')]);
    const tag = createHmac('sha1', rtcp.authenticationKey).update(clear).digest().subarray(0, 10);
    const packet = Buffer.concat([clear, tag]);
    assert.equal(receiver.unprotectRtcp(packet, packet.length), 24);
    assert.deepEqual(packet.subarray(0, 24), rtcpPacket());
  });
});

describe('SRTP change of keys', () => {
  const first = key(SUITE, 'first');
  const second = key(SUITE, 'second');

  it('keeps the rollover counter, and accepts both keys until the new one is seen', () => {
    const sender = createSrtpSender(SUITE, first);
    const receiver = createSrtpReceiver(SUITE, first);
    for (let i = 65530; i < 65540; i++) assert.equal(open(receiver, seal(sender, rtpPacket(i))), 172);
    const late = seal(sender, rtpPacket(65540));
    const later = seal(sender, rtpPacket(65541));
    receiver.rekey(SUITE, second);
    assert.equal(open(receiver, late), 172, 'still underway under the old key');
    assert.equal(open(receiver, late), SrtpFault.Replayed);
    sender.rekey(SUITE, second);
    assert.equal(open(receiver, seal(sender, rtpPacket(65542))), 172);
    assert.equal(open(receiver, later), SrtpFault.Authentication, 'the old key is gone');
  });

  it('forgets the old key after 250 packets, also when the new one is never used', () => {
    const sender = createSrtpSender(SUITE, first);
    const receiver = createSrtpReceiver(SUITE, first);
    assert.equal(open(receiver, seal(sender, rtpPacket(0))), 172);
    receiver.rekey(SUITE, second);
    const control = packetBuffer(rtcpPacket());
    assert.equal(receiver.unprotectRtcp(control, sender.protectRtcp(control, 24)), 24);
    for (let i = 1; i < OLD_KEY_PACKETS; i++) assert.equal(open(receiver, seal(sender, rtpPacket(i))), 172);
    assert.equal(open(receiver, seal(sender, rtpPacket(OLD_KEY_PACKETS))), SrtpFault.Authentication);
    const other = rtpPacket(1, 0xbeef);
    assert.equal(open(receiver, seal(sender, other)), SrtpFault.Authentication, 'of another source neither');
    sender.rekey(SUITE, second);
    assert.equal(open(receiver, seal(sender, rtpPacket(OLD_KEY_PACKETS + 1))), 172);
  });

  it('follows a peer that begins at rollover counter 0 again', () => {
    const sender = createSrtpSender(SUITE, first);
    const receiver = createSrtpReceiver(SUITE, first);
    for (let i = 65530; i < 65540; i++) assert.equal(open(receiver, seal(sender, rtpPacket(i))), 172);
    receiver.rekey(SUITE, second);
    const restarted = createSrtpSender(SUITE, second);
    const packet = seal(restarted, rtpPacket(4));
    assert.equal(open(receiver, packet), 172);
    assert.equal(open(receiver, packet), SrtpFault.Replayed);
    assert.equal(open(receiver, seal(restarted, rtpPacket(5))), 172);
  });

  it('changes the suite too, RTCP included', () => {
    const gcm = key('AEAD_AES_256_GCM');
    const sender = createSrtpSender(SUITE, first);
    const receiver = createSrtpReceiver(SUITE, first);
    assert.equal(open(receiver, seal(sender, rtpPacket(1))), 172);
    sender.rekey('AEAD_AES_256_GCM', gcm);
    receiver.rekey('AEAD_AES_256_GCM', gcm);
    const control = packetBuffer(rtcpPacket());
    assert.equal(receiver.unprotectRtcp(control, sender.protectRtcp(control, 24)), 24);
    assert.equal(open(receiver, seal(sender, rtpPacket(2))), 172);
  });

  it('the same key again changes nothing', () => {
    const sender = createSrtpSender(SUITE, first);
    const receiver = createSrtpReceiver(SUITE, first);
    const sealed = seal(sender, rtpPacket(1));
    assert.equal(open(receiver, sealed), 172);
    sender.rekey(SUITE, Buffer.from(first));
    receiver.rekey(SUITE, Buffer.from(first));
    assert.equal(open(receiver, sealed), SrtpFault.Replayed);
    const packet = packetBuffer(rtpPacket(1));
    assert.equal(sender.protectRtp(packet, 172), SrtpFault.Replayed);
  });

  it('does not depend on the caller keeping the key bytes', () => {
    const bytesOfCaller = Buffer.from(first);
    const receiver = createSrtpReceiver(SUITE, bytesOfCaller);
    bytesOfCaller.fill(0);
    receiver.rekey(SUITE, bytesOfCaller);
    assert.equal(open(receiver, seal(createSrtpSender(SUITE, first), rtpPacket(1))), 172);
  });
});

describe('SRTP sender', () => {
  it('never uses an index twice', () => {
    const { sender } = pair();
    seal(sender, rtpPacket(10));
    const packet = packetBuffer(rtpPacket(10));
    assert.equal(sender.protectRtp(packet, 172), SrtpFault.Replayed);
    assert.deepEqual(packet.subarray(0, 172), rtpPacket(10), 'left as it came');
  });

  it('says when there is no room for the tag', () => {
    const { sender } = pair();
    const packet = rtpPacket(1);
    assert.equal(sender.protectRtp(packet, packet.length), SrtpFault.NoRoom);
    const control = rtcpPacket();
    assert.equal(sender.protectRtcp(control, control.length), SrtpFault.NoRoom);
    assert.equal(sender.protectRtp(packet, 173), SrtpFault.Malformed);
  });

  it('names an unknown suite and a key of the wrong length, without the key', () => {
    const code = 'BAD_CONFIG';
    assert.throws(() => createSrtpSender('F8_128_HMAC_SHA1_80', key(SUITE)), {
      code,
      message: /F8_128.*AES_CM_128/,
    });
    assert.throws(() => createSrtpReceiver('toString', key(SUITE)), { code });
    assert.throws(() => createSrtpReceiver('AES_256_CM_HMAC_SHA1_80', key(SUITE)), {
      code,
      message: /46 bytes.*not 30/,
    });
  });

  it('describes every fault', () => {
    for (const fault of Object.values(SrtpFault)) assert.match(describeSrtpFault(fault), /^[a-z ]+$/);
  });
});

describe('SRTP and bad input', () => {
  for (const name of SRTP_SUITE_NAMES) {
    it(`${name}: random and truncated packets never throw and never pass`, () => {
      const { sender, receiver } = pair(name);
      const next = random(11);
      for (let i = 0; i < 3000; i++) {
        const packet = Buffer.alloc(Math.floor(next() * 120));
        for (let at = 0; at < packet.length; at++) packet[at] = Math.floor(next() * 256);
        // Half of them get past the version check.
        if (packet.length > 0 && next() < 0.5) packet[0] = 0x80 | (packet[0] & 0x3f);
        assert.ok(receiver.unprotectRtp(packet, packet.length) < 0);
        assert.ok(receiver.unprotectRtcp(packet, packet.length) < 0);
        sender.protectRtp(packet, Math.floor(next() * 130));
        sender.protectRtcp(packet, Math.floor(next() * 130));
      }
      const sealed = seal(createSrtpSender(name, key(name)), rtpPacket(1));
      for (let length = 0; length < sealed.length; length++) {
        assert.ok(
          receiver.unprotectRtp(Buffer.from(sealed.subarray(0, length)), length) < 0,
          `${length} bytes`,
        );
        assert.ok(
          receiver.unprotectRtcp(Buffer.from(sealed.subarray(0, length)), length) < 0,
          `${length} bytes`,
        );
      }
      assert.equal(open(receiver, sealed), 172);
    });
  }
});
