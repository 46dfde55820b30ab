import type { CallRef } from '../../../lib/calls';
import { Flow, type Account } from './flow';
import { freePort } from '../../support/ports';
import type { Sipp, SippCall } from './sipp';

/** A call between our phone and SIPp. */
export interface DeskCall {
  phone: Flow;
  peer: SippCall;
  call: CallRef;
}

/** A phone named `desk` at a port that SIPp knows, without a registrar; one for each test. */
export class Desk {
  #flow: Flow | undefined;
  /** SIP port of the phone. */
  port = 0;

  constructor(private readonly sipp: () => Sipp) {}

  /**
   * Opens the flow.
   *
   * @param others further phones of the same flow
   */
  async open(fields: Record<string, unknown> = {}, ...others: Account[]): Promise<Flow> {
    this.port = await freePort();
    const all = { port: String(this.port), codecs: ['PCMA', 'PCMU'], ...fields };
    return (this.#flow = await Flow.open({ user: 'desk', fields: all }, ...others));
  }

  /** Our phone calls SIPp, which plays the scenario of a callee. */
  async calls(
    script: string,
    options: readonly string[] = [],
    fields: Record<string, unknown> = {},
  ): Promise<DeskCall> {
    const phone = this.#flow ?? (await this.open(fields));
    const peer = await this.sipp().callee(script, options);
    return { phone, peer, call: await phone.connect('desk', uriOf(peer)) };
  }

  /** SIPp calls our phone, which answers. */
  async answers(
    script: string,
    options: readonly string[] = [],
    fields: Record<string, unknown> = {},
  ): Promise<DeskCall> {
    const phone = this.#flow ?? (await this.open(fields));
    const peer = await this.sipp().caller(script, 'desk', this.port, options);
    const call = await phone.incoming('desk');
    await phone.answer(call);
    return { phone, peer, call };
  }

  /** After each test. */
  async close(): Promise<void> {
    await this.#flow?.close();
    this.#flow = undefined;
    await this.sipp().clean();
  }
}

/** Where a SIPp that waits for a call is called. */
export function uriOf({ port }: SippCall): string {
  return `sip:sipp@127.0.0.1:${port}`;
}
