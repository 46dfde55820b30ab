import type { CodecName } from '../audio/codecs';
import { SipflowError } from '../common/errors';

/** A simulated phone that others of the same process can call. */
export interface SimulatedInstance {
  /** The number that it is called by. */
  readonly dn: string;
  /** Node id of its sip-instance. */
  readonly instanceId: string;
  /** Where its SIP socket is bound. */
  readonly address: { readonly address: string; readonly port: number };
  /** The codecs that it allows, in its order, for the check before an INVITE (pitfall 3). */
  readonly codecs: readonly CodecName[];
}

/** Who has which number among the simulated instances. Numbers are compared as they are, without outer space. */
export class SimulationDirectory {
  readonly #entries = new Map<string, SimulatedInstance>();

  /**
   * Enters an instance and returns the function that takes it out again (idempotent; it never takes out
   * a later instance with the same number).
   *
   * @throws SipflowError BAD_CONFIG when the number is blank or another instance has it.
   */
  register(instance: SimulatedInstance): () => void {
    const dn = instance.dn.trim();
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
    const entry: SimulatedInstance = Object.freeze({ ...instance, dn });
    this.#entries.set(dn, entry);
    return () => {
      if (this.#entries.get(dn) === entry) this.#entries.delete(dn);
    };
  }

  /** The instance with that number, if there is one. */
  lookup(dn: string): SimulatedInstance | undefined {
    return this.#entries.get(dn.trim());
  }

  /**
   * Whether an instance has its SIP socket there.
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
