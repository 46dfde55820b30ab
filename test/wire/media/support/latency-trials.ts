import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { convertWavBytes } from '../../../../lib/audio/convert';
import { wavHeader } from '../../../../lib/audio/wav-writer';
import type { ListenRequest, MediaEngine } from '../../../../lib/media';
import { seededRandom } from '../../../support/random';
import { ReplyAgent, type Path } from './reply-agent';
import { RANGE, towards } from './sessions';

const LISTEN: ListenRequest = {
  ...{ for: 'speech', since: 'sent', wanted: '', timeoutMs: 8000, silenceMs: 500, capture: false },
};

/** A stretch of a packaged voice that begins and ends within loud sound. */
export function stretch(name: string, fromMs: number, ms: number): Int16Array {
  const wav = readFileSync(join(__dirname, `../../../../resources/sounds/${name}.wav`));
  const samples = convertWavBytes(wav, 8000);
  const isLoud = (sample: number): boolean => Math.abs(sample) > 2500;
  const start = samples.findIndex((sample, index) => index >= fromMs * 8 && isLoud(sample));
  const piece = samples.subarray(start, start + ms * 8);
  return piece.subarray(0, piece.findLastIndex(isLoud) + 1);
}

/** Time that a busy machine may keep an agent waiting: longer, and it has not sent its reply when it says. */
const STALLED_MS = 60;
/** Tries for each turn that counts. */
const MOST_TRIES = 3;

/**
 * Turns of calls with agents that log the truth; resolves with the error of each latency in milliseconds: measured less
 * true. A turn in which nothing was heard counts as an error of a second.
 */
export async function latencyErrors(
  engine: MediaEngine,
  { path, calls, turns }: { path: Path; calls: number; turns: number },
): Promise<number[]> {
  const question = wavOf(stretch('announcement', 0, 600));
  const answer = stretch('welcome', 0, 700);
  const one = async (seed: number): Promise<number[]> => {
    const random = seededRandom(seed);
    const agent = await ReplyAgent.open(path, seed);
    const port = await engine.reserve(RANGE);
    const session = port.open(towards(agent.port, { remember: true }));
    agent.start(port.rtpPort);
    const errors: number[] = [];
    // The clocks of both sides are known after a second of packets that were sent in time.
    for (let tries = 0; tries < MOST_TRIES && (tries === 0 || agent.stalledMs > STALLED_MS); tries++) {
      agent.stalledMs = 0;
      await new Promise((resolve) => setTimeout(resolve, 1000 + 40 * seed));
    }
    for (let tries = 0; errors.length < turns && tries < MOST_TRIES * turns; tries++) {
      agent.stalledMs = 0;
      const replied = agent.reply(answer, 300 + 500 * random());
      await session.play({ source: question }).finished;
      const { reason, heard } = await session.listen(LISTEN).finished;
      const { latencyMs } = await replied;
      await session.listen({ ...LISTEN, for: 'silence', since: 'now', silenceMs: 300 }).finished;
      if (agent.stalledMs > STALLED_MS) continue;
      errors.push(reason === 'heard' ? (heard.latencyMs ?? Infinity) - latencyMs : 1000);
    }
    await session.close();
    await agent.close();
    return errors;
  };
  return (await Promise.all(Array.from({ length: calls }, (_, index) => one(index + 1)))).flat();
}

/** The value that so large a share of the magnitudes does not exceed. */
export function percentile(errors: readonly number[], share: number): number {
  const sorted = errors.map(Math.abs).sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? 0;
}

function wavOf(samples: Int16Array): Uint8Array {
  const header = wavHeader({ sampleRate: 8000, channels: 1 }, samples.byteLength);
  return Buffer.concat([header, Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength)]);
}
