import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { WaveFile } from 'wavefile';
import type { Call, CallInfo, Instance } from '../../../lib/calls';
import { Phones, receive } from '../../support/phones';

const CALLS = 200;
const AT_ONCE = 10;

describe('pitfall 1: answer and play with no delay between', () => {
  let phones: Phones;
  beforeEach(() => {
    phones = new Phones();
  });
  afterEach(() => phones.close());

  it(`loses no packet in ${CALLS} calls, not even the first`, async function () {
    this.timeout(120_000);
    const prompt = join(phones.folder, 'prompt.wav');
    const tone = new WaveFile();
    tone.fromScratch(
      1,
      8000,
      '16',
      Array.from({ length: 800 }, (_, i) => Math.round(9000 * Math.sin(i / 3))),
    );
    writeFileSync(prompt, tone.toBuffer());
    const caller = await phones.phone('1001');
    const callee = await phones.phone('1002');
    receive(callee, (call) => void answerAndPlay(call, prompt));

    const results: { sent: number; received: number; lost: number }[] = [];
    let started = 0;
    const worker = async (): Promise<void> => {
      while (started < CALLS) {
        started += 1;
        results.push(await oneCall(caller, callee));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));

    assert.equal(results.length, CALLS);
    const broken = results.filter(({ sent, received, lost }) => received !== sent || lost !== 0 || sent < 5);
    assert.deepEqual(broken, [], 'calls that did not receive every packet that was sent');
  });
});

/** What the callee's flow does: answer, and play at once. */
async function answerAndPlay(call: Call, source: string): Promise<void> {
  const answered = call.answer();
  const { finished } = await call.play({ source });
  await Promise.all([answered, finished]);
  await call.hangup();
}

/** One call from dialling to both tombstones: what the callee sent and the caller received. */
async function oneCall(
  caller: Instance,
  callee: Instance,
): Promise<{ sent: number; received: number; lost: number }> {
  const out = await caller.dial({ target: '1002' });
  const far = calleesEnd(callee, out.ref.callId);
  const near = await new Promise<CallInfo>((resolve) => out.on('ended', resolve));
  const { rtp } = await far;
  assert.ok(rtp && near.rtp, 'both sides had media');
  return { sent: rtp.sent.packets, received: near.rtp.received.packets, lost: near.rtp.received.lost };
}

function calleesEnd(callee: Instance, callId: string): Promise<CallInfo> {
  return new Promise((resolve) => {
    const stop = callee.on('callEvent', ({ event, call, info }) => {
      if (event !== 'ended' || call.callId !== callId || !info) return;
      stop();
      resolve(info);
    });
  });
}
