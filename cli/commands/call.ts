import type { Arguments } from '../arguments';
import { UsageError } from '../arguments';
import type { Command, Terminal } from '../command';
import { EXIT, type ExitCode } from '../exit-codes';
import { PHONE_OPTIONS, phoneSettings } from '../phone';
import { safeText } from '../safe-text';
import { checkSound, recordingFolder, reportEnd, talk, TALK_OPTIONS, talkOf } from '../talk';
import { withPhone } from '../with-phone';

/** `sipflow call`: one outgoing call, without a flow. */
export const call: Command = {
  summary: 'call somebody, play, send digits, record',
  usage: 'TARGET',
  description: `Calls TARGET: a SIP URI, or a number where --from or --registrar says at which host.
Hangs up after --for, else when sound and digits are through, else waits for the other side to.
Fails when the call is not answered.`,
  options: { ...PHONE_OPTIONS, ...TALK_OPTIONS },
  positionals: 1,
  run,
};

async function run(given: Arguments, terminal: Terminal): Promise<ExitCode> {
  const [target] = given.positionals;
  if (target === undefined) throw new UsageError('Whom shall it call? TARGET is missing.');
  const what = talkOf(given);
  const settings = { ...phoneSettings(given, terminal), ...recordingFolder(what), port: 0 };
  return withPhone(settings, terminal, async (phone) => {
    await checkSound(phone, what);
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
    await talk(outgoing, what, terminal);
    await reportEnd(outgoing, terminal);
    return EXIT.passed;
  });
}
