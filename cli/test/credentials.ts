import { createDecipheriv, createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { UsageError } from '../arguments';
import { jsonOf, textOf, type FlowFile, type StoredNode } from './flow-file';

/** Credentials of one node: `{ "password": "…" }`. */
export type NodeCredentials = Readonly<Record<string, string>>;
/** By node id. */
export type Credentials = Readonly<Record<string, NodeCredentials>>;

/** Variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Where credentials come from; what stands first counts. */
export interface CredentialSources {
  /** By id or name of a node, from the file of `--credentials`. */
  readonly given: Readonly<Record<string, NodeCredentials>>;
  readonly env: Environment;
  /** Key of the credentials that Node-RED stored beside a flow. */
  readonly secret: string | undefined;
}

/**
 * The file of `--credentials`: `{ "Phone 1001": { "password": "…" } }`.
 *
 * @throws UsageError for a file that is missing or something else, or that names a node which no flow has
 */
export function readCredentials(path: string, flows: readonly FlowFile[]): Record<string, NodeCredentials> {
  const parsed = jsonOf(textOf(path, path), path);
  if (!isCredentials(parsed)) {
    throw new UsageError(`${path} has to be JSON such as { "Phone 1001": { "password": "…" } }.`);
  }
  const nodes = flows.flatMap((flow) => flow.nodes);
  for (const name of Object.keys(parsed)) {
    if (!nodes.some((node) => namesOf(node).includes(name))) {
      throw new UsageError(
        `${path} has credentials for "${name}", but no flow has a node of that name or id.`,
      );
    }
  }
  return parsed;
}

/**
 * Credentials of the nodes of a flow file.
 *
 * @throws UsageError for stored credentials that cannot be read
 */
export function credentialsOf(flow: FlowFile, { given, env, secret }: CredentialSources): Credentials {
  const stored = storedCredentials(flow, secret);
  const found: Record<string, NodeCredentials> = {};
  for (const node of flow.nodes) {
    const named = namesOf(node).find((name) => Object.hasOwn(given, name));
    const variable = namesOf(node)
      .map(variableOf)
      .find((name) => env[name] !== undefined);
    const all = {
      ...stored[node.id],
      ...(variable !== undefined && { password: env[variable] ?? '' }),
      ...(named !== undefined && given[named]),
    };
    if (Object.keys(all).length > 0) found[node.id] = all;
  }
  return found;
}

/**
 * Why the phones cannot prove who they are; undefined when they can. A phone that registers needs a password, which may
 * be empty where the server asks for none.
 *
 * @param phones ids of those that are used
 */
export function missingCredential(
  flow: FlowFile,
  phones: readonly string[],
  credentials: Credentials,
  env: Environment,
): string | undefined {
  const phone = flow.nodes.find(
    (node) =>
      phones.includes(node.id) && registers(node, env) && credentials[node.id]?.password === undefined,
  );
  if (!phone) return undefined;
  const [name] = namesOf(phone);
  return (
    `Phone "${name}" registers and has no password: set the variable ${variableOf(name)}, or name a file by ` +
    `--credentials that has { "${name}": { "password": "…" } }. An empty password says that it needs none.`
  );
}

/** What people may call a node: its name, a phone also by its number, every node by its id. */
function namesOf({ id, name, dn }: StoredNode): string[] {
  return [name, dn, id].filter((one): one is string => typeof one === 'string' && one !== '');
}

/** `SIPFLOW_CREDENTIAL_PHONE_1001_PASSWORD` for "Phone 1001". */
function variableOf(name: string): string {
  return `SIPFLOW_CREDENTIAL_${name.toUpperCase().replace(/[^A-Z0-9]/g, '_')}_PASSWORD`;
}

/** Whether a node is a phone that registers its number. */
export function registers(node: StoredNode, env: Environment): boolean {
  const field = (name: string): unknown => resolved(node[name], env);
  return field('mode') === 'network' && Boolean(field('registrar')) && field('register') !== false;
}

/** A field that is wholly a variable, `${PBX_HOST}`, as Node-RED resolves it. */
function resolved(value: unknown, env: Environment): unknown {
  const variable = typeof value === 'string' ? /^\$\{(\S+)\}$/.exec(value)?.[1] : undefined;
  return variable === undefined ? value : env[variable];
}

/** Credentials that Node-RED stored beside the flow file; none without the file, or without the secret that opens it. */
function storedCredentials({ credentialsFile }: FlowFile, secret: string | undefined): Credentials {
  if (!existsSync(credentialsFile)) return {};
  const parsed = jsonOf(textOf(credentialsFile, credentialsFile), credentialsFile);
  const encrypted = (parsed as { $?: unknown } | null)?.$;
  if (typeof encrypted !== 'string') return isCredentials(parsed) ? parsed : {};
  if (secret === undefined) return {};
  const opened = decrypted(encrypted, secret);
  if (opened) return opened;
  throw new UsageError(`The secret of --credential-secret-env does not open ${credentialsFile}.`);
}

/** Hexadecimal digits of the initialisation vector, in front of the text. */
const VECTOR_DIGITS = 32;

/** Node-RED encrypts credentials by AES-256-CTR with the SHA-256 of the secret. */
function decrypted(encrypted: string, secret: string): Credentials | undefined {
  try {
    const key = createHash('sha256').update(secret).digest();
    const vector = Buffer.from(encrypted.slice(0, VECTOR_DIGITS), 'hex');
    const decipher = createDecipheriv('aes-256-ctr', key, vector);
    const text = decipher.update(encrypted.slice(VECTOR_DIGITS), 'base64', 'utf8') + decipher.final('utf8');
    const parsed: unknown = JSON.parse(text);
    return isCredentials(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function isCredentials(value: unknown): value is Record<string, NodeCredentials> {
  return (
    isRecord(value) &&
    Object.values(value).every(
      (node) => isRecord(node) && Object.values(node).every((secret) => typeof secret === 'string'),
    )
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
