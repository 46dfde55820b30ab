import { basename } from 'node:path';
import { type HeardSound, hearRecording } from '../../lib/testing';
import { text, UsageError } from '../arguments';
import { newCommand, type AddCommand, type Terminal } from '../command';
import { EXIT } from '../exit-codes';
import { safeText } from '../safe-text';

interface HearOptions {
  threshold?: number;
  json?: true;
}

/** `sipflow hear`: which of some sounds is in a recording, and where. */
export const addHear: AddCommand = (program, terminal, finish) => {
  const command = newCommand('hear')
    .summary('find sounds in a recording')
    .argument('<RECORDING>', 'a WAV file')
    .argument(
      '<REFERENCE...>',
      'WAV files, folders of them, sipflow:<name>, or say:<text>; which of them is in the recording?',
    )
    .option(
      '--threshold <SCORE>',
      'least score that counts, 0 to 1; else it follows from the length',
      scoreOf,
    )
    .option('--json', 'print what was heard as one line of JSON')
    .description(
      'Finds the likeliest of the references in a recording, also after codecs, loss and noise, and when it had begun before. ' +
        'Prints what was heard, or what comes nearest. Exit code 0 heard, 1 not heard, 2 could not run.',
    )
    .action(async (recording: string, references: string[], options: HearOptions) => {
      const heard = await hearRecording(recording, references, { threshold: options.threshold });
      report(heard, options, terminal);
      finish(heard?.isHeard ? EXIT.passed : EXIT.failed);
    });
  program.addCommand(command);
};

function report(heard: HeardSound | undefined, { json }: HearOptions, { print }: Terminal): void {
  if (json) {
    print(JSON.stringify(heard ?? { isHeard: false }));
    return;
  }
  if (!heard) {
    print('not heard');
    return;
  }
  const { isHeard, reference, score, startMs, endMs, missingStartMs, missingEndMs, gapsMs, candidates } =
    heard;
  const parts = [
    `score ${score.toFixed(3)}`,
    `${seconds(startMs)} to ${seconds(endMs)}`,
    ...(missingStartMs > 0 ? [`${Math.round(missingStartMs)} ms of its beginning missing`] : []),
    ...(missingEndMs > 0 ? [`${Math.round(missingEndMs)} ms of its end missing`] : []),
    ...(gapsMs > 0 ? [`${Math.round(gapsMs)} ms of gaps`] : []),
  ];
  const name = safeText(nameOf(reference));
  print(
    isHeard ? `heard ${name}: ${parts.join(', ')}` : `not heard; nearest is ${name}: ${parts.join(', ')}`,
  );
  for (const other of candidates.filter((one) => one.reference !== reference)) {
    print(`  ${other.score.toFixed(3)} ${safeText(nameOf(other.reference))}`);
  }
}

/** What is said may have slashes. */
function nameOf(reference: string): string {
  return /^\s*say\s*[(:]/i.test(reference) ? reference : basename(reference);
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}

function scoreOf(value: string): number {
  const score = Number(text(value));
  if (!(score > 0 && score <= 1))
    throw new UsageError(`--threshold takes a number from 0 to 1, not ${value}.`);
  return score;
}
