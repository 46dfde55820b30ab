import assert from 'node:assert/strict';
import { answerBindingRequest, kindOfDatagram } from '../../../lib/stun';
import { decodeBindingResponse, encodeBindingRequest } from '../../../lib/stun/binding';
import {
  readMappedAddress,
  writeMappedAddress,
  writeXorMappedAddress,
} from '../../../lib/stun/mapped-address';
import { ATTRIBUTES, decodeStun, encodeStun, MESSAGE_TYPES } from '../../../lib/stun/message';

const hex = (text: string): Buffer => Buffer.from(text.replace(/\s+/g, ''), 'hex');

const ID = hex('b7e7a701 bc34d686 fa87dfae');

/** RFC 5769, 2.1: a request with SOFTWARE, PRIORITY, ICE-CONTROLLED, USERNAME, MESSAGE-INTEGRITY, FINGERPRINT. */
const SAMPLE_REQUEST = hex(`
  00010058 2112a442 b7e7a701 bc34d686 fa87dfae
  80220010 5354554e 20746573 7420636c 69656e74
  00240004 6e0001ff
  80290008 932ff9b1 51263b36
  00060009 6576746a 3a683676 59202020
  00080014 9aeaa70c bfd8cb56 781ef2b5 b2d3f249 c1b571a2
  80280004 e57a3bcf`);

/** RFC 5769, 2.2 and 2.3: responses for 192.0.2.1:32853 and 2001:db8:1234:5678:11:2233:4455:6677:32853. */
const SAMPLE_IPV4 = hex(`
  0101003c 2112a442 b7e7a701 bc34d686 fa87dfae
  8022000b 74657374 20766563 746f7220
  00200008 0001a147 e112a643
  00080014 2b91f599 fd9e90c3 8c7489f9 2af9ba53 f06be7d7
  80280004 c07d4c96`);
const SAMPLE_IPV6 = hex(`
  01010048 2112a442 b7e7a701 bc34d686 fa87dfae
  8022000b 74657374 20766563 746f7220
  00200014 0002a147 0113a9fa a5d3f179 bc25f4b5 bed2b9d9
  00080014 a382954e 4be67bf1 1784c97c 8292c275 bfe3ed41
  80280004 c8fb0b4c`);

describe('STUN codec', () => {
  it('RFC 5769, 2.1: reads the sample request, its FINGERPRINT holds', () => {
    const request = decodeStun(SAMPLE_REQUEST);
    assert.equal(request?.type, MESSAGE_TYPES.bindingRequest);
    assert.ok(request.transactionId.equals(ID));
    assert.deepEqual(
      request.attributes.map(({ type }) => type),
      [0x8022, 0x0024, 0x8029, 0x0006, 0x0008],
    );
    assert.equal(request.attributes[3].value.toString(), 'evtj:h6vY');
  });

  it('RFC 5769, 2.2: reads the IPv4 response', () => {
    assert.deepEqual(decodeBindingResponse(SAMPLE_IPV4, ID), {
      kind: 'mapped',
      mapped: { address: '192.0.2.1', family: 4, port: 32_853 },
    });
  });

  it('RFC 5769, 2.3: reads the IPv6 response', () => {
    assert.deepEqual(decodeBindingResponse(SAMPLE_IPV6, ID), {
      kind: 'mapped',
      mapped: { address: '2001:db8:1234:5678:11:2233:4455:6677', family: 6, port: 32_853 },
    });
  });

  it('any changed bit breaks the FINGERPRINT', () => {
    for (let bit = 0; bit < SAMPLE_IPV4.length * 8; bit += 7) {
      const changed = Buffer.from(SAMPLE_IPV4);
      changed[bit >> 3] ^= 1 << (bit & 7);
      // A change of the last attribute's type makes it an unknown optional one, and there is no FINGERPRINT left.
      const isTypeOfFingerprint = bit >> 3 >= SAMPLE_IPV4.length - 8 && bit >> 3 < SAMPLE_IPV4.length - 6;
      if (!isTypeOfFingerprint) assert.equal(decodeStun(changed), undefined, `bit ${bit}`);
    }
  });

  it('writes a request byte for byte', () => {
    assert.deepEqual(encodeBindingRequest(ID), hex('00010000 2112a442 b7e7a701bc34d686fa87dfae'));
    assert.deepEqual(
      encodeBindingRequest(ID, { software: 'abcde' }),
      hex('0001000c 2112a442 b7e7a701bc34d686fa87dfae 80220005 6162636465000000'),
    );
    const withFingerprint = encodeBindingRequest(ID, { fingerprint: true });
    assert.equal(withFingerprint.length, 28);
    assert.ok(decodeStun(withFingerprint));
    withFingerprint[27] ^= 1;
    assert.equal(decodeStun(withFingerprint), undefined);
  });

  it('addresses survive writing and reading, masked and plain', () => {
    for (const address of [
      '0.0.0.0',
      '255.255.255.255',
      '::',
      '::1',
      '2001:db8::1:0:0:1',
      'fe80::1',
      '::ffff:1.2.3.4',
    ]) {
      for (const port of [1, 5060, 65_535]) {
        for (const [type, value] of [
          [ATTRIBUTES.xorMappedAddress, writeXorMappedAddress({ address, port }, ID)],
          [ATTRIBUTES.mappedAddress, writeMappedAddress({ address, port })],
        ] as const) {
          const read = readMappedAddress({
            type: MESSAGE_TYPES.bindingSuccess,
            transactionId: ID,
            attributes: [{ type, value }],
          });
          assert.equal(read?.port, port);
          assert.equal(read.address, address === '::ffff:1.2.3.4' ? '::ffff:102:304' : address);
        }
      }
    }
    assert.throws(() => writeMappedAddress({ address: 'x', port: 1 }), TypeError);
  });

  it('prefers XOR-MAPPED-ADDRESS and falls back to MAPPED-ADDRESS', () => {
    const plain = {
      type: ATTRIBUTES.mappedAddress,
      value: writeMappedAddress({ address: '10.0.0.1', port: 1 }),
    };
    const xored = {
      type: ATTRIBUTES.xorMappedAddress,
      value: writeXorMappedAddress({ address: '10.0.0.2', port: 2 }, ID),
    };
    const read = (attributes: { type: number; value: Buffer }[]): string | undefined =>
      readMappedAddress({ type: MESSAGE_TYPES.bindingSuccess, transactionId: ID, attributes })?.address;
    assert.equal(read([plain, xored]), '10.0.0.2');
    assert.equal(read([plain]), '10.0.0.1');
    assert.equal(read([]), undefined);
  });

  it('a response of another transaction, a request and an indication are nobody’s answer', () => {
    assert.equal(decodeBindingResponse(SAMPLE_IPV4, Buffer.alloc(12)), undefined);
    assert.equal(decodeBindingResponse(SAMPLE_REQUEST, ID), undefined);
    assert.equal(
      decodeBindingResponse(encodeStun({ type: 0x0011, transactionId: ID, attributes: [] }), ID),
      undefined,
    );
  });

  it('reads error responses, and calls broken ones unusable', () => {
    const error = (value: Buffer): unknown =>
      decodeBindingResponse(
        encodeStun({
          type: MESSAGE_TYPES.bindingError,
          transactionId: ID,
          attributes: [{ type: ATTRIBUTES.errorCode, value }],
        }),
        ID,
      );
    assert.deepEqual(error(Buffer.from([0, 0, 4, 1, ...Buffer.from('Una\u0007uthorized')])), {
      kind: 'error',
      code: 401,
      reason: 'Una?uthorized',
    });
    for (const bad of [
      Buffer.alloc(0),
      Buffer.from([0, 0, 4]),
      Buffer.from([0, 0, 2, 0]),
      Buffer.from([0, 0, 4, 100]),
    ]) {
      assert.deepEqual(error(bad), { kind: 'unusable' });
    }
  });

  it('a success without address, with port 0 or with an attribute that must be understood is unusable', () => {
    const success = (...attributes: { type: number; value: Buffer }[]): unknown =>
      decodeBindingResponse(
        encodeStun({ type: MESSAGE_TYPES.bindingSuccess, transactionId: ID, attributes }),
        ID,
      );
    const good = {
      type: ATTRIBUTES.xorMappedAddress,
      value: writeXorMappedAddress({ address: '192.0.2.1', port: 9 }, ID),
    };
    const unusable = { kind: 'unusable' };
    assert.deepEqual(success(), unusable);
    assert.deepEqual(
      success({ ...good, value: writeXorMappedAddress({ address: '192.0.2.1', port: 0 }, ID) }),
      unusable,
    );
    assert.deepEqual(success({ ...good, value: good.value.subarray(0, 7) }), unusable);
    assert.deepEqual(success({ ...good, value: Buffer.concat([good.value, Buffer.alloc(1)]) }), unusable);
    assert.deepEqual(success({ ...good, value: Buffer.from(good.value).fill(9, 1, 2) }), unusable);
    assert.deepEqual(success(good, { type: 0x7fff, value: Buffer.alloc(0) }), unusable);
    // SOURCE-ADDRESS and CHANGED-ADDRESS of RFC 3489 servers, and anything optional, do no harm.
    const others = [0x0004, 0x0005, 0x802b, 0xffff].map((type) => ({ type, value: Buffer.alloc(8) }));
    assert.equal((success(good, ...others) as { kind: string }).kind, 'mapped');
  });
});

describe('STUN: answering a binding request', () => {
  it('gives the sender its address', () => {
    const request = encodeBindingRequest(ID);
    for (const address of ['192.0.2.77', '2001:db8::77']) {
      const answer = answerBindingRequest(request, { address, port: 4_444 });
      assert.ok(answer);
      assert.deepEqual(decodeBindingResponse(answer, ID), {
        kind: 'mapped',
        mapped: { address, family: address.includes(':') ? 6 : 4, port: 4_444 },
      });
      assert.ok(answer.length <= 3 * request.length);
    }
    assert.ok(answerBindingRequest(SAMPLE_REQUEST, { address: '192.0.2.1', port: 1 }));
  });

  it('420 with UNKNOWN-ATTRIBUTES for what it would have to understand', () => {
    const request = encodeStun({
      type: MESSAGE_TYPES.bindingRequest,
      transactionId: ID,
      attributes: [0x7001, 0xf001, 0x7002].map((type) => ({ type, value: Buffer.alloc(0) })),
    });
    assert.deepEqual(
      answerBindingRequest(request, { address: '192.0.2.1', port: 1 }),
      hex('01110010 2112a442 b7e7a701bc34d686fa87dfae 00090004 00000414 000a0004 70017002'),
    );
  });

  it('never answers a response, an indication or something else', () => {
    const from = { address: '192.0.2.1', port: 1 };
    for (const bytes of [
      SAMPLE_IPV4,
      hex('00110000 2112a442 b7e7a701bc34d686fa87dfae'),
      Buffer.from('OPTIONS'),
    ]) {
      assert.equal(answerBindingRequest(bytes, from), undefined);
    }
  });
});

describe('STUN: hostile input', () => {
  it('refuses what is cut off, too long, or lies about its length', () => {
    for (let length = 0; length < SAMPLE_IPV6.length; length++) {
      assert.equal(decodeStun(SAMPLE_IPV6.subarray(0, length)), undefined, `${length} bytes`);
    }
    assert.equal(decodeStun(Buffer.concat([SAMPLE_IPV4, Buffer.alloc(4)])), undefined);
    assert.equal(decodeStun(hex('01010004 2112a442 000000000000000000000000 0020ffff')), undefined);
    assert.equal(decodeStun(hex('01010008 2112a442 000000000000000000000000 00200005 00000000')), undefined);
    assert.equal(decodeStun(hex('01010000 2112a443 000000000000000000000000')), undefined);
    assert.equal(decodeStun(hex('c1010000 2112a442 000000000000000000000000')), undefined);
    const flood = Buffer.alloc(20 + 4 * 400);
    hex('01010640 2112a442').copy(flood);
    assert.equal(decodeStun(flood), undefined);
    assert.equal(decodeStun(Buffer.alloc(65_535)), undefined);
  });

  it('survives 50,000 mutated messages', () => {
    let seed = 99;
    const random = (limit: number): number => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % limit;
    };
    const samples = [SAMPLE_REQUEST, SAMPLE_IPV4, SAMPLE_IPV6, encodeBindingRequest(ID)];
    for (let round = 0; round < 50_000; round++) {
      const bytes = Buffer.from(samples[random(samples.length)]);
      for (let changes = random(4); changes >= 0; changes--) bytes[random(bytes.length)] = random(256);
      const cut = bytes.subarray(0, random(8) === 0 ? random(bytes.length) : bytes.length);
      decodeBindingResponse(cut, ID);
      answerBindingRequest(cut, { address: '::1', port: 1 });
    }
  });
});

describe('demultiplexing of datagrams (RFC 7983)', () => {
  it('tells them by the first byte', () => {
    const kinds = ['stun', 'dtls', 'rtp', 'sip'].map((kind) =>
      Array.from({ length: 256 }, (_, byte) => byte).filter(
        (byte) => kindOfDatagram(Uint8Array.of(byte)) === kind,
      ),
    );
    const ends = kinds.slice(0, 3).map((bytes) => [bytes[0], bytes.at(-1), bytes.length]);
    assert.deepEqual(ends, [
      [0, 3, 4],
      [20, 63, 44],
      [128, 191, 64],
    ]);
    for (const text of ['INVITE', 'SIP/2.0', '\r\n', ''])
      assert.equal(kindOfDatagram(Buffer.from(text)), 'sip');
  });
});
