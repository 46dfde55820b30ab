import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { WaveFile } from 'wavefile';
import type { Call, IncomingCall, Phone } from '../../../lib/calls';
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
    const played = new Map<string, Promise<Call>>();
    receive(callee, (call) => played.set(call.ref.callId, answerAndPlay(call, prompt)));

    const results: { sent: number; received: number; lost: number }[] = [];
    let started = 0;
    const worker = async (): Promise<void> => {
      while (started < CALLS) {
        started += 1;
        results.push(await oneCall(caller, played));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));

    assert.equal(results.length, CALLS);
    const broken = results.filter(({ sent, received, lost }) => received !== sent || lost !== 0 || sent < 5);
    assert.deepEqual(broken, [], 'calls that did not receive every packet that was sent');
  });
});

/** What the callee's flow does: answer, and play at once. */
async function answerAndPlay(call: IncomingCall, source: string): Promise<Call> {
  const answered = call.answer();
  const { finished } = await call.play({ source });
  await Promise.all([answered, finished]);
  return call;
}

/**
 * One call. When the prompt is through the caller holds the callee, which then sends nothing more: from
 * there on what the callee sent and what the caller received must become the same number.
 */
async function oneCall(
  caller: Phone,
  played: Map<string, Promise<Call>>,
): Promise<{ sent: number; received: number; lost: number }> {
  const out = await caller.dial({ target: '1002' });
  assert.equal((await out.outcome).kind, 'answered');
  const far = await played.get(out.ref.callId);
  assert.ok(far, 'the callee got the call');
  assert.equal((await out.hold('hold')).kind, 'done');
  const until = performance.now() + 5000;
  for (;;) {
    const [near, there] = [(await out.info()).rtp, (await far.info()).rtp];
    assert.ok(near && there, 'both sides have media');
    const figures = { sent: there.sent.packets, received: near.received.packets, lost: near.received.lost };
    if (figures.sent === figures.received || performance.now() > until) {
      await out.hangup();
      return figures;
    }
    await delay(20);
  }
}
