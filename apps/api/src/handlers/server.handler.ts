import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { Config } from '../../../../libs/config/config.js';
import { headersTooLarge, WireError } from '../../../../libs/protocol/errors.js';
import { ONION_PATHS } from '../../../../libs/protocol/onion-endpoints.js';
import {
  batchParts,
  batchResponse,
  ordinaryBatchParts,
  type BatchPart,
} from '../../../../libs/protocol/schemas/batch.schema.js';
import {
  errorResponse,
  headerBlockBytes,
  jsonResponse,
  parseTarget,
  type WireRequest,
  type WireResponse,
} from '../../../../libs/protocol/wire.js';
import { route, type Handler, type Route } from '../dispatch/route.js';
import { HeldBytes } from '../held-bytes.js';
import { BatchStint, BatchTurns } from './batch-turns.js';
import { bundleResponse } from './bundle-response.js';
import { GatheredAnswers } from './gathered-answers.js';

type RunPart = (part: WireRequest) => Promise<WireResponse>;

/** What concerns the server as a whole: capabilities, batch, sequence (protocol.md §9). */
@Injectable()
export class ServerHandler implements Handler {
  readonly routes: readonly Route[];

  constructor(config: Config, held: HeldBytes) {
    const capabilities = config.requireBlindedIds ? ['blind', 'reactions', 'sogs'] : ['reactions', 'sogs'];
    const capabilitiesAnswer = jsonResponse({ capabilities });
    const { batchPartsMax, httpHeaderBytesMax } = config.limits;
    const bounded = (runPart: RunPart) => (part: BatchPart) => run(part, runPart, httpHeaderBytesMax);
    const gather = (): GatheredAnswers => new GatheredAnswers(held, config.abuseLimits.batchAnswerBytesMax);
    const turns = new BatchTurns();
    const bundle = {
      method: 'POST',
      auth: 'public',
      cost: 1, // its parts are charged one by one
      body: batchParts(batchPartsMax),
      ordinaryBody: (json: unknown) => ordinaryBatchParts(json, batchPartsMax),
      response: batchResponse,
      refusedInside: ['batch'],
    } as const;
    this.routes = [
      route({
        method: 'GET',
        path: '/capabilities',
        summary: 'What this server can do',
        auth: 'public',
        query: z.object({
          required: z.string().optional().describe('Comma-separated; 412 if one is missing'),
        }),
        response: z.object({
          capabilities: z.array(z.string()).describe('Sorted'),
          missing: z.array(z.string()).optional().describe('Required ones that are not there (412 only)'),
        }),
        handle: ({ query: { required } }) =>
          required === undefined ? capabilitiesAnswer : requiredCapabilities(capabilities, required),
      }),
      route({
        ...bundle,
        path: '/batch',
        summary: 'Several requests in one; each is answered whatever becomes of the others',
        handle: ({ body, runPart, isAwaited }) =>
          runParts(body, bounded(runPart), gather(), new BatchStint(turns, isAwaited)),
      }),
      route({
        ...bundle,
        path: '/sequence',
        summary: 'Several requests in one, in order, up to the first that fails',
        handle: ({ body, runPart, isAwaited }) =>
          runParts(body, bounded(runPart), gather(), new BatchStint(turns, isAwaited), succeeded),
      }),
      ...ONION_PATHS.map(onionRoute),
    ];
  }
}

/** The HTTP server opens these itself; what gets here came in some other carrier, or with another method. */
const onionRoute = (path: `/${string}`): Route =>
  route({
    method: 'POST',
    path,
    summary: 'An onion request: any other request, encrypted for this server',
    auth: 'public',
    takesBytes: true,
    response: 'bytes',
    refusedInside: ['batch', 'onion'],
    handle: () => {
      throw new Error(`${path} reached the dispatcher`);
    },
  });

function requiredCapabilities(capabilities: string[], required: string): WireResponse {
  const missing = required.split(',').filter((one) => !capabilities.includes(one));
  return missing.length > 0 ? jsonResponse({ capabilities, missing }, 412) : jsonResponse({ capabilities });
}

/** One after the other: a later part sees what an earlier one did. */
async function runParts(
  parts: readonly BatchPart[],
  runPart: (part: BatchPart) => Promise<WireResponse>,
  gathered: GatheredAnswers,
  stint: BatchStint,
  goesOn: (answer: WireResponse) => boolean = always,
): Promise<WireResponse> {
  try {
    for (const part of parts) {
      if (stint.isLong && !(await stint.turn())) break;
      const answer = await gathered.add(() => runPart(part));
      stint.partDone(answer.body.length);
      if (!goesOn(answer)) break;
    }
    return bundleResponse(gathered.answers);
  } finally {
    gathered.release();
  }
}

const always = (): boolean => true;
const succeeded = ({ status }: WireResponse): boolean => status >= 200 && status <= 299;

async function run(
  { method, path, headers, body }: BatchPart,
  runPart: RunPart,
  headerBytesMax: number,
): Promise<WireResponse> {
  try {
    if (headerBlockBytes(path, headers) > headerBytesMax) throw headersTooLarge();
    return await runPart({ method, ...parseTarget(path), headers, body });
  } catch (error) {
    // A path that is too long or has broken percent-encoding; what happens behind the path never throws.
    if (error instanceof WireError) return errorResponse(error);
    throw error;
  }
}
