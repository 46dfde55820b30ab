import type { TracedMessage } from '../trace';
import type { LadderLanguage } from './words';

/** Call of a ladder: `CallEvidence` of a test fits, and `{ ref, messages: call.trace() }` is enough. */
export interface LadderCall {
  ref: {
    id: string;
    /** SIP Call-ID. */
    callId: string;
    direction: 'in' | 'out';
    from: string;
    to: string;
    called?: string;
  };
  /** Name of the phone that had the call; its number stands for it when absent. */
  phone?: string;
  /** As `call.info()` has it; without it there is no bar for the media. */
  info?: LadderCallInfo;
  /** In order of time. */
  messages: readonly TracedMessage[];
  /** Names of files. */
  recordings?: readonly string[];
}

/** The part of `CallInfo` that the bar of the media shows. */
export interface LadderCallInfo {
  codec: string | null;
  srtp: boolean;
  /** ISO 8601. */
  answeredAt: string | null;
  endedAt: string | null;
  mos: number | null;
  rtp: {
    sent: { packets: number };
    received: { packets: number; lost: number; jitterMs: number };
  } | null;
}

/** A step of a test, as its attempt has it. */
export interface LadderStep {
  node: { id: string; name: string; type: string };
  /** Milliseconds since `startedAtMs`, as for checks and marks. */
  atMs: number;
  /** `CallRef.id` */
  call?: string;
  /** What came of it: the name of the output by which the message left, or the code of an error. */
  outcome: string;
  detail?: string;
}

/** A check of a test and what it found, as its attempt has it. */
export interface LadderCheck {
  node: { id: string; name: string; type: string };
  /** Milliseconds since the attempt began. */
  atMs: number;
  /** Subject of the check, with its name and message where it has them: `codec`, `header X-Ticket of INVITE`. */
  what: string;
  operator: string;
  wanted: unknown;
  /** Undefined when the value is not known. */
  got: unknown;
  ok: boolean;
  /** A failed check of severity `warning` does not fail the attempt. */
  severity: 'error' | 'warning';
  /** `CallRef.id` */
  call?: string;
}

export type LadderMarkKind = 'digit' | 'prompt' | 'heard' | 'recording' | 'step' | 'note';

/** Anything else that happened: digits, prompts played and heard. */
export interface LadderMark {
  kind: LadderMarkKind;
  atMs: number;
  text: string;
  call?: string;
}

export interface LadderInput {
  calls: readonly LadderCall[];
  steps?: readonly LadderStep[];
  checks?: readonly LadderCheck[];
  marks?: readonly LadderMark[];
  /**
   * Milliseconds since the epoch at which the times of steps, checks and marks begin, and those of the rows; when
   * absent, the earliest message.
   */
  startedAtMs?: number;
  /** Of the few words that are no terms of SIP; `en` when absent. */
  language?: LadderLanguage;
}

/** A participant: one vertical line. */
export interface LadderLane {
  /** Phone, number, software or address, whichever is known first. */
  name: string;
  /** `address:port` where it was met first. */
  address: string;
  /** Further addresses that turned out to be the same participant: behind NAT, or a connection's own port. */
  aliases: string[];
  /** One of ours. */
  phone: boolean;
  number?: string;
  /** `User-Agent` or `Server`. */
  software?: string;
}

interface RowTime {
  /** Milliseconds since the ladder's start. */
  atMs: number;
  /** Milliseconds since the row before. */
  deltaMs: number;
}

export type LadderTone = 'request' | 'provisional' | 'success' | 'redirect' | 'challenge' | 'failure';

/** A message from one lane to another; the numbers are places in `lanes`. */
export interface LadderMessageRow extends RowTime {
  kind: 'message';
  from: number;
  to: number;
  /** Which of the Call-IDs it belongs to, counted from 0 in order of appearance. */
  leg: number;
  callId: string;
  transport: string;
  /** Of the CSeq for responses. */
  method: string;
  status?: number;
  /** `INVITE`, `re-INVITE`, `180 Ringing` */
  label: string;
  /** Summary beyond the label: `1002 · offer PCMU PCMA te101` */
  detail: string;
  tone: LadderTone;
  /** How often it was sent; above 1 there are retransmissions. */
  copies: number;
  /** Times of the retransmissions, milliseconds since the ladder's start. */
  copiesAtMs: number[];
  /** The message, as far as `LADDER_LIMITS.text` lets it. */
  text: string;
}

/** The audio of one direction as its receiver, or else its sender, counted it. */
export interface LadderFlow {
  from: number;
  to: number;
  packets: number;
  /** Only from the receiver. */
  lossPercent?: number;
  jitterMs?: number;
  mos?: number;
}

/** Media between two lanes. */
export interface LadderMediaRow extends RowTime {
  kind: 'media';
  from: number;
  to: number;
  codec: string;
  srtp: boolean;
  flows: LadderFlow[];
  text: string;
}

export interface LadderMarkRow extends RowTime {
  kind: 'mark';
  mark: LadderMarkKind | 'check';
  /** Where it happened, when that is known. */
  lane?: number;
  text: string;
  /** Of a check. */
  result?: 'passed' | 'failed' | 'warning';
}

/** Place of rows that were left out. */
export interface LadderGapRow extends RowTime {
  kind: 'gap';
  rows: number;
  text: string;
}

export type LadderRow = LadderMessageRow | LadderMediaRow | LadderMarkRow | LadderGapRow;

/** Events of one or several calls in order, as plain data. Texts are as the network sent them, not escaped. */
export interface Ladder {
  format: 'sipflow-ladder/1';
  /** ISO 8601; `null` when there is nothing in it. */
  startedAt: string | null;
  lanes: LadderLane[];
  rows: LadderRow[];
  /** How much went over `LADDER_LIMITS`. */
  leftOut: { calls: number; messages: number; marks: number; lanes: number; characters: number };
}

/** Limits of a ladder; the rest is counted in `leftOut`. */
export const LADDER_LIMITS = {
  calls: 50,
  /** Of all calls, each as each phone saw it. */
  messages: 4_000,
  /** Steps, checks and marks together. */
  marks: 500,
  /** The last one stands for all further participants. */
  lanes: 12,
  rows: 500,
  /** Characters of a label and of a lane's texts. */
  label: 60,
  /** Characters of a detail or of a mark. */
  detail: 200,
  /** Characters of a message. */
  text: 16_384,
} as const;
