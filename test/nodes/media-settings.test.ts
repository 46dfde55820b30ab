import assert from 'node:assert/strict';
import { Bench, callOf, catchAll, errorOf, phone } from './support/bench';

interface Figures {
  received: { packets: number; jitterBufferMs?: number };
  mos?: number;
}

describe('settings of a phone for the audio and the messages of its calls', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = new Bench();
  });
  afterEach(() => bench.close());

  it('set the jitter buffer, and have the figures of calls reported', async () => {
    await bench.load(
      phone('1001', {
        jitterBuffer: 'fixed',
        jitterDelayMs: '140',
        concealment: 'none',
        statisticsInterval: '0.2',
      }),
      phone('1002'),
      {
        id: 'dial',
        type: 'sip-make-call',
        instance: 'phone1001',
        target: '1002',
        wires: [['dialled'], [], []],
      },
      { id: 'ring', type: 'sip-incoming-call', instance: 'phone1002', wires: [['pick']] },
      { id: 'pick', type: 'sip-answer', wires: [['picked'], []] },
      ...['phone1001', 'phone1002'].map((instance) => ({
        id: `news-${instance}`,
        type: 'sip-call-events',
        instance,
        events: ['statistics'],
        wires: [[`heard-${instance}`]],
      })),
      catchAll,
    );
    bench.send('dial');
    const call = callOf(await bench.next('dialled'));
    const seen: Figures[] = [];
    while ((seen.at(-1)?.mos ?? 0) === 0 || seen.length < 2) {
      const msg = await bench.next('heard-phone1001');
      const { event, statistics } = msg.payload as { event: string; statistics: Figures };
      assert.equal(event, 'statistics');
      assert.equal(callOf(msg).id, call.id);
      seen.push(statistics);
    }
    const last = seen.at(-1);
    assert.equal(last?.received.jitterBufferMs, 140);
    assert.ok((last?.received.packets ?? 0) > (seen[0]?.received.packets ?? 0), 'the figures go on');
    assert.equal(bench.count('heard-phone1002'), 0, 'nobody asked for those');
  });

  for (const [field, value] of [
    ['jitterBuffer', 'sometimes'],
    ['concealment', 'magic'],
    ['statisticsInterval', '0.01'],
    ['headers', '{"X-Lab": '],
    ['headers', '{"Via": "SIP/2.0/UDP 192.0.2.1"}'],
  ] as const) {
    it(`refuse ${field} ${value}`, async () => {
      await bench.load(
        phone('1001', { [field]: value }),
        { id: 'dial', type: 'sip-make-call', instance: 'phone1001', target: '1002', wires: [[], [], []] },
        catchAll,
      );
      const { code, message } = errorOf(await bench.next('errors'));
      assert.equal(code, 'BAD_CONFIG');
      assert.match(message, field === 'headers' ? /header/ : new RegExp(`"?${field}"?`));
    });
  }
});
