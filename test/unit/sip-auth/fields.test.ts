import assert from 'node:assert/strict';
import { AUTH_LIMITS, parseAuthFields } from '../../../lib/sip/auth/auth-fields';
import { selectChallenges } from '../../../lib/sip/auth/challenge';

const plain = (fields: string[]): { scheme: string; parameters: Record<string, string> }[] =>
  parseAuthFields(fields).map(({ scheme, parameters }) => ({
    scheme,
    parameters: Object.fromEntries(parameters),
  }));

describe('authentication header fields', () => {
  it('reads several challenges from one field, with commas inside quotes', () => {
    assert.deepEqual(
      plain([
        'Digest realm="a, b", qop="auth,auth-int", nonce="n1" , Basic realm="c",DIGEST nonce=n2, realm="d"',
      ]),
      [
        { scheme: 'digest', parameters: { realm: 'a, b', qop: 'auth,auth-int', nonce: 'n1' } },
        { scheme: 'basic', parameters: { realm: 'c' } },
        { scheme: 'digest', parameters: { nonce: 'n2', realm: 'd' } },
      ],
    );
  });

  it('reads several fields, names in any case, space around the equals sign, empty list items', () => {
    assert.deepEqual(plain(['Digest , REALM = "a" ,, Nonce\t=\t"b"', 'NewScheme x="1"']), [
      { scheme: 'digest', parameters: { realm: 'a', nonce: 'b' } },
      { scheme: 'newscheme', parameters: { x: '1' } },
    ]);
  });

  it('keeps backslashes of quoted strings, because digest echoes and hashes them', () => {
    assert.equal(plain(['Digest realm="a\\"b\\\\", nonce="n"'])[0].parameters.realm, 'a\\"b\\\\');
  });

  it('steps over schemes with a token68 or with nothing', () => {
    assert.deepEqual(
      plain(['Negotiate, Bearer abc.def==, Digest realm="r", nonce="n"']).map(({ scheme }) => scheme),
      ['negotiate', 'bearer', 'digest'],
    );
  });

  it('tolerates what real peers send: missing commas, an unquoted list in qop', () => {
    assert.deepEqual(plain(['Digest realm="r" nonce="n" qop=auth,auth-int, algorithm=MD5']), [
      { scheme: 'digest', parameters: { realm: 'r', nonce: 'n', qop: 'auth,auth-int', algorithm: 'MD5' } },
    ]);
  });

  it('takes the first of equal parameters and never one of an unterminated string', () => {
    assert.equal(plain(['Digest realm="a", realm="b"'])[0].parameters.realm, 'a');
    assert.equal(plain(['Digest nonce="n", realm="open'])[0].parameters.realm, '');
  });

  it('never lets a control character through a quoted string', () => {
    for (const bad of ['a\r\nX: y', 'a\u0000', 'a\u007f', 'a\\\r']) {
      for (const value of Object.values(plain([`Digest realm="${bad}", nonce="n"`])[0].parameters)) {
        // eslint-disable-next-line no-control-regex -- control characters are what this is about
        assert.doesNotMatch(value, /[\u0000-\u001f\u007f]/);
      }
    }
  });

  it('is bounded: huge fields, thousands of challenges and of parameters', () => {
    assert.deepEqual(plain([`Digest realm="${'x'.repeat(AUTH_LIMITS.characters)}"`]), []);
    assert.equal(parseAuthFields(['Digest realm=a, '.repeat(500)]).length, AUTH_LIMITS.values);
    assert.equal(parseAuthFields(Array<string>(5_000).fill('Digest realm=a')).length, AUTH_LIMITS.values);
    const many = Array.from({ length: 900 }, (_, index) => `p${index}=1`).join(',');
    assert.equal(parseAuthFields([`Digest ${many}`])[0].parameters.size, AUTH_LIMITS.parameters);
  });

  it('survives any text, quickly', () => {
    const pieces = [
      '"',
      '\\',
      '=',
      ',',
      ' ',
      'Digest ',
      'realm',
      'nonce="',
      'qop=auth',
      '\u0000',
      '\u00e9',
      '=="',
    ];
    let seed = 7;
    const started = performance.now();
    for (let round = 0; round < 5_000; round++) {
      let text = '';
      for (let length = 0; length < 40; length++) {
        seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
        text += pieces[seed % pieces.length];
      }
      selectChallenges([text]);
    }
    selectChallenges(['"'.repeat(8_000), '\\"'.repeat(4_000), '="'.repeat(4_000), ' ,'.repeat(4_000)]);
    assert.ok(performance.now() - started < 10_000);
  });
});

describe('choice of a challenge', () => {
  const digest = (algorithm: string | undefined, nonce: string, realm = 'r', rest = ''): string =>
    `Digest realm="${realm}", nonce="${nonce}"${algorithm === undefined ? '' : `, algorithm=${algorithm}`}${rest}`;

  it('takes the strongest algorithm, whatever the order (RFC 8760)', () => {
    const fields = [
      digest('MD5', 'a'),
      digest('SHA-256', 'b'),
      digest('sha-512-256', 'c'),
      digest(undefined, 'd'),
    ];
    for (const order of [fields, [...fields].reverse()]) {
      assert.equal(selectChallenges(order)[0].challenge?.nonce, 'c');
    }
    assert.equal(selectChallenges(fields.slice(0, 2))[0].challenge?.nonce, 'b');
  });

  it('takes the first of equally strong ones', () => {
    assert.equal(
      selectChallenges([digest('SHA-256-sess', 'a'), digest('SHA-256', 'b')])[0].challenge?.algorithm,
      'SHA-256-sess',
    );
  });

  it('passes over algorithms and qops that it does not have, and names them', () => {
    const [found] = selectChallenges([
      digest('SHA-999', 'a'),
      digest('AKAv1-MD5', 'b'),
      digest('MD5', 'c', 'r', ', qop="token"'),
    ]);
    assert.equal(found.challenge, undefined);
    assert.deepEqual(found.unsupported, ['SHA-999', 'AKAv1-MD5', 'qop=token']);
    assert.equal(selectChallenges([digest('SHA-999', 'a'), digest('MD5', 'b')])[0].challenge?.nonce, 'b');
  });

  it('keeps realms apart and ignores challenges without realm or nonce', () => {
    const found = selectChallenges([
      digest('MD5', 'a', 'one'),
      digest('MD5', 'b', 'two'),
      'Digest nonce="x"',
      'Digest realm="y"',
    ]);
    assert.deepEqual(
      found.map(({ realm, challenge }) => [realm, challenge?.nonce]),
      [
        ['one', 'a'],
        ['two', 'b'],
      ],
    );
  });

  it('prefers auth to auth-int, takes auth-int when alone, and none for an empty or absent qop', () => {
    const qop = (text: string): string | undefined =>
      selectChallenges([digest('MD5', 'a', 'r', text)])[0].challenge?.qop;
    assert.equal(qop(', qop="auth-int,auth"'), 'auth');
    assert.equal(qop(', qop="auth-int"'), 'auth-int');
    assert.equal(qop(', qop=auth'), 'auth');
    assert.equal(qop(''), undefined);
    assert.equal(qop(', qop=""'), undefined);
  });
});
