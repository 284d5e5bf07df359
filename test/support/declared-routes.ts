import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { Module } from '@nestjs/common';
import { HANDLERS } from '../../apps/api/src/api.module.js';
import { HeldBytes } from '../../apps/api/src/held-bytes.js';
import type { Handler, Route } from '../../apps/api/src/dispatch/route.js';
import { Config } from '../../libs/config/config.js';
import { loadConfig } from '../../libs/config/load-config.js';

/** What the handlers declare, as they are, over services that are never called. */
export async function declaredRoutes(): Promise<Route[]> {
  @Module({
    providers: [
      ...HANDLERS,
      { provide: Config, useValue: loadConfig({ env: {}, cwd: '/' }).config },
      { provide: HeldBytes, useValue: new HeldBytes(Infinity) },
    ],
  })
  class Declarations {}
  const tokens = new Set(HANDLERS.flatMap((handler) => dependenciesOf(handler)));
  for (const given of [Config, HeldBytes]) tokens.delete(given);
  const module = {
    module: Declarations,
    providers: [...tokens].map((provide) => ({ provide, useValue: {} })),
  };
  const app = await NestFactory.createApplicationContext(module, { logger: false, abortOnError: false });
  return HANDLERS.flatMap((handler) => [...app.get<Handler>(handler).routes]);
}

const dependenciesOf = (handler: (typeof HANDLERS)[number]): (new (...args: never[]) => unknown)[] =>
  (Reflect.getMetadata('design:paramtypes', handler) ?? []) as (new (...args: never[]) => unknown)[];
