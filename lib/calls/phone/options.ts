import { srtpPreference } from '../../sdp';
import { TRANSPORTS, type EndpointOptions, type SelfSigned, type TlsOptions } from '../../sip';
import { MediaHosts } from '../peer/media-hosts';
import type { MediaStun } from '../peer/media-stun';
import type { NegotiationOptions } from '../peer/negotiation';
import { rtpTimeoutMs } from '../peer/peer-watch';
import type { PhoneOptions, PhoneTls } from '../types';

/**
 * Options of the SIP endpoint, from the phone’s settings.
 *
 * @param certificate the throw-away certificate of its world, for a simulated phone without keys of its own
 */
export function endpointOptions(options: PhoneOptions, certificate: () => SelfSigned): EndpointOptions {
  const { transport, bindAddress, port, advertisedAddress, number, displayName, domain } = options;
  const {
    outboundProxy,
    failOverAfter,
    authUser,
    password,
    registrar,
    register,
    registerExpires,
    stunServer,
    sessionTimer,
    authenticateIncoming,
    headers,
    allowedOrigins,
    acceptFrom,
    mode,
  } = options;
  const { secure, beside } = TRANSPORTS[transport];
  const tls = secure ? tlsOptions(options, certificate) : undefined;
  return {
    transport,
    bindAddress,
    port,
    user: number,
    userAgent: 'SIPFLOW',
    // In the simulation, phones are found by number, and no others are meant to connect.
    ...(options.mode === 'network' && beside !== undefined && options.listenTcp !== false
      ? { listenTcp: true }
      : {}),
    ...(advertisedAddress ? { advertisedAddress } : {}),
    ...(displayName ? { displayName } : {}),
    ...(domain ? { domain } : {}),
    ...(registrar ? { registrar } : {}),
    ...(registrar && register === false ? { register } : {}),
    ...(registrar && registerExpires ? { registerExpires } : {}),
    ...(outboundProxy ? { outboundProxy } : {}),
    ...(failOverAfter === undefined ? {} : { failOverAfter }),
    ...(password ? { credentials: { user: authUser || number, password } } : {}),
    ...(stunServer ? { stunServer } : {}),
    ...(sessionTimer ? { sessionTimer } : {}),
    ...(headers ? { headers } : {}),
    ...(acceptFrom && mode === 'network' ? { acceptFrom } : {}),
    ...(allowedOrigins ? { allowedOrigins } : {}),
    ...(authenticateIncoming && password
      ? { callers: { user: authUser || number, password, ...(domain ? { realm: domain } : {}) } }
      : {}),
    ...(tls ? { tls } : {}),
  };
}

/** A simulated phone without keys of its own shares the throw-away certificate of its world, and trusts only it. */
function tlsOptions({ mode, tls }: PhoneOptions, certificate: () => SelfSigned): TlsOptions {
  if (tls) return fromTlsConfig(tls);
  if (mode !== 'simulation') return {};
  const { cert, key } = certificate();
  return { cert, key, ca: cert };
}

function fromTlsConfig(tls: PhoneTls): TlsOptions {
  const { ca, cert, key, passphrase, servername, verify, requireClientCertificate } = tls;
  return {
    ...(ca ? { ca } : {}),
    ...(cert ? { cert } : {}),
    ...(key ? { key } : {}),
    ...(passphrase ? { passphrase } : {}),
    ...(servername ? { serverName: servername } : {}),
    ...(verify === undefined ? {} : { rejectUnauthorized: verify }),
    ...(requireClientCertificate ? { requireClientCertificate } : {}),
  };
}

/**
 * Options of the offers and answers of all calls, from the phone’s settings.
 *
 * @param remembers whether sessions keep what they receive
 * @param reportsRtcp whether somebody wants to see the RTCP of new sessions
 */
export function negotiationOptions(
  phone: PhoneOptions,
  stun: MediaStun | undefined,
  remembers: () => boolean,
  reportsRtcp: () => boolean,
): NegotiationOptions {
  return {
    remembers,
    ports: { address: phone.bindAddress, portMin: phone.rtpPortMin, portMax: phone.rtpPortMax },
    ptimeMs: phone.ptime,
    stun,
    reportsRtcp,
    hosts: new MediaHosts(),
    ...(phone.srtp ? { srtp: phone.srtp } : {}),
    ...(phone.srtpSuites ? { srtpSuites: srtpPreference(phone.srtpSuites) } : {}),
    ...(phone.jitterBuffer ? { jitterBuffer: phone.jitterBuffer } : {}),
    rtpTimeoutMs: rtpTimeoutMs(phone),
    statisticsIntervalMs: (phone.statisticsInterval ?? 0) * 1000,
    ...(phone.concealment ? { concealment: phone.concealment } : {}),
    ...(phone.capture && phone.capture !== 'off' ? { capture: phone.capture } : {}),
  };
}
