import type { Node, NodeAPI } from 'node-red';
import type { PhoneTls } from '../../lib/calls';
import { SipflowError } from '../../lib/common';
import { rejectUnresolvedEnv } from '../shared/field-values';

/** Node-RED's own `tls-config` node; its files are read, its credentials decrypted. */
interface TlsConfigNode extends Node {
  valid?: boolean;
  addTLSOptions?(options: Record<string, unknown>): unknown;
}

/**
 * The keys and certificates of the `tls-config` node that a `sip-instance` names; undefined when it names
 * none. Throws BAD_CONFIG when that node was deleted, and TLS when its own settings are not usable.
 */
export function tlsOptions(RED: NodeAPI, id: unknown): PhoneTls | undefined {
  if (id === undefined || id === null || id === '') return undefined;
  rejectUnresolvedEnv('tls', id);
  const node = typeof id === 'string' ? (RED.nodes.getNode(id) as TlsConfigNode | null) : null;
  if (typeof node?.addTLSOptions !== 'function') {
    throw new SipflowError(
      'BAD_CONFIG',
      'The certificates that the SIP phone names do not exist any more: choose others, or none.',
    );
  }
  if (node.valid === false) {
    throw new SipflowError(
      'TLS',
      `The certificates "${node.name || node.id}" cannot be read; that node's own error says why.`,
    );
  }
  const found: Record<string, unknown> = {};
  node.addTLSOptions(found);
  return {
    ca: pem(found.ca),
    cert: pem(found.cert),
    key: pem(found.key),
    passphrase: pem(found.passphrase),
    servername: pem(found.servername),
    verify: found.rejectUnauthorized !== false,
  };
}

/** PEM text, which that node keeps as text or as the bytes of a file. */
function pem(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return Buffer.isBuffer(value) ? value.toString('utf8') : undefined;
}
