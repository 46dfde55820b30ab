import type { CodecName } from '../../audio';
import { SipflowError } from '../../common';

/** A simulated phone that others of the same process can call. */
export interface SimulatedPhone {
  /** The number that it is called by. */
  readonly dn: string;
  /** Node id of its sip-instance. */
  readonly phoneId: string;
  /** Where its SIP socket is bound. */
  readonly address: { readonly address: string; readonly port: number };
  /** The codecs that it allows, in its order, for the check before an INVITE (pitfall 3). */
  readonly codecs: readonly CodecName[];
}

/** Who has which number among the simulated phones. Numbers are compared as they are, without outer space. */
export class SimulationDirectory {
  readonly #entries = new Map<string, SimulatedPhone>();

  /**
   * Enters a phone and returns the function that takes it out again (idempotent; it never takes out
   * a later phone with the same number).
   *
   * @throws SipflowError BAD_CONFIG when the number is blank or another phone has it.
   */
  register(phone: SimulatedPhone): () => void {
    const dn = phone.dn.trim();
    if (dn === '') {
      throw new SipflowError(
        'BAD_CONFIG',
        'A simulated SIP phone needs a number: fill in one, for example 100.',
      );
    }
    if (this.#entries.has(dn)) {
      throw new SipflowError(
        'BAD_CONFIG',
        `The number ${dn} belongs to another simulated SIP phone already. Give this one a number of its own.`,
      );
    }
    const entry: SimulatedPhone = Object.freeze({ ...phone, dn });
    this.#entries.set(dn, entry);
    return () => {
      if (this.#entries.get(dn) === entry) this.#entries.delete(dn);
    };
  }

  /** The phone with that number, if there is one. */
  lookup(dn: string): SimulatedPhone | undefined {
    return this.#entries.get(dn.trim());
  }

  /**
   * Whether a phone has its SIP socket there.
   *
   * @param peer `returnPort` is the port at which the owner of a connection says that it listens
   */
  has({ address, port, returnPort }: { address: string; port: number; returnPort?: number }): boolean {
    for (const { address: own } of this.#entries.values()) {
      if (own.address === address && (own.port === port || own.port === returnPort)) return true;
    }
    return false;
  }

  /** Every number that is taken, in order, for a sentence that helps after a wrong one. */
  numbers(): string[] {
    return [...this.#entries.keys()].sort();
  }
}
