import type { DialOptions } from '../../lib/calls';
import type { FlowMessage } from './flow-types';

/** The fields of a node that makes calls, as far as they become options of its calls. */
interface DialledFields {
  text(name: 'from' | 'fromName' | 'privacy' | 'retryOn', msg: FlowMessage): Promise<string>;
  number(
    name: 'ringTimeout' | 'maxCallDuration' | 'retries' | 'retryPause',
    msg: FlowMessage,
  ): Promise<number | undefined>;
  headers(msg: FlowMessage): Promise<DialOptions['headers']>;
  codecs(msg: FlowMessage): Promise<DialOptions['codecs']>;
  flag(name: 'followRedirects' | 'lateOffer'): boolean;
}

/** Options of the calls that a node makes, apart from whom it calls. Throws BAD_CONFIG. */
export async function dialOptions(
  fields: DialledFields,
  msg: FlowMessage,
): Promise<Omit<DialOptions, 'target'>> {
  return {
    from: await fields.text('from', msg),
    fromName: await fields.text('fromName', msg),
    // A value that is none of the choices is refused by name.
    privacy: (await fields.text('privacy', msg)) as DialOptions['privacy'],
    headers: await fields.headers(msg),
    codecs: await fields.codecs(msg),
    ringTimeout: await fields.number('ringTimeout', msg),
    maxCallDuration: await fields.number('maxCallDuration', msg),
    retries: await fields.number('retries', msg),
    retryPause: await fields.number('retryPause', msg),
    retryOn: await fields.text('retryOn', msg),
    followRedirects: fields.flag('followRedirects'),
    lateOffer: fields.flag('lateOffer'),
  };
}
