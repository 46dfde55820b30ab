import assert from 'node:assert/strict';
import { nextReferStep, type ReferEvent, type ReferProgress } from '../../../lib/sip/refer/refer-progress';
import { formatReferTo, parseReferTo } from '../../../lib/sip/refer/refer-to';
import { formatReplaces, parseReplaces } from '../../../lib/sip/refer/replaces';
import { parseSipfrag, writeSipfrag } from '../../../lib/sip/refer/sipfrag';

const replaces = { callId: 'a@b%c', toTag: 'T1', fromTag: 'F1', earlyOnly: false };

describe('Replaces (RFC 3891)', () => {
  it('is read in any order of parameters and written back', () => {
    assert.deepEqual(parseReplaces('425928@bob ; from-tag = F ;to-tag=T;early-only'), {
      callId: '425928@bob',
      toTag: 'T',
      fromTag: 'F',
      earlyOnly: true,
    });
    assert.deepEqual(parseReplaces(formatReplaces(replaces)), replaces);
  });

  it('is nothing without a Call-ID or without one of the tags', () => {
    for (const bad of [
      '',
      ';to-tag=a;from-tag=b',
      'x;to-tag=a',
      'x;from-tag=b',
      'x;to-tag;from-tag=b',
      'x,y;to-tag=a;from-tag=b',
    ])
      assert.equal(parseReplaces(bad), undefined, bad);
  });
});

describe('Refer-To (RFC 3515)', () => {
  it('carries a dialog in the header part of its URI', () => {
    const value = formatReferTo('sip:1003@192.0.2.1:5070;transport=tcp', replaces);
    assert.equal(
      value,
      '<sip:1003@192.0.2.1:5070;transport=tcp?Replaces=a%40b%25c%3Bto-tag%3DT1%3Bfrom-tag%3DF1>',
    );
    const target = parseReferTo(value);
    assert.equal(target?.uri, 'sip:1003@192.0.2.1:5070;transport=tcp');
    assert.deepEqual(parseReplaces(String(target?.headers['Replaces'])), replaces);
  });

  it('is understood without angle brackets, as phones write it', () => {
    const target = parseReferTo('sip:1003@192.0.2.1;transport=udp?Replaces=x%3Bto-tag%3Da%3Bfrom-tag%3Db');
    assert.equal(target?.uri, 'sip:1003@192.0.2.1;transport=udp');
    assert.equal(target?.headers['Replaces'], 'x;to-tag=a;from-tag=b');
    assert.equal(parseReferTo('"Carol" <sip:carol@example.com>;q=1')?.uri, 'sip:carol@example.com');
    assert.equal(parseReferTo('tel:+8225551234')?.uri, 'tel:+8225551234');
  });

  it('cannot make us send another method, or speak in our name', () => {
    for (const bad of ['', '<http://example.com>', '<sip:a@b;method=BYE>', '<sip:a b@c>'])
      assert.equal(parseReferTo(bad), undefined, bad);
    assert.equal(parseReferTo('<sip:a@b;method=INVITE;x=1>')?.uri, 'sip:a@b;x=1');
    const { headers } =
      parseReferTo('<sip:a@b?From=sip:x%40y&Authorization=z&X-Ticket=7&Replaces=%zz>') ?? {};
    assert.deepEqual(headers, { 'X-Ticket': '7', Replaces: '%zz' });
  });
});

describe('message/sipfrag (RFC 3420)', () => {
  it('gives the status line of the new call', () => {
    assert.deepEqual(parseSipfrag(writeSipfrag({ status: 180, reason: 'Ringing' })), {
      status: 180,
      reason: 'Ringing',
    });
    const body = (content: string, contentType = 'Message/SipFrag ; version=2.0') => ({
      contentType,
      content,
    });
    assert.deepEqual(parseSipfrag(body('SIP/2.0 603\r\nX: y\r\n')), { status: 603, reason: '' });
    for (const bad of [
      body('INVITE sip:a@b SIP/2.0'),
      body('SIP/2.0 700 No'),
      body('SIP/2.0 200 OK', 'text/plain'),
    ])
      assert.equal(parseSipfrag(bad), undefined);
    assert.equal(parseSipfrag(undefined), undefined);
  });
});

describe('the subscription of a REFER', () => {
  const FIRST = 32_000;
  const run = (...events: ReferEvent[]) => {
    let progress: ReferProgress = { phase: 'sent' };
    return events.map((event) => {
      const step = nextReferStep(progress, event, FIRST);
      progress = step.next;
      return step;
    });
  };
  const accepted: ReferEvent = { type: 'response', status: 202, reason: 'Accepted', subscribed: true };
  const notify = (
    status: number,
    state: 'active' | 'terminated' = 'active',
    expires?: number,
  ): ReferEvent => ({
    type: 'notify',
    state,
    ...(expires === undefined ? {} : { expires }),
    report: { status, reason: 'R' },
  });

  it('reports each provisional status once and ends with the final one', () => {
    const steps = run(
      accepted,
      notify(100),
      notify(180),
      notify(180),
      notify(200, 'terminated'),
      notify(486),
    );
    assert.deepEqual(
      steps.map(({ progress, outcome }) => progress?.status ?? outcome?.status),
      [undefined, 100, 180, undefined, 200, undefined],
    );
    assert.equal(steps[4]?.outcome?.origin, 'final');
    assert.equal(steps[0]?.patienceMs, FIRST);
  });

  it('takes a final status for the outcome although the peer leaves the subscription active', () => {
    assert.deepEqual(run(accepted, notify(486))[1]?.outcome, { status: 486, reason: 'R', origin: 'final' });
  });

  it('does not take the end of the reports for a success', () => {
    assert.equal(run(accepted, notify(100, 'terminated'))[1]?.outcome?.origin, 'silent');
  });

  it('holds when a NOTIFY overtakes the response, even a lost one', () => {
    const lost: ReferEvent = { type: 'response', status: 408, reason: 'Request Timeout', subscribed: true };
    const steps = run(notify(100), lost, notify(200, 'terminated'));
    assert.equal(steps[1]?.outcome, undefined);
    assert.equal(steps[2]?.outcome?.status, 200);
  });

  it('waits no longer than the subscription lasts, and never for days', () => {
    assert.equal(run(accepted, notify(100, 'active', 30))[1]?.patienceMs, 32_000);
    assert.equal(run(accepted, notify(100, 'active', 86_400))[1]?.patienceMs, 182_000);
    assert.equal(run(accepted, { type: 'timeout' })[1]?.outcome?.origin, 'silent');
    assert.equal(run(accepted, { type: 'ended' })[1]?.outcome?.origin, 'ended');
  });

  it('is done at once when the peer refuses, or wants no subscription', () => {
    assert.equal(run({ ...accepted, status: 603 })[0]?.outcome?.origin, 'refused');
    assert.equal(run({ ...accepted, subscribed: false })[0]?.outcome?.origin, 'final');
  });
});
