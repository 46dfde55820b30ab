import type { PhoneSettings } from '../lib';
import { UsageError, type Arguments, type Options } from './arguments';
import type { Terminal } from './command';

/** Options of every command that makes a phone. */
export const PHONE_OPTIONS: Options = {
  from: { value: 'URI', help: 'address of the phone, sip:1001@example.com, or only its number' },
  registrar: { value: 'HOST', help: 'where the phone registers: a host, host:port or a SIP URI' },
  user: { value: 'NAME', help: 'user for digest authentication; by default the number' },
  'password-env': { value: 'NAME', help: 'environment variable that holds the password' },
  transport: { value: 'NAME', help: 'udp (default), tcp, tls, ws or wss' },
};

/** Number of a phone that has none. */
const DEFAULT_NUMBER = 'sipflow';

/**
 * The settings of a phone on the network from `PHONE_OPTIONS`.
 *
 * @throws UsageError for a URI that is none or a variable that is not set
 */
export function phoneSettings({ values }: Arguments, { env }: Terminal): PhoneSettings {
  const { number, domain } = address(values.from ?? DEFAULT_NUMBER);
  const { registrar, user, transport } = values;
  const password = passwordFrom(values['password-env'], env);
  return {
    number,
    mode: 'network',
    ...(domain !== undefined && { domain }),
    ...(registrar !== undefined && { registrar }),
    ...(user !== undefined && { authUser: user }),
    ...(password !== undefined && { password }),
    // The phone says which transports there are.
    ...(transport !== undefined && { transport: transport.toLowerCase() as PhoneSettings['transport'] }),
  };
}

function address(from: string): { number: string; domain?: string } {
  const uri = /^sips?:([^@]+)@([^@;?]+)$/i.exec(from);
  if (uri) return { number: uri[1], domain: uri[2] };
  if (!/[:@]/.test(from)) return { number: from };
  throw new UsageError(`--from takes sip:number@host or a number, not "${from}".`);
}

function passwordFrom(variable: string | undefined, env: Terminal['env']): string | undefined {
  if (variable === undefined) return undefined;
  const password = env[variable];
  if (password) return password;
  throw new UsageError(`The environment variable ${variable} of --password-env is not set.`);
}
