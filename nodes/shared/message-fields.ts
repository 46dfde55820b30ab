import type { NodeAPI } from 'node-red';
import type { AudioSource, Call, ExtraHeaders, IncomingCall, OutgoingCall, Tombstone } from '../../lib/calls';
import { SipflowError } from '../../lib/common';
import { hold } from './call-holders';
import { noteVisit } from './call-visits';
import type {
  FieldSet,
  InputKind,
  NamesOf,
  NodeTable,
  NumberOf,
  TypedField,
  TypedNamesOf,
} from './field-table';
import {
  isBlank,
  kindOf,
  rejectUnresolvedEnv,
  toCodecList,
  toHeaders,
  toKeys,
  toNumber,
} from './field-values';
import type { FlowMessage, SipNode, SipNodeDef } from './flow-types';
import { type Audience, roomAudience } from './rooms';
import { filledIn } from './spoken';
import { StoredFields } from './stored-fields';
import { aboutCall } from './test-steps';
import { world } from './world';

/** The type of a value that was stored without one, as flows written by hand are. */
const TYPE_OF_VALUE: Readonly<Record<InputKind, string>> = {
  call: 'msg',
  text: 'str',
  number: 'num',
  headers: 'json',
  codecs: 'str',
  source: 'str',
  bargeIn: 'str',
  privacy: 'str',
  rows: 'json',
};
/** Types that say everything without a value. */
const VALUELESS: readonly unknown[] = ['none', 'any', 'instance'];

/**
 * The fields of one node, evaluated for one message at a time. A field `x` that may be computed has its type in
 * `xType`. Every fault is a SipflowError that names the field.
 */
export class Fields<F extends FieldSet = FieldSet> extends StoredFields<F> {
  constructor(
    private readonly RED: NodeAPI,
    private readonly node: SipNode,
    table: NodeTable<F>,
    stored: SipNodeDef,
  ) {
    super(table, stored);
  }

  /** Plain text; numbers are accepted because dialled numbers often are. Blank is ''. Throws BAD_CONFIG. */
  async text(name: TypedNamesOf<F, 'text' | 'privacy'>, msg: FlowMessage): Promise<string> {
    return this.#text(name, msg);
  }

  /** Texts from a list, or from one text with commas or blanks between them. Throws BAD_CONFIG. */
  async texts(name: TypedNamesOf<F, 'text'>, msg: FlowMessage): Promise<string[]> {
    const value = await this.#value(name, msg);
    return [value ?? []].flat().flatMap((item) => {
      if (typeof item === 'number') return String(item);
      if (typeof item === 'string') return item.split(/[\s,]+/).filter((text) => text !== '');
      throw new SipflowError(
        'BAD_CONFIG',
        `The field "${name}" must be text or a list of texts; it holds ${kindOf(item)}.`,
      );
    });
  }

  /** A body: text as it is, bytes as UTF-8, anything else as JSON; undefined when blank. Throws BAD_CONFIG. */
  async content(name: TypedNamesOf<F, 'text'>, msg: FlowMessage): Promise<string | undefined> {
    const value = await this.#value(name, msg);
    if (value === undefined || typeof value === 'string') return value;
    if (value instanceof Uint8Array) return Buffer.from(value).toString();
    return JSON.stringify(value);
  }

  /** Keys of a telephone in any order, upper case; blank is ''. Throws BAD_CONFIG. */
  async keys(name: TypedNamesOf<F, 'text'>, msg: FlowMessage): Promise<string> {
    return toKeys(name, await this.#text(name, msg));
  }

  /** A number within the limits of the table; blank is the default, or undefined without one. Throws BAD_CONFIG. */
  async number<N extends TypedNamesOf<F, 'number'>>(name: N, msg: FlowMessage): Promise<NumberOf<F[N]>> {
    const field = this.field(name, 'typed') as TypedField;
    const value = await this.#value(name, msg);
    const none = isBlank(value) && isBlank(field.value);
    return (
      none ? undefined : toNumber(name, value, { ...field, fallback: Number(field.value) })
    ) as NumberOf<F[N]>;
  }

  /** Which keys of the other side interrupt: `none`, `any`, or these, upper case. Throws BAD_CONFIG. */
  async interruptingKeys(name: TypedNamesOf<F, 'bargeIn'>, msg: FlowMessage): Promise<string> {
    const { type } = this.#written(name);
    const named = type === 'none' || type === 'any' ? type : await this.#text(name, msg);
    return named === 'none' || named === 'any' ? named : toKeys(name, named) || 'none';
  }

  /** Extra header fields, checked against injection; undefined when blank. Throws BAD_CONFIG. */
  async headers(msg: FlowMessage, name = 'headers'): Promise<ExtraHeaders | undefined> {
    const value = await this.#value(name, msg);
    return value === undefined ? undefined : toHeaders(name, value);
  }

  /** Codec names in order of preference; undefined means the phone's own list. Throws BAD_CONFIG. */
  async codecs(msg: FlowMessage, name = 'codecs'): Promise<string[] | undefined> {
    const value = await this.#value(name, msg);
    return value === undefined ? undefined : toCodecList(name, value);
  }

  /**
   * An audio source as text, or the bytes of a WAV; undefined when blank. What is written as `say:…` is filled in from
   * the message. Throws BAD_AUDIO, BAD_CONFIG.
   */
  async source(msg: FlowMessage, name = 'source'): Promise<AudioSource | undefined> {
    const value = await this.#value(name, msg);
    if (value === undefined || value instanceof Uint8Array) return value;
    if (typeof value === 'string') {
      const { type } = this.#written(name);
      return type === 'str' ? filledIn(this.RED, name, value.trim(), msg) : value.trim();
    }
    throw new SipflowError(
      'BAD_AUDIO',
      `The field "${name}" must be the name of a sound or the bytes of a WAV file; it is ${kindOf(value)}.`,
    );
  }

  /** Like `source`, or several of them, from a list that a message holds. Throws BAD_AUDIO. */
  async sources(
    name: TypedNamesOf<F, 'source'>,
    msg: FlowMessage,
  ): Promise<AudioSource | AudioSource[] | undefined> {
    const value = await this.#value(name, msg);
    if (!Array.isArray(value)) return typeof value === 'number' ? String(value) : this.source(msg, name);
    const strange = (value as unknown[]).find(
      (each) => typeof each !== 'string' && !(each instanceof Uint8Array),
    );
    if (strange === undefined) return value as AudioSource[];
    const sentence = `The field "${name}" must be sounds; its list holds ${kindOf(strange)}.`;
    throw new SipflowError('BAD_AUDIO', sentence);
  }

  /** An audio source that is written into a plain field, filled in as above; undefined when blank. Throws BAD_CONFIG. */
  plainSound(name: NamesOf<F, 'text'>, msg: FlowMessage): string | undefined {
    const written = this.plainText(name);
    return written === '' ? undefined : filledIn(this.RED, name, written, msg);
  }

  /** The live call of a field; the node holds it while it has the message. Throws CALL_UNKNOWN or CALL_ENDED. */
  async call(msg: FlowMessage, name = 'call'): Promise<IncomingCall | OutgoingCall> {
    return this.#live(await this.#reference(msg, name), msg, name);
  }

  /** Like `call`, or all calls of a conference that the field names. Throws BAD_CONFIG too. */
  async audience(msg: FlowMessage, name = 'call'): Promise<Audience> {
    const reference = await this.#reference(msg, name);
    return roomAudience(reference) ?? this.#live(reference, msg, name);
  }

  /** Like `call`, or the tombstone of an ended call. Throws CALL_UNKNOWN. */
  async callOrTombstone(msg: FlowMessage, name = 'call'): Promise<{ call: Call } | { tombstone: Tombstone }> {
    const found = await this.watched(msg, name);
    if ('call' in found) hold(this.node, msg, found.call);
    return found;
  }

  /** Like `callOrTombstone` for a node that only looks, and does not hold the call. */
  async watched(msg: FlowMessage, name = 'call'): Promise<{ call: Call } | { tombstone: Tombstone }> {
    const reference = await this.#reference(msg, name);
    const found = naming(name, () => world.calls.find(reference));
    const { ref } = 'call' in found ? found.call : found.tombstone;
    aboutCall(msg, ref);
    noteVisit(this.node, ref.id);
    return found;
  }

  /**
   * Id of the call of a field, live or ended; undefined when the field leads to nothing and none is required. Throws
   * CALL_UNKNOWN.
   */
  async callIfAny(
    msg: FlowMessage,
    name: string,
    { required }: { required: boolean },
  ): Promise<string | undefined> {
    if (!required && (await this.#reference(msg, name)) === undefined) return undefined;
    const found = await this.watched(msg, name);
    return 'call' in found ? found.call.id : found.tombstone.ref.id;
  }

  /**
   * Message property to which a node that makes calls writes their references. Throws BAD_CONFIG when no property of a
   * message can have that name, before there is a call.
   */
  property(name: NamesOf<F, 'property'>): string {
    const stored = this.stored(name) || this.table.fields[name]?.value;
    rejectUnresolvedEnv(name, stored);
    try {
      if (typeof stored !== 'string') throw new TypeError(`it is ${kindOf(stored)}`);
      this.RED.util.normalisePropertyExpression(stored);
      return stored;
    } catch (cause) {
      const sentence = `The field "${name}" must be a message property such as call; ${kindOf(stored)} is none.`;
      throw new SipflowError('BAD_CONFIG', sentence, { cause });
    }
  }

  /** A table as it is written or computed, and how; undefined for none. Throws BAD_CONFIG. */
  async rows(
    name: TypedNamesOf<F, 'rows'>,
    msg: FlowMessage,
  ): Promise<{ type: string; value: unknown } | undefined> {
    const { type } = this.#written(name);
    if (type === 'none') return undefined;
    return { type, value: await this.#value(name, msg) };
  }

  #live(reference: unknown, msg: FlowMessage, name: string): IncomingCall | OutgoingCall {
    const call = naming(name, () => world.calls.live(reference));
    aboutCall(msg, call.ref);
    hold(this.node, msg, call);
    return call;
  }

  async #text(name: string, msg: FlowMessage): Promise<string> {
    const value = await this.#value(name, msg);
    if (value === undefined) return '';
    if (typeof value === 'string') return value.trim();
    if (typeof value === 'number' || typeof value === 'boolean') return String(value);
    throw new SipflowError('BAD_CONFIG', `The field "${name}" must be text; it is ${kindOf(value)}.`);
  }

  /** A blank field reads the usual property, as a flow written by hand expects. */
  async #reference(msg: FlowMessage, name: string): Promise<unknown> {
    if (this.config[name] === '') return msg[String(this.field(name, 'typed').value)];
    return this.#value(name, msg);
  }

  /** Stored value and type of a typed field. A type that needs a value and has none counts as missing. */
  #written(name: string): { value: unknown; type: string } {
    const field = this.field(name, 'typed') as TypedField;
    const { [name]: value, [`${name}Type`]: type } = this.config;
    if (value === undefined && !VALUELESS.includes(type)) return field;
    return { value, type: typeof type === 'string' && type !== '' ? type : TYPE_OF_VALUE[field.input] };
  }

  /** The field's value; undefined when it is blank. */
  async #value(name: string, msg: FlowMessage): Promise<unknown> {
    const { value: written, type } = this.#written(name);
    if (VALUELESS.includes(type) || written === undefined || written === null || written === '') {
      return undefined;
    }
    // A flow written by hand may hold a number, a list or an object where the editor would store text.
    if (typeof written !== 'string') return written;
    rejectUnresolvedEnv(name, written);
    const value = await this.#evaluate(name, written, type, msg);
    return value === null || value === '' ? undefined : value;
  }

  #evaluate(name: string, value: string, type: string, msg: FlowMessage): Promise<unknown> {
    const bad = (error: unknown): SipflowError => {
      const why = error instanceof Error ? error.message : String(error);
      // The error of Node-RED then is about properties of undefined.
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
