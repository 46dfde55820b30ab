import assert from 'node:assert/strict';
import {
  createNullMediaEngine,
  createWorld,
  type IncomingCall,
  type OutgoingCall,
  type Phone,
  type World,
} from '../../../lib/calls';
import { SipflowError } from '../../../lib/common';

/** What TypeScript would not compile, as a program in JavaScript may pass it. */
type Nonsense = never;

interface Row {
  /** What is passed. */
  what: string;
  run: () => unknown;
  code?: string;
  field: string;
}

describe('nonsense that a program passes to the library', () => {
  let world: World;
  let phone: Phone;
  let out: OutgoingCall;
  let inc: IncomingCall;

  before(async () => {
    world = createWorld({ engine: createNullMediaEngine() });
    phone = world.phone({ number: '1001' });
    const callee = world.phone({ number: '1002' });
    const idle = world.phone({ number: '1003' });
    await Promise.all([phone.start(), callee.start(), idle.start()]);
    callee.onCall((call) => call.answer());
    const received = new Promise<IncomingCall>((resolve) => idle.onCall(resolve));
    out = await phone.dial('1002');
    await out.outcome;
    await phone.dial('1003');
    inc = await received;
  });
  after(() => world.close());

  const settings = (more: object) => () => world.phone({ number: '1009', ...more });
  const call = (use: (call: OutgoingCall) => unknown) => () => use(out);

  const rows: Row[] = [
    { what: 'createWorld(5)', run: () => createWorld(5 as Nonsense), field: 'options' },
    ...[-1, 0, 1.5, 33, '2', NaN].map((mediaWorkers) => ({
      what: `createWorld({ mediaWorkers: ${JSON.stringify(mediaWorkers)} })`,
      run: () => createWorld({ mediaWorkers } as Nonsense),
      field: 'mediaWorkers',
    })),
    { what: 'a relative soundsDir', run: () => createWorld({ soundsDir: 'sounds' }), field: 'soundsDir' },
    { what: 'timers of -1', run: () => createWorld({ timers: { t1: -1 } }), field: 'timers' },
    { what: 'an engine that is text', run: () => createWorld({ engine: 'x' as Nonsense }), field: 'engine' },

    { what: 'phone()', run: () => world.phone(undefined as Nonsense), field: 'options' },
    { what: "phone('1001')", run: () => world.phone('1001' as Nonsense), field: 'options' },
    { what: 'phone({})', run: () => world.phone({} as Nonsense), field: 'number' },
    { what: 'phone({ number: {} })', run: settings({ number: {} }), field: 'number' },
    { what: 'phone({ number: 1001 })', run: settings({ number: 1001 }), field: 'number' },
    ...Object.entries({
      mode: 'both',
      port: '5060',
      codecs: 'PCMU',
      headers: 'X-A: b',
      listenTcp: 'yes',
      srtp: 'yes',
      srtpSuites: [7],
      dtmfMethod: 'sms',
      transferPolicy: 'maybe',
      concealment: 'magic',
      jitterBuffer: { mode: 'fixed', delayMs: -5 },
      statisticsInterval: -1,
      registrar: 5,
      registerExpires: 0,
      password: 42,
      tls: 'pem',
      allowedOrigins: '*',
      acceptFrom: 'any',
      audioDir: 5,
      recordingsDir: [],
      maxCalls: NaN,
    }).map(([field, value]) => ({
      what: `phone({ ${field}: ${JSON.stringify(value)} })`,
      run: settings({ [field]: value }),
      field,
    })),
    ...Object.entries({
      number: '10 01',
      transport: 'pigeon',
      bindAddress: 'here',
      port: 70_000,
      maxCalls: 0,
      ptime: 15,
      codecs: ['MP3'],
      rtpPortMin: 80,
      rtpPortMax: 10_000,
      mediaTimeout: 0,
      sessionTimer: 5,
      maxCallDuration: -1,
      rtpTimeout: -1,
    }).map(([field, value]) => ({
      what: `a start with ${field} ${JSON.stringify(value)}`,
      run: () => world.phone({ number: '1009', [field]: value }).start(),
      field,
    })),

    { what: 'dial(5)', run: () => phone.dial(5 as Nonsense), field: 'options' },
    { what: 'dial({})', run: () => phone.dial({} as Nonsense), code: 'BAD_TARGET', field: 'target' },
    {
      what: 'dial({ target: 5 })',
      run: () => phone.dial({ target: 5 as Nonsense }),
      code: 'BAD_TARGET',
      field: 'target',
    },
    ...Object.entries({
      ringTimeout: 'soon',
      codecs: 'PCMU',
      headers: [],
      maxCallDuration: -1,
      followRedirects: 1,
      lateOffer: 'no',
    }).map(([field, value]) => ({
      what: `dial with ${field} ${JSON.stringify(value)}`,
      run: () => phone.dial({ target: '1002', [field]: value }),
      field,
    })),
    { what: 'onCall()', run: () => phone.onCall(undefined as Nonsense), field: 'listener' },
    {
      what: 'onCall with match 5',
      run: () => phone.onCall(() => 0, { match: 5 as Nonsense }),
      field: 'match',
    },
    {
      what: 'onCall with noAnswerStatus 200',
      run: () => phone.onCall(() => 0, { noAnswerStatus: 200 }),
      field: 'noAnswerStatus',
    },

    { what: 'play()', run: call((c) => c.play(undefined as Nonsense)), field: 'options' },
    {
      what: 'play({ source: 3 })',
      run: call((c) => c.play({ source: 3 as Nonsense })),
      code: 'BAD_AUDIO',
      field: 'source',
    },
    { what: 'play from -1 s', run: call((c) => c.play({ source: 'silence', offset: -1 })), field: 'offset' },
    {
      what: 'play with bargeIn true',
      run: call((c) => c.play({ source: 'silence', bargeIn: true as Nonsense })),
      field: 'bargeIn',
    },
    { what: 'record({})', run: call((c) => c.record({} as Nonsense)), field: 'file' },
    {
      what: 'record of 5.1 channels',
      run: call((c) => c.record({ file: 'a', channels: '5.1' as Nonsense })),
      field: 'channels',
    },
    {
      what: 'record with silenceLevel 40',
      run: call((c) => c.record({ file: 'a', silenceLevel: 40 })),
      field: 'silenceLevel',
    },
    {
      what: 'sendDigits({ digits: 5 })',
      run: call((c) => c.sendDigits({ digits: 5 as Nonsense })),
      code: 'BAD_DIGITS',
      field: 'digits',
    },
    {
      what: 'sendDigits by smoke',
      run: call((c) => c.sendDigits({ digits: '5', method: 'smoke' as Nonsense })),
      field: 'method',
    },
    { what: 'tones of -1 ms', run: call((c) => c.sendDigits({ digits: '5', toneMs: -1 })), field: 'toneMs' },
    { what: 'gather({ minDigits: -1 })', run: call((c) => c.gather({ minDigits: -1 })), field: 'minDigits' },
    { what: 'gather by x', run: call((c) => c.gather({ methods: ['x' as Nonsense] })), field: 'methods' },
    {
      what: 'streamDigits without listeners',
      run: call((c) => c.streamDigits({}, 1 as Nonsense, 2 as Nonsense)),
      field: 'onDigit',
    },
    { what: "hold('on')", run: call((c) => c.hold('on' as Nonsense)), field: 'action' },
    { what: 'transfer()', run: call((c) => c.transfer(undefined as Nonsense)), field: 'options' },
    { what: 'a warm transfer', run: call((c) => c.transfer({ kind: 'warm' } as Nonsense)), field: 'kind' },
    {
      what: 'a blind transfer to 5',
      run: call((c) => c.transfer({ kind: 'blind', target: 5 as Nonsense })),
      code: 'BAD_TARGET',
      field: 'target',
    },
    {
      what: 'an attended transfer to nobody',
      run: call((c) => c.transfer({ kind: 'attended' } as Nonsense)),
      field: 'consultCall',
    },
    {
      what: 'an attended transfer to an object',
      run: call((c) => c.transfer({ kind: 'attended', consultCall: {} as Nonsense })),
      code: 'CALL_UNKNOWN',
      field: 'call',
    },
    {
      what: "answerTransfer('perhaps')",
      run: call((c) => c.answerTransfer('perhaps' as Nonsense)),
      field: 'decision',
    },
    {
      what: 'bridge()',
      run: call((c) => c.bridge(undefined as Nonsense)),
      code: 'CALL_UNKNOWN',
      field: 'call',
    },
    { what: "waitFor('rain')", run: call((c) => c.waitFor('rain' as Nonsense)), field: 'event' },
    { what: 'waitFor until -1', run: call((c) => c.waitFor('held', { timeout: -1 })), field: 'timeout' },
    { what: 'answer({ codecs: 5 })', run: () => inc.answer({ codecs: 5 as Nonsense }), field: 'codecs' },
    { what: 'answer({ codecs: [MP3] })', run: () => inc.answer({ codecs: ['MP3'] }), field: 'codecs' },
    { what: 'reject({ status: 200 })', run: () => inc.reject({ status: 200 }), field: 'status' },
    { what: 'reject()', run: () => inc.reject(undefined as Nonsense), field: 'options' },
    {
      what: 'startEarlyMedia({ reliable: 1 })',
      run: () => inc.startEarlyMedia({ reliable: 1 as Nonsense }),
      field: 'reliable',
    },
    {
      what: 'join(5)',
      run: () => world.conference().join(5 as Nonsense),
      code: 'CALL_UNKNOWN',
      field: 'call',
    },
    { what: 'calls.live({})', run: () => world.calls.live({}), code: 'CALL_UNKNOWN', field: 'call' },
  ];
  for (const { what, run, code = 'BAD_CONFIG', field } of rows) {
    it(`${what}: ${code}, which names ${field}`, async () => {
      const fault = await Promise.resolve()
        .then(run)
        .then(
          () => assert.fail('it was taken'),
          (error: unknown) => error,
        );
      assert.ok(fault instanceof SipflowError, String(fault));
      assert.deepEqual([fault.code, fault.field], [code, field], fault.message);
      assert.match(fault.message, /^[A-Za-z"][^\n]*\.$/, 'a sentence');
    });
  }

  it('changes nothing: the calls stand, and can still be used', async () => {
    assert.equal(out.state, 'answered');
    assert.equal(inc.state, 'ringing');
    assert.equal((await inc.reject({ status: 486 })).status, 486);
    assert.equal((await out.hold('hold')).kind, 'done');
  });

  it('an option that is undefined is one that is absent', async () => {
    const absent = world.phone({ number: '1010', ptime: undefined, codecs: undefined, port: undefined });
    await absent.start();
    assert.equal(absent.options.ptime, 20);
    await absent.close();
  });
});
