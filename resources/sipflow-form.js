/*
 * Sets up the forms of all SIP nodes from what the build wrote into them (`data-sipflow-…`): typed inputs, lists, rows that
 * apply only sometimes, tabs. Keeps stored nodes as they are until their form is saved with a change.
 */
(function () {
  'use strict';
  const sipflow = (window.sipflow = window.sipflow || {});
  if (sipflow.missingFields) return;

  const MODULE = '@sipflow/node-red-sipflow';
  /** The type that the run time takes for a value that was stored without one, where no default type fits a value. */
  const TYPE_OF_VALUE = { headers: 'json', rows: 'json' };
  const VALUELESS = ['none', 'any', 'instance'];
  /** What Node-RED itself keeps on a node. */
  const RESERVED = [
    ...[
      'id',
      'type',
      'x',
      'y',
      'z',
      'w',
      'h',
      'g',
      'd',
      'l',
      'wires',
      'inputs',
      'outputs',
      'status',
      'valid',
    ],
    ...['validationErrors', 'changed', 'dirty', 'moved', 'selected', 'users', 'ports', 'icon', 'info', 'env'],
    ...['credentials', 'inputLabels', 'outputLabels'],
  ];
  const copy = (value) => JSON.parse(JSON.stringify(value));
  const isOpen = (node) => RED.editor.getEditStack().includes(node);
  const isOurs = ({ set }) => set !== undefined && set.module === MODULE;

  /** The version of a stored node's fields: 1 where it says none. */
  const versionOf = ({ version }) => (typeof version === 'number' && version >= 1 ? version : 1);

  /** A copy of a stored node as the present version would have stored it; the same as nodes/shared/migrations.ts. */
  function migrated(node, migrations) {
    const now = { ...node };
    for (const { to, renamed = {}, absent = {} } of migrations || []) {
      if (to <= versionOf(node)) continue;
      for (const [old, name] of Object.entries(renamed)) {
        if (now[name] === undefined && now[old] !== undefined) now[name] = now[old];
        delete now[old];
      }
      for (const [field, value] of Object.entries(absent)) {
        if (now[field] === undefined || now[field] === null) now[field] = copy(value);
      }
    }
    return now;
  }

  /**
   * The fields that a stored node lacks, with what the run time takes for them: what their absence meant in its version, or
   * their defaults. A value that was stored without its type keeps the value, and a type without a value that needs one
   * counts as absent.
   */
  function missingFields(stored, { defaults, migrations }) {
    const node = migrated(stored, migrations);
    const missing = {};
    for (const field of Object.keys(defaults)) {
      const owner = field.replace(/Type$/, '');
      if (stored[field] === undefined && node[field] !== undefined) missing[field] = node[field];
      // A field of a later version has no default here.
      if ((owner !== field && owner in defaults) || !('value' in defaults[field])) continue;
      const type = field + 'Type';
      const absent = node[field] === undefined;
      if (absent && !VALUELESS.includes(node[type])) missing[field] = copy(defaults[field].value);
      if (!(type in defaults)) continue;
      if (absent && !VALUELESS.includes(node[type])) missing[type] = defaults[type].value;
      if (absent && VALUELESS.includes(node[type])) missing[field] = '';
      if (absent || node[type] !== undefined) continue;
      const valueless = VALUELESS.includes(defaults[type].value);
      missing[type] =
        valueless && !sipflow.isBlank(node[field]) ? TYPE_OF_VALUE[field] || 'str' : defaults[type].value;
    }
    return missing;
  }

  const prefixOf = ({ _def }) => '#node-' + (_def.category === 'config' ? 'config-' : '') + 'input-';

  /**
   * Gives the fields that a stored node lacks their values for as long as its form is open. What is still at its default
   * when the form closes is taken away again, so that looking at a node, and Done, change nothing in the flow. A node that
   * was changed keeps them: it is stored whole, in the present version.
   */
  function fillForm(node) {
    const { defaults } = node._def;
    const missing = missingFields(node, node._def);
    const fields = Object.keys(missing).filter((field) => node[field] !== missing[field]);
    const before = fields.map((field) => node[field]);
    for (const field of fields) {
      node[field] = copy(missing[field]);
      if (defaults[field].type || typeof missing[field] === 'object') continue;
      const input = $(prefixOf(node) + field);
      if (input.is(':checkbox')) input.prop('checked', missing[field]);
      else input.val(missing[field]);
    }
    const wasOlder = fields.includes('version') || versionOf(node) < defaults.version.value;
    let whole = false;
    const saved = (each) => {
      if (each !== node || !node.changed || !wasOlder) return;
      node.version = defaults.version.value;
      whole = true;
    };
    const closed = () => {
      if (isOpen(node)) return;
      RED.events.off('editor:save', saved);
      ['editor:close', 'editor:change'].forEach((event) => RED.events.off(event, closed));
      if (whole) return;
      fields.forEach((field, index) => {
        if (JSON.stringify(node[field]) !== JSON.stringify(missing[field])) return;
        if (before[index] === undefined) delete node[field];
        else node[field] = before[index];
      });
    };
    RED.events.on('editor:save', saved);
    ['editor:close', 'editor:change'].forEach((event) => RED.events.on(event, closed));
  }

  /** Everything in a form that the build marked. */
  function setUp(node, form) {
    const marked = (name, set) =>
      form
        .find('[data-sipflow-' + name + ']')
        .each((_, each) => set($(each), each.dataset['sipflow' + title(name)]));
    const title = (name) => name[0].toUpperCase() + name.slice(1);
    marked('config', (_, field) => sipflow.configButtons(node, field));
    marked('input', (input, kind) => {
      const field = input.attr('id').replace('node-input-', '');
      sipflow.typed(node, field, kind);
      if (kind === 'source') sipflow.sayButton(node, field);
    });
    marked('sound', (_, field) => sipflow.sayButton(node, field));
    marked('branches', (list, field) => sipflow.branchList(node, list, field));
    marked('list', (list, field) => sipflow.nameList(node, list, field));
    marked('words', (input, field) => input.val([node[field] || []].flat().join(', ')));
    marked('choices', (box, values) => {
      const field = box.attr('id').replace('sipflow-', '');
      sipflow.showChoices(node, '#sipflow-' + field, values.split(' '), node[field]);
    });
    marked('configs', (box, type) => sipflow.showConfigs(node, box, type));
    marked('node', (select, type) => sipflow.showNodes(node, select, type));
    marked('checks', (list, subjects) => sipflow.checkList(node, list, JSON.parse(subjects)));
    showRows(node, form);
    setUpTabs(node, form);
  }

  /** Writes what Node-RED does not read by itself into the node. */
  function save(node, form) {
    form.find('[data-sipflow-list]').each((_, each) => {
      node[each.dataset.sipflowList] = sipflow.namesOf('#' + each.id);
    });
    form.find('[data-sipflow-words]').each((_, each) => {
      node[each.dataset.sipflowWords] = sipflow.entriesOf($(each).val());
    });
    form.find('[data-sipflow-node]').each((_, each) => {
      node[each.id.replace('sipflow-', '')] = $(each).val();
    });
    form.find('[data-sipflow-checks]').each((_, each) => {
      node[each.id.replace('sipflow-', '')] = sipflow.checksOf(each);
    });
    form.find('[data-sipflow-branches]').each((_, each) => {
      node[each.dataset.sipflowBranches] = sipflow.branchesOf(each);
      $('#node-input-outputs').val(sipflow.outputMap(each, node._def.outputs - 1));
    });
    form.find('[data-sipflow-choices], [data-sipflow-configs]').each((_, each) => {
      node[each.id.replace('sipflow-', '')] = sipflow.chosenOf('#' + each.id);
    });
  }

  /** What a field says in the open form; undefined while that is computed at run time, and may be anything. */
  function shown(prefix, field) {
    const input = $(prefix + field);
    if (input.is(':checkbox')) return input.prop('checked');
    const type = $(prefix + field + 'Type').val();
    const value = String(input.val() || '').trim();
    const written = type === undefined || type === 'str' || type === 'num';
    return written && !sipflow.isEnv(value) ? value : undefined;
  }

  function holds(value, { is, not, from, to }) {
    if (value === undefined) return true;
    const same = (each) =>
      each === value ||
      (each !== '' && value !== '' && typeof each === 'string' && Number(each) === Number(value));
    if (is) return is.some(same);
    return not ? !not.some(same) : Number(value) >= from && Number(value) <= to;
  }

  /** Shows the rows that apply, as long as the form is open. */
  function showRows(node, form) {
    const rows = form
      .find('[data-sipflow-when]')
      .toArray()
      .map((row) => ({ row, conditions: Object.entries(JSON.parse(row.dataset.sipflowWhen)) }));
    const show = () => {
      for (const { row, conditions } of rows) {
        $(row).toggle(
          conditions.every(([field, condition]) => holds(shown(prefixOf(node), field), condition)),
        );
      }
    };
    form.on('input change', show);
    show();
  }

  /** Makes tabs of the panels of a form, for mouse, keyboard and screen reader; a tab with a wrong field says so. */
  function setUpTabs(node, form) {
    const panels = form.children('.sipflow-tab');
    if (panels.length === 0) return;
    const link = (panel) => form.find('a[href="#' + panel.id + '"]');
    const tabs = RED.tabs.create({
      id: 'sipflow-tabs',
      onchange: ({ id }) => {
        panels.each((_, panel) => {
          const chosen = panel.id === id;
          $(panel).toggle(chosen);
          link(panel).attr({ 'aria-selected': chosen, tabindex: chosen ? 0 : -1 });
        });
      },
    });
    const name = (panel) => node._('tab.' + panel.id.replace('sipflow-tab-', ''));
    panels.hide().each((_, panel) => tabs.addTab({ id: panel.id, label: name(panel) }));
    form.find('#sipflow-tabs').attr({ role: 'tablist', 'aria-label': node._('node') });
    panels.each((index, panel) => {
      const tab = link(panel).attr({ role: 'tab', id: panel.id + '-label', 'aria-controls': panel.id });
      tab.closest('li').attr('role', 'presentation');
      $(panel).attr({ role: 'tabpanel', 'aria-labelledby': panel.id + '-label' });
      tab.on('keydown', (event) => {
        const last = panels.length - 1;
        const steps = {
          ArrowRight: index === last ? 0 : index + 1,
          ArrowLeft: index === 0 ? last : index - 1,
          Home: 0,
          End: last,
        };
        if (!(event.key in steps)) return;
        event.preventDefault();
        const next = panels[steps[event.key]];
        tabs.activateTab(next.id);
        link(next).trigger('focus');
      });
    });
    tabs.activateTab(panels[0].id);

    // Node-RED marks a wrong input by a class, whenever it looks.
    const mark = () =>
      panels.each((_, panel) => {
        const wrong = $(panel).find('.input-error').length > 0;
        link(panel).toggleClass('sipflow-wrong', wrong);
        if (wrong) link(panel).attr('aria-label', sipflow.text('tab.wrong', { tab: name(panel) }));
        else link(panel).removeAttr('aria-label');
      });
    new window.MutationObserver(mark).observe(form[0], { subtree: true, attributeFilter: ['class'] });
    mark();
  }

  /** All forms of the package are set up so, without a line of their own. */
  RED.events.on('registry:node-type-added', function (type) {
    const definition = RED.nodes.getType(type);
    if (!definition || !isOurs(definition)) return;
    const { oneditprepare, oneditsave } = definition;
    const formOf = (node) => $(prefixOf(node) + 'name').closest('.sipflow-form');
    definition.oneditprepare = function () {
      fillForm(this);
      setUp(this, formOf(this));
      if (oneditprepare) oneditprepare.call(this);
    };
    definition.oneditsave = function () {
      save(this, formOf(this));
      if (oneditsave) oneditsave.call(this);
    };
    // A field that a stored node lacks is as right as its default.
    for (const field of Object.values(definition.defaults).filter(({ validate }) => validate)) {
      const { validate, value } = field;
      // Two parameters tell Node-RED that the answer may be a sentence.
      field.validate = function (stored, opt) {
        return validate.call(this, stored === undefined ? value : stored, opt);
      };
    }
  });

  /**
   * The editor forgets fields that a type does not have. Those of a later version are told to it before it reads a flow, so
   * that they are still there after a deploy; fields that have another name now get it.
   */
  const importNodes = RED.nodes.import;
  RED.nodes.import = function (nodes, ...rest) {
    for (const node of Array.isArray(nodes) ? nodes : []) {
      const definition = RED.nodes.getType(node.type);
      if (definition && isOurs(definition)) keepFields(node, definition);
    }
    return importNodes.call(this, nodes, ...rest);
  };

  function keepFields(node, definition) {
    const { defaults, migrations } = definition;
    for (const { to, renamed = {} } of migrations || []) {
      for (const [old, name] of Object.entries(renamed)) {
        if (to > versionOf(node) && node[name] === undefined && node[old] !== undefined)
          node[name] = node[old];
      }
    }
    const { outputsOf, outputs } = definition;
    // One output for each branch, whatever a flow that was written by hand says.
    if (outputsOf && Array.isArray(node[outputsOf])) node.outputs = node[outputsOf].length + outputs - 1;
    for (const field of Object.keys(node))
      if (!(field in defaults) && !RESERVED.includes(field)) defaults[field] = {};
  }

  Object.assign(sipflow, { missingFields, migrated });
})();
