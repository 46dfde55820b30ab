/**
 * `npm run bench:answerer [-- --quick] [-- --voices FOLDER] [-- --music FOLDER] [-- --wrong]`: how often the answerer detector
 * tells persons, machines, their beeps and fax terminals, over lines of all kinds. Prints a table, then one JSON object as its
 * last line. Voices are those of espeak-ng in 16 languages, of flite when it is installed, and recorded prompts where there
 * are some: a folder of `--voices` holds a folder of WAV files per voice, such as that of Debian's packages
 * `asterisk-core-sounds-*-wav`; of `--music`, WAV files, such as that of `asterisk-moh-opsound-wav`. `--wrong` lists what was told wrongly.
 */
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { COUNTRY_TONES, PROGRESS_KINDS } from '../../lib/audio/country-tones';
import { AnswererDetector } from '../../lib/audio/listening/answerer/answerer';
import type { Detection } from '../../lib/audio/listening/detector';
import { seededRandom } from '../../test/support/random';
import type { Received } from '../listening/codecs';
import { LINES, over } from './lines';
import { faxScenes, musicScene, otherScenes, speakerScenes, type Scene } from './scenes';
import { Table } from './table';
import { espeakSpeakers, exists, fliteSpeakers, music, RATE, recordedSpeakers, type Speaker } from './voices';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    wrong: { type: 'boolean', default: false },
    voices: { type: 'string', default: '/usr/share/asterisk/sounds' },
    music: { type: 'string', default: '/usr/share/asterisk/moh' },
  },
});

/** Samples of a packet, and of the time between two questions. */
const PACKET = RATE / 50;
const ASKED = RATE / 5;

const table = new Table();
let cpuMs = 0;
let heardS = 0;

async function main(): Promise<void> {
  const random = seededRandom(1);
  for (const speaker of speakers()) {
    for (const scene of speakerScenes(speaker, random)) await run(scene, speaker.source, random);
    console.log(`${speaker.source} ${speaker.name}`);
  }
  for (const scene of faxScenes(random)) await run(scene, 'generated', random);
  const tones = Object.keys(COUNTRY_TONES).flatMap((country) =>
    PROGRESS_KINDS.map((kind) => `${kind}-${country}`),
  );
  for (const scene of otherScenes(random, values.quick ? tones.slice(0, 24) : tones))
    await run(scene, 'generated', random);
  if (existsSync(values.music)) {
    for (const samples of music(values.music)) await run(musicScene(samples), 'recorded', random);
  }
  table.print();
  console.log(JSON.stringify({ ...table.json(), cpuShare: Math.round((cpuMs / heardS) * 10) / 10_000 }));
}

function* speakers(): Iterable<Speaker> {
  if (exists('espeak-ng')) yield* espeakSpeakers(values.quick ? 1 : 2);
  if (exists('flite')) yield* fliteSpeakers();
  if (existsSync(values.voices)) yield* recordedSpeakers(values.voices);
}

/** Listens to a scene over a line that is drawn. */
async function run(scene: Scene, source: string, random: () => number): Promise<void> {
  const line = LINES[Math.floor(random() * LINES.length)];
  const found = listen(await over(line, scene.audio, random));
  table.add(scene, source, line.name, found);
  if (!values.wrong || table.isRight(scene, found)) return;
  const truth = `greeting ${scene.greetingMs} ms, beep until ${scene.beep?.endMs}`;
  console.log(`wrong: ${scene.kind} ${scene.name}, ${line.name}: ${JSON.stringify(found)}; ${truth}`);
}

/** What was decided first, when, and the beep. */
export interface Found {
  what: string;
  decidedMs: number;
  detection: Detection | undefined;
  beep: Detection | undefined;
}

function listen({ samples: audio, lost }: Received): Found {
  const before = process.cpuUsage();
  const detector = new AnswererDetector();
  const forBeep = new AnswererDetector('beep');
  let detection: Detection | undefined;
  let beep: Detection | undefined;
  let decidedMs = 0;
  for (let at = 0; at + PACKET <= audio.length; at += PACKET) {
    detector.push(audio, at, PACKET, lost[at] === 1);
    forBeep.push(audio, at, PACKET, lost[at] === 1);
    if ((at + PACKET) % ASKED !== 0) continue;
    beep ??= forBeep.poll();
    if (detection) continue;
    detection = detector.poll();
    decidedMs = ((at + PACKET) * 1000) / RATE;
  }
  const used = process.cpuUsage(before);
  // Two detectors have listened.
  cpuMs += (used.user + used.system) / 1000 / 2;
  heardS += audio.length / RATE;
  const what = detection?.what ?? 'unknown';
  return { what, decidedMs, detection: detection ?? detector.best(), beep };
}

void main();
