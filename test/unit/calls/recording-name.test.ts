import assert from 'node:assert/strict';
import { basename, dirname, relative, resolve, sep } from 'node:path';
import { type RecordingValues, renderRecordingPath } from '../../../lib/calls/media/recording-name';
import { SipflowError } from '../../../lib/common/errors';

const DIR = resolve('/var/lib/sip-recordings');

const values = (changes: Partial<RecordingValues> = {}): RecordingValues => ({
  instance: 'front desk',
  timestamp: new Date(2026, 10, 22, 22, 15, 30, 123),
  call: 'call-7',
  from: 'sip:1001@example.com',
  to: 'sip:2002@example.com',
  ...changes,
});

/** The path below the recordings folder, with forward slashes. */
function render(template: string, changes: Partial<RecordingValues> = {}): string {
  const path = renderRecordingPath(template, values(changes), DIR);
  assert.equal(path, resolve(path), 'absolute and normal');
  const below = relative(DIR, path);
  assert.ok(
    below !== '' && !below.startsWith('..') && resolve(DIR, below) === path,
    `left the folder: ${path}`,
  );
  return below.split(sep).join('/');
}

describe('pitfall 4: names of recordings', () => {
  it('pitfall 4: fills in every variable', () => {
    assert.equal(
      render('{{instance}}/{{timestamp}}_{{call}}_{{from}}_{{to}}.wav'),
      'front desk/20261122-221530-123_call-7_1001_2002.wav',
    );
    assert.equal(render('{{ from }}-{{from}}'), '1001-1001.wav');
    assert.match(
      render('{{timestamp}}', { timestamp: new Date(2026, 0, 2, 3, 4, 5, 6) }),
      /^20260102-030405-006\.wav$/,
    );
  });

  it('pitfall 4: a blank template still makes a name for each call', () => {
    assert.equal(render('  '), '20261122-221530-123-front desk-call-7.wav');
  });

  it('pitfall 4: adds .wav when it is missing, whatever the case', () => {
    assert.equal(render('a'), 'a.wav');
    assert.equal(render('a.WAV'), 'a.wav');
    assert.equal(render('a.mp3'), 'a.mp3.wav');
    assert.equal(render('a.'), 'a.wav');
    assert.equal(render('.wav'), 'unknown.wav');
  });

  const ADDRESSES: [address: string, expected: string][] = [
    ['sip:1001@example.com', '1001'],
    ['sips:anna.b@example.com;transport=tls', 'anna.b'],
    ['"Anna" <sip:1001@example.com>;tag=1', '1001'],
    ['tel:+82-2-312-3456;phone-context=x', '+82-2-312-3456'],
    ['1001', '1001'],
    ['sip:%ED%99%8D%EA%B8%B8%EB%8F%99@example.com', '홍길동'],
    ['sip:%2e%2e%2fetc@example.com', '_etc'],
    ['sip:%zz@example.com', '%zz'],
    ['sip:example.com', 'sip_example.com'],
    ['', 'unknown'],
  ];
  for (const [address, expected] of ADDRESSES) {
    it(`pitfall 4: the caller ${JSON.stringify(address)} becomes "${expected}"`, () => {
      assert.equal(render('{{from}}', { from: address }), `${expected}.wav`);
    });
  }

  const HOSTILE = [
    '../../etc/passwd',
    '..',
    '.',
    '/',
    '\\',
    '/etc/passwd',
    'C:\\Windows\\system32\\x',
    '\\\\server\\share',
    'a/../../../b',
    '....//....//x',
    '..%2f..%2fx',
    '%2e%2e/%2e%2e',
    'sip:..%2f..%2f..%2fx@example.com',
    'sip:%2e%2e@example.com',
    '{{call}}/../../x',
    '\u0000/../x',
    'x\u0000.wav',
    '\u202e/..',
    '\ud800\udfff\ud800',
    '．．／．．／x',
    '~/x',
    '-rf',
    'CON',
    'a'.repeat(10_000),
    '../'.repeat(5000),
    ' . . / . . ',
  ];
  it('pitfall 4: no value leaves the folder, or adds a folder', () => {
    for (const hostile of HOSTILE) {
      for (const name of ['instance', 'call', 'from', 'to'] as const) {
        assert.ok(!render(`{{${name}}}`, { [name]: hostile }).includes('/'), hostile.slice(0, 40));
        assert.equal(
          render(`a/{{${name}}}/b`, { [name]: hostile }).split('/').length,
          3,
          hostile.slice(0, 40),
        );
      }
    }
  });

  it('pitfall 4: no template leaves the folder', () => {
    for (const hostile of HOSTILE) {
      if (hostile.startsWith('../..') && hostile.length > 100) continue;
      render(hostile);
      render(`x/${hostile}`);
      render(`${hostile}{{from}}`, { from: '/..' });
    }
    assert.equal(render('../../etc/passwd'), 'etc/passwd.wav');
    assert.equal(render('/etc/../passwd'), 'etc/passwd.wav');
    assert.equal(render('a\\b\\c.wav'), 'a/b/c.wav');
    assert.equal(render('../'.repeat(5000)), 'recording.wav');
  });

  it('pitfall 4: parts that only together are dangerous', () => {
    assert.equal(render('.{{from}}/x', { from: '.' }), 'unknown/x.wav');
    assert.equal(render('{{from}}N', { from: 'CO' }), '_CON.wav');
  });

  it('pitfall 4: names that Windows keeps for devices', () => {
    for (const name of ['CON', 'nul', 'Aux', 'COM1', 'lpt9', 'COM¹', 'CONOUT$', 'con.txt', 'NUL .x']) {
      assert.equal(render(name), `_${name}.wav`);
      assert.equal(render(`${name}/x`), `_${name}/x.wav`);
    }
    for (const name of ['CONSOLE', 'COM', 'COM10', 'null']) assert.equal(render(name), `${name}.wav`);
  });

  it('pitfall 4: characters that some system forbids, and invisible ones', () => {
    assert.equal(render('a<b>c:d"e|f?g*h\ti\u200bj\u202ek'), 'a_b_c_d_e_f_g_h_i_j_k.wav');
    assert.equal(render(' a . '), 'a.wav');
    assert.equal(render('.hidden'), 'hidden.wav');
  });

  it('pitfall 4: Korean is kept, in one normal form', () => {
    const decomposed = '홍길동'.normalize('NFD');
    assert.notEqual(decomposed, '홍길동');
    assert.equal(render('통화/{{from}}', { from: decomposed }), '통화/홍길동.wav');
  });

  it('pitfall 4: long names are cut at whole characters, the extension stays', () => {
    for (const text of ['x', '홍', '😀']) {
      const path = renderRecordingPath(text.repeat(1000), values(), DIR);
      assert.ok(Buffer.byteLength(basename(path)) <= 140);
      assert.ok(Buffer.byteLength(basename(path)) > 130);
      assert.equal(basename(path).replaceAll(text, ''), '.wav');
      const folder = dirname(renderRecordingPath(`${text.repeat(1000)}/x`, values(), DIR));
      assert.ok(Buffer.byteLength(basename(folder)) <= 140);
    }
    const both = render('{{from}}-{{to}}', { from: 'f'.repeat(500), to: 't'.repeat(500) });
    assert.ok(/^f{70,}-t{50,}\.wav$/.test(both), both);
  });

  it('names the variable that it does not know', () => {
    for (const template of ['{{caller}}', '{{}}', '{{ From }}', 'x{{toString}}']) {
      assert.throws(
        () => render(template),
        (error) =>
          error instanceof SipflowError &&
          error.code === 'BAD_CONFIG' &&
          error.message.includes('{{instance}}, {{timestamp}}, {{call}}, {{from}}, {{to}}'),
        template,
      );
    }
    assert.throws(() => render('{{caller}}'), /unknown variable \{\{caller\}\}/);
  });

  it('refuses more folders than anyone needs', () => {
    assert.equal(render('a/b/c/d/e/f/g/h').split('/').length, 8);
    assert.throws(() => render('a/b/c/d/e/f/g/h/i'), { code: 'BAD_CONFIG' });
  });

  it('makes the folder absolute', () => {
    assert.equal(renderRecordingPath('a', values(), 'recordings'), resolve('recordings', 'a.wav'));
  });
});
