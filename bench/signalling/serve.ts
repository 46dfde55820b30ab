import type { AnswerEnvelope, Envelope, PhoneAnswers, PhoneCommand } from './phone-protocol';

/** Makes this process one that the benchmark drives: `run` carries out its commands. */
export function serve(run: (command: PhoneCommand) => Promise<PhoneAnswers[keyof PhoneAnswers]>): void {
  // A benchmark that is interrupted takes its processes along.
  process.on('disconnect', () => process.exit());

  process.on('message', ({ id, command }: Envelope) => {
    const reply = (envelope: Omit<AnswerEnvelope, 'id'>): void => void process.send?.({ id, ...envelope });
    run(command).then(
      (answer) => {
        reply({ answer });
        if (command.type === 'close') process.disconnect();
      },
      (error: unknown) => reply({ error: error instanceof Error ? error.message : String(error) }),
    );
  });
}
