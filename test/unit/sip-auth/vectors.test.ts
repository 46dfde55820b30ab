import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { DIGEST_ALGORITHMS, hash, type DigestAlgorithm } from '../../../lib/sip/auth/algorithms';
import { digestResponse, secretHash, type DigestInput } from '../../../lib/sip/auth/digest';

interface Vector {
  name: string;
  user: string;
  realm: string;
  password: string;
  input: DigestInput;
  response: string;
}

const rfc7616 = {
  user: 'Mufasa',
  realm: 'http-auth@example.org',
  password: 'Circle of Life',
  input: {
    method: 'GET',
    uri: '/dir/index.html',
    nonce: '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v',
    cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
    nc: '00000001',
    qop: 'auth',
  },
} as const;

/** The worked SIP examples of draft-smith-sipping-auth-examples. */
const sip = {
  user: 'bob',
  realm: 'biloxi.com',
  password: 'zanzibar',
  input: {
    method: 'INVITE',
    uri: 'sip:bob@biloxi.com',
    nonce: 'dcd98b7102dd2f0e8b11d0f600bfb0c093',
    cnonce: '0a4f113b',
    nc: '00000001',
  },
} as const;

const VECTORS: Vector[] = [
  {
    name: 'RFC 2617, 3.5',
    user: 'Mufasa',
    realm: 'testrealm@host.com',
    password: 'Circle Of Life',
    input: {
      algorithm: 'MD5',
      method: 'GET',
      uri: '/dir/index.html',
      nonce: 'dcd98b7102dd2f0e8b11d0f600bfb0c093',
      cnonce: '0a4f113b',
      nc: '00000001',
      qop: 'auth',
    },
    response: '6629fae49393a05397450978507c4ef1',
  },
  {
    name: 'RFC 7616, 3.9.1, MD5',
    ...rfc7616,
    input: { ...rfc7616.input, algorithm: 'MD5' },
    response: '8ca523f5e9506fed4657c9700eebdbec',
  },
  {
    name: 'RFC 7616, 3.9.1, SHA-256',
    ...rfc7616,
    input: { ...rfc7616.input, algorithm: 'SHA-256' },
    response: '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1',
  },
  {
    name: 'SIP INVITE without qop (RFC 2069)',
    ...sip,
    input: { ...sip.input, algorithm: 'MD5', nc: undefined, cnonce: undefined },
    response: 'bf57e4e0d0bffc0fbaedce64d59add5e',
  },
  {
    name: 'SIP INVITE with qop auth',
    ...sip,
    input: { ...sip.input, algorithm: 'MD5', qop: 'auth' },
    response: '89eb0059246c02b2f6ee02c7961d5ea3',
  },
  {
    name: 'SIP INVITE with MD5-sess and qop auth',
    ...sip,
    input: { ...sip.input, algorithm: 'MD5-sess', qop: 'auth' },
    response: 'e4e4ea61d186d07a92c9e1f6919902e9',
  },
];

describe('digest: published vectors', () => {
  for (const { name, user, realm, password, input, response } of VECTORS) {
    it(name, () => {
      const secret = secretHash(input.algorithm, user, realm, password);
      assert.equal(digestResponse(secret, input), response);
    });
  }

  it('RFC 7616, 3.9.2: SHA-512/256 of the user and realm (with the erratum that corrects it)', () => {
    assert.equal(
      hash('SHA-512-256', 'J\u00e4s\u00f8n Doe:api@example.org'),
      '793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b',
    );
  });
});

describe('digest: cross-computed from the definition', () => {
  const openssl: Record<DigestAlgorithm, string> = {
    'SHA-512-256': 'sha512-256',
    'SHA-512-256-sess': 'sha512-256',
    'SHA-256': 'sha256',
    'SHA-256-sess': 'sha256',
    MD5: 'md5',
    'MD5-sess': 'md5',
  };

  for (const algorithm of DIGEST_ALGORITHMS) {
    for (const qop of ['auth', 'auth-int', undefined] as const) {
      it(`${algorithm}, qop ${qop ?? 'none'}`, () => {
        const h = (text: string): string => createHash(openssl[algorithm]).update(text).digest('hex');
        const body = 'v=0\r\ns=caf\u00e9\r\n';
        const plain = h('J\u00e4s\u00f8n:a realm:p:w"d');
        const a1 = algorithm.endsWith('-sess') ? h(`${plain}:n0:c0`) : plain;
        const a2 = h(qop === 'auth-int' ? `REGISTER:sip:a.example:${h(body)}` : 'REGISTER:sip:a.example');
        const expected = h(qop ? `${a1}:n0:0000000a:c0:${qop}:${a2}` : `${a1}:n0:${a2}`);
        assert.equal(
          digestResponse(secretHash(algorithm, 'J\u00e4s\u00f8n', 'a realm', 'p:w"d'), {
            algorithm,
            method: 'REGISTER',
            uri: 'sip:a.example',
            nonce: 'n0',
            cnonce: 'c0',
            nc: qop && '0000000a',
            qop,
            body,
          }),
          expected,
        );
      });
    }
  }
});
