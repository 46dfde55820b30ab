import assert from 'node:assert/strict';
import { ERROR_CODES } from '../../lib/common/errors';
import { callEventsFields } from '../../nodes/call-events/fields';
import { STORED_VERSION } from '../../nodes/shared/migrations';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  audioSentences,
  catalogue,
  editorNode,
  help,
  keysOf,
  LANGUAGES,
  lookUp,
  nodeSets,
  phonesOfFlows,
  type NodeSet,
} from './support/editor';
import { root } from './support/node-red';

const sets = nodeSets();
const shared = sets.find((set) => set.name === 'sip-instance') as NodeSet;

/** Fields with an initial value that nobody may clear. */
const REQUIRED_FROM_THE_START: readonly string[] = [
  'sip-make-call callProperty',
  'sip-incoming-call callProperty',
  'sip-dial callProperty',
];

describe('editor files', () => {
  for (const set of sets) {
    describe(set.type, () => {
      it('has the same keys in English and Korean, and no empty text', () => {
        const [english, korean] = LANGUAGES.map((language) => catalogue(set, language));
        assert.deepEqual(keysOf(english ?? {}).sort(), keysOf(korean ?? {}).sort());
        for (const entries of [english ?? {}, korean ?? {}]) {
          for (const key of keysOf(entries)) assert.ok(lookUp(entries, key)?.trim(), key);
        }
      });

      it('finds every text of its form, its label and its outputs in the catalogue', () => {
        const used = [...set.html.matchAll(/data-i18n="(?:\[[\w-]+\])?([\w.-]+)"/g)].map(
          (match) => match[1] ?? '',
        );
        const spoken = [...set.html.matchAll(/this\._\('([\w.-]+)'\)/g)].map((match) => match[1] ?? '');
        const node = editorNode(set.definition);
        const outputs = Array.from({ length: set.definition.outputs ?? 0 }, (_, index) =>
          // That of a branch has its keys in it.
          set.definition.outputLabels?.call(node, index).replace(/ \{.*\}$/, ''),
        );
        const fields = Object.entries(set.definition.defaults).filter(([, field]) => field.validate);
        const labels = fields.map(([name]) => `label.${name}`);
        const tabs = [...set.html.matchAll(/id="sipflow-tab-(\w+)"/g)].map((match) => `tab.${match[1]}`);
        for (const language of LANGUAGES) {
          const entries = catalogue(set, language);
          for (const key of [...used, ...spoken, ...outputs, ...labels, ...tabs, 'node']) {
            assert.ok(key && lookUp(entries, key), `${language}: ${key}`);
          }
        }
      });

      it('has a text of at most 20 characters for every status that it shows, the same on all nodes', () => {
        const calls = /(?:\.begin|\.set|\.rest|NodeStatus)\((?:this, )?'(\w+)'/g;
        const kinds = new Set([...set.source.matchAll(calls)].map((match) => match[1]));
        if (!/NodeStatus\(this, /.test(set.source)) kinds.add('idle');
        if (/activity\.follow/.test(set.source)) kinds.add('inCall');
        kinds.add('failed');
        for (const language of LANGUAGES) {
          for (const kind of kinds) {
            const text = lookUp(catalogue(set, language), `status.${kind}`);
            assert.ok(text && text.length <= 20, `${language} status.${kind}: ${text}`);
            for (const other of sets) {
              assert.equal(lookUp(catalogue(other, language), `status.${kind}`) ?? text, text, other.type);
            }
          }
        }
      });

      it('has help in both languages: a first sentence, outputs, details and references', () => {
        const counts = LANGUAGES.map((language) => {
          const text = help(set, language);
          assert.match(text, new RegExp(`data-help-name="${set.type}"`), language);
          assert.match(text, /<script[^>]*>\s*<p>[^<]{5,}/, language);
          assert.match(text, /https:\/\/www\.rfc-editor\.org\/rfc\/rfc\d+/, language);
          return [...text.matchAll(/<h3>/g)].length;
        });
        const { inputs = 0, outputs = 0 } = set.definition;
        assert.deepEqual(
          counts,
          LANGUAGES.map(() => 2 + (inputs > 0 ? 1 : 0) + (outputs > 0 ? 1 : 0)),
        );
        if (outputs === 0) return;
        for (const language of LANGUAGES) {
          const ports = [...help(set, language).matchAll(/^ {4}<li>/gm)].length;
          const references = help(set, language).split('<ul>')[1]?.split('<li>').length ?? 1;
          assert.equal(ports - (references - 1), outputs, language);
        }
      });

      it('registers with an icon of its own, a version for migrations, and defaults that are valid or say why not', () => {
        const { definition } = set;
        assert.ok(existsSync(join(set.folder, 'icons', definition.icon)), definition.icon);
        assert.equal(definition.defaults.version?.value, STORED_VERSION);
        assert.ok(existsSync(join(set.folder, 'icons', `${set.type}.svg`)));
        const node = editorNode(definition);
        for (const [name, field] of Object.entries(definition.defaults)) {
          if (!field.validate) continue;
          assert.equal(
            field.validate.length,
            2,
            `${name}: Node-RED takes sentences only from validators with two parameters`,
          );
          const verdict = field.validate.call(node, field.value, {});
          const empty = field.value === '' && typeof verdict === 'string' && verdict.includes('required');
          assert.ok(verdict === true || empty, `${name}: ${String(verdict)}`);
        }
      });

      it('takes what was saved before a field existed', () => {
        for (const [name, { value, validate }] of Object.entries(set.definition.defaults)) {
          const complete = editorNode(set.definition);
          if (!validate || validate.call(complete, value, {}) !== true) continue;
          const older = editorNode(set.definition, { [name]: undefined, [`${name}Type`]: undefined });
          // What could never be left out is asked for.
          const verdict = validate.call(older, undefined, {});
          assert.ok(
            verdict === true || REQUIRED_FROM_THE_START.includes(`${set.type} ${name}`),
            `${name}: ${String(verdict)}`,
          );
        }
      });

      it('accepts an environment variable in every field that is checked', () => {
        const node = editorNode(set.definition);
        for (const [name, { validate }] of Object.entries(set.definition.defaults)) {
          const isList = ['codecs', 'srtpSuites'].includes(name) && set.type === 'sip-instance';
          const value = isList ? ['${VALUE}'] : '${VALUE}';
          for (const type of ['str', 'num']) {
            const typed = editorNode(set.definition, { ...node, [`${name}Type`]: type });
            if (validate) assert.equal(validate.call(typed, value, {}), true, name);
          }
        }
      });

      it('keeps clear of the names that the editor itself uses on a node', () => {
        const taken = [
          'id',
          'type',
          'x',
          'y',
          'z',
          'w',
          'h',
          'g',
          'd',
          'l',
          'wires',
          'inputs',
          'outputs',
          'status',
          'valid',
        ];
        taken.push('changed', 'dirty', 'selected', 'users', 'ports', 'icon', 'info', 'credentials', 'env');
        // Node-RED itself reads and writes how many outputs a node has, where that is not fixed.
        const { outputsOf, defaults } = set.definition;
        const names = Object.keys(defaults).filter((name) => name !== 'outputs' || outputsOf === undefined);
        for (const name of names) assert.ok(!taken.includes(name), name);
      });

      it('uses theme colours only', () => {
        const form = set.html.split('<script type="text/javascript">')[0] ?? '';
        assert.doesNotMatch(form, /#[0-9a-f]{3,6}\b|rgb\(/i);
      });
    });
  }

  const nonsense: [string, string, unknown, Record<string, unknown>, string][] = [
    ['sip-make-call', 'ringTimeout', 'soon', {}, 'number'],
    ['sip-make-call', 'ringTimeout', '-1', {}, 'between'],
    ['sip-make-call', 'codecs', 'PCMU, PCMX', { codecsType: 'str' }, 'codec'],
    ['sip-make-call', 'target', ' ', {}, 'required'],
    ['sip-incoming-call', 'match', '/(/', {}, 'pattern'],
    ['sip-incoming-call', 'noAnswerStatus', '200', {}, 'between'],
    ['sip-send-dtmf', 'digits', '12x', {}, 'digits'],
    ['sip-receive-dtmf', 'interDigitTimeout', '0.4', {}, 'atLeast'],
    ['sip-receive-dtmf', 'pattern', '[', {}, 'pattern'],
    ['sip-receive-dtmf', 'terminator', 'x', {}, 'keys'],
    ['sip-record', 'silenceLevel', '3', {}, 'between'],
    ['sip-test-case', 'timeout', '0', {}, 'between'],
    ['sip-test-case', 'rowsAtOnce', '2', {}, 'sharedPhones'],
    ['sip-expect', 'checks', [], {}, 'noChecks'],
    ['sip-load', 'stages', '10/s for 30s, ten a second', {}, 'stage'],
    ['sip-load', 'expect', ['failed < 1%', 'p95 speed < 1'], {}, 'threshold'],
    ['sip-load', 'case', '', {}, 'required'],
    [
      'sip-expect',
      'checks',
      [{ subject: 'status', operator: 'is', value: '', valueType: 'num' }],
      {},
      'checkValue',
    ],
    ['sip-reject', 'statusCode', '486.5', {}, 'whole'],
    ['sip-instance', 'dn', 'two words', {}, 'dn'],
    ['sip-instance', 'outboundProxy', 'not a host', {}, 'host'],
    ['sip-instance', 'codecs', ['PCMX'], {}, 'codec'],
    ['sip-instance', 'srtpSuites', ['AES_CM_129_HMAC_SHA1_80'], {}, 'srtpSuite'],
    ['sip-instance', 'rtpPortMax', '20001', { rtpPortMin: '20001' }, 'rtpRange'],
  ];
  for (const [type, field, value, fields, key] of nonsense) {
    it(`${type} says what is wrong with ${JSON.stringify(value)} as ${field}`, () => {
      const set = sets.find((candidate) => candidate.type === type) as NodeSet;
      const verdict = set.definition.defaults[field]?.validate?.call(
        editorNode(set.definition, fields),
        value,
        {},
      );
      assert.match(String(verdict), new RegExp(`label\\.${field}: .*error\\.${key}\\b`));
      for (const language of LANGUAGES)
        assert.ok(lookUp(catalogue(shared, language), `error.${key}`), language);
    });
  }

  it('a number that another simulated phone has is refused, and the owner named', () => {
    const { definition } = shared;
    const validate = definition.defaults.dn?.validate;
    const type = 'sip-instance';
    phonesOfFlows.push(
      { id: 'a', type, name: 'Reception', dn: '1001' },
      { id: 'b', type, name: 'Trunk', dn: '1002', mode: 'network' },
      { id: 'c', type, name: 'Spare', dn: '1003', mode: 'simulation', d: true },
      { id: 'd', type, name: 'Any', dn: '${NUMBER}', mode: 'simulation' },
      { id: 'e', type, name: '', dn: ' 1005 ', mode: 'simulation' },
    );
    try {
      const verdict = (dn: string, fields: Record<string, unknown> = {}) =>
        validate?.call(editorNode(definition, { id: 'new', ...fields }), dn, {});
      assert.match(String(verdict('1001 ')), /label\.dn: .*error\.dnTaken .*Reception/);
      assert.match(String(verdict('1005')), /dnTaken .*"e"/);
      for (const free of ['1002', '1003', '1004', '${NUMBER}']) assert.equal(verdict(free), true, free);
      assert.equal(verdict('1001', { mode: 'network' }), true);
      assert.equal(verdict('1001', { d: true }), true);
      assert.equal(verdict('1001', { id: 'a' }), true, 'its own');
    } finally {
      phonesOfFlows.length = 0;
    }
  });

  it('pitfall 12: the editor refuses digit time-outs below half a second', () => {
    const { definition } = sets.find((set) => set.type === 'sip-receive-dtmf') as NodeSet;
    for (const field of ['firstDigitTimeout', 'interDigitTimeout']) {
      const validate = definition.defaults[field]?.validate;
      assert.match(String(validate?.call(editorNode(definition), '0.49', {})), /0\.5/);
      assert.equal(validate?.call(editorNode(definition), '0.5', {}), true);
    }
  });

  it('a form says what the runtime would refuse only when a call comes', () => {
    const verdict = (type: string, field: string, value: string, fields: Record<string, unknown> = {}) => {
      const { definition } = sets.find((set) => set.type === type) as NodeSet;
      const [shown] = String(
        definition.defaults[field]?.validate?.call(editorNode(definition, fields), value, {}),
      )
        .split('error.')
        .slice(-1);
      return shown;
    };
    const cases: [string, string, string, Record<string, unknown>, string][] = [
      ['sip-make-call', 'target', 'sip:', {}, 'target'],
      ['sip-make-call', 'target', '12 34', {}, 'target'],
      ['sip-make-call', 'target', '', {}, 'required'],
      ['sip-make-call', 'target', 'tel:+82-2-555', {}, 'true'],
      ['sip-transfer', 'target', '<sip:1@b>', {}, 'target'],
      ['sip-transfer', 'target', '', { kind: 'attended' }, 'true'],
      ['sip-transfer', 'consultCall', '', { kind: 'attended', consultCallType: 'str' }, 'required'],
      ['sip-transfer', 'consultCall', '', { consultCallType: 'str' }, 'true'],
      ['sip-hangup', 'call', ' ', { callType: 'str' }, 'required'],
      ['sip-bridge', 'peerCall', '', { peerCallType: 'str' }, 'required'],
      ['sip-reject', 'contact', '', {}, 'true'],
      ['sip-reject', 'contact', '', { statusCode: '302' }, 'required'],
      ['sip-reject', 'contact', '1003', { statusCode: '302' }, 'uri'],
      ['sip-reject', 'contact', 'sip:1003@example.com', { statusCode: '302' }, 'true'],
      ['sip-reject', 'contact', '', { statusCode: 'wish', statusCodeType: 'msg' }, 'true'],
      ['sip-receive-dtmf', 'minDigits', '5', { maxDigits: '4' }, 'minDigits'],
      ['sip-receive-dtmf', 'minDigits', '5', { maxDigits: '0' }, 'true'],
      ['sip-receive-dtmf', 'minDigits', '5', { maxDigits: '4', maxDigitsType: 'msg' }, 'true'],
    ];
    for (const [type, field, value, fields, expected] of cases)
      assert.equal(verdict(type, field, value, fields), expected, `${type} ${field} "${value}"`);
  });

  it('pitfall 2: a sentence says what a file is and what will be converted for which codec', () => {
    const [stereo, plain, wide] = [
      { sampleRate: 44100, channels: 2, durationMs: 2620 },
      { sampleRate: 8000, channels: 1, durationMs: 500 },
      { sampleRate: 16000, channels: 1, durationMs: 500 },
    ];
    const narrow = [
      { name: 'PCMU', sampleRate: 8000 },
      { name: 'PCMA', sampleRate: 8000 },
    ];
    const both = [...narrow, { name: 'G722', sampleRate: 16000 }];
    const say = (info: object, codecs: object[], strict = false): string =>
      audioSentences([{ phones: ['A'], codecs, info }], strict).join('|');
    const what = /audio\.what \{"rate":44\.1,"channels":"\S*audio\.stereo","seconds":"2\.6"\}/;
    assert.match(say(stereo, narrow), what);
    assert.match(say(stereo, narrow), /audio\.converted .*audio\.rate .*8.*PCMU, PCMA/);
    assert.match(say(stereo, both), /audio\.converted .*8.*PCMU, PCMA.*16.*G722/);
    assert.match(say(stereo, narrow, true), /audio\.refused .*PCMU, PCMA/);
    assert.match(say(plain, narrow, true), /audio\.asIs$/);
    assert.match(say(plain, both), /audio\.asIsFor \{"codecs":"PCMU, PCMA"\} .*audio\.converted .*16.*G722/);
    assert.match(say(wide, both), /audio\.asIsFor \{"codecs":"G722"\} .*audio\.converted .*8.*PCMU, PCMA/);
  });

  it('says for which phones a sound is missing, when others have it', () => {
    const failure = (code: string) => ({ code, message: '' });
    const reports = [
      { phones: ['A', 'B'], codecs: [], info: { sampleRate: 8000, channels: 1, durationMs: 500 } },
      { phones: ['C'], codecs: [], failure: failure('FILE_NOT_FOUND') },
      { phones: ['D'], codecs: [], failure: failure('FILE_ACCESS') },
    ];
    const [found = '', missing = '', forbidden = ''] = audioSentences(reports, false);
    assert.match(found, /audio\.for \{"phones":"A, B","sentence":".*audio\.asIs/);
    assert.match(missing, /audio\.for \{"phones":"C","sentence":".*audio\.missing/);
    assert.match(forbidden, /audio\.for \{"phones":"D","sentence":".*audio\.forbidden/);
  });

  it('there is a sentence for every error code in every language, and no other', () => {
    for (const language of LANGUAGES) {
      const { fault } = catalogue(shared, language) as { fault: Record<string, string> };
      assert.deepEqual(Object.keys(fault), ['form', 'setting', ...ERROR_CODES], language);
      assert.match(fault.form ?? '', /\{message\}/);
    }
  });

  it('offers every sound that the package has, and every event that the runtime reports', () => {
    const script = readFileSync(join(root, 'resources/sipflow-inputs.js'), 'utf8');
    const sounds = readdirSync(join(root, 'resources/sounds'));
    assert.ok(sounds.length > 4);
    for (const sound of sounds) assert.ok(script.includes(`'sipflow:${sound.replace(/\.wav$/, '')}'`), sound);

    const set = sets.find(({ type }) => type === 'sip-call-events') as NodeSet;
    const offered = /data-sipflow-choices="([^"]+)"/.exec(set.html)?.[1]?.split(' ') ?? [];
    assert.ok(offered.length > 10);
    assert.deepEqual(offered, callEventsFields.fields.events.choices);
    for (const language of LANGUAGES) {
      for (const event of offered) assert.ok(help(set, language).includes(`<code>${event}</code>`), event);
    }
  });

  it('the shared script finds its own texts in the catalogue of sip-instance', () => {
    const script = readdirSync(join(root, 'resources'))
      .filter((file) => file.endsWith('.js'))
      .map((file) => readFileSync(join(root, 'resources', file), 'utf8'))
      .join('\n');
    const types = [...script.matchAll(/withoutValue\('(\w+)'\)/g)].map((match) => `type.${match[1]}`);
    const texts = [...script.matchAll(/'((?:audio|type|error|tab|button|registration)\.\w+)'/g)].map(
      (match) => match[1] ?? '',
    );
    assert.ok(texts.length > 10);
    const errors = [...script.matchAll(/(?:return|\?) \['(\w+)'/g)].map((match) => `error.${match[1]}`);
    for (const language of LANGUAGES) {
      for (const key of [...types, ...texts, ...errors])
        assert.ok(lookUp(catalogue(shared, language), key), `${language} ${key}`);
    }
  });
});
