import { createWorld, type Phone, type PhoneSettings, type World } from '../lib';
import type { Terminal } from './command';
import { EXIT, type ExitCode } from './exit-codes';

/**
 * Starts a phone, does something with it, and closes everything, also on Ctrl-C, which ends its calls.
 *
 * @throws SipflowError that of `start` or `use`, unless it was interrupted
 */
export async function withPhone(
  settings: PhoneSettings,
  { interrupted }: Terminal,
  use: (phone: Phone, world: World) => Promise<ExitCode>,
): Promise<ExitCode> {
  const world = createWorld();
  const stop = new Promise<ExitCode>((resolve) => {
    interrupted.addEventListener('abort', () => resolve(EXIT.interrupted), { once: true });
  });
  try {
    if (interrupted.aborted) return EXIT.interrupted;
    const phone = world.phone(settings);
    const used = phone.start().then(() => use(phone, world));
    return await Promise.race([stop, used]);
  } finally {
    await world.close();
  }
}
