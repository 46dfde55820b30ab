import { spawn, type ChildProcess } from 'node:child_process';
import { SipflowError } from '../../common';
import type { SpeechProgram } from './programs';

/** Longest time for one text, and the largest WAV. */
export const TIME_LIMIT_MS = 10_000;
export const MAX_WAV_BYTES = 5 * 1024 * 1024;
/** Of what a program complains about, this much is read. */
const MAX_COMPLAINT = 2000;

const INSTALL =
  'Install espeak-ng (Debian: apt install espeak-ng; macOS: brew install espeak-ng), or name another program in SIPFLOW_SAY_COMMAND.';

/** What a run is bound by. */
export interface RunLimits {
  /** Environment of the program, in whose PATH it is looked for. */
  env: NodeJS.ProcessEnv;
  /** Ends the program. */
  signal: AbortSignal;
  timeLimitMs: number;
}

/** Groups of processes that run now: none may outlive this process. */
const running = new Set<ChildProcess>();
/** A POSIX process is the head of a group, so that what it starts ends with it. */
const GROUPS = process.platform !== 'win32';

/**
 * Runs a program without a shell, gives it its input, and resolves with what it writes. Nothing of it is left when this
 * settles.
 *
 * @throws SipflowError (as rejection) NO_VOICE when it is not installed or does not have the voice, SPEECH_FAILED when it
 *   takes too long, writes too much or ends with an error
 */
export function runProgram(program: SpeechProgram, { env, signal, timeLimitMs }: RunLimits): Promise<Buffer> {
  const { file, args, input } = program;
  return new Promise((resolve, reject) => {
    const child: ChildProcess = spawn(file, args, {
      stdio: 'pipe',
      windowsHide: true,
      detached: GROUPS,
      env,
    });
    const parts: Buffer[] = [];
    let bytes = 0;
    let complaint = '';
    let fault: SipflowError | undefined;
    const finish = (status: number | string): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      forget(child);
      if (fault) reject(fault);
      else if (status === 0) resolve(Buffer.concat(parts));
      else reject(endedWith(program, status, complaint));
    };
    const stop = (why: SipflowError): void => {
      fault ??= why;
      kill(child);
      // What it has started, and does not end with it, may hold the other ends.
      for (const stream of child.stdio) stream?.destroy();
    };
    const abort = (): void => stop(failed(program, 'was ended'));
    const timer = setTimeout(
      () => stop(failed(program, `needs more than ${timeLimitMs / 1000} seconds for one text`)),
      timeLimitMs,
    );
    watch(child);
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();

    child.stdout?.on('data', (part: Buffer) => {
      bytes += part.length;
      if (bytes <= MAX_WAV_BYTES) parts.push(part);
      else stop(failed(program, `writes more than ${MAX_WAV_BYTES / 1_048_576} MB`));
    });
    child.stderr?.on('data', (part: Buffer) => {
      if (complaint.length < MAX_COMPLAINT) complaint += part.toString('utf8');
    });
    // A program that ends before it has read everything breaks the pipe; how it ended says why.
    for (const stream of child.stdio) stream?.on('error', () => undefined);
    child.stdin?.end(input);

    child.on('error', (error: NodeJS.ErrnoException) => {
      fault ??= notStarted(program, error);
      // It has never run, so nothing closes.
      if (child.pid === undefined) finish('');
    });
    child.on('exit', () => kill(child));
    child.on('close', (code, signalName) => finish(code ?? signalName ?? ''));
  });
}

function watch(child: ChildProcess): void {
  if (running.size === 0) process.on('exit', killAll);
  running.add(child);
}

function forget(child: ChildProcess): void {
  running.delete(child);
  if (running.size === 0) process.off('exit', killAll);
}

function killAll(): void {
  for (const child of running) kill(child);
}

function kill(child: ChildProcess): void {
  try {
    if (GROUPS && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    else child.kill('SIGKILL');
  } catch {
    // It has ended.
  }
}

function notStarted(program: SpeechProgram, error: NodeJS.ErrnoException): SipflowError {
  const { file, chosen } = program;
  if (error.code !== 'ENOENT') return failed(program, `cannot be started: ${error.message}`, error);
  const sentence = chosen
    ? `The program ${quoted(file)}, which is to speak, is not installed or not in the PATH of this process.`
    : `No program that speaks is installed. ${INSTALL}`;
  return new SipflowError('NO_VOICE', sentence, { cause: error });
}

function endedWith(program: SpeechProgram, status: number | string, complaint: string): SipflowError {
  const said = printable(complaint);
  if (!program.chosen && /voice/i.test(said)) {
    return new SipflowError(
      'NO_VOICE',
      `espeak-ng does not have this voice: ${said} "espeak-ng --voices" lists those that it has.`,
    );
  }
  return failed(program, `ended with ${status}${said === '' ? '' : `: ${said}`}`);
}

/** SPEECH_FAILED for what a program did. */
export function failed({ file }: SpeechProgram, what: string, cause?: unknown): SipflowError {
  const options = cause === undefined ? {} : { cause };
  return new SipflowError(
    'SPEECH_FAILED',
    `The program ${quoted(file)}, which is to speak, ${what}.`,
    options,
  );
}

/** The first line of a complaint, for a sentence. */
function printable(complaint: string): string {
  const line = complaint.split(/[\r\n]+/).find((each) => each.trim() !== '') ?? '';
  return line
    .replace(/[\p{Cc}\p{Cf}]/gu, ' ')
    .trim()
    .replace(/\.$/, '')
    .slice(0, 200);
}

function quoted(file: string): string {
  return JSON.stringify(file.slice(-80));
}
