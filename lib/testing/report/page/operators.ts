import { operatorText } from '../../../evidence';

const SIGNS: Readonly<Record<string, string>> = { lt: '<', lte: '≤', gt: '>', gte: '≥' };

/** An operator as a reader of a table knows it: `≥` of `gte`, `is not` of `isNot`. */
export function operatorSign(operator: string): string {
  return Object.hasOwn(SIGNS, operator) ? SIGNS[operator] : operatorText(operator);
}
