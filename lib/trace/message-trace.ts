import { maskSecrets, maskSecretsEvenly, TurnoverMap } from '../common';
import { CallMessages } from './call-messages';

/** A signalling message as a transport has seen it. */
export interface MessageRecord {
  /** Wall-clock milliseconds since the Unix epoch. */
  atMs: number;
  direction: 'in' | 'out';
  /** `udp`, `tcp`, … */
  transport: string;
  /** `address:port`, IPv6 in brackets. */
  local: string;
  remote: string;
  bytes: Buffer;
}

/** A message of a call, readable and without secrets. */
export interface TracedMessage extends Omit<MessageRecord, 'bytes'> {
  text: string;
}

export interface MessageTraceOptions {
  /** Calls that are remembered; the one that has been silent for longest goes first. 200 when absent. */
  maxCalls?: number;
  /** Messages of one call; the oldest go first. 200 when absent. */
  maxMessages?: number;
  /** Bytes of all messages together; 16 MiB when absent. */
  maxBytes?: number;
}

const CALL_ID = /^(?:call-id|i)[ \t]*:[ \t]*([^\s]+)/im;
/** Usual start of the field. */
const USUAL_NAME = Buffer.from('\r\nCall-ID: ');
const CARRIAGE_RETURN = 13;
const BLANK = 32;
/** Bytes searched for the Call-ID, which stands near the start of any honest message. */
const SEARCHED_BYTES = 4096;

/** Trace of one call. */
interface TracedCall {
  readonly messages: CallMessages;
  /** Number of its latest message, counted over all calls. */
  latest: number;
  /** `latest` when the call took its place in the order. */
  placed: number;
}

/**
 * Remembers the SIP messages of the latest calls, by Call-ID, within bounds. Recording costs a look for the
 * Call-ID and a copy; texts are made, and secrets masked, on reading.
 */
export class MessageTrace {
  /** In the order of `placed`, which `#oldest` renews. */
  readonly #calls = new TurnoverMap<string, TracedCall>();
  #bytes = 0;
  #count = 0;
  readonly #facts = { in: rememberedFacts('in'), out: rememberedFacts('out') };
  readonly #maxCalls: number;
  readonly #maxMessages: number;
  readonly #maxBytes: number;

  constructor(options: MessageTraceOptions = {}) {
    this.#maxCalls = options.maxCalls ?? 200;
    this.#maxMessages = options.maxMessages ?? 200;
    this.#maxBytes = options.maxBytes ?? 16 * 1024 * 1024;
  }

  /** Bytes that are held at the moment. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Call-IDs that are remembered, the latest last. */
  get calls(): string[] {
    return [...this.#calls].sort(([, a], [, b]) => a.latest - b.latest).map(([callId]) => callId);
  }

  /**
   * Keeps a copy of a message; one without a Call-ID belongs to no call and is dropped.
   *
   * @returns its Call-ID
   */
  record(record: MessageRecord): string | undefined {
    const { bytes } = record;
    const callId = callIdOf(bytes);
    if (callId === undefined || bytes.length > this.#maxBytes) return callId;
    const count = ++this.#count;
    let call = this.#calls.get(callId);
    if (!call)
      this.#calls.set(callId, (call = { messages: new CallMessages(), latest: count, placed: count }));
    call.latest = count;
    call.messages.append(record.atMs, this.#facts[record.direction](record), bytes);
    this.#bytes += bytes.length;
    if (call.messages.count > this.#maxMessages) this.#bytes -= call.messages.shift();
    while (this.#calls.size > this.#maxCalls || this.#bytes > this.#maxBytes) this.#forgetOldest();
    return callId;
  }

  /** The messages of a call in order of time; empty when it is unknown or forgotten. */
  messages(callId: string): TracedMessage[] {
    const read = this.#calls.get(callId)?.messages.read() ?? [];
    return read.map(({ atMs, facts, bytes }) => ({
      atMs,
      ...factsOf(facts),
      text: maskSecrets(bytes.toString('utf8')),
    }));
  }

  /**
   * The same messages as bytes of the length that they had, for captures.
   *
   * @returns with them, how many earlier messages of the call are forgotten
   */
  capture(callId: string): { messages: MessageRecord[]; leftOut: number } {
    const kept = this.#calls.get(callId)?.messages;
    const messages = (kept?.read() ?? []).map(({ atMs, facts, bytes }) => ({
      atMs,
      ...factsOf(facts),
      bytes: maskSecretsEvenly(bytes),
    }));
    return { messages, leftOut: kept?.forgotten ?? 0 };
  }

  clear(): void {
    for (const [, { messages }] of this.#calls) messages.clear();
    this.#calls.clear();
    this.#bytes = 0;
  }

  #forgetOldest(): void {
    const [callId, call] = this.#oldest();
    // A single call that fills everything loses its own beginning.
    if (this.#calls.size === 1 && call.messages.count > 1) {
      this.#bytes -= call.messages.shift();
      return;
    }
    this.#calls.delete(callId);
    this.#bytes -= call.messages.bytes;
    call.messages.clear();
  }

  /** The call that has been silent for longest. When the first has had a message since, all take their places anew. */
  #oldest(): [string, TracedCall] {
    const first = this.#calls.first() as [string, TracedCall];
    if (first[1].placed === first[1].latest) return first;
    const inOrder = [...this.#calls].sort(([, a], [, b]) => a.latest - b.latest);
    for (const [callId, call] of inOrder) {
      call.placed = call.latest;
      this.#calls.delete(callId);
      this.#calls.set(callId, call);
    }
    return inOrder[0];
  }
}

function factsOf(facts: string): Omit<MessageRecord, 'atMs' | 'bytes'> {
  const [direction, transport, local, remote] = facts.split(' ');
  return { direction: direction as MessageRecord['direction'], transport, local, remote };
}

/** Writes the facts of a message; the text of the latest one is used again: messages of a peer come in a row. */
function rememberedFacts(direction: MessageRecord['direction']): (record: MessageRecord) => string {
  let transport = '';
  let local = '';
  let remote = '';
  let text = '';
  return (record) => {
    if (record.remote !== remote || record.local !== local || record.transport !== transport) {
      ({ transport, local, remote } = record);
      text = `${direction} ${transport} ${local} ${remote}`;
    }
    return text;
  };
}

/** The Call-ID of a message. Its usual spelling is found in the bytes, without a text of the whole message. */
function callIdOf(bytes: Buffer): string | undefined {
  const name = bytes.indexOf(USUAL_NAME);
  if (name >= 0 && name < SEARCHED_BYTES) {
    const start = name + USUAL_NAME.length;
    const limit = Math.min(bytes.length, SEARCHED_BYTES);
    let end = start;
    while (end < limit && bytes[end] > BLANK) end++;
    if (end > start && bytes[end] === CARRIAGE_RETURN) return bytes.toString('latin1', start, end);
  }
  return CALL_ID.exec(bytes.toString('latin1', 0, SEARCHED_BYTES))?.[1];
}
