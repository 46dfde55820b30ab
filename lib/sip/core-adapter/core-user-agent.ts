import type { Body, LoggerFactory, OutgoingRequestMessageOptions, URI, UserAgentCore } from 'sip.js/lib/core';
import type { LocalIdentity } from '../identity';
import type { ResponseOptions } from '../message/serialise';
import type { SipRequest } from '../message/sip-message';
import type { Peer } from '../transport/transport';
import type { CoreModule } from './core-module';
import { verbatimUri, type CoreMessages, type CoreRequest, type OutgoingRequest } from './core-messages';
import { headerField } from './core-server';

/** What the core needs from the endpoint around it. */
export interface CoreAgentHost {
  readonly identity: LocalIdentity;
  /**
   * Sends a message that the core wrote. Must not throw; rejects when it could not be handed to the network.
   *
   * @param next where a request goes that has just been made for this destination
   */
  transmit(text: string, next: Peer | undefined): Promise<void>;
  /** Answers a request without a transaction. */
  answer(request: SipRequest, source: Peer, response: ResponseOptions): void;
}

/** The core itself, set up so that what it writes is written by us. */
export function createUserAgentCore(
  core: CoreModule,
  messages: CoreMessages,
  host: CoreAgentHost,
  send: (text: string) => Promise<void>,
): UserAgentCore {
  const { identity } = host;

  class Agent extends core.UserAgentCore {
    override makeOutgoingRequestMessage(
      method: string,
      target: URI,
      from: URI,
      to: URI,
      options: OutgoingRequestMessageOptions,
      lines: string[] = [],
      body?: Body,
    ): OutgoingRequest {
      const own = { fromDisplayName: identity.displayName, forceRport: true, viaHost: identity.sentBy };
      const message = new messages.OutgoingRequest(
        method,
        target,
        from,
        to,
        { ...options, ...own },
        [],
        body,
      );
      const extra = lines.map(headerField);
      message.fields = [...identity.requestFields(method, extra), ...extra];
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

  return new Agent({
    aor: verbatimUri(identity.uri),
    contact: {
      pubGruu: undefined,
      tempGruu: undefined,
      uri: verbatimUri(identity.uri),
      toString: () => identity.contact,
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
    transportAccessor: () => ({ protocol: identity.protocol, send }),
  });
}

const nothing = (): void => undefined;
const SILENT_LOGGER = { log: nothing, debug: nothing, warn: nothing, error: nothing };
const SILENT_LOGGERS = { getLogger: () => SILENT_LOGGER } as unknown as LoggerFactory;
