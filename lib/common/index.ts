/** Common to all layers: errors with codes, time, text from the network, and collections with a limit. */
export { systemClock, type Clock, type TimerHandle } from './clock';
export { DEFAULTS } from './defaults';
export { SafeEmitter, type Listeners } from './emitter';
export { ERROR_CODES, SipflowError, toSipflowError, type ErrorCode, type Failure } from './errors';
export {
  anObject,
  assertOptions,
  callback,
  flag,
  headerFields,
  listOf,
  number,
  oneOf,
  shape,
  text,
  whole,
  type Rule,
  type Rules,
} from './rules';
export { compileSafePattern, type SafePattern } from './safe-pattern';
export { maskHeaders, maskKeys, maskSecrets, maskSecretsEvenly } from './secrets';
export { settledWithin } from './settled';
export { decimal, detached, isBlank, trimmed, words } from './text';
export { shortTime } from './times';
export { TurnoverMap, TurnoverSet } from './turnover';
