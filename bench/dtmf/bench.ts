/**
 * `npm run bench:dtmf [-- --quick] [-- --lib ROOT] [-- --voices FOLDER …] [-- --speeds 0.9,1,1.1]`: accuracy of the
 * in-band detector for digits under noise and tones, and its talk-off in speech and music. Prints progress, then one
 * JSON object as its last line. `--lib` measures the detector of another checkout. A folder of `--voices` holds a
 * folder of WAV files per voice, such as the `sounds` and `moh` of Debian's packages `asterisk-core-sounds-*-wav` and
 * `asterisk-moh-opsound-wav`. Synthetic speech needs espeak-ng.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { measureAccuracy } from './accuracy';
import { listenerOf, type Listen } from './listen';
import { presses, RATE } from './signals';
import { measureTalkOff } from './talk-off';
import { recordedVoices, synthesisedVoices } from './voices';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    lib: { type: 'string', default: join(__dirname, '..', '..') },
    voices: {
      type: 'string',
      multiple: true,
      default: ['/usr/share/asterisk/sounds', '/usr/share/asterisk'],
    },
    speeds: { type: 'string', default: '1' },
  },
});

async function main(): Promise<void> {
  const listen = await listenerOf(resolve(values.lib));
  const accuracy = measureAccuracy(listen);
  for (const { name, accept, sent, heard, met } of accuracy) {
    const figure = accept ? `${heard} of ${sent}` : `${heard} heard of ${sent}`;
    console.log(`${met ? 'met   ' : 'missed'} ${name.padEnd(46)} ${figure}`);
  }
  const speeds = values.speeds.split(',').map(Number);
  const voices = [
    ...values.voices.filter((folder) => existsSync(folder)).flatMap(recordedVoices),
    ...synthesisedVoices(values.quick ? 2 : 40),
  ];
  const talkOff = voices.map((voice) => {
    const result = measureTalkOff(listen, voice, speeds);
    console.log(`${result.digits.length} digits in ${result.minutes} min of ${result.voice}`);
    return result;
  });
  console.log(JSON.stringify({ accuracy, talkOff, cpu: measureCpu(listen) }));
}

/** CPU in microseconds per second of audio, for noise and digits: the cost of speech, the highest, varies. */
function measureCpu(listen: Listen): { digitsUs: number; noisyDigitsUs: number } {
  const cost = (samples: Int16Array): number => {
    listen(samples);
    const before = process.cpuUsage();
    for (let round = 0; round < 20; round++) listen(samples);
    const { user, system } = process.cpuUsage(before);
    return Math.round((user + system) / ((20 * samples.length) / RATE));
  };
  const keys = '123A456B789C*0#D'.repeat(20);
  return { digitsUs: cost(presses(keys, {})), noisyDigitsUs: cost(presses(keys, { snrDb: 10 })) };
}

void main();
