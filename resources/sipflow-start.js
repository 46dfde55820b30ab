/* The buttons of test cases and loads on the canvas. */
(function () {
  'use strict';
  const sipflow = (window.sipflow = window.sipflow || {});
  if (sipflow.startTestCase) return;

  /** What the runtime's refusals mean, by their status. */
  const REFUSALS = { 401: 'forbidden', 403: 'forbidden', 404: 'undeployed', 409: 'running' };

  const startTestCase = (node) => start(node, 'test-case');
  const startLoad = (node) => start(node, 'load');

  /** Starts a node that is deployed, and says that it did, or why not. */
  function start(node, path) {
    const label = RED.utils.getNodeLabel(node, node._('node'));
    if (node.changed) return RED.notify(node._('notify.undeployed'), 'warning');
    $.ajax({ url: 'sipflow/' + path + '/' + encodeURIComponent(node.id), type: 'POST' })
      .done(() =>
        RED.notify(node._('notify.started', { label }), {
          type: 'success',
          id: 'sipflow-started',
          timeout: 2000,
        }),
      )
      .fail((reply) => {
        const fault = reply.responseJSON && reply.responseJSON.message;
        const key = reply.status === 0 ? 'unreachable' : REFUSALS[reply.status];
        RED.notify(
          $('<span/>').text(key || !fault ? node._('notify.' + (key || 'unreachable')) : fault)[0],
          'error',
        );
      });
  }

  Object.assign(sipflow, { startTestCase, startLoad });
})();
