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
  { name: 'prompt', rate: 16000, channels: 1, voice: 'en-us+m3', text: 'Thank you, goodbye.' },
];

const sounds = join(dirname(fileURLToPath(import.meta.url)), '..', 'resources', 'sounds');
const work = mkdtempSync(join(tmpdir(), 'sipflow-sounds-'));
try {
  for (const { name, rate, channels, voice, text } of SPEECH) {
    const spoken = join(work, `${name}.wav`);
    execFileSync('espeak-ng', ['-v', voice, '-s', '170', '-w', spoken, text]);
    // Silence at both ends goes, a short one comes back, the loudest sample is at −4 dBFS.
    const trim = ['silence', '1', '0.01', '0.5%', 'reverse', 'silence', '1', '0.01', '0.5%', 'reverse'];
    const output = ['-r', `${rate}`, '-c', `${channels}`, '-b', '16', join(sounds, `${name}.wav`)];
    execFileSync('sox', ['-D', spoken, ...output, ...trim, 'pad', '0.02', '0.05', 'norm', '-4']);
  }
  const beep = ['synth', '0.25', 'sine', '1000', 'fade', 'q', '0.01', '0.25', '0.02', 'norm', '-9'];
  execFileSync('sox', ['-D', '-n', '-r', '8000', '-c', '1', '-b', '16', join(sounds, 'beep.wav'), ...beep]);
} finally {
  rmSync(work, { recursive: true, force: true });
}
