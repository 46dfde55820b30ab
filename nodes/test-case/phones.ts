import type { NodeAPI } from 'node-red';
import type { Phone } from '../../lib/calls';
import { SipflowError } from '../../lib/common';
import type { SipNode } from '../shared/flow-types';
import type { PhoneNode } from '../shared/phone-node';
import { phonesOfTab, tabOf } from '../shared/tab';

/**
 * The phones that a case holds: those that it names, else all that nodes of its tab use.
 *
 * @throws SipflowError NO_INSTANCE for a named phone that is not there or has not started
 */
export function phonesOf(RED: Pick<NodeAPI, 'nodes'>, node: SipNode, named: readonly string[]): Phone[] {
  const engineOf = (id: string): Phone | undefined => (RED.nodes.getNode(id) as PhoneNode | null)?.engine;
  if (named.length === 0) {
    return phonesOfTab(RED, tabOf(node))
      .map(engineOf)
      .filter((phone) => phone !== undefined);
  }
  return named.map((id) => {
    const phone = engineOf(id);
    if (phone) return phone;
    throw new SipflowError(
      'NO_INSTANCE',
      `The field "phones" names the phone "${id}", which is not deployed or has wrong settings.`,
      { field: 'phones' },
    );
  });
}
