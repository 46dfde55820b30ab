import type { NodeAPI } from 'node-red';
import type { AudioSource, Call, ExtraHeaders, IncomingCall, OutgoingCall, Tombstone } from '../../lib/calls';
import { SipflowError } from '../../lib/common';
import { hold } from './call-holders';
import { toCodecList, toHeaders } from './field-values';
import type { FlowMessage, SipNode, SipNodeDef } from './flow-types';
import { world } from './world';

/** Limits of a number field, both inclusive. */
export interface NumberRange {
  fallback: number;
  min?: number;
  max?: number;
}

/** Where a call is read from when its field is not filled in, as in the editor; other fields read `msg.call`. */
const USUAL_PROPERTIES: Readonly<Record<string, string>> = { peerCall: 'peer', consultCall: 'consult' };

const UNRESOLVED_ENV = /^\$\{(\S+)\}$/;

/**
 * The stored fields of one node, evaluated for one message at a time. A field `x` whose kind the user
 * may choose has its type in `xType`. Every fault is a SipflowError that names the field.
 */
export class Fields {
  constructor(
    private readonly RED: NodeAPI,
    private readonly node: SipNode,
    private readonly config: SipNodeDef,
  ) {}

  /** The field's value; undefined when it is blank. `fallbackType` serves flows written by hand without a type. */
  async value(name: string, msg: FlowMessage, fallbackType = 'str'): Promise<unknown> {
    const stored = this.config[name];
    const storedType = this.config[`${name}Type`];
    const type = typeof storedType === 'string' && storedType !== '' ? storedType : fallbackType;
    if (stored === undefined || stored === null || stored === '') return undefined;
    // A flow written by hand may hold a number, a list or an object where the editor would store text.
    if (typeof stored !== 'string') return stored;
    rejectUnresolvedEnv(name, stored);
    const value = await this.#evaluate(name, stored, type, msg);
    return value === null || value === '' ? undefined : value;
  }

  /** Plain text; numbers are accepted because dialled numbers often are. Blank is ''. */
  async text(name: string, msg: FlowMessage): Promise<string> {
    const value = await this.value(name, msg);
    if (value === undefined) return '';
    if (typeof value === 'string') return value.trim();
    if (typeof value === 'number' || typeof value === 'boolean') return String(value);
    throw new SipflowError('BAD_CONFIG', `The field "${name}" must be text; it is ${kindOf(value)}.`);
  }

  /** Keys of a telephone in any order, upper case; blank is ''. Throws BAD_CONFIG. */
  async keys(name: string, msg: FlowMessage): Promise<string> {
    return toKeys(name, await this.text(name, msg));
  }

  async number(name: string, msg: FlowMessage, range: NumberRange): Promise<number> {
    const value = await this.value(name, msg, 'num');
    return toNumber(name, value, range);
  }

  /** Like `number`; undefined when it is blank. */
  async optionalNumber(
    name: string,
    msg: FlowMessage,
    limits: Omit<NumberRange, 'fallback'>,
  ): Promise<number | undefined> {
    const value = await this.value(name, msg, 'num');
    const blank = value === undefined || (typeof value === 'string' && value.trim() === '');
    return blank ? undefined : toNumber(name, value, { fallback: 0, ...limits });
  }

  /** Text, or one of the `named` choices, which the editor offers as types without a value. */
  async choice(name: string, msg: FlowMessage, named: readonly string[]): Promise<string> {
    const type = this.config[`${name}Type`];
    if (typeof type === 'string' && named.includes(type)) return type;
    return (await this.text(name, msg)) || (named[0] ?? '');
  }

  flag(name: string): boolean {
    return this.config[name] === true || this.config[name] === 'true';
  }

  /** Extra header fields, checked against injection; undefined when blank. */
  async headers(msg: FlowMessage, name = 'headers'): Promise<ExtraHeaders | undefined> {
    if (this.config[`${name}Type`] === 'none') return undefined;
    const value = await this.value(name, msg, 'json');
    return value === undefined ? undefined : toHeaders(name, value);
  }

  /** Codec names in order of preference; undefined means the phone's own list. */
  async codecs(msg: FlowMessage, name = 'codecs'): Promise<string[] | undefined> {
    if (this.config[`${name}Type`] === 'instance') return undefined;
    const value = await this.value(name, msg);
    return value === undefined ? undefined : toCodecList(name, value);
  }

  /** An audio source as text, or the bytes of a WAV; undefined when blank. */
  async source(msg: FlowMessage, name = 'source'): Promise<AudioSource | undefined> {
    const value = await this.value(name, msg);
    if (value === undefined || value instanceof Uint8Array) return value;
    if (typeof value === 'string') return value.trim();
    throw new SipflowError(
      'BAD_AUDIO',
      `The field "${name}" must be the name of a sound or the bytes of a WAV file; it is ${kindOf(value)}.`,
    );
  }

  /** The live call that the `call` field names; the node holds it while it has the message. Throws CALL_UNKNOWN or CALL_ENDED. */
  async call(msg: FlowMessage, name = 'call'): Promise<IncomingCall | OutgoingCall> {
    const reference = await this.#reference(msg, name);
    const call = naming(name, () => world.calls.live(reference));
    hold(this.node, msg, call);
    return call;
  }

  /** Like `call`, or what the call left behind. Throws CALL_UNKNOWN. */
  async callOrTombstone(msg: FlowMessage, name = 'call'): Promise<{ call: Call } | { tombstone: Tombstone }> {
    const found = await this.watched(msg, name);
    if ('call' in found) hold(this.node, msg, found.call);
    return found;
  }

  /** Like `callOrTombstone` for a node that only looks, and does not hold the call. */
  async watched(msg: FlowMessage, name = 'call'): Promise<{ call: Call } | { tombstone: Tombstone }> {
    const reference = await this.#reference(msg, name);
    return naming(name, () => world.calls.find(reference));
  }

  async #reference(msg: FlowMessage, name: string): Promise<unknown> {
    const stored = this.config[name];
    if (stored === undefined || stored === '') return msg[USUAL_PROPERTIES[name] ?? 'call'];
    return this.value(name, msg, 'msg');
  }

  #evaluate(name: string, value: string, type: string, msg: FlowMessage): Promise<unknown> {
    const bad = (error: unknown): SipflowError => {
      const why = error instanceof Error ? error.message : String(error);
      // What Node-RED throws then speaks of properties of undefined.
      const sentence =
        type === 'msg' && error instanceof TypeError
          ? `The field "${name}" reads msg.${value}, which the message does not have.`
          : `The field "${name}" cannot be evaluated: ${why}`;
      return new SipflowError('BAD_CONFIG', sentence, { cause: error });
    };
    return new Promise((resolve, reject) => {
      try {
        this.RED.util.evaluateNodeProperty(value, type, this.node, msg, (error, result: unknown) => {
          if (error) reject(bad(error));
          else resolve(result);
        });
      } catch (error) {
        reject(bad(error));
      }
    });
  }
}

/**
 * Where a node that makes calls writes their references; `call` unless the flow says otherwise. Throws BAD_CONFIG when
 * no property of a message can have that name, so that this is known before there is a call.
 */
export function callPropertyOf(RED: NodeAPI, config: SipNodeDef): string {
  const stored = config.callProperty;
  if (stored === undefined || stored === null || stored === '') return 'call';
  rejectUnresolvedEnv('callProperty', stored);
  try {
    if (typeof stored !== 'string') throw new TypeError(`it is ${kindOf(stored)}`);
    RED.util.normalisePropertyExpression(stored);
    return stored;
  } catch (cause) {
    throw new SipflowError(
      'BAD_CONFIG',
      `The field "callProperty" must be a message property such as call; ${kindOf(stored)} is none.`,
      { cause },
    );
  }
}

/** Looks a call up; the error of one that is unknown says which field named it. */
function naming<T>(field: string, find: () => T): T {
  try {
    return find();
  } catch (error) {
    if (!(error instanceof SipflowError) || error.code !== 'CALL_UNKNOWN') throw error;
    const sentence = `The field "${field}" leads to no call. ${error.message} It must lead to the msg.call that a make-call or incoming-call node wrote, or to its id.`;
    throw new SipflowError('CALL_UNKNOWN', sentence, { cause: error });
  }
}

/** A finite number within the range; blank is the fallback. Throws BAD_CONFIG. */
export function toNumber(name: string, value: unknown, range: NumberRange): number {
  if (value === undefined || value === null) return range.fallback;
  if (typeof value === 'string' && value.trim() === '') return range.fallback;
  const number = typeof value === 'number' || typeof value === 'string' ? Number(value) : NaN;
  const { min = -Infinity, max = Infinity } = range;
  if (Number.isFinite(number) && number >= min && number <= max) return number;
  const limits =
    max === Infinity ? (min === -Infinity ? '' : ` of at least ${min}`) : ` from ${min} to ${max}`;
  throw new SipflowError(
    'BAD_CONFIG',
    `The field "${name}" must be a number${limits}; it is ${kindOf(value)}.`,
  );
}

/** Keys of a telephone, such as those that end an input, upper case. Throws BAD_CONFIG. */
export function toKeys(name: string, value: string): string {
  if (/^[0-9*#A-D]*$/i.test(value)) return value.toUpperCase();
  throw new SipflowError(
    'BAD_CONFIG',
    `The field "${name}" may hold the keys 0-9 * # A-D only; it is ${kindOf(value)}.`,
  );
}

/** Throws BAD_CONFIG for a `\${NAME}` that Node-RED left as it was because the variable is not set. */
export function rejectUnresolvedEnv(name: string, value: unknown): void {
  const variable = typeof value === 'string' ? UNRESOLVED_ENV.exec(value.trim())?.[1] : undefined;
  if (variable === undefined) return;
  throw new SipflowError(
    'BAD_CONFIG',
    `The field "${name}" uses the environment variable ${variable}, which is not set.`,
  );
}

/** A short description of a value for an error sentence. */
export function kindOf(value: unknown): string {
  if (typeof value === 'string') return `"${value.length > 60 ? `${value.slice(0, 60)}…` : value}"`;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (value === null || value === undefined) return 'empty';
  return Array.isArray(value) ? 'a list' : value instanceof Uint8Array ? 'a buffer' : 'an object';
}
