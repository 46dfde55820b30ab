import type { Phone, PhoneState, RegistrationReport } from '../../calls';
import { Counter, type Family, type Labels } from './family';

type Registration = RegistrationReport['state'];

const STATES: readonly PhoneState[] = ['starting', 'ready', 'failed'];
const REGISTRATIONS: readonly Registration[] = ['unregistered', 'registering', 'registered', 'failed'];

/** Counts the phones and their registrations as they are now. */
export class PhoneMetrics {
  readonly #phones = new Map<Phone, Registration | undefined>();
  readonly #failures = new Counter({
    name: 'sipflow_registration_failures',
    help: 'Registrations, and refreshes of them, that failed.',
  });

  /** Counts a phone from now on, until the returned function is called. */
  add(phone: Phone): () => void {
    // A phone with a registrar says nothing of it before it has begun to register.
    this.#phones.set(phone, phone.options.registrar === undefined ? undefined : 'unregistered');
    const stop = phone.on('registration', ({ state }) => {
      if (this.#phones.has(phone)) this.#phones.set(phone, state);
      if (state === 'failed') this.#failures.add();
    });
    return () => {
      stop();
      this.#phones.delete(phone);
    };
  }

  get families(): Family[] {
    const states = (): string[] => [...this.#phones.keys()].map(({ state }) => state);
    const registrations = (): (string | undefined)[] =>
      [...this.#phones.values()].map((state) => (state === 'unregistering' ? 'registered' : state));
    return [
      {
        name: 'sipflow_phones',
        type: 'gauge',
        help: 'Phones of this process, by state.',
        samples: () => counted(STATES, states()),
      },
      {
        name: 'sipflow_registrations',
        type: 'gauge',
        help: 'Phones with a registrar, by the state of their registration.',
        samples: () => counted(REGISTRATIONS, registrations()),
      },
      this.#failures,
    ];
  }
}

function counted(
  names: readonly string[],
  found: readonly (string | undefined)[],
): { suffix: string; labels: Labels; value: number }[] {
  return names.map((state) => ({
    suffix: '',
    labels: { state },
    value: found.filter((each) => each === state).length,
  }));
}
