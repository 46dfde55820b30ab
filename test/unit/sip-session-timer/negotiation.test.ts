import assert from 'node:assert/strict';
import {
  judgeRequest,
  parseSessionExpires,
  raiseAfter422,
  readAnswer,
  readSessionFields,
  requestHeaders,
  type SessionTimerSettings,
} from '../../../lib/sip/session-timer';
import type { Headers } from '../../../lib/sip/types';

const SETTINGS: SessionTimerSettings = { interval: 1_800, minimum: 90 };

function request(sessionExpires?: string, minSe?: string, supported: string | undefined = 'timer'): Headers {
  return {
    ...(supported === undefined ? {} : { Supported: [supported] }),
    ...(sessionExpires === undefined ? {} : { 'Session-Expires': [sessionExpires] }),
    ...(minSe === undefined ? {} : { 'Min-SE': [minSe] }),
  };
}

const withoutTimer = (sessionExpires?: string, minSe?: string): Headers =>
  request(sessionExpires, minSe, '100rel');

describe('session timer headers', () => {
  it('reads interval and refresher, in any case and with unknown parameters', () => {
    assert.deepEqual(parseSessionExpires('1800'), { seconds: 1_800 });
    assert.deepEqual(parseSessionExpires(' 90 ;x=y; Refresher = UAS;z'), { seconds: 90, refresher: 'uas' });
    assert.deepEqual(parseSessionExpires('90;refresher=nobody'), { seconds: 90 });
    assert.deepEqual(parseSessionExpires('4294967295'), { seconds: 4_294_967_295 });
  });

  it('takes nonsense for absent', () => {
    for (const bad of [
      '',
      '0',
      '-1',
      '1.5',
      'abc',
      '4294967296',
      '99999999999999999999',
      '0x10',
      ';refresher=uac',
    ]) {
      assert.equal(parseSessionExpires(bad), undefined, bad);
    }
    assert.deepEqual(readSessionFields({ 'Min-SE': ['soon'], 'Session-Expires': ['later'], Supported: [] }), {
      supported: false,
    });
  });

  it('finds the option tag in lists, repeated fields and Require', () => {
    assert.ok(readSessionFields({ Supported: ['100rel', 'replaces, Timer'] }).supported);
    assert.ok(readSessionFields({ Require: ['timer'] }).supported);
    assert.ok(!readSessionFields({ Supported: ['timers,x-timer'] }).supported);
    assert.equal(readSessionFields({ 'Min-SE': ['120;x=1'] }).minimum, 120);
  });
});

describe('session timer: our request', () => {
  it('asks for the interval and leaves the refresher open', () => {
    assert.deepEqual(requestHeaders(SETTINGS), [['Session-Expires', '1800']]);
    assert.deepEqual(requestHeaders({ ...SETTINGS, refresher: 'remote' }), [
      ['Session-Expires', '1800;refresher=uas'],
    ]);
  });

  it('names a minimum other than the default, and never asks for less than it', () => {
    assert.deepEqual(requestHeaders({ interval: 100, minimum: 300 }), [
      ['Session-Expires', '300'],
      ['Min-SE', '300'],
    ]);
  });

  it('keeps interval and refresher of the dialog in later requests', () => {
    assert.deepEqual(requestHeaders(SETTINGS, { seconds: 600, refresher: 'local' }), [
      ['Session-Expires', '600;refresher=uac'],
    ]);
    assert.deepEqual(requestHeaders(SETTINGS, { seconds: 600, refresher: 'remote' }), [
      ['Session-Expires', '600;refresher=uas'],
    ]);
  });

  it('422: asks again with the minimum of the server, three times at most and only upwards', () => {
    const first = raiseAfter422(SETTINGS, { 'Min-SE': ['3600'] });
    assert.ok(first);
    assert.deepEqual(requestHeaders(first), [
      ['Session-Expires', '3600'],
      ['Min-SE', '3600'],
    ]);
    assert.equal(raiseAfter422(first, { 'Min-SE': ['3600'] }), undefined);
    assert.equal(raiseAfter422(first, { 'Min-SE': ['90'] }), undefined);
    assert.equal(raiseAfter422(first, {}), undefined);
    const second = raiseAfter422(first, { 'Min-SE': ['3601'] });
    const third = second && raiseAfter422(second, { 'Min-SE': ['3602'] });
    assert.ok(third);
    assert.equal(raiseAfter422(third, { 'Min-SE': ['3603'] }), undefined);
  });

  it('422 to a refresh compares with what the dialog had', () => {
    const current = { seconds: 200, refresher: 'local' } as const;
    const raised = raiseAfter422(SETTINGS, { 'Min-SE': ['400'] }, current);
    assert.ok(raised);
    assert.deepEqual(requestHeaders(raised, current), [
      ['Session-Expires', '400;refresher=uac'],
      ['Min-SE', '400'],
    ]);
  });

  it('reads the agreement from the 2xx', () => {
    const answer = (value: string): unknown => readAnswer(SETTINGS, { 'Session-Expires': [value] });
    assert.deepEqual(answer('1200;refresher=uac'), { seconds: 1_200, refresher: 'local' });
    assert.deepEqual(answer('1200;refresher=uas'), { seconds: 1_200, refresher: 'remote' });
    assert.deepEqual(answer('1200'), { seconds: 1_200, refresher: 'local' });
    assert.equal(answer('nonsense'), undefined);
    assert.equal(readAnswer(SETTINGS, {}), undefined);
  });
});

describe('session timer: a request that came in', () => {
  const accept = (headers: Headers, settings: SessionTimerSettings | undefined = SETTINGS): unknown[] => {
    const verdict = judgeRequest(settings, headers);
    assert.equal(verdict.kind, 'accept');
    return verdict.kind === 'accept' ? [verdict.headers, verdict.agreement] : [];
  };

  /** RFC 4028, 9: does the caller know timers, what does it ask, who must refresh. */
  const table: [string, Headers, refresher: 'uac' | 'uas', require: boolean][] = [
    ['knows timers, asks for nobody', request('600'), 'uac', true],
    ['knows timers, asks for uac', request('600;refresher=uac'), 'uac', true],
    ['knows timers, asks for uas', request('600;refresher=uas'), 'uas', true],
    ['no timers, a proxy asks for nobody', withoutTimer('600'), 'uas', false],
    ['no timers, a proxy asks for uac all the same', withoutTimer('600;refresher=uac'), 'uas', false],
  ];
  for (const [name, headers, refresher, require] of table) {
    it(name, () => {
      assert.deepEqual(accept(headers), [
        [['Session-Expires', `600;refresher=${refresher}`], ...(require ? [['Require', 'timer']] : [])],
        { seconds: 600, refresher: refresher === 'uas' ? 'local' : 'remote' },
      ]);
    });
  }

  it('prefers whom the settings name when the caller leaves it open', () => {
    assert.deepEqual(accept(request('600'), { ...SETTINGS, refresher: 'local' })[1], {
      seconds: 600,
      refresher: 'local',
    });
  });

  it('in a dialog the refresher keeps its job when the request leaves it open', () => {
    const verdict = judgeRequest(SETTINGS, request('600'), { seconds: 600, refresher: 'local' });
    assert.equal(verdict.kind === 'accept' && verdict.agreement?.refresher, 'local');
  });

  it('shortens a long interval to ours, but not below the caller’s minimum, and never lengthens', () => {
    const seconds = (headers: Headers): unknown => (accept(headers)[1] as { seconds: number }).seconds;
    assert.equal(seconds(request('100000')), 1_800);
    assert.equal(seconds(request('100000', '5000')), 5_000);
    assert.equal(seconds(request('4294967295')), 1_800);
    assert.equal(seconds(request('600', '5000')), 600);
    assert.equal(seconds(request('90')), 90);
  });

  it('422 with Min-SE for an interval that is too short', () => {
    assert.deepEqual(judgeRequest(SETTINGS, request('89')), {
      kind: 'reject',
      status: 422,
      headers: [['Min-SE', '90']],
    });
    assert.equal(judgeRequest({ interval: 1_800, minimum: 600 }, request('599')).kind, 'reject');
  });

  it('never 422 to a caller that would not understand it', () => {
    assert.deepEqual(accept(withoutTimer('30'))[1], { seconds: 30, refresher: 'local' });
  });

  it('proposes a timer to a caller that knows them, and leaves others in peace', () => {
    assert.deepEqual(accept(request()), [
      [
        ['Session-Expires', '1800;refresher=uac'],
        ['Require', 'timer'],
      ],
      { seconds: 1_800, refresher: 'remote' },
    ]);
    assert.deepEqual(accept(request(undefined, '7200'))[1], { seconds: 7_200, refresher: 'remote' });
    assert.deepEqual(accept({}), [[], undefined]);
  });

  it('does nothing when switched off', () => {
    assert.deepEqual(judgeRequest(undefined, request('30;refresher=uas')), {
      kind: 'accept',
      headers: [],
      agreement: undefined,
    });
  });
});
