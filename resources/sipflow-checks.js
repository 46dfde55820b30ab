/* The list of checks of the expect node: one check a row, with the operators and inputs that fit its subject. */
(function () {
  'use strict';
  const sipflow = (window.sipflow = window.sipflow || {});
  if (sipflow.checkList) return;

  const COMPARING = ['lt', 'lte', 'gt', 'gte', 'between'];
  /** Operators by the kind of a subject's values; a choice has those of a flag. */
  const OPERATORS = {
    flag: ['is', 'isNot'],
    number: ['is', 'isNot', ...COMPARING],
    text: ['is', 'isNot', 'contains', 'matches'],
    any: ['is', 'isNot', 'contains', 'matches', ...COMPARING],
  };
  const PRESENCE = ['exists', 'absent'];
  const COMPUTED = ['msg', 'flow', 'global', 'env', 'jsonata'];
  const TYPES_OF_OPERATOR = { between: ['json'], matches: ['re', 'str'] };
  /** Names that are more than plain text. */
  const NAME_TYPES = { msg: 'msg', jsonata: 'jsonata' };
  const SEVERITIES = ['error', 'warning'];

  const kindOf = (subject) => (subject ? (Array.isArray(subject.value) ? 'flag' : subject.value) : 'any');
  const operatorsOf = (subject) => [...OPERATORS[kindOf(subject)], ...PRESENCE];
  const takesValue = (operator) => !PRESENCE.includes(operator);

  /** The types of a check's value, its usual one first. */
  function valueTypes(node, subject, operator) {
    if (operator in TYPES_OF_OPERATOR) return [...TYPES_OF_OPERATOR[operator], ...COMPUTED];
    if (subject && Array.isArray(subject.value)) {
      const choice = { value: 'str', label: node._('check.choice'), icon: 'fa fa-list' };
      return [{ ...choice, options: subject.value.map((value) => ({ value, label: value })) }, ...COMPUTED];
    }
    const usual = { flag: ['bool'], number: ['num'], text: ['str'], any: ['str', 'num', 'bool', 'json'] };
    return [...usual[kindOf(subject)], ...COMPUTED];
  }

  const FIRST_VALUE = { bool: 'true', json: '[0, 100]' };

  /** What is wrong with one check: the key of a sentence, and its options. */
  function checkProblem(check, subjects) {
    const { subject, name, operator, value, valueType = 'str' } = check || {};
    const known = subjects ? subjects[subject] : undefined;
    const what = { name: subject };
    if (subjects && !known) return ['checkSubject', what];
    if (known && !operatorsOf(known).includes(operator)) return ['checkOperator', what];
    if (known && known.named && sipflow.isBlank(name)) return ['checkName', what];
    if (!takesValue(operator) || sipflow.isEnv(value)) return undefined;
    const empty = sipflow.isBlank(value) && !(valueType === 'str' && ['is', 'isNot'].includes(operator));
    if (empty) return ['checkValue', what];
    return valueProblem(operator, String(value), valueType) ? ['checkValue', what] : undefined;
  }

  function valueProblem(operator, value, type) {
    if (type === 'num') return !Number.isFinite(Number(value));
    if (type === 're' || (operator === 'matches' && type === 'str')) return sipflow.check.pattern(value);
    if (type !== 'json') return false;
    try {
      const parsed = JSON.parse(value);
      const range = Array.isArray(parsed) && parsed.length === 2 && parsed.every(Number.isFinite);
      return operator === 'between' && !range;
    } catch {
      return true;
    }
  }

  /** What is wrong with a list of checks. */
  function checksProblem(checks, subjects) {
    if (!Array.isArray(checks) || checks.length === 0) return ['noChecks'];
    for (const check of checks) {
      const problem = checkProblem(check, subjects);
      if (problem) return problem;
    }
    return undefined;
  }

  const option = (value, label) => $('<option/>', { value }).text(label);
  const labelled = (node, key, more = {}) => ({ 'aria-label': node._('check.' + key), ...more });

  /** The choice of a subject, under headings; one that is not known here, of a later version, stays. */
  function subjectChoice(node, subjects, chosen) {
    const select = $('<select/>', labelled(node, 'subject', { class: 'sipflow-check-subject' }));
    const groups = {};
    for (const [name, { group }] of Object.entries(subjects)) {
      groups[group] = groups[group] || $('<optgroup/>', { label: node._('group.' + group) }).appendTo(select);
      option(name, node._('subject.' + name)).appendTo(groups[group]);
    }
    if (chosen && !(chosen in subjects)) option(chosen, chosen).appendTo(select);
    return select.val(chosen);
  }

  /** Turns `<ol>` into the list of a node's checks. Alt with an arrow key moves a row. */
  function checkList(node, list, subjects) {
    list.editableList({
      addButton: node._('check.add'),
      sortable: true,
      removable: true,
      addItem: (row, index, data) => addRow(node, row, subjects, data),
    });
    const stored = Array.isArray(node.checks) ? node.checks : [];
    stored.forEach((check) => list.editableList('addItem', check));
  }

  function addRow(node, row, subjects, data) {
    const check = data.subject ? data : { subject: 'status', operator: 'is', value: '200', valueType: 'num' };
    const what = $('<div/>', { class: 'sipflow-check-line' }).appendTo(row);
    const rule = $('<div/>', { class: 'sipflow-check-line' }).appendTo(row);
    const subject = subjectChoice(node, subjects, check.subject).appendTo(what);
    const operator = $('<select/>', labelled(node, 'operator', { class: 'sipflow-check-operator' }));
    const severity = $('<select/>', labelled(node, 'severity', { class: 'sipflow-check-severity' }));
    SEVERITIES.forEach((each) => option(each, node._('severity.' + each)).appendTo(severity));
    severity.val(check.severity || 'error');
    rule.append(operator, severity);
    const parts = { what, rule, subject, operator, severity };
    row.addClass('sipflow-check').data('sipflow-check', parts);

    const showSubject = (now) => {
      const chosen = subjects[subject.val()];
      operator.empty();
      operatorsOf(chosen).forEach((each) => option(each, node._('operator.' + each)).appendTo(operator));
      operator.val(operatorsOf(chosen).includes(now.operator) ? now.operator : 'is');
      showName(node, parts, chosen, now);
      showValue(node, parts, chosen, now);
    };
    subject.on('change', () => showSubject({}));
    operator.on('change', () => showValue(node, parts, subjects[subject.val()], readRow(parts)));
    showSubject(check);
    sipflow.movableRow(row, node._('check.remove'));
    const mark = () =>
      row.toggleClass('sipflow-check-wrong', Boolean(checkProblem(readRow(parts), subjects)));
    row.on('change', mark);
    mark();
  }

  /** The inputs for what a subject is of, and for the SIP message that it is read from. */
  function showName(node, parts, subject, { name, message }) {
    parts.what.children('.sipflow-check-of').remove();
    delete parts.name;
    delete parts.message;
    const put = (key, class_) => {
      const holder = $('<div/>', { class: 'sipflow-check-of ' + class_ }).appendTo(parts.what);
      const text = node._('check.' + key);
      return $('<input/>', { type: 'text', 'aria-label': text, placeholder: text }).appendTo(holder);
    };
    if (subject && subject.named) {
      const key = parts.subject.val();
      parts.name = put(key, '').val(name || '');
      const type = NAME_TYPES[key];
      if (type) typedInput(parts.name, [type], type, name || '', node._('check.' + key));
    }
    if (subject && subject.ofMessage)
      parts.message = put('message', 'sipflow-check-short').val(message || '');
  }

  function showValue(node, parts, subject, { value, valueType }) {
    parts.rule.children('.sipflow-check-value').remove();
    delete parts.value;
    if (!takesValue(parts.operator.val())) return;
    const holder = $('<div/>', { class: 'sipflow-check-value' }).insertAfter(parts.operator);
    parts.value = $('<input/>', { type: 'text' }).appendTo(holder);
    const types = valueTypes(node, subject, parts.operator.val());
    const names = types.map((type) => type.value || type);
    const kept = names.includes(valueType);
    const type = kept ? valueType : names[0];
    const first = types[0].options ? types[0].options[0].value : (FIRST_VALUE[type] ?? '');
    typedInput(parts.value, types, type, kept && value !== undefined ? value : first, node._('check.value'));
  }

  function typedInput(input, types, type, value, label) {
    input.typedInput({ default: type, types });
    input.typedInput('type', type);
    input.typedInput('value', value);
    input
      .next('.red-ui-typedInput-container')
      .find('input:not([type=hidden]), button, .red-ui-typedInput-type-select')
      .attr('aria-label', label);
  }

  const typedValue = (input) =>
    input.next('.red-ui-typedInput-container').length ? input.typedInput('value') : input.val();

  /** A row as flows store it: what does not apply is left out. */
  function readRow({ subject, name, message, operator, value, severity }) {
    return {
      subject: subject.val(),
      ...(name ? { name: String(typedValue(name)).trim() } : {}),
      ...(message && message.val().trim() ? { message: message.val().trim() } : {}),
      operator: operator.val(),
      ...(value ? { value: String(value.typedInput('value')), valueType: value.typedInput('type') } : {}),
      severity: severity.val(),
    };
  }

  /** The checks of a list, in its order. */
  const checksOf = (list) =>
    $(list)
      .find('.sipflow-check')
      .toArray()
      .map((row) => readRow($(row).data('sipflow-check')));

  /** A node's label: its name, its only check, or how many it has. */
  function checksLabel(node) {
    if (node.name) return node.name;
    const checks = Array.isArray(node.checks) ? node.checks : [];
    if (checks.length !== 1) return node._('labelled.several', { count: checks.length });
    const [{ subject, name, operator, value, valueType = 'str' }] = checks;
    const written = ['str', 'num', 'bool', 're', 'json'].includes(valueType)
      ? value
      : valueType + '.' + value;
    const what = [subject, name].filter((each) => !sipflow.isBlank(each)).join(' ');
    const told = takesValue(operator) && !sipflow.isBlank(value) ? String(written).slice(0, 30) : '';
    return node._('labelled.one', { what, operator: node._('operator.' + operator), value: told }).trim();
  }

  Object.assign(sipflow, { checkList, checksOf, checksProblem, checksLabel });
})();
