import { Tests } from './tests';

/** The tests of this process: its nodes define and run them, its sidebar and its command line watch them. */
export const processTests = new Tests();
