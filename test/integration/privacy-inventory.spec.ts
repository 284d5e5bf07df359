import { privacyInventory } from '../support/privacy-inventory.js';
import { allWithCommunity } from '../support/scratch-community.js';

/** Of other programs in the same database; PRIVACY.md tells of it in words. */
const LEFT_OUT = ['_prisma_migrations'];

const community = allWithCommunity();

async function catalogue(): Promise<Record<string, string[]>> {
  const rows = await community().sql<{ table: string; columns: string[] }>(
    `SELECT table_name AS table, array_agg(column_name::text ORDER BY column_name COLLATE "C") AS columns
     FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> ALL ($1) GROUP BY table_name`,
    [LEFT_OUT],
  );
  return Object.fromEntries(rows.map(({ table, columns }) => [table, columns]));
}

const isTable = (heading: string, tables: object): boolean =>
  heading in tables || /^[a-z]+(?:_[a-z]+)*$/.test(heading);

async function inventory(): Promise<Record<string, string[]>> {
  const tables = await catalogue();
  const sections = privacyInventory().filter(({ heading }) => isTable(heading, tables));
  return Object.fromEntries(sections.map(({ heading, names }) => [heading, [...names].sort()]));
}

it('PRIVACY.md names every column of every table, and none that is not there', async () => {
  expect(await inventory()).toEqual(await catalogue());
});

it.each([
  ['a column more', 'ALTER TABLE users ADD nickname text'],
  ['a column less', 'ALTER TABLE rooms DROP COLUMN active_users'],
  ['a table more', 'CREATE TABLE contacts (id int)'],
  ['a table less', 'DROP TABLE statistics'],
])('%s is noticed', async (_, change) => {
  await community().sql('BEGIN');
  await community().sql(change);
  const [told, there] = await Promise.all([inventory(), catalogue()]);
  await community().sql('ROLLBACK');
  expect(told).not.toEqual(there);
});
