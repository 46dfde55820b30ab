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
}

const DIALOG = ['[last_Via:]', '[last_From:]', '[last_To:]', '[last_Call-ID:]', '[last_CSeq:]'];
const CONTACT = 'Contact: <sip:sipp@[local_ip]:[local_port]>';

/** Steps of a callee: what comes in, and what it answers. */
export const callee = {
  /** Receives the INVITE and remembers who called. */
  invited: `<recv request="INVITE"><action>
<ereg regexp=".*" search_in="hdr" header="From:" assign_to="caller"/>
<ereg regexp=".*" search_in="hdr" header="To:" assign_to="callee"/>
<ereg regexp="sip:[^&gt;]*" search_in="hdr" header="Contact:" assign_to="target"/>
</action></recv>
<Reference variables="caller,callee,target"/>`,

  /** Answers the INVITE, with the To tag of this call. */
  respond(status: string, options: { sdp?: SdpOptions; headers?: readonly string[] } = {}): string {
    const lines = DIALOG.map((line) =>
      line === '[last_To:]' ? '[last_To:];tag=[pid]sipp[call_number]' : line,
    );
    const repeated = /^[2-6]/.test(status);
    return send([`SIP/2.0 ${status}`, ...lines, CONTACT, ...(options.headers ?? [])], options.sdp, repeated);
  },

  /** Sends a request of its own within the dialog. */
  request(method: string, cseq: number, sdp?: SdpOptions): string {
    const lines = [
      `${method} [$target] SIP/2.0`,
      'Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]',
      'From:[$callee];tag=[pid]sipp[call_number]',
      'To:[$caller]',
      '[last_Call-ID:]',
      `CSeq: ${cseq} ${method}`,
      CONTACT,
      'Max-Forwards: 70',
    ];
    return send(lines, sdp, method !== 'ACK');
  },
};

/** Steps of a caller. */
export const caller = {
  request(method: string, cseq: number, sdp?: SdpOptions): string {
    const first = method === 'INVITE' && cseq === 1;
    const lines = [
      `${method} ${first ? 'sip:[service]@[remote_ip]:[remote_port]' : '[next_url]'} SIP/2.0`,
      'Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]',
      'From: <sip:sipp@[local_ip]:[local_port]>;tag=[pid]sipp[call_number]',
      first ? 'To: <sip:[service]@[remote_ip]:[remote_port]>' : '[last_To:]',
      'Call-ID: [call_id]',
      `CSeq: ${cseq} ${method}`,
      CONTACT,
      'Max-Forwards: 70',
    ];
    return send(lines, sdp, method !== 'ACK');
  },
  /** 100 and 180, which need not come, and the 200. */
  answered: `<recv response="100" optional="true"/>
<recv response="180" optional="true"/>
<recv response="200" rrs="true"/>`,
};

/** Receives a request of a dialog that stands, and answers it with 200. */
export function accept(method: string): string {
  return `<recv request="${method}"/>\n${send(['SIP/2.0 200 OK', ...DIALOG, CONTACT])}`;
}

export function receive(what: { request: string } | { response: number }): string {
  return 'request' in what ? `<recv request="${what.request}"/>` : `<recv response="${what.response}"/>`;
}

export function pause(ms: number): string {
  return `<pause milliseconds="${ms}"/>`;
}

/** Plays a capture of RTP packets as they are. Needs the right to open raw sockets. */
export function playCapture(file: string, lengthMs: number): string {
  return `<nop><action><exec play_pcap_audio="${file}"/></action></nop>\n${pause(lengthMs)}`;
}

/** The whole scenario as SIPp reads it. */
export function scenario(name: string, ...steps: string[]): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<scenario name="${name}">\n${steps.join('\n')}\n</scenario>\n`;
}

function send(lines: readonly string[], sdp?: SdpOptions, repeated = false): string {
  const body = sdp ? description(sdp) : [];
  const type = sdp ? ['Content-Type: application/sdp'] : [];
  const message = [...lines, ...type, 'Content-Length: [len]', '', ...body];
  return `<send${repeated ? ' retrans="500"' : ''}><![CDATA[\n${message.join('\n')}\n]]></send>`;
}

function description({ formats = '8 101', attributes, direction = 'sendrecv' }: SdpOptions): string[] {
  return [
    'v=0',
    'o=sipp 1 1 IN IP[local_ip_type] [local_ip]',
    's=-',
    'c=IN IP[media_ip_type] [media_ip]',
    't=0 0',
    `m=audio [media_port] RTP/AVP ${formats}`,
    ...(attributes ?? ['a=rtpmap:101 telephone-event/8000', 'a=fmtp:101 0-15', 'a=ptime:20']),
    `a=${direction}`,
  ];
}
