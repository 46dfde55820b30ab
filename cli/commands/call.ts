import { newCommand, type AddCommand, type Terminal } from '../command';
import { EXIT, type ExitCode } from '../exit-codes';
import { phoneSettings, withPhoneOptions, type PhoneArguments } from '../phone';
import { safeText } from '../safe-text';
import { checkSound, recordingFolder, reportEnd, talk, withTalkOptions, type Talk } from '../talk';
import { withPhone } from '../with-phone';

interface CallArguments extends PhoneArguments, Talk {}

/** `sipflow call`: one outgoing call, without a flow. */
export const addCall: AddCommand = (program, terminal, finish) => {
  const command = newCommand('call')
    .summary('call somebody, play, send digits, record')
    .argument('<TARGET>', 'a SIP URI, or a number where --from or --registrar says at which host')
    .description(
      'Calls TARGET. Hangs up after --for, else when sound and digits are through, else waits for the other side to. ' +
        'Fails when the call is not answered.',
    );
  withPhoneOptions(command);
  withTalkOptions(command).action(async (target: string, given: CallArguments) =>
    finish(await run(target, given, terminal)),
  );
  program.addCommand(command);
};

async function run(target: string, given: CallArguments, terminal: Terminal): Promise<ExitCode> {
  const settings = { ...phoneSettings(given, terminal), ...recordingFolder(given), port: 0 };
  return withPhone(settings, terminal, async (phone) => {
    await checkSound(phone, given);
    const outgoing = await phone.dial(target);
    terminal.print(`calling ${safeText(outgoing.ref.to)}`);
    outgoing.on('progress', ({ status, reason }) => terminal.print(safeText(`${status} ${reason}`)));
    const outcome = await outgoing.outcome;
    if (outcome.kind === 'failed') {
      terminal.print(`failed: ${safeText(outcome.failure.message)}`);
      return EXIT.failed;
    }
    const { codec } = await outgoing.info();
    terminal.print(`answered, ${codec}`);
    await talk(outgoing, given, terminal);
    await reportEnd(outgoing, terminal);
    return EXIT.passed;
  });
}
