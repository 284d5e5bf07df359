const SHOWN_MAX = 20;

/**
 * What becomes of a row that we cannot take as it is: `refused` stops the import before the first write, `mended` takes
 * it in another form, `left out` goes on without it.
 */
export type Verdict = 'refused' | 'mended' | 'left out';

export interface Rule {
  readonly verdict: Verdict;
  /** Says what is wrong, and for those that go on what is done. */
  readonly text: string;
}

export interface Finding extends Rule {
  rule: string;
  table: string;
  count: number;
  /** The first of them, with what is to be said about them alone. */
  rows: { id: number | string; detail?: string }[];
}

/** Rows that break a rule, counted by rule and table. Holds little, however many there are. */
export class Findings<Name extends string> {
  private readonly found = new Map<string, Finding>();

  constructor(private readonly rules: Readonly<Record<Name, Rule>>) {}

  note(rule: Name, table: string, id: number | string, detail?: string): void {
    const key = `${rule} ${table}`;
    const finding = this.found.get(key) ?? { rule, table, ...this.rules[rule], count: 0, rows: [] };
    this.found.set(key, finding);
    finding.count++;
    if (finding.rows.length < SHOWN_MAX) finding.rows.push({ id, ...(detail !== undefined && { detail }) });
  }

  get list(): Finding[] {
    return [...this.found.values()];
  }

  get refused(): Finding[] {
    return this.list.filter(({ verdict }) => verdict === 'refused');
  }
}

/** For people: a line per finding. */
export function findingText({ table, text, verdict, count, rows }: Finding): string {
  const shown = rows.map(({ id, detail }) => (detail === undefined ? String(id) : `${id} (${detail})`));
  const more = count > rows.length ? ` and ${count - rows.length} more` : '';
  return `${table}, ${count} ${verdict}: ${text}. Ids: ${shown.join(', ')}${more}`;
}
