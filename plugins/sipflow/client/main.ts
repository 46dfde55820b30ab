import { attempt } from './notice';
import { Sidebar } from './sidebar';
import { say } from './words';

const TAB = 'sipflow';
const SHOW = 'sipflow:show-sip-tab';

/** The call that the address asks for: `#sipflow/call/ID`. */
function callInAddress(): string | undefined {
  const [, id] = /^#sipflow\/call\/(.+)$/.exec(location.hash) ?? [];
  try {
    return id === undefined ? undefined : decodeURIComponent(id);
  } catch {
    return undefined;
  }
}

/** Adds the tab for users who may see it; the runtime refuses the others whatever the editor shows. */
function add(): void {
  if (!RED.user.hasPermission('sipflow.read')) return;
  const sidebar = new Sidebar();
  // Node-RED writes the address as soon as it shows a flow.
  const first = callInAddress();
  RED.sidebar.addTab({
    id: TAB,
    name: say('title'),
    label: say('title'),
    iconClass: 'fa fa-phone',
    content: sidebar.element,
    enableOnEdit: true,
    action: SHOW,
  });
  const open = (call: string): void => {
    RED.sidebar.show(TAB);
    attempt(() => sidebar.openCall(call));
  };
  RED.actions.add(SHOW, () => RED.sidebar.show(TAB));
  window.addEventListener('hashchange', () => {
    const call = callInAddress();
    if (call !== undefined) open(call);
  });
  if (first === undefined) return;
  let waiting = true;
  RED.events.on('flows:loaded', () => {
    if (!waiting) return;
    waiting = false;
    setTimeout(() => open(first));
  });
}

RED.plugins.registerPlugin('sipflow-sidebar', { onadd: add });
