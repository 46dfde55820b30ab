import assert from 'node:assert/strict';
import {
  type LocalAudio,
  SDP_LIMITS,
  SdpError,
  createAnswer,
  diagnoseCodecs,
  offeredCodecNames,
  parseSdp,
  writeSdp,
} from '../../../lib/sdp';
import { applied, linesOf, local, offerOf } from './local';
import * as peers from './peers';

const SAMPLES = Object.values(peers).filter((value): value is string => typeof value === 'string');
const ROUNDS = 3000;

/** A small generator with a seed, so that a failure can be repeated. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const SNIPPETS = [
  '\0',
  '\r',
  '\n',
  '\r\n',
  'm=',
  'm=audio 1 RTP/AVP 0\r\n',
  'c=IN IP4 0.0.0.0\r\n',
  'c=IN IP6 ::\r\n',
  'a=rtpmap:0 PCMU/8000/99999999999\r\n',
  'a=rtpmap:96 __proto__/8000\r\n',
  'a=fmtp:96 constructor\r\n',
  'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:\r\n',
  'a=ptime:-1\r\n',
  'a=ptime:99999999999999999999\r\n',
  'a=rtcp:65536\r\n',
  'a=sendonly\r\n',
  '99999999999999999999',
  '=',
  ':',
  '/',
  ' ',
  '\u2028',
  '\ud800',
  'é'.repeat(300),
  ' '.repeat(3000),
];

function mutate(text: string, random: (below: number) => number): string {
  let result = text;
  for (let changes = 1 + random(6); changes > 0; changes -= 1) {
    const at = random(result.length + 1);
    const length = random(12);
    switch (random(5)) {
      case 0:
        result = result.slice(0, at) + result.slice(at + length);
        break;
      case 1:
        result = result.slice(0, at) + String.fromCharCode(random(256)) + result.slice(at + 1);
        break;
      case 2:
        result = result.slice(0, at) + SNIPPETS[random(SNIPPETS.length)] + result.slice(at);
        break;
      case 3: {
        const lines = result.split('\r\n');
        const from = random(lines.length);
        lines.splice(random(lines.length), 0, lines[from] ?? '');
        result = lines.join('\r\n');
        break;
      }
      default: {
        const lines = result.split('\r\n');
        lines.splice(random(lines.length), 1);
        result = lines.join('\r\n');
      }
    }
  }
  return result;
}

/** What must hold for any text at all. */
function check(text: string, own: LocalAudio, offer: string): void {
  let media: number | undefined;
  try {
    const description = parseSdp(text);
    media = description.media.length;
    assert.equal(parseSdp(writeSdp(description)).media.length, media);
  } catch (error) {
    assert.ok(error instanceof SdpError, String(error));
  }
  const answered = createAnswer(text, own);
  if (answered.ok) {
    assert.equal(linesOf(answered.answer, 'm=').length, media);
    assert.equal(linesOf(answered.answer, 'm=').filter((line) => !/^m=\S+ 0 /.test(line)).length, 1);
    assert.ok(own.codecs.includes(answered.audio.codec.name));
    assert.ok(answered.audio.ptimeMs >= 10 && answered.audio.ptimeMs <= 60);
    assert.ok(answered.audio.remote.rtpPort > 0 && answered.audio.remote.rtcpPort <= 65_535);
    offerOf({ ...own, previous: answered.answer });
  } else {
    assert.ok(answered.diagnosis.length < 1000);
  }
  const outcome = applied(offer, text, own);
  if (!outcome.ok) assert.ok(outcome.diagnosis.length < 1000);
  diagnoseCodecs({ offered: offeredCodecNames(text), allowed: own.codecs });
}

describe('sdp: hostile input', () => {
  it(`survives ${ROUNDS} mutations of real descriptions`, () => {
    const random = randomNumbers(20_261_122);
    const own = local({ codecs: ['OPUS', 'PCMU', 'PCMA', 'G722', 'L16'], srtp: { policy: 'optional' } });
    const offer = offerOf(own);
    let outcomes = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const text = mutate(SAMPLES[random(SAMPLES.length)] ?? '', random);
      check(text, own, offer);
      if (createAnswer(text, own).ok) outcomes += 1;
    }
    assert.ok(outcomes > ROUNDS / 10 && outcomes < ROUNDS, `${outcomes} of ${ROUNDS} were acceptable`);
  });

  it('needs little time for the worst that the limits let through', () => {
    const own = local();
    const offer = offerOf(own);
    const fill = (line: string): string =>
      line.repeat(Math.floor((SDP_LIMITS.characters - 200) / line.length));
    const head = 'v=0\nc=IN IP4 192.0.2.1\n';
    const crowded = `m=audio 5 RTP/AVP${Array.from({ length: 128 }, (_, n) => ` ${n}`).join('')}\n`;
    const worst = [
      `${head}a=${' '.repeat(60_000)}x`,
      `${head}v${' '.repeat(60_000)}x`,
      `${head}a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${'A'.repeat(60_000)}!`,
      `${head}m=audio 5 RTP/AVP 0\na=rtpmap:0${' '.repeat(60_000)}`,
      `${head}${crowded}${'a=rtpmap:96 x/1\n'.repeat(1900)}`,
      `${head}${crowded.repeat(32)}${'a=ptime:x\n'.repeat(1900)}`,
      fill('='),
      fill('m=\n').slice(0, 3 * 1900),
      fill('a='),
      fill('\r'),
    ];
    for (const text of worst) {
      const start = process.cpuUsage();
      check(text, own, offer);
      const { user, system } = process.cpuUsage(start);
      const spent = (user + system) / 1000;
      assert.ok(spent < 1000, `${spent} ms of CPU for ${JSON.stringify(text.slice(0, 60))}`);
    }
  });
});
