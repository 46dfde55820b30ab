import type { NodeAPI } from 'node-red';
import { isSpoken, parseSpoken, spokenSource } from '../../lib/calls';
import { SipflowError } from '../../lib/common';
import { kindOf } from './field-values';
import type { FlowMessage } from './flow-types';

/** A property of the message within a text that is to be said: `{{payload}}`. */
const PROPERTY = /\{\{\s*([^{}]{1,200}?)\s*\}\}/g;

/**
 * A sound as the user has written it; a `say:` source gets what its `{{payload}}` and others stand for.
 *
 * @throws SipflowError BAD_CONFIG for a property that the message does not have or that cannot be said, and as
 *   `parseSpoken`
 */
export function filledIn(
  { util }: Pick<NodeAPI, 'util'>,
  field: string,
  source: string,
  msg: FlowMessage,
): string {
  if (!isSpoken(source) || !source.includes('{{')) return source;
  const fill = (text: string): string =>
    text.replace(PROPERTY, (_, property: string) => said(field, property, valueOf(util, msg, property)));
  const [, voice, text = ''] = /^\s*say(?:\(([^()]*)\))?:(.*)$/is.exec(source) ?? [];
  // Whatever the message holds is text: it begins no other source and names no other voice.
  return spokenSource(
    parseSpoken(spokenSource({ text: fill(text), ...(voice === undefined ? {} : { voice: fill(voice) }) })),
  );
}

/** The same for a form, which has no message: the names of the properties stand for them. */
export function namesFilledIn(source: string): string {
  return source.replace(PROPERTY, (_, property: string) => property);
}

function valueOf(util: NodeAPI['util'], msg: FlowMessage, property: string): unknown {
  try {
    return util.getMessageProperty(msg, property) as unknown;
  } catch {
    return undefined;
  }
}

function said(field: string, property: string, value: unknown): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return String(value);
  const what =
    value === undefined || value === null ? 'the message does not have it' : `it is ${kindOf(value)}`;
  throw new SipflowError('BAD_CONFIG', `The field "${field}" says {{${property}}}, but ${what}.`);
}
