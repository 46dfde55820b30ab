import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';

/** A certificate that signs itself, with its key; PEM texts. */
export interface SelfSigned {
  cert: string;
  key: string;
}

const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectId: 0x06,
  utf8: 0x0c,
  utcTime: 0x17,
  sequence: 0x30,
  set: 0x31,
  /** Context-specific, constructed: version and extensions of a certificate. */
  version: 0xa0,
  extensions: 0xa3,
  /** Context-specific: the kinds of a subject’s alternative name (RFC 5280, 4.2.1.6). */
  dnsName: 0x82,
  ipAddress: 0x87,
} as const;

/** 2.5.4.3, 2.5.29.17, 2.5.29.19 and 1.2.840.10045.4.3.2. */
const COMMON_NAME = Buffer.from('550403', 'hex');
const ALTERNATIVE_NAMES = Buffer.from('551d11', 'hex');
const BASIC_CONSTRAINTS = Buffer.from('551d13', 'hex');
const ECDSA_WITH_SHA256 = Buffer.from('2a8648ce3d040302', 'hex');

const DAY_MS = 86_400_000;
/** Longer than any process runs. */
const LIFETIME_DAYS = 3650;

/**
 * Makes an EC P-256 key and a certificate for `localhost`, 127.0.0.1 and ::1 that signs itself (RFC 5280), valid for
 * ten years. It is meant for the simulated phones of one process, which trust exactly it.
 */
export function createSelfSigned(now = Date.now()): SelfSigned {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const algorithm = der(TAG.sequence, der(TAG.objectId, ECDSA_WITH_SHA256));
  const name = der(
    TAG.sequence,
    der(
      TAG.set,
      der(
        TAG.sequence,
        der(TAG.objectId, COMMON_NAME),
        der(TAG.utf8, Buffer.from('SIPFLOW simulation, this process only')),
      ),
    ),
  );
  const loopback6 = Buffer.alloc(16);
  loopback6[15] = 1;
  const names = der(
    TAG.sequence,
    der(TAG.dnsName, Buffer.from('localhost')),
    der(TAG.ipAddress, Buffer.from([127, 0, 0, 1])),
    der(TAG.ipAddress, loopback6),
  );
  const extensions = der(
    TAG.extensions,
    der(
      TAG.sequence,
      der(TAG.sequence, der(TAG.objectId, ALTERNATIVE_NAMES), der(TAG.octetString, names)),
      der(
        TAG.sequence,
        der(TAG.objectId, BASIC_CONSTRAINTS),
        der(TAG.boolean, Buffer.from([0xff])),
        der(TAG.octetString, der(TAG.sequence, der(TAG.boolean, Buffer.from([0xff])))),
      ),
    ),
  );
  // A serial number is positive, so its first bit is 0; a first byte of 0 would not be minimal DER.
  const serial = randomBytes(16);
  serial[0] = (serial[0] & 0x7f) | 0x40;
  const signed = der(
    TAG.sequence,
    der(TAG.version, der(TAG.integer, Buffer.from([2]))),
    der(TAG.integer, serial),
    algorithm,
    name,
    der(TAG.sequence, time(now - DAY_MS), time(now + LIFETIME_DAYS * DAY_MS)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    extensions,
  );
  const signature = Buffer.concat([Buffer.from([0]), sign('sha256', signed, privateKey)]);
  const certificate = der(TAG.sequence, signed, algorithm, der(TAG.bitString, signature));
  return { cert: pem(certificate), key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

/** One element of DER (X.690, 8.1): tag, length, content. */
function der(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), content]);
  const size = length < 0x100 ? [length] : [length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, 0x80 | size.length, ...size]), content]);
}

/** UTCTime, `YYMMDDHHMMSSZ`; until 2049. */
function time(ms: number): Buffer {
  const digits = new Date(ms).toISOString().replace(/\D/g, '').slice(2, 14);
  return der(TAG.utcTime, Buffer.from(`${digits}Z`));
}

function pem(certificate: Buffer): string {
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
