import assert from 'node:assert/strict';
import type { SipReport } from '../../lib/calls';
import { ERROR_CODES, SipflowError } from '../../lib/common/errors';
import {
  callsText,
  faultText,
  inCallText,
  registrationText,
  shortened,
} from '../../nodes/shared/status-text';
import { catalogue, LANGUAGES, lookUp, nodeSets } from '../package/support/editor';
import { RawPeer, response } from '../wire/sip/support/raw-peer';
import { Bench, catchAll, phone } from './support/bench';

const phoneSet = nodeSets().find(({ type }) => type === 'sip-instance');
const ref = (from: string, to: string) => ({
  ...({ type: 'sip-call', id: 'c', instance: 'i', callId: 'x' } as const),
  direction: 'out' as const,
  from,
  to,
});

describe('what a status says', () => {
  it('is the final response, the code, the port that is taken, the field that is wrong', () => {
    const refused = new SipflowError('CALL_REJECTED', 'The call failed.');
    const sip = (status: number, reason?: string): SipReport => ({
      event: 'failed',
      status,
      ...(reason ? { reason } : {}),
    });
    assert.equal(faultText(refused, sip(404, 'Not Found')), '404 Not Found');
    assert.equal(faultText(refused, sip(486)), '486 Busy Here');
    assert.equal(
      faultText(new SipflowError('DNS', 'x'), sip(503, 'Local')),
      '@sipflow/node-red-sipflow/sip-instance:short.DNS',
    );
    assert.equal(
      faultText(new SipflowError('SRTP_NOT_NEGOTIATED', 'x'), sip(488, 'Not Acceptable Here')),
      '488 SRTP_NOT_NEGOTIATED',
    );
    assert.equal(
      faultText(new SipflowError('TIMEOUT', 'x'), sip(408, 'Request Timeout')),
      '@sipflow/node-red-sipflow/sip-instance:short.TIMEOUT',
    );
    const cause = Object.assign(new Error('bind EADDRINUSE'), { code: 'EADDRINUSE', port: 5060 });
    const bind = new SipflowError('INSTANCE_NOT_READY', 'x', {
      cause: new SipflowError('TRANSPORT', 'y', { cause }),
    });
    assert.equal(faultText(bind), 'portInUse 5060');
    assert.equal(
      faultText(new SipflowError('BAD_CONFIG', 'The field "timeout" must be a number.')),
      'setting timeout',
    );
    assert.equal(registrationText(new SipflowError('TIMEOUT', 'x')), 'registration TIMEOUT');
    assert.equal(registrationText(new SipflowError('AUTH', 'x'), 403), 'registration 403 Forbidden');
    assert.equal(registrationText(new SipflowError('AUTH', 'x'), 401), 'registration 401 AUTH');
  });

  it('has at most 30 characters on one line, whatever the other side calls itself', () => {
    const long = `${'x'.repeat(80)}\r\n\u0000${'y'.repeat(80)}`;
    const texts = [
      faultText(new SipflowError('CALL_REJECTED', 'x'), { event: 'failed', status: 480, reason: long }),
      inCallText(ref('sip:1@x', `sip:${long}@example.com`), 3 * 3600_000 + 62_000),
      shortened('전화'.repeat(40)),
    ];
    for (const text of texts) {
      assert.ok([...text].length <= 30, text);
      assert.match(text, /^\P{Cc}+$/u);
    }
    assert.match(texts[1] ?? '', / · 03:01:02$/);
    assert.equal(inCallText(ref('sip:1001@x', 'sip:1002@y;transport=tcp'), 12_900), '1002 · 00:12');
    assert.equal(callsText(3), 'calls 3');
  });

  it('has a short text for every error code in both languages, which fits behind "registration:" where it may stand there', () => {
    assert.ok(phoneSet);
    for (const language of LANGUAGES) {
      const texts = catalogue(phoneSet, language);
      for (const code of ERROR_CODES) {
        const text = lookUp(texts, `short.${code}`) ?? '';
        assert.ok(text.length > 0 && [...text].length <= 30, `${language} ${code}: ${text}`);
        if (!['AUTH', 'TIMEOUT', 'TRANSPORT', 'TLS', 'DNS'].includes(code)) continue;
        const why = code === 'AUTH' ? `401 ${text}` : text;
        const whole = (lookUp(texts, 'brief.registration') ?? '').replace('__why__', why);
        assert.ok([...whole].length <= 30, whole);
      }
    }
  });
});

describe('the status of a node', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = new Bench();
  });
  afterEach(async () => bench.close());

  it('tells with whom a node is in a call, how many calls there are, and nothing when it is idle', async () => {
    await bench.load(
      phone('1001'),
      phone('1002'),
      { id: 'dial', type: 'sip-make-call', instance: 'phone1001', target: '1002', wires: [['up'], [], []] },
      { id: 'ring', type: 'sip-incoming-call', instance: 'phone1002', wires: [['pick']] },
      { id: 'pick', type: 'sip-answer', wires: [[], []] },
      { id: 'end', type: 'sip-hangup', wires: [[]] },
      catchAll,
    );
    await bench.statusOf('dial', ['']);
    bench.send('dial');
    const first = await bench.next('up');
    await bench.statusOf('dial', [/^1002 · 00:0\d$/]);
    await bench.statusOf('ring', [/^1001 · 00:0\d$/]);
    bench.send('dial');
    const second = await bench.next('up');
    await bench.statusOf('dial', ['calls 2']);
    await bench.statusOf('phone1001', ['calls 2']);
    bench.send('end', { call: first.call });
    await bench.statusOf('dial', [/^1002 · 00:0\d$/]);
    bench.send('end', { call: second.call });
    for (const id of ['dial', 'ring', 'pick', 'end']) await bench.statusOf(id, ['']);
  });

  it('calls a phone without a name by its number, in its own errors and in those of its users', async () => {
    await bench.load(
      phone('1001', { name: '', maxCalls: 'many' }),
      { id: 'dial', type: 'sip-make-call', instance: 'phone1001', target: '1002', wires: [[], [], []] },
      catchAll,
    );
    const { source } = (await bench.next('errors')).error as { source: { name?: string } };
    assert.equal(source.name, '1001');
    bench.send('dial');
    const { message } = (await bench.next('errors')).error as { message: string };
    assert.match(message, /The SIP phone "1001" is not running/);
  });

  it('tells why a call failed, and its diagnosis that the phone is not registered', async () => {
    const registrar = await RawPeer.open();
    try {
      const at = `127.0.0.1:${registrar.port}`;
      await bench.load(
        phone('1001', { mode: 'network', bindAddress: '127.0.0.1', port: '0', registrar: at }),
        {
          id: 'dial',
          type: 'sip-make-call',
          instance: 'phone1001',
          target: '1002',
          wires: [[], [], ['failed']],
        },
        { id: 'ring', type: 'sip-incoming-call', instance: 'phone1001', wires: [[]] },
        catchAll,
      );
      const register = await registrar.next('REGISTER');
      registrar.send(response(register, '403 Forbidden', { tag: 'r' }), register.port);
      await bench.statusOf('ring', ['registration 403 Forbidden']);
      bench.send('dial');
      const invite = await registrar.next('INVITE');
      registrar.send(response(invite, '404 Not Found', { tag: 'i' }), invite.port);
      const { diagnosis } = (await bench.next('failed')).sip as SipReport;
      assert.match(diagnosis ?? '', /^This phone is not registered at 127\.0\.0\.1:\d+: .*403/);
      await bench.statusOf('dial', ['404 Not Found']);
    } finally {
      await registrar.close();
    }
  });
});
