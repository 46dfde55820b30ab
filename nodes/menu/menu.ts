import type { NodeAPI } from 'node-red';
import type { MenuOptions, MenuResult } from '../../lib/calls';
import { toKeys } from '../shared/field-values';
import type { FlowMessage, SipNode, SipNodeDef } from '../shared/flow-types';
import { Fields } from '../shared/message-fields';
import { onInput, until } from '../shared/on-input';
import { isCallEnded, sendFinal } from '../shared/outputs';
import { NodeStatus } from '../shared/status';
import { menuFields } from './fields';

/** Place behind the outputs of the choices. */
const OUTPUT = { 'no-input': 0, invalid: 1, ended: 2 };

const CALL_WAS_OVER: MenuResult = { choice: null, label: null, digits: '', tries: 0, reason: 'ended' };

export = (RED: NodeAPI): void => {
  /** Asks the other side to choose by keys; each choice has an output. */
  function MenuNode(this: SipNode, config: SipNodeDef): void {
    RED.nodes.createNode(this, config);
    const status = new NodeStatus(this);
    const fields = new Fields(RED, this, menuFields, config);

    onInput(this, status, async (msg, send, signal) => {
      const options = await menuOptions(fields, msg);
      const { choices } = options;
      this.outputNames = [...choices.map(({ match, label }) => label || match), ...Object.keys(OUTPUT)];
      const ask = async (): Promise<MenuResult> => {
        const call = await fields.call(msg);
        const activity = status.begin('listening');
        return until(signal, call.menu({ ...options, signal })).finally(() => activity.end());
      };

      let result: MenuResult;
      try {
        result = await ask();
      } catch (error) {
        if (!isCallEnded(error)) throw error;
        result = CALL_WAS_OVER;
      }
      msg.menu = { ...result };
      const { reason, choice } = result;
      const output =
        reason === 'matched'
          ? choices.findIndex(({ match }) => match === choice)
          : choices.length + OUTPUT[reason];
      sendFinal(send, output, msg);
    });
  }

  RED.nodes.registerType('sip-menu', MenuNode);
};

async function menuOptions(fields: Fields<typeof menuFields.fields>, msg: FlowMessage): Promise<MenuOptions> {
  const prompt = await fields.source(msg, 'prompt');
  const noInputPrompt = fields.plainSound('noInputPrompt', msg);
  const invalidPrompt = fields.plainSound('invalidPrompt', msg);
  return {
    choices: fields.branches('choices'),
    bargeIn: fields.flag('bargeIn'),
    firstDigitTimeout: fields.plainNumber('firstDigitTimeout'),
    interDigitTimeout: fields.plainNumber('interDigitTimeout'),
    tries: fields.plainNumber('tries'),
    terminator: toKeys('terminator', fields.plainText('terminator')),
    ...(prompt === undefined ? {} : { prompt }),
    ...(noInputPrompt === undefined ? {} : { noInputPrompt }),
    ...(invalidPrompt === undefined ? {} : { invalidPrompt }),
  };
}
