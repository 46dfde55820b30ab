import type { RequestAnswer } from '../../lib/calls';
import { SipflowError } from '../../lib/common';
import type { FlowMessage } from '../shared/flow-types';

/** Response for the action `answer`, from `msg.request`, `msg.statusCode` and `msg.reason`. BAD_CONFIG. */
export function answerOf(
  { request, statusCode = 200, reason }: FlowMessage,
  content: Pick<RequestAnswer, 'body' | 'contentType' | 'headers'>,
): { id: string; answer: RequestAnswer } {
  const id = typeof request === 'object' && request !== null && 'id' in request ? request.id : request;
  if (typeof id !== 'string') {
    throw new SipflowError(
      'BAD_CONFIG',
      'msg.action answer needs msg.request, as the call events node has sent it.',
    );
  }
  const status = Number(statusCode);
  if (!Number.isInteger(status) || status < 200 || status > 699) {
    throw new SipflowError('BAD_CONFIG', 'msg.statusCode must be a whole number from 200 to 699.');
  }
  return { id, answer: { status, ...content, ...(typeof reason === 'string' ? { reason } : {}) } };
}
