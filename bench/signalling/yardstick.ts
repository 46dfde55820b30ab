/** Microseconds of one parse on the machine on which 0.25 ms was set as the target for a call. */
export const NOTED_PARSE_US = 794;
const ROUNDS = 6;
const PARSES = 100;

const INVITE = [
  'INVITE sip:service@127.0.0.1:5060 SIP/2.0',
  'Via: SIP/2.0/UDP 127.0.0.1:5061;branch=z9hG4bK-yardstick-1;rport',
  'From: "Load" <sip:load@127.0.0.1:5061>;tag=yardstick',
  'To: <sip:service@127.0.0.1:5060>',
  'Call-ID: yardstick@127.0.0.1',
  'CSeq: 1 INVITE',
  'Contact: <sip:load@127.0.0.1:5061>',
  'Max-Forwards: 70',
  'Content-Length: 0',
  '',
  '',
].join('\r\n');

/**
 * Processor time of one parse, microseconds: how fast this machine runs JavaScript at the moment.
 *
 * It is the parser of sip.js, whose code is the same everywhere and which the design notes timed as well: its
 * generated grammar keeps the processor busy for milliseconds, without input or output and without a line of ours. The
 * fastest of several rounds counts, so that neither the compiler nor other work makes the machine look slower.
 */
export async function measureMachine(): Promise<number> {
  const { Parser } = await import('sip.js/lib/core/index.js');
  const silent = (): void => undefined;
  const logger = { debug: silent, log: silent, warn: silent, error: silent } as unknown as Parameters<
    typeof Parser.parseMessage
  >[1];
  const rounds = Array.from({ length: ROUNDS }, () => {
    const before = process.cpuUsage();
    for (let parse = 0; parse < PARSES; parse++) Parser.parseMessage(INVITE, logger);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / PARSES;
  });
  return Math.round(Math.min(...rounds));
}
