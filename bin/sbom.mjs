// The bill of materials of what runs in production, as CycloneDX: node bin/sbom.mjs [FILE] [FOLDER]. Made from
// package-lock.json alone. Ends with 1 when something in it has no exact version, no hash, or no licence that lets
// everybody run, change and pass on the software.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;
const PERMISSIVE = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'ISC',
  'MIT',
  'Python-2.0',
  'Zlib',
]);
/** Packages that name no licence in their package.json, and what their licence file says. */
const LOOKED_UP = { 'exif-parser@0.1.12': 'MIT' };
const EXACT = /^\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.+-]+)?$/;

const project = resolve(process.argv[3] ?? fileURLToPath(new URL('..', import.meta.url)));
const file = process.argv[2] ?? join(project, 'sbom.cdx.json');

const bill = ofProduction(billOfEverything());
const complaints = [...bill.components.flatMap(complaintsAbout), ...rangesIn(project)];
writeFileSync(file, `${JSON.stringify(bill, null, 2)}\n`);
for (const complaint of complaints) console.error(complaint);
console.log(`${bill.components.length} packages in ${file}, ${complaints.length} complaints`);
if (bill.components.length === 0 || complaints.length > 0) process.exitCode = 1;

function billOfEverything() {
  const args = ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only'];
  return JSON.parse(
    execFileSync('npm', args, { cwd: project, encoding: 'utf8', maxBuffer: OUTPUT_BYTES_MAX }),
  );
}

/** `npm sbom --omit dev` leaves out what packages for development need too (npm 11.19: even @nestjs/common). */
function ofProduction({ components, dependencies, ...bill }) {
  const { packages } = JSON.parse(readFileSync(join(project, 'package-lock.json'), 'utf8'));
  const needed = new Set([bill.metadata.component['bom-ref']]);
  for (const [path, { name, version, dev, devOptional }] of Object.entries(packages))
    if (path !== '' && !dev && !devOptional)
      needed.add(`${name ?? path.split('node_modules/').at(-1)}@${version}`);
  return {
    ...bill,
    components: components.filter((component) => needed.has(component['bom-ref'])),
    dependencies: dependencies
      .filter(({ ref }) => needed.has(ref))
      .map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.filter((each) => needed.has(each)) })),
  };
}

function complaintsAbout({ name, version, licenses = [], hashes = [] }) {
  const found = [];
  const id = `${name}@${version}`;
  if (!EXACT.test(version ?? '')) found.push(`${id} has no exact version`);
  if (!hashes.some(({ alg }) => alg === 'SHA-512')) found.push(`${id} has no hash`);
  const named = licenses.map(({ license, expression }) => expression ?? license?.id ?? license?.name ?? '?');
  const all = named.length > 0 ? named : [LOOKED_UP[id] ?? '?'];
  const single = all.flatMap((each) => each.replaceAll(/[()]/g, '').split(/ (?:AND|OR) /));
  const others = single.filter((each) => !PERMISSIVE.has(each));
  if (others.length > 0) found.push(`${id} has the licence ${others.join(', ')}, which nobody has looked at`);
  return found;
}

/** Of the packages that we name ourselves, those for development too. */
function rangesIn(folder) {
  const { dependencies, devDependencies, optionalDependencies } = JSON.parse(
    readFileSync(join(folder, 'package.json'), 'utf8'),
  );
  return Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies })
    .filter(([, version]) => !EXACT.test(version))
    .map(([name, version]) => `package.json names ${name} as ${version}, which is no exact version`);
}
