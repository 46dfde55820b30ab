/**
 * `npm run bench:listening [-- --quick] [-- --voices FOLDER …]`: how surely prompts are told from others after codecs,
 * loss, noise, clock errors, jumps, talk-over and cut starts; apart from these, after GSM and AMR, with an offset, a gain
 * control, comfort noise, pauses of other lengths and a sender that is held up. Prints progress and error curves, then one JSON object as
 * its last line. Speech is made by espeak-ng; a folder of `--voices` holds a folder of WAV files per recorded voice, such
 * as the `sounds` of Debian's packages `asterisk-core-sounds-*-wav`.
 */
import { parseArgs } from 'node:util';
import { type Heard, sendThrough } from './channel';
import { LINE_CODECS } from './codecs';
import { measureCost } from './cost';
import { hear } from './hearing';
import { LOSSES, type LossName, lineOf } from './lines';
import { otherLines } from './other-lines';
import { type Prompt, recordedVoices, synthesisedVoices, synthesiserIsMissing, type Voice } from './prompts';
import { Results } from './results';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    voices: { type: 'string', multiple: true, default: [] },
  },
});

/** Voices and prompts of each: with 16 and 26 there are 10,400 pairs. */
const VOICES = values.quick ? 4 : 16;
const PROMPTS = values.quick ? 10 : 26;
/** Prompts of each voice that go over each of the other lines. */
const OTHER_LINE_PROMPTS = 4;
const FOLDER_PROMPTS = 100;
const FOLDER_TRIALS = values.quick ? 40 : 400;

async function main(): Promise<void> {
  if (synthesiserIsMissing()) throw new Error('bench:listening needs espeak-ng.');
  const results = new Results();
  let trial = 0;
  const tryVoice = async (voice: Voice, into: Results): Promise<void> => {
    const began = process.uptime();
    for (const prompt of voice.prompts) trial = await tryPrompt(prompt, voice.prompts, into, trial);
    console.log(`${voice.name}: ${into.summary()} (${Math.round(process.uptime() - began)} s)`);
  };
  const voices = [...synthesisedVoices(VOICES, PROMPTS)];
  for (const voice of voices) await tryVoice(voice, results);
  // Apart from the figures: of recorded prompts some do contain others.
  const recorded = new Results();
  const recordings = values.voices.flatMap((folder) => [...recordedVoices(folder, PROMPTS)]);
  for (const voice of recordings) await tryVoice(voice, recorded);
  await tryOtherLines('espeak-ng', voices);
  if (recordings.length > 0) await tryOtherLines('recorded', recordings);
  await identify(results);
  results.printCurves();
  const cost = measureCost(voices.flatMap(({ prompts }) => prompts));
  console.log(`cost: ${JSON.stringify(cost)}`);
  console.log(
    JSON.stringify({
      ...results.figures(),
      cpuSharePerCall: cost.one,
      latencyErrorMs: results.latencyErrorMs(),
    }),
  );
}

/** Sends a prompt through a line of each loss; it has to be heard, and in one of them no other prompt may be. */
async function tryPrompt(
  prompt: Prompt,
  all: readonly Prompt[],
  results: Results,
  trial: number,
): Promise<number> {
  const names = Object.keys(LOSSES) as LossName[];
  for (const loss of names) {
    const line = lineOf(trial, loss, all);
    const received = await sendThrough(prompt.samples, line);
    const { heard, nearest } = hear([{ name: prompt.name, prepared: prompt.reference }], received);
    results.addRight(loss, line.variant, line.codec.name, heard, nearest, received);
    // What speaks over the prompt is played too: to hear it is right.
    const silent = all.filter(({ name }) => name !== prompt.name && name !== line.talk?.name);
    if (names[trial % names.length] === loss) tryOthers(prompt, silent, received, results);
  }
  return trial + 1;
}

function tryOthers(prompt: Prompt, others: readonly Prompt[], received: Heard, results: Results): void {
  for (const other of others) {
    const { heard, nearest } = hear([{ name: other.name, prepared: other.reference }], received);
    results.addWrong(heard, nearest, `${other.name} in ${prompt.name}`);
  }
}

/** Other telephones and networks, without loss; each has a row of its own and counts in no other. */
async function tryOtherLines(kind: string, voices: readonly Voice[]): Promise<void> {
  for (const { name, change } of otherLines()) {
    const results = new Results();
    for (const [index, { prompts }] of voices.entries()) {
      for (const prompt of prompts.slice(0, OTHER_LINE_PROMPTS)) {
        const codec = LINE_CODECS[index % LINE_CODECS.length];
        const received = await sendThrough(prompt.samples, { codec, change, seed: index });
        const { heard, nearest } = hear([{ name: prompt.name, prepared: prompt.reference }], received);
        results.addRight('clean', name, codec.name, heard, nearest, received);
        const others = prompts.filter((other) => other !== prompt);
        tryOthers(prompt, others, received, results);
      }
    }
    const { pairs, wrongAccepts, found } = results.figures();
    console.log(`${kind}, ${name}: found ${found.clean}, ${wrongAccepts} of ${pairs} pairs wrong`);
  }
}

/** Which of a hundred prompts of one voice was it? */
async function identify(results: Results): Promise<void> {
  const voices = [...synthesisedVoices(values.quick ? 1 : 2, FOLDER_PROMPTS)];
  for (let trial = 0; trial < FOLDER_TRIALS; trial++) {
    const { prompts } = voices[trial % voices.length];
    const prompt = prompts[Math.floor(trial / voices.length) % prompts.length];
    const line = lineOf(trial + Math.floor(trial / 32), trial % 2 === 0 ? 'clean' : 'loss5', prompts);
    // Who speaks over a prompt does not speak another one of the folder: that would be two right ones.
    const folder = prompts.filter(({ name }) => name !== line.talk?.name);
    const references = folder.map(({ name, reference }) => ({ name, prepared: reference }));
    const { heard } = hear(references, await sendThrough(prompt.samples, line));
    results.addIdentified(heard?.reference === prompt.name);
    if (heard?.reference !== prompt.name)
      console.log(
        `  taken for ${heard?.reference ?? 'nothing'} (${heard?.score}): ${prompt.name} (${line.variant})`,
      );
    if (trial % 50 === 49) console.log(`identified: ${results.figures().identified} of ${trial + 1}`);
  }
}

void main();
