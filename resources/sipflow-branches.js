/* The list of choices of a node that has an output for each: keys or a pattern, and a label. */
(function () {
  'use strict';
  const sipflow = (window.sipflow = window.sipflow || {});
  if (sipflow.branchList) return;

  const KEYS = /^[0-9*#A-D]+$/i;

  /** What is wrong with one choice: the key of a sentence, and its options. */
  function branchProblem({ match }) {
    if (sipflow.isBlank(match)) return ['branchMatch'];
    const text = String(match).trim();
    if (sipflow.isEnv(text) || KEYS.test(text)) return undefined;
    return /[e-z]/i.test(text.replace(/\\d/g, '')) || sipflow.check.match(slashed(text))
      ? ['branchPattern', { name: text }]
      : undefined;
  }

  const slashed = (text) => '/' + text.replace(/^\/(.*)\/$/, '$1') + '/';

  /** Whether one of two choices takes the keys of the other one; what patterns have in common is seen at run time. */
  function overlap(one, other) {
    const [a, b] = [one, other].map(({ match }) => String(match).trim().toUpperCase());
    if (a === b) return true;
    const takes = (pattern, keys) =>
      !KEYS.test(pattern) &&
      KEYS.test(keys) &&
      new RegExp('^(?:' + slashed(pattern).slice(1, -1) + ')$').test(keys);
    const [x, y] = [one.match, other.match].map((match) => String(match).trim());
    return takes(x, b) || takes(y, a);
  }

  /** What is wrong with a list of choices. */
  function branchesProblem(branches) {
    if (!Array.isArray(branches) || branches.length === 0) return ['noBranches'];
    const broken = branches.map((each) => branchProblem(each || {})).find(Boolean);
    if (broken) return broken;
    const written = branches.filter(({ match }) => !sipflow.isEnv(match));
    for (const [index, each] of written.entries()) {
      const earlier = written.slice(0, index).find((other) => overlap(other, each));
      if (earlier) return ['branchOverlap', { one: earlier.match, other: each.match }];
    }
    return undefined;
  }

  /** Turns `<ol>` into the list of a node's choices. Alt with an arrow key moves a row. */
  function branchList(node, list, field) {
    list.editableList({
      addButton: node._('branch.add'),
      sortable: true,
      removable: true,
      addItem: (row, index, data) => addRow(node, row, data),
    });
    const stored = Array.isArray(node[field]) ? node[field] : [];
    stored.forEach((branch, index) => list.editableList('addItem', { ...branch, index }));
    list.data('sipflow-branches', stored.length);
  }

  function addRow(node, row, { match = '', label = '', index }) {
    const line = $('<div/>', { class: 'sipflow-check-line' }).appendTo(row);
    const input = (key, value, class_) => {
      const text = node._('branch.' + key);
      const holder = $('<div/>', { class: class_ }).appendTo(line);
      return $('<input/>', { type: 'text', 'aria-label': text, placeholder: text })
        .val(value)
        .appendTo(holder);
    };
    const parts = { match: input('match', match, 'sipflow-branch-match'), label: input('label', label, '') };
    row.addClass('sipflow-branch').data('sipflow-branch', { ...parts, index });
    sipflow.movableRow(row, node._('branch.remove'));
    const mark = () =>
      parts.match.toggleClass('input-error', Boolean(branchProblem({ match: parts.match.val() })));
    parts.match.on('change', mark);
    if (match !== '') mark();
  }

  const rowsOf = (list) =>
    $(list)
      .find('.sipflow-branch')
      .toArray()
      .map((row) => $(row).data('sipflow-branch'));

  /** The choices of a list, in its order. */
  const branchesOf = (list) =>
    rowsOf(list).map(({ match, label }) => ({
      match: String(match.val()).trim(),
      label: String(label.val()).trim(),
    }));

  /**
   * Where each output has gone to, as the editor wants it to move the wires: old place to new place, -1 for one that is
   * gone. `more` outputs follow those of the choices.
   */
  function outputMap(list, more) {
    const before = $(list).data('sipflow-branches');
    const rows = rowsOf(list);
    const map = {};
    for (let place = 0; place < before; place++) map[place] = -1;
    rows.forEach(({ index }, place) => {
      map[index === undefined ? 'new' + place : index] = place;
    });
    for (let place = 0; place < more; place++) map[before + place] = rows.length + place;
    return JSON.stringify(map);
  }

  /** Labels of the outputs: those of the choices, then those of the catalogue. */
  const branchOutputs = (field, more) =>
    function (index) {
      const branches = Array.isArray(this[field]) ? this[field] : [];
      if (index >= branches.length) return this._('output.' + more[index - branches.length]);
      const { match, label } = branches[index];
      return label || this._('output.choice', { match });
    };

  Object.assign(sipflow, { branchList, branchesOf, branchesProblem, branchOutputs, outputMap });
})();
