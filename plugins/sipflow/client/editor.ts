/** A node, a config node or a tab as the editor has it. */
export interface EditorNode {
  id: string;
  type: string;
  z?: string;
  label?: string;
  name?: string;
}

interface SidebarTab {
  id: string;
  name: string;
  label: string;
  iconClass: string;
  content: HTMLElement;
  /** Whether the tab can be used while a form is open. */
  enableOnEdit: boolean;
  action: string;
}

/** The part of Node-RED's editor that the sidebar uses; the same in versions 4.1 and 5. */
export interface NodeRedEditor {
  _(key: string, values?: Record<string, string | number>): string;
  actions: { add(name: string, action: () => void, options?: object): void };
  clipboard: { copyText(text: string, element?: unknown, message?: string): void };
  comms: {
    subscribe(topic: string, listener: () => void): void;
    unsubscribe(topic: string, listener: () => void): void;
  };
  events: { on(event: string, listener: () => void): void };
  i18n: { lang(): string };
  nodes: {
    node(id: string): EditorNode | null | undefined;
    workspace(id: string): EditorNode | undefined;
    subflow(id: string): EditorNode | undefined;
  };
  notify(message: HTMLElement, options: { type: string; id?: string; timeout?: number }): void;
  plugins: { registerPlugin(id: string, definition: { onadd(): void }): void };
  sidebar: { addTab(tab: SidebarTab): void; show(id: string): void; config: { show(id: string): void } };
  user: { hasPermission(permission: string): boolean };
  utils: { getNodeLabel(node: EditorNode, usual?: string): string };
  view: { reveal(id: string): void; select(selection: { nodes: EditorNode[] }): void };
  workspaces: { active(): string; show(id: string): void };
}

declare global {
  /** The editor that this script is loaded by. */
  const RED: NodeRedEditor;
}
