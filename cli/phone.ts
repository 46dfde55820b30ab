import type { Command } from 'commander';
import type { PhoneSettings } from '../lib';
import { text, UsageError } from './arguments';
import type { Terminal } from './command';

/** Options of every command that makes a phone. */
export interface PhoneArguments {
  from?: string;
  registrar?: string;
  user?: string;
  passwordEnv?: string;
  transport?: string;
}

/** Adds the options of a phone to a command. */
export function withPhoneOptions(command: Command): Command {
  return command
    .option('--from <URI>', 'address of the phone, sip:1001@example.com, or only its number', text)
    .option('--registrar <HOST>', 'where the phone registers: a host, host:port or a SIP URI', text)
    .option('--user <NAME>', 'user for digest authentication; by default the number', text)
    .option('--password-env <NAME>', 'environment variable that holds the password', text)
    .option('--transport <NAME>', 'udp (default), tcp, tls, ws or wss', text);
}

/** Number of a phone that has none. */
const DEFAULT_NUMBER = 'sipflow';

/**
 * The settings of a phone on the network from its options.
 *
 * @throws UsageError for a URI that is none or a variable that is not set
 */
export function phoneSettings(given: PhoneArguments, { env }: Terminal): PhoneSettings {
  const { number, domain } = address(given.from ?? DEFAULT_NUMBER);
  const { registrar, user, transport } = given;
  const password = passwordFrom(given.passwordEnv, env);
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
