import { choicesOf, type ChoiceField, type Field, type NodeTable } from '../../nodes/shared/field-table';

/** Kinds of fields that take several lines. */
const LISTS: readonly Field['kind'][] = ['choices', 'list', 'configs', 'checks', 'branches'];

/** How many spaces a row stands in; the form is one level above it. */
const INDENT = '    ';

/** The rows of a form as the editor shows them. `prefix` is `node-input` or `node-config-input`. */
export class Rows {
  constructor(
    private readonly table: NodeTable,
    private readonly prefix: string,
  ) {}

  /** The whole form: one list of rows, or a panel for each tab. */
  form(): string {
    const { fields, rows = Object.keys(fields) } = this.table;
    const body = isList(rows)
      ? this.#config
        ? [this.#nameRow(), ...this.#all(rows)]
        : [...this.#all(rows), this.#nameRow()]
      : this.#panels(rows);
    return ['  <div class="sipflow-form">', ...body, '  </div>'].join('\n');
  }

  get #config(): boolean {
    return this.prefix === 'node-config-input';
  }

  /** The first tab begins with the name, as a form without tabs does. */
  #panels(tabs: Readonly<Record<string, readonly string[]>>): string[] {
    const panels = Object.entries(tabs).map(([tab, names], index) =>
      [
        `${INDENT}<div id="sipflow-tab-${tab}" class="sipflow-tab">`,
        ...(index === 0 ? [this.#nameRow()] : []),
        ...this.#all(names),
        `${INDENT}</div>`,
      ].join('\n'),
    );
    return [`${INDENT}<ul id="sipflow-tabs"></ul>`, ...panels];
  }

  #all(names: readonly string[]): string[] {
    const ends = names.map((name) => this.#upTo(this.#field(name)));
    return names.filter((name) => !ends.includes(name)).map((name) => this.#row(name, this.#field(name)));
  }

  #field(name: string): Field {
    const field = this.table.fields[name];
    if (!field) throw new Error(`${this.table.type} has no field "${name}" for a row of its form`);
    return field;
  }

  #row(name: string, field: Field): string {
    if (field.kind === 'flag') return row('sipflow-check', field, [this.#flag(name), ...hints(name, field)]);
    const control = this.#control(name, field);
    if (LISTS.includes(field.kind)) {
      const label = `<label id="sipflow-${name}-label">${caption(name, field)}</label>`;
      return row('sipflow-tall', field, [label, '<div>', control, ...hints(name, field), '</div>']);
    }
    const label = `<label for="${this.#id(name, field)}">${caption(name, field)}</label>`;
    // Node-RED puts a choice and buttons in place of the input of a config node, so the row says which field it is.
    const marks = field.kind === 'config' ? ` data-sipflow-config="${name}"` : '';
    return row('', field, [label, control, ...hints(name, field)], marks);
  }

  #nameRow(): string {
    const id = `${this.prefix}-name`;
    const text = 'node-red:common.label.name';
    return row('', {}, [
      `<label for="${id}"><i class="fa fa-tag"></i><span data-i18n="${text}"></span></label>`,
      `<input type="text" id="${id}" data-i18n="[placeholder]${text}" />`,
    ]);
  }

  /** Node-RED reads and writes inputs that are called after a field; those of lists are read by the form itself. */
  #id(name: string, field: Field): string {
    return field.kind === 'words' || field.kind === 'node' ? `sipflow-${name}` : `${this.prefix}-${name}`;
  }

  #flag(name: string): string {
    const id = `${this.prefix}-${name}`;
    return `<label for="${id}"><input type="checkbox" id="${id}" /><span data-i18n="label.${name}"></span></label>`;
  }

  #control(name: string, field: Field): string {
    const id = this.#id(name, field);
    switch (field.kind) {
      case 'choice':
        return `<select id="${id}">${options(field)}</select>`;
      case 'choices':
        return `<div id="sipflow-${name}" class="sipflow-choices" role="group" aria-labelledby="sipflow-${name}-label" data-sipflow-choices="${choicesOf(field).join(' ')}"></div>`;
      case 'list':
        return `<ol id="sipflow-${name}" aria-labelledby="sipflow-${name}-label" data-sipflow-list="${name}"></ol>`;
      case 'configs':
        return `<div id="sipflow-${name}" class="sipflow-choices" role="group" aria-labelledby="sipflow-${name}-label" data-sipflow-configs="${field.of}"></div>`;
      case 'checks':
        return `<ol id="sipflow-${name}" aria-labelledby="sipflow-${name}-label" data-sipflow-checks="${attribute(JSON.stringify(field.subjects))}"></ol>`;
      case 'branches':
        return `<ol id="sipflow-${name}" aria-labelledby="sipflow-${name}-label" data-sipflow-branches="${name}"></ol><input type="hidden" id="${this.prefix}-outputs" />`;
      case 'typed':
        return `<input type="text" id="${id}" data-sipflow-input="${field.input}" /><input type="hidden" id="${id}Type" />`;
      case 'property':
        return `<input type="text" id="${id}" data-sipflow-input="property" />`;
      case 'node':
        return `<select id="${id}" data-sipflow-node="${field.of}"></select>`;
      case 'config':
        return `<input type="text" id="${id}" />`;
      case 'secret':
        return `<input type="password" id="${id}" />`;
      case 'number':
        return this.#number(name, field);
      case 'words':
        return `<input type="text" id="${id}" data-sipflow-words="${name}"${placeholder(name, field)} />`;
      case 'text':
        return `<input type="text" id="${id}"${field.sound ? ` data-sipflow-sound="${name}"` : ''}${placeholder(name, field)} />`;
      case 'flag':
        return `<input type="text" id="${id}"${placeholder(name, field)} />`;
    }
  }

  /** One number, or the two ends of a range, each with a name of its own. */
  #number(name: string, field: Field): string {
    const upTo = this.#upTo(field);
    const input = (each: string, more: string): string =>
      `<input type="text" id="${this.prefix}-${each}" class="sipflow-short"${more} />`;
    if (upTo === undefined) return input(name, placeholder(name, field));
    const named = (each: string): string => input(each, ` data-i18n="[aria-label]label.${each}"`);
    return `${named(name)} – ${named(upTo)}`;
  }

  #upTo(field: Field): string | undefined {
    return field.kind === 'number' ? field.upTo : undefined;
  }
}

function isList(rows: NonNullable<NodeTable['rows']>): rows is readonly string[] {
  return Array.isArray(rows);
}

function row(kind: string, { when }: Pick<Field, 'when'>, content: readonly string[], marks = ''): string {
  const condition = when ? ` data-sipflow-when="${attribute(JSON.stringify(when))}"` : '';
  const lines = content.map((line) => `${INDENT}  ${line}`);
  return [
    `${INDENT}<div class="form-row${kind ? ` ${kind}` : ''}"${marks}${condition}>`,
    ...lines,
    `${INDENT}</div>`,
  ].join('\n');
}

/** The picture and the words before a control. Both ends of a range share those of the range. */
function caption(name: string, field: Field): string {
  const key = field.kind === 'number' && field.upTo ? name.replace(/Min$/, 's') : name;
  return `<i class="fa fa-${field.icon ?? 'sliders'}"></i><span data-i18n="label.${key}"></span>`;
}

function hints(name: string, field: Field): string[] {
  return [
    ...(field.hint ? [`<div class="sipflow-hint" data-i18n="hint.${name}"></div>`] : []),
    ...(field.live ? [`<div class="sipflow-hint" id="${field.live}" role="status"></div>`] : []),
  ];
}

function options(field: ChoiceField): string {
  const key = (value: string): string =>
    Array.isArray(field.choices) ? value : ((field.choices as Record<string, string>)[value] ?? value);
  return choicesOf(field)
    .map((value) => `<option value="${value}" data-i18n="option.${key(value)}"></option>`)
    .join('');
}

function placeholder(name: string, { placeholder }: Field): string {
  if (placeholder === undefined) return '';
  return placeholder === true
    ? ` data-i18n="[placeholder]placeholder.${name}"`
    : ` placeholder="${attribute(placeholder)}"`;
}

function attribute(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}
