import { SWEEP_ALAW } from './sound';

/*
 * Scenarios for SIPp, put together from what happens in a call. A scenario keeps the dialog as SIPp itself does not:
 * as the callee it remembers who called, so that it can send requests of its own.
 */

export interface SdpOptions {
  /** Payload types of the media line; A-law and telephone events when absent. */
  formats?: string;
  /** Lines below the media line, for dynamic payload types and the packet time. */
  attributes?: readonly string[];
  direction?: 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';
  /** `RTP/AVP` when absent. */
  profile?: string;
  /** Address for the media; that of SIPp when absent. */
  address?: string;
}

/** What a message carries beside the fields that every message has. */
export interface Extras {
  headers?: readonly string[];
  /** Another body than a session description. */
  body?: { type: string; lines: readonly string[] };
}

const DIALOG = ['[last_Via:]', '[last_From:]', '[last_To:]', '[last_Call-ID:]', '[last_CSeq:]'];
/** The fields of the INVITE that the callee has remembered: later responses to it may follow other requests. */
const INVITE_FIELDS = [
  'Via:[$via]',
  'From:[$caller]',
  'To:[$callee];tag=[pid]sipp[call_number]',
  '[last_Call-ID:]',
  'CSeq:[$cseq]',
];
const CONTACT = 'Contact: <sip:sipp@[local_ip]:[local_port]>';

/** Steps of a callee: what comes in, and what it answers. */
export const callee = {
  /** Receives the INVITE and remembers who called. */
  invited: `<recv request="INVITE"><action>
<ereg regexp=".*" search_in="hdr" header="From:" assign_to="caller"/>
<ereg regexp=".*" search_in="hdr" header="To:" assign_to="callee"/>
<ereg regexp=".*" search_in="hdr" header="Via:" assign_to="via"/>
<ereg regexp=".*" search_in="hdr" header="CSeq:" assign_to="cseq"/>
<ereg regexp="sip:[^&gt;]*" search_in="hdr" header="Contact:" assign_to="target"/>
</action></recv>
<Reference variables="caller,callee,via,cseq,target"/>`,

  /** The same, and fails unless the INVITE holds what is expected. */
  invitedWith(...checks: Check[]): string {
    return `${callee.invited.replace('</action>', `${actionsOf(checks)}</action>`)}\n${variablesOf(checks)}`;
  },

  /** Answers the INVITE, with the To tag of this call. */
  respond(status: string, options: Extras & { sdp?: SdpOptions } = {}): string {
    const contact = options.headers?.some((line) => line.startsWith('Contact:')) ? [] : [CONTACT];
    const repeated = /^[2-6]/.test(status);
    return send(
      [`SIP/2.0 ${status}`, ...INVITE_FIELDS, ...contact, ...(options.headers ?? [])],
      options.sdp,
      repeated,
      options.body,
    );
  },

  /** Sends a request of its own within the dialog. */
  request(method: string, cseq: number, sdp?: SdpOptions, extras: Extras = {}): string {
    const lines = [
      `${method} [$target] SIP/2.0`,
      'Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]',
      'From:[$callee];tag=[pid]sipp[call_number]',
      'To:[$caller]',
      '[last_Call-ID:]',
      `CSeq: ${cseq} ${method}`,
      CONTACT,
      'Max-Forwards: 70',
      ...(extras.headers ?? []),
    ];
    return send(lines, sdp, method !== 'ACK', extras.body);
  },
};

/** Steps of a caller. */
export const caller = {
  request(method: string, cseq: number, sdp?: SdpOptions, extras: Extras = {}): string {
    const first = method === 'INVITE' && cseq === 1;
    const lines = [
      `${method} ${first ? 'sip:[service]@[remote_ip]:[remote_port]' : '[next_url]'} SIP/2.0`,
      'Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]',
      'From: <sip:sipp@[local_ip]:[local_port]>;tag=[pid]sipp[call_number]',
      first
        ? 'To: <sip:[service]@[remote_ip]:[remote_port]>'
        : WITHIN.test(method)
          ? 'To:[$peer]'
          : '[last_To:]',
      'Call-ID: [call_id]',
      `CSeq: ${cseq} ${method}`,
      CONTACT,
      'Max-Forwards: 70',
      ...(extras.headers ?? []),
    ];
    return send(lines, sdp, method !== 'ACK', extras.body);
  },
  /** 100 and 180, which need not come, and the 200. */
  answered: `<recv response="100" optional="true"/>
<recv response="180" optional="true"/>
<recv response="200" rrs="true"><action>
<ereg regexp=".*" search_in="hdr" header="To:" assign_to="peer"/>
</action></recv>
<Reference variables="peer"/>`,
};

/** Requests that may follow one of the other side, whose To is not theirs. */
const WITHIN = /^(?:BYE|REFER|INVITE|UPDATE|INFO)$/;

/** Receives a request of a dialog that stands, and answers it with 200. */
export function accept(method: string, ...checks: Check[]): string {
  return `${expect(method, ...checks)}\n${send(['SIP/2.0 200 OK', ...DIALOG, CONTACT])}`;
}

/** What a received request must contain. */
export interface Check {
  /** POSIX regular expression. */
  pattern: string;
  /** Header such as `Refer-To:`; the body when absent. */
  header?: string;
}

/** Receives a request, and fails unless it holds what is expected. */
export function expect(method: string, ...checks: Check[]): string {
  if (checks.length === 0) return `<recv request="${method}"/>`;
  return `<recv request="${method}"><action>${actionsOf(checks)}</action></recv>\n${variablesOf(checks)}`;
}

function actionsOf(checks: readonly Check[]): string {
  const actions = checks.map(({ pattern, header }, n) => {
    const where = header ? `search_in="hdr" header="${header}"` : 'search_in="body"';
    const regexp = pattern.replaceAll('<', '&lt;').replaceAll('"', '&quot;');
    return `<ereg regexp="${regexp}" ${where} check_it="true" assign_to="check${n}"/>`;
  });
  return actions.join('');
}

function variablesOf(checks: readonly Check[]): string {
  return `<Reference variables="${checks.map((_, n) => `check${n}`).join(',')}"/>`;
}

/** Takes an offer within the dialog, and its ACK when it is a re-INVITE. */
export function acceptOffer(
  method: 'INVITE' | 'UPDATE',
  answer: SdpOptions,
  options: { checks?: Check[]; headers?: readonly string[] } = {},
): string {
  const steps = [
    expect(method, ...(options.checks ?? [])),
    send(['SIP/2.0 200 OK', ...DIALOG, CONTACT, ...(options.headers ?? [])], answer, method === 'INVITE'),
    ...(method === 'INVITE' ? [receive({ request: 'ACK' })] : []),
  ];
  return steps.join('\n');
}

/** Answers a request of a dialog with a status and nothing else. */
export function respond(status: string, headers: readonly string[] = []): string {
  return send([`SIP/2.0 ${status}`, ...DIALOG, ...headers]);
}

/**
 * Takes reports about a transfer until one says that it has succeeded. Nothing stands between an answer and the next
 * report: SIPp does not expect a message at a step of any other kind.
 */
export const acceptReports = `<label id="report"/>
<recv request="NOTIFY" test="done" next="reported">
<action><ereg regexp="SIP/2.0 200" search_in="body" assign_to="done"/></action>
</recv>
${send(['SIP/2.0 200 OK', ...DIALOG, CONTACT], undefined, false, undefined, 'report')}
<label id="reported"/>
${send(['SIP/2.0 200 OK', ...DIALOG, CONTACT])}`;

/** The extras of a NOTIFY that reports on a transfer. */
export function report(status: string): Extras {
  const state = status.startsWith('1') ? 'active;expires=60' : 'terminated;reason=noresource';
  return {
    headers: ['Event: refer', `Subscription-State: ${state}`],
    body: { type: 'message/sipfrag', lines: [`SIP/2.0 ${status}`] },
  };
}

export function receive(what: { request: string } | { response: number }): string {
  return 'request' in what ? `<recv request="${what.request}"/>` : `<recv response="${what.response}"/>`;
}

export function pause(ms: number): string {
  return `<pause milliseconds="${ms}"/>`;
}

/**
 * A registrar for one phone: challenges it, verifies its credentials, grants a time, and lets it go again.
 *
 * @param seconds that are granted
 */
export function registrar(algorithm: 'MD5' | 'SHA-256', seconds: number): string {
  const to = DIALOG.map((line) => (line === '[last_To:]' ? '[last_To:];tag=[pid]sipp[call_number]' : line));
  const challenge = `WWW-Authenticate: Digest realm="sipp",nonce="[pid]a7f3",algorithm=${algorithm},qop="auth"`;
  return `<recv request="REGISTER"/>
${send(['SIP/2.0 401 Unauthorized', ...to, challenge])}
<recv request="REGISTER"><action><verifyauth assign_to="proven" username="desk" password="secret"/></action></recv>
<nop test="proven" next="proven"/>
${send(['SIP/2.0 403 Forbidden', ...to])}
<nop next="end"/>
<label id="proven"/>
${send(['SIP/2.0 200 OK', ...to, '[last_Contact:]', `Expires: ${seconds}`])}
<recv request="REGISTER"><action>
<ereg regexp="^ *0|expires=0" search_in="msg" check_it="true" assign_to="leaves"/>
</action></recv>
<Reference variables="leaves"/>
${send(['SIP/2.0 200 OK', ...to])}
<label id="end"/>`;
}

/** A body with a session description and with where the caller is, as emergency calls have it (RFC 6442, RFC 5621). */
export function multipart(sdp: SdpOptions): Required<Extras>['body'] {
  const location = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:gp="urn:ietf:params:xml:ns:pidf:geopriv10"',
    '  xmlns:gml="http://www.opengis.net/gml" entity="pres:sipp@example.com">',
    '<tuple id="here"><status><gp:geopriv><gp:location-info>',
    '<gml:Point srsName="urn:ogc:def:crs:EPSG::4326"><gml:pos>37.5665 126.978</gml:pos></gml:Point>',
    '</gp:location-info><gp:usage-rules/></gp:geopriv></status></tuple></presence>',
  ];
  return {
    type: 'multipart/mixed;boundary="a part=of it"',
    lines: [
      ...['This is for those who know no parts.', '--a part=of it'],
      ...['Content-Type: application/pidf+xml', 'Content-ID: <here@example.com>'],
      ...['Content-Disposition: render;handling=optional', '', ...location, '--a part=of it'],
      ...['Content-Type: application/sdp', '', ...description(sdp), '', '--a part=of it--'],
    ],
  };
}

/** Plays a capture of RTP packets as they are. Needs the right to open raw sockets. */
export function playCapture(file: string, lengthMs: number): string {
  return `<nop><action><exec play_pcap_audio="${file}"/></action></nop>\n${pause(lengthMs)}`;
}

/** Plays the sweep of `sound.ts` as A-law, some times over. */
export function playSweep(times: number): string {
  return `<nop><action><exec rtp_stream="${SWEEP_ALAW},${times},8"/></action></nop>\n${pause(times * 2800)}`;
}

/** The whole scenario as SIPp reads it. */
export function scenario(name: string, ...steps: string[]): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<scenario name="${name}">\n${steps.join('\n')}\n</scenario>\n`;
}

function send(
  lines: readonly string[],
  sdp?: SdpOptions,
  repeated = false,
  other: Extras['body'] = undefined,
  next?: string,
): string {
  const body = sdp ? description(sdp) : (other?.lines ?? []);
  const type = sdp ? ['Content-Type: application/sdp'] : other ? [`Content-Type: ${other.type}`] : [];
  const message = [...lines, ...type, 'Content-Length: [len]', '', ...body];
  const attributes = `${repeated ? ' retrans="500"' : ''}${next ? ` next="${next}"` : ''}`;
  return `<send${attributes}><![CDATA[\n${message.join('\n')}\n]]></send>`;
}

function description(options: SdpOptions): string[] {
  const { formats = '8 101', attributes, direction = 'sendrecv', profile = 'RTP/AVP' } = options;
  return [
    'v=0',
    'o=sipp 1 1 IN IP[local_ip_type] [local_ip]',
    's=-',
    options.address ? `c=IN IP4 ${options.address}` : 'c=IN IP[media_ip_type] [media_ip]',
    't=0 0',
    `m=audio [media_port] ${profile} ${formats}`,
    ...(attributes ?? ['a=rtpmap:101 telephone-event/8000', 'a=fmtp:101 0-15', 'a=ptime:20']),
    `a=${direction}`,
  ];
}
