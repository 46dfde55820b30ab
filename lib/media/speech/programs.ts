import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { SipflowError } from '../../common';
import type { SpokenText } from './spoken-text';

/** What speaks, where the program does not find it in its environment. */
export interface SpeechSettings {
  /** Program and arguments; it reads the text from standard input and writes a WAV. `{voice}` is the voice's name. */
  command?: readonly string[];
  /** Absolute folder with voices of piper (`en_US-lessac-medium.onnx` and its `.json`). */
  piperVoices?: string;
}

/** One run of a program that speaks. */
export interface SpeechProgram {
  file: string;
  args: readonly string[];
  /** What it reads. */
  input: string;
  /** Whether the user has named it: then it is missing, and none is to be installed. */
  chosen: boolean;
}

const MAX_ARGUMENTS = 100;

/**
 * The program that says a text: the command of the user, piper when a folder of its voices has one that fits, else
 * espeak-ng. Settings that are absent come from SIPFLOW_SAY_COMMAND (a JSON list) and SIPFLOW_PIPER_VOICES.
 *
 * @throws SipflowError BAD_CONFIG for a command that is no list of texts
 */
export function programFor(
  { text, voice }: SpokenText,
  settings: SpeechSettings,
  environment: NodeJS.ProcessEnv,
): SpeechProgram {
  const command = settings.command ?? commandOf(environment.SIPFLOW_SAY_COMMAND);
  if (command) {
    const [file = '', ...args] = command.map((argument) => argument.replaceAll('{voice}', voice ?? ''));
    return { file, args, input: text, chosen: true };
  }
  const folder = settings.piperVoices ?? environment.SIPFLOW_PIPER_VOICES;
  const model = folder ? piperModel(folder, voice) : undefined;
  if (model !== undefined) {
    // Each line of its input is a file of its own to some versions.
    const input = `${text.replace(/\s+/g, ' ')}\n`;
    return { file: 'piper', args: ['--model', model, '--output_file', '-'], input, chosen: true };
  }
  const named = voice === undefined ? [] : ['-v', voice];
  // 1: the text is UTF-8.
  return {
    file: 'espeak-ng',
    args: [...named, '-b', '1', '--stdin', '--stdout'],
    input: text,
    chosen: false,
  };
}

function commandOf(json: string | undefined): string[] | undefined {
  if (json === undefined || json.trim() === '') return undefined;
  let command: unknown;
  try {
    command = JSON.parse(json);
  } catch {
    command = undefined;
  }
  const isList = Array.isArray(command) && command.length > 0 && command.length <= MAX_ARGUMENTS;
  if (isList && (command as unknown[]).every(isArgument) && (command as string[])[0] !== '')
    return command as string[];
  throw new SipflowError(
    'BAD_CONFIG',
    'SIPFLOW_SAY_COMMAND must be a JSON list of a program and its arguments, such as ["my-voice", "--language", "{voice}"].',
  );
}

/** Whether a value can be an argument of a program. */
export function isArgument(value: unknown): value is string {
  return typeof value === 'string' && !value.includes('\0');
}

/** The voice of that name or language in a folder, or the first of all; undefined when none fits. */
function piperModel(folder: string, voice: string | undefined): string | undefined {
  if (voice !== undefined && existsSync(join(folder, `${voice}.onnx`))) return join(folder, `${voice}.onnx`);
  const models = namesIn(folder).filter((name) => name.endsWith('.onnx'));
  const fits = (name: string): boolean =>
    voice === undefined ||
    ['_', '-'].some((end) => name.toLowerCase().startsWith(`${voice.toLowerCase()}${end}`));
  const model = models.sort().find(fits);
  return model === undefined ? undefined : join(folder, model);
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
