import { TurnoverMap } from '../common/turnover';

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
  /** Makes the credentials in a message unreadable. */
  mask(text: string): string;
  /** Calls that are remembered; the one that has been silent for longest goes first. 200 when absent. */
  maxCalls?: number;
  /** Messages of one call; the oldest go first. 200 when absent. */
  maxMessages?: number;
  /** Bytes of all messages together; 16 MiB when absent. */
  maxBytes?: number;
}

const CALL_ID = /^(?:call-id|i)[ \t]*:[ \t]*([^\s]+)/im;
/** How the field nearly always begins. */
const USUAL_NAME = '\r\nCall-ID: ';
/** The Call-ID stands near the start of any message that means well. */
const SEARCHED_BYTES = 4096;

/**
 * Remembers the SIP messages of the latest calls, by Call-ID, within bounds. Recording costs a look for the
 * Call-ID; texts are made, and credentials masked, when somebody reads.
 */
export class MessageTrace {
  /** In order of the latest message. */
  readonly #calls = new TurnoverMap<string, MessageRecord[]>();
  #bytes = 0;
  readonly #maxCalls: number;
  readonly #maxMessages: number;
  readonly #maxBytes: number;

  constructor(private readonly options: MessageTraceOptions) {
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
    return [...this.#calls.keys()];
  }

  /** Keeps a message; one without a Call-ID belongs to no call and is dropped. */
  record(record: MessageRecord): void {
    const callId = callIdOf(record.bytes);
    if (callId === undefined || record.bytes.length > this.#maxBytes) return;
    const messages = this.#calls.get(callId) ?? [];
    this.#calls.delete(callId);
    this.#calls.set(callId, messages);
    messages.push(record);
    this.#bytes += record.bytes.length;
    if (messages.length > this.#maxMessages) this.#forget(messages.splice(0, 1));
    while (this.#calls.size > this.#maxCalls || this.#bytes > this.#maxBytes) this.#forgetOldest();
  }

  /** The messages of a call in order of time; empty when it is unknown or forgotten. */
  messages(callId: string): TracedMessage[] {
    return (this.#calls.get(callId) ?? []).map(({ bytes, ...rest }) => ({
      ...rest,
      text: this.options.mask(bytes.toString('utf8')),
    }));
  }

  clear(): void {
    this.#calls.clear();
    this.#bytes = 0;
  }

  #forgetOldest(): void {
    const [callId, messages] = this.#calls[Symbol.iterator]().next().value as [string, MessageRecord[]];
    // A single call that fills everything loses its own beginning.
    if (this.#calls.size === 1 && messages.length > 1) {
      this.#forget(messages.splice(0, 1));
      return;
    }
    this.#calls.delete(callId);
    this.#forget(messages);
  }

  #forget(messages: MessageRecord[]): void {
    for (const { bytes } of messages) this.#bytes -= bytes.length;
  }
}

/** The Call-ID of a message. Its usual spelling is found in the bytes, without a text of the whole message. */
function callIdOf(bytes: Buffer): string | undefined {
  const name = bytes.indexOf(USUAL_NAME, 0, 'latin1');
  const end = name < 0 ? -1 : bytes.indexOf('\r\n', name + USUAL_NAME.length, 'latin1');
  if (end >= 0 && end <= SEARCHED_BYTES) {
    const value = bytes.toString('latin1', name + USUAL_NAME.length, end);
    if (value !== '' && !/\s/.test(value)) return value;
  }
  return CALL_ID.exec(bytes.toString('latin1', 0, SEARCHED_BYTES))?.[1];
}
