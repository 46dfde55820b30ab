import type {
  Body,
  Dialog,
  LoggerFactory,
  OutgoingRequestMessageOptions,
  URI,
  UserAgentCore,
} from 'sip.js/lib/core';
import { TurnoverMap } from '../../common';
import type { LocalIdentity } from '../transport/identity';
import type { ResponseOptions } from '../message/serialise';
import type { SipRequest } from '../message/sip-message';
import type { WrittenMessage } from '../message/written-message';
import type { DialogFlow } from '../transport/dialog-flow';
import type { Peer, Sent } from '../transport/transport';
import type { CoreModule } from './core-module';
import { CONTACT_PLACE } from '../message/default-answers';
import { parseNameAddress } from '../message/header-values';
import { parseSipUri, uriHost } from '../message/uri';
import { CallerUri, verbatimUri, type CoreMessages, type CoreRequest } from './core-messages';
import type { OutgoingRequest } from './outgoing-request';
import { headerField } from './core-server';
import type { HeaderField } from '../message/extra-headers';

/** Endpoint around the core: identity, and the way out for messages. */
export interface CoreAgentHost {
  readonly identity: LocalIdentity;
  /**
   * Sends a message. Must not throw.
   *
   * @param next where a request goes that has just been made for this destination
   * @param sent never called before this function has returned
   */
  transmit(message: WrittenMessage, next: Peer | undefined, sent: Sent): void;
  /** Stops sending the request with that key again: its answer is not waited for any more. */
  giveUp(key: string): void;
  /** Answers a request without a transaction. */
  answer(request: SipRequest, source: Peer, response: ResponseOptions): void;
}

/** The core, as the dialogs see it that make a request. */
export interface DialogRequests {
  /** Of the dialog whose request is being made. */
  flow: DialogFlow | undefined;
}

/** The Contact of our responses, which depends on who asks; `toString` marks the places where it belongs. */
export interface CoreContact {
  toString(): string;
  toward(request: CoreRequest): string;
}

/**
 * The core itself, set up so that what it writes is written by us.
 *
 * @param next address of the peer that the request being made goes to, when that is known
 */
export function createUserAgentCore(
  core: CoreModule,
  messages: CoreMessages,
  host: CoreAgentHost,
  send: (message: WrittenMessage, sent: Sent) => void,
  next: () => string | undefined,
): UserAgentCore {
  const { identity } = host;

  class Agent extends core.UserAgentCore implements DialogRequests {
    flow: DialogFlow | undefined;

    override makeOutgoingRequestMessage(
      method: string,
      target: URI,
      from: URI,
      to: URI,
      options: OutgoingRequestMessageOptions,
      // Not lines: `opaqueLines` says why.
      lines: string[] = [],
      body?: Body,
    ): OutgoingRequest {
      const { flow } = this;
      const self = identity.toward(
        identity.varies ? (next() ?? flow?.peer.address ?? nextHop(options.routeSet, target)) : undefined,
      );
      const caller = CallerUri.callerOf(from);
      const contact = isSecure(target.toRaw()) ? self.secureContact : self.contact;
      const message = new messages.OutgoingRequest(method, target, from, to, options, body, {
        displayName: caller?.displayName ?? identity.displayName,
        sentBy: self.sentBy,
        fields: identity.requestFields(
          method,
          lines as unknown as HeaderField[],
          caller?.withheld ? withoutNumber(contact) : contact,
        ),
      });
      message.flow = flow;
      return message;
    }

    override replyStateless(
      message: CoreRequest,
      options: { statusCode: number; extraHeaders?: string[] },
    ): { message: string } {
      host.answer(message.received, message.source, {
        status: options.statusCode,
        fields: options.extraHeaders?.map(headerField),
      });
      return { message: '' };
    }
  }

  const contact: CoreContact = {
    toString: () => CONTACT_PLACE,
    toward: ({ source, received }) => identity.contactFor(received, source),
  };
  const agent = new Agent({
    aor: verbatimUri(identity.uri),
    contact: {
      pubGruu: undefined,
      tempGruu: undefined,
      uri: verbatimUri(identity.uri),
      ...contact,
    },
    displayName: '',
    hackViaTcp: false,
    loggerFactory: SILENT_LOGGERS,
    routeSet: [],
    sipjsId: '',
    supportedOptionTags: [],
    supportedOptionTagsResponse: [],
    userAgentHeaderFieldValue: undefined,
    viaForceRport: true,
    viaHost: '',
    authenticationFactory: () => undefined,
    // What the core takes for texts are messages of ours.
    transportAccessor: () => ({
      protocol: identity.protocol,
      // Called by `Transaction.send` of `patchCore` alone.
      send: send as unknown as (text: string) => Promise<void>,
    }),
  });
  // Half of what is allocated for a call hangs on these.
  return Object.assign(agent, {
    userAgentClients: new TurnoverMap(),
    userAgentServers: new TurnoverMap(),
    dialogs: NO_DIALOGS,
  });
}

/** A Contact that leads to us, and does not tell which phone it is (RFC 3323, 4.1.1.3). */
function withoutNumber(contact: string): string {
  return contact.replace(/^(<sips?:)[^@>]*@/, '$1anonymous@');
}

function isSecure(uri: string): boolean {
  return /^sips:/i.test(uri);
}

/** Host of the first Route, or of the target (RFC 3261, 8.1.2). */
function nextHop(routeSet: readonly string[] = [], target: URI): string | undefined {
  const route = routeSet[0] === undefined ? undefined : parseNameAddress(routeSet[0])?.uri;
  const uri = parseSipUri(route ?? target.toRaw());
  return uri && uriHost(uri);
}

/** The dispatcher finds dialogs in a list of ours, and no request gets to the core without its dialog. */
const NO_DIALOGS = new (class extends Map<string, Dialog> {
  override set(): this {
    return this;
  }
})();

const nothing = (): void => undefined;
const SILENT_LOGGER = { log: nothing, debug: nothing, warn: nothing, error: nothing };
const SILENT_LOGGERS = { getLogger: () => SILENT_LOGGER } as unknown as LoggerFactory;
