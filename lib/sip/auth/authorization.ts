import { isSessionAlgorithm } from './algorithms';
import type { RealmSession } from './auth-scope';
import type { ClientCredentials } from './client-credentials';
import { digestResponse } from './digest';
import type { AuthRequest } from './types';

/**
 * Writes the value of `Authorization` or `Proxy-Authorization` (RFC 7616, 3.4; RFC 3261, 20.7). Realm,
 * nonce and opaque are echoed as they came; `algorithm`, `qop`, `nc` and `cnonce` appear only when the
 * challenge had them, because old servers refuse what they did not offer.
 */
export function formatAuthorization(
  credentials: ClientCredentials,
  session: RealmSession,
  request: AuthRequest,
): string {
  const { challenge, cnonce } = session;
  const { algorithm, qop } = challenge;
  const nc = qop && credentials.nextCount(challenge.nonce);
  const response = digestResponse(credentials.secretFor(algorithm, challenge.realm), {
    algorithm,
    nonce: challenge.nonce,
    method: request.method,
    uri: request.uri,
    qop,
    nc,
    cnonce,
    body: request.body,
  });
  const parts = [
    `username="${credentials.user.replace(/["\\]/g, '\\$&')}"`,
    `realm="${challenge.realm}"`,
    `nonce="${challenge.nonce}"`,
    `uri="${request.uri}"`,
    `response="${response}"`,
  ];
  if (challenge.algorithmText !== undefined) parts.push(`algorithm=${algorithm}`);
  if (qop || isSessionAlgorithm(algorithm)) parts.push(`cnonce="${cnonce}"`);
  if (challenge.opaque !== undefined) parts.push(`opaque="${challenge.opaque}"`);
  if (qop) parts.push(`qop=${qop}`, `nc=${nc}`);
  return `Digest ${parts.join(', ')}`;
}
