import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ROOT = resolve(__dirname, '../..');

/** What users read is written in the terms of the field. Left: the wording that must not come back; right: the term. */
const TERMS: Record<'en-US' | 'ko', readonly (readonly [wrong: RegExp, term: string])[]> = {
  'en-US': [
    [/\brenew within\b/i, 'registration expiry'],
    [/\bmust know the password\b(?! and)/i, 'require digest authentication'],
    [/\btransfers? (?:is |was )?asked for\b/i, 'incoming REFER'],
    [/\blost audio\b/i, 'packet loss concealment'],
    [/\blet the other side make the offer\b/i, 'late offer'],
    [/\bringing acknowledged\b|\bask for an acknowledgement\b/i, 'reliable provisional responses (100rel)'],
    [/\breport figures\b|\bfigures of the audio\b|\bRTP figures\b/i, 'RTP statistics'],
    [/\btones in the audio\b/i, 'in-band tones'],
    [/\b(?:an|the|this|each|every|another) instance\b(?! of)/i, 'phone'],
    [
      /\b(?:design|the) notes\b|target's machine|\bthe contract\b/i,
      'what holds, with its command and baseline',
    ],
    [/\bsomebody\b/i, 'the caller, the other side, a third party'],
  ],
  ko: [
    [/잃어버린 음성|음성 손실/, '패킷 손실 보정'],
    [/목소리를 이어/, '파형 보간'],
    [/수치 보고|음성 수치/, '통계 보고 간격, RTP 통계'],
    [/번호 모으기|키를 모[으읍]/, '숫자 입력 받기'],
    [/모두 따름|따르기 또는/, '자동 수락'],
    [/착신 전환 따르기/, '리다이렉트(3xx) 따르기'],
    [/(?:가장 )?(?:낮은|높은) RTP 포트/, 'RTP 시작 포트, RTP 끝 포트'],
    [/더 나아가지 않/, '다음 노드로 전달되지 않습니다'],
    [/걸려 온 (?:전화|통화)/, '수신 통화'],
    [/응답(?: 이후|됨)|통화가 응답/, '연결됨'],
    [/울리는 전화|전화가 울리/, '벨이 울리는 통화'],
    [/인스턴스/, '전화기'],
    [/(?:으|하|적|답)십시오/, '…하세요'],
    [/자격 증명/, '인증정보'],
  ],
};

/** Names that keep a word which is no term: they are stored in flows or are what a standard calls it. */
const NAMES = /`[^`]*`|<code[^>]*>[^<]*<\/code\s*>|"(?:[\w-]+)":/g;

/** Documents that are made from other texts or from names of tests, and the history of versions. */
const GENERATED = /docs\/(?:nodes|interop|torture|network)\.md$|CHANGELOG\.md$/;

describe('the terms of the field', () => {
  for (const [language, terms] of Object.entries(TERMS) as [keyof typeof TERMS, (typeof TERMS)['ko']][]) {
    for (const [file, text] of textsOf(language)) {
      it(`are used in ${file}`, () => {
        const words = text.replace(NAMES, '');
        for (const [wrong, term] of terms) {
          const found = wrong.exec(words);
          assert.equal(found?.[0], undefined, `write "${term}" instead of "${found?.[0] ?? ''}"`);
        }
      });
    }
  }

  it('are those of the forms in both languages', () => {
    const english = catalogue('sip-instance', 'sip-instance', 'en-US');
    const korean = catalogue('sip-instance', 'sip-instance', 'ko');
    for (const [key, en, ko] of [
      ['label.registerExpires', 'Registration expiry (s)', '등록 만료 시간(초)'],
      ['label.authenticateIncoming', 'Require digest authentication', '다이제스트 인증 요구'],
      ['label.transferPolicy', 'Incoming REFER', '수신 REFER 처리'],
      ['label.concealment', 'Packet loss concealment', '패킷 손실 보정'],
      [
        'label.reliableProvisional',
        'Reliable provisional responses (100rel)',
        '신뢰성 있는 임시 응답(100rel)',
      ],
      ['label.statisticsInterval', 'RTP statistics every (s)', '통계 보고 간격(초)'],
      ['label.rtpPortMin', 'First RTP port', 'RTP 시작 포트'],
      ['label.rtpPortMax', 'Last RTP port', 'RTP 끝 포트'],
      ['option.concealPitch', 'waveform interpolation', '파형 보간'],
      ['option.transferAuto', 'follow for everyone', '자동 수락'],
    ] as const) {
      assert.deepEqual([at(english, key), at(korean, key)], [en, ko], key);
    }
    const makeCall = catalogue('make-call', 'make-call', 'ko');
    assert.equal(at(makeCall, 'output.answered'), '연결됨');
    assert.equal(at(makeCall, 'label.followRedirects'), '리다이렉트(3xx) 따르기');
    assert.equal(at(catalogue('incoming-call', 'incoming-call', 'ko'), 'node'), '수신 통화');
    assert.equal(at(catalogue('dtmf', 'receive-dtmf', 'ko'), 'option.gather'), '숫자 입력 받기');
  });
});

/** Everything that users read in a language, by file: catalogues, help texts, documents. */
function textsOf(language: string): [file: string, text: string][] {
  const files = ['nodes', 'plugins'].flatMap((kind) =>
    readdirSync(join(ROOT, kind)).flatMap((folder) => listing(`${kind}/${folder}/locales/${language}`)),
  );
  const korean = /\.ko\.md$|\/ko\//;
  const folders = ['.', 'docs', 'docs/library', 'docs/guide', 'docs/guide/ko'];
  const documents = folders
    .flatMap(listing)
    .filter((file) => file.endsWith('.md') && korean.test(file) === (language === 'ko'))
    .filter((file) => !GENERATED.test(file));
  return [...files, ...documents].map((file) => [file, readFileSync(join(ROOT, file), 'utf8')]);
}

function listing(folder: string): string[] {
  try {
    return readdirSync(join(ROOT, folder), { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => `${folder}/${entry.name}`);
  } catch {
    return []; // a folder without files in this language
  }
}

function catalogue(folder: string, name: string, language: string): unknown {
  return JSON.parse(readFileSync(join(ROOT, `nodes/${folder}/locales/${language}/${name}.json`), 'utf8'));
}

function at(texts: unknown, key: string): unknown {
  return key.split('.').reduce<unknown>((found, part) => (found as Record<string, unknown>)[part], texts);
}
