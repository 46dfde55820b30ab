import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join as path } from 'node:path';
import type { Call, ListenReport } from '../../../lib/calls';
import { parseWavHeader, bytesSource, wavDurationMs } from '../../../lib/audio';
import { wavHeader } from '../../../lib/audio/wav-writer';
import { connect, Phones } from '../../support/phones';
import { undisturbed } from '../../support/stall-watch';

describe('listening to a call', () => {
  let phones: Phones;
  let caller: Call;
  let callee: Call;
  const dial = async (): Promise<void> => {
    phones = new Phones();
    phones.world.rememberAudio();
    const [one, two] = await Promise.all([phones.phone('1001'), phones.phone('1002')]);
    ({ out: caller, in: callee } = await connect(one, two));
  };
  beforeEach(dial);
  afterEach(() => phones.close());

  /** A test of what is heard; again in a new call when the machine stalled, which tears the prompt where it is sent. */
  const hearing = (name: string, test: () => Promise<void>): void => {
    it(name, () => {
      let isFirst = true;
      return undisturbed(async () => {
        if (!isFirst) {
          await phones.close();
          await dial();
        }
        isFirst = false;
        await test();
      });
    });
  };

  const play = async (call: Call, source: string): Promise<void> => {
    await (
      await call.play({ source })
    ).finished;
  };

  hearing('hears a prompt, which of several, and when', async () => {
    const listening = caller.listen({ reference: 'sipflow:*', timeout: 10 });
    await play(callee, 'sipflow:goodbye');
    const { reason, heard } = await listening;
    assert.equal(reason, 'heard', JSON.stringify(heard));
    assert.equal(heard.reference, 'goodbye');
    assert.equal(heard.what, 'prompt');
    assert.ok(heard.score > 0.9 && (heard.margin ?? 0) > 0.2, JSON.stringify(heard));
    assert.equal(heard.candidates?.[0].reference, 'goodbye');
  });

  hearing('says what there was instead when another prompt is played, or none', async () => {
    const wrong = caller.listen({ reference: 'sipflow:goodbye', timeout: 2.5 });
    await play(callee, 'sipflow:announcement');
    const { reason, heard } = await wrong;
    assert.equal(reason, 'not-heard');
    assert.equal(heard.what, 'speech');
    assert.equal(heard.reference, undefined);
    const nothing = await caller.listen({ reference: 'sipflow:goodbye', timeout: 0.5 });
    assert.deepEqual([nothing.reason, nothing.heard.what], ['not-heard', 'silence']);
  });

  hearing('hears a prompt that is over already, since the start of the call', async () => {
    await play(callee, 'sipflow:announcement');
    const { reason, heard } = await caller.listen({ reference: 'sipflow:announcement', since: 'start' });
    assert.equal(reason, 'heard', JSON.stringify(heard));
    const second = await caller.listen({ reference: 'sipflow:announcement', since: 'now', timeout: 1 });
    assert.equal(second.reason, 'not-heard');
  });

  hearing('measures the latency from the end of what we sent, and captures the answer', async () => {
    const answers = callee
      .listen({ for: 'end-of-speech', silence: 0.3 })
      .then(() => play(callee, 'sipflow:goodbye'));
    await play(caller, 'sipflow:announcement');
    const { reason, heard, audio } = await caller.listen({
      for: 'end-of-speech',
      since: 'sent',
      capture: true,
      silence: 0.5,
    });
    await answers;
    assert.equal(reason, 'heard', JSON.stringify(heard));
    assert.ok(
      heard.latencyMs !== undefined && heard.latencyMs > 250 && heard.latencyMs < 900,
      `${heard.latencyMs}`,
    );
    assert.ok(audio);
    const format = parseWavHeader(bytesSource(audio));
    assert.deepEqual([format.sampleRate, format.channels], [8000, 1]);
    assert.ok(Math.abs(wavDurationMs(format) - (heard.endMs - heard.startMs + 400)) < 50);
  });

  hearing('ends with the call, and hears what came last', async () => {
    const speech = caller.listen({ for: 'speech' });
    const prompt = caller.listen({ reference: 'sipflow:announcement' });
    await play(callee, 'sipflow:announcement');
    const silence = caller.listen({ for: 'silence', silence: 30 });
    await callee.hangup();
    const results = await Promise.all([speech, prompt, silence]);
    assert.deepEqual(
      results.map(({ reason }) => reason),
      ['heard', 'heard', 'ended'],
    );
    await assert.rejects(caller.listen({ for: 'speech' }), { code: 'CALL_ENDED' });
  });

  it('stops by a signal', async () => {
    const controller = new AbortController();
    const listening = caller.listen({ for: 'speech', signal: controller.signal });
    controller.abort();
    assert.equal((await listening).reason, 'stopped');
  });

  hearing('takes up to 16 listeners at once', async () => {
    const many = Array.from({ length: 16 }, (_, index) =>
      index % 2 ? caller.listen({ for: 'speech' }) : caller.listen({ reference: 'sipflow:goodbye' }),
    );
    await assert.rejects(caller.listen({ for: 'speech' }), { code: 'CALL_STATE' });
    await play(callee, 'sipflow:goodbye');
    const results: ListenReport[] = await Promise.all(many);
    assert.ok(results.every(({ reason }) => reason === 'heard'));
  });

  it('refuses references that cannot be listened for, each with its reason', async () => {
    const wav = (name: string, samples: Int16Array): string => {
      const file = path(phones.folder, name);
      const header = wavHeader({ sampleRate: 8000, channels: 1 }, samples.byteLength);
      writeFileSync(file, Buffer.concat([header, Buffer.from(samples.buffer)]));
      return file;
    };
    const tone = (seconds: number): Int16Array =>
      Int16Array.from({ length: 8000 * seconds }, (_, i) => 8000 * Math.sin(i / 2) * Math.sin(i / 900));
    for (const [reference, code, words] of [
      [wav('silent.wav', new Int16Array(8000)), 'BAD_AUDIO', /silent/],
      [wav('short.wav', tone(0.2)), 'BAD_AUDIO', /300 ms/],
      [wav('long.wav', tone(70)), 'BAD_AUDIO', /60 s/],
      ['missing.wav', 'FILE_NOT_FOUND', /missing\.wav/],
      [phones.folder, 'FILE_NOT_FOUND', /no WAV/],
      ['', 'BAD_AUDIO', /no audio source|nothing to listen/],
      ['tone:440', 'BAD_AUDIO', /no prompt/],
      [Buffer.from('no wav'), 'BAD_AUDIO', /./],
    ] as const) {
      await assert.rejects(caller.listen({ reference, timeout: 5 }), (error: Error & { code: string }) => {
        assert.equal(error.code, code, error.message);
        assert.match(error.message, words);
        return true;
      });
    }
    await assert.rejects(caller.listen({ for: 'speech', timeout: 0 }), { code: 'BAD_CONFIG' });
    await assert.rejects(caller.listen({ for: 'nothing' } as never), { code: 'BAD_CONFIG' });
    assert.equal(caller.state, 'answered');
  });
});
