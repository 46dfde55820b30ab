import assert from 'node:assert/strict';
import { NodeRed } from './support/node-red';

const flow = (text: string): object[] => {
  const node = (id: string, type: string, fields: object, next: string[][] = []) => ({
    ...{ id, type, z: 'tab', name: id, x: 100, y: 100, wires: next },
    ...fields,
  });
  return [
    { id: 'tab', type: 'tab', label: 'test', disabled: false, info: '', env: [] },
    { id: 'phone', type: 'sip-instance', name: 'Phone 1001', mode: 'simulation', dn: '1001' },
    node('ask', 'http in', { url: '/call', method: 'post' }, [['dial']]),
    node('dial', 'sip-make-call', { instance: 'phone', target: text }, [[], [], []]),
    node('catch', 'catch', { scope: ['dial'], uncaught: false }, [['tell']]),
    node('tell', 'function', { func: 'msg.payload = msg.error; return msg;', outputs: 1 }, [['answer']]),
    node('answer', 'http response', { statusCode: '200' }),
  ];
};

describe('errors in the language of Node-RED', function () {
  this.timeout(90000);

  it('are told in Korean, with the English sentence that has the details, and with the same code', async () => {
    const nodeRed = new NodeRed();
    try {
      nodeRed.install();
      await nodeRed.start(flow('sip:@@'), {}, { lang: 'ko' });
      const { json } = await nodeRed.post('/call', {});
      assert.equal(json.code, 'BAD_TARGET');
      assert.match(String(json.message), /^발신할 수 없는 대상입니다\. \(The target ".+\)$/);
    } finally {
      await nodeRed.dispose();
    }
  });
});
