import assert from 'node:assert/strict';
import { reportSdp, SDP_REPORT_LIMITS } from '../../../lib/sdp';

const HEAD = 'v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n';

describe('a session description as data', () => {
  it('has the lines, and what its audio line means', () => {
    const sdp =
      HEAD +
      'm=audio 0 RTP/AVP 8\r\nm=audio 4000 RTP/AVP 111 0 101\r\nc=IN IP4 192.0.2.9\r\na=sendonly\r\n' +
      'a=rtpmap:111 opus/48000/2\r\na=fmtp:111 useinbandfec=1\r\na=rtpmap:101 telephone-event/8000\r\n';
    const report = reportSdp(sdp);
    assert.equal(report.lines.length, 12);
    assert.deepEqual(
      { ...report, lines: undefined },
      {
        lines: undefined,
        address: '192.0.2.9',
        port: 4000,
        protocol: 'RTP/AVP',
        direction: 'sendonly',
        crypto: false,
        codecs: [
          { name: 'opus', payloadType: 111, clockRate: 48000, channels: 2, fmtp: 'useinbandfec=1' },
          { name: 'PCMU', payloadType: 0, clockRate: 8000, channels: 1, fmtp: null },
          { name: 'telephone-event', payloadType: 101, clockRate: 8000, channels: 1, fmtp: null },
        ],
      },
    );
  });

  it('says that there are keys, and never which', () => {
    const sdp =
      `${HEAD}m=audio 4000 RTP/SAVP 0\r\nk=base64:U0VDUkVU\r\na=key-mgmt:mikey U0VDUkVU\r\n` +
      'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:U0VDUkVUU0VDUkVU|2^20;inline:U0VDUkVU\r\n';
    const report = reportSdp(sdp);
    assert.equal(report.crypto, true);
    assert.doesNotMatch(JSON.stringify(report), /U0VD/);
    assert.equal(reportSdp(`${HEAD}m=audio 4000 RTP/AVP 0\r\na=fingerprint:sha-256 AA\r\n`).crypto, true);
  });

  it('says nothing of audio that is not there, and never throws', () => {
    for (const sdp of ['', 'nonsense', HEAD, `${HEAD}m=video 4000 RTP/AVP 99\r\n`, 'm=audio', 'v=1\r\n']) {
      const { codecs, ...rest } = { ...reportSdp(sdp), lines: undefined };
      assert.deepEqual(codecs, []);
      assert.deepEqual(rest, {
        lines: undefined,
        address: null,
        port: null,
        protocol: null,
        direction: null,
        crypto: false,
      });
    }
  });

  it('stays small whatever is sent', () => {
    const formats = Array.from({ length: 120 }, (_, index) => index).join(' ');
    const lines = `a=fmtp:0 ${'x'.repeat(5_000)}\r\n`.repeat(10) + 'a=y\r\n'.repeat(1_000);
    const report = reportSdp(`${HEAD}m=audio 4000 RTP/AVP ${formats}\r\n${lines}`);
    assert.equal(report.codecs.length, SDP_REPORT_LIMITS.codecs);
    assert.ok(report.lines.length <= SDP_REPORT_LIMITS.lines);
    assert.ok(JSON.stringify(report).length < 200 * 512);
  });
});
