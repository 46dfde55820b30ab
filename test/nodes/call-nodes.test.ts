import assert from 'node:assert/strict';
import { readFrames } from '../support/pcap-reader';
import type { CallInfo } from '../../lib/calls';
import { Bench, callOf, catchAll, errorOf, phone } from './support/bench';
import { answeredCall, ringingCall } from './support/calls';

const hangup = (fields: Record<string, unknown> = {}) => ({
  id: 'end',
  type: 'sip-hangup',
  ...fields,
  wires: [['over']],
});
const wait = (event: string, timeout = '5') => ({
  id: 'wait',
  type: 'sip-wait',
  event,
  timeout,
  timeoutType: 'num',
  wires: [['event'], ['timeout'], ['ended']],
});
const info = { id: 'info', type: 'sip-call-info', wires: [['told']] };
const sip = (msg: Record<string, unknown>) => msg.sip as { event: string; status?: number };

describe('nodes that act on a call', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = new Bench();
  });
  afterEach(async () => bench.close());

  describe('sip-hangup', () => {
    it('ends a call that is given by its bare id, and forwards the message', async () => {
      const { caller } = await answeredCall(bench, hangup({ call: 'payload.id', callType: 'msg' }), info);
      const payload = { id: caller.id };
      bench.send('end', { payload });
      assert.equal((await bench.next('over')).payload, payload);
      bench.send('info', { call: caller });
      const { state, endedBy } = (await bench.next('told')).callInfo as CallInfo;
      assert.equal(state, 'ended');
      assert.equal(endedBy, 'local');
    });

    it('succeeds on a call that is over already', async () => {
      const { caller } = await answeredCall(bench, hangup());
      bench.send('end', { call: caller });
      await bench.next('over');
      bench.send('end', { call: caller });
      await bench.next('over');
    });

    it('cancels a call that still rings', async () => {
      const { caller } = await ringingCall(bench, hangup(), wait('answered'));
      bench.send('end', { call: caller });
      await bench.next('over');
      assert.equal(((await bench.next('unanswered')).failure as { code: string }).code, 'CALL_ENDED');
    });

    it('raises CALL_UNKNOWN for a call that never was', async () => {
      await bench.load(hangup(), catchAll);
      bench.send('end', { call: 'call-nobody-knows' });
      const error = errorOf(await bench.next('errors'));
      assert.equal(error.code, 'CALL_UNKNOWN');
      assert.match(error.message, /call-nobody-knows/);
    });
  });

  describe('sip-wait', () => {
    it('has the SDP of both sides, and of an incoming call who calls whom', async () => {
      const { caller, callee } = await answeredCall(bench, wait('answered'));
      interface Sip {
        event: string;
        sdp: { local: { port: number } | null; remote: { port: number } | null };
        caller?: { number: string };
        called?: string;
        diversion?: unknown[];
      }
      bench.send('wait', { call: callee });
      const incoming = (await bench.next('event')).sip as Sip;
      assert.deepEqual([incoming.caller?.number, incoming.called, incoming.diversion], ['1001', '1002', []]);
      bench.send('wait', { call: caller });
      const outgoing = (await bench.next('event')).sip as Sip;
      assert.equal('caller' in outgoing, false);
      assert.ok(outgoing.sdp.local && outgoing.sdp.remote);
      assert.deepEqual(
        [outgoing.sdp.local.port, outgoing.sdp.remote.port],
        [incoming.sdp.remote?.port, incoming.sdp.local?.port],
      );
    });

    it('lets a message through at once when it is true already', async () => {
      const { caller } = await answeredCall(bench, wait('answered'));
      bench.send('wait', { call: caller });
      assert.equal(sip(await bench.next('event')).status, 200);
    });

    it('waits for the end, which is then the first output, also afterwards', async () => {
      const { caller, callee } = await answeredCall(bench, wait('ended'), hangup());
      bench.send('wait', { call: caller });
      bench.send('end', { call: callee });
      await bench.next('event');
      await bench.next('over');
      bench.send('wait', { call: caller });
      await bench.next('event');
    });

    it('leaves by "timeout" when nothing happens', async () => {
      const { caller } = await answeredCall(bench, wait('dtmf', '0.2'));
      bench.send('wait', { call: caller });
      await bench.next('timeout');
    });

    it('leaves by "ended" when the call ends first, and when it was over before', async () => {
      const { caller, callee } = await answeredCall(bench, wait('dtmf'), hangup());
      bench.send('wait', { call: caller });
      bench.send('end', { call: callee });
      await bench.next('ended');
      await bench.next('over');
      bench.send('wait', { call: caller });
      await bench.next('ended');
    });

    it('raises BAD_CONFIG for an event that does not exist', async () => {
      const { caller } = await answeredCall(bench, wait('lunch'));
      bench.send('wait', { call: caller });
      assert.equal(errorOf(await bench.next('errors')).code, 'BAD_CONFIG');
    });
  });

  describe('sip-call-info', () => {
    it('knows a live call and, for a while, one that is over', async () => {
      const { caller, callee } = await answeredCall(bench, info, hangup());
      bench.send('info', { call: caller });
      const live = (await bench.next('told')).callInfo as CallInfo;
      assert.equal(live.state, 'answered');
      assert.equal(live.codec, 'PCMU');
      assert.equal(live.direction, 'out');
      assert.equal(live.endedBy, null);
      bench.send('end', { call: callee });
      await bench.next('over');
      bench.send('info', { call: callee });
      const over = (await bench.next('told')).callInfo as CallInfo;
      assert.equal(over.state, 'ended');
      assert.equal(over.endedBy, 'local');
      assert.ok(over.durationMs > 0);
      assert.ok(Date.parse(over.endedAt ?? '') >= Date.parse(over.answeredAt ?? ''));
    });

    it('exports a live call and one that is over, and leaves the payload alone otherwise', async () => {
      const kinds = ['none', 'text', 'mermaid', 'svg', 'pcap', 'json'];
      const asks = kinds.map((kind) => ({
        ...info,
        id: `as-${kind}`,
        export: kind,
        wires: [[`told-${kind}`]],
      }));
      const { caller, callee } = await answeredCall(bench, ...asks, hangup());
      const exported = async (kind: string): Promise<unknown> => {
        bench.send(`as-${kind}`, { call: caller, payload: 'mine' });
        return (await bench.next(`told-${kind}`)).payload;
      };
      const sipOf = (file: unknown): string => {
        assert.ok(Buffer.isBuffer(file));
        return readFrames(file)
          .map(({ payload }) => payload.toString('latin1').split(' ')[0])
          .join(' ');
      };
      assert.match(sipOf(await exported('pcap')), /^INVITE .* ACK$/);
      bench.send('end', { call: callee });
      await bench.next('over');
      assert.match(sipOf(await exported('pcap')), /^INVITE .* ACK BYE SIP\/2.0$/);
      assert.equal(await exported('none'), 'mine');
      assert.match(String(await exported('text')), /INVITE[^]*200 OK[^]*BYE/);
      assert.match(String(await exported('mermaid')), /^sequenceDiagram/);
      assert.match(String(await exported('svg')), /^<svg[^]*INVITE/);
      const ladder = JSON.parse(String(await exported('json'))) as { format: string; rows: unknown[] };
      assert.deepEqual([ladder.format, ladder.rows.length > 5], ['sipflow-ladder/1', true]);
    });

    it('raises BAD_CONFIG for a kind of export that there is not', async () => {
      const ask = { ...info, export: 'pdf' };
      const { caller } = await answeredCall(bench, ask);
      bench.send('info', { call: caller });
      assert.equal(errorOf(await bench.next('errors')).code, 'BAD_CONFIG');
    });
  });

  describe('sip-answer', () => {
    it('raises CALL_ENDED when the caller has given up', async () => {
      const pick = { id: 'pick-up', type: 'sip-answer', wires: [['picked-up'], ['failed']] };
      const { caller, callee } = await ringingCall(bench, pick, hangup(), wait('ended'));
      bench.send('wait', { call: callee });
      bench.send('end', { call: caller });
      await bench.next('event');
      bench.send('pick-up', { call: callee });
      assert.equal(errorOf(await bench.next('errors')).code, 'CALL_ENDED');
    });

    it('leaves by "failed" with an explanation when its codecs do not fit', async () => {
      const pick = { id: 'pick-up', type: 'sip-answer', codecs: 'G722', wires: [['picked-up'], ['failed']] };
      const { callee } = await ringingCall(bench, pick);
      bench.send('pick-up', { call: callee });
      const msg = await bench.next('failed');
      assert.equal((msg.failure as { code: string }).code, 'NO_COMMON_CODEC');
      assert.match((msg.sip as { diagnosis: string }).diagnosis, /G722/);
      assert.equal(sip(await bench.next('unanswered')).status, 488);
    });

    it('raises CALL_STATE for a call that was answered, and for one that we made', async () => {
      const pick = { id: 'pick-up', type: 'sip-answer', wires: [['picked-up'], ['failed']] };
      const { caller, callee } = await answeredCall(bench, pick);
      for (const call of [caller, callee]) {
        bench.send('pick-up', { call });
        assert.equal(errorOf(await bench.next('errors')).code, 'CALL_STATE');
      }
    });
  });

  describe('sip-reject', () => {
    const reject = (fields: Record<string, unknown>) => ({
      id: 'refuse',
      type: 'sip-reject',
      ...fields,
      wires: [['refused']],
    });

    it('sends the caller elsewhere with 302 and a contact', async () => {
      const { callee } = await ringingCall(
        bench,
        reject({ statusCode: '302', contact: 'sip:1003@example.com' }),
      );
      bench.send('refuse', { call: callee });
      await bench.next('refused');
      const msg = await bench.next('unanswered');
      assert.equal(sip(msg).status, 302);
      const { headers } = msg.sip as { headers: Record<string, string[]> };
      assert.match(headers.Contact?.[0] ?? '', /1003@example\.com/);
    });

    it('raises BAD_CONFIG for 302 without a contact, and for a status that is none', async () => {
      const { callee } = await ringingCall(bench, reject({ statusCode: 'code', statusCodeType: 'msg' }));
      for (const code of [302, 200, 700, 'busy']) {
        bench.send('refuse', { call: callee, code });
        assert.equal(errorOf(await bench.next('errors')).code, 'BAD_CONFIG', String(code));
      }
    });
  });

  describe('sip-early-media', () => {
    const early = (fields: Record<string, unknown> = {}) => ({
      id: 'early',
      type: 'sip-early-media',
      source: 'tone:440',
      ...fields,
      wires: [['done'], ['failed'], ['started']],
    });

    it('pitfall 7: the caller hears before the answer, and can be answered after it', async () => {
      const pick = { id: 'pick-up', type: 'sip-answer', wires: [['picked-up']] };
      const { callee } = await ringingCall(bench, early({ source: '' }), pick);
      bench.send('early', { call: callee });
      await bench.next('started');
      assert.equal(sip(await bench.next('done')).status, 183);
      assert.equal(sip(await bench.next('progress')).status, 183);
      bench.send('pick-up', { call: callee });
      await bench.next('picked-up');
      await bench.next('dialled');
    });

    it('raises CALL_STATE on a call that we made', async () => {
      const { caller } = await answeredCall(bench, early());
      bench.send('early', { call: caller });
      assert.equal(errorOf(await bench.next('errors')).code, 'CALL_STATE');
    });
  });

  it('acts on a clone as well as on the original: fan-out on two wires', async () => {
    const first = { ...info, id: 'info-1', wires: [['told-1']] };
    const second = { ...info, id: 'info-2', wires: [['told-2']] };
    await bench.load(
      phone('1001'),
      phone('1002'),
      {
        id: 'dial',
        type: 'sip-make-call',
        instance: 'phone1001',
        target: '1002',
        wires: [['info-1', 'info-2'], [], []],
      },
      { id: 'ring', type: 'sip-incoming-call', instance: 'phone1002', wires: [['pick']] },
      { id: 'pick', type: 'sip-answer', wires: [[], []] },
      first,
      second,
    );
    bench.send('dial');
    const [one, two] = await Promise.all([bench.next('told-1'), bench.next('told-2')]);
    assert.notEqual(one, two);
    assert.deepEqual({ ...callOf(one) }, { ...callOf(two) });
    assert.equal((one.callInfo as CallInfo).state, 'answered');
    assert.equal((two.callInfo as CallInfo).state, 'answered');
  });

  it('tells Complete nodes once for each message', async () => {
    const complete = {
      id: 'complete-1',
      type: 'complete',
      scope: ['end'],
      uncaught: false,
      wires: [['completed']],
    };
    const { caller } = await answeredCall(bench, hangup(), complete);
    bench.send('end', { call: caller });
    await bench.next('over');
    await bench.next('completed');
    assert.equal(bench.count('completed'), 1);
  });
});
