/** The four rows of the keypad, in Hz (ITU-T Q.23). */
export const ROW_HZ: readonly number[] = [697, 770, 852, 941];
/** The four columns of the keypad, in Hz (ITU-T Q.23). */
export const COLUMN_HZ: readonly number[] = [1209, 1336, 1477, 1633];
/** The digits, row by row. */
export const KEYPAD = '123A456B789C*0#D';
