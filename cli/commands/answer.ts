import type { IncomingCall } from '../../lib';
import { numberOf, type Arguments } from '../arguments';
import type { Command, Terminal } from '../command';
import { EXIT, type ExitCode } from '../exit-codes';
import { PHONE_OPTIONS, phoneSettings } from '../phone';
import { safeText } from '../safe-text';
import { checkSound, recordingFolder, reportEnd, talk, TALK_OPTIONS, talkOf } from '../talk';
import { withPhone } from '../with-phone';

/** `sipflow answer`: waits for one call and answers it. */
export const answer: Command = {
  summary: 'wait for a call and answer it, play, send digits, record',
  usage: '',
  description: `Waits for one call to any number and answers it.
Hangs up after --for, else when sound and digits are through, else waits for the other side to.`,
  options: {
    ...PHONE_OPTIONS,
    port: { value: 'PORT', help: 'where it listens, by default 5060; 0 takes a free port' },
    ...TALK_OPTIONS,
  },
  positionals: 0,
  run,
};

async function run(given: Arguments, terminal: Terminal): Promise<ExitCode> {
  const what = talkOf(given);
  const port = numberOf(given, 'port', 0, 65_535);
  const settings = {
    ...phoneSettings(given, terminal),
    ...recordingFolder(what),
    ...(port !== undefined && { port }),
  };
  return withPhone(settings, terminal, async (phone) => {
    await checkSound(phone, what);
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
    await talk(call, what, terminal);
    await reportEnd(call, terminal);
    return EXIT.passed;
  });
}
