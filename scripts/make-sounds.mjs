// Makes the sounds that the package ships (resources/sounds) with espeak-ng and sox. Their output is committed,
// so this runs only when a text or a format changes:  node scripts/make-sounds.mjs
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Different rates and channel counts on purpose: playing them shows the conversion at work. */
const SPEECH = [
  {
    name: 'welcome',
    rate: 44100,
    channels: 2,
    voice: 'en-us+f3',
    text: 'Hello, here is phone one zero zero one.',
  },
  { name: 'announcement', rate: 8000, channels: 1, voice: 'en-us+m3', text: 'Please hold on.' },
  {
    name: 'menu',
    rate: 16000,
    channels: 1,
    voice: 'en-us+f3',
    text: 'Press one for the greeting. Press two for the announcement.',
  },
  { name: 'goodbye', rate: 16000, channels: 1, voice: 'en-us+f3', text: 'Goodbye.' },
  {
    name: 'desk',
    rate: 8000,
    channels: 1,
    voice: 'en-us+f3',
    text: 'Press one for our departments. Press two for the announcement.',
  },
  {
    name: 'departments',
    rate: 8000,
    channels: 1,
    voice: 'en-us+f3',
    text: 'Press one for sales. Press two for support.',
  },
  { name: 'sales', rate: 8000, channels: 1, voice: 'en-us+m3', text: 'This is the sales department.' },
  { name: 'support', rate: 8000, channels: 1, voice: 'en-us+f2', text: 'Support is listening.' },
  {
    name: 'alarm',
    rate: 8000,
    channels: 1,
    voice: 'en-us+f3',
    text: 'This is an alarm. Press one to acknowledge it.',
  },
  { name: 'prompt', rate: 16000, channels: 1, voice: 'en-us+m3', text: 'Thank you, goodbye.' },
];

const sounds = join(dirname(fileURLToPath(import.meta.url)), '..', 'resources', 'sounds');
const work = mkdtempSync(join(tmpdir(), 'sipflow-sounds-'));
try {
  for (const { name, rate, channels, voice, text } of SPEECH) {
    const spoken = join(work, `${name}.wav`);
    execFileSync('espeak-ng', ['-v', voice, '-s', '200', '-w', spoken, text]);
    // Silence at both ends goes, a short one comes back. Compression brings the speech to about −16 dBFS RMS
    // while its loudest sample stays at −3.5 dBFS.
    const trim = ['silence', '1', '0.01', '0.5%', 'reverse', 'silence', '1', '0.01', '0.5%', 'reverse'];
    const output = ['-r', `${rate}`, '-c', `${channels}`, '-b', '16', join(sounds, `${name}.wav`)];
    const level = 'norm -1 compand 0.001,0.03 6:-60,-50,-30,-14,-15,-9,0,-6 -4 -90 0.003 norm -3.5'.split(
      ' ',
    );
    execFileSync('sox', ['-D', spoken, ...output, ...trim, ...level, 'pad', '0.02', '0.05']);
  }
  const beep = ['synth', '0.25', 'sine', '1000', 'fade', 'q', '0.01', '0.25', '0.02', 'norm', '-9'];
  execFileSync('sox', ['-D', '-n', '-r', '8000', '-c', '1', '-b', '16', join(sounds, 'beep.wav'), ...beep]);
} finally {
  rmSync(work, { recursive: true, force: true });
}
