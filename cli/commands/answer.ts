import type { IncomingCall } from '../../lib';
import { wholeNumber } from '../arguments';
import { newCommand, type AddCommand, type Terminal } from '../command';
import { EXIT, type ExitCode } from '../exit-codes';
import { phoneSettings, withPhoneOptions, type PhoneArguments } from '../phone';
import { safeText } from '../safe-text';
import { checkSound, recordingFolder, reportEnd, talk, withTalkOptions, type Talk } from '../talk';
import { withPhone } from '../with-phone';

interface AnswerArguments extends PhoneArguments, Talk {
  port?: number;
}

/** `sipflow answer`: waits for one call and answers it. */
export const addAnswer: AddCommand = (program, terminal, finish) => {
  const command = newCommand('answer')
    .summary('wait for a call and answer it, play, send digits, record')
    .description(
      'Waits for one call to any number and answers it. Hangs up after --for, else when sound and digits are ' +
        'through, else waits for the other side to.',
    );
  withPhoneOptions(command).option(
    '--port <PORT>',
    'where it listens, by default 5060; 0 takes a free port',
    wholeNumber(0, 65_535),
  );
  withTalkOptions(command).action(async (given: AnswerArguments) => finish(await run(given, terminal)));
  program.addCommand(command);
};

async function run(given: AnswerArguments, terminal: Terminal): Promise<ExitCode> {
  const settings = {
    ...phoneSettings(given, terminal),
    ...recordingFolder(given),
    ...(given.port !== undefined && { port: given.port }),
  };
  return withPhone(settings, terminal, async (phone) => {
    await checkSound(phone, given);
    const incoming = new Promise<IncomingCall>((resolve) => {
      const forget = phone.onCall((call) => {
        forget();
        resolve(call);
      });
    });
    terminal.print(`waiting for a call at port ${phone.address?.port}`);
    const call = await incoming;
    terminal.print(`call from ${safeText(call.ref.from)}`);
    await call.answer();
    const { codec } = await call.info();
    terminal.print(`answered, ${codec}`);
    await talk(call, given, terminal);
    await reportEnd(call, terminal);
    return EXIT.passed;
  });
}
