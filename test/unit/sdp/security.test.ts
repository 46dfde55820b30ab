import assert from 'node:assert/strict';
import { type LocalAudio, type LocalSrtp, type SrtpSuite, createAnswer } from '../../../lib/sdp';
import { answerOf, applied, audioOf, linesOf, local, offerOf } from './local';
import { sdp } from './peers';

const OCTETS: Record<SrtpSuite, number> = {
  AES_CM_128_HMAC_SHA1_80: 30,
  AES_CM_128_HMAC_SHA1_32: 30,
  AES_192_CM_HMAC_SHA1_80: 38,
  AES_192_CM_HMAC_SHA1_32: 38,
  AES_256_CM_HMAC_SHA1_80: 46,
  AES_256_CM_HMAC_SHA1_32: 46,
  AEAD_AES_128_GCM: 28,
  AEAD_AES_256_GCM: 44,
};

const SHA1_80 = 'AES_CM_128_HMAC_SHA1_80';
const SHA1_32 = 'AES_CM_128_HMAC_SHA1_32';
const THEIRS = Buffer.alloc(30, 0x11).toString('base64');
const OTHERS = Buffer.alloc(30, 0x22).toString('base64');

/** Keys that tell whose they are and which one in a row: aa01…, aa02…, … */
function srtp(policy: LocalSrtp['policy'], suites?: SrtpSuite[], fill = 0xa0): LocalSrtp {
  let count = 0;
  return {
    policy,
    ...(suites ? { suites } : {}),
    createKey: (octets) => new Uint8Array(octets).fill(fill + (count += 1)),
  };
}

const key = (fill: number, octets = 30): string => Buffer.alloc(octets, fill).toString('base64');

const peer = (protocol: string, ...attributes: string[]): string =>
  sdp(
    'v=0',
    'o=- 1 1 IN IP4 192.0.2.2',
    's=-',
    'c=IN IP4 192.0.2.2',
    't=0 0',
    `m=audio 6000 ${protocol} 0`,
    ...attributes,
  );

describe('sdp: SRTP keys (RFC 4568)', () => {
  describe('our offer', () => {
    it('required: RTP/SAVP with a key for each suite', () => {
      const offer = offerOf(local({ srtp: srtp('required') }));
      assert.deepEqual(linesOf(offer, 'm='), ['m=audio 10000 RTP/SAVP 0 8 101']);
      assert.deepEqual(linesOf(offer, 'a=crypto'), [
        `a=crypto:1 ${SHA1_80} inline:${key(0xa1)}`,
        `a=crypto:2 ${SHA1_32} inline:${key(0xa2)}`,
        `a=crypto:3 AES_256_CM_HMAC_SHA1_80 inline:${key(0xa3, 46)}`,
        `a=crypto:4 AEAD_AES_256_GCM inline:${key(0xa4, 44)}`,
      ]);
    });

    it('optional: keys under RTP/AVP (RFC 8643)', () => {
      const offer = offerOf(local({ srtp: srtp('optional', [SHA1_80]) }));
      assert.deepEqual(linesOf(offer, 'm='), ['m=audio 10000 RTP/AVP 0 8 101']);
      assert.equal(linesOf(offer, 'a=crypto').length, 1);
    });

    it('off: no key', () => {
      assert.deepEqual(linesOf(offerOf(local()), 'a=crypto'), []);
    });

    it('makes random keys of the right length', () => {
      const suites = Object.keys(OCTETS) as SrtpSuite[];
      const make = (): string[] =>
        linesOf(offerOf(local({ srtp: { policy: 'required', suites } })), 'a=crypto');
      const lines = [...make(), ...make()];
      assert.equal(new Set(lines).size, 16);
      for (const line of lines) {
        const [, suite, inline] = line.split(' ') as [string, SrtpSuite, string];
        assert.equal(Buffer.from(inline.slice('inline:'.length), 'base64').length, OCTETS[suite]);
      }
    });
  });

  describe('the answer to it', () => {
    const mine = (policy: LocalSrtp['policy']): LocalAudio => local({ srtp: srtp(policy) });

    it('gives the keys of both directions', () => {
      const own = mine('required');
      const answer = peer('RTP/SAVP', `a=crypto:2 ${SHA1_32} inline:${THEIRS}|2^20`);
      assert.deepEqual(audioOf(applied(offerOf(own), answer, own)).srtp, {
        suite: SHA1_32,
        sendKey: key(0xa2),
        receiveKey: THEIRS,
      });
    });

    it('optional and no key: plain RTP', () => {
      const own = mine('optional');
      assert.equal(audioOf(applied(offerOf(own), peer('RTP/AVP'), own)).srtp, undefined);
    });

    it('optional and answered with RTP/SAVP: understood by the key', () => {
      const own = mine('optional');
      const answer = peer('RTP/SAVP', `a=crypto:1 ${SHA1_80} inline:${THEIRS}`);
      assert.equal(audioOf(applied(offerOf(own), answer, own)).srtp?.suite, SHA1_80);
    });

    const FAULTS: [name: string, policy: LocalSrtp['policy'], answer: string, diagnosis: RegExp][] = [
      ['required and no key', 'required', peer('RTP/SAVP'), /requires SRTP; the answer brings no key/],
      ['required and plain RTP', 'required', peer('RTP/AVP'), /requires SRTP; the answer brings no key/],
      ['RTP/SAVP without key', 'optional', peer('RTP/SAVP'), /from RTP\/AVP to RTP\/SAVP/],
      [
        'a suite that was not offered',
        'optional',
        peer('RTP/AVP', `a=crypto:1 AES_256_CM_HMAC_SHA1_32 inline:${key(1, 46)}`),
        /encrypts with AES_256_CM_HMAC_SHA1_32; offered AES_CM_128/,
      ],
      [
        'a key that is too short',
        'required',
        peer('RTP/SAVP', `a=crypto:1 ${SHA1_80} inline:${key(1, 16)}`),
        /the answer encrypts with/,
      ],
    ];
    for (const [name, policy, answer, diagnosis] of FAULTS) {
      it(`${name}: refused`, () => {
        const own = mine(policy);
        const result = applied(offerOf(own), answer, own);
        assert.ok(!result.ok);
        assert.equal(result.reason, 'security');
        assert.match(result.diagnosis, diagnosis);
      });
    }
  });

  describe('our answer', () => {
    it('takes the first suite of the offer that we allow, with its tag', () => {
      const offer = peer(
        'RTP/SAVP',
        `a=crypto:7 F8_128_HMAC_SHA1_80 inline:${key(9)}`,
        `a=crypto:1 AEAD_AES_128_GCM inline:${key(9, 28)}`,
        `a=crypto:5 ${SHA1_32} inline:${OTHERS}`,
        `a=crypto:6 ${SHA1_80} inline:${THEIRS}`,
      );
      const result = createAnswer(offer, local({ srtp: srtp('optional') }));
      assert.deepEqual(linesOf(answerOf(result), 'm='), ['m=audio 10000 RTP/SAVP 0']);
      assert.deepEqual(linesOf(answerOf(result), 'a=crypto'), [`a=crypto:5 ${SHA1_32} inline:${key(0xa1)}`]);
      assert.deepEqual(audioOf(result).srtp, { suite: SHA1_32, sendKey: key(0xa1), receiveKey: OTHERS });
    });

    it('encrypts under RTP/AVP when the offer brings a key and we may', () => {
      const offer = peer('RTP/AVP', `a=crypto:1 ${SHA1_80} inline:${THEIRS}`);
      for (const policy of ['optional', 'required'] as const) {
        const result = createAnswer(offer, local({ srtp: srtp(policy) }));
        assert.deepEqual(linesOf(answerOf(result), 'm='), ['m=audio 10000 RTP/AVP 0']);
        assert.equal(audioOf(result).srtp?.receiveKey, THEIRS);
      }
      const off = createAnswer(offer, local());
      assert.equal(audioOf(off).srtp, undefined);
      assert.deepEqual(linesOf(answerOf(off), 'a=crypto'), []);
    });

    it('of a plain and an encrypted line takes the encrypted one, unless SRTP is off', () => {
      const offer = `${peer('RTP/AVP')}m=audio 6002 RTP/SAVP 0\r\na=crypto:1 ${SHA1_80} inline:${THEIRS}\r\n`;
      const secured = createAnswer(offer, local({ srtp: srtp('optional') }));
      assert.deepEqual(linesOf(answerOf(secured), 'm='), ['m=audio 0 RTP/AVP 0', 'm=audio 10000 RTP/SAVP 0']);
      const plain = createAnswer(offer, local());
      assert.deepEqual(linesOf(answerOf(plain), 'm='), ['m=audio 10000 RTP/AVP 0', 'm=audio 0 RTP/SAVP 0']);
    });

    const USABLE: [name: string, line: string][] = [
      ['a lifetime', `1 ${SHA1_80} inline:${THEIRS}|2^31`],
      ['a lifetime in digits', `1 ${SHA1_80} inline:${THEIRS}|1048576`],
      ['a window size', `1 ${SHA1_80} inline:${THEIRS} WSH=64`],
      ['a parameter that may be ignored', `1 ${SHA1_80} inline:${THEIRS} -X=1`],
      ['a lower-case suite', `1 ${SHA1_80.toLowerCase()} inline:${THEIRS}`],
      ['more space than needed', `1  ${SHA1_80}  inline:${THEIRS} `],
    ];
    for (const [name, line] of USABLE) {
      it(`understands ${name}`, () => {
        const result = createAnswer(peer('RTP/SAVP', `a=crypto:${line}`), local({ srtp: srtp('required') }));
        assert.equal(audioOf(result).srtp?.receiveKey, THEIRS);
      });
    }

    it('understands a key without its padding', () => {
      const long = key(0x33, 46);
      assert.ok(long.endsWith('='));
      const offer = peer('RTP/SAVP', `a=crypto:1 AES_256_CM_HMAC_SHA1_80 inline:${long.replace(/=+$/, '')}`);
      const own = local({ srtp: srtp('required', ['AES_256_CM_HMAC_SHA1_80']) });
      assert.equal(audioOf(createAnswer(offer, own)).srtp?.receiveKey, long);
    });

    const IDENTIFIED: [name: string, keys: string, own: string, received: string][] = [
      ['a key identifier', `inline:${THEIRS}|2^20|1:4`, '|1:4', `${THEIRS}|1:4`],
      ['one without a lifetime', `inline:${THEIRS}|7:1`, '|7:1', `${THEIRS}|7:1`],
      ['one with zeros before it', `inline:${THEIRS}|1048576|0007:2`, '|7:2', `${THEIRS}|7:2`],
      [
        'several keys',
        `inline:${THEIRS}|2^20|1:4;inline:${OTHERS}|2^20|2:4`,
        '|1:4',
        `${THEIRS}|1:4;${OTHERS}|2:4`,
      ],
      [
        'the longest identifier',
        `inline:${THEIRS}|${2n ** 1024n - 1n}:128`,
        `|${2n ** 1024n - 1n}:128`,
        `${THEIRS}|${2n ** 1024n - 1n}:128`,
      ],
    ];
    for (const [name, keys, own, received] of IDENTIFIED) {
      it(`understands ${name}, and gives its own key one of that length`, () => {
        const offer = peer('RTP/SAVP', `a=crypto:3 ${SHA1_80} ${keys}`);
        const mine = local({ srtp: srtp('required') });
        const result = createAnswer(offer, mine);
        assert.deepEqual(linesOf(answerOf(result), 'a=crypto'), [
          `a=crypto:3 ${SHA1_80} inline:${key(0xa1)}${own}`,
        ]);
        assert.deepEqual(audioOf(result).srtp, {
          suite: SHA1_80,
          sendKey: key(0xa1) + own,
          receiveKey: received,
        });
        const again = offerOf({ ...mine, previous: answerOf(result) });
        assert.ok(linesOf(again, 'a=crypto')[0].endsWith(`inline:${key(0xa1)}${own}`), 'our key stays');
      });
    }

    it('repeats the name that a draft gave to a suite', () => {
      const offer = peer('RTP/SAVP', `a=crypto:2 AES_CM_256_HMAC_SHA1_80 inline:${key(9, 46)}`);
      const result = createAnswer(offer, local({ srtp: srtp('required') }));
      assert.deepEqual(linesOf(answerOf(result), 'a=crypto'), [
        `a=crypto:2 AES_CM_256_HMAC_SHA1_80 inline:${key(0xa1, 46)}`,
      ]);
      assert.equal(audioOf(result).srtp?.suite, 'AES_256_CM_HMAC_SHA1_80');
    });

    it('of a hundred lines reads the first 64', () => {
      const lines = (usable: number): string[] =>
        Array.from({ length: 100 }, (_, index) =>
          index === usable
            ? `a=crypto:${index} ${SHA1_80} inline:${THEIRS}`
            : `a=crypto:${index} F8_128_HMAC_SHA1_80 inline:${OTHERS}`,
        );
      const own = local({ srtp: srtp('required') });
      assert.equal(audioOf(createAnswer(peer('RTP/SAVP', ...lines(63)), own)).srtp?.receiveKey, THEIRS);
      assert.equal(createAnswer(peer('RTP/SAVP', ...lines(64)), own).ok, false);
    });

    it('of two lines with one tag takes the one that it can use', () => {
      const offer = peer(
        'RTP/SAVP',
        `a=crypto:1 AES_256_CM_HMAC_SHA1_32 inline:${key(9, 46)}`,
        `a=crypto:1 ${SHA1_80} inline:${THEIRS}`,
      );
      const result = createAnswer(offer, local({ srtp: srtp('required') }));
      assert.equal(audioOf(result).srtp?.receiveKey, THEIRS);
    });

    const UNUSABLE: [name: string, line: string][] = [
      ['several keys without identifiers', `1 ${SHA1_80} inline:${THEIRS};inline:${OTHERS}`],
      ['identifiers of two lengths', `1 ${SHA1_80} inline:${THEIRS}|1:4;inline:${OTHERS}|2:2`],
      ['two keys with one identifier', `1 ${SHA1_80} inline:${THEIRS}|1:4;inline:${OTHERS}|01:4`],
      ['an identifier too large for its length', `1 ${SHA1_80} inline:${THEIRS}|256:1`],
      ['an identifier of no length', `1 ${SHA1_80} inline:${THEIRS}|1:0`],
      ['an identifier that is too long', `1 ${SHA1_80} inline:${THEIRS}|1:129`],
      [
        'a hundred keys',
        `1 ${SHA1_80} ${Array.from({ length: 100 }, (_, i) => `inline:${THEIRS}|${i}:1`).join(';')}`,
      ],
      ['a parameter that nobody knows', `1 ${SHA1_80} inline:${THEIRS} NEW_THING=1`],
      ['unauthenticated packets', `1 ${SHA1_80} inline:${THEIRS} UNAUTHENTICATED_SRTP`],
      ['unencrypted reports', `1 ${SHA1_80} inline:${THEIRS} UNENCRYPTED_SRTCP`],
      ['error correction', `1 ${SHA1_80} inline:${THEIRS} FEC_ORDER=FEC_SRTP`],
      ['an unencrypted stream', `1 ${SHA1_80} inline:${THEIRS} UNENCRYPTED_SRTP`],
      ['key derivation', `1 ${SHA1_80} inline:${THEIRS} KDR=1`],
      ['a short key', `1 ${SHA1_80} inline:${key(1, 29)}`],
      ['no key', `1 ${SHA1_80}`],
      ['a key that is no base64', `1 ${SHA1_80} inline:%%%%`],
      ['an unknown suite', `1 F8_128_HMAC_SHA1_80 inline:${THEIRS}`],
      ['no tag', `x ${SHA1_80} inline:${THEIRS}`],
    ];
    for (const [name, line] of UNUSABLE) {
      it(`refuses ${name} under RTP/SAVP, and stays plain under RTP/AVP`, () => {
        const own = local({ srtp: srtp('optional') });
        const refused = createAnswer(peer('RTP/SAVP', `a=crypto:${line}`), own);
        assert.ok(!refused.ok);
        assert.match(
          refused.diagnosis,
          /^no (key of the offer can be used|common encryption: the offer has only .*; this phone allows AES_CM_128)/,
        );
        assert.equal(audioOf(createAnswer(peer('RTP/AVP', `a=crypto:${line}`), own)).srtp, undefined);
      });
    }

    const REFUSED: [name: string, protocol: string, policy: LocalSrtp | undefined, diagnosis: RegExp][] = [
      ['SRTP is off', 'RTP/SAVP', undefined, /requires encryption \(RTP\/SAVP\) and this phone has SRTP off/],
      ['the offer has no key', 'RTP/SAVP', srtp('optional'), /brings no key \(a=crypto\)/],
      ['we require SRTP', 'RTP/AVP', srtp('required'), /this phone requires SRTP; the offer brings no key/],
    ];
    for (const [name, protocol, policy, diagnosis] of REFUSED) {
      it(`refuses when ${name}`, () => {
        const result = createAnswer(peer(protocol), local(policy ? { srtp: policy } : {}));
        assert.ok(!result.ok);
        assert.equal(result.reason, 'security');
        assert.match(result.diagnosis, diagnosis);
      });
    }
  });

  describe('re-offers', () => {
    it('keep the profile and our key, whoever asks', () => {
      const caller = local({ srtp: srtp('required', undefined, 0xa0) });
      const callee = local({ srtp: srtp('optional', undefined, 0xc0) });
      const offer = offerOf(caller);
      const answered = createAnswer(offer, callee);
      const first = audioOf(answered).srtp;
      assert.deepEqual(first, { suite: SHA1_80, sendKey: key(0xc1), receiveKey: key(0xa1) });

      const holding: LocalAudio = { ...callee, direction: 'sendonly', previous: answerOf(answered) };
      const hold = offerOf(holding);
      assert.deepEqual(linesOf(hold, 'm='), ['m=audio 10000 RTP/SAVP 0 8 101']);
      const held = createAnswer(hold, { ...caller, previous: offer });
      assert.deepEqual(audioOf(held).srtp, { suite: SHA1_80, sendKey: key(0xa1), receiveKey: key(0xc1) });
      assert.deepEqual(audioOf(applied(hold, answerOf(held), holding)).srtp, first);
    });

    it('a required key may not be lost on the way', () => {
      const own = local({ srtp: srtp('required') });
      const answered = createAnswer(peer('RTP/AVP', `a=crypto:1 ${SHA1_80} inline:${THEIRS}`), own);
      const again = { ...own, previous: answerOf(answered) };
      const offer = offerOf(again);
      assert.deepEqual(linesOf(offer, 'm='), ['m=audio 10000 RTP/AVP 0 8 101']);
      assert.equal(applied(offer, peer('RTP/AVP'), again).ok, false);
    });
  });
});
