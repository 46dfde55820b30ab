import type { OutgoingCall } from '../../lib';
import type { CheckSpec } from '../../lib/testing';
import { newCommand, type AddCommand, type Terminal } from '../command';
import { EXIT, type ExitCode } from '../exit-codes';
import { expectations, meets } from '../expectations';
import { phoneSettings, withPhoneOptions, type PhoneArguments } from '../phone';
import { safeText } from '../safe-text';
import { checkSound, recordingFolder, reportEnd, talk, withTalkOptions, type Talk } from '../talk';
import { withPhone } from '../with-phone';

interface CallArguments extends PhoneArguments, Talk {
  expect?: CheckSpec[];
}

/** `sipflow call`: one outgoing call, without a flow. */
export const addCall: AddCommand = (program, terminal, finish) => {
  const command = newCommand('call')
    .summary('call somebody, play, send digits, record')
    .argument('<TARGET>', 'a SIP URI, or a number where --from or --registrar says at which host')
    .description(
      'Calls TARGET. Hangs up after --for, else when sound and digits are through, else waits for the other side to. ' +
        'Fails when the call is not answered or, with --expect, when it is not as expected.',
    );
  withPhoneOptions(command);
  withTalkOptions(command)
    .option(
      '--expect <CHECK>',
      'how the call shall be: "codec is PCMU", "status is 486"; repeatable',
      expectations,
    )
    .action(async (target: string, given: CallArguments) => finish(await run(target, given, terminal)));
  program.addCommand(command);
};

async function run(target: string, given: CallArguments, terminal: Terminal): Promise<ExitCode> {
  const settings = { ...phoneSettings(given, terminal), ...recordingFolder(given), port: 0 };
  return withPhone(settings, terminal, async (phone, world) => {
    await checkSound(phone, given);
    const outgoing = await phone.dial(target);
    terminal.print(`calling ${safeText(outgoing.ref.to)}`);
    outgoing.on('progress', ({ status, reason }) => terminal.print(safeText(`${status} ${reason}`)));
    const isAnswered = await makeCall(outgoing, given, terminal);
    const { expect } = given;
    // Who expects something judges a refused call too.
    const isGood = expect ? await meets(outgoing, expect, world.calls, terminal) : isAnswered;
    return isGood ? EXIT.passed : EXIT.failed;
  });
}

/** Whether the call was answered; it is over then. */
async function makeCall(call: OutgoingCall, given: CallArguments, terminal: Terminal): Promise<boolean> {
  const outcome = await call.outcome;
  if (outcome.kind === 'failed') {
    terminal.print(`failed: ${safeText(outcome.failure.message)}`);
    return false;
  }
  const { codec } = await call.info();
  terminal.print(`answered, ${codec}`);
  await talk(call, given, terminal);
  await reportEnd(call, terminal);
  return true;
}
