/* The button beside a sound that plays what the field would say. */
(function () {
  'use strict';
  const sipflow = (window.sipflow = window.sipflow || {});
  if (sipflow.sayButton) return;

  const SPOKEN = /^\s*say\s*[(:]/i;

  /** Puts the button behind a field; it is there while the field says something. */
  function sayButton(node, field) {
    const input = $('#node-input-' + field);
    const box = input.next('.red-ui-typedInput-container');
    const icon = $('<i/>');
    const button = $('<button/>', { type: 'button', class: 'red-ui-button sipflow-say' }).append(icon);
    button.insertAfter(box.length ? box : input);
    let playing;
    let asked = 0;

    const show = () => {
      const type = $('#node-input-' + field + 'Type').val();
      button.toggle((type === undefined || type === 'str') && SPOKEN.test(String(input.val())));
    };
    const look = (state) => {
      const text = sipflow.text(state === 'idle' ? 'say.play' : 'say.stop', {
        label: node._('label.' + field),
      });
      const icons = { idle: 'fa fa-play', asking: 'fa fa-spinner fa-spin', playing: 'fa fa-stop' };
      icon.attr('class', icons[state]);
      button.attr({ 'aria-label': text, title: text });
    };
    const stop = () => {
      asked++;
      if (playing) playing.pause();
      playing = undefined;
      look('idle');
    };
    const start = () => {
      const question = ++asked;
      look('asking');
      $.ajax({
        url: 'sipflow/say',
        type: 'POST',
        contentType: 'application/json',
        data: JSON.stringify({ source: String(input.val()) }),
      })
        .done(({ wav }) => {
          if (question !== asked) return;
          playing = new window.Audio('data:audio/wav;base64,' + wav);
          playing.addEventListener('ended', stop);
          look('playing');
          playing.play().catch(stop);
        })
        .fail((reply) => {
          if (question !== asked) return;
          stop();
          const fault = reply.responseJSON && reply.responseJSON.message;
          const key = reply.status === 401 || reply.status === 403 ? 'forbidden' : 'unreachable';
          RED.notify($('<span/>').text(fault || sipflow.text('say.' + key))[0], 'error');
        });
    };

    button.on('click', () => (button.find('.fa-play').length ? start() : stop()));
    input.on('input change', show);
    const closed = () => {
      if (RED.editor.getEditStack().includes(node)) return;
      stop();
      RED.events.off('editor:close', closed);
    };
    RED.events.on('editor:close', closed);
    look('idle');
    show();
  }

  Object.assign(sipflow, { sayButton });
})();
