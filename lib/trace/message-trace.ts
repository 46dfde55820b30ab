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
/** The Call-ID stands near the start of any message that means well. */
const SEARCHED_BYTES = 4096;

/**
 * Remembers the SIP messages of the latest calls, by Call-ID, within bounds. Recording costs a look for the
 * Call-ID; texts are made, and credentials masked, when somebody reads.
 */
export class MessageTrace {
  /** In order of the latest message. */
  readonly #calls = new Map<string, MessageRecord[]>();
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
    const callId = CALL_ID.exec(record.bytes.toString('latin1', 0, SEARCHED_BYTES))?.[1];
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
    const [oldest] = this.#calls;
    const [callId, messages] = oldest;
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
