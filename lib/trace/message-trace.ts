import { detached, maskSecrets, maskSecretsEvenly, TurnoverMap } from '../common';
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
  /** Looked for in the bytes when absent. */
  callId?: string | undefined;
}

/** A message of a call, readable and without secrets. */
export interface TracedMessage extends Omit<MessageRecord, 'bytes' | 'callId'> {
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

/** Trace of one call, linked to those whose latest message came just before and just after its own. */
interface TracedCall {
  readonly callId: string;
  readonly messages: CallMessages;
  earlier: TracedCall | undefined;
  later: TracedCall | undefined;
}

/**
 * Remembers the SIP messages of the latest calls, by Call-ID, within bounds. Recording costs a copy, and a
 * look for the Call-ID where it is not known; texts are made, and secrets masked, on reading.
 */
export class MessageTrace {
  readonly #calls = new TurnoverMap<string, TracedCall>();
  /** The calls by their latest messages, linked: each message moves its call to the end. */
  #oldest: TracedCall | undefined;
  #latest: TracedCall | undefined;
  #bytes = 0;
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
    const callIds: string[] = [];
    for (let call = this.#oldest; call; call = call.later) callIds.push(call.callId);
    return callIds;
  }

  /**
   * Keeps a copy of a message; one without a Call-ID belongs to no call and is dropped.
   *
   * @returns its Call-ID
   */
  record(record: MessageRecord): string | undefined {
    const { bytes } = record;
    const callId = record.callId || callIdOf(bytes);
    if (callId === undefined || bytes.length > this.#maxBytes) return callId;
    let call = this.#calls.get(callId);
    if (!call) {
      // The text may have been cut out of a whole message.
      const own = detached(callId);
      call = { callId: own, messages: new CallMessages(), earlier: undefined, later: undefined };
      this.#calls.set(own, call);
      this.#append(call);
    } else if (call !== this.#latest) {
      this.#unlink(call);
      this.#append(call);
    }
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
    while (this.#oldest) this.#forget(this.#oldest);
  }

  #forgetOldest(): void {
    const call = this.#oldest as TracedCall;
    // A single call that fills everything loses its own beginning.
    if (call === this.#latest && call.messages.count > 1) this.#bytes -= call.messages.shift();
    else this.#forget(call);
  }

  #forget(call: TracedCall): void {
    this.#calls.delete(call.callId);
    this.#unlink(call);
    this.#bytes -= call.messages.bytes;
    call.messages.clear();
  }

  #append(call: TracedCall): void {
    call.earlier = this.#latest;
    if (this.#latest) this.#latest.later = call;
    else this.#oldest = call;
    this.#latest = call;
  }

  /** Takes a call out of the order. It keeps no link: a forgotten call would hold those after it. */
  #unlink(call: TracedCall): void {
    const { earlier, later } = call;
    if (earlier) earlier.later = later;
    else this.#oldest = later;
    if (later) later.earlier = earlier;
    else this.#latest = earlier;
    call.earlier = call.later = undefined;
  }
}

function factsOf(facts: string): Omit<MessageRecord, 'atMs' | 'bytes' | 'callId'> {
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
