/* Shared by the editor forms of all SIP nodes: typed inputs, validators that explain, default labels. */
(function () {
  'use strict';
  if (window.sipflow) return;

  const MODULE = '@sipflow/node-red-sipflow';
  const text = (key, options) => RED._(MODULE + '/sip-instance:' + key, options);

  const style = document.createElement('link');
  style.rel = 'stylesheet';
  style.href = RED.settings.apiRootUrl + 'resources/' + MODULE + '/sipflow-editor.css';
  document.head.appendChild(style);

  const ENV = /^\$\{[^}]+\}$/;
  const CODEC = /^(pcm[ua]|g[. _/-]?711[ _/-]?[ua]|(mu|µ|u|a)[ _-]?law|g[. _/-]?722|l16|opus)$/i;
  /** Offered while a codec's name is typed. */
  const CODECS = ['PCMU', 'PCMA', 'G722', 'L16', 'OPUS'];
  const SRTP_SUITES = [
    'AES_CM_128_HMAC_SHA1_80',
    'AES_CM_128_HMAC_SHA1_32',
    'AES_192_CM_HMAC_SHA1_80',
    'AES_192_CM_HMAC_SHA1_32',
    'AES_256_CM_HMAC_SHA1_80',
    'AES_256_CM_HMAC_SHA1_32',
    'AEAD_AES_128_GCM',
    'AEAD_AES_256_GCM',
  ];
  /** What a call may say of privacy (RFC 3323, RFC 3325). */
  const PRIVACY = ['none', 'id', 'header', 'full'];
  const SOUNDS = [
    'sipflow:welcome',
    'sipflow:announcement',
    'sipflow:prompt',
    'sipflow:menu',
    'sipflow:goodbye',
    'sipflow:beep',
    'tone:440',
    'tone:350+440',
    'tone:ringback-us',
    'tone:busy-us',
    'silence',
  ];

  /** Events that `sip-call-events` can report: those of a call in their order, then those of the phone itself. */
  const callEvents = [
    ...['incoming', 'outgoing', 'ringing', 'progress', 'redirected', 'early-media', 'media-ready'],
    ...['answered', 'dtmf', 'held', 'resumed', 'offer-refused', 'rtp-timeout', 'statistics'],
    ...['transfer-request', 'transfer-progress', 'replaced', 'message', 'ended', 'registration'],
  ];

  const isEnv = (value) => ENV.test(String(value === undefined ? '' : value).trim());
  const isBlank = (value) => value === undefined || value === null || String(value).trim() === '';

  /** The types that each kind of field offers, its usual one first. */
  const computed = ['msg', 'flow', 'global', 'env', 'jsonata'];
  const withoutValue = (value, icon) => ({ value, label: text('type.' + value), icon, hasValue: false });
  const types = {
    call: () => ['msg', 'flow', 'global', 'env', 'jsonata', 'str'],
    text: () => ['str', ...computed],
    number: () => ['num', ...computed],
    headers: () => [withoutValue('none'), 'json', 'msg', 'flow', 'global', 'jsonata'],
    codecs: () => [withoutValue('instance'), 'str', 'json', ...computed],
    source: () => [
      {
        value: 'str',
        label: text('type.source'),
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
      { value: 'str', label: text('type.digits') },
      ...computed,
    ],
    privacy: () => [
      {
        value: 'str',
        label: text('type.privacy'),
        icon: 'fa fa-user-secret',
        autoComplete: (typed) =>
          PRIVACY.filter((value) => value.startsWith(typed.trim().toLowerCase())).map((value) => ({
            value,
            label: value + ' – ' + text('privacy.' + value),
          })),
      },
      ...computed,
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
          'aria-label': text('button.' + action, { label: node._('label.' + field) }),
        })
        .on('keydown', function (event) {
          if (event.key !== 'Enter' && event.key !== ' ') return;
          event.preventDefault();
          $(this).trigger('click');
        });
    });
  }

  /** Says what is wrong with a field, with its label in front; plain false for editors that take no sentence. */
  function wrong(node, field, opt, key, options) {
    if (!opt) return false;
    return node._('label.' + field) + ': ' + text('error.' + key, options);
  }

  /** The type that a typed field has in the open form, or in the stored node. */
  const typeOf = (node, field) => $('#node-input-' + field + 'Type').val() || node[field + 'Type'];

  /** What a field says in the open form, or in the stored node. */
  const now = (node, field) => {
    const shown = $('#node-input-' + field).val();
    return shown === undefined ? node[field] : shown;
  };

  function numberProblem(value, limits) {
    if (isEnv(value)) return undefined;
    if (isBlank(value)) return limits.blank === false ? ['required'] : undefined;
    const number = Number(value);
    const { min = -Infinity, max = Infinity } = limits;
    if (!Number.isFinite(number)) return ['number'];
    if (limits.whole && !Number.isInteger(number)) return ['whole'];
    if (number >= min && number <= max) return undefined;
    if (max === Infinity) return ['atLeast', { min }];
    return ['between', { min, max }];
  }

  /**
   * Validators. Each accepts `${ENV}` and, for typed fields, leaves values that are computed at run time
   * to the run time. All take two parameters, which is how Node-RED knows that they return sentences.
   */
  const valid = {
    /** A number in a plain text box. */
    number: (field, limits) =>
      function (value, opt) {
        const problem = numberProblem(value, limits);
        return problem ? wrong(this, field, opt, ...problem) : true;
      },
    /** A typed input; `check(value)` looks at text and numbers that are written into the field itself. */
    typed: (field, check) =>
      function (value, opt) {
        const type = typeOf(this, field);
        if (type === 'none' || type === 'any' || type === 'instance') return true;
        // A flow that was saved before the node had this field.
        if (type === undefined && isBlank(value)) return true;
        if (type !== 'str' && type !== 'num') {
          if (isBlank(value)) return wrong(this, field, opt, 'required');
          const result = RED.utils.validateTypedProperty(value, type, opt ? {} : undefined);
          if (result === true) return true;
          return opt ? this._('label.' + field) + ': ' + result : false;
        }
        const problem = isEnv(value) || !check ? undefined : check(value, this);
        return problem ? wrong(this, field, opt, ...problem) : true;
      },
    /** Text in a plain box; `check(value, node)` returns the key of what is wrong, and its options. */
    text: (field, check) =>
      function (value, opt) {
        const problem = isEnv(value) ? undefined : check(value, this);
        return problem ? wrong(this, field, opt, ...problem) : true;
      },
  };

  /** What `valid.typed` and `valid.text` can check. */
  const check = {
    required: (value) => (isBlank(value) ? ['required'] : undefined),
    number: (limits) => (value) => numberProblem(value, limits),
    digits: (value) => {
      if (isBlank(value)) return ['required'];
      return /^[0-9*#A-D,!\s]+$/i.test(value) ? undefined : ['digits'];
    },
    /** How many digits a gather needs: no more than it takes, where that is written beside it (0: any number). */
    minDigits: (limits) => (value, node) => {
      const most = now(node, 'maxDigitsType') === 'num' ? Number(now(node, 'maxDigits')) : 0;
      return numberProblem(value, limits) || (most > 0 && Number(value) > most ? ['minDigits'] : undefined);
    },
    /** A number, a SIP URI or a tel: number; what it means is seen when it is called. */
    target: (value) => {
      if (isBlank(value)) return ['required'];
      return /^[^\s<>"\\]+$/.test(String(value).trim()) && !/^(sips?|tel):$/i.test(String(value).trim())
        ? undefined
        : ['target'];
    },
    /** A URI that can stand in angle brackets; blank is allowed. */
    uri: (value) => (isBlank(value) || /^[a-z][a-z0-9+.-]*:[^\s<>"]+$/i.test(value) ? undefined : ['uri']),
    /** Who a call comes from: a number, or the URI of one; blank is allowed. */
    caller: (value) =>
      isBlank(value) ||
      /^(tel:[^\s<>"@\\]+|sips?:[^\s<>"@\\]+@[^\s<>"@\\]+|[^\s<>"@:\\]+)$/i.test(String(value).trim())
        ? undefined
        : ['caller'],
    privacy: (value) =>
      isBlank(value) || PRIVACY.includes(String(value).trim().toLowerCase()) ? undefined : ['privacy'],
    keys: (value) => (isBlank(value) || /^[0-9*#A-D]+$/i.test(value) ? undefined : ['keys']),
    codecs: (value) => {
      const unknown = namesIn(value).find((name) => !isEnv(name) && !CODEC.test(name));
      return unknown ? ['codec', { name: unknown }] : undefined;
    },
    suites: (value) => {
      const suite = (name) => name.toUpperCase().replace(/^AES_CM_(192|256)_/, 'AES_$1_CM_');
      const unknown = namesIn(value).find((name) => !isEnv(name) && !SRTP_SUITES.includes(suite(name)));
      return unknown ? ['srtpSuite', { name: unknown }] : undefined;
    },
    pattern: (value) => {
      try {
        new RegExp(value);
        return undefined;
      } catch {
        return ['pattern'];
      }
    },
    match: (value) => {
      const match = /^\/(.*)\/$/.exec(String(value || '').trim());
      return match ? check.pattern(match[1]) : undefined;
    },
    /** The user part of a SIP URI (RFC 3261, 25.1), without what would need escaping. */
    dn: (value) => {
      if (isBlank(value)) return ['required'];
      return /^[A-Za-z0-9\-_.!~*'&=+$,;?/#]+$/.test(String(value).trim()) ? undefined : ['dn'];
    },
    /** A host or address, with a port or without; blank is allowed. */
    host: (value) =>
      isBlank(value) || /^(\[[0-9a-f:.]+\]|[a-z0-9][a-z0-9._-]*)(:\d{1,5})?$/i.test(String(value).trim())
        ? undefined
        : ['host'],
    /** Who may call: any, registrar, addresses, networks and host names; blank is allowed. */
    sources: (value) => {
      const wrongOne = entriesOf(value).find((entry) => !isEnv(entry) && !isSource(entry));
      return wrongOne === undefined ? undefined : ['source', { name: wrongOne }];
    },
    /** An IP address of either version; blank is allowed. */
    address: (value) => (isBlank(value) || isAddress(String(value).trim()) ? undefined : ['address']),
    /** A host as above, or the SIP URI of one. */
    hostOrUri: (value) =>
      check.host(
        String(value || '')
          .trim()
          .replace(/^sips?:/i, '')
          .replace(/;.*$/, ''),
      ),
    /** An object of header names and values, as JSON; blank is allowed. */
    headers: (value) => {
      if (isBlank(value)) return undefined;
      try {
        const headers = JSON.parse(value);
        return headers && typeof headers === 'object' && !Array.isArray(headers) ? undefined : ['headers'];
      } catch {
        return ['headers'];
      }
    },
    property: (value) =>
      !isBlank(value) && RED.utils.validatePropertyExpression(value) === true ? undefined : ['property'],
  };

  /** The names in a text with commas. */
  function namesIn(value) {
    return String(value || '')
      .split(/[,;]+/)
      .map((name) => name.trim())
      .filter(Boolean);
  }

  /** The entries of a list that was written as one text. */
  function entriesOf(text) {
    return String(text || '')
      .split(/[\s,;]+/)
      .filter(Boolean);
  }

  function isSource(entry) {
    const [address, bits, more] = entry.split('/');
    if (bits === undefined) return /[^\d.]/.test(entry) ? Boolean(entry) : isAddress(entry);
    const most = address.includes(':') ? 128 : 32;
    return more === undefined && isAddress(address) && /^\d{1,3}$/.test(bits) && Number(bits) <= most;
  }

  function isAddress(text) {
    if (/^(\d{1,3}\.){3}\d{1,3}$/.test(text)) return text.split('.').every((part) => Number(part) < 256);
    return /^[0-9a-f:.]+$/i.test(text) && text.split(':').length > 2;
  }

  /** How many calls a port range carries: an even RTP port and the odd one above it for each. */
  function rtpPairs(min, max) {
    if (isBlank(min) || isBlank(max) || isEnv(min) || isEnv(max)) return undefined;
    const pairs = Math.floor((Number(max) + 1) / 2) - Math.ceil(Number(min) / 2);
    return Number.isFinite(pairs) ? Math.max(0, pairs) : undefined;
  }

  valid.rtpPortMax = (field) =>
    function (value, opt) {
      const problem = numberProblem(value, { min: 1025, max: 65535, whole: true });
      if (problem) return wrong(this, field, opt, ...problem);
      return rtpPairs(this.rtpPortMin, value) === 0 ? wrong(this, field, opt, 'rtpRange') : true;
    };

  /** Seconds between refreshes (RFC 4028 knows none below 90), or 0 for none. */
  valid.sessionTimer = (field) =>
    function (value, opt) {
      if (isBlank(value) || Number(value) === 0) return true;
      const problem = numberProblem(value, { min: 90, max: 86400, whole: true });
      return problem ? wrong(this, field, opt, ...problem) : true;
    };

  /** Seconds between two samples of a call's figures, or 0 for none. */
  valid.statisticsInterval = (field) =>
    function (value, opt) {
      if (isBlank(value) || Number(value) === 0) return true;
      const problem = numberProblem(value, { min: 0.1, max: 3600 });
      return problem ? wrong(this, field, opt, ...problem) : true;
    };

  /** Origins of web pages: scheme, host and port. */
  valid.origins = (field) =>
    function (value, opt) {
      const wrongOne = entriesOf(Array.isArray(value) ? value.join(',') : value).find(
        (entry) => entry !== '*' && !isEnv(entry) && !/^[a-z][a-z0-9+.-]*:\/\/[^\s/?#@]+\/?$/i.test(entry),
      );
      return wrongOne === undefined ? true : wrong(this, field, opt, 'origin', { name: wrongOne });
    };

  /**
   * The number of a phone, which no other simulated phone of the flows may have, as at run time. Phones that are
   * disabled do not run; whose number is a variable is seen when they start.
   */
  valid.dn = (field) =>
    function (value, opt) {
      const problem = isEnv(value) ? undefined : check.dn(value);
      if (problem) return wrong(this, field, opt, ...problem);
      const owner = ownerOf(value, this);
      return owner ? wrong(this, field, opt, 'dnTaken', { owner: owner.name || owner.id }) : true;
    };

  /** The other simulated phone that has this number, if this one is simulated too. */
  function ownerOf(dn, node) {
    const shown = isOpen(node) ? $('#node-config-input-mode').val() : undefined;
    const simulated = (mode) => (mode || 'simulation') === 'simulation';
    const off = ({ d, z }) => d || (z && (RED.nodes.workspace(z) || {}).disabled);
    if (isEnv(dn) || !simulated(shown || node.mode) || off(node)) return undefined;
    let owner;
    RED.nodes.eachConfig((other) => {
      if (other.type !== 'sip-instance' || other.id === node.id || off(other) || !simulated(other.mode))
        return;
      if (String(other.dn || '').trim() === String(dn).trim()) owner = owner || other;
    });
    return owner;
  }

  const nameListCheck = (checkNames) => (field) =>
    function (value, opt) {
      const problem = checkNames((Array.isArray(value) ? value : []).join(','));
      return problem ? wrong(this, field, opt, ...problem) : true;
    };

  valid.codecList = nameListCheck(check.codecs);
  valid.suiteList = nameListCheck(check.suites);

  /**
   * A node's label: its name, else a phrase of its own catalogue with what the field says in it
   * ("call 1002"), else its type's name.
   */
  function label(node, field, key) {
    if (node.name) return node.name;
    const type = node[field + 'Type'];
    const value = node[field];
    const spoken = type === undefined || type === 'str' || type === 'num' ? value : '';
    if (isBlank(spoken)) return node._('node');
    const short = String(spoken)
      .replace(/^sipflow:/, '')
      .replace(/^.*[\\/]/, '');
    return node._(key, { value: short });
  }

  const labelStyle = function () {
    return this.name ? 'node_label_italic' : '';
  };

  /** Output labels by their keys in the node's catalogue. */
  const outputs = (keys) =>
    function (index) {
      return this._('output.' + keys[index]);
    };

  /**
   * What a sound is and what playing it will do to it, one sentence or two for all phones that find the same.
   * `reports` is what the runtime answers: `[{phones, codecs: [{name, sampleRate}], info | failure}]`.
   */
  function audioSentences(reports, strict) {
    return reports.map((report) => {
      const sentence = report.info ? audioSentence(report, strict) : missingSentence(report.failure);
      return reports.length === 1
        ? sentence
        : text('audio.for', { phones: report.phones.join(', '), sentence });
    });
  }

  function missingSentence(failure) {
    if (failure.code === 'FILE_NOT_FOUND') return text('audio.missing');
    return text(failure.code === 'BAD_AUDIO' ? 'audio.unreadable' : 'audio.forbidden');
  }

  function audioSentence({ info, codecs }, strict) {
    const channels =
      info.channels === 1
        ? text('audio.mono')
        : info.channels === 2
          ? text('audio.stereo')
          : text('audio.channels', { count: info.channels });
    const what = text('audio.what', {
      rate: info.sampleRate / 1000,
      channels,
      seconds: (info.durationMs / 1000).toFixed(1),
    });
    const suits = ({ sampleRate }) => info.channels === 1 && info.sampleRate === sampleRate;
    const names = (some) => some.map(({ name }) => name).join(', ');
    const converted = codecs.filter((codec) => !suits(codec));
    if (converted.length === 0) return what + ' ' + text('audio.asIs');
    const rates = [...new Set(converted.map(({ sampleRate }) => sampleRate))]
      .map((sampleRate) =>
        text('audio.rate', {
          rate: sampleRate / 1000,
          codecs: names(converted.filter((codec) => codec.sampleRate === sampleRate)),
        }),
      )
      .join(', ');
    const asIs = names(codecs.filter(suits));
    return [
      what,
      ...(asIs ? [text('audio.asIsFor', { codecs: asIs })] : []),
      strict ? text('audio.refused', { rates }) : text('audio.converted', { rates }),
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
      const known = $('#node-input-' + field + 'Type').val() === 'str' && !isBlank(source) && !isEnv(source);
      if (!known || /^(https?:|tone:|silence$)/i.test(source)) {
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
          say(code === 'INSTANCE_NOT_READY' ? [text('audio.notReady')] : []);
        });
    };
    $('#node-input-' + field)
      .add(strict)
      .on('change', show);
    show();
  }

  /** Shows the rows with this class only while `visible` is true. */
  const showIf = (selector, visible) => $(selector).toggle(Boolean(visible));

  /**
   * Shows rows only while the number of a typed field makes them apply; one that is computed when a message comes
   * may always.
   */
  function showWhile(field, selector, applies) {
    const input = $('#node-input-' + field);
    const show = function () {
      const written = $('#node-input-' + field + 'Type').val() === 'num' && !isEnv(input.val());
      showIf(selector, !written || applies(input.val()));
    };
    input.on('change', show);
    show();
  }

  /** Check boxes for `values`, named by the node's catalogue (`option.<value>`), those of `chosen` ticked. */
  function showChoices(node, container, values, chosen) {
    const ticked = Array.isArray(chosen) ? chosen : [];
    values.forEach((value) => {
      const box = $('<input/>', { type: 'checkbox', value }).prop('checked', ticked.includes(value));
      $('<label/>')
        .append(box, document.createTextNode(node._('option.' + value)))
        .appendTo(container);
    });
  }

  /** The values whose boxes are ticked. */
  const chosenOf = (container) =>
    $(container + ' input')
      .toArray()
      .filter((box) => box.checked)
      .map((box) => box.value);

  /** Turns `<ol>` into an ordered list of names, one input a row: dragged, or moved by Alt with an arrow key. */
  function nameList(node, selector, { field, known, check, label, removeLabel, names }) {
    const list = $(selector);
    const offered = $('<datalist/>', { id: 'sipflow-names-' + field }).insertAfter(list);
    known.forEach((value) => $('<option/>', { value }).appendTo(offered));
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
          .on('change', () => input.toggleClass('input-error', Boolean(check(input.val()))))
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
    (Array.isArray(names) ? names : []).forEach((name) => list.editableList('addItem', { name }));
  }

  function moveRow(row, up) {
    if (up) row.prev('li').before(row);
    else row.next('li').after(row);
  }

  /** The ordered list of a phone's codecs. */
  const codecList = (node, selector) =>
    nameList(node, selector, {
      field: 'codecs',
      known: CODECS,
      check: check.codecs,
      label: 'codec',
      removeLabel: 'removeCodec',
      names: node.codecs,
    });

  /** The ordered list of a phone's SRTP suites. */
  const suiteList = (node, selector) =>
    nameList(node, selector, {
      field: 'srtpSuites',
      known: SRTP_SUITES,
      check: check.suites,
      label: 'srtpSuite',
      removeLabel: 'removeSrtpSuite',
      names: node.srtpSuites,
    });

  /** The names in such a list, in its order. */
  const namesOf = (selector) =>
    $(selector + ' .sipflow-listed')
      .toArray()
      .map((input) => input.value.trim())
      .filter(Boolean);

  /** The type that the run time takes for a value that was stored without one, where no default type fits a value. */
  const TYPE_OF_VALUE = { headers: 'json' };
  const VALUELESS = ['none', 'any', 'instance'];
  const copy = (value) => JSON.parse(JSON.stringify(value));

  /**
   * The fields that a stored node lacks, with their defaults: what the run time takes for them. A value that was
   * stored without its type keeps the value, and a type without a value that needs one counts as absent.
   */
  function missingFields(node, defaults) {
    const missing = {};
    for (const field of Object.keys(defaults)) {
      const owner = field.replace(/Type$/, '');
      if (owner !== field && owner in defaults) continue;
      const type = field + 'Type';
      const absent = node[field] === undefined;
      if (absent && !VALUELESS.includes(node[type])) missing[field] = copy(defaults[field].value);
      if (!(type in defaults)) continue;
      if (absent && !VALUELESS.includes(node[type])) missing[type] = defaults[type].value;
      if (absent && VALUELESS.includes(node[type])) missing[field] = '';
      if (absent || node[type] !== undefined) continue;
      const valueless = VALUELESS.includes(defaults[type].value);
      missing[type] =
        valueless && !isBlank(node[field]) ? TYPE_OF_VALUE[field] || 'str' : defaults[type].value;
    }
    return missing;
  }

  const isOpen = (node) => RED.editor.getEditStack().includes(node);

  /**
   * Gives the fields that a stored node lacks their defaults for as long as its form is open. What is still at its default
   * when the form closes is taken away again, so that looking at a node, and Done, change nothing in the flow.
   */
  function fillForm(node) {
    const { defaults, category } = node._def;
    const missing = missingFields(node, defaults);
    const fields = Object.keys(missing).filter((field) => node[field] !== missing[field]);
    const before = fields.map((field) => node[field]);
    for (const field of fields) {
      node[field] = copy(missing[field]);
      if (defaults[field].type || typeof missing[field] === 'object') continue;
      const input = $('#node-' + (category === 'config' ? 'config-' : '') + 'input-' + field);
      if (input.is(':checkbox')) input.prop('checked', missing[field]);
      else input.val(missing[field]);
    }
    const takeAway = () => {
      if (isOpen(node)) return;
      ['editor:close', 'editor:change'].forEach((event) => RED.events.off(event, takeAway));
      fields.forEach((field, index) => {
        if (JSON.stringify(node[field]) !== JSON.stringify(missing[field])) return;
        if (before[index] === undefined) delete node[field];
        else node[field] = before[index];
      });
    };
    if (fields.length > 0)
      ['editor:close', 'editor:change'].forEach((event) => RED.events.on(event, takeAway));
  }

  /** All forms of the package do so, and judge what is absent by its default, without a line of their own. */
  RED.events.on('registry:node-type-added', function (type) {
    const definition = RED.nodes.getType(type);
    if (!definition || !definition.set || definition.set.module !== MODULE) return;
    const prepare = definition.oneditprepare;
    definition.oneditprepare = function () {
      fillForm(this);
      if (prepare) prepare.call(this);
    };
    // A field that a stored node lacks is as right as its default.
    for (const field of Object.values(definition.defaults).filter(({ validate }) => validate)) {
      const { validate, value } = field;
      field.validate = function (stored, ...rest) {
        return validate.call(this, stored === undefined ? value : stored, ...rest);
      };
    }
  });

  window.sipflow = {
    missingFields,
    callEvents,
    showChoices,
    chosenOf,
    codecList,
    suiteList,
    namesOf,
    entriesOf,
    configButtons,
    text,
    typed,
    valid,
    check,
    label,
    labelStyle,
    outputs,
    showIf,
    showWhile,
    now,
    rtpPairs,
    showAudioInfo,
    audioSentences,
  };
})();
