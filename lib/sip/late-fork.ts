import { answerChallenge, type AuthScope } from './auth';
import type { CoreAgent } from './core-adapter/core-agent';
import type { FinalOutcome } from './core-adapter/outcomes';
import type { HeaderField } from './message/extra-headers';
import { parseNameAddress, splitList } from './message/header-values';
import type { SipResponse } from './message/sip-message';
import type { WrittenRequest } from './message/written-message';

/**
 * What ends the dialog of a fork that answers after another one: ACK and BYE (RFC 3261, 13.2.2.4). It is kept for
 * 32 s after every call, so it knows of the call only how to authenticate.
 */
export function endForks(agent: CoreAgent, auth: AuthScope): (response: SipResponse) => WrittenRequest {
  return (response) => {
    const contact = splitList(response.headers.first('Contact') ?? '')[0] ?? '';
    const exchange = auth.begin({ method: 'BYE', uri: parseNameAddress(contact)?.uri ?? '' });
    let cseq = response.cseq.number;
    const attempt = (): void => {
      const fields = exchange.headers.map(([name, value]): HeaderField => [name, value]);
      agent.byeFork(response, ++cseq, fields, { final });
    };
    const final = ({ response: answer }: FinalOutcome): void => {
      if (answerChallenge(exchange, answer)?.kind === 'retry') attempt();
    };
    const ack = agent.ackFork(response);
    attempt();
    return ack;
  };
}
