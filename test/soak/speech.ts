// Speech is not DTMF: minutes of a speech synthesiser through the in-band detector must not give one digit.
import { InbandDetector } from '../../lib/dtmf/inband-detector';
import { espeakIsMissing, spoken } from '../support/spoken';
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

interface Heard {
  digit: string;
  voice: string;
  atMs: number;
}

function main(): void {
  watchExceptions();
  if (espeakIsMissing()) {
    console.error('espeak-ng is missing: install it (apt-get install espeak-ng) for the soak test "speech".');
    process.exitCode = process.env.CI === 'true' ? 1 : 0;
    return;
  }
  const heard: Heard[] = [];
  let seconds = 0;
  for (let index = 0; seconds < MINUTES * 60; index++) {
    const voice = VOICES[index % VOICES.length] ?? 'en';
    const samples = spoken(voice, index, RATE);
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
