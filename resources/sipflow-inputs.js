/* The inputs of the forms of all SIP nodes: typed inputs, ordered lists, choices, and what a sound is. */
(function () {
  'use strict';
  const sipflow = (window.sipflow = window.sipflow || {});
  if (sipflow.typed) return;

  const SOUNDS = [
    'sipflow:welcome',
    'sipflow:announcement',
    'sipflow:prompt',
    'sipflow:menu',
    'sipflow:goodbye',
    'sipflow:beep',
    'sipflow:desk',
    'sipflow:departments',
    'sipflow:sales',
    'sipflow:support',
    'sipflow:alarm',
    'say:Your code is {{payload}}',
    'tone:440',
    'tone:350+440',
    'tone:ringback-us',
    'tone:busy-us',
    'silence',
  ];

  /** The types that each kind of field offers, its usual one first. */
  const computed = ['msg', 'flow', 'global', 'env', 'jsonata'];
  const withoutValue = (value, icon) => ({
    value,
    label: sipflow.text('type.' + value),
    icon,
    hasValue: false,
  });
  const types = {
    call: () => ['msg', 'flow', 'global', 'env', 'jsonata', 'str'],
    text: () => ['str', ...computed],
    number: () => ['num', ...computed],
    headers: () => [withoutValue('none'), 'json', 'msg', 'flow', 'global', 'jsonata'],
    codecs: () => [withoutValue('instance'), 'str', 'json', ...computed],
    source: () => [
      {
        value: 'str',
        label: sipflow.text('type.source'),
        icon: 'fa fa-volume-up',
        autoComplete: (typed) =>
          SOUNDS.filter((sound) => sound.includes(typed.trim())).map((sound) => ({
            value: sound,
            label: sound,
          })),
      },
      ...computed,
    ],
    bargeIn: () => [
      withoutValue('none'),
      withoutValue('any'),
      { value: 'str', label: sipflow.text('type.digits') },
      ...computed,
    ],
    privacy: () => [
      {
        value: 'str',
        label: sipflow.text('type.privacy'),
        icon: 'fa fa-user-secret',
        autoComplete: (typed) =>
          sipflow.known.privacy
            .filter((value) => value.startsWith(typed.trim().toLowerCase()))
            .map((value) => ({ value, label: value + ' – ' + sipflow.text('privacy.' + value) })),
      },
      ...computed,
    ],
    rows: () => [
      withoutValue('none'),
      'json',
      { value: 'csv', label: sipflow.text('type.csv'), icon: 'fa fa-file-text-o' },
      'msg',
    ],
    property: () => ['msg'],
  };

  /** Turns `#node-input-<field>` into a typed input and gives its parts the label's name for screen readers. */
  function typed(node, field, kind) {
    const input = $('#node-input-' + field);
    const offered = types[kind]();
    const first = typeof offered[0] === 'string' ? offered[0] : offered[0].value;
    const options = { default: first, types: offered };
    if (kind !== 'property') options.typeField = '#node-input-' + field + 'Type';
    input.typedInput(options);
    const parts = input.next('.red-ui-typedInput-container');
    (parts.length ? parts : input.closest('.form-row'))
      .find('input:not([type=hidden]), button, .red-ui-typedInput-type-select')
      .attr('aria-label', node._('label.' + field));
  }

  /** Gives the edit and add buttons that Node-RED puts beside the choice of a config node to keyboard and screen reader. */
  function configButtons(node, field) {
    ['edit', 'add'].forEach((action) => {
      $('[id$="input-btn-' + field + '-' + action + '"]')
        .attr({
          role: 'button',
          tabindex: 0,
          'aria-label': sipflow.text('button.' + action, { label: node._('label.' + field) }),
        })
        .on('keydown', function (event) {
          if (event.key !== 'Enter' && event.key !== ' ') return;
          event.preventDefault();
          $(this).trigger('click');
        });
    });
  }

  /** Check boxes for `values`, named by the node's catalogue (`option.<value>`), those of `chosen` ticked. */
  function showChoices(node, container, values, chosen, nameOf = (value) => node._('option.' + value)) {
    const ticked = [chosen || []].flat();
    values.forEach((value) => {
      const box = $('<input/>', { type: 'checkbox', value }).prop('checked', ticked.includes(value));
      $('<label/>')
        .append(box, document.createTextNode(nameOf(value)))
        .appendTo(container);
    });
  }

  /** Check boxes for the config nodes of a type; ids of those that are gone stay, by themselves. */
  function showConfigs(node, box, type) {
    const field = box.attr('id').replace('sipflow-', '');
    const names = new Map();
    RED.nodes.eachConfig((config) => {
      if (config.type === type && (!config.z || config.z === node.z))
        names.set(config.id, RED.utils.getNodeLabel(config, config.id));
    });
    for (const id of [node[field] || []].flat()) if (!names.has(id)) names.set(id, id);
    showChoices(node, box, [...names.keys()], node[field], (id) => names.get(id));
  }

  /** Makes the options of a choice of the nodes of a type, those of this tab first. */
  function showNodes(node, select, type) {
    const field = select.attr('id').replace('sipflow-', '');
    const known = RED.nodes.filterNodes({ type }).sort((a, b) => (b.z === node.z) - (a.z === node.z));
    const option = (value, text) => $('<option/>', { value }).text(text).appendTo(select);
    option('', sipflow.text('type.none'));
    for (const each of known) option(each.id, RED.utils.getNodeLabel(each, each.id));
    if (node[field] && !known.some(({ id }) => id === node[field])) option(node[field], node[field]);
    select.val(node[field] || '');
  }

  /** The values whose boxes are ticked. */
  const chosenOf = (container) =>
    $(container + ' input')
      .toArray()
      .filter((box) => box.checked)
      .map((box) => box.value);

  /** What the rows of a list may say, and the keys of their texts. */
  const LISTS = {
    codecs: {
      known: () => sipflow.known.codecs,
      check: () => sipflow.check.codecs,
      label: 'codec',
      removeLabel: 'removeCodec',
    },
    srtpSuites: {
      known: () => sipflow.known.srtpSuites,
      check: () => sipflow.check.suites,
      label: 'srtpSuite',
      removeLabel: 'removeSrtpSuite',
    },
    expect: {
      known: () => sipflow.known.thresholds,
      check: () => sipflow.check.thresholds,
      label: 'threshold',
      removeLabel: 'removeThreshold',
    },
  };

  /** Turns `<ol>` into an ordered list of names, one input a row: dragged, or moved by Alt with an arrow key. */
  function nameList(node, list, field) {
    const { known, check, label, removeLabel } = LISTS[field];
    const offered = $('<datalist/>', { id: 'sipflow-names-' + field }).insertAfter(list);
    known().forEach((value) => $('<option/>', { value }).appendTo(offered));
    list.editableList({
      addButton: true,
      sortable: true,
      removable: true,
      addItem: function (row, index, data) {
        const input = $('<input/>', {
          type: 'text',
          class: 'sipflow-listed',
          list: 'sipflow-names-' + field,
          'aria-label': node._('label.' + label),
        });
        input
          .val(data.name || '')
          .on('change', () => input.toggleClass('input-error', Boolean(check()(input.val()))))
          .on('keydown', (event) => {
            if (!event.altKey || !/^Arrow(Up|Down)$/.test(event.key)) return;
            event.preventDefault();
            moveRow(row.closest('li'), event.key === 'ArrowUp');
            input.trigger('focus');
          })
          .appendTo(row);
        row
          .closest('li')
          .find('.red-ui-editableList-item-remove')
          .attr({ 'aria-label': node._('label.' + removeLabel), title: node._('label.' + removeLabel) });
      },
    });
    [node[field] || []].flat().forEach((name) => list.editableList('addItem', { name }));
  }

  function moveRow(row, up) {
    if (up) row.prev('li').before(row);
    else row.next('li').after(row);
  }

  /** The names in such a list, in its order. */
  const namesOf = (selector) =>
    $(selector + ' .sipflow-listed')
      .toArray()
      .map((input) => input.value.trim())
      .filter(Boolean);

  /**
   * What a sound is and what playing it will do to it, one sentence or two for all phones that find the same.
   * `reports` is what the runtime answers: `[{phones, codecs: [{name, sampleRate}], info | failure}]`.
   */
  function audioSentences(reports, strict) {
    return reports.map((report) => {
      const sentence = report.info ? audioSentence(report, strict) : missingSentence(report.failure);
      return reports.length === 1
        ? sentence
        : sipflow.text('audio.for', { phones: report.phones.join(', '), sentence });
    });
  }

  function missingSentence(failure) {
    if (failure.code === 'FILE_NOT_FOUND') return sipflow.text('audio.missing');
    return sipflow.text(failure.code === 'BAD_AUDIO' ? 'audio.unreadable' : 'audio.forbidden');
  }

  function audioSentence({ info, codecs }, strict) {
    const channels =
      info.channels === 1
        ? sipflow.text('audio.mono')
        : info.channels === 2
          ? sipflow.text('audio.stereo')
          : sipflow.text('audio.channels', { count: info.channels });
    const what = sipflow.text('audio.what', {
      rate: info.sampleRate / 1000,
      channels,
      seconds: (info.durationMs / 1000).toFixed(1),
    });
    const suits = ({ sampleRate }) => info.channels === 1 && info.sampleRate === sampleRate;
    const names = (some) => some.map(({ name }) => name).join(', ');
    const converted = codecs.filter((codec) => !suits(codec));
    if (converted.length === 0) return what + ' ' + sipflow.text('audio.asIs');
    const rates = [...new Set(converted.map(({ sampleRate }) => sampleRate))]
      .map((sampleRate) =>
        sipflow.text('audio.rate', {
          rate: sampleRate / 1000,
          codecs: names(converted.filter((codec) => codec.sampleRate === sampleRate)),
        }),
      )
      .join(', ');
    const asIs = names(codecs.filter(suits));
    return [
      what,
      ...(asIs ? [sipflow.text('audio.asIsFor', { codecs: asIs })] : []),
      strict ? sipflow.text('audio.refused', { rates }) : sipflow.text('audio.converted', { rates }),
    ].join(' ');
  }

  /** The phones that the nodes of a node's tab name: those that its calls most probably come from. */
  function phonesBeside(node) {
    const named = RED.nodes.filterNodes({ z: node.z }).map(({ instance }) => instance);
    return [...new Set(named.filter(Boolean))];
  }

  /** Keeps `line` saying what the sound of a typed field is, for as long as it names a file or a shipped sound. */
  function showAudioInfo(node, field, line) {
    const strict = $('#node-input-strict');
    let asked = 0;
    const show = function () {
      const question = ++asked;
      const source = String($('#node-input-' + field).val() || '').trim();
      const known =
        $('#node-input-' + field + 'Type').val() === 'str' &&
        !sipflow.isBlank(source) &&
        !sipflow.isEnv(source);
      if (!known || /^(https?:|tone:|silence$|say\s*[(:])/i.test(source)) {
        $(line).empty();
        return;
      }
      const say = (sentences) => {
        if (question !== asked) return;
        $(line).empty();
        sentences.forEach((sentence) => $('<div/>').text(sentence).appendTo(line));
      };
      $.getJSON('sipflow/audio-info', { source, phones: phonesBeside(node).join(',') })
        .done((reports) => say(audioSentences(reports, strict.prop('checked'))))
        .fail((reply) => {
          const code = reply.responseJSON && reply.responseJSON.code;
          say(code === 'INSTANCE_NOT_READY' ? [sipflow.text('audio.notReady')] : []);
        });
    };
    $('#node-input-' + field)
      .add(strict)
      .on('change', show);
    show();
  }

  Object.assign(sipflow, {
    typed,
    configButtons,
    showChoices,
    showConfigs,
    showNodes,
    chosenOf,
    nameList,
    namesOf,
    showAudioInfo,
    audioSentences,
  });
})();

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

  /** A row of an editable list that Alt with an arrow key moves, and whose button says what it removes. */
  function movableRow(row, removeText) {
    row.on('keydown', (event) => {
      if (!event.altKey || !/^Arrow(Up|Down)$/.test(event.key)) return;
      event.preventDefault();
      const focused = document.activeElement;
      const item = row.closest('li');
      if (event.key === 'ArrowUp') item.prev('li').before(item);
      else item.next('li').after(item);
      focused.focus();
    });
    row
      .closest('li')
      .find('.red-ui-editableList-item-remove')
      .attr({ 'aria-label': removeText, title: removeText });
  }

  Object.assign(sipflow, { sayButton, movableRow });
})();
