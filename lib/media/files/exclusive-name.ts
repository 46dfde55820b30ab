import { extname } from 'node:path';
import { SipflowError } from '../../common';

/** Highest counter that a name gets. */
const MAX_COUNTER = 1_000_000;
/** Names tried after the one that was found free, when other programs take them at the same time. */
const MAX_TRIES = 100;

/** File system operations for finding a free name. */
export interface NameFs {
  /** Creates exclusively; throws EEXIST when the name is taken. */
  create(file: string): number;
  taken(file: string): boolean;
}

/**
 * Creates a file under the wanted name or, when that is taken, with `-2`, `-3`, … before the extension. The free
 * counter is found by doubling and halving, so the ten thousandth file of a name costs 30 looks and not 10,000. Where
 * some in the middle were deleted, any free one may come out. Nothing that exists is ever opened.
 *
 * @throws SipflowError FILE_ACCESS when the counters of this name are used up; what the file system throws otherwise.
 */
export function createExclusively(wanted: string, fs: NameFs): { file: string; fd: number } {
  const name = counted(wanted);
  const first = tryToCreate(wanted, fs);
  if (first) return first;
  const free = freeCounter((counter) => fs.taken(name(counter)));
  for (let counter = free; counter < free + MAX_TRIES && counter <= MAX_COUNTER; counter++) {
    const created = tryToCreate(name(counter), fs);
    if (created) return created;
  }
  throw new SipflowError(
    'FILE_ACCESS',
    `The recording ${wanted} cannot be written: too many recordings have this name. ` +
      'Put {{timestamp}} or {{call}} into the name, or delete old recordings.',
  );
}

function counted(wanted: string): (counter: number) => string {
  const extension = extname(wanted);
  const stem = wanted.slice(0, wanted.length - extension.length);
  return (counter) => `${stem}-${counter}${extension}`;
}

function tryToCreate(file: string, fs: NameFs): { file: string; fd: number } | undefined {
  try {
    return { file, fd: fs.create(file) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined;
    throw error;
  }
}

/** A counter from 2 on that is free while the one below it is taken; above the highest when none is. */
function freeCounter(isTaken: (counter: number) => boolean): number {
  let taken = 1;
  let free = 2;
  while (free <= MAX_COUNTER && isTaken(free)) {
    taken = free;
    free *= 2;
  }
  free = Math.min(free, MAX_COUNTER + 1);
  while (free - taken > 1) {
    const middle = (free + taken) >> 1;
    if (isTaken(middle)) taken = middle;
    else free = middle;
  }
  return free;
}
