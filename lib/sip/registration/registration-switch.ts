import { SipflowError } from '../../common';
import type { LocalIdentity } from '../transport/identity';
import type { Peer } from '../transport/transport';
import type { RegistrarClient } from './registrar-client';
import type { RegistrationReport } from './types';

/** Caller of `register` that waits for the outcome of a REGISTER. */
interface Waiting {
  resolve(report: RegistrationReport): void;
  reject(error: SipflowError): void;
}

/**
 * The registration of an endpoint, which a program begins and takes back as often as it likes. One stands at a time.
 */
export class RegistrationSwitch {
  #client: RegistrarClient | undefined;
  /** The end of the registration that is being taken back. */
  #ending: Promise<void> | undefined;
  #closed = false;
  #waiting: Waiting[] = [];

  /**
   * @param make a registration that has not begun yet, and tells what becomes of it
   * @param onReport hears of every change; a registration that is taken back ends as `unregistered`, or `closed` with
   *   us
   */
  constructor(
    private readonly make: (onReport: (report: RegistrationReport) => void) => RegistrarClient,
    private readonly onReport: (report: RegistrationReport) => void,
  ) {}

  get report(): RegistrationReport | undefined {
    return this.#client?.report;
  }

  /** Whether nothing is registered, or about to be. */
  get idle(): boolean {
    return this.#client === undefined || this.#client.report.state === 'closed';
  }

  /**
   * Registers, or registers anew when it is registered already. After a failure it goes on trying, as after a start.
   *
   * @returns the report of the registration, when the registrar has accepted it
   * @throws SipflowError (as a rejection) AUTH, BAD_CONFIG, TIMEOUT, TRANSPORT, TLS, DNS: why the first try failed;
   *   CALL_STATE when it is taken back meanwhile
   */
  async register(): Promise<RegistrationReport> {
    if (this.#ending) await this.#ending;
    if (this.#closed) throw takenBack();
    const outcome = new Promise<RegistrationReport>((resolve, reject) =>
      this.#waiting.push({ resolve, reject }),
    );
    if (this.#client) {
      this.#client.refreshNow();
    } else {
      this.#client = this.make((report) => this.#reported(report));
      this.#client.start();
    }
    return outcome;
  }

  /** Takes the registration back; resolves when the registrar has answered, or has not in time. Never rejects. */
  unregister(): Promise<void> {
    const client = this.#client;
    if (!client) return this.#ending ?? Promise.resolve();
    this.#ending ??= client.close().then(() => {
      this.#client = undefined;
      this.#ending = undefined;
    });
    return this.#ending;
  }

  /** Takes the registration back for good. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#client?.close();
  }

  /** Ends at once, without a word to the registrar. */
  abort(): void {
    this.#closed = true;
    this.#client?.abort();
  }

  changeContact(identity: LocalIdentity): void {
    this.#client?.changeContact(identity);
  }

  connectionLost(peer: Peer): void {
    this.#client?.connectionLost(peer);
  }

  probe(peer: Peer): void {
    this.#client?.probe(peer);
  }

  #reported(report: RegistrationReport): void {
    const { state, error } = report;
    const over = state === 'closed' || state === 'unregistering';
    if (over) this.#settle((waiting) => waiting.reject(takenBack()));
    else if (error && state !== 'registering') this.#settle((waiting) => waiting.reject(error));
    else if (state === 'registered') this.#settle((waiting) => waiting.resolve(report));
    this.onReport(state === 'closed' && !this.#closed ? { ...report, state: 'unregistered' } : report);
  }

  #settle(how: (waiting: Waiting) => void): void {
    for (const waiting of this.#waiting.splice(0)) how(waiting);
  }
}

function takenBack(): SipflowError {
  return new SipflowError(
    'CALL_STATE',
    'The registration was taken back before the registrar had accepted it.',
  );
}
