/**
 * Tells the style whether the editor is dark, by the colour of its text: Node-RED 5 has a class for its own dark theme,
 * but themes of other packages have none.
 */
export function applyTheme(element: HTMLElement): void {
  const [red = 0, green = 0, blue = 0] = (getComputedStyle(element).color.match(/[\d.]+/g) ?? []).map(Number);
  element.classList.toggle('sipflow-dark', 0.299 * red + 0.587 * green + 0.114 * blue > 128);
}
