import type { NodeAPI } from 'node-red';
import {
  createNullMediaEngine,
  createWorld,
  reasonPhrase,
  type PhoneOptions,
  type RegistrationReport,
} from '../../lib/calls';
import { SipflowError, toSipflowError } from '../../lib/common';
import { rejectUnresolvedEnv } from '../shared/field-values';
import { foldersOf } from '../shared/folders';
import type { SipNodeDef } from '../shared/flow-types';
import { localised } from '../shared/localise';
import type { PhoneNode } from '../shared/phone-node';
import { toPhoneOptions } from './options';
import { tlsOptions } from './tls';

/** Path of the registration test for the form of a phone: `POST`, as JSON. */
export const TEST_REGISTRATION_PATH = '/sipflow/test-registration';

/** Time limit of a test in seconds; short, because the user waits at the open form. */
const PATIENCE_SECONDS = 10;
/** Tests of different phones at the same time. */
const MOST_TESTS = 4;

/** Body of the request: the fields of the form and, when it was typed, the password. */
export interface TestRequest {
  /** Of the node, whether it is deployed or not. */
  id: string;
  /** The fields as they stand in the form. */
  fields: Record<string, unknown>;
  /** Absent while the form shows only that there is one. */
  password?: string;
}

/** Body of the response, which the form shows in its own language. It never holds a password. */
export type TestResult =
  | { outcome: 'registered'; seconds: number }
  | { outcome: 'refused'; status: number; reason: string }
  | { outcome: 'credentials' }
  | { outcome: 'timeout'; seconds: number }
  | { outcome: 'unknownHost' }
  /** The password of the deployed phone goes to no other server. */
  | { outcome: 'typePassword' }
  | { outcome: 'busy' }
  | { outcome: 'fault'; code: string; message: string };

/** The ids of the phones that are tested now. */
const running = new Set<string>();

/** Serves the test to the forms of phones; it needs the permission to change phones. */
export function serveTestRegistration(RED: NodeAPI): void {
  const guard = RED.auth.needsPermission('sip-instance.write');
  RED.httpAdmin.post(TEST_REGISTRATION_PATH, guard, (request, response) => {
    const asked = requestOf(request.is('json') ? request.body : undefined);
    if (!asked) return void response.status(400).json({ code: 'BAD_CONFIG' });
    void testRegistration(RED, asked).then((result) => response.json(result));
  });
}

/**
 * Registers once with the fields of the form, by a phone of its own at a port of its own, and removes that binding
 * again: a binding of the deployed phone stays. Never rejects.
 */
export async function testRegistration(RED: NodeAPI, asked: TestRequest): Promise<TestResult> {
  if (running.has(asked.id) || running.size >= MOST_TESTS) return { outcome: 'busy' };
  running.add(asked.id);
  try {
    const options = optionsOf(RED, asked);
    return options ? await registerOnce(options) : { outcome: 'typePassword' };
  } catch (error) {
    return faultOf(error);
  } finally {
    running.delete(asked.id);
  }
}

/** The phone that the form describes; undefined when a password would have to be sent where it was not sent before. */
function optionsOf(RED: NodeAPI, { id, fields, password }: TestRequest): PhoneOptions | undefined {
  const config = { ...fields, id, type: 'sip-instance', z: '', mode: 'network', register: true };
  const node = RED.nodes.getNode(id) as PhoneNode | null;
  const deployed = node?.type === 'sip-instance' ? node : undefined;
  const resolved = withVariables(RED, deployed, config) as unknown as SipNodeDef;
  const options = toPhoneOptions(
    // Settings that a registration does not need, and that could be in its way.
    { ...resolved, authenticateIncoming: false, listenTcp: false, stunServer: '', port: '0' },
    {
      folders: foldersOf(RED),
      tls: tlsOptions(RED, resolved.tls),
    },
  );
  if (options.registrar === undefined) {
    throw new SipflowError('BAD_CONFIG', 'The field "registrar" must say where the phone registers.');
  }
  const { typed, kept } = passwordsOf(RED, deployed, password);
  if (typed !== undefined) return { ...options, password: typed || undefined };
  if (kept === undefined) return options;
  return sameServers(options, deployed?.engine?.options) ? { ...options, password: kept } : undefined;
}

/** Password as typed in the form, or else one that only the runtime knows: stored, or the value of a variable. */
function passwordsOf(
  RED: NodeAPI,
  deployed: PhoneNode | undefined,
  password: string | undefined,
): { typed?: string; kept?: string } {
  if (password === undefined) return { kept: deployed?.credentials?.password };
  const { resolved } = withVariables(RED, deployed, { resolved: password });
  rejectUnresolvedEnv('password', resolved);
  return resolved === password ? { typed: password } : { kept: String(resolved) };
}

/** Whether a password goes to the servers that it goes to already, in the same way. */
function sameServers(asked: PhoneOptions, deployed: PhoneOptions | undefined): boolean {
  const where = ({ registrar, domain, outboundProxy, transport, tls }: PhoneOptions): string =>
    JSON.stringify([registrar, domain, outboundProxy, transport, tls?.ca, tls?.verify, tls?.servername]);
  return deployed !== undefined && where(asked) === where(deployed);
}

/** Fields that are `\${NAME}`, as Node-RED gives them to a deployed node. */
function withVariables(RED: NodeAPI, node: PhoneNode | undefined, fields: object): Record<string, unknown> {
  const resolve = (value: unknown): unknown => {
    const name = typeof value === 'string' ? /^\$\{([^}]+)\}$/.exec(value)?.[1] : undefined;
    if (name === undefined) return Array.isArray(value) ? value.map(resolve) : value;
    const found: unknown = RED.util.evaluateNodeProperty(name, 'env', node as never, {});
    return found === undefined || found === '' ? value : found;
  };
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, resolve(value)]));
}

async function registerOnce(options: PhoneOptions): Promise<TestResult> {
  const world = createWorld({ engine: createNullMediaEngine() });
  let patience: NodeJS.Timeout | undefined;
  try {
    const phone = world.phone(options);
    const answered = new Promise<TestResult>((resolve) => {
      phone.on('registration', (report) => {
        const result = resultOf(report);
        if (result) resolve(result);
      });
    });
    const late = new Promise<TestResult>((resolve) => {
      const giveUp = (): void => resolve({ outcome: 'timeout', seconds: PATIENCE_SECONDS });
      patience = setTimeout(giveUp, PATIENCE_SECONDS * 1000);
    });
    await phone.start();
    return await Promise.race([answered, late]);
  } finally {
    clearTimeout(patience);
    await world.close();
  }
}

/** Result of the test by a report of the registration; undefined while there is no answer. */
function resultOf({ state, expiresInMs, error, status = 0 }: RegistrationReport): TestResult | undefined {
  if (state === 'registered') {
    return { outcome: 'registered', seconds: Math.round((expiresInMs ?? 0) / 1000) };
  }
  if (state !== 'failed') return undefined;
  const challenged = status === 401 || status === 407;
  if (status >= 300 && !challenged) return { outcome: 'refused', status, reason: reasonPhrase(status) };
  if (error?.code === 'AUTH') return { outcome: 'credentials' };
  return faultOf(error);
}

function faultOf(error: unknown): TestResult {
  const { code } = toSipflowError(error);
  if (code === 'DNS') return { outcome: 'unknownHost' };
  if (code === 'TIMEOUT') return { outcome: 'timeout', seconds: PATIENCE_SECONDS };
  return { outcome: 'fault', code, message: localised(error).message };
}

function requestOf(body: unknown): TestRequest | undefined {
  const { id, fields, password } = (body ?? {}) as Partial<Record<keyof TestRequest, unknown>>;
  if (typeof id !== 'string' || typeof fields !== 'object' || fields === null) return undefined;
  const typed = typeof password === 'string' ? { password } : {};
  return { id, fields: fields as Record<string, unknown>, ...typed };
}
