import { readFile, stat } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { waveformOf, type Waveform } from '../../../audio';
import { claimText } from '../../../evidence';
import type { SoundMark } from '../../../page';
import type { Attempt, CallEvidence, Verdict } from '../../types';
import { startOf } from '../attempt-ladder';
import type { PageSound } from '../page/model';
import { nodeName } from '../summary';

/** Larger files are linked without a waveform. */
const MOST_BYTES = 32 * 1024 * 1024;
/** Of a waveform. */
const MOST_MARKS = 100;

const STEP_MARKS: Readonly<Record<string, SoundMark['kind']>> = {
  'sip-play-audio': 'prompt',
  'sip-listen': 'heard',
  'sip-send-dtmf': 'digit',
  'sip-receive-dtmf': 'digit',
};

export interface SoundOptions {
  /** Folder that the paths in the report are relative to. */
  base: string;
  /** Path under which the page finds a file. */
  link: (file: string) => string;
  /** Bytes of audio that lie in the page, as Base64. */
  budget: number;
}

/** Reads the recordings of a report for its page; the audio of what failed comes into it as far as the budget goes. */
export class Sounds {
  #left: number;

  constructor(private readonly options: SoundOptions) {
    this.#left = options.budget;
  }

  /** The recordings of a call. */
  async of(verdict: Verdict, attempt: Attempt, call: CallEvidence): Promise<PageSound[]> {
    const sounds: PageSound[] = [];
    for (const file of call.recordings) sounds.push(await this.#sound(file, verdict, attempt, call));
    return sounds;
  }

  async #sound(file: string, verdict: Verdict, attempt: Attempt, call: CallEvidence): Promise<PageSound> {
    const title = file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1);
    const href = this.options.link(file);
    const read = await readSound(resolve(this.options.base, file));
    if (!read) return { title, href, durationMs: 0, peaks: [], marks: [], missing: true };
    const { bytes, durationMs, peaks } = read;
    const audio = attempt.status === 'failed' ? this.#embedded(bytes) : undefined;
    return {
      title,
      href,
      durationMs,
      peaks: peaks.map((channel) => Buffer.from(channel).toString('base64')),
      marks: marksOf(attempt, call, beginOf(file, verdict, attempt, call, durationMs), durationMs),
      ...(audio === undefined ? {} : { audio }),
    };
  }

  #embedded(bytes: Buffer): string | undefined {
    const length = Math.ceil(bytes.length / 3) * 4;
    if (length > this.#left) return undefined;
    this.#left -= length;
    return `data:audio/wav;base64,${bytes.toString('base64')}`;
  }
}

/** A recording and its outline; undefined when it is not there, too large, or no sound. */
async function readSound(path: string): Promise<(Waveform & { bytes: Buffer }) | undefined> {
  if (extname(path).toLowerCase() !== '.wav') return undefined;
  try {
    const file = await stat(path);
    if (!file.isFile() || file.size > MOST_BYTES) return undefined;
    const bytes = await readFile(path);
    return { bytes, ...waveformOf(bytes) };
  } catch {
    // A report is shown without the files that are lost.
    return undefined;
  }
}

/** Milliseconds since the attempt began at which a recording did; when nothing tells, it ended with the call. */
function beginOf(
  file: string,
  verdict: Verdict,
  attempt: Attempt,
  call: CallEvidence,
  durationMs: number,
): number {
  const named = attempt.artefacts.find((artefact) => artefact.file === file)?.atMs;
  if (named !== undefined) return named;
  const steps = attempt.steps.filter(
    ({ node, call: id }) => node.type === 'sip-record' && id === call.ref.id,
  );
  // A run that records every call begins with that before any step does.
  const further = Math.max(0, call.recordings.length - steps.length);
  const started = steps[call.recordings.indexOf(file) - further];
  if (started) return started.atMs;
  const ended = Date.parse(call.info.endedAt ?? '') - startOf(verdict, attempt);
  return Number.isFinite(ended) ? ended - durationMs : 0;
}

/** Prompts, digits and checks of a call while it was recorded. */
function marksOf(attempt: Attempt, call: CallEvidence, beginMs: number, durationMs: number): SoundMark[] {
  const steps = attempt.steps
    .filter((step) => step.call === call.ref.id && Object.hasOwn(STEP_MARKS, step.node.type))
    .map(({ node, atMs, outcome, detail }) => ({
      atMs: atMs - beginMs,
      kind: STEP_MARKS[node.type],
      text: `${nodeName(node)}: ${detail ?? outcome}`,
    }));
  const checks = attempt.checks
    .filter((check) => check.call === call.ref.id)
    .map((check) => ({
      atMs: check.atMs - beginMs,
      kind: check.ok
        ? ('passed' as const)
        : check.severity === 'warning'
          ? ('warning' as const)
          : ('failed' as const),
      text: claimText(check),
    }));
  return [...steps, ...checks]
    .filter(({ atMs }) => atMs >= 0 && atMs <= durationMs)
    .sort((a, b) => a.atMs - b.atMs)
    .slice(0, MOST_MARKS)
    .map((mark) => ({ ...mark, atMs: Math.round(mark.atMs) }));
}
