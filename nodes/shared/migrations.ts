import type { SipNodeDef } from './flow-types';

/** Changes to nodes of a type that the version before has stored. */
export interface Migration {
  /** The `version` that a node has afterwards. */
  to: number;
  /** Fields that have other names since. */
  renamed?: Readonly<Record<string, string>>;
  /**
   * Values of fields that are missing. They are written out here, so that a later version can give new nodes
   * another default without changing stored flows.
   */
  absent?: Readonly<Record<string, string | boolean | readonly string[]>>;
}

/** The `version` of nodes that are stored now. */
export const STORED_VERSION = 2;

/** By node type, oldest first. A type that is not listed changes its version only. */
export const MIGRATIONS: Readonly<Record<string, readonly Migration[]>> = {
  'sip-instance': [
    {
      to: 2,
      absent: {
        acceptFrom: 'any',
        allowedOrigins: [],
        transferPolicy: 'trusted',
        listenTcp: true,
        srtpSuites: [
          'AES_CM_128_HMAC_SHA1_80',
          'AES_CM_128_HMAC_SHA1_32',
          'AES_256_CM_HMAC_SHA1_80',
          'AEAD_AES_256_GCM',
        ],
        maxCallDuration: '7200',
        failOverAfter: '4',
        capture: 'off',
        hep: '',
      },
    },
  ],
  'sip-make-call': [
    {
      to: 2,
      absent: {
        from: '',
        fromType: 'str',
        fromName: '',
        fromNameType: 'str',
        privacy: '',
        privacyType: 'str',
        maxCallDuration: '',
        maxCallDurationType: 'num',
        retries: '0',
        retriesType: 'num',
        retryPause: '5',
        retryPauseType: 'num',
        retryOn: '408 480 5xx',
        retryOnType: 'str',
      },
    },
  ],
  'sip-call-info': [{ to: 2, absent: { export: 'none' } }],
  'sip-receive-dtmf': [{ to: 2, absent: { prompt: '', promptType: 'str' } }],
  // In the editor `status` is the status that a node shows while it runs.
  'sip-reject': [{ to: 2, renamed: { status: 'statusCode', statusType: 'statusCodeType' } }],
};

/**
 * A stored node as the present version would have stored it. Unknown parts, such as a field or a version of the
 * future, stays as it is. The flow file is not touched: it changes when the user saves the node's form.
 */
export function migrated(stored: SipNodeDef): SipNodeDef {
  const before = versionOf(stored);
  const node: SipNodeDef = { ...stored };
  for (const { to, renamed = {}, absent = {} } of MIGRATIONS[stored.type] ?? []) {
    if (to <= before) continue;
    for (const [old, name] of Object.entries(renamed)) {
      if (node[name] === undefined && node[old] !== undefined) node[name] = node[old];
      delete node[old];
    }
    for (const [field, value] of Object.entries(absent)) node[field] ??= structuredClone(value);
  }
  if (before < STORED_VERSION) node.version = STORED_VERSION;
  return node;
}

/** Nodes without a version are as old as the first, or written by hand. */
function versionOf({ version }: SipNodeDef): number {
  return typeof version === 'number' && version >= 1 ? version : 1;
}
