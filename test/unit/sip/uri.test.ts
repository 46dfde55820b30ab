import assert from 'node:assert/strict';
import {
  escapeUser,
  formatSipUri,
  parseSipUri,
  uriHost,
  uriParameter,
  userOf,
} from '../../../lib/sip/message/uri';

describe('SIP URIs', () => {
  const VERBATIM = [
    'sip:bob@example.com',
    'SIP:Bob@Example.COM:5070',
    'sips:bob:secret@[2001:db8::1]:5061;transport=tcp;lr?Subject=x&To=y',
    'sip:[fe80::1%eth0]',
    'sip:1host_a.example;maddr=1.2.3.4',
    'sip:%23600;phone-context=+49@10.0.0.1',
    'sip:#600@pbx_1',
    'sip:user?name/@x',
    'sip:a@b@host',
    'tel:+4930123;ext=5;phone-context=example.com',
    'urn:service:sos',
  ];
  for (const text of VERBATIM) {
    it(`writes ${text} as it was read`, () => {
      const uri = parseSipUri(text);
      assert.ok(uri);
      assert.equal(formatSipUri(uri), text);
    });
  }

  it('takes a URI apart', () => {
    assert.deepEqual(parseSipUri('sips:bob:pw@[::1]:5061;transport=tcp;lr?Subject=x'), {
      scheme: 'sips',
      user: 'bob',
      password: 'pw',
      host: '[::1]',
      port: 5061,
      parameters: ';transport=tcp;lr',
      headers: '?Subject=x',
    });
  });

  it('refuses what is none', () => {
    for (const text of [
      '',
      'bob',
      'sip:',
      'sip:@',
      'sip:a b@c',
      'sip:a@b:99999',
      'sip:a@b:x',
      '<sip:a@b>',
      'tel:',
      '1sip:a@b',
    ]) {
      assert.equal(parseSipUri(text), undefined, text);
    }
  });

  it('gives host, parameters and the number that was called', () => {
    const uri = parseSipUri('sip:%2B49;x=1@[::1]:5060;Transport=TCP;lr');
    assert.ok(uri);
    assert.equal(uriHost(uri), '::1');
    assert.equal(uriParameter(uri, 'transport'), 'TCP');
    assert.equal(uriParameter(uri, 'lr'), null);
    assert.equal(uriParameter(uri, 'none'), undefined);
    const odd = { scheme: 'sip', host: 'x', headers: '', parameters: ';;a=;lrx;b=1=2;lr;c' };
    const values = ['a', 'b', 'lr', 'c', 'rx', ''].map((name) => uriParameter(odd, name));
    assert.deepEqual(values, ['', '1=2', null, null, undefined, null]);
    assert.equal(userOf(uri), '+49');
    assert.equal(userOf({ scheme: 'sip', host: 'x', parameters: '', headers: '', user: '%zz' }), '%zz');
  });

  it('escapes what a user part may not contain, and nothing twice', () => {
    assert.equal(escapeUser('*600#'), '*600%23');
    assert.equal(escapeUser('a b@c%41%'), 'a%20b%40c%41%25');
    assert.equal(escapeUser('Jörg'), 'J%C3%B6rg');
    assert.equal(escapeUser('+49(30)123;ext=1'), '+49(30)123;ext=1');
  });
});
