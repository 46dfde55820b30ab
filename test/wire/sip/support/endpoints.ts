import { createEndpoint } from '../../../../lib/sip/index';
import type {
  DialogEvents,
  EndpointDependencies,
  EndpointOptions,
  IncomingInvite,
  InspectableEndpoint,
  MessageBody,
  OutgoingInvite,
  SipDialog,
  SipEndpoint,
  SipResponseInfo,
} from '../../../../lib/sip/index';
import { RawPeer, SDP } from './raw-peer';

export const OFFER: MessageBody = { contentType: 'application/sdp', content: SDP };
export const ANSWER: MessageBody = { contentType: 'application/sdp', content: SDP.replace('4000', '5000') };

/** Opens endpoints and raw peers, and closes what a test has opened. */
export class Bench {
  readonly #open: { close(limitMs?: number): Promise<void> }[] = [];

  /** @param defaults what every endpoint of this test has instead of the usual options */
  constructor(private readonly defaults: Partial<EndpointOptions> = {}) {}

  async endpoint(
    user: string,
    options: Partial<EndpointOptions> = {},
    {
      onCreated,
      ...dependencies
    }: EndpointDependencies & { onCreated?: (endpoint: InspectableEndpoint) => void } = {},
  ): Promise<InspectableEndpoint> {
    const endpoint = createEndpoint(
      {
        transport: 'udp',
        bindAddress: '127.0.0.1',
        port: 0,
        user,
        userAgent: 'SIPFLOW test',
        ...this.defaults,
        ...options,
      },
      dependencies,
    );
    this.#open.push(endpoint);
    onCreated?.(endpoint);
    await endpoint.start();
    return endpoint;
  }

  /** @param repeats whether what arrives again counts, which it does in time that stands still but for the test */
  async raw(repeats = false): Promise<RawPeer> {
    const peer = await RawPeer.open(repeats);
    this.#open.push(peer);
    return peer;
  }

  /** @param limitMs how long endpoints wait for answers; 0 when the peers are gone or time stands still */
  async close(limitMs = 500): Promise<void> {
    const [peers, endpoints] = [
      this.#open.filter((each) => each instanceof RawPeer),
      this.#open.filter((each) => !(each instanceof RawPeer)),
    ];
    await Promise.all(endpoints.map((each) => each.close(limitMs)));
    await Promise.all(peers.map((each) => each.close()));
    this.#open.length = 0;
  }
}

export function uriOf(endpoint: SipEndpoint, user = 'bob'): string {
  return `sip:${user}@127.0.0.1:${endpoint.localAddress.port}`;
}

export interface Answered {
  response: SipResponseInfo;
  dialog: SipDialog;
}

/** Resolves when the INVITE is answered, rejects when it fails. */
export function answered(call: OutgoingInvite): Promise<Answered> {
  return new Promise((resolve, reject) => {
    call.on('answered', (response, dialog) => resolve({ response, dialog }));
    call.on('failed', ({ status }, origin) => reject(new Error(`failed with ${status} (${origin})`)));
  });
}

export interface Failed {
  response: SipResponseInfo;
  origin: string;
}

/** Resolves when the INVITE fails, rejects when it is answered. */
export function failed(call: OutgoingInvite): Promise<Failed> {
  return new Promise((resolve, reject) => {
    call.on('failed', (response, origin) => resolve({ response, origin }));
    call.on('answered', () => reject(new Error('was answered')));
  });
}

export function nextInvite(endpoint: SipEndpoint): Promise<IncomingInvite> {
  return new Promise((resolve) => {
    const remove = endpoint.on('invite', (invite) => {
      remove();
      resolve(invite);
    });
  });
}

/** An answered call between two endpoints. */
export async function connect(
  caller: SipEndpoint,
  callee: SipEndpoint,
): Promise<{ near: SipDialog; far: SipDialog }> {
  const incoming = nextInvite(callee);
  const call = caller.invite({ target: uriOf(callee), body: OFFER });
  const outcome = answered(call);
  const { dialog: far, acknowledged } = (await incoming).accept({ body: ANSWER });
  const { dialog: near } = await outcome;
  await acknowledged;
  return { near, far };
}

/** Resolves with the first occurrence of a dialog's event. */
export function once<K extends keyof DialogEvents>(dialog: SipDialog, event: K): Promise<DialogEvents[K][0]> {
  return new Promise((resolve) => {
    dialog.on(event, (...args) => resolve(args[0]));
  });
}
