import { spawnSync } from 'node:child_process';
import { convertWavBytes } from '../../lib/audio/convert';

/** Invented words of open syllables, whose vowels are long: the nearest that speech comes to tones. */
const SYLLABLES = 'ba no mi ru te lo ka si wu da ne fo gi ha ju po ra mo li se tu va ze'.split(' ');

/** Whether there is no speech synthesiser on this machine. */
export const espeakIsMissing = (): boolean => spawnSync('espeak-ng', ['--version']).error !== undefined;

/**
 * Half a minute or more of a voice of espeak-ng, in the telephone's band; the same for the same index.
 *
 * @param sampleRate of the result, Hz.
 */
export function spoken(voice: string, index: number, sampleRate: number): Int16Array {
  const speed = 110 + ((index * 37) % 130);
  const pitch = 20 + ((index * 29) % 70);
  const { status, stdout, stderr } = spawnSync(
    'espeak-ng',
    ['-v', voice, '-s', String(speed), '-p', String(pitch), '--stdout', sentences(index)],
    { maxBuffer: 64 * 1024 * 1024 },
  );
  if (status !== 0) throw new Error(`espeak-ng failed with the voice ${voice}: ${String(stderr)}`);
  // espeak-ng writes to a pipe and cannot go back to fill in the sizes.
  stdout.writeUInt32LE(stdout.length - 8, 4);
  stdout.writeUInt32LE(stdout.length - 44, 40);
  return convertWavBytes(stdout, sampleRate);
}

function sentences(index: number): string {
  let state = index * 2_654_435_761 + 12_345;
  const pick = (count: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % count;
  };
  const word = (): string =>
    Array.from({ length: 2 + pick(3) }, () => SYLLABLES[pick(SYLLABLES.length)]).join('');
  const sentence = (): string => `${Array.from({ length: 5 + pick(8) }, word).join(' ')} ${pick(100_000)}.`;
  return Array.from({ length: 12 }, sentence).join(' ');
}
