/* Shared by all SIP nodes in the editor: validators that explain, and labels. Their forms are set up by sipflow-form.js. */
(function () {
  'use strict';
  if (window.sipflow && window.sipflow.valid) return;

  const MODULE = '@sipflow/node-red-sipflow';
  const text = (key, options) => RED._(MODULE + '/sip-instance:' + key, options);

  const style = document.createElement('link');
  style.rel = 'stylesheet';
  style.href = RED.settings.apiRootUrl + 'resources/' + MODULE + '/sipflow-editor.css';
  document.head.appendChild(style);

  const ENV = /^\$\{[^}]+\}$/;
  const CODEC = /^(pcm[ua]|g[. _/-]?711[ _/-]?[ua]|(mu|µ|u|a)[ _-]?law|g[. _/-]?722|l16|opus)$/i;
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
  const STAGE =
    /^(warm-up\s+)?(\d+(\.\d+)?\s*\/\s*(s|min|h)(\s+to\s+\d+(\.\d+)?\s*\/\s*(s|min|h))?|\d+\s+calls?)\s+for\s+(\d+(\.\d+)?\s*(h|m|min|s)\s*)+$/i;
  const THRESHOLD =
    /^((p\d{1,2}(\.\d+)?|mean|min|max)\s+(setup|post-dial-delay|length|loss|jitter|mos|lateness)|failed|passed|left-out|one-way|asr|ner|ser|seer|attempts|failures)\s*(<=|>=|<|>)\s*\d+(\.\d+)?\s*(%|ms|s)?$/i;
  /** What the list of thresholds offers. */
  const THRESHOLDS = ['failed < 1%', 'p95 setup < 400 ms', 'asr >= 98 %', 'mean mos >= 4', 'one-way < 0.1 %'];
  /** What a call may say of privacy (RFC 3323, RFC 3325). */
  const PRIVACY = ['none', 'id', 'header', 'full'];

  const isEnv = (value) => ENV.test(String(value === undefined ? '' : value).trim());
  const isBlank = (value) => value === undefined || value === null || String(value).trim() === '';

  /** Says what is wrong with a field, with its label in front; plain false for editors that take no sentence. */
  function wrong(node, field, opt, key, options) {
    if (!opt) return false;
    return node._('label.' + field) + ': ' + text('error.' + key, options);
  }

  /** The type that a typed field has in the open form, or in the stored node. */
  const typeOf = (node, field) => $('#node-input-' + field + 'Type').val() || node[field + 'Type'];

  /** The type of a typed field that was stored without one, as in a flow written by hand. */
  const usualTypeOf = (node, field) => {
    const { defaults = {} } = node._def || {};
    return (defaults[field + 'Type'] || {}).value;
  };

  /** What a field says in the open form, or in the stored node. */
  const now = (node, field) => {
    const shown = $('#node-input-' + field).val();
    return shown === undefined ? node[field] : shown;
  };

  function numberProblem(value, limits) {
    if (isEnv(value)) return undefined;
    if (isBlank(value)) return undefined;
    const number = Number(value);
    const { min = -Infinity, max = Infinity } = limits;
    // Switched off.
    if (limits.off && number === 0) return undefined;
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
    /** A number in a plain text box; `check(value, node)` looks at what else it has to suit. */
    number: (field, limits, check) =>
      function (value, opt) {
        const problem = numberProblem(value, limits) || (check && !isEnv(value) && check(value, this));
        return problem ? wrong(this, field, opt, ...problem) : true;
      },
    /** A typed input; `check(value)` looks at text and numbers that are written into the field itself. */
    typed: (field, check) =>
      function (value, opt) {
        const stored = typeOf(this, field);
        // A flow that was saved before the node had this field.
        if (stored === undefined && isBlank(value)) return true;
        const type = stored || usualTypeOf(this, field);
        if (type === 'none' || type === 'any' || type === 'instance') return true;
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
    /** A list; `check` looks at its entries as one text with commas, which a flow written by hand may hold too. */
    list: (field, check) =>
      function (value, opt) {
        const problem = check([value || []].flat().join(','), this);
        return problem ? wrong(this, field, opt, ...problem) : true;
      },
    /** The id of a node of this type. */
    node: (field, type) =>
      function (value, opt) {
        if (value === undefined || isEnv(value)) return true;
        if (isBlank(value)) return wrong(this, field, opt, 'required');
        const named = RED.nodes.node(value);
        return named && named.type === type ? true : wrong(this, field, opt, 'noNode');
      },
    /** A list of branches. */
    branches: (field) =>
      function (value, opt) {
        const problem =
          value === undefined || isEnv(value) ? undefined : window.sipflow.branchesProblem(value);
        return problem ? wrong(this, field, opt, ...problem) : true;
      },
    /** A list of checks. */
    checks: (field) =>
      function (value, opt) {
        const problem = value === undefined || isEnv(value) ? undefined : window.sipflow.checksProblem(value);
        return problem ? wrong(this, field, opt, ...problem) : true;
      },
  };

  /** What they can check: the value is right, or there is a key of what is wrong and its options. */
  const check = {
    required: (value) => (isBlank(value) ? ['required'] : undefined),
    number: (limits, more) => (value, node) =>
      numberProblem(value, limits) || (more ? more(value, node) : undefined),
    digits: (value) => {
      if (isBlank(value)) return ['required'];
      return /^[0-9*#A-D,!\s]+$/i.test(value) ? undefined : ['digits'];
    },
    /** How many digits a gather needs: no more than it takes, where that is written beside it (0: any number). */
    minDigits: (value, node) => {
      const most = now(node, 'maxDigitsType') === 'num' ? Number(now(node, 'maxDigits')) : 0;
      return most > 0 && Number(value) > most ? ['minDigits'] : undefined;
    },
    /** A number, a SIP URI or a tel: number; what it means is seen when it is called. */
    target: (value) => {
      if (isBlank(value)) return ['required'];
      return /^[^\s<>"\\]+$/.test(String(value).trim()) && !/^(sips?|tel):$/i.test(String(value).trim())
        ? undefined
        : ['target'];
    },
    /** Numbers and URIs as above, between commas or blanks. */
    targets: (value) => {
      if (isBlank(value)) return ['required'];
      const wrongOne = String(value)
        .split(/[\s,]+/)
        .find((entry) => entry !== '' && check.target(entry));
      return wrongOne === undefined ? undefined : ['target'];
    },
    /** A URI that can stand in angle brackets; blank is allowed. */
    uri: (value) => (isBlank(value) || /^[a-z][a-z0-9+.-]*:[^\s<>"]+$/i.test(value) ? undefined : ['uri']),
    /** Who a call comes from: a number, or the URI of one; blank is allowed. */
    caller: (value) =>
      isBlank(value) ||
      /^(tel:[^\s<>"@\\]+|sips?:[^\s<>"@\\]+@[^\s<>"@\\]+|[^\s<>"@:\\]+)$/i.test(String(value).trim())
        ? undefined
        : ['caller'],
    /** Statuses of failures, and classes of them. */
    statuses: (value) => {
      const unknown = entriesOf(value).find((entry) => !/^[3-6](\d\d|xx)$/i.test(entry));
      return unknown === undefined ? undefined : ['status', { name: unknown }];
    },
    privacy: (value) =>
      isBlank(value) || PRIVACY.includes(String(value).trim().toLowerCase()) ? undefined : ['privacy'],
    /** Whom a blind transfer sends the other side to, and the call that an attended one joins it with. */
    blindTarget: (value, node) =>
      (now(node, 'kind') || 'blind') === 'blind' ? check.target(value) : undefined,
    consultCall: (value, node) => (now(node, 'kind') === 'attended' ? check.required(value) : undefined),
    /** Where a redirection (3xx) sends the caller; a status that is computed may be one. */
    contact: (value, node) => {
      const redirects = now(node, 'statusCodeType') === 'num' && /^3\d\d$/.test(now(node, 'statusCode'));
      return (redirects ? check.required(value) : undefined) || check.uri(value);
    },
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
    /**
     * The user part of a SIP URI (RFC 3261, 25.1), without what would need escaping, which no other simulated phone of
     * the flows may have, as at run time.
     */
    dn: (value, node) => {
      if (isBlank(value)) return ['required'];
      if (!/^[A-Za-z0-9\-_.!~*'&=+$,;?/#]+$/.test(String(value).trim())) return ['dn'];
      const owner = ownerOf(value, node);
      return owner ? ['dnTaken', { owner: owner.name || owner.id }] : undefined;
    },
    /** A host or address, with a port or without; blank is allowed. */
    host: (value) =>
      isBlank(value) || /^(\[[0-9a-f:.]+\]|[a-z0-9][a-z0-9._-]*)(:\d{1,5})?$/i.test(String(value).trim())
        ? undefined
        : ['host'],
    /** A collector of HEP: a host as above, behind the transport or without; blank is allowed. */
    collector: (value) =>
      check.host(
        String(value || '')
          .trim()
          .replace(/^(udp|tcp):\/\//i, ''),
      )
        ? ['collector']
        : undefined,
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
    /** Origins of web pages: scheme, host and port. */
    origins: (value) => {
      const wrongOne = entriesOf(value).find(
        (entry) => entry !== '*' && !isEnv(entry) && !/^[a-z][a-z0-9+.-]*:\/\/[^\s/?#@]+\/?$/i.test(entry),
      );
      return wrongOne === undefined ? undefined : ['origin', { name: wrongOne }];
    },
    /** Attempts side by side use the same phones, which the form has to say. */
    rowsAtOnce: (value, node) => {
      const box = $('#node-input-sharedPhones');
      const shared = box.length ? box.prop('checked') : node.sharedPhones;
      return Number(value) > 1 && !shared ? ['sharedPhones'] : undefined;
    },
    rtpPortMax: (value, node) => (rtpPairs(node.rtpPortMin, value) === 0 ? ['rtpRange'] : undefined),
    /** Stages of a load; the same as lib/load/stages.ts, whose sentences say more. */
    stages: (value) => {
      if (value === undefined) return undefined;
      const wrongOne = String(value)
        .split(',')
        .find((stage) => !STAGE.test(stage.trim()));
      return wrongOne === undefined ? undefined : ['stage', { name: wrongOne.trim() }];
    },
    /** Thresholds of a load, as in lib/load/thresholds.ts. */
    thresholds: (value) => {
      const wrongOne = namesIn(value).find((text) => !isEnv(text) && !THRESHOLD.test(text));
      return wrongOne === undefined ? undefined : ['threshold', { name: wrongOne }];
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

  /**
   * The other simulated phone that has this number, if this one is simulated too. Phones that are disabled do not run;
   * whose number is a variable is seen when they start.
   */
  function ownerOf(dn, node) {
    const open = RED.editor.getEditStack().includes(node);
    const shown = open ? $('#node-config-input-mode').val() : undefined;
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

  window.sipflow = Object.assign(window.sipflow || {}, {
    text,
    valid,
    check,
    label,
    labelStyle,
    outputs,
    entriesOf,
    isBlank,
    isEnv,
    rtpPairs,
    known: { codecs: CODECS, srtpSuites: SRTP_SUITES, privacy: PRIVACY, thresholds: THRESHOLDS },
  });
})();
