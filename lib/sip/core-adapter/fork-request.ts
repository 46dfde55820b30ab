import type { UserAgentCore } from 'sip.js/lib/core';
import type { HeaderField } from '../message/extra-headers';
import { parseNameAddress, quote, splitList } from '../message/header-values';
import type { SipResponse } from '../message/sip-message';
import { CallerUri, verbatimUri } from './core-messages';
import { opaqueLines } from './core-server';
import { DialogFlow } from '../transport/dialog-flow';
import type { OutgoingRequest } from './outgoing-request';

/**
 * A request in the dialog that a 2xx to our INVITE makes, from nothing but that 2xx (RFC 3261, 12.1.2): for forks
 * that answer after the call has its dialog.
 */
export function forkRequest(
  core: UserAgentCore,
  method: 'ACK' | 'BYE',
  response: SipResponse,
  cseq: number,
  fields: readonly HeaderField[] = [],
): OutgoingRequest {
  const { headers, callId, fromTag, toTag, from, to } = response;
  const contact = splitList(headers.first('Contact') ?? '')[0];
  const target = (contact && parseNameAddress(contact)?.uri) ?? to?.uri ?? '';
  const routeSet = headers.all('Record-Route').flatMap(splitList).reverse();
  const request = core.makeOutgoingRequestMessage(
    method,
    verbatimUri(target),
    CallerUri.of({
      uri: from?.uri ?? '',
      displayName: from?.displayName === undefined ? '' : quote(from.displayName).slice(1, -1),
      withheld: false,
    }),
    verbatimUri(to?.uri ?? ''),
    { callId, fromTag, toTag, cseq, routeSet },
    opaqueLines(fields),
  ) as OutgoingRequest;
  request.flow = response.source && new DialogFlow(response.source, true);
  return request;
}
