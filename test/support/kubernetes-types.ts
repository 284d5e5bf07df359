import * as models from '@kubernetes/client-node';
import { HTTPRoute } from '@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1/HTTPRoute';
import { PrometheusRule } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PrometheusRule';
import { ServiceMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/ServiceMonitor';
import * as checked from 'kubernetes-models';
import type { Rendered } from './helm.js';

interface Attribute {
  baseName: string;
  type: string;
}
interface Validated {
  validate(): void;
}
type Maker = new (object: never) => Validated;

/** Kinds that are no part of Kubernetes itself. */
const CUSTOM: Readonly<Record<string, Maker>> = { HTTPRoute, PrometheusRule, ServiceMonitor };

/** What is wrong with the object: fields that Kubernetes does not know, and values of another type. */
export function complaintsAbout(object: Rendered): string[] {
  const name = `${object.kind}/${object.metadata.name}`;
  const custom = CUSTOM[object.kind];
  const unknown = custom ? [] : unknownFields(object, `V${versionOf(object)}${object.kind}`, name);
  return [...unknown, ...wrongTypes(object, custom ?? builtIn(object), name)];
}

const versionOf = ({ apiVersion }: Rendered): string => apiVersion.split('/').at(-1)!.slice(1);

/** `networking.k8s.io/v1` is `networkingK8sIo.v1` in the package, `v1` is `v1`. */
function builtIn({ apiVersion, kind }: Rendered): Maker {
  const path = apiVersion
    .split('/')
    .map((part) => part.replace(/\.([a-z])/g, (_, letter: string) => letter.toUpperCase()));
  let place: unknown = checked;
  for (const name of [...path, kind]) place = (place as Record<string, unknown> | undefined)?.[name];
  if (place === undefined) throw new Error(`kubernetes-models has no ${path.join('.')}.${kind}`);
  return place as Maker;
}

function wrongTypes(object: Rendered, maker: Maker, name: string): string[] {
  try {
    new maker(object as never).validate();
    return [];
  } catch (error) {
    return [`${name}: ${(error as Error).message}`];
  }
}

/** Walks the object beside the description of its type. */
function unknownFields(value: unknown, type: string, at: string): string[] {
  const [, items] = /^Array<(.+)>$/.exec(type) ?? [];
  if (items !== undefined)
    return Array.isArray(value)
      ? value.flatMap((each, index) => unknownFields(each, items, `${at}[${index}]`))
      : [`${at} is no list`];
  const model = (models as unknown as Record<string, { getAttributeTypeMap?(): Attribute[] } | undefined>)[
    type
  ];
  const attributes = model?.getAttributeTypeMap?.();
  if (!attributes) return type.startsWith('V') ? [`${at}: no type ${type} is known`] : []; // a plain value or a map
  if (typeof value !== 'object' || value === null) return [`${at} is no object`];
  return Object.entries(value).flatMap(([field, inner]) => {
    const attribute = attributes.find(({ baseName }) => baseName === field);
    return attribute ? unknownFields(inner, attribute.type, `${at}.${field}`) : [`${at}.${field} is unknown`];
  });
}
