import type { HeaderFields } from './header-fields';
import { splitList } from './header-values';

/** Option tags of all fields of that name, as written (RFC 3261, 19.2); they are compared without regard to case. */
export function optionTags(headers: HeaderFields, name: 'Require' | 'Supported' | 'Unsupported'): string[] {
  return headers.has(name) ? headers.all(name).flatMap(splitList) : [];
}

export function hasOptionTag(headers: HeaderFields, name: 'Require' | 'Supported', tag: string): boolean {
  return optionTags(headers, name).some((each) => each.toLowerCase() === tag);
}
