import { join } from 'node:path';
import { CHART, type Rendered } from './helm.js';

const example = (name: string): string => join(CHART, 'examples', `${name}.yaml`);
export const GATEWAY = example('gateway');
export const PRODUCTION = example('production');
export const TRY = example('try');

export type Container = {
  name: string;
  image: string;
  args?: string[];
  securityContext: Record<string, unknown>;
  resources: { requests?: object; limits?: { memory?: string } };
  env?: { name: string; value?: string }[];
  envFrom?: object[];
  volumeMounts?: { name: string; mountPath: string }[];
  [probe: string]: unknown;
};
export type PodSpec = {
  securityContext: Record<string, unknown>;
  automountServiceAccountToken: boolean;
  terminationGracePeriodSeconds?: number;
  containers: Container[];
  volumes?: { name: string; secret?: { secretName: string; items?: { key: string }[] } }[];
};

type Template = { spec: PodSpec };

export function podOf(object: Rendered): PodSpec | undefined {
  if (object.kind === 'Pod') return object.spec as PodSpec;
  const spec = object.spec as
    { template?: Template; jobTemplate?: { spec: { template: Template } } } | undefined;
  return (spec?.template ?? spec?.jobTemplate?.spec.template)?.spec;
}
/** Names of the volumes that a StatefulSet claims for its pods. */
export const claimedBy = ({ spec }: Rendered): string[] =>
  ((spec as { volumeClaimTemplates?: Rendered[] } | undefined)?.volumeClaimTemplates ?? []).map(
    ({ metadata }) => metadata.name,
  );
export const one = (objects: Rendered[], kind: string, name: string): Rendered => {
  const found = objects.filter((each) => each.kind === kind && each.metadata.name === name);
  expect([kind, name, found.length]).toEqual([kind, name, 1]);
  return found[0]!;
};
export const settingsOf = (objects: Rendered[]): Record<string, string> =>
  one(objects, 'ConfigMap', 'plaza').data as Record<string, string>;
