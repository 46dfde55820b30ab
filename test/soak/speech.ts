// Speech is not DTMF: minutes of a speech synthesiser through the in-band detector must not give one digit.
import { spawnSync } from 'node:child_process';
import { convertWavBytes } from '../../lib/audio/convert';
import { InbandDetector } from '../../lib/dtmf/inband-detector';
import { report, SHORT, watchExceptions } from './report';

const MINUTES = SHORT ? 4 : 40;
const RATE = 8000;
/** Women and men, and languages with other vowels and tones than English. */
const VOICES = [
  'en-us+f3',
  'en-gb+m3',
  'de+f2',
  'fr+m1',
  'es+f4',
  'it+m7',
  'ko+f1',
  'cmn+m5',
  'tr+f5',
  'fi+m2',
];
/** Invented words of open syllables, whose vowels are long: the nearest that speech comes to tones. */
const SYLLABLES = 'ba no mi ru te lo ka si wu da ne fo gi ha ju po ra mo li se tu va ze'.split(' ');

interface Heard {
  digit: string;
  voice: string;
  atMs: number;
}

function main(): void {
  watchExceptions();
  if (spawnSync('espeak-ng', ['--version']).error) {
    console.error('espeak-ng is missing: install it (apt-get install espeak-ng) for the soak test "speech".');
    process.exitCode = process.env.CI === 'true' ? 1 : 0;
    return;
  }
  const heard: Heard[] = [];
  let seconds = 0;
  for (let index = 0; seconds < MINUTES * 60; index++) {
    const voice = VOICES[index % VOICES.length] ?? 'en';
    const samples = speech(voice, index);
    seconds += samples.length / RATE;
    const detector = new InbandDetector(
      { sampleRate: RATE },
      {
        start: () => undefined,
        digit: (digit, atMs) => heard.push({ digit, voice, atMs: Math.round(atMs) }),
      },
    );
    detector.add(samples);
  }
  const control = digitsHeardIn(dualTone(770, 1336));
  report(
    'speech',
    { minutes: Math.round(seconds / 6) / 10, voices: VOICES.length, heard, control },
    { 'no digit is heard in speech': heard.length === 0, 'a tone is heard': control === '5' },
  );
}

/** Half a minute or more of a voice, in the telephone's band at its rate. */
function speech(voice: string, index: number): Int16Array {
  const speed = 110 + ((index * 37) % 130);
  const pitch = 20 + ((index * 29) % 70);
  const wav = spawnSync(
    'espeak-ng',
    ['-v', voice, '-s', String(speed), '-p', String(pitch), '--stdout', text(index)],
    { maxBuffer: 64 * 1024 * 1024 },
  );
  if (wav.status !== 0) throw new Error(`espeak-ng failed with the voice ${voice}: ${String(wav.stderr)}`);
  return convertWavBytes(withSizes(wav.stdout), RATE);
}

/** espeak-ng writes to a pipe and cannot go back to fill in the sizes. */
function withSizes(wav: Buffer): Buffer {
  wav.writeUInt32LE(wav.length - 8, 4);
  wav.writeUInt32LE(wav.length - 44, 40);
  return wav;
}

/** Sentences that differ from call to call and are the same in every run. */
function text(index: number): string {
  let state = index * 2654435761 + 12345;
  const pick = (count: number): number => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % count;
  };
  const word = (): string =>
    Array.from({ length: 2 + pick(3) }, () => SYLLABLES[pick(SYLLABLES.length)]).join('');
  const sentence = (): string => `${Array.from({ length: 5 + pick(8) }, word).join(' ')} ${pick(100_000)}.`;
  return Array.from({ length: 12 }, sentence).join(' ');
}

/** That the detector listens at all is shown by a tone. */
function dualTone(low: number, high: number): Int16Array {
  const angle = (hertz: number, n: number): number => Math.sin((2 * Math.PI * hertz * n) / RATE);
  return Int16Array.from({ length: RATE / 2 }, (_, n) =>
    n > RATE / 10 && n < RATE / 4 ? 6000 * (angle(low, n) + angle(high, n)) : 0,
  );
}

function digitsHeardIn(samples: Int16Array): string {
  let digits = '';
  const sink = { start: () => undefined, digit: (digit: string) => void (digits += digit) };
  new InbandDetector({ sampleRate: RATE }, sink).add(samples);
  return digits;
}

main();
