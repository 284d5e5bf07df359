import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../libs/config/project-root.js';

/** A heading of PRIVACY.md with the names in the first cells of the tables beneath it. */
export interface InventorySection {
  /** Without the marks around it. */
  heading: string;
  names: string[];
}

const HEADING = /^#{2,3} (.+)$/;
const FIRST_CELL = /^\|([^|]+)\|/;

/** What PRIVACY.md says is kept, in its order. */
export function privacyInventory(): InventorySection[] {
  const sections: InventorySection[] = [];
  for (const line of readFileSync(join(projectRoot, 'PRIVACY.md'), 'utf8').split('\n')) {
    const heading = HEADING.exec(line)?.[1];
    if (heading !== undefined) sections.push({ heading: heading.replaceAll('`', ''), names: [] });
    const cell = FIRST_CELL.exec(line)?.[1];
    sections.at(-1)?.names.push(...[...(cell ?? '').matchAll(/`([^`]+)`/g)].map(([, name]) => name!));
  }
  return sections;
}

/** Of one section, sorted. */
export function inventoriedNames(heading: string): string[] {
  const section = privacyInventory().find((each) => each.heading === heading);
  if (!section) throw new Error(`PRIVACY.md has no section "${heading}"`);
  return [...section.names].sort();
}
