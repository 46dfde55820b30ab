import type { CallInfo, DigitEvent, PhoneOptions } from '../../../lib/calls';

/** The figures of a call's media. */
export type Figures = NonNullable<CallInfo['rtp']>;

/** What a phone in another namespace can be told, and what it answers. Durations in milliseconds. */
export interface PhoneCommands {
  /** Starts a phone that answers every call; resolves with its SIP port. */
  start(options: { dn: string } & Partial<PhoneOptions>): Promise<number>;
  /** Resolves when the registrar has accepted the phone. */
  registered(): Promise<void>;
  /** Resolves with the outcome of a call to `target`. */
  dial(target: string): Promise<{ status: number; setUpMs: number }>;
  /** Resolves when a call came in and is answered. */
  called(): Promise<void>;
  /** Begins to record what the call receives. */
  record(): Promise<void>;
  /** Resolves when a file was played to its end. */
  play(file: string): Promise<void>;
  /** Ends the recording and resolves with its file. */
  recorded(): Promise<string>;
  /** Sends digits by RFC 4733 and resolves when the last one is out. */
  press(digits: string): Promise<void>;
  /** Digits that came so far. */
  digits(): Promise<DigitEvent[]>;
  /** Figures of the running call, one entry a second. */
  samples(): Promise<Figures[]>;
  hangUp(): Promise<CallInfo>;
  /** Resolves with the last word about a call that the peer ends. */
  ended(): Promise<CallInfo>;
  /** Starts a registrar and proxy with these passwords by user instead of a phone; resolves with its port. */
  startPbx(host: string, passwords: Record<string, string>): Promise<number>;
  /** Sends a datagram to a port of an address at which nobody expects it. */
  knock(address: string): Promise<void>;
  close(): Promise<void>;
}

export type CommandName = keyof PhoneCommands;

export interface Command {
  id: number;
  name: CommandName;
  args: unknown[];
}

export type Reply = { id: number; value: unknown } | { id: number; error: string };
