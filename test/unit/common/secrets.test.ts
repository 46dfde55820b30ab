import assert from 'node:assert/strict';
import { maskHeaders, maskKeys, maskSecrets, maskSecretsEvenly } from '../../../lib/common/secrets';

const message = [
  'REGISTER sip:a SIP/2.0',
  'Authorization: Digest username="al\\"ice", realm="r", nonce="n0", uri="sip:a",',
  ' response="deadbeef", cnonce=c0ffee, algorithm=MD5',
  'proxy-authorization : Basic c2VjcmV0',
  'WWW-Authenticate: Digest realm="r", nonce="public"',
  'Authentication-Info: nextnonce="n1", rspauth="feedface", qop=auth',
  '',
  'response="in the body"',
].join('\r\n');

describe('masking of secrets', () => {
  it('leaves what helps and hides what could be used, also in folded lines', () => {
    assert.equal(
      maskSecrets(message),
      [
        'REGISTER sip:a SIP/2.0',
        'Authorization: Digest username=***, realm="r", nonce=***, uri="sip:a",',
        ' response=***, cnonce=***, algorithm=MD5',
        'proxy-authorization : ***',
        'WWW-Authenticate: Digest realm="r", nonce="public"',
        'Authentication-Info: nextnonce="n1", rspauth=***, qop=auth',
        '',
        'response="in the body"',
      ].join('\r\n'),
    );
  });

  it('keeps every byte of a message where it was when its length has to stay', () => {
    const bytes = Buffer.concat([
      Buffer.from(`${message}\r\na=crypto:1 S inline:AbC+/9=|2^20\r\nk=clear:é\r\n`),
      Buffer.of(0xff, 0),
    ]);
    const masked = maskSecretsEvenly(bytes);
    assert.equal(masked.length, bytes.length);
    assert.deepEqual(masked.toString('latin1').split('\r\n'), [
      'REGISTER sip:a SIP/2.0',
      'Authorization: Digest username="*******", realm="r", nonce="**", uri="sip:a",',
      ' response="********", cnonce=******, algorithm=MD5',
      'proxy-authorization : **************',
      'WWW-Authenticate: Digest realm="r", nonce="public"',
      'Authentication-Info: nextnonce="n1", rspauth="********", qop=auth',
      '',
      'response="in the body"',
      'a=crypto:1 S inline:*******|2^20',
      'k=clear:**',
      '\xff\0',
    ]);
    const folded = Buffer.from('Authorization: Bearer\r\n\tabc def\r\nTo: x\r\n');
    assert.equal(maskSecretsEvenly(folded).toString(), 'Authorization: ******\r\n\t*******\r\nTo: x\r\n');
    const harmless = Buffer.from('OPTIONS sip:a SIP/2.0\r\n\r\n\xff', 'latin1');
    assert.deepEqual(maskSecretsEvenly(harmless), harmless);
    maskSecretsEvenly(harmless).fill(0);
    assert.equal(harmless[0], 0x4f, 'a copy');
  });

  it('takes huge fields without harm', () => {
    const huge = `Authorization: Digest response="${'\\a'.repeat(30_000)}`;
    assert.equal(maskSecrets(huge), 'Authorization: Digest response=***');
    const began = performance.now();
    for (const text of ['key-mgmt:', 'inline:', 'k=a:', '\r\nk=', 'a=crypto:1 x inline:y;']) {
      maskSecrets(text.repeat(65_536 / text.length));
    }
    assert.ok(performance.now() - began < 1000);
  });

  it('hides every form of key in a session description and nothing else', () => {
    const lines = [
      'v=0',
      'k=base64:c2Vzc2lvbg==',
      'k=prompt',
      'm=audio 10000 RTP/SAVP 0',
      'k=clear:hush hush',
      'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:AAAA/+==|2^20|1:4;inline:BBBB|2^20|2:4 WSH=64',
      'a=CRYPTO:2 AEAD_AES_128_GCM INLINE:CCCC',
      'a=acap:1 crypto:1 AES_CM_128_HMAC_SHA1_80 inline:DDDD',
      'a=key-mgmt:mikey AQAFgM0XflABAAAA',
      'a=rtpmap:0 PCMU/8000',
    ];
    assert.deepEqual(maskKeys(lines.join('\r\n')).split('\r\n'), [
      'v=0',
      'k=base64:***',
      'k=prompt',
      'm=audio 10000 RTP/SAVP 0',
      'k=clear:***',
      'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:***|2^20|1:4;inline:***|2^20|2:4 WSH=64',
      'a=CRYPTO:2 AEAD_AES_128_GCM inline:***',
      'a=acap:1 crypto:1 AES_CM_128_HMAC_SHA1_80 inline:***',
      'a=key-mgmt:mikey ***',
      'a=rtpmap:0 PCMU/8000',
    ]);
  });

  it('masks the credentials among header fields', () => {
    assert.deepEqual(
      maskHeaders({
        Authorization: ['Digest username="a", realm="r", response="deadbeef"', 'Bearer eyJ0'],
        'Proxy-Authorization': ['Digest response=deadbeef, uri="sip:a"'],
        'WWW-Authenticate': ['Digest realm="r", nonce="n"'],
        From: ['<sip:a@b>;tag=1'],
      }),
      {
        Authorization: ['Digest username=***, realm="r", response=***', '***'],
        'Proxy-Authorization': ['Digest response=***, uri="sip:a"'],
        'WWW-Authenticate': ['Digest realm="r", nonce="n"'],
        From: ['<sip:a@b>;tag=1'],
      },
    );
  });
});
