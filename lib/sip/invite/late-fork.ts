import { answerChallenge, type AuthScope } from '../auth';
import type { SipContext } from '../dialog/context';
import type { HeaderField } from '../message/extra-headers';
import { parseNameAddress, splitList } from '../message/header-values';
import type { SipResponse } from '../message/sip-message';
import type { WrittenRequest } from '../message/written-message';
import type { FinalOutcome } from '../transaction/outcomes';
import type { DialogOrigin } from '../trust';

/**
 * End of the dialog of a fork that answers after another one: ACK and BYE (RFC 3261, 13.2.2.4). The function is kept
 * for 32 s after every call, so it knows of the call only how to authenticate.
 *
 * @param origin the host that was dialled, which decides about credentials
 */
export function endForks(
  { agent, trust }: Pick<SipContext, 'agent' | 'trust'>,
  auth: AuthScope,
  origin: DialogOrigin,
): (response: SipResponse) => WrittenRequest {
  return (response) => {
    const { headers } = response;
    const contact = splitList(headers.first('Contact') ?? '')[0] ?? '';
    const remoteTarget = parseNameAddress(contact)?.uri ?? '';
    const firstRoute = headers.all('Record-Route').flatMap(splitList).at(-1);
    const permitted = trust.within({ firstRoute, remoteTarget, flow: undefined }, origin);
    const exchange = auth.begin({ method: 'BYE', uri: remoteTarget }, permitted);
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
