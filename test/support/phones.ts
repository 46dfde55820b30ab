import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createWorld,
  type IncomingCall,
  type OutgoingCall,
  type IncomingOptions,
  type Phone,
  type PhoneOptions,
  type World,
} from '../../lib/calls';
import { DEFAULTS } from '../../lib/common/defaults';

/** Simulated phones of one test, with a world and a folder of their own; `close` gives everything back. */
export class Phones {
  readonly folder = mkdtempSync(join(tmpdir(), 'sipflow-test-'));
  readonly #made: Phone[] = [];

  /**
   * @param defaults options of every phone of this test, instead of the usual ones
   * @param world a new one by default; another's, to call the phones in it
   */
  constructor(
    private readonly defaults: Partial<PhoneOptions> = {},
    readonly world: World = createWorld(),
  ) {}

  /** A started simulated phone. */
  async phone(dn: string, overrides: Partial<PhoneOptions> = {}): Promise<Phone> {
    const phone = this.create(dn, overrides);
    await phone.start();
    return phone;
  }

  /** A phone that the test starts itself. */
  create(dn: string, overrides: Partial<PhoneOptions> = {}): Phone {
    const phone = this.world.phone(this.options(dn, overrides));
    this.#made.push(phone);
    return phone;
  }

  options(dn: string, overrides: Partial<PhoneOptions> = {}): PhoneOptions {
    return {
      id: `node-${dn}`,
      name: `phone ${dn}`,
      number: dn,
      mode: 'simulation',
      transport: 'udp',
      bindAddress: '127.0.0.1',
      port: 0,
      codecs: [...DEFAULTS.codecs],
      pcmuFallback: DEFAULTS.pcmuFallback,
      ptime: DEFAULTS.ptime,
      dtmfMethod: DEFAULTS.dtmfMethod,
      rtpPortMin: 20000,
      rtpPortMax: 29999,
      maxCalls: DEFAULTS.maxCalls,
      mediaTimeout: DEFAULTS.mediaTimeout,
      audioDir: this.folder,
      recordingsDir: join(this.folder, 'recordings'),
      ...this.defaults,
      ...overrides,
    };
  }

  async close(): Promise<void> {
    await Promise.all(this.#made.map((phone) => phone.close()));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Receives every call of a phone and hands it to `onCall`. */
export function receive(
  phone: Phone,
  onCall: (call: IncomingCall) => void,
  overrides: IncomingOptions = {},
): () => void {
  return phone.onCall((call) => onCall(call), overrides);
}

/** The next call that reaches a phone. */
export function nextCall(phone: Phone, overrides: IncomingOptions = {}): Promise<IncomingCall> {
  return new Promise((resolve) => {
    const remove = receive(
      phone,
      (call) => {
        remove();
        resolve(call);
      },
      overrides,
    );
  });
}

/** A standing call between two phones: the caller's and the callee's side. */
export async function connect(
  caller: Phone,
  callee: Phone,
  target = callee.options.number,
): Promise<{ out: OutgoingCall; in: IncomingCall }> {
  const incoming = nextCall(callee);
  const out = await caller.dial({ target });
  const answered = await incoming;
  await answered.answer();
  await out.outcome;
  return { out, in: answered };
}
