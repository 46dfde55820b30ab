import type { Observation, ReceivedResponse, TortureCase } from '../../support/torture';

/** How long a peer waits for an answer to its OPTIONS, milliseconds. */
export const PATIENCE_MS = 20_000;

/** What came back for one message. */
export type Exchange = Pick<Observation, 'responses' | 'closed'>;

/** A raw peer of one transport. It acknowledges final responses to INVITE. */
export interface TorturePeer {
  /** Its address as `host:port`, for Via. */
  readonly sentBy: string;
  /**
   * Sends a message and then an OPTIONS, and gives back the final responses that were not to the OPTIONS.
   *
   * @throws Error when the OPTIONS is not answered with 200: the user agent is dead, or refuses service
   */
  exchange(torture: TortureCase): Promise<Exchange>;
  close(): Promise<void>;
}

/** Collects final responses until that to the OPTIONS is among them. */
export class Answers {
  readonly #received: ReceivedResponse[] = [];
  #look: () => void = () => undefined;

  constructor(private readonly probe: string) {}

  take(response: ReceivedResponse): void {
    this.#received.push(response);
    this.#look();
  }

  /** Those that were not to the OPTIONS. */
  async others(): Promise<ReceivedResponse[]> {
    const isProbe = (response: ReceivedResponse): boolean =>
      response.bytes.includes(`Call-ID: ${this.probe}\r\n`);
    const answer = await new Promise<ReceivedResponse>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('the next OPTIONS was not answered')), PATIENCE_MS);
      this.#look = () => {
        const found = this.#received.find(isProbe);
        if (!found) return;
        clearTimeout(timer);
        resolve(found);
      };
      this.#look();
    });
    if (answer.status !== 200) throw new Error(`the next OPTIONS was answered with ${answer.status}`);
    return this.#received.filter((response) => !isProbe(response));
  }
}

/** An unremarkable OPTIONS. */
export function options(callId: string, protocol: 'UDP' | 'TCP', sentBy: string): Buffer {
  return Buffer.from(
    [
      'OPTIONS sip:user@example.com SIP/2.0',
      `Via: SIP/2.0/${protocol} ${sentBy};branch=z9hG4bK-${callId}`,
      'Max-Forwards: 70',
      'To: <sip:user@example.com>',
      'From: <sip:probe@example.net>;tag=probe',
      `Call-ID: ${callId}`,
      'CSeq: 1 OPTIONS',
      'Content-Length: 0',
      '',
      '',
    ].join('\r\n'),
  );
}
