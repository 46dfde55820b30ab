import assert from 'node:assert/strict';
import helper from 'node-red-node-test-helper';
import { freePort } from '../support/ports';
import { Bench, catchAll, errorOf, phone, type FlowNode } from './support/bench';
import { answeredCall } from './support/calls';

/** What has to be filled in besides. */
const FILLED: Record<string, Record<string, unknown>> = {
  'sip-play-audio': { source: 'silence' },
  'sip-send-dtmf': { digits: '1' },
  'sip-make-call': { target: '1002' },
  'sip-dial': { target: '1002' },
};
describe('bad input', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = new Bench();
  });
  afterEach(async () => bench.close());

  const errorsOf = async (
    nodes: FlowNode[],
    extra: object,
  ): Promise<Map<string, { code?: string; message: string }>> => {
    const { caller } = await answeredCall(bench, ...nodes);
    const errors = new Map<string, { code?: string; message: string }>();
    for (const { id } of nodes) {
      bench.send(id, { call: caller, ...extra });
      const error = errorOf(await bench.next('errors'));
      errors.set(error.source.id, error);
    }
    return errors;
  };

  describe('fields that are not computed', () => {
    const UNSET = '${SIPFLOW_TEST_UNSET}';
    /** By node type and field: what it must refuse. */
    const NONSENSE: Record<string, Record<string, unknown[]>> = {
      'sip-make-call': { callProperty: ['a[', '.', 7, UNSET] },
      'sip-dial': {
        order: ['random', 3, UNSET],
        onFailure: ['laugh', {}, UNSET],
        callProperty: ['a[', '.', 7, UNSET],
      },
      'sip-record': { channels: ['quadro', 2, UNSET] },
      'sip-send-dtmf': { method: ['telepathy', 5, UNSET] },
      'sip-receive-dtmf': { methods: [['telepathy'], 'telepathy', [UNSET]] },
      'sip-hold': { action: ['squeeze', {}, UNSET] },
      'sip-transfer': { kind: ['sideways', [], UNSET] },
      'sip-wait': { event: ['lunch', 3, UNSET] },
    };
    const nodes = Object.entries(NONSENSE).flatMap(([type, fields]) =>
      Object.entries(fields).flatMap(([field, values]) =>
        values.map((value) => ({
          ...{ type, instance: 'phone1001', wires: [] },
          ...FILLED[type],
          id: `${type} ${field} ${JSON.stringify(value)}`,
          [field]: value,
        })),
      ),
    );

    it('are refused by the node that gets a message', async () => {
      const errors = await errorsOf(nodes, {});
      for (const { id } of nodes) {
        const { code, message } = errors.get(id) ?? {};
        assert.equal(code, 'BAD_CONFIG', `${id}: ${message}`);
        assert.match(message ?? '', new RegExp(`"${id.split(' ')[1]}"`), id);
      }
    });

    const LISTENERS: Record<string, Record<string, unknown[]>> = {
      'sip-incoming-call': {
        match: ['/[/', 'sip:1002@here', UNSET],
        noAnswerTimeout: ['soon', '-1', '0', UNSET],
        noAnswerStatus: ['busy', '200', '700', UNSET],
        callProperty: ['a[', UNSET],
      },
      'sip-call-events': { events: [['lunch'], 'lunch', [{}], [UNSET]] },
    };
    const listeners = Object.entries(LISTENERS).flatMap(([type, fields]) =>
      Object.entries(fields).flatMap(([field, values]) =>
        values.map((value) => ({
          ...{ type, instance: 'phone1002', wires: [], [field]: value },
          id: `${type} ${field} ${JSON.stringify(value)}`,
        })),
      ),
    );

    it('are refused at the deploy by a node that listens, whose status shows it', async () => {
      // While nodes are being made no Status node hears of it, but the editor does.
      const shown = new Map<string, string>();
      const remember = ({ id, status }: { id: string; status: { text: string } }): void => {
        shown.set(id, status.text);
      };
      helper._events.on('node-status', remember);
      await bench.load(phone('1002'), catchAll, ...listeners);
      helper._events.off('node-status', remember);
      for (const { id } of listeners)
        assert.match(shown.get(id) ?? '', /^setting \w+|:short\.BAD_CONFIG$/, id);
      const told = new Map<string, string | undefined>();
      while (told.size < listeners.length) {
        const { source, code } = errorOf(await bench.next('errors'));
        told.set(source.id, code);
      }
      for (const { id } of listeners) assert.equal(told.get(id), 'BAD_CONFIG', id);
    });

    const NETWORK = { mode: 'network', bindAddress: '127.0.0.1', port: '0' };
    const PHONE: Record<string, unknown[]> = {
      mode: ['dream', 5, UNSET],
      dn: ['', 'a b', '<1001>', {}, UNSET],
      transport: ['pigeon', UNSET],
      codecs: [['PCMX'], 'PCMX', [UNSET], UNSET],
      ptime: ['15', 'x', '0', UNSET],
      dtmfMethod: ['telepathy', UNSET],
      srtp: ['maybe', UNSET],
      rtpPortMin: ['x', '80', '70000', UNSET],
      rtpPortMax: ['x', '9999', '70000', UNSET],
      maxCalls: ['0', '-3', 'many', UNSET],
      mediaTimeout: ['0', '-1', 'long', UNSET],
      transferPolicy: ['never', UNSET],
      acceptFrom: ['10.0.0.0/33', '300.1.1.1', { a: 1 }, UNSET],
      allowedOrigins: [[{}], UNSET],
      displayName: [{}, UNSET],
      audioDir: [[], UNSET],
      recordingsDir: [{}, UNSET],
      bindAddress: ['nowhere', UNSET],
      port: ['65536', '-1', 'x', '15000', UNSET],
      sessionTimer: ['10', 'x', UNSET],
      registrar: [UNSET],
      outboundProxy: [{}, UNSET],
      stunServer: [{}, UNSET],
      advertisedAddress: [{}, UNSET],
      domain: [{}, UNSET],
      authUser: [{}, UNSET],
      authenticateIncoming: [true],
    };

    it('are refused by the phone at the deploy, which then does not run', async () => {
      const phones = Object.entries(PHONE).flatMap(([field, values]) =>
        values.map((value, n) => ({
          ...{ ...phone(`10-${field}-${n}`), ...NETWORK, [field]: value },
          id: `${field} ${JSON.stringify(value)}`,
        })),
      );
      const users = phones.map(({ id }) => ({
        ...{ id: `call of ${id}`, type: 'sip-make-call', instance: id, target: '1002', wires: [] },
      }));
      await bench.load(...phones, ...users, catchAll);
      const told = new Map<string, { code?: string; message: string }>();
      while (told.size < phones.length) {
        const error = errorOf(await bench.next('errors'));
        told.set(error.source.id, error);
      }
      for (const { id } of phones)
        assert.equal(told.get(id)?.code, 'BAD_CONFIG', `${id}: ${told.get(id)?.message}`);
    });

    it('take their defaults when they are blank', async () => {
      const blank = Object.fromEntries(
        Object.keys(PHONE)
          .filter((field) => field !== 'dn')
          .map((field) => [field, '']),
      );
      await bench.load(
        phone('1001', blank),
        phone('1002', blank),
        { id: 'dial', type: 'sip-make-call', instance: 'phone1001', target: '1002', wires: [['up'], [], []] },
        { id: 'ring', type: 'sip-incoming-call', instance: 'phone1002', match: '', wires: [['pick']] },
        { id: 'pick', type: 'sip-answer', wires: [[], []] },
      );
      bench.send('dial');
      await bench.next('up');
    });
  });

  describe('phones that get into each other’s way', () => {
    const ringing = (id: string): FlowNode => ({
      id: `ring ${id}`,
      type: 'sip-incoming-call',
      instance: id,
      wires: [['pick']],
    });
    const shown = async (id: string, wanted: string): Promise<void> => {
      for (;;) {
        const { text, source } = (await bench.next('shown')).status as {
          text: string;
          source: { id: string };
        };
        if (source.id === id && text === wanted) return;
      }
    };
    const status = { id: 'statuses', type: 'status', scope: null, wires: [['shown']] };
    const pick = { id: 'pick', type: 'sip-answer', wires: [[], []] };

    it('tells the second phone on a port so, and lets the first one go on', async () => {
      const port = await freePort();
      const network = { mode: 'network', bindAddress: '127.0.0.1' };
      await bench.load(
        phone('1001', { ...network, port: String(port) }),
        phone('1002', { ...network, port: String(port) }),
        phone('1003', { ...network, port: '0' }),
        ringing('phone1001'),
        ringing('phone1002'),
        pick,
        {
          ...{
            id: 'dial',
            type: 'sip-make-call',
            instance: 'phone1003',
            target: `sip:1001@127.0.0.1:${port}`,
          },
          wires: [['up'], [], []],
        },
        catchAll,
        status,
      );
      const error = errorOf(await bench.next('errors'));
      assert.deepEqual([error.source.id, error.code], ['phone1002', 'TRANSPORT'], error.message);
      assert.match(error.message, new RegExp(String(port)));
      await shown('phone1002', `portInUse ${port}`);
      bench.send('dial');
      await bench.next('up');
    });

    it('tells the second phone with a number so, and lets the first one go on', async () => {
      await bench.load(
        phone('1001'),
        { ...phone('1001'), id: 'double' },
        phone('1003'),
        ringing('phone1001'),
        ringing('double'),
        pick,
        { id: 'dial', type: 'sip-make-call', instance: 'phone1003', target: '1001', wires: [['up'], [], []] },
        catchAll,
        status,
      );
      const error = errorOf(await bench.next('errors'));
      assert.deepEqual([error.source.id, error.code], ['double', 'BAD_CONFIG'], error.message);
      await shown('double', 'numberTaken 1001');
      bench.send('dial');
      await bench.next('up');
    });

    it('says why phones of different modes do not reach each other', async () => {
      const port = await freePort();
      const dial = (id: string, instance: string, target: string): FlowNode => ({
        ...{ id, type: 'sip-make-call', instance, target },
        wires: [['up'], [], ['down']],
      });
      await bench.load(
        phone('1001', { mode: 'network', bindAddress: '127.0.0.1', port: String(port) }),
        phone('1002'),
        ringing('phone1001'),
        ringing('phone1002'),
        pick,
        dial('simulated to network', 'phone1002', '1001'),
        dial('network to simulated', 'phone1001', '1002'),
        catchAll,
      );
      bench.send('simulated to network');
      const down = await bench.next('down');
      assert.equal((down.sip as { status: number }).status, 404);
      assert.match((down.sip as { diagnosis: string }).diagnosis, /No simulated phone has the number 1001/);
      bench.send('network to simulated');
      const error = errorOf(await bench.next('errors'));
      assert.equal(error.code, 'BAD_TARGET');
      assert.match(error.message, /1002.*(domain|registrar)/);
      assert.equal(bench.count('up'), 0);
    });

    it('leaves alone in the simulation what only the network has', async () => {
      const network = {
        ...{ registrar: '192.0.2.1', register: true, outboundProxy: '192.0.2.2', stunServer: '192.0.2.3' },
        ...{ advertisedAddress: '192.0.2.4', bindAddress: '192.0.2.5', port: '80', sessionTimer: '1' },
      };
      await bench.load(
        phone('1001', network),
        phone('1002', network),
        ringing('phone1002'),
        pick,
        { id: 'dial', type: 'sip-make-call', instance: 'phone1001', target: '1002', wires: [['up'], [], []] },
        catchAll,
        status,
      );
      await shown('phone1001', 'status.ready');
      bench.send('dial');
      await bench.next('up');
      assert.equal(bench.count('errors'), 0);
    });
  });
});
