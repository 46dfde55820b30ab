/** What the plugins may use of the nodes. */
export { ladderOfSides, titleOf } from './shared/call-ladder';
export { nodesOfCall } from './shared/call-visits';
export { planOf as usualPlan } from './load/plan';
export { caseOf as loadCase, runCase as runLoadCase } from './load/run-case';
export { localised } from './shared/localise';
export type { PhoneNode } from './shared/phone-node';
export { tabOf } from './shared/tab';
export { world } from './shared/world';
export type { TestCaseNode } from './test-case/button';
