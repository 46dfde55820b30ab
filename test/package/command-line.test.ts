import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createWorld, type World } from '../../lib';
import { CommandRun } from '../support/command-run';
import { ownPackage } from './support/node-red';

async function result(...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const run = new CommandRun(args);
  const code = await run.code;
  return { code, out: run.out, err: run.err };
}

describe('the command line', function () {
  this.timeout(30_000);
  let folder: string;
  let world: World;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sipflow-cli-'));
    world = createWorld();
  });
  afterEach(async () => {
    await world.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A phone on the network that takes calls; its address as a SIP URI. */
  async function callee(): Promise<{ uri: string; phone: ReturnType<World['phone']> }> {
    const phone = world.phone({ number: 'bob', mode: 'network', bindAddress: '127.0.0.1', port: 0 });
    await phone.start();
    return { uri: `sip:bob@127.0.0.1:${phone.address?.port}`, phone };
  }

  it('shows its commands, with nothing typed too', async () => {
    const [asked, bare] = await Promise.all([result('--help'), result()]);
    assert.equal(asked.code, 0);
    assert.match(asked.out, /^Usage: sipflow COMMAND/);
    for (const command of ['call', 'answer']) assert.match(asked.out, new RegExp(`^  ${command} `, 'm'));
    assert.match(asked.out, /0 passed, 1 failed, 2 could not run, 3 .* 130 interrupted/);
    assert.deepEqual(bare, asked);
  });

  it('shows the version of the package', async () => {
    assert.deepEqual(await result('--version'), { code: 0, out: `${ownPackage.version}\n`, err: '' });
  });

  it('shows the options of a command, whatever else is typed', async () => {
    const { code, out } = await result('call', 'sip:nobody@127.0.0.1', '--help');
    assert.equal(code, 0);
    assert.match(out, /^Usage: sipflow call \[options\] <TARGET>/);
    for (const option of [
      'from <URI>',
      'registrar <HOST>',
      'password-env <NAME>',
      'play <SOURCE>',
      'for <SECONDS>',
    ]) {
      assert.ok(out.includes(`--${option} `), option);
    }
  });

  const MISUSES: [typed: string[], sentence: RegExp][] = [
    [['dance'], /^sipflow: unknown command 'dance'\nTry: sipflow --help\n$/],
    [['cal', 'sip:a@b'], /Did you mean call\?/],
    [['--verbose'], /unknown option '--verbose'/],
    [['call'], /missing required argument 'TARGET'\nTry: sipflow call --help/],
    [['call', 'sip:a@b', 'sip:c@d'], /too many arguments for 'call'/],
    [['call', 'sip:a@b', '--speed', '9'], /unknown option '--speed'/],
    [['call', 'sip:a@b', '-p'], /unknown option '-p'/],
    [['call', 'sip:a@b', '--play'], /option '--play <SOURCE>' argument missing/],
    [['call', 'sip:a@b', '--play', '--for', '1'], /'--play <SOURCE>' argument '--for' is invalid. It needs/],
    [['call', 'sip:a@b', '--for', 'ever'], /'ever' is invalid. It takes a number from 0\.1 to 86400/],
    [['call', 'sip:a@b', '--from', 'sip:a'], /--from takes sip:number@host or a number/],
    [['call', 'sip:a@b', '--password-env', 'NOT_SET_9'], /variable NOT_SET_9 of --password-env is not set/],
    [['call', 'sip:a@b', '--transport', 'pigeon'], /transport pigeon does not exist/],
    [['call', '1002'], /needs a host/],
    [['call', 'sip:a@127.0.0.1', '--play', '/no/such.wav'], /\/no\/such\.wav/],
    [['answer', '--port', '70000'], /It takes a number from 0 to 65535/],
    [['answer', 'sip:a@b'], /too many arguments/],
  ];
  for (const [typed, sentence] of MISUSES) {
    it(`says in a sentence what is wrong with: ${typed.join(' ')}`, async () => {
      const { code, out, err } = await result(...typed);
      assert.equal(code, 2);
      assert.match(err, sentence);
      assert.doesNotMatch(err, /\n\s+at /);
      assert.equal(out, '');
    });
  }

  it('calls, plays, sends digits and records', async () => {
    const { uri, phone } = await callee();
    const heard = new Promise((resolve) => {
      phone.onCall(async (call) => {
        await call.answer();
        resolve((await call.gather({ maxDigits: 2, firstDigitTimeout: 10 })).digits);
      });
    });
    const file = join(folder, 'talk.wav');
    const run = new CommandRun([
      'call',
      uri,
      '--from',
      '1001',
      '--play',
      'sipflow:beep',
      '--dtmf',
      '42',
      '--record',
      file,
    ]);
    assert.equal(await run.code, 0, run.err);
    assert.equal(await heard, '42');
    assert.match(run.out, /^calling sip:bob@127\.0\.0\.1:\d+\n/);
    assert.match(run.out, /^180 Ringing$/m);
    assert.match(run.out, /^answered, PCMU$/m);
    assert.match(run.out, /^played sipflow:beep, \d\.\d s$/m);
    assert.match(run.out, /^sent 42 by rfc4733$/m);
    assert.match(run.out, /^recorded .*talk\.wav, \d\.\d s$/m);
    assert.match(run.out, /^hung up after \d\.\d s$/m);
    const recorded = readFileSync(file);
    assert.equal(recorded.toString('latin1', 0, 4), 'RIFF');
    assert.ok(recorded.length > 8000, 'half a second at least');
  });

  it('fails with the reason when the call is refused, control characters taken out', async () => {
    const { uri, phone } = await callee();
    phone.onCall((call) => call.reject({ status: 486, reason: 'Busy\u009b31m Here' }));
    const { code, out } = await result('call', uri);
    assert.equal(code, 1);
    assert.match(out, /failed: .*486 Busy.*Here/);
    assert.doesNotMatch(out, /\u009b/);
  });

  it('judges a call by what is expected of it, also one that is refused', async () => {
    const { uri, phone } = await callee();
    let busy = false;
    phone.onCall((call) => (busy ? call.reject({ status: 486 }) : call.answer()));
    const good = await result(
      'call',
      uri,
      '--for',
      '0.2',
      '--expect',
      'codec is PCMU',
      '--expect',
      'status = 200',
    );
    assert.equal(good.code, 0, good.out + good.err);
    assert.match(good.out, /^✓ codec is PCMU\n✓ status is 200$/m);
    const bad = await result('call', uri, '--for', '0.2', '--expect', 'codec is G722');
    assert.equal(bad.code, 1);
    assert.match(bad.out, /^✗ codec is G722, got PCMU$/m);
    busy = true;
    const refused = await result('call', uri, '--expect', 'status is 486');
    assert.equal(refused.code, 0, refused.out + refused.err);
    const typo = await result('call', uri, '--expect', 'codeck is PCMU');
    assert.equal(typo.code, 2);
    assert.match(typo.err, /nothing called "codeck"/);
  });

  it('hangs up after --for, although a sound goes on', async () => {
    const { uri, phone } = await callee();
    phone.onCall((call) => call.answer());
    const { code, out } = await result('call', uri, '--play', 'tone:440', '--for', '0.3');
    assert.equal(code, 0);
    assert.match(out, /^hung up after 0\.[3-9] s$/m);
  });

  it('answers one call of another run, and ends when that hangs up', async () => {
    const answering = new CommandRun(['answer', '--port', '0', '--from', '1002']);
    const [, port] = await answering.prints(/waiting for a call at port (\d+)/);
    const calling = await result('call', `sip:1002@127.0.0.1:${port}`, '--dtmf', '1');
    assert.equal(calling.code, 0, calling.err);
    assert.equal(await answering.code, 0, answering.err);
    assert.match(answering.out, /^call from sip:sipflow@/m);
    assert.match(answering.out, /^the other side hung up after \d\.\d s$/m);
  });

  it('ends its call on Ctrl-C, properly', async () => {
    const { uri, phone } = await callee();
    const ended = new Promise((resolve) => {
      phone.onCall(async (call) => {
        await call.answer();
        await call.waitFor('ended');
        resolve((await call.info()).endedBy);
      });
    });
    const run = new CommandRun(['call', uri]);
    await run.prints(/answered/);
    run.interrupt();
    assert.equal(await run.code, 130);
    assert.equal(await ended, 'remote');
  });

  it('never takes a password from what is typed, and proves it by the environment', async () => {
    const phone = world.phone({
      number: 'bob',
      mode: 'network',
      bindAddress: '127.0.0.1',
      port: 0,
      authUser: 'alice',
      password: 'letters',
      authenticateIncoming: true,
    });
    await phone.start();
    phone.onCall((call) => call.answer());
    const args = ['call', `sip:bob@127.0.0.1:${phone.address?.port}`, '--user', 'alice', '--for', '0.2'];
    const refused = new CommandRun(args);
    assert.equal(await refused.code, 1);
    assert.match(refused.out, /401/);
    const run = new CommandRun([...args, '--password-env', 'PHONE_SECRET'], {
      env: { PHONE_SECRET: 'letters' },
    });
    assert.equal(await run.code, 0, run.out + run.err);
  });

  it('reports a recording folder that cannot be written', async () => {
    const { uri, phone } = await callee();
    phone.onCall((call) => call.answer());
    const file = join(folder, 'file');
    writeFileSync(file, '');
    const { code, err } = await result('call', uri, '--record', join(file, 'below.wav'), '--for', '0.2');
    assert.equal(code, 2);
    assert.match(err, /recording/i);
  });
});
