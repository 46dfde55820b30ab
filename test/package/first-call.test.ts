import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { bestCorrelation, levelDbfs, readWav } from '../nodes/support/wav';
import { undisturbed } from '../support/stall-watch';
import { exampleFlow, NodeRed, ownPackage } from './support/node-red';
import { likeness, shippedSound } from './support/sounds';

interface Result {
  ok: boolean;
  codec: string;
  digits: string;
  dtmfMethod: string;
  recording: string;
  recordingMs: number;
  callMs: number;
  endedBy: string;
}

describe('the packed package in a real Node-RED', function () {
  this.timeout(60000);
  const nodeRed = new NodeRed();
  const call = async (body: object) => (await nodeRed.post('/demo/call', body)).json as unknown as Result;

  before(async () => {
    nodeRed.install();
    await nodeRed.start(exampleFlow('01 - First call.json'));
  });
  after(async () => nodeRed.dispose());

  it('loads every node set without an error', async () => {
    const sets = (await nodeRed.get('/nodes')) as {
      module: string;
      name: string;
      enabled: boolean;
      err?: string;
    }[];
    const ours = sets.filter((set) => set.module === ownPackage.name);
    assert.deepEqual(ours.map((set) => set.name).sort(), Object.keys(ownPackage['node-red'].nodes).sort());
    for (const set of ours) assert.ok(set.enabled && !set.err, `${set.name}: ${set.err}`);
  });

  it('makes the first call: digits exact, prompt in the recording, both sides audible', () =>
    undisturbed(async () => {
      const result = await call({});
      const { recording, ...rest } = result;
      assert.equal(rest.ok, true, JSON.stringify(result));
      assert.equal(rest.codec, 'PCMU');
      assert.equal(rest.digits, '1234');
      assert.equal(rest.dtmfMethod, 'rfc4733');
      assert.equal(rest.endedBy, 'remote');
      assert.ok(rest.callMs > 2000 && rest.callMs <= 8000, `callMs ${rest.callMs}`);
      assert.ok(recording.startsWith(join(nodeRed.userDir, 'sip-recordings')));

      const { rate, channels } = readWav(recording);
      const [heard, sent] = channels;
      assert.ok(heard && sent && channels.length === 2 && rate === 8000);
      assert.ok(Math.abs((heard.length / rate) * 1000 - rest.recordingMs) <= 20);
      assert.ok(
        Math.abs(rest.callMs - rest.recordingMs) <= 500,
        `${rest.callMs} against ${rest.recordingMs}`,
      );
      assert.ok(levelDbfs(heard) > -45, `1001 at ${levelDbfs(heard)} dBFS`);
      assert.ok(levelDbfs(sent) > -45, `1002 at ${levelDbfs(sent)} dBFS`);

      const prompt = shippedSound('prompt');
      const found = likeness(sent, prompt);
      assert.ok(found >= 0.95, `prompt found with correlation ${found}`);
      const elsewhere = bestCorrelation(heard, prompt[0]?.slice(0, 3200) ?? heard);
      assert.ok(elsewhere < 0.7, `prompt found on the other channel with correlation ${elsewhere}`);
    }, 3));

  it('takes other digits, and ends the gather without a terminator by time', async () => {
    assert.equal((await call({ digits: '*0987#' })).digits, '*0987');
    const result = await call({ digits: '55' });
    assert.equal(result.digits, '55');
    assert.ok(result.ok && result.callMs <= 8000, JSON.stringify(result));
  });

  it('pitfall 3: answers a codec mismatch with 488 and what each side would take', async () => {
    const { status, json } = await nodeRed.post('/demo/call', { codecs: ['G722'] });
    assert.equal(status, 200);
    assert.equal(json.ok, false);
    assert.equal(json.status, 488);
    assert.match(String(json.diagnosis), /G722.*PCMU, PCMA/);
  });

  it('answers an unknown number with 404', async () => {
    const { status, json } = await nodeRed.post('/demo/call', { to: '1009' });
    assert.equal(status, 200);
    assert.equal(json.ok, false);
    assert.equal(json.status, 404);
  });

  it('answers what is no number with the code and the English sentence of the error', async () => {
    const { status, json } = await nodeRed.post('/demo/call', { to: 'sip:@@' });
    assert.equal(status, 400);
    assert.equal(json.code, 'BAD_TARGET');
    assert.match(String(json.message), /^The target .*sip:@@/);
  });

  it('tells an error during the call with the result, and ends the call', async () => {
    const { json } = await nodeRed.post('/demo/call', { digits: 'hello' });
    assert.equal(json.ok, false);
    assert.equal((json.error as { code: string }).code, 'BAD_DIGITS');
  });

  it('pitfall 4: ten calls at once have ten recordings', async () => {
    const results = await Promise.all(Array.from({ length: 10 }, (_, n) => call({ digits: `${n}${n}#` })));
    for (const [n, result] of results.entries()) {
      assert.equal(result.ok, true, JSON.stringify(result));
      assert.equal(result.digits, `${n}${n}`);
    }
    assert.equal(new Set(results.map((result) => result.recording)).size, 10);
    assert.ok(readdirSync(join(nodeRed.userDir, 'sip-recordings', 'first-call')).length >= 10);
  });

  it('pitfall 8: a deploy in the middle of a call takes less than 3 s, and the next call works', async () => {
    // The deploy takes the flow away that would have answered.
    const unanswered = new AbortController();
    const interrupted = nodeRed.post('/demo/call', {}, unanswered.signal).catch(() => undefined);
    await new Promise((later) => setTimeout(later, 1500));
    const began = performance.now();
    await nodeRed.redeploy();
    const took = performance.now() - began;
    assert.ok(took < 3000, `the deploy took ${took} ms`);
    assert.equal((await call({})).ok, true);
    unanswered.abort();
    await interrupted;
  });

  it('ends within 3 s when it is asked to, in the middle of a call', async () => {
    call({}).catch(() => undefined);
    await new Promise((later) => setTimeout(later, 1500));
    const took = await nodeRed.stop();
    assert.ok(took > 0 && took < 3000, `stopping took ${took} ms`);
    assert.doesNotMatch(nodeRed.output, /uncaught|unhandled|TypeError/i);
  });
});
