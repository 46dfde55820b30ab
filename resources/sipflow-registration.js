/* The button of a phone's form that registers once with what the form says, and tells in words how that went. */
(function () {
  'use strict';
  const sipflow = (window.sipflow = window.sipflow || {});
  if (sipflow.testRegistration) return;

  const PREFIX = '#node-config-input-';
  /** What Node-RED shows instead of a password that is stored. */
  const STORED = '__PWRD__';

  /** Adds the button and its result to a tab of the open form. */
  function testRegistration(node, tab) {
    const result = $('<div/>', { id: 'sipflow-registration-result', class: 'sipflow-hint', role: 'status' });
    const button = $('<button/>', {
      type: 'button',
      id: 'sipflow-test-registration',
      class: 'red-ui-button',
    });
    button.text(sipflow.text('registration.test'));
    const row = $('<div/>', { class: 'form-row sipflow-button' }).append(button, result).appendTo(tab);
    const show = () =>
      row.toggle(fieldOf('mode') === 'network' && String(fieldOf('registrar')).trim() !== '');
    $(PREFIX + 'mode, ' + PREFIX + 'registrar').on('input change', show);
    show();

    const say = (key, values) => result.text(sipflow.text('registration.' + key, values));
    button.on('click', () => {
      button.prop('disabled', true);
      say('running');
      $.ajax({
        url: 'sipflow/test-registration',
        type: 'POST',
        contentType: 'application/json',
        data: JSON.stringify(question(node)),
      })
        .done(({ outcome, ...facts }) => say(outcome, facts))
        .fail(({ status }) => say(status === 401 || status === 403 ? 'forbidden' : 'unreachable'))
        .always(() => button.prop('disabled', false));
    });
  }

  /** The fields as the form shows them; those that it keeps elsewhere, such as lists, as they are stored. */
  function question(node) {
    const names = Object.keys(node._def.defaults);
    const fields = Object.fromEntries(
      names.map((name) => [name, $(PREFIX + name).length ? fieldOf(name) : node[name]]),
    );
    const password = $(PREFIX + 'password').val();
    return password === STORED ? { id: node.id, fields } : { id: node.id, fields, password };
  }

  function fieldOf(name) {
    const input = $(PREFIX + name);
    if (input.is(':checkbox')) return input.prop('checked');
    const value = input.val();
    // The choice of a config node that is not made yet.
    return value === '_ADD_' ? '' : value;
  }

  Object.assign(sipflow, { testRegistration });
})();
