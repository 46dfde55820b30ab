import { type Clock, SipflowError, TurnoverMap } from '../../common';
import {
  assertBody,
  type IncomingRequest,
  randomToken,
  type SipEndpoint,
  type SipResponseInfo,
} from '../../sip';
import { requestOutcome } from '../report/request-report';
import { readableBody } from '../report/text-message';
import { bodyOf, methodName } from '../request-method';
import type { CallRoute } from '../target/route';
import { answeredWithin } from '../time-limit';
import type {
  PhoneRequestOptions,
  PhoneSubscription,
  ReceivedRequest,
  RequestAnswer,
  RequestOutcome,
  SubscribeRequest,
} from '../types';
import { RunningSubscription } from './running-subscription';

/** Requests that a program may still answer; twice the limit of the endpoint. */
const MAX_DEFERRED = 128;

export interface PhoneRequestsHost {
  readonly clock: Clock;
  /** Route of a request to a target field. BAD_TARGET, BAD_CONFIG. */
  route(target: string): CallRoute;
  /** INSTANCE_NOT_READY. */
  endpoint(): SipEndpoint;
}

/** The requests of a phone outside of calls, both ways. */
export class PhoneRequests {
  readonly #deferred = new TurnoverMap<string, IncomingRequest>();

  constructor(private readonly host: PhoneRequestsHost) {}

  async send(options: PhoneRequestOptions): Promise<RequestOutcome> {
    const { host } = this;
    const endpoint = host.endpoint();
    const method = methodName(options.method);
    const body = bodyOf(options);
    assertBody(body);
    const { target, headers, timeout } = options;
    const { uri, phone, unknown } = host.route(target);
    const began = host.clock.now();
    if (unknown !== undefined) return requestOutcome(method, nobody(unknown), 0);
    const response = await answeredWithin(
      host.clock,
      timeout,
      endpoint.request({
        ...{ method, target: uri },
        ...(phone ? { destination: phone.address } : {}),
        ...(headers ? { headers } : {}),
        ...(body ? { body } : {}),
      }),
    );
    return requestOutcome(method, response, host.clock.now() - began);
  }

  subscribe(options: SubscribeRequest): PhoneSubscription {
    const { target, event, expires, headers, timeout } = options;
    const endpoint = this.host.endpoint();
    const body = bodyOf(options);
    const { uri, phone, unknown } = this.host.route(target);
    if (unknown !== undefined) throw new SipflowError('BAD_TARGET', noSuchPhone(unknown));
    const subscription = endpoint.subscribe({
      ...{ target: uri, event },
      ...(expires === undefined ? {} : { expires }),
      ...(phone ? { destination: phone.address } : {}),
      ...(headers ? { headers } : {}),
      ...(body ? { body } : {}),
    });
    return new RunningSubscription(subscription, this.host.clock, timeout);
  }

  /**
   * A request that came in, as programs see it.
   *
   * @returns also `defer`, which puts the default answer off, so that `answer` can be called
   */
  received(incoming: IncomingRequest): { request: ReceivedRequest; defer: () => boolean } {
    const { request, trusted } = incoming;
    const { method, requestUri, headers, body } = request;
    const id = `request-${randomToken()}`;
    const defer = (): boolean => {
      if (!incoming.defer()) return false;
      const oldest = this.#deferred.size >= MAX_DEFERRED ? this.#deferred.first() : undefined;
      if (oldest) this.#deferred.delete(oldest[0]);
      this.#deferred.set(id, incoming);
      return true;
    };
    return {
      defer,
      request: {
        ...{ id, method, target: requestUri, trusted, headers },
        from: headers['From']?.[0] ?? '',
        to: headers['To']?.[0] ?? '',
        contentType: body?.contentType ?? null,
        body: body ? readableBody(body) : null,
      },
    };
  }

  answer(id: string, answer: RequestAnswer): boolean {
    const { status, reason, headers } = answer;
    const body = bodyOf(answer);
    assertBody(body);
    const incoming = this.#deferred.get(id);
    const sent = incoming?.respond({
      status,
      ...(reason ? { reason } : {}),
      ...(headers ? { headers } : {}),
      ...(body ? { body } : {}),
    });
    this.#deferred.delete(id);
    return sent === true;
  }
}

/** Response for a number that no simulated phone has, as a network would give it. */
function nobody(number: string): SipResponseInfo {
  return {
    status: 404,
    reason: 'Not Found',
    headers: {},
    diagnosis: noSuchPhone(number),
  };
}

function noSuchPhone(number: string): string {
  return `No simulated phone has the number ${number}.`;
}
